# SPDX-License-Identifier: BSD-2-Clause
"""Lies about memory: VMA trees, page tables, files and the names of these."""

import array

from image import ADDRESS
from lies import ESCAPES, VICTIM, unmapped


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


def _made_name(im, maker):
    """The victim's file is one whose name a function makes up."""
    _, dentry = _own_dentry(im)
    ops = im.room(4096)
    im.put(ops, im.symbol(maker), "dentry_operations", "d_dname")
    im.put(dentry, ops, "dentry", "d_op")
    return dentry


def name_maker_unknown(im):
    """A name that is made by a function that nobody knows for that."""
    _made_name(im, "vfs_read")
    return (VICTIM,)


def dma_buf_unmapped(im):
    """A dma_buf that is not there, of which a name is made."""
    im.put(_made_name(im, "dmabuffs_dname"), unmapped(im), "dentry",
           "d_fsdata")
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


def anon_name_escapes(im):
    """A name of anonymous memory that does, and has no end."""
    name = im.room(4096)
    im.poke(name, ESCAPES * 8)
    vma = _first_vma(im)
    im.put(vma, 0, "vm_area_struct", "vm_file")
    im.put(vma, name, "vm_area_struct", "anon_name")
    return (VICTIM,)
