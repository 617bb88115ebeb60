# SPDX-License-Identifier: BSD-2-Clause
"""What `qvmi ps` shows, by gdb with the kernel's debug info.

gdb runs this once symbols are loaded and the stub is connected. It follows
init_task.tasks as the kernel's own scripts/gdb/linux/tasks.py does, and prints
a line for each process; the time that took goes to stderr.
"""

import sys
import time

import gdb

PAGE_KIB = 4
RSS = ("MM_FILEPAGES", "MM_ANONPAGES", "MM_SHMEMPAGES")
# fs/proc/array.c, task_state_array: by the highest bit set
STATES = "RSDTtXZPI"
TASK_REPORT = 0x7f
TASK_IDLE = 0x402
TASK_RTLOCK_WAIT = 0x1000
TASK_UNINTERRUPTIBLE = 0x2
TASK_FROZEN = 0x8000


def offset_of(structure, member):
    """The byte offset of a member."""
    for field in structure.fields():
        if field.name == member:
            return field.bitpos // 8
    raise KeyError(member)


def state_of(task):
    """include/linux/sched.h, __task_state_index()"""
    state, left = int(task["__state"]), int(task["exit_state"])
    report = (state | left) & TASK_REPORT
    if state == TASK_IDLE:
        return "I"
    if state & TASK_RTLOCK_WAIT:
        report = TASK_UNINTERRUPTIBLE
    return STATES[report.bit_length()]


def rss_of(mm, counters):
    """Resident KiB; a per-CPU counter's common part, where it is one."""
    if not mm:
        return 0
    total = 0
    for counter in counters:
        stat = mm["rss_stat"]
        if stat.type.code == gdb.TYPE_CODE_ARRAY:
            total += int(stat[counter]["count"])
        else:
            total += int(stat["count"][counter]["counter"])
    return max(total, 0) * PAGE_KIB


def name_of(task):
    """comm, on one line whatever it holds."""
    name = task["comm"].string("utf-8", "backslashreplace")
    return name.encode("unicode_escape").decode()


def processes():
    """One line for each."""
    task_type = gdb.lookup_type("struct task_struct")
    pointer = task_type.pointer()
    tasks = offset_of(task_type, "tasks")
    counters = [int(gdb.parse_and_eval(name)) for name in RSS]
    first = task = gdb.parse_and_eval("&init_task")
    lines = []
    while True:
        task = gdb.Value(int(task["tasks"]["next"]) - tasks).cast(pointer)
        if task == first:
            return lines
        lines.append("%d %d %d %s %d %s" % (
            int(task["tgid"]), int(task["real_parent"]["tgid"]),
            int(task["cred"]["euid"]["val"]), state_of(task),
            rss_of(task["mm"], counters),
            name_of(task)))


start = time.monotonic()
out = processes()
took = time.monotonic() - start
print("\n".join(out))
print("gdb: list_us=%d" % (took * 1e6), file=sys.stderr)
