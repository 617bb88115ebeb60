# SPDX-License-Identifier: BSD-2-Clause
"""`write` changes what the guest then sees, or nothing at all."""

import contextlib
import json

import pytest

from test_guest import PFN_MASK, PRESENT
from test_walk import at, walk

DATA, CODE = 0x1122334455667788, 0x11223344


@contextlib.contextmanager
def put_back(guest, name, offset, length):
    """Hands out the bytes of a label, and restores them in the end."""
    label = guest.labels()[name]
    old = guest.peek(label.pid, label.addr + offset, length)
    try:
        yield old
    finally:
        guest.poke(label.pid, label.addr + offset, old)
        assert guest.peek(label.pid, label.addr + offset, length) == old


def peek(guest, name, offset, length):
    """The guest's own view of pages that are there."""
    label = guest.labels()[name]
    return guest.peek(label.pid, label.addr + offset, length)


def entries(guest, name, count=4):
    """The pages of a label, with the bytes of those that have frames."""
    label = guest.labels()[name]
    pages = guest.pagemap(label.pid, label.addr, count)
    return [(entry, guest.physical((entry & PFN_MASK) << 12, 4096)
             if entry & PRESENT else None) for entry in pages]


@contextlib.contextmanager
def said(guest, what, new, old):
    """The watching process prints the new value, and at last the old one."""
    start = len(guest.console())
    try:
        yield
        guest.wait_console(f"QVMI-WATCH {what} {new:#x}\n", 30, since=start)
    finally:
        start = len(guest.console())
        name = f"watch.{what}"
        label = guest.labels()[name]
        data = old.to_bytes(8 if what == "data" else 4, "little")
        guest.poke(label.pid, label.addr + (what == "code"), data)
    guest.wait_console(f"QVMI-WATCH {what} {old:#x}\n", 30, since=start)


def test_watched_data(guest, qvmi):
    with said(guest, "data", 0x11223344ddccbbaa, DATA):
        done = qvmi(guest, "write", at(guest, "watch.data"), "-w4",
                    "0xddccbbaa")
        row = walk(guest, qvmi, at(guest, "watch.data"))
        head, line = done.stdout.decode().splitlines()
        assert head.split() == ["ADDRESS", "PHYSICAL", "KIND", "OLD", "NEW"]
        assert line == (f"{row['address']:#x} {row['physical']:#x} anon "
                        "88 77 66 55 aa bb cc dd")
        assert done.stderr == b""
        assert peek(guest, "watch.data", 0, 8) == bytes.fromhex(
            "aabbccdd44332211")


def test_watched_code(guest, qvmi):
    """The emulator must notice that code it has translated has changed."""
    with said(guest, "code", 0xa1b2c3d4, CODE):
        qvmi(guest, "write", at(guest, "watch.code", 1), "-w4", "0xa1b2c3d4")
        assert peek(guest, "watch.code", 0, 6) == bytes.fromhex("b8d4c3b2a1c3")


@pytest.mark.parametrize("values,data", [
    (["1", "0xff", "255", "0"], b"\x01\xff\xff\0"),
    (["-w2", "0x1234", "7"], b"\x34\x12\x07\0"),
    (["-w", "4", "0xfffffffe"], b"\xfe\xff\xff\xff"),
    (["-w8", "0x0102030405060708"], bytes(range(8, 0, -1))),
    (["-w8", "18446744073709551615"], b"\xff" * 8),
    (["hex:00fFAb", "str:z \\x", "9"], b"\0\xff\xabz \\x\x09"),
    (["str:grün"], "grün".encode()),
    (["-w2", "hex:01", "1", "str:"], b"\x01\x01\0")])
def test_values(guest, qvmi, values, data):
    with put_back(guest, "heap", 0x700, 32) as old:
        done = qvmi(guest, "write", "-J", at(guest, "heap", 0x700), *values)
        assert peek(guest, "heap", 0x700, 32) == data + old[len(data):]
        row, = json.loads(done.stdout)["rows"]
        assert row["address"] == f"{guest.labels()['heap'].addr + 0x700:#x}"
        assert row["old"] == old[:len(data)].hex()
        assert row["new"] == data.hex()


@pytest.mark.parametrize("name,border", [
    ("heap", 4096), ("border.pgd", 4096), ("border.pud", 4096),
    ("border.pmd", 4096), ("thp.whole", 8192), ("hugetlb.anon", 4096),
    ("shared.posix", 4096)])
def test_across_pages(guest, qvmi, name, border):
    """Two pages that need not lie side by side."""
    with put_back(guest, name, border - 16, 48) as old:
        shared = ["--shared"] if name.startswith("shared") else []
        done = qvmi(guest, "write", "-J", at(guest, name, border - 3),
                    "str:across", *shared)
        assert peek(guest, name, border - 16, 48) == (
            old[:13] + b"across" + old[19:])
        rows = json.loads(done.stdout)["rows"]
        assert "".join(row["new"] for row in rows) == b"across".hex()
        assert "".join(row["old"] for row in rows) == old[13:19].hex()
        for row in rows:
            label = guest.labels()[name]
            where = walk(guest, qvmi, f"{label.pid}:{row['address']}")
            assert int(row["physical"], 16) == where["physical"]


def test_many_pages(guest, qvmi):
    """Longer than a packet of the stub's, byte for byte."""
    length = 3 * 4096 + 100
    data = bytes((i * 7 + i // 256) & 255 for i in range(length))
    old = peek(guest, "heap", 4000, length)
    try:
        qvmi(guest, "write", at(guest, "heap", 4000), "hex:" + data.hex())
        assert peek(guest, "heap", 3990, length + 20)[10:-10] == data
    finally:
        qvmi(guest, "write", at(guest, "heap", 4000), "hex:" + old.hex())
    assert peek(guest, "heap", 4000, length) == old


def test_other_spaces(guest, qvmi):
    row = walk(guest, qvmi, at(guest, "heap", 0x500))
    for address, *options in (
            (f"p:{row['physical']:#x}", "--shared"),
            (f"cr3={row['root']:x}:{row['address']:#x}",)):
        with put_back(guest, "heap", 0x500, 8) as old:
            qvmi(guest, "write", address, "str:here", *options)
            assert peek(guest, "heap", 0x500, 8) == b"here" + old[4:]


def test_kernel_variable(guest, qvmi):
    """By its symbol; /proc/sys shows it."""
    assert guest.run("cat /proc/sys/kernel/panic") == b"-1\n"
    try:
        row, = json.loads(qvmi(guest, "write", "-J", "panic_timeout", "-w4",
                               77).stdout)["rows"]
        assert (row["old"], row["new"]) == ("ffffffff", "4d000000")
        assert guest.run("cat /proc/sys/kernel/panic") == b"77\n"
    finally:
        qvmi(guest, "write", "k:panic_timeout", "-w4", "0xffffffff")
    assert guest.run("cat /proc/sys/kernel/panic") == b"-1\n"


# (label, offset, first address that is refused, why)
REFUSED = [
    ("prot.read", 0, 0, b"the process may not write there"),
    ("prot.read_exec", 8, 8, b"the process may not write there"),
    ("prot.none", 0, 0, b"(prot-none)"),
    ("names.plain", 0, 0, b"the process may not write there"),
    ("zero", 3 * 4096, 3 * 4096, b"(absent)"),
    ("zero", 3 * 4096 - 2, 3 * 4096, b"(absent)"),
    ("beyond_eof", 2 * 4096 - 1, 2 * 4096, b"(absent)"),
    ("border.pgd", 2 * 4096 - 4, 2 * 4096, b"the process has no memory there"),
    ("sleeper.0", 4096 - 4, 4096, b"the process may not write there"),
    ("swap.first", 0, 0, b"(swapped)"),
    # the zero page, and frames that somebody else has too
    ("zero", 0, 0, b"the zero page"), ("cow", 8, 8, b"the page cache of /tmp/cow"),
    ("fork.parent", 0, 0, b"2 mappings see it"),
    ("cow", 2 * 4096 - 4, 2 * 4096, b"the page cache of /tmp/cow"),
    ("userfault", 4096, 4096, b"the page is mapped read-only"),
]


@pytest.mark.parametrize("name,offset,bad,words", REFUSED,
                         ids=[f"{row[0]}+{row[1]:#x}" for row in REFUSED])
def test_refused_whole(guest, qvmi, name, offset, bad, words):
    label = guest.labels()[name]
    before = entries(guest, name, label.len // 4096)
    done = qvmi(guest, "write", at(guest, name, offset), "-w8",
                "0x5a5a5a5a5a5a5a5a", status=1)
    assert done.stdout == b"" and done.stderr.startswith(b"qvmi: write: ")
    assert words in done.stderr and done.stderr.count(b"\n") == 1
    assert f"{label.pid}:{label.addr + bad:#x}: ".encode() in done.stderr
    assert entries(guest, name, label.len // 4096) == before


def test_guards_and_poison(guest, qvmi):
    for name, words in (("guard", b"(pte-marker)"), ("poison", b"(poisoned)")):
        if name in guest.labels():
            before = entries(guest, name, 3)
            done = qvmi(guest, "write", at(guest, name, 4092), "-w8", "1",
                        status=1)
            assert words in done.stderr and done.stdout == b""
            assert entries(guest, name, 3) == before


@pytest.mark.parametrize("address,words", [
    ("2:0x1000", b"pid 2 (kthreadd) is a kernel thread"),
    ("4000000:0x1000", b"no process with pid 4000000"),
    ("1:0x10", b"the process has no memory there"),
    ("1:0x800000000000", b"the process has no memory there"),
    ("1:0xffffffffff600000", b"the process has no memory there"),
    ("1:0xfffffffffffffffe", b"over the end of the address space"),
    ("0xfffffffffffffffe", b"over the end of the address space"),
    ("0x8000000000000000", b"not canonical"),
    ("0xffffffffff5ff000", b"no page there"),
    ("p:0xfee00000", b"not RAM"), ("p:0x1ffffffe", b"not RAM"),
    ("p:0xf0000", b"not RAM"), ("no_such_symbol", b"no symbol")])
def test_refused(guest, qvmi, address, words):
    before = guest.physical((512 << 20) - 16, 16)
    done = qvmi(guest, "write", address, "hex:a5a5a5a5", status=1)
    assert words in done.stderr and done.stdout == b""
    assert guest.physical((512 << 20) - 16, 16) == before


@pytest.mark.parametrize("args", [
    ("1:0",), ("1:0", "256"), ("1:0", "-w2", "0x10000"),
    ("1:0", "-w4", "4294967296"), ("1:0", "-w8", "0x10000000000000000"),
    ("1:0", "-w3", "1"), ("1:0", "-w0", "1"), ("1:0", "-w16", "1"),
    ("1:0", "-w", "x", "1"), ("1:0", "hex:1"), ("1:0", "hex:0g"),
    ("1:0", "hex:0x12"), ("1:0", "str:"), ("1:0", "hex:"), ("1:0", "ten"),
    ("1:0", "1", ""), ("1:0", "0x"), ("1:0", "--", "-1"), ("1:0", "1.5"),
    ("x:0", "1"), ("p:init_task", "1"), ("", "1")])
def test_usage(qvmi, args):
    """Refused before anybody looks for a guest."""
    done = qvmi("unix:/nonexistent", "write", *args, status=2)
    assert done.stdout == b"" and done.stderr.startswith(b"qvmi: write: ")


@pytest.mark.variant("split")
@pytest.mark.parametrize("name", ["split-pc", "split-q35"])
def test_above_4g(variant, qvmi, name):
    guest = variant(name)
    assert walk(guest, qvmi, at(guest, "heap"))["physical"] >= 1 << 32
    with put_back(guest, "heap", 4090, 12) as old:
        qvmi(guest, "write", at(guest, "heap", 4092), "-w8",
             "0x1122334455667788")
        assert peek(guest, "heap", 4090, 12) == (
            old[:2] + bytes.fromhex("8877665544332211") + old[10:])


@pytest.mark.variant("pti")
@pytest.mark.parametrize("kernel", ["6.12"])
def test_pti(variant, qvmi, kernel):
    guest = variant("pti", kernel=kernel)
    with said(guest, "code", 0x51525354, CODE):
        qvmi(guest, "write", at(guest, "watch.code", 1), "-w4", "0x51525354")
