# SPDX-License-Identifier: BSD-2-Clause
"""Lies about the kernel: what it calls itself, its symbols and its types."""

from lies import ESCAPES


# What it calls itself


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
