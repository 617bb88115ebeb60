# SPDX-License-Identifier: BSD-2-Clause
"""Lies about code that a kernel took in: modules, BPF programs, ftrace."""

from lies import ESCAPES, unmapped

MODULE = "brd"
LINKS = 1 << 20
PIECE = 1 << 14  # links that lie together: there is no more room at once


def modules(im):
    """{name: address} of all modules, in the order of their list."""
    links, head = im.member("module", "list"), im.symbol("modules")
    name, found = im.member("module", "name"), {}
    at = im.number(head)
    while at != head:
        text = im.read(at - links + name, 56)
        found[text[:text.index(b"\0")].decode()] = at - links
        at = im.number(at)
    return found


def table(im, name=MODULE):
    """(its mod_kallsyms, symtab, number of symbols, strtab) of a module."""
    at = im.get(modules(im)[name], "module", "kallsyms")
    return at, im.get(at, "mod_kallsyms", "symtab"), im.number(
        at + im.member("mod_kallsyms", "num_symtab"), 4), im.get(
            at, "mod_kallsyms", "strtab")


def list_cycle(im):
    """The last of them leads to the second."""
    links, found = im.member("module", "list"), list(modules(im).values())
    im.poke(found[-1] + links, found[1] + links)
    return ()


def list_unmapped(im):
    """The second of them leads to nothing."""
    links, found = im.member("module", "list"), list(modules(im).values())
    im.poke(found[1] + links, unmapped(im))
    return ()


def list_million(im):
    """A list of 2^20 that is sound, of modules that are not."""
    head = im.symbol("modules")
    pieces = [im.room(16 * PIECE) for _ in range(LINKS // PIECE)]
    ring = [head, *(at + 16 * i for at in pieces for i in range(PIECE)), head]
    links = b"".join(
        ring[i + 1].to_bytes(8, "little") + ring[i - 1].to_bytes(8, "little")
        for i in range(1, LINKS + 1))
    for i, at in enumerate(pieces):
        im.poke(at, links[16 * PIECE * i:16 * PIECE * (i + 1)])
    im.poke(head, ring[1])
    im.poke(head + 8, ring[LINKS])
    return ()


def name_without_nul(im):
    """As long as there is room."""
    im.poke(modules(im)[MODULE] + im.member("module", "name"), b"A" * 56)
    return ()


def name_escapes(im):
    """A module that speaks to the terminal."""
    im.poke(modules(im)["zram"] + im.member("module", "name"),
            (ESCAPES * 5)[:55] + b"\0")
    return ()


def symbols_elsewhere(im):
    """Its symbols are in the direct map."""
    at, *_ = table(im)
    im.put(at, im.page_offset + (1 << 20), "mod_kallsyms", "symtab")
    return ()


def symbols_many(im):
    """2^32 - 1 symbols."""
    at, *_ = table(im)
    im.put(at, 0xffffffff, "mod_kallsyms", "num_symtab", 4)
    return ()


def names_elsewhere(im):
    """Names that begin 4 GiB behind the others."""
    _, symtab, count, _ = table(im)
    for i in range(1, count):
        im.poke(symtab + 24 * i, 0xffffffff, 4)
    return ()


def names_without_end(im):
    """Not one NUL among so many that most are longer than a name can be."""
    _, symtab, count, strtab = table(im, "overlay")
    last = max(im.number(symtab + 24 * i, 4) for i in range(count))
    im.poke(strtab, b"A" * (last + 1))
    return ()


def size_wraps(im):
    """A module of 4 GiB."""
    at = modules(im)[MODULE]
    size = im.member("module", "mem|core_layout.size")
    if im.has("module", "mem"):
        size += im.member("module_memory", "size")
    im.poke(at + size, 0xffffffff, 4)
    return ()


def bpf_ends_first(im):
    """A program that ends before it starts, and one of no kernel's."""
    head = im.symbol("bpf_kallsyms")
    for member, value in (("end", 0), ("start", 0x400000)):
        head = im.number(head)
        im.put(head - im.member("bpf_ksym", "lnode"), value, "bpf_ksym",
               member)
    return ()


def trampoline_self(im):
    """Its list leads from each to itself."""
    head = im.symbol("ftrace_ops_trampoline_list")
    at = im.number(head)
    im.poke(at, at)
    return ()
