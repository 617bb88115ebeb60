# SPDX-License-Identifier: BSD-2-Clause
"""A module for gdb: what it unwinds, as JSON."""

import json
import pathlib
import re
import traceback

import gdb
from gdb.unwinder import Unwinder, register_unwinder

FRAMES = 100
STACK = 16384
ENTRY_AREA = 0xfffffe0000000000 >> 39
REGISTERS = ("rip", "rsp", "rbp", "cs", "eflags")
INACTIVE = "struct inactive_task_frame"


def say(function, *args):
    """Its value; or where it failed, which gdb would not tell."""
    try:
        print(json.dumps(function(*args)))
    except Exception:  # pylint: disable=broad-except
        print(traceback.format_exc())


def value_of(expression):
    return int(gdb.parse_and_eval(expression)) & (1 << 64) - 1


def is_user(pc):
    """Whether it is in the lower half of the addresses."""
    return pc >> 63 == 0


def frames_from(frame):
    """([pc, function] from that frame on, why there are no more, the last that
    is the kernel's): up to user mode, beyond which there is nothing of it."""
    found, last = [], frame
    while len(found) < FRAMES:
        found.append((frame.pc(), frame.name()))
        if is_user(frame.pc()):
            return found, "user", last
        try:
            older = frame.older()
            why = gdb.frame_stop_reason_string(frame.unwind_stop_reason())
        except gdb.error as error:
            return found, str(error), last
        if older is None:
            return found, why, last
        last, frame = frame, older
    return found, "too many", last


def user_pcs(entered):
    """Where user mode may have been left, by the stack of the frame that was
    entered: its registers are at the top of it, in kernels with FRED 16 bytes
    further down; those that a CPU has just pushed, at that of its own."""
    stack = int(entered.read_register("rsp")) & (1 << 64) - 1
    if stack >> 39 == ENTRY_AREA:
        return [value_of(f"*(unsigned long *){(stack | 0xfff) - 39:#x}")]
    top = (stack | STACK - 1) + 1
    return [value_of(f"((struct pt_regs *){top - up:#x})[-1].ip")
            for up in (0, 16)]


def backtrace():
    """Of the selected vCPU, as it stands."""
    frames, end, last = frames_from(gdb.newest_frame())
    said = {"frames": frames, "end": end, "at": gdb.execute(
        f"info symbol {frames[-1][0]:#x}", to_string=True), "state": [
        f"{name} {value_of('$' + name):#x}" for name in REGISTERS]}
    if end == "user" and len(frames) > 1:
        said["user"] = user_pcs(last)
    elif end != "user":
        said["state"] += gdb.execute("x/8i $pc", to_string=True).splitlines()
    return said


def vcpus():
    return gdb.selected_inferior().threads()


def stops(count, most):
    """Backtraces of all vCPUs as often as somebody stops them, until so many
    are the kernel's."""
    told = []
    while count > sum(len(one["frames"]) > 1 or one["end"] != "user"
                      for one in told) and len(told) < most:
        gdb.execute("continue", to_string=True)
        for thread in vcpus():
            thread.switch()
            told.append(backtrace())
    return told


def forked():
    """What a new task begins with."""
    try:
        gdb.parse_and_eval("&ret_from_fork_asm")
        return "ret_from_fork_asm"
    except gdb.error:
        return "ret_from_fork"


def program(name):
    """The BPF program of that name."""
    said = gdb.execute(fr"info functions ^bpf_prog_.*_{name}$",
                       to_string=True)
    return re.search(rf"bpf_prog_\w+_{name}", said)[0]


def hit(go, name, steps, place, condition=None):
    """Let it run to a place, where `go` has named who is to bring that about;
    backtraces there and at each of some further instructions."""
    point = gdb.Breakpoint(f"*{place}", type=gdb.BP_HARDWARE_BREAKPOINT,
                           internal=True)
    point.condition = condition
    pathlib.Path(go).write_text(name)
    gdb.execute("continue", to_string=True)
    point.delete()
    told = [backtrace()]
    for _ in range(steps):
        gdb.execute("stepi", to_string=True)
        told.append(backtrace())
    return told


class Sleeper(Unwinder):
    """Has the innermost frame be called by one of a task that sleeps."""

    def __init__(self):
        super().__init__("sleeper")
        self.registers = None

    def __call__(self, pending):
        if self.registers is None or pending.level() != 0:
            return None
        rsp = self.registers["rsp"]

        class Id:
            """As gdb wants it: the stack, where it is unlike all others."""
            sp = gdb.Value(int(rsp) - 1)
            pc = gdb.Value(0)
        info = pending.create_unwind_info(Id())
        for register, value in self.registers.items():
            info.add_saved_register(register, value)
        return info

    def unwind(self, task):
        """From where a task left its CPU on."""
        left = task["thread"]["sp"].cast(gdb.lookup_type(INACTIVE).pointer())
        self.registers = {"rip": left["ret_addr"], "rbp": left["bp"],
                          "rsp": (left + 1).cast(left["bp"].type)}
        gdb.invalidate_cached_frames()
        try:
            return frames_from(gdb.newest_frame().older())[:2]
        finally:
            self.registers = None
            gdb.invalidate_cached_frames()


def processes():
    """All processes but the first."""
    head = gdb.parse_and_eval("&init_task.tasks")
    kind = gdb.lookup_type("struct task_struct")
    back = next(field.bitpos // 8 for field in kind.fields()
                if field.name == "tasks")
    at = head["next"]
    while at != head:
        yield gdb.Value(int(at) - back).cast(kind.pointer()).dereference()
        at = at["next"]


def sleepers():
    """{PID: backtrace} of those that no CPU runs."""
    unwinder = Sleeper()
    register_unwinder(None, unwinder, replace=True)
    return {int(task["pid"]): unwinder.unwind(task)
            for task in processes() if not task["on_cpu"]}
