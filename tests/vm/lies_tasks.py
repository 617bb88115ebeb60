# SPDX-License-Identifier: BSD-2-Clause
"""Lies about tasks: the PID table, the task list, names, how many CPUs."""

import array

from lies import ESCAPES, VICTIM, unmapped

NODE = 2  # in the low bits of a pointer to an xa_node


# The PID table


def _pid_root(im):
    head = im.number(im.symbol("init_pid_ns") + im.member(
        "pid_namespace", "idr.idr_rt.xa_head"))
    return head & ~3


def _slot(im, node, number):
    return node + im.member("xa_node", "slots") + 8 * number


def pid_table_cycle(im):
    """The root of the PID table is its own child."""
    im.poke(_slot(im, _pid_root(im), 63), _pid_root(im) | NODE)
    return ()


def pid_table_twice(im):
    """Two slots of the PID table share a node."""
    root = _pid_root(im)
    im.poke(_slot(im, root, 60), im.number(_slot(im, root, 0)))
    return ()


def pid_table_unmapped(im):
    """A node of the PID table lies in memory that is not there."""
    im.poke(_slot(im, _pid_root(im), 63), unmapped(im) | NODE)
    return ()


def pid_entry_unmapped(im):
    """So does the struct pid of a process."""
    pid = im.pid(VICTIM)
    leaf = im.number(_slot(im, _pid_root(im), pid >> 6)) & ~3
    im.poke(_slot(im, leaf, pid & 63), unmapped(im))
    return (VICTIM,)


def million_tasks(im):
    """2^20 processes in the PID table, each of eight bytes of its own."""
    count, slots = 1 << 20, im.member("xa_node", "slots")
    links = im.member("task_struct", "pid_links")
    size = slots + 64 * 8
    tasks = im.room(8 * count + (1 << 16)) + (1 << 15)
    pids = im.room(8 * count + (1 << 12))
    step, chunk = (size + 7) & ~7, 64
    at_pid = im.member("task_struct", "pid")
    at_first = im.member("pid", "tasks")
    im.poke(tasks + at_pid, array.array("Q", (
        nr | nr << 32 for nr in range(count))).tobytes())
    im.poke(pids + at_first, array.array("Q", range(
        tasks + links, tasks + links + 8 * count, 8)).tobytes())
    level = array.array("Q", range(pids, pids + 8 * count, 8))
    shift = left = 0
    while len(level) > 1:
        above = array.array("Q")
        for i in range(0, len(level), 64):
            if not left:
                nodes, left = im.room(chunk * step), chunk
            im.poke(nodes, bytes([shift]) + bytes(slots - 1)
                    + level[i:i + 64].tobytes())
            above.append(nodes | NODE)
            nodes, left = nodes + step, left - 1
        level, shift = above, shift + 6
    im.poke(im.symbol("init_pid_ns") + im.member(
        "pid_namespace", "idr.idr_rt.xa_head"), level[0])
    return ()


# The task list: without the type of the PID table it is all there is


def _no_pid_table(im):
    start = im.symbol("__start_BTF")
    at = im.btf.blob.index(b"\0idr_rt\0", im.btf.strings)
    im.poke(start + at + 1, b"xdr_rt")


def task_list_only(im):
    """A kernel whose PIDs have no table: what is said without a lie."""
    _no_pid_table(im)
    return ()


def _next(im, task):
    return task + im.member("task_struct", "tasks")


def task_list_cycle(im):
    """The list comes back to where it was, and never to its head."""
    _no_pid_table(im)
    tasks = im.tasks()
    im.poke(_next(im, tasks[im.pid(VICTIM)]), _next(im, tasks[1]))
    return ()


def task_list_self(im):
    """A task of the list is its own neighbour on both sides."""
    _no_pid_table(im)
    at = _next(im, im.task(VICTIM))
    im.poke(at, at)
    im.poke(at + 8, at)
    return (VICTIM,)


def task_list_unmapped(im):
    """The list leads into memory that is not there."""
    _no_pid_table(im)
    im.poke(_next(im, im.task(VICTIM)), unmapped(im))
    return ()


def thread_list_self(im):
    """The threads of a process are a ring that leaves out its head."""
    _no_pid_table(im)
    at = im.task("threads") + im.member("task_struct", "thread_node")
    im.poke(at, at)
    return ("threads",)


# Names


def comm_without_nul(im):
    """A name that fills its sixteen bytes."""
    im.put(im.task(VICTIM), b"A" * 16, "task_struct", "comm")
    return (VICTIM,)


def comm_escapes(im):
    """A name that speaks to the terminal, without an end."""
    im.put(im.task(VICTIM), ESCAPES[:16].ljust(16, b"\x9b"), "task_struct",
           "comm")
    return (VICTIM,)


def many_cpus(im):
    """As many CPUs as a number can say."""
    im.poke(im.symbol("nr_cpu_ids"), 0xffffffff, 4)
    return ()
