# SPDX-License-Identifier: BSD-2-Clause
"""What a write does to each kind of page: refused, or seen by whom it may."""

import contextlib
import json

import pytest

from test_pages import RAM, page
from test_walk import at, walk
from test_write import peek, put_back

# (label, offset, options that are missing, words)
REFUSED = [
    ("cow", 8, "--shared", b"/tmp/cow (tmpfs)"),
    ("fork.parent", 8, "--shared", b"2 mappings see it, also PID "),
    ("fork.child", 8, "--shared", b"2 mappings see it, also PID "),
    ("both.parent", 8, "--shared", b"also PID "),
    ("seen.private", 8, "--shared", b"/tmp/seen (tmpfs)"),
    ("seen.shared", 8, "--shared", b"a shared mapping"),
    ("names.plain", 8, "--shared --readonly", b"/tmp/plain (tmpfs)"),
    ("ksm", 8, "--shared", b"KSM has merged"),
    ("in_pipe", 8, "--shared", b"1 reference beyond its mapping"),
    ("lazy_free", 8, "--shared", b"MADV_FREE"),
    ("hugetlb.file", 8, "--shared", b"/mnt/huge/file (hugetlbfs)"),
    ("shared.memfd", 8, "--shared", b"/memfd:qvmi memfd (deleted)"),
    ("socket", 8, "--shared", b"the kernel has allocated"),
    ("prot.read", 8, "--readonly", b"the process may not write there"),
    ("userfault", 4096, "--readonly", b"the page is mapped read-only"),
    ("zero", 8, None, b"the zero page"),
    ("thp.zero", 8, None, b"the huge zero page"),
]


@pytest.mark.parametrize("name,offset,missing,words", REFUSED,
                         ids=[row[0] for row in REFUSED])
def test_refused(guest, qvmi, name, offset, missing, words):
    if name not in guest.labels():
        pytest.skip("not in this kernel")
    before = peek(guest, name, 0, 8192 if offset else 4096)
    options = missing.split() if missing else []
    tries = [[o for o in options if o != left] for left in options] or [
        ["--shared", "--readonly", "--physical"]]
    for given in tries:
        left = " ".join(o for o in options if o not in given)
        done = qvmi(guest, "write", at(guest, name, offset), "0x5a", *given,
                    status=1)
        assert done.stdout == b"" and done.stderr.count(b"\n") == 1
        assert done.stderr.startswith(
            f"qvmi: write: {at(guest, name, offset)}: ".encode())
        if missing:
            assert f"('qvmi write {left}' would write it)".encode() in \
                done.stderr
        else:
            assert b"no option allows it" in done.stderr
        if missing and len(options) == 1 or not missing:
            assert words in done.stderr
    assert peek(guest, name, 0, 8192 if offset else 4096) == before


@pytest.mark.parametrize("name,offset,missing", [
    row[:3] for row in REFUSED if row[2]], ids=[
        row[0] for row in REFUSED if row[2]])
def test_permitted(guest, qvmi, name, offset, missing):
    """With its options the same write is done, and shows what it wrote to."""
    if name not in guest.labels():
        pytest.skip("not in this kernel")
    old = peek(guest, name, offset, 1)
    try:
        done = qvmi(guest, "write", "-J", at(guest, name, offset), "0x5a",
                    *missing.split())
        row, = json.loads(done.stdout)["rows"]
        assert row["kind"] == page(guest, qvmi, at(guest, name,
                                                   offset))[0]["kind"]
        assert peek(guest, name, offset, 1) == b"\x5a"
    finally:
        qvmi(guest, "write", at(guest, name, offset), "hex:" + old.hex(),
             *missing.split())
    assert peek(guest, name, offset, 1) == old


@contextlib.contextmanager
def changed(guest, qvmi, name, value, *options):
    """Writes the first word of a label, and in the end puts it back."""
    old = peek(guest, name, 0, 8)
    start = len(guest.console())
    qvmi(guest, "write", at(guest, name), "-w8", hex(value), *options)
    try:
        yield start
    finally:
        qvmi(guest, "write", at(guest, name), "hex:" + old.hex(), *options)


def sees(guest, who, value, since):
    """A process says that it sees the value."""
    guest.wait_console(f"QVMI-SEES {who} {value:#x}\n", 30, since=since)


@pytest.mark.parametrize("name", ["both.parent", "both.child"])
def test_both_sides_of_a_fork(guest, qvmi, name):
    value = 0x1122334455667700 + len(name)
    with changed(guest, qvmi, name, value, "--shared") as since:
        for who in ("parent", "child"):
            sees(guest, who, value, since)
            assert peek(guest, f"both.{who}", 0, 8) == value.to_bytes(
                8, "little")


def test_one_side_of_a_fork(guest, qvmi):
    """The page that the child has of its own is no matter of the parent's."""
    old = peek(guest, "fork.parent", 4096, 8)
    with put_back(guest, "fork.child", 4096, 8):
        qvmi(guest, "write", at(guest, "fork.child", 4096), "str:mine")
        assert peek(guest, "fork.child", 4096, 4) == b"mine"
        assert peek(guest, "fork.parent", 4096, 8) == old


def test_page_cache(guest, qvmi):
    """A private mapping that was never written to is the file itself."""
    with changed(guest, qvmi, "seen.private", 0x4142434445464748,
                 "--shared") as since:
        sees(guest, "private", 0x4142434445464748, since)
        sees(guest, "shared", 0x4142434445464748, since)
        assert guest.cat("/tmp/seen")[:8] == b"HGFEDCBA"


def test_merged_pages(guest, qvmi):
    if "ksm" not in guest.labels():
        pytest.skip("the pages were not merged")
    with changed(guest, qvmi, "ksm", 0x6161616161616161, "--shared"):
        assert [peek(guest, "ksm", i * 4096, 8) for i in range(4)] == \
            4 * [b"a" * 8]
    assert [peek(guest, "ksm", i * 4096, 8) for i in range(4)] == 4 * [b"k" * 8]


def test_pipe(guest, qvmi):
    """Who reads the pipe gets what was written to the page."""
    with changed(guest, qvmi, "in_pipe", 0x7172737475767778,
                 "--shared") as since:
        sees(guest, "pipe", 0x7172737475767778, since)
        sees(guest, "in-pipe", 0x7172737475767778, since)


def test_lazily_freed(guest, qvmi):
    """One that was written to again is not dropped any more."""
    with put_back(guest, "lazy_free", 4096 + 8, 8):
        qvmi(guest, "write", at(guest, "lazy_free", 4096 + 8), "str:stay")
        assert peek(guest, "lazy_free", 4096 + 8, 4) == b"stay"


def test_range_of_several_kinds(guest, qvmi):
    """The first page that is refused is named, and none is written."""
    before = peek(guest, "cow", 0, 4 * 4096)
    done = qvmi(guest, "write", at(guest, "cow", 4096 + 8),
                "hex:" + "a5" * 8192, status=1)
    assert f"{at(guest, 'cow', 8192)}: ".encode() in done.stderr
    assert peek(guest, "cow", 0, 4 * 4096) == before
    qvmi(guest, "write", at(guest, "cow", 4096 + 8), "hex:" + before[
        4096 + 8:4096 + 8 + 8192].hex(), "--shared")


# frames and the kernel


def refuse(guest, qvmi, address, words, *options):
    """The write is refused with words, and changes nothing."""
    done = qvmi(guest, "write", address, "0x5a", *options, status=1)
    assert done.stdout == b"" and words in done.stderr, done.stderr


def test_frames_of_a_process(guest, qvmi):
    """By its frame, and by the kernel's direct map, a page has an owner."""
    base = int(json.loads(qvmi(guest, "info", "-J").stdout)["rows"][0][
        "page_offset"], 16)
    frame = walk(guest, qvmi, at(guest, "heap", 0x500))["physical"]
    for address in (f"p:{frame:#x}", f"{base + frame:#x}"):
        refuse(guest, qvmi, address, b"mapped 1 time; nothing was written "
               b"('qvmi write --shared' would")
        with put_back(guest, "heap", 0x500, 8) as old:
            qvmi(guest, "write", "--shared", address, "str:here")
            assert peek(guest, "heap", 0x500, 8) == b"here" + old[4:]


def test_zero_page(guest, qvmi):
    frame = walk(guest, qvmi, at(guest, "zero"))["physical"]
    for address in (f"p:{frame:#x}", "empty_zero_page"):
        refuse(guest, qvmi, address, b"no option allows it", "--shared",
               "--readonly", "--physical")
    done = qvmi(guest, "devmem", hex(frame), "w", 4, "0x5a", status=1)
    assert b"the zero page" in done.stderr and done.stdout == b""
    assert guest.physical(frame, 4096) == bytes(4096)


def test_free_pages(guest, qvmi):
    free = [row["physical"] for row in page(guest, qvmi, "p:0", RAM)
            if row["kind"] == "free"]
    frame = free[len(free) // 2]
    before = guest.physical(frame, 8)
    refuse(guest, qvmi, f"p:{frame:#x}", b"a free page", "--shared",
           "--readonly", "--physical")
    done = qvmi(guest, "devmem", hex(frame), "w", 1, "0x5a", status=1)
    assert b"a free page" in done.stderr
    assert guest.physical(frame, 8) == before


def test_kernel_frames(guest, qvmi):
    """A variable by its address, and by its frame."""
    row, = page(guest, qvmi, "panic_timeout")
    assert row["kind"] == "data"
    frame = walk(guest, qvmi, "panic_timeout")["physical"]
    refuse(guest, qvmi, f"p:{frame:#x}", b"--physical' would")
    try:
        qvmi(guest, "write", "--physical", f"p:{frame:#x}", "-w4", 78)
        assert guest.run("cat /proc/sys/kernel/panic") == b"78\n"
    finally:
        qvmi(guest, "write", "panic_timeout", "-w4", "0xffffffff")
    assert guest.run("cat /proc/sys/kernel/panic") == b"-1\n"


def test_kernel_read_only(guest, qvmi):
    """The format behind /proc/version."""
    assert page(guest, qvmi, "linux_proc_banner")[0]["kind"] == "rodata"
    frame = walk(guest, qvmi, "linux_proc_banner")["physical"]
    before = guest.cat("/proc/version")
    text = qvmi(guest, "read", "linux_proc_banner", 2, "-f", "raw").stdout
    refuse(guest, qvmi, "linux_proc_banner", b"--readonly' would")
    refuse(guest, qvmi, f"p:{frame:#x}", b"--readonly --physical' would")
    try:
        qvmi(guest, "write", "--readonly", "linux_proc_banner", "str:>>")
        # without its first %s the words move up
        assert guest.cat("/proc/version").startswith(b">> version Linux ")
    finally:
        qvmi(guest, "write", "--readonly", "--physical", f"p:{frame:#x}",
             "hex:" + text.hex())
    assert guest.cat("/proc/version") == before
    assert page(guest, qvmi, "_stext")[0]["kind"] == "text"


def test_spaces_by_cr3(guest, qvmi):
    """Judged as the process whose page tables these are."""
    row = walk(guest, qvmi, at(guest, "fork.parent"))
    address = f"cr3={row['root']:x}:{row['address']:#x}"
    done = qvmi(guest, "write", address, "0x5a", status=1)
    assert b"2 mappings see it, also PID " in done.stderr
    assert str(guest.labels()["fork.child"].pid).encode() in done.stderr
    row = walk(guest, qvmi, at(guest, "prot.read"))
    refuse(guest, qvmi, f"cr3={row['root']:x}:{row['address']:#x}",
           b"the process may not write there")
    root = walk(guest, qvmi, "init_task")["root"]
    refuse(guest, qvmi, f"cr3={root:x}:{row['address']:#x}", b"no page there")


@pytest.mark.variant("pti")
@pytest.mark.parametrize("kernel", ["5.10"])
def test_either_half_under_pti(variant, qvmi, kernel):
    guest = variant("pti", kernel=kernel)
    row = walk(guest, qvmi, at(guest, "fork.parent"))
    user = walk(guest, qvmi, at(guest, "fork.parent"), "--user-root")
    assert row["root"] != user["root"]
    for root in (row["root"], user["root"]):
        done = qvmi(guest, "write", f"cr3={root:x}:{row['address']:#x}", "1",
                    status=1)
        assert b"2 mappings see it, also PID " in done.stderr
        with put_back(guest, "heap", 0x500, 8) as old:
            there = guest.labels()["heap"]
            mine = walk(guest, qvmi, at(guest, "heap"),
                        *(["--user-root"] if root == user["root"] else []))
            qvmi(guest, "write",
                 f"cr3={mine['root']:x}:{there.addr + 0x500:#x}", "str:here")
            assert peek(guest, "heap", 0x500, 8) == b"here" + old[4:]


@pytest.mark.variant("no-linux")
def test_without_a_kernel(variant, qvmi):
    """Frames can be written all the same, if that is asked for."""
    guest = variant("no-linux").wait_halted()
    before = guest.physical(0x90000, 4)
    refuse(guest, qvmi, "p:0x90000", b"--physical' would")
    assert guest.physical(0x90000, 4) == before
    done = qvmi(guest, "write", "--physical", "p:0x90000", "-w4", "0x1234")
    assert b"note: no kernel was found" in done.stderr
    assert guest.physical(0x90000, 4) == bytes.fromhex("34120000")
    done = qvmi(guest, "devmem", "0x90000", "w", 4, "0x5678")
    assert b"note: no kernel was found" in done.stderr
    assert guest.physical(0x90000, 4) == bytes.fromhex("78560000")
