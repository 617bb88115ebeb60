# SPDX-License-Identifier: BSD-2-Clause
"""`search` finds what a full read of the same memory, searched here, has."""

import contextlib
import itertools
import json
import os
import pty
import random
import re
import subprocess
import termios

import pytest

from sanitizer import is_sanitized
from sessions import until_running
from test_guest import PFN_MASK, PRESENT
from test_walk import at, walk
from test_write import put_back

PAGE = 4096
MIB = 1 << 20
WINDOW = 16 * MIB
PIECE = 256  # pages that the guest is asked for at a time


def search(guest, qvmi, *args, status=0):
    """{address: row} in the order found."""
    done = json.loads(qvmi(guest, "search", "-J", *args,
                           status=status).stdout)
    rows = {int(row["address"], 16): row for row in done["rows"]}
    assert list(rows) == sorted(rows) and len(rows) == len(done["rows"])
    return rows


def stats(guest, qvmi, *args):
    """Statistics of a run, whatever it finds; nobody limits its pause, for
    which the stub would be timed first."""
    return json.loads(qvmi(guest, *args, "-J", "--stats", status=None,
                           env={"QVMI_MAX_PAUSE": ""}).stdout)["stats"]


def brute(data, base, pattern, align=1):
    """Addresses of all matches; `pattern` is a regular expression of bytes."""
    found = re.finditer(b"(?=" + pattern + b")", data, re.DOTALL)
    return [base + match.start() for match in found
            if not (base + match.start()) % align]


def check(guest, qvmi, label, offset, length, args, pattern, align=1):
    """A range of a label, against the guest's own view of it."""
    data = guest.peek(label.pid, label.addr + offset, length)
    want = brute(data, label.addr + offset, pattern, align)
    rows = search(guest, qvmi, f"{label.pid}:{label.addr + offset:#x}",
                  length, *args, status=0 if want else 1)
    assert list(rows) == want
    first, last = label.addr + offset, label.addr + offset + length
    pages = guest.pagemap(label.pid, first, (last - 1) // PAGE
                          - first // PAGE + 1)
    for address, row in rows.items():
        start = max(address & ~15, first)
        shown = bytes.fromhex(row["before"] + row["match"] + row["after"])
        assert shown == data[start - first:start - first + len(shown)]
        end = address + len(row["match"]) // 2
        assert len(row["before"]) // 2 == address - start
        assert len(row["after"]) // 2 == min(-end % 16, last - end)
        page = pages[address // PAGE - first // PAGE]
        assert page & PRESENT
        assert int(row["physical"], 16) == (
            (page & PFN_MASK) << 12) + address % PAGE
    return rows


@contextlib.contextmanager
def planted(guest, name, offset, data):
    """The guest writes these bytes into a label, and takes them away."""
    label = guest.labels()[name]
    with put_back(guest, name, offset, len(data)):
        guest.poke(label.pid, label.addr + offset, data)
        yield label


PATTERNS = [
    (("hex:c0ffee??17",), rb"\xc0\xff\xee.\x17", 1),
    (("hex:c0 ff ee ?? 17",), rb"\xc0\xff\xee.\x17", 1),
    (("hex:?0 ff e?",), rb"[\x00\x10\x20\x30\x40\x50\x60\x70\x80\x90\xa0\xb0"
     rb"\xc0\xd0\xe0\xf0]\xff[\xe0-\xef]", 1),
    (("hex:????ee",), rb"..\xee", 1), (("hex:c?",), rb"[\xc0-\xcf]", 1),
    (("hex:c0 ?? ??",), rb"\xc0..", 1),
    (("-w4", "0x42eeffc0"), rb"\xc0\xff\xeeB", 1),
    (("-w2", "-a2", "0xffc0"), rb"\xc0\xff", 2),
    (("-a", "3", "hex:c0ff"), rb"\xc0\xff", 3),
    (("str:aaa",), b"aaa", 1), (("str:a", "97"), b"aa", 1),
    (("-a4096", "str:heap page"), b"heap page", 4096),
    (("hex:00",), rb"\x00", 1),
]


@pytest.mark.parametrize("args,pattern,align", PATTERNS,
                         ids=[" ".join(row[0]) for row in PATTERNS])
def test_range(guest, qvmi, args, pattern, align):
    """Random places, page borders, the first and last bytes of the range."""
    chance = random.Random(1)
    data = bytearray(chance.choices(b"\0\0a\xc0\xff\xeeB\x17", k=1000))
    for offset in range(0, 990, 40):
        data[offset:offset + 5] = b"\xc0\xff\xee\x42\x17"
    with planted(guest, "heap", 3 * PAGE - 500, bytes(data)) as label:
        check(guest, qvmi, label, 3 * PAGE - 500, 1000,
              ("-m", 5000, *args), pattern, align)
        check(guest, qvmi, label, 0, 12 * PAGE + 7,
              ("-m", 100000, *args), pattern, align)


@pytest.mark.parametrize("name,border", [
    ("heap", PAGE), ("border.pgd", PAGE), ("border.pud", PAGE),
    ("border.pmd", PAGE), ("thp.whole", 2 * PAGE), ("hugetlb.anon", PAGE),
    ("shared.posix", PAGE)])
def test_across_pages(guest, qvmi, name, border):
    """Two pages that need not lie side by side."""
    with planted(guest, name, border - 5, b"straddling") as label:
        for offset in (0, border - 5):
            rows = check(guest, qvmi, label, offset, border + PAGE - offset,
                         ("str:straddling",), b"straddling")
            assert list(rows) == [label.addr + border - 5]
        for start, length in ((0, border + 4), (border - 4, PAGE)):
            check(guest, qvmi, label, start, length, ("str:straddling",),
                  b"straddling")


def test_no_match_across_a_hole(guest, qvmi):
    """Pages that do not adjoin are no neighbours."""
    name = "sparse"
    label = guest.labels()[name]
    second = label.addr + label.step
    old = [guest.peek(label.pid, label.addr + PAGE - 4, 4),
           guest.peek(label.pid, second, 4)]
    try:
        guest.poke(label.pid, label.addr + PAGE - 4, b"hole")
        guest.poke(label.pid, second, b"less")
        place = f"{label.pid}:{label.addr:#x}"
        length = second + PAGE - label.addr
        done = qvmi(guest, "search", place, length, "str:holeless", status=1)
        assert done.stdout == b""
        assert done.stderr.decode() == (
            f"qvmi: search: nothing found: {2 * PAGE} bytes were searched, "
            f"{length - 2 * PAGE} are not in memory\n")
        assert list(search(guest, qvmi, place, length, "str:hole")) == [
            label.addr + PAGE - 4]
        assert list(search(guest, qvmi, place, length, "str:less")) == [second]
    finally:
        guest.poke(label.pid, label.addr + PAGE - 4, old[0])
        guest.poke(label.pid, second, old[1])


def test_terabytes_of_holes(guest, qvmi):
    """Sixty terabytes with thirty pages in them cost some batches."""
    label = guest.labels()["sparse"]
    want = [label.addr + i * label.step for i in range(label.count)]
    length = label.step * label.count
    args = (f"{label.pid}:{label.addr:#x}", length, "str:sparse page")
    assert list(search(guest, qvmi, *args)) == want
    base = stats(guest, qvmi, "walk", "init_task")["batches"]
    cost = stats(guest, qvmi, "search", *args)["batches"]
    assert cost - base <= 60


def area(guest, pid, start, end):
    """What a process has in memory there, as the guest reads it; zeros for
    the rest, which is left as it is: the guest would map all of it, and send
    all of it."""
    data = bytearray(end - start)
    entries = guest.pagemap(pid, start, len(data) // PAGE)
    for there, run in itertools.groupby(
            range(len(entries)), lambda page: entries[page] & PRESENT):
        pages = list(run) if there else []
        for page in pages[::PIECE]:
            at, length = page * PAGE, PAGE * min(
                PIECE, pages[-1] + 1 - page)
            data[at:at + length] = guest.peek(pid, start + at, length)
    assert len(data) == end - start
    return bytes(data)


def test_whole_process(guest, qvmi):
    """All of it: what the guest reads there, area by area."""
    label = guest.labels()["heap"]
    rows = search(guest, qvmi, f"{label.pid}:", "str:heap page")
    want = []
    for line in guest.cat(f"/proc/{label.pid}/maps").decode().splitlines():
        start, end = (int(part, 16) for part in line.split()[0].split("-"))
        if line.split()[1].startswith("r") and "[v" not in line:
            want += brute(area(guest, label.pid, start, end), start,
                          b"heap page")
    assert list(rows) == want and len(want) >= 32
    done = qvmi(guest, "search", f"{label.pid}:", "str:heap page")
    assert re.search(rb"qvmi: note: \d+ bytes were searched \(of these "
                     rb"no table maps \d+: .*\), \d+ are not in memory\n",
                     done.stderr)


def test_without_access(guest, qvmi):
    """PROT_NONE keeps its frames: they are memory."""
    label = guest.labels()["prot.none"]
    rows = search(guest, qvmi, at(guest, "prot.none"), label.len, "str:page ")
    assert [address - label.addr for address in rows] == [
        5 + i * PAGE for i in range(4)]


def test_zero_and_absent(guest, qvmi):
    """The label's pages: two of zeros, a written one, one never touched."""
    place = (at(guest, "zero"), 4 * PAGE)
    done = qvmi(guest, "search", *place, "hex:a5a5a5a5", "--mapped-only",
                status=1)
    assert done.stderr.decode() == (
        f"qvmi: search: nothing found: {3 * PAGE} bytes were searched, "
        f"{PAGE} are not in memory\n")
    done = qvmi(guest, "search", *place, "hex:a5a5a5a5", status=1)
    assert done.stderr.decode() == (
        f"qvmi: search: nothing found: {4 * PAGE} bytes were searched (of "
        f"these no table maps {PAGE}: nobody has written there: zeros)\n")
    label = guest.labels()["zero"]
    zeros = ("-a", PAGE, *place, "-w8", 0)
    rows = search(guest, qvmi, *zeros, "--mapped-only")
    assert list(rows) == [label.addr, label.addr + PAGE]
    rows = search(guest, qvmi, *zeros)
    assert [row["from"] for row in rows.values()] == [None, None, "zero-page"]
    assert list(rows)[2] == label.addr + 3 * PAGE


def test_physical(guest, qvmi):
    """64 MiB, against what QEMU itself saves of them.

    All that is looked for is planted: what else lies in these 64 MiB differs
    from boot to boot.
    """
    length = 64 * MIB
    code = bytes.fromhex("f30f1efa660fefc5").ljust(24, b"\0")
    with planted(guest, "heap", PAGE - 8 - len(code),
                 code + b"PLANTED-BY-US") as label:
        frame = guest.pagemap(label.pid, label.addr)[0] & PFN_MASK
        start = max(16 * MIB, (frame << 12) - 32 * MIB) & -PAGE
        start = min(start, 448 * MIB)
        guest.stop()
        try:
            data = guest.physical(start, length)
            for args, pattern in ((("str:PLANTED-",), b"PLANTED-"),
                                  (("hex:66 0f ef c?",),
                                   rb"\x66\x0f\xef[\xc0-\xcf]"),
                                  (("-a16", "hex:f30f1efa"),
                                   rb"\xf3\x0f\x1e\xfa")):
                rows = search(guest, qvmi, f"p:{start:#x}", length, "-m",
                              1 << 20, *args)
                align = 16 if "-a16" in args else 1
                assert list(rows) == brute(data, start, pattern, align) != []
                assert all(row["physical"] == row["address"]
                           for row in rows.values())
            whole = search(guest, qvmi, "p:", "str:PLANTED-")
            assert (frame << 12) + PAGE - 8 in whole
        finally:
            guest.cont()


@pytest.mark.any_kernel
def test_progress(guest, qvmi):
    """What takes long is told on a terminal, and taken away again."""
    argv = qvmi.argv(guest, "search", "p:", "hex:0123456789abcdef5e",
                     "--memory", "stub")
    said = rb"qvmi: note: \d+ MiB were read through the stub: [^\n]*\r?\n" \
        rb"qvmi: search: nothing found: "
    ahead = rb"qvmi: search: about \d+ MiB are read through the stub, which " \
        rb"takes about [\d.]+ s\r\n"
    for term, shown in ("xterm", True), ("dumb", False):
        status, text = qvmi.on_terminal(argv, term=term)
        *lines, last = text.split(b"\r\x1b[K")
        assert status == 1 and re.match(said, last)
        assert bool(lines) == shown and not any(lines[:1])
        told = [line for line in lines if re.fullmatch(ahead, line)]
        assert len(told) <= shown  # less than a second is not worth a word
        lines = [line for line in lines if line not in told]
        assert lines == sorted(lines, key=len)
        for line in lines[1:]:
            assert re.fullmatch(rb"qvmi: search: the guest stands still; \d+ "
                                rb"s, \d+ MiB", line)


@pytest.mark.any_kernel
def test_progress_on_a_stopped_terminal(guest, qvmi):
    """Control-S: the guest does not wait for the terminal."""
    argv = qvmi.argv(guest, "search", "p:", "hex:0123456789abcdef5e",
                     "--memory", "stub")
    ours, theirs = pty.openpty()
    termios.tcflow(theirs, termios.TCOOFF)
    run = subprocess.Popen(argv, stdin=subprocess.DEVNULL, stdout=theirs,
                           stderr=theirs, env=qvmi.environ(TERM="xterm"))
    try:
        while guest.running():
            assert run.poll() is None
        assert until_running(guest, 60)
        assert run.poll() is None  # its last line waits
        termios.tcflow(theirs, termios.TCOON)
        assert run.wait(timeout=60) == 1
        # the guest can run a moment before qvmi is done with the stub
        assert b"qvmi: search: nothing found" in os.read(
            ours, 4096).split(b"\r\x1b[K")[-1]
    finally:
        run.kill()
        run.wait()
        os.close(theirs)
        os.close(ours)


@pytest.mark.parametrize("memory", ["stub", "process"])
def test_batches(guest, qvmi, memory):
    """Cost follows bytes: a batch for each window."""
    found = stats(guest, qvmi, "search", "p:16777216", "64M",
                  "hex:0123456789abcdef5e", "--memory", memory)
    assert found["batches"] == 64 * MIB // WINDOW
    assert found["read_bytes"] == 64 * MIB
    # sanitizers take as much for themselves
    assert is_sanitized(qvmi.binary) or found["rss_kib"] <= 48 << 10


def test_kernel(guest, qvmi):
    """Variables by their symbols, and all of the kernel's half."""
    pattern = "str:" + guest.cat("/proc/version").decode()[:40]
    rows = search(guest, qvmi, "linux_banner", 64, pattern)
    place, = rows
    assert place == walk(guest, qvmi, "linux_banner")["address"]
    guest.stop()
    try:
        kernel = search(guest, qvmi, "k:", pattern)
        physical = search(guest, qvmi, "p:", pattern)
    finally:
        guest.cont()
    assert place in kernel
    # the direct map has all of RAM, the image its part once more
    assert {int(row["physical"], 16) for row in kernel.values()} == set(
        physical)
    for address, row in kernel.items():
        assert walk(guest, qvmi, f"{address:#x}")["physical"] == int(
            row["physical"], 16)


def test_page_tables(guest, qvmi):
    """cr3= is the same space as the PID's."""
    row = walk(guest, qvmi, at(guest, "heap"))
    label = guest.labels()["heap"]
    rows = search(guest, qvmi, f"cr3={row['root']:x}:{label.addr:#x}",
                  label.len, "str:heap page")
    assert len(rows) == label.len // PAGE
    assert set(rows) <= set(search(guest, qvmi, f"cr3={row['root']:x}:", "-m",
                                   5000, "str:heap page"))


def test_cut(guest, qvmi):
    place = at(guest, "heap")
    done = json.loads(qvmi(guest, "search", place, "64K", "str:page", "-m", 3,
                           "-J").stdout)
    assert len(done["rows"]) == 3
    assert any("more than 3 matches" in note for note in done["notes"])
    exact = json.loads(qvmi(guest, "search", place, "64K", "str:page", "-m",
                            16, "-J").stdout)
    assert len(exact["rows"]) == 16 and exact["notes"] == []


def test_text(guest, qvmi):
    label = guest.labels()["heap"]
    row = walk(guest, qvmi, at(guest, "heap"))
    head, line = qvmi(guest, "search", at(guest, "heap"), PAGE,
                      "str:page").stdout.decode().splitlines()
    assert head.split() == ["ADDRESS", "TEXT", "PHYSICAL", "BEFORE", "MATCH",
                            "AFTER"]
    assert line.split() == [
        f"{label.addr + 5:#x}", "|heap", "page", "0.....|",
        f"{row['physical'] + 5:#x}", *b"heap ".hex(" ").split(),
        *b"page".hex(" ").split(), *b" 0\0\0\0\0\0".hex(" ").split()]


@pytest.mark.parametrize("args", [
    ("1:",), ("1:0", "1"), ("1:0", "16"), ("1:0", "0", "1"),
    ("1:0", "x", "1"), ("1:0", "16", "256"), ("1:0", "16", "hex:"),
    ("1:0", "16", "hex:1"), ("1:0", "16", "hex:0g"), ("1:0", "16", "hex:??"),
    ("1:0", "16", "hex:1 2"), ("1:0", "16", "str:"), ("1:", "hex:????"),
    ("1:", "-w3", "1"), ("1:", "-a0", "1"), ("1:", "-m0", "1"),
    ("1:", "-m1048577", "1"), ("1:", "-ax", "1"), ("x:", "1"), (":", "1"),
    ("4194305:", "1"), ("1:", "hex:" + "00" * 4097), ("1:", "1.5")])
def test_usage(qvmi, args):
    """Refused before anybody looks for a guest."""
    done = qvmi("unix:/nonexistent", "search", *args, status=2)
    assert done.stdout == b"" and done.stderr.startswith(b"qvmi: search: ")
    assert done.stderr.count(b"\n") == 1


@pytest.mark.parametrize("args,words", [
    (("2:", "1"), b"kernel thread"), (("4000000:", "1"), b"no process"),
    (("0xfffffffffffffff0", "17", "1"), b"over the end"),
    (("no_such_symbol", "16", "1"), b"no symbol"),
    (("p:0xf0000", "64K", "1"), b"0 bytes were searched, 65536 are not"),
    (("p:0x40000000", "1M", "1"), b"0 bytes were searched"),
    (("cr3=0x1000000000:", "1"),
     b"0 bytes were searched; page tables that could not be read: 1, the "
     b"first at 0x1000000000, for 0x0 on"),
    (("0xffffffffff5ff000", "4096", "1"), b"nothing found"),
    (("1:0x800000000000", "1M", "1"), b"nothing found")])
def test_nothing_there(guest, qvmi, args, words):
    done = qvmi(guest, "search", *args, status=1)
    assert words in done.stderr and done.stdout == b""
    assert done.stderr.count(b"\n") == 1


@pytest.mark.variant("split")
@pytest.mark.parametrize("name", ["split-pc", "split-q35"])
def test_above_4g(variant, qvmi, name):
    """RAM in two parts, with a hole between them."""
    guest = variant(name)
    label = guest.labels()["heap"]
    frame = walk(guest, qvmi, at(guest, "heap"))["physical"]
    assert frame >= 1 << 32
    rows = search(guest, qvmi, f"p:{(1 << 32) - 16 * MIB:#x}",
                  frame - (1 << 32) + 17 * MIB, "str:heap page 0")
    assert frame in rows
    assert label.addr in search(guest, qvmi, f"{label.pid}:",
                                "str:heap page 0")
