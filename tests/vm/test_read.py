# SPDX-License-Identifier: BSD-2-Clause
"""`read` prints the bytes that the guest itself finds there."""

import json
import re
import struct
import subprocess

import pytest

from test_guest import PFN_MASK
from test_variants import stop_in_user_mode
from test_walk import at, walk

# (label, offset, length): within lines and pages, and across them.
RANGES = [
    ("heap", 0, 1), ("heap", 3, 29), ("heap", 0xff1, 0x21),
    ("heap", 0, 3 * 4096 + 5), ("stack", 0xfff, 2), ("names.plain", 0, 4200),
    ("cow", 4090, 40), ("fork.child", 4095, 20), ("shared.posix", 4080, 32),
    ("prot.read", 0, 64), ("zero", 8000, 400), ("border.pgd", 4090, 20),
    ("border.pud", 4090, 20), ("border.pmd", 4000, 200), ("ia32", 4090, 20),
    ("thp.whole", 511 * 4096 - 20, 60), ("thp.split", 4 * 4096 - 8, 9000),
    ("hugetlb.anon", 0x1000 - 3, 0x2010), ("watch.code", 0, 6),
]


def read(guest, qvmi, address, length, *options, **kw):
    """What `read` prints."""
    return qvmi(guest, "read", address, length, *options, **kw).stdout


def peek(guest, name, offset, length):
    """The guest's own view; only of pages that are there, or it makes them."""
    label = guest.labels()[name]
    return guest.peek(label.pid, label.addr + offset, length)


def hexdump(data, address):
    """What hexdump -C prints, with ADDRESS as the offset of the first byte."""
    text = subprocess.run(["hexdump", "-C"], input=data, check=True,
                          stdout=subprocess.PIPE).stdout.decode()
    return re.sub(r"(?m)^[0-9a-f]{8}", lambda found: "%08x" % (
        int(found[0], 16) + address), text)


def units(data, address, width):
    """What gdb's x/WIDTHx prints, without symbols."""
    per_line = {1: 8, 2: 8, 4: 4, 8: 2}[width]
    values = ["0x%0*x" % (2 * width, value[0]) for value in
              struct.iter_unpack("<" + {1: "B", 2: "H", 4: "I", 8: "Q"}[width],
                                 data)]
    return "".join("\t".join([f"{address + i * width:#x}:",
                              *values[i:i + per_line]]) + "\n"
                   for i in range(0, len(values), per_line))


def test_raw(guest, qvmi):
    for name, offset, length in RANGES:
        data = read(guest, qvmi, at(guest, name, offset), length, "-f", "raw")
        assert data == peek(guest, name, offset, length), (name, offset)


def test_hex_is_hexdump(guest, qvmi):
    for name, offset, length in RANGES[:4] + RANGES[-4:]:
        text = read(guest, qvmi, at(guest, name, offset), length)
        data = peek(guest, name, offset, length)
        want = hexdump(data, guest.labels()[name].addr + offset)
        assert text.decode() == want, (name, offset)
    assert b"\n*\n" in read(guest, qvmi, at(guest, "heap"), "1K")


def test_units(guest, qvmi):
    for width in (1, 2, 4, 8):
        for offset, count in ((0, 3), (4096 - 3 * width + 1, 21)):
            length = count * width
            text = read(guest, qvmi, at(guest, "heap", offset), length, "-f",
                        f"x{width}")
            data = peek(guest, "heap", offset, length)
            assert text.decode() == units(
                data, guest.labels()["heap"].addr + offset, width)


def test_strings(guest, qvmi):
    """Up to a NUL, escaped, whatever comes behind it."""
    assert read(guest, qvmi, at(guest, "heap", 4096), 64, "-f", "str") == \
        b"heap page 1\n"
    assert read(guest, qvmi, at(guest, "heap"), 6, "-f", "str") == b"heap p\n"
    # the page behind it is not there, but the string ends before
    assert read(guest, qvmi, at(guest, "zero", 2 * 4096), 8192, "-f",
                "str") == b"zero page 2\n"
    label = guest.labels()["heap"]
    spot = label.addr + 0x800
    old = guest.peek(label.pid, spot, 32)
    raw = "\x1b[1m grün\n\\".encode() + b"\xff\0hidden"
    guest.poke(label.pid, spot, raw)
    try:
        where = at(guest, "heap", 0x800)
        assert read(guest, qvmi, where, 32, "-f", "str").decode() == \
            "\\x1b[1m grün\\x0a\\\\\\xff\n"
        row, = json.loads(read(guest, qvmi, where, 32, "-J", "-f", "str"))[
            "rows"]
        assert row["string"] == "\x1b[1m grün\n\\x5c\\xff"
        assert row["data"] == guest.peek(label.pid, spot, 32).hex()
    finally:
        guest.poke(label.pid, spot, old)


def test_json(guest, qvmi):
    done = json.loads(read(guest, qvmi, at(guest, "heap", 0xff0), "0x20",
                           "-J"))
    data = peek(guest, "heap", 0xff0, 0x20)
    assert done["command"] == "read" and done["rows"] == [{
        "address": f"{guest.labels()['heap'].addr + 0xff0:#x}",
        "symbol": None, "length": 32, "read": 32, "data": data.hex(), "string": None,
        "unmapped": None}]


@pytest.mark.parametrize("name,offset,got,words", [
    ("zero", 3 * 4096 - 20, 20, rb"pte\[\d+\] = 0x0 \(absent\)"),
    ("zero", 3 * 4096, 0, rb"pte\[\d+\] = 0x0 \(absent\)"),
    ("beyond_eof", 2 * 4096 - 1, 1, rb"\(absent\)"),
    ("border.pud", 2 * 4096 - 7, 7, rb"p\w\w\[\d+\] = 0x0 \(absent\)"),
    ("swap.first", 3 * 4096 + 4090, 6, rb"\(swapped\)"),
    ("swap.first", 0, 0, rb"\(swapped\)"),
    ("devmem", 0, 0, rb"its page 0xf0000 is not RAM")])
def test_where_memory_ends(guest, qvmi, name, offset, got, words):
    label = guest.labels()[name]
    where = at(guest, name, offset)
    data = peek(guest, name, offset, got) if got else b""
    where = (where, 64, "--mapped-only")
    done = qvmi(guest, "read", *where, status=1)
    assert done.stdout.decode() == hexdump(data, label.addr + offset)
    end = f"{label.pid}:{label.addr + offset + got:#x}".encode()
    assert re.fullmatch(b"qvmi: read: %d of 64 bytes, memory ends at %s: "
                        b".*%s\n" % (got, end, words), done.stderr)
    assert read(guest, qvmi, *where, "-f", "raw", status=1) == data
    output = json.loads(read(guest, qvmi, *where, "-J", status=1))
    row, = output["rows"]
    assert (row["read"], row["data"]) == (got, data.hex())
    assert "memory ends at" in output["error"]["text"]
    assert output["error"]["kind"] == "unreadable"


def test_without_a_length(guest, qvmi):
    """Some lines; of a string all, up to a page of it."""
    want = hexdump(peek(guest, "heap", 5, 64), guest.labels()["heap"].addr + 5)
    assert qvmi(guest, "read", at(guest, "heap", 5)).stdout.decode() == want
    banner = qvmi(guest, "read", "linux_banner", "-f", "str")
    assert banner.stdout == qvmi(guest, "read", "linux_banner", 4096, "-f",
                                 "str").stdout and banner.stderr == b""
    assert banner.stdout.startswith(b"Linux version ")
    place = at(guest, "thp.whole")
    old = read(guest, qvmi, place, 5000, "-f", "raw")
    try:
        qvmi(guest, "write", place, "fill:0x41x5000")
        done = qvmi(guest, "read", place, "-f", "str")
        assert done.stdout == 4096 * b"A" + b"\n"
        assert done.stderr == (b"qvmi: note: the string is longer than 4096 "
                               b"bytes: say LENGTH\n")
    finally:
        qvmi(guest, "write", place, "hex:" + old.hex())


def test_guards_and_poison(guest, qvmi):
    for name, words in (("guard", b"(pte-marker)"), ("poison", b"(poisoned)")):
        if name not in guest.labels():
            continue
        done = qvmi(guest, "read", at(guest, name, 4090), 16, "-f", "raw",
                    status=1)
        assert done.stdout == peek(guest, name, 4090, 6)
        assert words in done.stderr


def test_no_access_is_no_obstacle(guest, qvmi):
    """What a process may not read itself, its page still holds."""
    for name, page in (("prot.none", 2), ("thp.none", 1)):
        label = guest.labels()[name]
        frame = guest.pagemap(label.pid, label.addr + page * 4096)[0]
        data = read(guest, qvmi, at(guest, name, page * 4096), 4096, "-f",
                    "raw")
        assert data == guest.physical((frame & PFN_MASK) << 12, 4096)
        assert data.startswith(f"{name.split('.')[0]} page {page}\0".encode())


def test_kernel_strings(guest, qvmi):
    version = guest.cat("/proc/version").decode()
    text = read(guest, qvmi, "linux_banner", 512, "-f", "str").decode()
    assert text == version.replace("\n", "\\x0a") + "\n"
    assert text.startswith("Linux version " + guest.kernel)
    for address in ("k:linux_banner+6", "linux_banner+0x10-10",
                    "8+linux_banner-2", "linux_banner + 4 + 2"):
        assert read(guest, qvmi, address, 7, "-f", "str") == b"version\n"
    task = read(guest, qvmi, "init_task", 8192, "-f", "raw")
    assert task.count(b"swapper/0\0") == 1 or b"swapper\0" in task


def test_other_spaces(guest, qvmi):
    """The same bytes by process, by root, and where they lie."""
    for name, offset in (("heap", 0x123), ("thp.whole", 0x12345),
                         ("hugetlb.file", 0x1ff0f0), ("names.utf8", 2)):
        row = walk(guest, qvmi, at(guest, name, offset))
        data = peek(guest, name, offset, 200)
        for address in (f"p:{row['physical']:#x}",
                        f"cr3={row['root']:x}:{row['address']:#x}",
                        f"cr3={row['root']:#x}:{row['address']}"):
            assert read(guest, qvmi, address, 200, "-f", "raw") == data
        assert guest.physical(row["physical"], 200) == data
    row = walk(guest, qvmi, "linux_banner")
    assert read(guest, qvmi, f"p:{row['physical']:#x}", 13, "-f", "raw") == \
        b"Linux version"


def test_much(guest, qvmi):
    """A huge page at once, as QEMU has it."""
    frame = walk(guest, qvmi, at(guest, "hugetlb.memfd"))["physical"]
    want = guest.physical(frame, 2 << 20)
    assert want.startswith(b"hugetlb page 0\0")
    for address in (f"p:{frame:#x}", at(guest, "hugetlb.memfd")):
        assert read(guest, qvmi, address, "2M", "-f", "raw") == want


def test_physical_limits(guest, qvmi):
    end = 512 << 20
    done = qvmi(guest, "read", f"p:{end - 16:#x}", 32, "-f", "raw", status=1)
    assert done.stdout == guest.physical(end - 16, 16)
    assert b"memory ends at p:0x20000000: not RAM" in done.stderr
    for address in ("0xfee00000", "0xf0000", "0xffffffffff", hex(end)):
        done = qvmi(guest, "read", f"p:{address}", 4, status=1)
        assert done.stdout == b"" and b"not RAM" in done.stderr


def test_refused(guest, qvmi):
    for address, words in [
            ("0xfffffffffffffff0", b"over the end of the address space"),
            ("0x8000000000000000", b"not canonical"),
            ("no_such_symbol", b"no symbol"),
            ("2:0x1000", b"kernel thread"), ("4000000:0", b"no process")]:
        done = qvmi(guest, "read", address, 32, status=1)
        assert done.stdout == b"" and words in done.stderr


@pytest.mark.parametrize("args", [
    ("1:0", "257M"), ("1:0", "0x10000001"), ("1:0", "1G"), ("1:0", "0"),
    ("1:0", "18446744073709551616"), ("1:0", "99999999999G"), ("1:0", "-5"),
    ("1:0", "1T"), ("1:0", ""), ("1:0", "ten"), ("1:0", "0x"), (),
    ("1:0", "1", "2"), ("1:0", "3", "-f", "x2"), ("1:0", "12", "-f", "x8"),
    ("1:0", "4", "-f", "x3"), ("p:init_task", "4"), ("p:", "4")])
def test_usage(qvmi, args):
    """Refused before anybody looks for a guest."""
    done = qvmi("unix:/nonexistent", "read", *args, status=2)
    assert done.stdout == b"" and done.stderr.startswith(b"qvmi: read: ")


@pytest.mark.variant("pti")
@pytest.mark.parametrize("kernel", ["5.10", "6.12"])
def test_pti(variant, qvmi, kernel):
    """With the vCPU in user mode, where the kernel is not mapped."""
    guest = variant("pti", kernel=kernel)
    want = peek(guest, "heap", 4090, 60)
    version = guest.cat("/proc/version").strip()
    stop_in_user_mode(guest)
    try:
        assert read(guest, qvmi, at(guest, "heap", 4090), 60, "-f",
                    "raw") == want
        assert read(guest, qvmi, "linux_banner", len(version), "-f",
                    "raw") == version
    finally:
        guest.cont()


@pytest.mark.variant("la57")
@pytest.mark.parametrize("kernel", ["6.12"])
def test_five_levels(variant, qvmi, kernel):
    guest = variant("la57", kernel=kernel)
    for name in ("border.high", "heap", "pkey"):
        assert read(guest, qvmi, at(guest, name, 4090), 40, "-f", "raw") == \
            peek(guest, name, 4090, 40)


@pytest.mark.variant("split")
@pytest.mark.parametrize("name", ["split-pc", "split-q35"])
def test_above_4g(variant, qvmi, name):
    guest = variant(name)
    frame = walk(guest, qvmi, at(guest, "heap"))["physical"]
    assert frame >= 1 << 32
    want = peek(guest, "heap", 0, 4096)
    for address in (at(guest, "heap"), f"p:{frame:#x}"):
        assert read(guest, qvmi, address, 4096, "-f", "raw") == want
