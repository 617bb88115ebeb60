# SPDX-License-Identifier: BSD-2-Clause
"""Symbols outside the kernel's image are those of the guest's /proc/kallsyms:
of modules, BPF programs, ftrace trampolines and kprobes."""

import collections
import json
import re
import subprocess

import pytest

from stub import tool

MEMORY = ("stub", "process")
# What all test guests have; the last two come a moment after the probe.
OWNERS = {"brd", "overlay", "zram", "bpf", "__builtin__ftrace",
          "__builtin__kprobes"}
PREFIX = {"brd": "brd_", "overlay": "ovl_", "zram": "zram_",
          "bpf": "bpf_prog_", "__builtin__ftrace": "ftrace_trampoline"}
ALIKE = 8
LOWEST = 0xffffffff80000000


class Kallsyms:
    """A guest's own word: (address, name, module) of all that have one."""

    def __init__(self, guest):
        text = guest.run(r"grep '\[' /proc/kallsyms").decode()
        self.rows = [(int(address, 16), name, module) for address, name, module
                     in re.findall(r"(?m)^(\w+) \w ([^\t\n]+)\t\[(.+)\]$",
                                   text)]
        assert len(self.rows) == text.count("\n") > 500
        assert {module for *_, module in self.rows} >= OWNERS
        self.addresses = collections.defaultdict(set)
        self.names = collections.defaultdict(set)
        for address, name, module in self.rows:
            self.addresses[address].add(f"{name}+0x0 [{module}]")
            self.names[name, module].add(address)

    def one(self, module):
        """(name, address) of one that is called so nowhere else."""
        return next((name, min(found)) for (name, owner), found
                    in sorted(self.names.items()) if owner == module
                    and name.startswith(PREFIX[module]) and len(found) == 1)


@pytest.fixture
def kallsyms(guest):
    """That of each guest."""
    return Kallsyms(guest)


def look_up(guest, memory, lines):
    """What the lookups of the library say, all in one pause."""
    done = subprocess.run(
        [tool("look-up"), guest.gdb, *(["stub"] if memory == "stub" else [])],
        input="\n".join(lines) + "\n", capture_output=True, text=True,
        check=True)
    said = done.stdout.splitlines()
    assert not [line for line in said if line.startswith("#")]
    assert len(said) == len(lines)
    return said


@pytest.mark.parametrize("memory", MEMORY)
def test_all_of_kallsyms(guest, kallsyms, memory):
    """Each name has its addresses, each address one of its names."""
    names = list(kallsyms.names)
    said = look_up(guest, memory, [f"?{name} {module}"
                                   for name, module in names])
    for key, line in zip(names, said):
        found = {int(address, 16) for address in line.split()}
        want = kallsyms.names[key]
        assert found <= want and len(found) == min(len(want), ALIKE), key
    # per-CPU variables of modules are numbers, as those of the image are
    places = [at for at in kallsyms.addresses if at >= LOWEST]
    assert len(places) > len(kallsyms.addresses) * .98
    said = look_up(guest, memory, [f"{at:x}" for at in places])
    for at, line in zip(places, said):
        assert line in kallsyms.addresses[at], hex(at)


def test_every_byte(guest, qvmi, kallsyms):
    """Every address of a module has the symbol before it, and its distance."""
    starts = sorted(at for at, _, module in kallsyms.rows if module == "brd"
                    and at >= LOWEST)
    page = starts[0] & ~0xfff
    lines = [f"{at:x}" for at in range(page, page + 0x1000)]
    for at, line in zip(range(page, page + 0x1000),
                        look_up(guest, "stub", lines)):
        before = [start for start in starts if start <= at]
        if not before:
            assert line == ""
            continue
        name, offset, module = re.fullmatch(r"(.+)\+(0x\w+) \[(.+)\]",
                                            line).groups()
        assert int(offset, 16) == at - before[-1]
        assert module == "brd" and before[-1] in kallsyms.names[name, module]


def test_addresses(guest, qvmi, kallsyms):
    """On the command line, in all forms that are printed somewhere."""
    for module in PREFIX:
        name, at = kallsyms.one(module)
        for text, offset in ((name, 0), (f"{name}[{module}]", 0),
                             (f"{name} [{module}]", 0), (f"{name}+3", 3),
                             (f"{name}+0x3 [{module}]", 3),
                             (f"{name}[{module}] + 3", 3)):
            row = json.loads(qvmi(guest, "read", text, 4, "-J").stdout)
            assert int(row["rows"][0]["address"], 16) == at + offset, text
            assert row["rows"][0]["read"] == 4 and not row["notes"]


def ambiguous(guest, qvmi, text):
    """The addresses that are named instead of taking one."""
    done = qvmi(guest, "read", text, 4, status=1)
    assert done.stdout == b"" and b"ambiguous" in done.stderr, done.stderr
    return {int(at, 16) for at in re.findall(rb"0x[0-9a-f]{16}", done.stderr)}


def test_ambiguous_names(guest, qvmi, kallsyms):
    """A name of several symbols is no address, until the module is said."""
    twice, = [name for name, module in kallsyms.names
              if module == "bpf" and name.endswith("_twice")]
    want = kallsyms.names[twice, "bpf"]
    assert len(want) == 2 == len(ambiguous(guest, qvmi, twice))
    assert ambiguous(guest, qvmi, f"{twice}[bpf]") == want
    shared = "__this_module"
    want = set().union(*(found for (name, _), found in kallsyms.names.items()
                         if name == shared))
    assert len(want) > 2 and ambiguous(guest, qvmi, shared) == want
    row = json.loads(qvmi(guest, "read", f"{shared}[zram]", 4, "-J").stdout)
    assert {int(row["rows"][0]["address"], 16)} == kallsyms.names[
        shared, "zram"]


def test_ambiguous_in_the_image(guest, qvmi):
    """Nor is it in the image: static objects of several files."""
    name = guest.run("awk 'NF == 3 && n[$3]++ { print $3; exit }' "
                     "/proc/kallsyms").decode().strip()
    lines = guest.run(f"grep ' {name}$' /proc/kallsyms").splitlines()
    want = {int(line.split()[0], 16) for line in lines}
    found = ambiguous(guest, qvmi, name)
    assert found <= want and len(found) == min(len(want), ALIKE)


def test_unknown_names(guest, qvmi, kallsyms):
    """It is said where was looked."""
    modules = {module for *_, module in kallsyms.rows
               if not module.startswith("__builtin") and module != "bpf"}
    pieces = sum(module == "bpf" for *_, module in kallsyms.rows)
    said = qvmi(guest, "read", "no_such_symbol", 4, status=1).stderr.decode()
    assert "no symbol 'no_such_symbol'" in said and "the kernel," in said
    assert f"{len(modules)} modules" in said
    assert pieces > 4 and f"{pieces} pieces of BPF code" in said
    assert "1 ftrace trampoline" in said and "damaged" not in said
    said = qvmi(guest, "read", "vfs_read[zram]", 4, status=1).stderr
    assert b"no symbol 'vfs_read' in module 'zram'" in said
    said = qvmi(guest, "read", "vfs_read[nothere]", 4, status=1).stderr
    assert b"no module 'nothere'" in said


def test_nothing_is_read_for_the_image(guest, qvmi):
    """Whoever names no symbol of a module does not pay for them."""
    qvmi(guest, "info")
    guest.stop()

    def read(text):
        qvmi.forget_places()
        return json.loads(qvmi(guest, "read", text, 4, "--json", "--stats",
                               "--memory", "stub").stdout)

    image, module = read("linux_banner"), read("__this_module[brd]")
    number = read(image["rows"][0]["address"])
    guest.cont()
    for key in ("batches", "read_bytes"):
        assert image["stats"][key] == number["stats"][key]
        assert image["stats"][key] < module["stats"][key]


# Views of a recorded guest

THIS = "__this_module"
TRAMPOLINE = "ftrace_trampoline"


def rows(qvmi, guest, *args):
    """The rows of a command, of which nothing was remarked."""
    said = json.loads(qvmi(guest, *args, "-J").stdout)
    assert not said["notes"]
    return said["rows"]


def place(qvmi, guest, text):
    """An address as a number."""
    return int(rows(qvmi, guest, "walk", text)[0]["address"], 16)


def test_walk_and_read(stub, qvmi):
    server = stub()
    for name, module in ((THIS, "zram"), (TRAMPOLINE, "__builtin__ftrace")):
        at = place(qvmi, server, f"{name}[{module}]")
        symbol = f"{name}+0x8 [{module}]"
        for space in ("", "k:", "1:"):
            for args in (("walk",), ("read", 16), ("read", 16, "-f", "x8")):
                row, = rows(qvmi, server, args[0], f"{space}{at + 8:#x}",
                            *args[1:])
                assert row["symbol"] == symbol, args
        assert f"Symbol:      {symbol}\n".encode() in qvmi(
            server, "walk", hex(at + 8)).stdout
        assert place(qvmi, server, symbol) == at + 8  # as it was printed


def test_what_has_no_symbol(stub, qvmi):
    """The direct map, physical memory, tables of anybody."""
    server = stub()
    info, = rows(qvmi, server, "info")
    this = place(qvmi, server, f"{THIS}[zram]")
    frame = rows(qvmi, server, "walk", hex(this))[0]["physical"]
    table = rows(qvmi, server, "walk", hex(this))[0]["root"]
    for address in (info["page_offset"], f"p:{frame}", f"cr3={table}:{this}"):
        assert rows(qvmi, server, "read", address, 8)[0]["symbol"] is None
    assert b"Symbol" not in qvmi(server, "walk", info["page_offset"]).stdout


def test_headings(stub, qvmi):
    """People see a symbol over a dump; what parses one does not."""
    server = stub()
    at = place(qvmi, server, f"{THIS}[zram]")
    for form, first in (("hex", rb"[0-9a-f]{16}  "), ("x4", rb"0x[0-9a-f]+:")):
        args = ("read", hex(at), 16, "-f", form)
        dump = qvmi(server, *args).stdout
        assert re.match(first, dump)
        assert qvmi.on_terminal(qvmi.argv(server, *args))[1] == (
            b"__this_module+0x0 [zram]:\n" + dump)
    for args in (("read", hex(at), 16, "-f", "raw"),
                 ("read", "p:0x1000", 16, "-f", "hex")):
        assert qvmi.on_terminal(qvmi.argv(server, *args))[1] == qvmi(
            server, *args).stdout


def test_pages_and_matches(stub, qvmi, recorded):
    server = stub()
    at = place(qvmi, server, f"{THIS}[zram]")
    data = rows(qvmi, server, "read", hex(at), 24)[0]["data"]
    hits = rows(qvmi, server, "search", hex(at - 64), 128, f"hex:{data}")
    assert [hit["symbol"] for hit in hits] == ["__this_module+0x0 [zram]"]
    runs = rows(qvmi, server, "page", hex(at), "8K")
    for run in runs:
        assert run["symbol"] == rows(qvmi, server, "walk",
                                     run["address"])[0]["symbol"]
    text = qvmi(server, "page", f"{TRAMPOLINE}").stdout.decode().splitlines()
    assert text[0].endswith(" SYMBOL")
    assert text[1].endswith(f" {TRAMPOLINE}+0x0 [__builtin__ftrace]")
    heap = json.loads((recorded / "labels").read_text())["heap"]
    address = f"{heap['pid']}:{heap['addr']:#x}"
    for args in (("page", address), ("search", address, 64, "str:heap")):
        assert rows(qvmi, server, *args)[0]["symbol"] is None
        assert b"SYMBOL" not in qvmi(server, *args).stdout


def test_a_vcpu_in_a_module(stub, qvmi):
    """Put there by its registers: nothing else would hold it."""
    server = stub()
    at = place(qvmi, server, "cleanup_module[brd]")
    name = rows(qvmi, server, "walk", hex(at))[0]["symbol"]
    assert re.fullmatch(r"(cleanup_module|brd_exit)\+0x0 \[brd\]", name)
    cpu = next(row["vcpu"] for row in rows(qvmi, server, "regs")
               if row["cpl"] == 0)
    want = name.replace("+0x0", "+0x5")
    row, = rows(qvmi, server, "regs", "--cpu", cpu, "--set",
                f"rip={at + 5:#x}")
    assert row["symbol"] == want
    assert rows(qvmi, server, "regs", "--cpu", cpu)[0]["symbol"] == want
    vcpus = rows(qvmi, server, "info")[0]["vcpus"]
    assert [vcpu["symbol"] for vcpu in vcpus if vcpu["vcpu"] == cpu] == [want]
    for command in ("info", "regs"):
        assert want.encode() in qvmi(server, command).stdout
    server.tell("reset")
