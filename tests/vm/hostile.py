# SPDX-License-Identifier: BSD-2-Clause
"""Lies that a guest's memory can tell, made in the memory of a recorded guest.

LIES is the table: each function changes an Image. What it returns is the
processes that the lie is about, by their labels: all others must be shown as
they are without it. Its row in the table says what must be said of it.
"""

import array
import dataclasses
import typing

from image import ADDRESS

VICTIM = "names.plain"
ESCAPES = b"\x1b]0;x\x07\x9b1m\xff\x7f\r\n\x08\xc2\x9bA"
NODE = 2  # in the low bits of a pointer to an xa_node


@dataclasses.dataclass
class Lie:
    """make     changes an Image; returns the labels of processes it is about
    torn        commands that must say that something is torn, and no others;
                None: that depends on where this kernel has things
    fatal       whether no kernel can be understood any more
    needs       ("struct", "member") that this kernel must have
    fresh       the profile is made from this memory, so no cache is used
    everybody   it is about no process more than another: none is compared
    fields      of these each may be as without the lie, or not be there
    """

    make: typing.Callable
    torn: tuple | None = ()
    fatal: bool = False
    needs: tuple = ()
    fresh: bool = False
    everybody: bool = False
    fields: tuple = ()


def unmapped(im):
    """A canonical kernel address with nothing behind it."""
    return im.page_offset + (60 << 40) & ~0xfff | 0xffff << 48


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
    nodes = im.room(size * (count // 64 + count // 4096 + 5))
    at_pid = im.member("task_struct", "pid")
    at_first = im.member("pid", "tasks")
    im.poke(tasks + at_pid, array.array("Q", (
        nr | nr << 32 for nr in range(count))).tobytes())
    im.poke(pids + at_first, array.array("Q", range(
        tasks + links, tasks + links + 8 * count, 8)).tobytes())
    level = array.array("Q", range(pids, pids + 8 * count, 8))
    shift = 0
    while len(level) > 1:
        above = array.array("Q")
        for i in range(0, len(level), 64):
            im.poke(nodes, bytes([shift]) + bytes(slots - 1)
                    + level[i:i + 64].tobytes())
            above.append(nodes | NODE)
            nodes += (size + 7) & ~7
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


# VMA trees


def _maple_root(im):
    mm = im.mm(VICTIM)
    return mm + im.member("mm_struct", "mm_mt.ma_root")


def _maple_node(im, child, layout="maple_range_64"):
    """A node of type range_64 with one child for all addresses."""
    node = im.room(4096)
    im.poke(node, 0x100)  # a parent that is none
    im.put(node, (1 << 64) - 1, layout, "pivot")
    im.put(node, child, layout, "slot")
    return node | 2 << 3 | 4


def maple_self(im):
    """A node whose first child is itself."""
    entry = im.number(_maple_root(im))
    node = entry & ~0xff
    kind = {2: "maple_range_64", 1: "maple_range_64",
            3: "maple_arange_64"}[entry >> 3 & 15]
    im.put(node, entry & ~2 | 2 << 3, kind, "slot")
    return (VICTIM,)


def maple_two_selves(im):
    """All children of a node are that node: more of them at each level."""
    node = im.room(4096)
    entry = node | 2 << 3 | 4
    im.poke(node, 0x100)
    pivot = im.member("maple_range_64", "pivot")
    slot = im.member("maple_range_64", "slot")
    for i in range(15):
        im.poke(node + pivot + 8 * i, (i + 1) << 44)
    for i in range(16):
        im.poke(node + slot + 8 * i, entry)
    im.poke(_maple_root(im), entry | 2)
    return (VICTIM,)


def maple_deep(im):
    """A thousand nodes, each below the other."""
    entry = im.number(_maple_root(im)) & ~2
    for _ in range(1000):
        entry = _maple_node(im, entry)
    im.poke(_maple_root(im), entry | 2)
    return (VICTIM,)


def maple_unmapped(im):
    """The tree's root lies in memory that is not there."""
    im.poke(_maple_root(im), unmapped(im) | 3 << 3 | 6)
    return (VICTIM,)


def _first_vma(im, label=VICTIM):
    """Some VMA of a file, by the mm's tree."""
    mm = im.mm(label)
    if im.has("mm_struct", "mm_rb.rb_node"):
        return im.get(mm, "mm_struct", "mm_rb.rb_node") - im.member(
            "vm_area_struct", "vm_rb")
    entry = im.get(mm, "mm_struct", "mm_mt.ma_root")
    while entry & 3 and entry >> 3 & 15 > 1:
        kind = ("maple_range_64", "maple_arange_64")[(entry >> 3 & 15) - 2]
        entry = im.get(entry & ~0xff, kind, "slot")
    # In a leaf the first entries of a process are those of its file.
    slots = (entry & ~0xff) + im.member("maple_range_64", "slot")
    return next(vma for i in range(16) if (vma := im.number(slots + 8 * i)))


def rb_self(im):
    """A VMA that is its own child on both sides."""
    node = im.get(im.mm(VICTIM), "mm_struct", "mm_rb.rb_node")
    im.put(node, node, "rb_node", "rb_left")
    im.put(node, node, "rb_node", "rb_right")
    return (VICTIM,)


def rb_deep(im):
    """A hundred thousand nodes, each below the other."""
    node = im.get(im.mm(VICTIM), "mm_struct", "mm_rb.rb_node")
    left = im.member("rb_node", "rb_left")
    right = im.member("rb_node", "rb_right")
    count = 100000
    space = im.room(8 * (count + 64))
    # Nodes eight bytes apart: the left child is the next one.
    im.poke(space, array.array("Q", (
        space + 8 * (i - left // 8 + 1) for i in range(count))).tobytes())
    im.poke(node + left, space + 8)
    im.poke(node + right, 0)
    return (VICTIM,)


def rb_unmapped(im):
    """A child lies in memory that is not there."""
    node = im.get(im.mm(VICTIM), "mm_struct", "mm_rb.rb_node")
    im.put(node, unmapped(im), "rb_node", "rb_left")
    return (VICTIM,)


def vma_backwards(im):
    """A VMA of 2^63 bytes that ends before it starts."""
    vma = _first_vma(im)
    im.put(vma, 1 << 63, "vm_area_struct", "vm_start")
    im.put(vma, 0x1000, "vm_area_struct", "vm_end")
    im.put(vma, 1 << 63, "vm_area_struct", "vm_pgoff")
    return (VICTIM,)


def mm_lengths(im):
    """Counts of 2^63 and the like: VMAs, pages, the heap."""
    mm = im.mm(VICTIM)
    im.put(mm, 0x7fffffff, "mm_struct", "map_count", 4)
    for name in ("start_brk", "brk", "start_stack"):
        im.put(mm, 1 << 63, "mm_struct", name)
    for i in range(4):
        im.poke(mm + im.member("mm_struct", "rss_stat") + 8 * i, 1 << 63)
    return (VICTIM,)


# Page tables


def _victim_pgd(im):
    return im.physical(im.get(im.mm(VICTIM), "mm_struct", "pgd"))


def tables_of_themselves(im):
    """A process whose top table is also all tables below it."""
    pgd = _victim_pgd(im)
    for i in range(256):
        im.poke_physical(pgd + 8 * i, pgd | 0x67)
    return (VICTIM,)


def tables_reserved(im):
    """Entries with bits that no table has, into memory that is not there."""
    pgd = _victim_pgd(im)
    for i in range(256):
        im.poke_physical(pgd + 8 * i, ADDRESS | 0xe7)
    return (VICTIM,)


def kernel_tables_self(im):
    """The kernel's mapping is its own table at every level."""
    at, _, _ = im.entry_at(im.symbol("_text"), stop=3)
    table = at & ~0xfff
    for i in range(512):
        im.poke_physical(table + 8 * i, table | 0x63)
    return ()


# Files and their paths


def _file_dentry(im):
    file = im.get(_first_vma(im), "vm_area_struct", "vm_file")
    return im.get(file, "file", "f_path.dentry")


def _own_dentry(im):
    """A copy of the file's dentry that only the victim's first VMA has."""
    vma, size = _first_vma(im), 4096
    file = im.get(vma, "vm_area_struct", "vm_file")
    dentry = im.get(file, "file", "f_path.dentry")
    new = im.room(3 * size)
    copies = [(file, new), (dentry, new + size)]
    for old, at in copies:
        im.poke(at, im.read(old, 256))
    im.put(new, new + size, "file", "f_path.dentry")
    im.put(vma, new, "vm_area_struct", "vm_file")
    return new, new + size


def dentry_cycle(im):
    """Two directories, each in the other."""
    _, dentry = _own_dentry(im)
    other = dentry + 4096
    im.poke(other, im.read(_file_dentry(im), 256))
    im.put(other, dentry, "dentry", "d_parent")
    im.put(dentry, other, "dentry", "d_parent")
    return (VICTIM,)


def dentry_without_end(im):
    """A chain of a hundred thousand directories."""
    _, dentry = _own_dentry(im)
    parent, count = im.member("dentry", "d_parent"), 100000
    space = im.room(8 * count + 4096)
    im.poke(space, array.array("Q", range(
        space + 8 - parent, space + 8 - parent + 8 * count, 8)).tobytes())
    im.poke(dentry + parent, space)
    return (VICTIM,)


def dentry_lengths(im):
    """A name of 2^32 bytes."""
    _, dentry = _own_dentry(im)
    im.put(dentry, 0xffffffff, "dentry", "d_name.len", 4)
    return (VICTIM,)


def dentry_name_unmapped(im):
    """A name in memory that is not there."""
    _, dentry = _own_dentry(im)
    im.put(dentry, unmapped(im), "dentry", "d_name.name")
    return (VICTIM,)


def dentry_escapes(im):
    """A file whose name speaks to the terminal."""
    _, dentry = _own_dentry(im)
    name = im.room(4096)
    im.poke(name, ESCAPES)
    im.put(dentry, name, "dentry", "d_name.name")
    im.put(dentry, len(ESCAPES), "dentry", "d_name.len", 4)
    return (VICTIM,)


def mount_cycle(im):
    """A file system that is mounted on itself by way of another."""
    mnt = im.member("mount", "mnt")
    old = im.get(im.get(_first_vma(im), "vm_area_struct", "vm_file"),
                 "file", "f_path.mnt") - mnt
    file, dentry = _own_dentry(im)
    space = im.room(8192)
    for here, there in ((space, space + 4096), (space + 4096, space)):
        im.poke(here, im.read(old, 320))
        im.put(here, there, "mount", "mnt_parent")
        im.put(here, dentry, "mount", "mnt_mountpoint")
        im.put(here + mnt, dentry, "vfsmount", "mnt_root")
    im.put(file, space + mnt, "file", "f_path.mnt")
    return (VICTIM,)


# Strings


def comm_without_nul(im):
    """A name that fills its sixteen bytes."""
    im.put(im.task(VICTIM), b"A" * 16, "task_struct", "comm")
    return (VICTIM,)


def comm_escapes(im):
    """A name that speaks to the terminal, without an end."""
    im.put(im.task(VICTIM), ESCAPES[:16].ljust(16, b"\x9b"), "task_struct",
           "comm")
    return (VICTIM,)


def anon_name_escapes(im):
    """A name of anonymous memory that does, and has no end."""
    name = im.room(4096)
    im.poke(name, ESCAPES * 8)
    vma = _first_vma(im)
    im.put(vma, 0, "vm_area_struct", "vm_file")
    im.put(vma, name, "vm_area_struct", "anon_name")
    return (VICTIM,)


def release_escapes(im):
    """A kernel whose release speaks to the terminal."""
    release = im.member("uts_namespace", "name.release")
    im.poke(im.symbol("init_uts_ns") + release, ESCAPES * 5)
    return ()


def banner_escapes(im):
    """So does its banner, behind what makes it one."""
    im.poke(im.symbol("linux_banner") + 15, ESCAPES)
    return ()


# Symbols


def token_loops(im):
    """All tokens begin at the first, which is as long as the table."""
    tables = im.kallsyms()
    im.poke_physical(tables["tokens"], b"A" * (
        tables["index"] - tables["tokens"]))
    im.poke_physical(tables["index"], bytes(512))
    return ()


def token_overlong(im):
    """A table that is sound but for one token as long as two hundred."""
    tables = im.kallsyms()
    first, last = (int.from_bytes(im.ram[at:at + 2], "little") for at in (
        tables["index"] + 2 * 20, tables["index"] + 2 * 220))
    im.poke_physical(tables["tokens"] + first, b"A" * (last - first - 1))
    return ()


def token_lengths(im):
    """Tokens that begin behind the table."""
    im.poke_physical(im.kallsyms()["index"] + 2, b"\xff" * 510)
    return ()


def names_overlong(im):
    """All names have as many tokens as they can have."""
    im.poke_physical(im.kallsyms()["names"], b"\xff" * (1 << 20))
    return ()


def names_too_many(im):
    """2^32 - 1 symbols."""
    im.poke_physical(im.kallsyms()["num_syms"], b"\xff" * 4)
    return ()


def names_without_end(im):
    """Names of no tokens: the walk over them goes on and on."""
    im.poke_physical(im.kallsyms()["names"], bytes(1 << 20))
    return ()


# Types


def _btf(im, at, value):
    im.poke(im.symbol("__start_BTF") + at, value, 4)


def btf_anonymous_cycle(im):
    """Structs without a name that are in themselves."""
    for number, of in enumerate(im.btf.types[1:], 1):
        if of[2] in (4, 5) and not of[1]:
            for place, *_ in im.btf.members(number):
                _btf(im, place, 0)
                _btf(im, place + 4, number)
    return ()


def btf_typedef_cycle(im):
    """Names for types that are their own."""
    for number, of in enumerate(im.btf.types[1:], 1):
        if of[2] in (8, 9, 10, 11):
            _btf(im, of[0] + 8, number)
    return ()


def btf_offsets(im):
    """All members of a task lie at the end of the address space."""
    for place, *_ in im.btf.members(im.btf.by_name["task_struct"]):
        _btf(im, place + 8, 0xffffffff)
    return ()


def btf_names(im):
    """All members of a task have names behind the strings."""
    for place, *_ in im.btf.members(im.btf.by_name["task_struct"]):
        _btf(im, place, 0x7fffffff)
    return ()


def btf_count(im):
    """A struct of more members than there are bytes."""
    _btf(im, im.btf.types[im.btf.by_name["task_struct"]][0] + 4,
         4 << 24 | 0xffff)
    return ()


def btf_lengths(im):
    """A header whose parts end behind the end."""
    for at in (12, 20):
        _btf(im, at, 0xfffffff0)
    return ()


def many_cpus(im):
    """As many CPUs as a number can say."""
    im.poke(im.symbol("nr_cpu_ids"), 0xffffffff, 4)
    return ()


TASKS = ("ps", "ps -t", "ps --tree", "maps --all", "listvma")
VMAS = ("maps --all", "maps", "listvma")
PATHS = ("maps --all", "maps")
PLACES = ("findpage", "walk", "read")
IDR = ("xa_node", "slots")
MAPLE = ("mm_struct", "mm_mt.ma_root")
RB = ("mm_struct", "mm_rb.rb_node")
LIES = {
    "pid table, cycle": Lie(pid_table_cycle, torn=TASKS, needs=IDR),
    "pid table, node twice": Lie(pid_table_twice, torn=TASKS, needs=IDR),
    "pid table, unmapped node": Lie(pid_table_unmapped, torn=TASKS, needs=IDR),
    "pid table, unmapped pid": Lie(
        pid_entry_unmapped, torn=TASKS + PLACES + ("maps",), needs=IDR),
    "pid table, 2^20 tasks": Lie(
        million_tasks, torn=TASKS + PLACES + ("maps",), needs=IDR,
        everybody=True),
    "task list alone": Lie(task_list_only, fresh=True),
    "task list, cycle": Lie(task_list_cycle, torn=TASKS, fresh=True),
    "task list, itself": Lie(
        task_list_self, torn=TASKS + PLACES + ("maps",), fresh=True),
    "task list, unmapped": Lie(task_list_unmapped, torn=TASKS, fresh=True),
    "thread list, itself": Lie(thread_list_self, torn=("ps -t",), fresh=True),
    "maple node in itself": Lie(maple_self, torn=VMAS, needs=MAPLE),
    "maple node, 16 times in itself": Lie(
        maple_two_selves, torn=VMAS, needs=MAPLE),
    "maple tree, deep": Lie(maple_deep, torn=VMAS, needs=MAPLE),
    "maple tree, unmapped": Lie(maple_unmapped, torn=VMAS, needs=MAPLE),
    "rb node in itself": Lie(rb_self, torn=VMAS, needs=RB),
    "rb tree, deep": Lie(rb_deep, torn=VMAS, needs=RB),
    "rb tree, unmapped": Lie(rb_unmapped, torn=VMAS, needs=RB),
    "vma, backwards": Lie(vma_backwards, torn=VMAS),
    "mm, lengths": Lie(mm_lengths),
    "page tables of themselves": Lie(tables_of_themselves, torn=None),
    "page tables, reserved bits": Lie(tables_reserved, torn=PLACES),
    "kernel tables of themselves": Lie(kernel_tables_self, fatal=True),
    "dentry, cycle": Lie(dentry_cycle, torn=PATHS),
    "dentry, without end": Lie(dentry_without_end, torn=PATHS),
    "dentry, length": Lie(dentry_lengths, torn=PATHS),
    "dentry, unmapped name": Lie(dentry_name_unmapped, torn=PATHS),
    "dentry, escapes": Lie(dentry_escapes),
    "mount, cycle": Lie(mount_cycle, torn=PATHS),
    "comm without NUL": Lie(comm_without_nul),
    "comm, escapes": Lie(comm_escapes),
    "anonymous name, escapes": Lie(
        anon_name_escapes, needs=("vm_area_struct", "anon_name")),
    "release, escapes": Lie(release_escapes),
    "banner, escapes": Lie(banner_escapes, fresh=True),
    "number of CPUs": Lie(many_cpus, torn=("info",), fields=("rss",)),
    "kallsyms, tokens in a loop": Lie(token_loops, fatal=True, fresh=True),
    "kallsyms, tokens outside": Lie(token_lengths, fatal=True, fresh=True),
    "kallsyms, overlong names": Lie(names_overlong, fatal=True, fresh=True),
    "kallsyms, 2^32 names": Lie(names_too_many, fatal=True, fresh=True),
    "kallsyms, overlong token": Lie(token_overlong, fatal=True, fresh=True),
    "kallsyms, empty names": Lie(names_without_end, fatal=True, fresh=True),
    "btf, structs in themselves": Lie(btf_anonymous_cycle, fatal=True,
                                      fresh=True),
    "btf, typedefs of themselves": Lie(
        btf_typedef_cycle, torn=None, fresh=True, everybody=True),
    "btf, offsets": Lie(btf_offsets, fatal=True, fresh=True),
    "btf, names": Lie(btf_names, fatal=True, fresh=True),
    "btf, member count": Lie(btf_count, fatal=True, fresh=True),
    "btf, lengths": Lie(btf_lengths, fatal=True, fresh=True),
}
