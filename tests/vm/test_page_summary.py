# SPDX-License-Identifier: BSD-2-Clause
"""How all of RAM is used, by the guest's own words for every frame of it."""

import collections
import json

import pytest

from test_managers import rows
from test_pages import (ANON, BUDDY, HUGE, HWPOISON, KSM, PGTABLE, RAM,
                        RESERVED, SLAB, is_ksm_anon)

NAMES = {3: "uptodate", 5: "lru", SLAB: "slab", BUDDY: "buddy", 11: "mmap",
         ANON: "anonymous", 14: "swapbacked", 15: "compound_head",
         16: "compound_tail", HUGE: "huge", 22: "thp", 24: "zero_page",
         PGTABLE: "pgtable", RESERVED: "reserved"}
FEW = 4096  # frames that may be given and taken while a guest has nothing to do


def ram_frames(guest, qvmi):
    """The numbers of all frames of RAM."""
    row, = rows(guest, qvmi, "info")
    return [pfn for part in row["ram"]
            for pfn in range(int(part["start"], 16) >> 12,
                             (int(part["start"], 16) + part["size"]) >> 12)]


def words(guest, frames, quirk):
    """kpageflags of all frames; where it takes all of them for KSM's, of
    none."""
    flags = guest.frames("kpageflags", RAM >> 12)
    return [flags[pfn] & ~(1 << KSM if quirk else 0) for pfn in frames]


def in_bounds(count, before, after, has):
    """As many frames as have it before and after, but for those that have
    changed meanwhile."""
    same = sum(has(a) for a, b in zip(before, after) if a == b)
    moved = sum(a != b for a, b in zip(before, after))
    return same <= count <= same + moved


def check_classes(row, before, after, quirk):
    """Each word, and how many frames have it."""
    ours = collections.Counter()
    for entry in row["classes"]:
        assert entry["bytes"] == entry["pages"] * 4096 > 0
        flags = int(entry["flags"], 16)
        ours[flags & ~(1 << KSM if quirk else 0)] += entry["pages"]
        names = entry["names"].split(",")
        for bit, name in NAMES.items():
            assert (name in names) == bool(flags >> bit & 1)
    for flags in set(ours) | set(before):
        assert in_bounds(ours[flags], before, after,
                         lambda word, flags=flags: word == flags), hex(flags)
    assert len(ours) > 30


def check_owners(row, before, after):
    """Those that kpageflags tells, too."""
    owners = collections.Counter()
    for entry in row["owners"]:
        owners[entry["owner"]] += entry["pages"]
    assert sum(owners.values()) == row["pages"]

    def has(word, *bits):
        return all(word >> bit & 1 for bit in bits)

    for owner, is_so in (
            ("slab", lambda word: has(word, SLAB)),
            ("page-table", lambda word: has(word, PGTABLE)),
            ("buddy", lambda word: has(word, BUDDY)),
            ("reserved", lambda word: has(word, RESERVED)),
            ("hugetlb", lambda word: has(word, HUGE)),
            ("poisoned", lambda word: has(word, HWPOISON))):
        assert in_bounds(owners[owner], before, after, is_so), owner
    assert in_bounds(owners["anon"] + owners["ksm"], before, after,
                     lambda word: has(word, ANON) and not any(
                         has(word, bit) for bit in (SLAB, HUGE, HWPOISON)))
    assert sum(entry["pages"] for entry in row["slabs"]) == owners["slab"]
    for owner in ("file", "shmem", "kernel", "stack", "unreferenced"):
        assert owner in owners or owner == "file"
    return owners


def slabs_of(guest):
    """{cache: (how many slabs it has, pages of one)}."""
    found = {}
    for line in guest.cat("/proc/slabinfo").decode().splitlines()[2:]:
        name, *rest = line.split()
        found[name] = int(rest[-2]), int(rest[4])
    return found


def check_caches(row, before, after):
    """A cache has its slabs: of the size that it says, or of a smaller one
    where memory was in pieces."""
    pages = {entry["cache"]: entry["pages"] for entry in row["slabs"]}
    assert set(pages) <= set(before)
    still = {name for name in before if before[name] == after[name]}
    assert len(still) > len(before) * 3 // 4
    for name in still:
        slabs, each = before[name]
        assert slabs <= pages.get(name, 0) <= slabs * each, name


def test_summary(guest, qvmi):
    """All that is counted, while the guest counts the same before and after
    it; the stacks are those of all threads."""
    frames, quirk = ram_frames(guest, qvmi), is_ksm_anon(guest)
    before, slabs = words(guest, frames, quirk), slabs_of(guest)
    row, = rows(guest, qvmi, "page", "--summary")
    slabs = slabs, slabs_of(guest)
    after = words(guest, frames, quirk)
    assert row["pages"] == len(frames) and row["ram"] == len(frames) * 4096
    assert row["holes"] == (frames[-1] + 1 - len(frames)) * 4096
    assert sum(a != b for a, b in zip(before, after)) < FEW
    check_classes(row, before, after, quirk)
    owners = check_owners(row, before, after)
    check_caches(row, *slabs)
    threads = len(rows(guest, qvmi, "ps", "-t"))
    assert abs(owners["stack"] - 4 * threads) <= 4 * 8
    status, seen = qvmi.on_terminal(qvmi.argv(guest, "page", "-s"))
    assert status == 0 and b"By owner:" in seen and b"########" in seen


@pytest.mark.unsanitized("a sanitizer keeps what was freed, and shadows it")
@pytest.mark.any_kernel
@pytest.mark.variant("split")
def test_gigabytes(variant, qvmi):
    """4 GiB in two parts take no more memory than a small guest does."""
    guest = variant("split-pc")
    done = qvmi(guest, "page", "--summary", "--json", "--stats")
    row, = json.loads(done.stdout)["rows"]
    frames = ram_frames(guest, qvmi)
    assert row["pages"] == len(frames) > (4 << 30 >> 12) - 256
    assert row["holes"] == (frames[-1] + 1 - len(frames)) * 4096 > 256 << 20
    for name in ("owners", "classes"):
        assert sum(entry["pages"] for entry in row[name]) == len(frames)
    assert json.loads(done.stdout)["stats"]["rss_kib"] < 96 << 10
