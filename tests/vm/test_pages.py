# SPDX-License-Identifier: BSD-2-Clause
"""What pages are, by the guest's own word; what a write to each does."""

import contextlib
import json

import pytest

from test_guest import NAMES, PFN_MASK, PRESENT, maps_line
from test_walk import at, walk
from test_write import peek, put_back

RAM = 512 << 20
(REFERENCED, UPTODATE, DIRTY, LRU, SLAB, WRITEBACK, BUDDY, ANON, SWAPCACHE,
 SWAPBACKED, HEAD, TAIL, HUGE, UNEVICTABLE, HWPOISON, NOPAGE, KSM, ZERO,
 PGTABLE, RESERVED) = (2, 3, 4, 5, 7, 8, 10, 12, 13, 14, 15, 16, 17, 18, 19,
                       20, 21, 24, 26, 32)
# The names of those that both tell of a page that is not compound.
FLAGS = {"referenced": REFERENCED, "uptodate": UPTODATE, "dirty": DIRTY,
         "lru": LRU, "writeback": WRITEBACK, "swapbacked": SWAPBACKED,
         "unevictable": UNEVICTABLE}
IMAGE = {"text", "rodata", "data", "percpu", "reserved", "zero"}
OWNED = {"anon", "anon-shared", "ksm", "file", "shmem"}

# Per page: a anon, A anon-shared, k ksm, s shmem, f file, K kernel, z zero,
# Z huge-zero; S swapped, . absent.
LETTERS = {"a": "anon", "A": "anon-shared", "k": "ksm", "s": "shmem",
           "f": "file", "K": "kernel", "z": "zero", "Z": "huge-zero",
           "S": "swapped", ".": "absent", "n": "anon"}
KINDS = {
    "heap": "aaaa", "stack": "aaaa", "prot.read": "aaaa", "zero": "zza.",
    "prot.none": "nnnn", "cow": "sass", "beyond_eof": "ss..",
    "fork.parent": "Aa", "fork.child": "Aa", "names.plain": "ss",
    "shared.memfd": "ss", "shared.zero": "ss", "shared.posix": "ss",
    "shared.sysv": "ss", "shared.anon": "ss", "shared.zero_private": "aa",
    "socket": "KKKK", "thp.whole": "aaaa", "thp.split": "aaaaaaaa",
    "thp.cut": "aaaa", "thp.zero": "ZZ", "hugetlb.anon": "aaaa",
    "hugetlb.file": "ffff", "hugetlb.memfd": "ff", "advice.locked": "aa",
    "swap.first": "SSSaSa", "userfault": "aaa", "ksm": "kkkk",
    "both.parent": "A", "both.child": "A", "seen.private": "s",
    "seen.shared": "s", "in_pipe": "a", "lazy_free": "aaaa", "ia32": "aa",
}
HUGETLB = {"hugetlb.anon", "hugetlb.file", "hugetlb.memfd"}
COMPOUND = HUGETLB | {"thp.whole", "thp.split", "thp.cut", "thp.zero",
                      "socket"}


def page(guest, qvmi, address, length=None, status=0):
    """The rows of `page -J`, one for each page."""
    done = qvmi(guest, "page", "-J", address,
                *([length] if length else []), status=status)
    rows = []
    for row in json.loads(done.stdout)["rows"]:
        for i in range(row["pages"]):
            copy = {**row, "address": int(row["address"], 16) + 4096 * i}
            if row["physical"] is not None:
                copy["physical"] = int(row["physical"], 16) + 4096 * i
            rows.append(copy)
    return rows


def is_ksm_anon(guest):
    """6.12's kpageflags calls all anonymous pages KSM."""
    label = guest.labels()["heap"]
    pfn = guest.pagemap(label.pid, label.addr)[0] & PFN_MASK
    return bool(guest.kpageflags(pfn)[0] >> KSM & 1)


def check_flags(row, flags, count, ksm_is_anon):
    """A page is what kpageflags and kpagecount say it is."""
    def has(bit):
        return bool(flags >> bit & 1)
    kind = row["kind"]
    assert has(NOPAGE) == (kind in ("unknown", "not-ram"))
    if has(NOPAGE):
        return
    assert has(HWPOISON) == (kind == "poisoned")
    assert has(SLAB) == (kind == "slab")
    assert has(PGTABLE) == (kind == "page-table")
    assert has(RESERVED) == (kind in IMAGE)
    assert has(ZERO) == (kind in ("zero", "huge-zero"))
    if kind not in IMAGE | {"kernel", "slab", "page-table", "free",
                            "poisoned"}:
        assert has(ANON) == (kind in ("anon", "anon-shared", "ksm"))
        assert has(KSM) == (kind == "ksm" or has(ANON) and ksm_is_anon)
    assert not has(BUDDY) or kind == "free"
    if kind == "free":
        assert has(BUDDY) or has(HUGE)
    if kind in OWNED:
        assert row["hugetlb"] == has(HUGE)
        assert bool(row["compound"]) == (has(HEAD) or has(TAIL))
        assert row["mapcount"] == count
    if kind in ("anon", "anon-shared"):
        assert (kind == "anon") == (count <= 1)
    if kind in ("file", "shmem") and not has(HUGE):
        assert has(SWAPBACKED) == (kind == "shmem")
    if kind in OWNED and not row["compound"]:
        names = set(row["flags"].split(","))
        for name, bit in FLAGS.items():
            assert (name in names) == has(bit), name
        if kind == "anon":
            assert row["swap_cache"] == has(SWAPCACHE)


def test_kinds(guest, qvmi):
    """The pages of the scenes, one by one."""
    labels, quirk = guest.labels(), is_ksm_anon(guest)
    for name, letters in KINDS.items():
        if name not in labels:
            assert name == "ksm"
            continue
        label = labels[name]
        rows = page(guest, qvmi, at(guest, name), 4096 * len(letters))
        entries = guest.pagemap(label.pid, label.addr, len(letters))
        for row, letter, entry in zip(rows, letters, entries, strict=True):
            assert row["kind"] == LETTERS[letter], (name, row)
            assert bool(entry & PRESENT) == (row["physical"] is not None)
            if not entry & PRESENT:
                continue
            pfn = entry & PFN_MASK
            assert row["physical"] == pfn << 12
            flags, = guest.kpageflags(pfn)
            count, = guest.kpagecount(pfn)
            check_flags(row, flags, count, quirk)
            assert bool(row["compound"]) == (name in COMPOUND), name
            assert row["hugetlb"] == (name in HUGETLB)


def test_one_page(guest, qvmi):
    """Any address in a page means the page; text is as JSON."""
    row, = page(guest, qvmi, at(guest, "heap", 0x123))
    assert row["address"] == guest.labels()["heap"].addr
    text = qvmi(guest, "page", at(guest, "heap", 0x123)).stdout.decode()
    head, line = text.splitlines()
    assert head.split()[:6] == ["ADDRESS", "PHYSICAL", "PAGES", "KIND", "MAPS",
                                "REFS"]
    assert line.split()[:5] == [f"{row['address']:#x}",
                                f"{row['physical']:#x}", "1", "anon", "1"]


def test_not_there(guest, qvmi):
    for address, kind in ((at(guest, "zero", 3 * 4096), "absent"),
                          ("0x800000000000", "non-canonical")):
        row, = page(guest, qvmi, address, status=1)
        assert row["kind"] == kind and row["physical"] is None


@pytest.mark.parametrize("name", sorted(NAMES))
def test_files(guest, qvmi, name):
    """The file behind a page, as /proc/PID/maps names it."""
    label = guest.labels()[name]
    if name.startswith("overlay") or not guest.pagemap(
            label.pid, label.addr)[0] & PRESENT:
        return  # a file of another device lies below; or no page at all
    row, = page(guest, qvmi, at(guest, name))
    if row["kind"] not in ("file", "shmem"):
        assert row["file"] is None
        return
    device, inode, path = maps_line(guest, name).split(maxsplit=5)[3:]
    assert b"%02x:%02x" % (row["major"], row["minor"]) == device
    assert row["inode"] == int(inode)
    if name == "mount.bind":  # the same file through another mount
        path = b"/mnt/outer/dir/inner/deep/bound"
    try:
        text = path.replace(b"\\012", b"\n").decode()
    except UnicodeDecodeError:
        return  # escaped, see test_json
    if name != "names.backslash":  # has a \012 of its own
        assert row["file"] == text


def test_all_of_memory(guest, qvmi):
    """Each frame whose word does not change meanwhile."""
    flags = guest.frames("kpageflags", RAM >> 12)
    counts = guest.frames("kpagecount", RAM >> 12)
    rows = page(guest, qvmi, "p:0", RAM)
    flags2 = guest.frames("kpageflags", RAM >> 12)
    counts2 = guest.frames("kpagecount", RAM >> 12)
    assert len(rows) == len(flags) == len(flags2) == RAM >> 12
    compared, kinds, wrong, quirk = 0, {}, [], is_ksm_anon(guest)
    for pfn, row in enumerate(rows):
        if flags[pfn] != flags2[pfn] or counts[pfn] != counts2[pfn]:
            continue
        if row["kind"] == "not-ram":
            continue
        compared += 1
        kinds[row["kind"]] = kinds.get(row["kind"], 0) + 1
        try:
            check_flags(row, flags[pfn], counts[pfn], quirk)
        except AssertionError as error:
            wrong.append((hex(pfn), hex(flags[pfn]), counts[pfn], row["kind"],
                          row["flags"], str(error)[:60]))
    assert not wrong, (len(wrong), wrong[:10], kinds)
    assert compared > (RAM >> 12) * 9 // 10
    for kind in ("anon", "anon-shared", "shmem", "free", "slab", "page-table",
                 "text", "rodata", "data", "percpu", "kernel", "reserved",
                 "zero", "huge-zero"):
        assert kinds[kind], kind


# what a write does

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
