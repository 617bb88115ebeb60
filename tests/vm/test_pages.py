# SPDX-License-Identifier: BSD-2-Clause
"""What pages are, by the guest's own word."""

import json

import pytest

from test_guest import NAMES, PFN_MASK, PRESENT, maps_line
from test_walk import at

RAM = 512 << 20
(REFERENCED, UPTODATE, DIRTY, LRU, SLAB, WRITEBACK, BUDDY, ANON, SWAPCACHE,
 SWAPBACKED, HEAD, TAIL, HUGE, UNEVICTABLE, HWPOISON, NOPAGE, KSM, THP, ZERO,
 PGTABLE, RESERVED) = (2, 3, 4, 5, 7, 8, 10, 12, 13, 14, 15, 16, 17, 18, 19,
                       20, 21, 22, 24, 26, 32)
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
    # what is told of them is so; what is not counted is not told
    assert (row["mapcount"] or 0) == count
    if kind in OWNED:
        assert row["hugetlb"] == has(HUGE)
        assert bool(row["compound"]) == (has(HEAD) or has(TAIL))
        assert row["mapcount"] is not None
    if kind in ("anon", "anon-shared"):
        assert (kind == "anon") == (count <= 1)
    # Up to 6.8 the word of a tail page tells nothing of its folio.
    bare = flags & ~(1 << THP) == 1 << TAIL
    if kind in ("file", "shmem") and not has(HUGE) and not bare:
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


def compare_frames(guest, qvmi, ram):
    """Each frame whose word does not change meanwhile: how many, how many of
    each kind, and what is wrong with those that differ."""
    flags = guest.frames("kpageflags", ram >> 12)
    counts = guest.frames("kpagecount", ram >> 12)
    rows = page(guest, qvmi, "p:0", ram)
    flags2 = guest.frames("kpageflags", ram >> 12)
    counts2 = guest.frames("kpagecount", ram >> 12)
    assert len(rows) == len(flags) == len(flags2) == ram >> 12
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
    return compared, kinds, wrong


def test_all_of_memory(guest, qvmi):
    compared, kinds, wrong = compare_frames(guest, qvmi, RAM)
    assert not wrong, (len(wrong), wrong[:10], kinds)
    assert compared > (RAM >> 12) * 9 // 10
    for kind in ("anon", "anon-shared", "shmem", "free", "slab", "page-table",
                 "text", "rodata", "data", "percpu", "kernel", "reserved",
                 "zero", "huge-zero"):
        assert kinds[kind], kind
