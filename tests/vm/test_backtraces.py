# SPDX-License-Identifier: BSD-2-Clause
"""Stacks as gdb unwinds them by the file that `vmlinux` makes: at instants of
all kinds they lead to where the kernel was entered, and they are what the
kernel itself says of them."""

import contextlib
import json
import pathlib
import random
import re
import threading
import time

import pytest

from gdb import Gdb
from test_debuggers import files, vmlinux  # noqa: F401 (fixtures)
from test_vmlinux import told

HERE = pathlib.Path(__file__).resolve().parent
STOPS, MOST_STOPS = 40, 800

# Where the outermost frame of the kernel's may be: what CPUs enter, what the
# first one begins with, and what a new task does first.
ENTRIES = re.compile(r"""(
    asm_\w+ | entry_(SYSCALL|SYSENTER|INT80)\w* | ret_from_fork(_asm)? |
    (secondary|common)_startup_64\w* | irq_entries_start |
    swapgs_restore_regs_and_return_to_usermode | native_irq_return_iret |
    common_interrupt_return | syscall_return_via_sysret |
    restore_regs_and_return_to_kernel | error_(entry|return)
    )(\ in\ section.*\n)?$""", re.X)


class Helper(threading.Thread):
    """Does something again and again while gdb is at work."""

    def __init__(self, work):
        super().__init__(daemon=True)
        self.work, self.done, self.error = work, threading.Event(), None

    def run(self):
        try:
            while not self.done.is_set():
                self.work()
        except Exception as error:  # pylint: disable=broad-except
            self.error = error

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self.done.set()
        self.join()
        assert self.error is None, self.error


def gdb_says(path, guest, *calls):
    """What functions of unwinding.py print."""
    said = Gdb(path, guest, script=True)(
        # of columns in between that it knows no registers for
        "set complaints 0",
        f"python import sys; sys.path.append({str(HERE)!r}); "
        "from unwinding import *",
        *(f"python say({call})" for call in calls))
    assert not any(said[:2])
    for text in said[2:]:
        assert text.startswith(("{", "[")), text
    return [json.loads(text) for text in said[2:]]


def is_kernel(stop):
    return len(stop["frames"]) > 1 or stop["end"] != "user"


def is_leaving(stop):
    """At the last instructions before user mode, whose stack it has already:
    of the kernel there is nothing left to lead out of."""
    (_, name), *callers = stop["frames"]
    return (not callers and (name or "").startswith("entry_SYSRET")
            and any(re.match(r"rsp 0x[0-7]?[0-9a-f]{1,11}$", line)
                    for line in stop["state"]))


def leads_out(stop):
    """Whether it ends where user mode was left, or at an entry."""
    frames = stop["frames"]
    if stop["end"] == "user":
        return frames[-1][0] in stop["user"]
    if is_leaving(stop):
        return True
    # Nothing has called what a new task begins with: gdb takes that for the
    # end of what is before it, but its address is right.
    names = [frames[-1][1] or "", re.sub(r" \+ \d+ ", " ", stop["at"])]
    return stop["end"] == "outermost" and any(map(ENTRIES.match, names))


def shown(stop):
    """A stop, for who looks into it."""
    return "\n".join([f"end: {stop['end']}, user: {stop.get('user')}", *(
        f"  {pc:#x} {name}" for pc, name in stop["frames"]), *stop["state"]])


def names(stop):
    return [name for _, name in stop["frames"]]


def assert_leads_out(stops):
    """At least 97 of 100; each that does not is named."""
    lost = [stop for stop in stops if not leads_out(stop)]
    assert len(stops) - len(lost) >= 0.97 * len(stops), "\n".join(
        [f"{len(lost)} of {len(stops)}", *map(shown, lost)])


# What keeps a guest busy: tasks that come and go, faults, files, modules'
# code, and moments of rest.
BUSY = ("while :; do cat /proc/self/maps /proc/meminfo; ls -l /mnt/merged; "
        "dd if=/dev/ram1 of=/dev/null bs=64k count=8; (true | true); "
        "usleep 20000; done")


@contextlib.contextmanager
def busy(guest):
    """It is hard at work, on each vCPU."""
    loops = " ".join(f"({BUSY}) >/dev/null 2>&1 </dev/null & echo $!;"
                     for _ in guest.qmp("query-cpus-fast"))
    pids = guest.run(loops).decode().split()
    yield
    guest.run(f"kill {' '.join(pids)}")


def check_at_random(guest, path):
    """Whatever the guest does just then, on each vCPU."""
    def stop():
        if guest.running():
            time.sleep(random.uniform(0.001, 0.05))
            guest.stop()
        time.sleep(0.001)
    with busy(guest):
        try:
            with Helper(stop):
                told_stops, = gdb_says(path, guest,
                                       f"stops, {STOPS}, {MOST_STOPS}")
        finally:
            guest.cont()
    kernel = [stop for stop in told_stops if is_kernel(stop)]
    assert len(kernel) >= STOPS
    assert_leads_out(kernel)


def test_at_random(guest, vmlinux):
    check_at_random(guest, vmlinux)


@pytest.mark.variant("smp4")
def test_each_vcpu(variant, qvmi, tmp_path):
    """Four of them, all at work."""
    guest = variant("smp4")
    qvmi(guest, "vmlinux", "-o", tmp_path / "vmlinux")
    check_at_random(guest, tmp_path / "vmlinux")


def one_shot(command):
    return lambda guest: guest.run(command)


SET_TIME = "date -s @$(date +%s)"  # what the scenes trace

# What can be brought about: who does it, where that is seen, further steps, and
# what must be among the callers.
KINDS = {
    "interrupt": (None, "'hrtimer_interrupt'", 16, r"asm_\w*interrupt"),
    "page fault": (one_shot("true"), "'asm_exc_page_fault'", 80,
                   "asm_exc_page_fault"),
    "page fault handler": (one_shot("true"), "'handle_mm_fault'", 16,
                           "asm_exc_page_fault"),
    "syscall": (one_shot("cat /proc/version"), "'entry_SYSCALL_64'", 60,
                "entry_SYSCALL_64"),
    "read": (one_shot("cat /proc/version"), "'ksys_read'", 16,
             "entry_SYSCALL_64_after_hwframe"),
    "idle": (None, "'tick_nohz_idle_enter'", 16, "cpu_startup_entry"),
    "switch": (one_shot("true"), "'__switch_to_asm'", 30, "__schedule"),
    "to a new task": (one_shot("true"), "'__switch_to', "
                      "'(char *)*(long *)$rsp == (char *)&' + forked()", 16,
                      "__switch_to"),
    "new task": (one_shot("true"), "forked()", 16, "ret_from_fork"),
    "a new task's work": (one_shot("true"), "'schedule_tail'", 16,
                          "ret_from_fork"),
    "module": (one_shot("ls -l /mnt/merged"), "'ovl_getattr'", 16,
               "vfs_getattr|vfs_statx"),
    "trampoline": (one_shot(SET_TIME), "'ftrace_trampoline'", 60,
                   "do_sys_settimeofday64"),
    "tracer": (one_shot(SET_TIME), "'function_trace_call'", 16,
               "do_sys_settimeofday64"),
    "BPF": (lambda guest: guest.run_bpf("once"), "program('once')", 40,
            "unix_dgram_sendmsg"),
    "called by BPF": (lambda guest: guest.run_bpf("once"),
                      "'bpf_ktime_get_ns'", 4, "bpf_prog_.*_once"),
    "NMI": (lambda guest: guest.qmp("inject-nmi"), "'exc_nmi'", 16,
            "asm_exc_nmi|end_repeat_nmi"),
}
SYSRQ = (one_shot("echo l > /proc/sysrq-trigger"),
         "'nmi_trigger_cpumask_backtrace'", 0, "vfs_write")


class Cue:
    """What gdb writes into a file is then done, once."""

    def __init__(self, guest, path, kinds):
        self.guest, self.path, self.kinds = guest, path, kinds

    def __call__(self):
        try:
            kind = self.path.read_text()
        except FileNotFoundError:
            kind = ""
        if kind:
            self.path.unlink()
            if self.kinds[kind][0]:
                self.kinds[kind][0](self.guest)
        time.sleep(0.01)


def hits(guest, vmlinux, tmp_path, kinds):
    """{kind: backtraces}"""
    go = tmp_path / "go"
    with Helper(Cue(guest, go, kinds)):
        said = gdb_says(vmlinux, guest, *(
            f"hit, {str(go)!r}, {kind!r}, {steps}, {place}"
            for kind, (_, place, steps, _) in kinds.items()))
    return dict(zip(kinds, said))


def check_kinds(guest, vmlinux, tmp_path, kinds):
    """There, and some steps further."""
    told_stops = hits(guest, vmlinux, tmp_path, kinds)
    for kind, stops in told_stops.items():
        wanted = kinds[kind][3]
        assert leads_out(stops[0]), (kind, shown(stops[0]))
        assert any(re.match(wanted, name or "")
                   for name in names(stops[0])), (kind, shown(stops[0]))
    assert_leads_out(sum(told_stops.values(), []))


def test_kinds(guest, vmlinux, tmp_path):
    """Each kind that can be brought about."""
    check_kinds(guest, vmlinux, tmp_path, KINDS)


def kernel_says(text, symbols):
    """What each line of one of the kernel's own traces may be, by address."""
    return [{at + int(offset, 16) for at in symbols[name]}
            for name, offset in re.findall(
                r"(?m)(?:\[<0>\]|^) ?(\S+?)\+0x(\w+)/0x\w+(?: \[\w+\])?$",
                text)]


@pytest.fixture
def symbols(guest):
    """{name: addresses}, by /proc/kallsyms."""
    found = {}
    for line in told(guest, "cat /proc/kallsyms").decode().splitlines():
        address, _, name = line.split("\t")[0].split(" ", 2)
        found.setdefault(name, set()).add(int(address, 16))
    return found


def asleep(guest):
    """{PID: (stack, state and how often it has run)} of those that sleep."""
    text = told(guest, "tail -n +1 /proc/[0-9]*/stack /proc/[0-9]*/status")
    parts = re.split(r"(?:^|\n)==> /proc/(\d+)/(\w+) <==\n",
                     text.decode(errors="replace"))
    found = {}
    for pid, file, part in zip(parts[1::3], parts[2::3], parts[3::3]):
        found.setdefault(int(pid), {})[file] = part
    return {pid: (told_of["stack"], re.findall(
        r"State:.*|.*ctxt.*", told_of["status"]))
            for pid, told_of in found.items() if len(told_of) == 2 and
            not re.search(r"State:\s[RZX]", told_of["status"])}


def test_sleepers(guest, vmlinux, symbols):
    """Frame for frame what /proc/PID/stack says of all that sleep on, which
    leaves the scheduler's own functions out."""
    before = asleep(guest)
    said, = gdb_says(vmlinux, guest, "sleepers")
    after = asleep(guest)
    start, = symbols["__sched_text_start"]
    end, = symbols["__sched_text_end"]
    same = [pid for pid in before if before[pid] == after.get(pid)]
    assert len(same) > 50
    for pid in same:
        frames, why = said[str(pid)]
        got = [pc for pc, _ in frames if not (
            start <= pc < end or pc >> 63 == 0)]
        want = kernel_says(before[pid][0], symbols)
        assert len(got) == len(want) and all(
            pc in places for pc, places in zip(got, want)), (
            pid, before[pid][0], frames)
        assert (frames[-1][0] >> 63 == 0 if why == "user" else
                ENTRIES.match(frames[-1][1])), (pid, frames, why)


def test_running(guest, vmlinux, symbols, tmp_path):
    """What sysrq-l prints is what gdb sees while it does."""
    stop = hits(guest, vmlinux, tmp_path, {"sysrq": SYSRQ})["sysrq"][0]
    log = told(guest, "dmesg").decode()
    lines = re.split(r"Call Trace:\n", log)[-1]
    lines = re.sub(r"(?m)^\[[^]]*\] ?|^<\d+>", "", lines)
    want = kernel_says(re.split(r"(?m)^RIP: ", lines)[0], symbols)
    got = [pc for pc, _ in stop["frames"][1:] if pc >> 63]
    assert leads_out(stop) and len(got) > 5, shown(stop)
    assert len(want) > len(got)
    assert all(pc in places for pc, places in zip(got, want[-len(got):],
                                                  strict=True)), (want, lines)


def check_variant(guest, qvmi, folder):
    """By a task's name, and all that has to do with user mode."""
    path = folder / "vmlinux"
    qvmi(guest, "vmlinux", "-o", path)
    command = "cat /proc/self/comm"
    comm = guest.run(command).decode().strip()
    check_kinds(guest, path, folder, {
        "named": (one_shot(command), "'ksys_read', "
                  f"'$_streq($cpu_comm(), \"{comm}\")'", 16,
                  "entry_SYSCALL_64_after_hwframe"),
        **{kind: KINDS[kind] for kind in (
            "interrupt", "page fault", "syscall", "new task", "NMI")}})


@pytest.mark.variant("pti")
def test_pti(variant, qvmi, tmp_path):
    """Kernel and user mode have page tables of their own."""
    check_variant(variant("pti"), qvmi, tmp_path)


@pytest.mark.variant("la57")
def test_five_levels(variant, qvmi, tmp_path):
    """Kernel addresses begin further down."""
    check_variant(variant("la57"), qvmi, tmp_path)
