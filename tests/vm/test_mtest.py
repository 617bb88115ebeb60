# SPDX-License-Identifier: BSD-2-Clause
"""listvma, findpage, writeval and devmem: in the words of their ancestors."""

import json
import re

import pytest

from test_guest import PAGES, PFN_MASK, PRESENT
from test_walk import at, walk
from test_write import peek, put_back

NX = 1 << 63
VSYSCALL = 0xffffffffff600000


def areas(guest):
    """{pid: [(start, end, perm)]} of every process, by its maps.

    The server is the last process: who has a higher number is asking.
    """
    text = guest.run("grep -Ho '^[^ ]* ...' /proc/[0-9]*/maps; true").decode()
    last = guest.labels()["server"].pid
    found = {}
    for pid, start, end, perm in re.findall(
            r"/proc/(\d+)/maps:(\w+)-(\w+) (...)", text):
        # the gate area is no VMA of the process
        if int(pid) <= last and int(start, 16) != VSYSCALL:
            found.setdefault(int(pid), []).append(
                (int(start, 16), int(end, 16), perm))
    return found


def findpage(guest, qvmi, address, status=0):
    """The lines that findpage prints."""
    text = qvmi(guest, "findpage", address, status=status).stdout.decode()
    assert text.endswith("\n")
    return text.splitlines()


def pieces(lines):
    """The `name = value` lines."""
    return dict(line.split(" = ") for line in lines
                if line.count(" = ") == 1 and "->" not in line
                and "," not in line)


def test_listvma(guest, qvmi):
    want = areas(guest)
    text = qvmi(guest, "listvma").stdout.decode()
    parts = re.split(r"(?m)^Process = (.*), PID = (\d+)\n", text)
    assert parts[0] == ""
    got = {int(pid): lines for pid, lines in zip(parts[2::3], parts[3::3])}
    assert sorted(got) == sorted(want) and len(got) > 90
    for pid, lines in got.items():
        assert lines == "".join(f"{start:#x} {end:#x} {perm}\n"
                                for start, end, perm in want[pid]), pid
    comms = dict(zip(map(int, parts[2::3]), parts[1::3]))
    labels = guest.labels()
    assert comms[labels["comm.newline"].pid] == r"new\x0aline\x09\\x"
    assert comms[labels["comm.escape"].pid] == r"\x1b[31mred\x1b[0m"
    assert comms[labels["comm.parens"].pid] == "a) R (b)) ("
    rows = json.loads(qvmi(guest, "listvma", "-J").stdout)["rows"]
    assert [(row["pid"], int(row["start"], 16), int(row["end"], 16),
             row["perm"]) for row in rows] == [
        (pid, *area) for pid in sorted(want) for area in want[pid]]


def test_findpage(guest, qvmi):
    """Line for line what mtest prints, with the frame that pagemap names."""
    for name in ("heap", "stack", "names.plain", "prot.exec", "zero",
                 "fork.parent", "border.top", "border.pgd", "ia32"):
        label = guest.labels()[name]
        va = label.addr + 0x678
        frame = guest.pagemap(label.pid, va)[0] & PFN_MASK
        row = walk(guest, qvmi, f"{label.pid}:{va:#x}")
        pgd, pud, pmd, pte = (level["entry"] for level in row["levels"])
        assert findpage(guest, qvmi, f"{label.pid}:{va:#x}") == [
            f"vaddr = {va:#x}", "pgtable_l5_enabled = 0",
            f"current = {row['comm']}, PID = {label.pid}",
            f"pgd_val = {pgd:#x}", f"pgd_index = {va >> 39 & 511}",
            f"p4d_val = {pgd:#x}", "p4d_index = 0",
            f"pud_val = {pud:#x}", f"pud_index = {va >> 30 & 511}",
            f"pmd_val = {pmd:#x}", f"pmd_index = {va >> 21 & 511}",
            f"pte_val = {pte:#x}", f"pte_index = {va >> 12 & 511}",
            f"page_addr = {frame << 12:#x}, page_offset = 0x678",
            f"vaddr = {va:#x} -> paddr = {frame << 12 | 0x678:#x}"]


def test_no_execute_is_no_address_bit(guest, qvmi):
    """mtest printed paddr = 0x8000000106141000 for a page with bit 63."""
    for name in ("heap", "stack", "cow", "thp.whole", "hugetlb.anon"):
        label = guest.labels()[name]
        lines = findpage(guest, qvmi, at(guest, name))
        entry = list(pieces(lines).items())[-2]
        assert entry[0] in ("pte_val", "pmd_val") and int(entry[1], 16) & NX
        frame = guest.pagemap(label.pid, label.addr)[0] & PFN_MASK
        assert lines[-1] == f"vaddr = {label.addr:#x} -> paddr = " \
                            f"{frame << 12:#x}"


def test_findpage_of_huge_pages(guest, qvmi):
    for name in ("thp.whole", "thp.zero", "hugetlb.file"):
        label = guest.labels()[name]
        va = label.addr + 0x12345
        frame = guest.pagemap(label.pid, va)[0] & PFN_MASK
        lines = findpage(guest, qvmi, at(guest, name, 0x12345))
        assert not any(line.startswith("pte") for line in lines)
        assert lines[-2:] == [
            f"page_addr = {(frame << 12) - 0x12000:#x}, "
            "page_offset = 0x12345",
            f"vaddr = {va:#x} -> paddr = {frame << 12 | 0x345:#x}"]


def test_translation_not_found(guest, qvmi):
    """Every page of PAGES that pagemap has no frame for."""
    for name in ("zero", "beyond_eof", "swap.first", "swap.shared"):
        label = guest.labels()[name]
        entries = guest.pagemap(label.pid, label.addr, len(PAGES[name]))
        for page, entry in enumerate(entries):
            where = at(guest, name, page * 4096)
            if entry & PRESENT:
                last = findpage(guest, qvmi, where)[-1]
                assert last.endswith(
                    f"paddr = {(entry & PFN_MASK) << 12:#x}")
                continue
            lines = findpage(guest, qvmi, where, status=1)
            assert lines[-2:] == ["not mapped in pte",
                                  "translation not found"]
            assert "paddr" not in " ".join(lines)
    for address, level in ((1 << 46, "p4d"), (1 << 40, "p4d")):
        lines = findpage(guest, qvmi, f"1:{address:#x}", status=1)
        assert lines[-2:] == [f"not mapped in {level}",
                              "translation not found"]
        assert pieces(lines)["p4d_val"] == "0x0"
    lines = findpage(guest, qvmi, "1:0x800000000000", status=1)
    assert lines[-1] == "translation not found"


def test_findpage_json(guest, qvmi):
    row = walk(guest, qvmi, at(guest, "heap", 9))
    found, = json.loads(qvmi(guest, "findpage", "-J", at(
        guest, "heap", 9)).stdout)["rows"]
    entries = [level["entry"] for level in row["levels"]]
    assert [level["name"] for level in found["levels"]] == [
        "pgd", "p4d", "pud", "pmd", "pte"]
    assert [int(level["value"], 16) for level in found["levels"]] == [
        entries[0], *entries]
    assert found["paddr"] == f"{row['physical']:#x}"
    assert found["page_offset"] == "0x9" and found["comm"] == "heap"
    done = qvmi(guest, "findpage", "-J", at(guest, "zero", 3 * 4096),
                status=1)
    found, = json.loads(done.stdout)["rows"]
    assert found["paddr"] is found["page_addr"] is None


def test_writeval(guest, qvmi):
    for name, offset in (("heap", 0xfff), ("hugetlb.anon", 4096),
                         ("thp.whole", 0x54321), ("stack", 1)):
        with put_back(guest, name, offset, 2) as old:
            new = old[0] ^ 0xa5
            done = qvmi(guest, "writeval", at(guest, name, offset), hex(new))
            assert done.stdout == b"found\n" and done.stderr == b""
            assert peek(guest, name, offset, 2) == bytes([new, old[1]])


def last_area(guest, pid):
    """The first area of a process with nothing behind it, that it writes."""
    found = areas(guest)[pid]
    return next((start, end) for (start, end, perm), (after, _, _) in zip(
        found, found[1:]) if end != after and perm[1] == "w")


def test_writeval_finds_no_vma(guest, qvmi):
    """The end of an area does not belong to it; mtest thought so."""
    pid = guest.labels()["border.pgd"].pid
    _, end = last_area(guest, pid)
    for address in (end, 0x10, 0x7000_0000_0000, VSYSCALL, 1 << 63):
        done = qvmi(guest, "writeval", f"{pid}:{address:#x}", "1", status=1)
        assert done.stdout == b""
        assert done.stderr == f"qvmi: writeval: {pid}:{address:#x}: " \
                              "vma not found\n".encode()


def test_writeval_at_the_last_byte(guest, qvmi):
    label = guest.labels()["border.pgd"]
    with put_back(guest, "border.pgd", label.len - 1, 1):
        qvmi(guest, "writeval", at(guest, "border.pgd", label.len - 1), "7")
        assert peek(guest, "border.pgd", label.len - 1, 1) == b"\7"
    qvmi(guest, "writeval", at(guest, "border.pgd", label.len), "7", status=1)


@pytest.mark.parametrize("name,offset,words", [
    ("prot.read", 0, "vma has no write permission"),
    ("prot.none", 0, "vma has no write permission"),
    ("names.plain", 5, "vma has no write permission"),
    ("zero", 3 * 4096, "pte not found"),
    ("beyond_eof", 2 * 4096, "pte not found"),
    ("swap.first", 0, "pte not found"),
    ("swap.shared", 0, "pte not found")])
def test_writeval_refuses(guest, qvmi, name, offset, words):
    label = guest.labels()[name]
    before = guest.pagemap(label.pid, label.addr + offset)
    done = qvmi(guest, "writeval", at(guest, name, offset), "0xa5", status=1)
    assert done.stdout == b""
    assert done.stderr == f"qvmi: writeval: {label.pid}:" \
                          f"{label.addr + offset:#x}: {words}\n".encode()
    assert guest.pagemap(label.pid, label.addr + offset) == before
    if before[0] & PRESENT:
        frame = (before[0] & PFN_MASK) << 12 | offset & 4095
        assert guest.physical(frame, 1) != b"\xa5"


def test_writeval_spares_shared_frames(guest, qvmi):
    """The zero page is everybody's: mtest would have changed it."""
    frame = guest.pagemap(guest.labels()["zero"].pid,
                          guest.labels()["zero"].addr)[0] & PFN_MASK
    done = qvmi(guest, "writeval", at(guest, "zero"), "1", status=1)
    assert b"the zero page" in done.stderr and done.stdout == b""
    assert guest.physical(frame << 12, 4096) == bytes(4096)


@pytest.mark.parametrize("name,words", [
    ("shared.posix", b"the page cache of /dev/shm/posix (tmpfs)"),
    ("cow", b"the page cache of /tmp/cow (tmpfs)"),
    ("fork.child", b"2 mappings see it")])
def test_writeval_spares_others(guest, qvmi, name, words):
    """What mtest wrote to behind the back of all who share it."""
    before = peek(guest, name, 0, 2)
    done = qvmi(guest, "writeval", at(guest, name), "0x77", status=1)
    assert done.stdout == b"" and words in done.stderr
    assert b"'qvmi write --shared' would write it" in done.stderr
    assert peek(guest, name, 0, 2) == before


def test_writeval_knows_processes(guest, qvmi):
    for address, words in (("2:0x1000", b"is a kernel thread"),
                           ("4000000:0", b"no process with pid 4000000")):
        done = qvmi(guest, "writeval", address, "1", status=1)
        assert words in done.stderr and done.stdout == b""


@pytest.mark.parametrize("width", [1, 2, 4, 8])
def test_devmem(guest, qvmi, width):
    """A page of a process through its frame, read and written."""
    label = guest.labels()["heap"]
    offset = 0x600 + 2 * width
    frame = guest.pagemap(label.pid, label.addr)[0] & PFN_MASK
    address = frame << 12 | offset
    with put_back(guest, "heap", 0x600, 32):
        filled = bytes(range(0x90, 0xb0))
        guest.poke(label.pid, label.addr + 0x600, filled)
        was = int.from_bytes(filled[2 * width:3 * width], "little")
        digits = 2 * width
        done = qvmi(guest, "devmem", f"{address:#x}", "r", width)
        assert done.stdout.decode() == f"{address:#x}: 0x{was:0{digits}x}\n"
        value = 0x0123456789abcdef >> 64 - 8 * width
        done = qvmi(guest, "devmem", f"p:{address}", "w", width, hex(value))
        assert done.stdout.decode() == \
            f"{address:#x}: 0x{was:0{digits}x} -> 0x{value:0{digits}x}\n"
        assert peek(guest, "heap", 0x600, 32) == (
            filled[:2 * width] + value.to_bytes(width, "little")
            + filled[3 * width:])
        row, = json.loads(qvmi(guest, "devmem", "-J", hex(address), "r",
                               width).stdout)["rows"]
        assert row == {"address": hex(address), "width": width,
                       "value": hex(value), "old": None}


def test_devmem_across_pages(guest, qvmi):
    """Unaligned, over a page border of physical memory."""
    frame = walk(guest, qvmi, at(guest, "hugetlb.anon", 0xffd))["physical"]
    data = peek(guest, "hugetlb.anon", 0xffd, 8)
    value = int.from_bytes(data, "little")
    assert qvmi(guest, "devmem", hex(frame), "r", "8").stdout.decode() == \
        f"{frame:#x}: 0x{value:016x}\n"


@pytest.mark.parametrize("address", [
    "0xfee00000", "0xfec00000", "0x20000000", "0x1ffffffd", "0xf0000",
    "0xfffffffffffffffc", "0xffffffffffffffff", "0xfffffffff000"])
def test_devmem_is_for_ram(guest, qvmi, address):
    """Nothing else is touched: a read may already change a device."""
    for args in (("r", "4"), ("w", "4", "0x12345678")):
        done = qvmi(guest, "devmem", address, *args, status=1)
        assert done.stdout == b""
        assert b"is not RAM" in done.stderr


@pytest.mark.parametrize("args", [
    ("findpage", "p:0x1000"), ("findpage",), ("findpage", "1:0", "2"),
    ("writeval", "1:0"), ("writeval", "1:0", "256"), ("writeval", "0", "1"),
    ("writeval", "p:0", "1"), ("writeval", "1:0", "x"),
    ("writeval", "cr3=1000:0", "1"), ("listvma", "1"),
    ("devmem", "0"), ("devmem", "0", "r"), ("devmem", "0", "r", "3"),
    ("devmem", "0", "x", "4"), ("devmem", "0", "r", "4", "1"),
    ("devmem", "0", "w", "4"), ("devmem", "0", "w", "1", "256"),
    ("devmem", "0", "w", "2", "0x10000"), ("devmem", "k:0", "r", "4"),
    ("devmem", "1:0", "r", "4"), ("devmem", "init_task", "r", "4"),
    ("devmem", "0", "w", "4", "0x100000000")])
def test_usage(qvmi, args):
    """Refused before anybody looks for a guest."""
    done = qvmi("unix:/nonexistent", *args, status=2)
    assert done.stdout == b"" and done.stderr.startswith(b"qvmi: ")


@pytest.mark.variant("la57")
@pytest.mark.parametrize("kernel", ["6.12"])
def test_five_levels(variant, qvmi, kernel):
    guest = variant("la57", kernel=kernel)
    label = guest.labels()["border.high"]
    lines = findpage(guest, qvmi, at(guest, "border.high"))
    said = pieces(lines)
    assert said["pgtable_l5_enabled"] == "1"
    assert said["pgd_index"] == str(label.addr >> 48)
    assert said["p4d_index"] == str(label.addr >> 39 & 511)
    assert said["pgd_val"] != said["p4d_val"]
    frame = guest.pagemap(label.pid, label.addr)[0] & PFN_MASK
    assert lines[-1].endswith(f"paddr = {frame << 12:#x}")
    # key and no-execute lie in the high bits of an entry
    label = guest.labels()["pkey"]
    lines = findpage(guest, qvmi, at(guest, "pkey"))
    assert int(pieces(lines)["pte_val"], 16) >> 59 == 16 | label.key
    frame = guest.pagemap(label.pid, label.addr)[0] & PFN_MASK
    assert lines[-1].endswith(f"paddr = {frame << 12:#x}")
    with put_back(guest, "border.high", 4096, 1):
        qvmi(guest, "writeval", at(guest, "border.high", 4096), "0x77")
        assert peek(guest, "border.high", 4096, 1) == b"\x77"
