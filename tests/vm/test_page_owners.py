# SPDX-License-Identifier: BSD-2-Clause
"""Where pages belong and to whom: node, zone, free list, control group, slab
cache; by the guest's own word for all of its memory."""

import collections
import json
import re
import time

import pytest
from mounting import WAIT

RAM = 512 << 20
GROUP = "/qvmi/inner"
FILE = "/qvmi-charged"
# In a mount namespace of its own: the guest's mounts stay what they are.
SHELL = ("unshare -m sh -c 'mkdir -p /tmp/cg && mount -t cgroup2 c /tmp/cg && "
         "cd /tmp/cg && {}'")


def rows_of(guest, qvmi, ram=RAM):
    """The rows of `page -J` for all of memory, with numbers for pfns."""
    rows = json.loads(qvmi(guest, "page", "-J", "p:0", ram).stdout)["rows"]
    for row in rows:
        row["pfn"] = int(row["address"], 16) >> 12
    return rows


def frames_of(rows):
    """(pfn, row) of each frame that has a struct page."""
    for row in rows:
        if row["section"] is not None:
            for i in range(row["pages"]):
                yield row["pfn"] + i, row


def zone_ranges(guest):
    """{(node, zone): range of pfns} of /proc/zoneinfo."""
    ranges = {}
    for part in re.split(r"(?m)^(?=Node)", guest.cat("/proc/zoneinfo").decode()):
        if head := re.match(r"Node (\d+), zone +(\w+)", part):
            spanned = int(re.search(r"spanned +(\d+)", part)[1])
            if start := re.search(r"start_pfn: +(\d+)", part):
                ranges[int(head[1]), head[2]] = range(
                    int(start[1]), int(start[1]) + spanned)
    return ranges


def check_zones(guest, rows):
    """Each frame is in the range of its zone; the zones that were seen."""
    ranges, seen = zone_ranges(guest), collections.Counter()
    for row in rows:
        if row["section"] is None:
            continue
        last = row["pfn"] + row["pages"] - 1
        assert row["section"] == row["pfn"] >> 15
        zone = row["node"], row["zone"]
        if row["kind"] == "reserved" and zone not in ranges:
            continue  # a hole: nobody has said where it belongs
        if row["kind"] != "reserved":
            assert row["pfn"] in ranges[zone] and last in ranges[zone], row
        seen[zone] += row["pages"]
    return seen


def free_lists(guest):
    """{(node, zone, type, order): blocks} of /proc/pagetypeinfo."""
    lists = {}
    for line in guest.cat("/proc/pagetypeinfo").decode().splitlines():
        if found := re.match(r"Node +(\d+), zone +(\w+), type +(\w+)((?: +\d+)+)",
                             line):
            for order, count in enumerate(found[4].split()):
                lists[int(found[1]), found[2], found[3], order] = int(count)
    return lists


def slab_frames(guest):
    """{cache: frames} of /proc/slabinfo."""
    frames = {}
    for line in guest.cat("/proc/slabinfo").decode().splitlines()[2:]:
        words = line.split()
        frames[words[0]] = int(words[5]) * int(words[14])
    return frames


def agree(before, after, ours, least):
    """Where the guest's word did not change meanwhile, ours is it."""
    steady = [key for key in before if before[key] == after.get(key)]
    wrong = [(key, before[key], ours.get(key, 0)) for key in steady
             if ours.get(key, 0) != before[key]]
    assert not wrong, (len(wrong), len(steady), wrong[:10])
    assert sum(1 for key in steady if before[key]) > least


def test_all_of_memory(guest, qvmi):
    """Zones, free lists, caches and groups, all in one look."""
    def word():
        return (free_lists(guest), slab_frames(guest),
                guest.frames("kpagecgroup", RAM >> 12))

    qvmi(guest, "page", "p:0")  # what the first one costs is over
    lists, slabs, groups = word()
    rows = rows_of(guest, qvmi)
    lists2, slabs2, groups2 = word()
    seen = check_zones(guest, rows)
    assert seen[0, "DMA"] > 1000 and seen[0, "DMA32"] > 100000

    ours = collections.Counter()
    for row in rows:
        if row["kind"] == "free" and row["migratetype"]:
            ours[row["node"], row["zone"], row["migratetype"],
                 row["order"]] += row["pages"] / (1 << row["order"])
    agree(lists, lists2, ours, 8)
    ours = collections.Counter()
    for row in rows:
        if row["slab"]:
            assert row["kind"] == "slab"
            ours[row["slab"]] += row["pages"]
    agree(slabs, slabs2, ours, 40)

    compared = collections.Counter()
    for pfn, row in frames_of(rows):
        if groups[pfn] != groups2[pfn] or row["compound"]:
            continue
        if row["kind"] == "slab":
            continue  # its objects are charged, each to another
        assert (row["cgroup_inode"] or 0) == groups[pfn], row
        assert (row["cgroup"] is None) == (row["cgroup_inode"] is None)
        compared[row["kind"], bool(groups[pfn])] += 1
    assert compared["anon", True] > 100 and compared["free", False] > 10000


LISTS = {"slab": {"slab"}, "anon": {"anon", "anon-shared"}, "buddy": {"free"},
         "table": {"page-table"}, "file": {"file"}, "shmem": {"shmem"},
         "reserved": {"reserved", "text", "rodata", "data", "percpu"}}


def test_lists(guest, qvmi):
    """Those of a kind, among all pages of a guest that stands still."""
    guest.qmp("stop")
    try:
        rows = [row for row in rows_of(guest, qvmi)
                if row["kind"] != "not-ram"]
        for kind, kinds in LISTS.items():
            listed = json.loads(qvmi(guest, "page", "-J", "--list",
                                     kind).stdout)["rows"]
            assert listed == [
                {key: row[key] for key in row if key != "pfn"}
                for row in rows if row["kind"] in kinds], kind
        listed = json.loads(qvmi(guest, "page", "-J", "--list",
                                 "hugetlb").stdout)["rows"]
        huge = [row for row in rows if row["hugetlb"]]
        assert [row["address"] for row in listed] == [
            row["address"] for row in huge] != []
        done = qvmi(guest, "page", "--list", "offline", status=1)
        assert b"no page of RAM is of kind 'offline'" in done.stderr
    finally:
        guest.qmp("cont")


def test_groups(guest, qvmi):
    """The path of a group, and of one that is gone: what is left of it."""
    def run(command):
        return guest.run(SHELL.format(command)).decode()

    def charged():
        row, *_ = [row for row in rows_of(guest, qvmi)
                   if row["file"] == FILE]
        pfn = row["pfn"]
        assert guest.frames("kpagecgroup", pfn + 1)[pfn] == row["cgroup_inode"]
        return row

    run("echo +memory >cgroup.subtree_control && mkdir -p qvmi && "
        "echo +memory >qvmi/cgroup.subtree_control && mkdir qvmi/inner && "
        "echo 0 >qvmi/inner/cgroup.procs && "
        f"dd if=/dev/zero of={FILE} bs=4096 count=8")
    try:
        inode = int(run("ls -di qvmi/inner").split()[0])
        row = charged()
        assert row["cgroup"] == GROUP and row["cgroup_inode"] == inode
        inode = int(run("ls -di qvmi").split()[0])
        end = time.monotonic() + WAIT
        run("rmdir qvmi/inner")
        # What is left of it goes by and by.
        while guest.frames("kpagecgroup", row["pfn"] + 1)[row["pfn"]] != inode:
            assert time.monotonic() < end
        row = charged()
        assert row["cgroup"] == "/qvmi" and row["cgroup_inode"] == inode
    finally:
        run(f"rm -f {FILE}; rmdir qvmi/inner qvmi 2>/dev/null; true")


@pytest.mark.variant("numa")
def test_nodes(variant, qvmi):
    guest = variant("numa")
    seen = check_zones(guest, rows_of(guest, qvmi))
    assert seen[0, "DMA32"] > 50000 and seen[1, "DMA32"] > 50000
