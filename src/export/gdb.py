# SPDX-License-Identifier: BSD-2-Clause
# Written by qvmi beside a file FILE of its making, as FILE-gdb.py.
"""What a vmlinux that was made of a running kernel's memory cannot say by
itself: which task a CPU runs, where its variables are, what tasks there are.

    $cpu_task([CPU])         the task of that CPU, or of the selected vCPU
    $cpu_comm([CPU])         its name: break NAME if $_streq($cpu_comm(), "sh")
    $cpu_pid([CPU])          its PID, as an int (threads have their own)
    $per_cpu("NAME"[, CPU])  a variable of that CPU, or of the selected vCPU's
    $task(PID)               the task with that PID
    qvmi-ps                  all processes
    set qvmi-prompt on       the vCPU's task in the prompt

gdb loads this by itself with the file beside it, where it is told that it can
be trusted: add-auto-load-safe-path FILE-gdb.py, with its whole path.  Else:
source FILE-gdb.py.
"""

import gdb

# Each CPU's area is laid out so; a member of it is a per-CPU variable.
AREA = "struct qvmi_per_cpu"
# Some of them, where the types do not tell: (type, whether a pointer to it).
KNOWN = {
    "current_task": ("struct task_struct", True),
    "runqueues": ("struct rq", False),
    "cpu_info": ("struct cpuinfo_x86", False),
    "softnet_data": ("struct softnet_data", False),
}
# include/linux/threads.h, PID_MAX_LIMIT; include/linux/sched.h, TASK_REPORT
MAX_TASKS = 1 << 22
MAX_CPUS = 8192
STATES = "RSDTtXZP"
REPORTED = 0x7f
IDLE = 0x402


def number(expression):
    """An expression's value; gdb.error where a part of it is not there."""
    return int(gdb.parse_and_eval(expression))


def need(kind, name):
    """A type that nothing can be told without."""
    try:
        return gdb.lookup_type(name)
    except gdb.error:
        raise gdb.GdbError(f"{kind}: this kernel's file has no {name}") from None


def fields(kind):
    """(field, offset) of a struct, those of nameless members in it, too."""
    for field in kind.fields():
        if not hasattr(field, "bitpos"):
            continue
        if field.name:
            yield field, field.bitpos // 8
        elif field.type.strip_typedefs().code in (gdb.TYPE_CODE_STRUCT,
                                                  gdb.TYPE_CODE_UNION):
            for inner, offset in fields(field.type.strip_typedefs()):
                yield inner, field.bitpos // 8 + offset


def offset_of(kind, name):
    """Where a member is, or None."""
    return next((offset for field, offset in fields(kind)
                 if field.name == name), None)


def member(value, *names):
    """The first of these members that the kernel has, or None."""
    for name in names:
        if offset_of(value.type.strip_typedefs(), name) is not None:
            return value[name]
    return None


def at(address, kind):
    return gdb.Value(address).cast(kind.pointer())


def shown(value):
    """A string of the guest's, without what a terminal would obey."""
    text = value.string("utf-8", "backslashreplace")
    return "".join(c if c.isprintable() else f"\\x{ord(c):02x}" for c in text)


def cpus():
    try:
        return min(number("*(unsigned int *)&nr_cpu_ids"), MAX_CPUS)
    except gdb.error:
        return 1


def cpu_offset(cpu):
    """What a CPU's variables are moved by."""
    return number(f"((unsigned long *)&__per_cpu_offset)[{cpu}]")


def selected_cpu():
    """The CPU that the selected vCPU is: the base of GS tells, in user mode
    the one that the kernel will have."""
    bases = set()
    for register in ("gs_base", "k_gs_base"):
        try:
            bases.add(number(f"${register}") & (1 << 64) - 1)
        except gdb.error:
            pass
    found = [cpu for cpu in range(cpus()) if cpu_offset(cpu) in bases]
    if len(found) != 1:
        raise gdb.GdbError("the selected vCPU's registers do not tell which "
                           "CPU it is: name one")
    return found[0]


def given_cpu(args):
    cpu = int(args[0]) if args else selected_cpu()
    if not 0 <= cpu < cpus():
        raise gdb.GdbError(f"no CPU {cpu}: there are {cpus()}")
    return cpu


def per_cpu_place(name):
    """(offset, type) of a per-CPU variable, or None: as a member of the area,
    or where a kernel's BTF has none of them, by its symbol."""
    try:
        for field, offset in fields(gdb.lookup_type(AREA)):
            if field.name == name:
                return offset, field.type
    except gdb.error:
        pass
    try:
        kind, pointer = KNOWN[name]
        kind = need("per-CPU variables", kind)
        # The symbol is that offset, not an address.
        return (number(f"(unsigned long)&{name}"),
                kind.pointer() if pointer else kind)
    except (KeyError, gdb.error):
        return None


def per_cpu(name, cpu):
    """A variable of a CPU, or None where the kernel has none of that name."""
    place = per_cpu_place(name)
    if place is None:
        return None
    offset, kind = place
    start = number("(unsigned long)&__per_cpu_start")
    address = start + offset + cpu_offset(cpu) & (1 << 64) - 1
    return at(address, kind).dereference()


def cpu_task(cpu):
    """Up to 6.1, and from 6.15 on, current_task; else it is in pcpu_hot."""
    task = per_cpu("current_task", cpu)
    if task is None:
        hot = per_cpu("pcpu_hot", cpu)
        task = None if hot is None else member(hot, "current_task")
    if task is None:
        raise gdb.GdbError("this kernel keeps its current tasks in no way "
                           "that is known here")
    # A value that was fetched, as that of a register is, has no qualifiers.
    return at(int(task), need("tasks", "struct task_struct"))


def entries(head, kind, name):
    """Objects of a list by their list_head `name`, up to its head again."""
    offset = offset_of(kind, name)
    start, node = int(head.address), int(head["next"])
    for _ in range(MAX_TASKS):
        if node == start:
            return
        task = at(node - offset & (1 << 64) - 1, kind)
        yield task
        node = int(task[name]["next"])


def processes():
    """The leaders of all thread groups, but for the idle task."""
    kind = need("tasks", "struct task_struct")
    try:
        init = gdb.parse_and_eval("(unsigned long)&init_task")
    except gdb.error:
        raise gdb.GdbError("no symbol init_task") from None
    yield from entries(at(int(init), kind)["tasks"], kind, "tasks")


def threads(leader):
    """All threads of a process: signal->thread_head, or thread_group of old."""
    signal = member(leader.dereference(), "signal")
    head = None if signal is None or not signal else member(
        signal.dereference(), "thread_head")
    if head is None:
        yield leader
        yield from entries(leader["thread_group"], leader.type.target(),
                           "thread_group")
    else:
        yield from entries(head, leader.type.target(), "thread_node")


def state(task):
    """As in /proc/PID/stat; up to 5.13 __state was called state."""
    value = member(task, "__state", "state")
    ended = member(task, "exit_state")
    if value is None or ended is None:
        return "?"
    bits = (int(value) | int(ended)) & 0xffffffff
    if bits == IDLE:
        return "I"
    bits &= REPORTED
    return STATES[bits.bit_length()]


class CpuTask(gdb.Function):
    """The task that a CPU runs: $cpu_task([CPU]), else the selected vCPU's."""

    def __init__(self):
        super().__init__("cpu_task")

    def invoke(self, *args):
        return cpu_task(given_cpu(args))


class CpuComm(gdb.Function):
    """The name of the task that a CPU runs: $cpu_comm([CPU]).

Conditions with && or || take it where gdb refuses $cpu_task()->comm."""

    def __init__(self):
        super().__init__("cpu_comm")

    def invoke(self, *args):
        return shown(cpu_task(given_cpu(args))["comm"])


class CpuPid(gdb.Function):
    """The PID of the task that a CPU runs: $cpu_pid([CPU])."""

    def __init__(self):
        super().__init__("cpu_pid")

    def invoke(self, *args):
        return int(cpu_task(given_cpu(args))["pid"])


class PerCpu(gdb.Function):
    """A variable of a CPU: $per_cpu("NAME"[, CPU]), else the vCPU's."""

    def __init__(self):
        super().__init__("per_cpu")

    def invoke(self, name, *args):
        value = per_cpu(name.string(), given_cpu(args))
        if value is None:
            raise gdb.GdbError(f"no per-CPU variable {name.string()}")
        return value


class Task(gdb.Function):
    """The task with a PID, a thread's too: $task(PID)."""

    def __init__(self):
        super().__init__("task")

    def invoke(self, pid):
        pid = int(pid)
        for leader in processes():
            if int(leader["pid"]) == pid:
                return leader
        for leader in processes():
            for task in threads(leader):
                if int(task["pid"]) == pid:
                    return task
        raise gdb.GdbError(f"no task with PID {pid}")


class Ps(gdb.Command):
    """List all processes: qvmi-ps.

TASK is the address of the task_struct; $task(PID) has it, too."""

    def __init__(self):
        super().__init__("qvmi-ps", gdb.COMMAND_STATUS)

    def invoke(self, _args, _from_tty):
        print(f"{'PID':>7} {'PPID':>7} STATE {'TASK':<18} COMM")
        for task in processes():
            value = task.dereference()
            parent = member(value, "real_parent")
            ppid = "?" if parent is None else int(parent["tgid"])
            print(f"{int(value['pid']):>7} {ppid:>7} {state(value):<5} "
                  f"{int(task):#018x} {shown(value['comm'])}")


class Prompt(gdb.Parameter):
    """Whether the prompt shows the selected vCPU's task: COMM:PID."""

    set_doc = "Set whether the prompt shows the selected vCPU's task."
    show_doc = "Show whether the prompt shows the selected vCPU's task."

    def __init__(self):
        super().__init__("qvmi-prompt", gdb.COMMAND_STATUS, gdb.PARAM_BOOLEAN)
        self.value = False
        self.before = None
        self.plain = None  # the prompt as it was

    def get_set_string(self):
        if self.value and gdb.prompt_hook != self.prompt:
            self.before = gdb.prompt_hook
            self.plain = None
            gdb.prompt_hook = self.prompt
        return ""

    def get_show_string(self, value):
        return f"The task in the prompt is {value}."

    def prompt(self, current):
        """It has to be a prompt, whatever the guest is like.  gdb keeps what it
        returns, so that the last one has to be the prompt as it was."""
        if self.plain is None:
            self.plain = current
        plain = self.before(self.plain) if self.before else None
        plain = self.plain if plain is None else plain
        if not self.value:
            gdb.prompt_hook = self.before
            return plain
        try:
            task = cpu_task(selected_cpu())
            return f"[{shown(task['comm'])}:{int(task['pid'])}] {plain}"
        except (gdb.error, gdb.GdbError, ValueError):
            return plain


for made in (CpuTask, CpuComm, CpuPid, PerCpu, Task, Ps, Prompt):
    made()
