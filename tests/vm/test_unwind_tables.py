# SPDX-License-Identifier: BSD-2-Clause
"""Rules for unwinding that cannot be trusted, or are not there, in the memory
of recorded guests: a debugger gets none of them, and it is said why."""

import json
import re
import struct
import subprocess

import pytest

# 6.4 to 7.0, 7.1: docs/facts/trace.md, "Encodings of rules"
HEADERS = {bytes.fromhex(text) for text in (
    "fe5d32bf581bd63b2ca9a5c65ba5a625eab3fe24",
    "137c36ad7627c4dd55932176bb0ecdbd5041fc82")}
ENTRY, HEADER = 6, 20
NOT_PROVEN = (r"are not used: "
              r"(they do not lead out of \d+ of \d+ sleeping tasks|"
              r"all \d+ tasks that would prove them)")


class Tables:
    """The kernel's own, and what is to be in their place."""

    def __init__(self, stub, qvmi, folder):
        self.stub, self.qvmi, self.folder = stub, qvmi, folder
        self.places = self.table("__start_orc_unwind_ip",
                                 "__stop_orc_unwind_ip")
        self.entries = self.table("__start_orc_unwind", "__stop_orc_unwind")
        self.pokes = b""

    def physical(self, name):
        """Where a symbol is, or None."""
        done = self.qvmi(self.stub, "walk", name, "-J", status=None)
        return json.loads(done.stdout)["rows"][0]["physical"] if (
            not done.returncode) else None

    def table(self, start, stop):
        """(physical address, bytes) between two symbols."""
        start = int(self.physical(start), 16)
        length = int(self.physical(stop), 16) - start
        with open(self.stub.image / "ram", "rb") as ram:
            ram.seek(start)
            return start, ram.read(length)

    def put(self, at, data):
        """Change memory."""
        self.pokes += struct.pack("<QQ", at, len(data)) + data

    def export(self, *args, status=0):
        """(whether there are rules, types and symbols, the notes)"""
        (self.folder / "pokes").write_bytes(self.pokes)
        self.stub.tell(f"poke {self.folder / 'pokes'}")
        path = self.folder / "vmlinux"
        done = self.qvmi(self.stub, "vmlinux", "-o", path, "-J", *args,
                         status=status)
        sections = subprocess.run(["readelf", "-SW", path], check=True,
                                  capture_output=True).stdout.decode()
        self.stub.assert_unharmed()
        return (".debug_frame" in sections, ".debug_info" in sections,
                ".symtab" in sections, json.loads(done.stdout)["notes"])


@pytest.fixture
def tables(stub, qvmi, tmp_path):
    return Tables(stub(), qvmi, tmp_path)


def of_other_code(tables):
    """Each is that of a place a hundred rules further on."""
    at, data = tables.entries
    tables.put(at, data[100 * ENTRY:] + data[:100 * ENTRY])
    return [NOT_PROVEN]


def without_sense(tables):
    """Bits that none has."""
    at, data = tables.entries
    tables.put(at, b"\xff" * len(data))
    return [r"are in no format that is known|"
            r"(\d+) of \1 rules .* make no sense"]


def zeroed(tables):
    """As if they had been given up."""
    at, data = tables.entries
    tables.put(at, bytes(len(data)))
    return ["are in no format that is known|are not used"]


def unsorted(tables):
    """The second half of the places comes first."""
    at, data = tables.places
    half = len(data) // 8 * 4
    tables.put(at, data[half:2 * half] + data[:half])
    return ["are not in order of address", NOT_PROVEN]


def elsewhere(tables):
    """All of them are about what is not code."""
    at, data = tables.places
    tables.put(at, bytes(len(data)))
    return ["is about its code"]


def of_another_header(tables):
    """The kernel says of them what they are not."""
    at = tables.physical("__start_orc_header")
    if at is None:
        pytest.skip("this kernel has no such header")
    start, own = tables.table("__start_orc_header", "__stop_orc_header")
    assert own[:HEADER] in HEADERS
    other, = HEADERS - {own[:HEADER]}
    tables.put(start, other)
    return ["are in no format that is known"]


@pytest.mark.parametrize("lie", [of_other_code, without_sense, zeroed, unsorted,
                                 elsewhere, of_another_header])
def test_no_rules(tables, lie):
    """Symbols and types alone."""
    words = lie(tables)
    rules, types, symbols, notes = tables.export()
    assert not rules and types and symbols
    assert_notes(notes, words)


def assert_notes(notes, words):
    """Each says what it has to, and there are no others."""
    assert len(notes) == len(words), notes
    for note, word in zip(notes, words):
        assert re.search(word, note), notes


def test_unknown_header(tables):
    """Of a format that is too new it is proven that it is an old one."""
    if tables.physical("__start_orc_header") is None:
        pytest.skip("this kernel has no such header")
    start, own = tables.table("__start_orc_header", "__stop_orc_header")
    tables.put(start, bytes(byte ^ 0xff for byte in own))
    assert tables.export() == (True, True, True, [])


def test_without_any(tables):
    """A kernel that was built with frame pointers, by its symbols."""
    full, less = tables.folder / "full", tables.folder / "System.map"
    tables.qvmi(tables.stub, "vmlinux", "-o", full, "--format", "system-map")
    lines = full.read_text().splitlines(keepends=True)
    less.write_text("".join(line for line in lines if "_orc_" not in line))
    rules, types, symbols, notes = tables.export("--profile", less)
    assert not rules and types and symbols
    assert_notes(notes, [r"has no rules for unwinding \(ORC\)"])


def test_no_types(tables, qvmi):
    """Symbols alone, and a command that takes types says the same."""
    at, _ = tables.table("__start_BTF", "__stop_BTF")
    tables.put(at, bytes(24))
    rules, types, symbols, notes = tables.export("--no-cache")
    assert not rules and not types and symbols
    why = notes[-1]
    assert re.fullmatch(r"kernel has no sound BTF at 0x[0-9a-f]+ \(.*\): "
                        "give its vmlinux or vmlinuz", why)
    assert ("modules are left out, which this kernel keeps by types that are "
            "not known") in notes
    done = qvmi(tables.stub, "ps", "--no-cache", status=4)
    assert done.stderr == f"qvmi: {why} with --profile FILE\n".encode()
    said = json.loads(qvmi(tables.stub, "info", "--no-cache", "-J").stdout)
    assert said["rows"][0]["release"] in said["rows"][0]["banner"]


def test_generated_code(tables):
    """BPF programs have a frame pointer, trampolines are copies; of kprobes
    nothing is known: an end, not a place to guess at."""
    tables.export()
    path = tables.folder / "vmlinux"
    symbols = subprocess.run(["nm", path], check=True,
                             capture_output=True).stdout.decode()
    frames = subprocess.run(["readelf", "--debug-dump=frames", path],
                            check=True, capture_output=True).stdout.decode()
    told = {int(start, 16): re.sub(r" to [0-9a-f]+|  DW_CFA_nop\n", "", rules)
            for start, rules in re.findall(
                r" FDE cie=\w+ pc=([0-9a-f]{16})\.\.[0-9a-f]{16}\n((?:  .*\n)*)",
                frames)}

    def rules(name):
        """Those of all that are called so."""
        found = re.findall(f"^([0-9a-f]{{16}}) [tT] {name}$", symbols, re.M)
        assert found
        return [told[int(at, 16)] for at in found]
    for program in rules(r"bpf_prog_[0-9a-f]{16}\w*"):
        assert "DW_CFA_def_cfa: r6 (rbp) ofs 16" in program
    copy, = rules("ftrace_trampoline")
    original, = rules("ftrace_caller")
    # That has symbols within, and so a part for each.
    assert copy.splitlines()[:2] == original.splitlines()[:2]
    for page in rules("kprobe_insn_page"):
        assert page == "  DW_CFA_undefined: r16 (rip)\n"
