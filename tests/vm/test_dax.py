# SPDX-License-Identifier: BSD-2-Clause
"""Persistent memory: pages that are a file's without being a cache of it."""

import re

import pytest

from test_guest import PFN_MASK, maps_line
from test_maps import assert_all_equal
from test_pages import page
from test_walk import at

# Before and since 6.15, when these pages became folios.
FLAVOURS = ["6.1-amd64", "7.2-amd64"]

COUNTED = {"7.2-amd64"}  # from 6.15 on

pytestmark = pytest.mark.variant("dax")


def entries_of(guest, name):
    """What pagemap has of a label's four pages."""
    label = guest.labels()[name]
    return guest.pagemap(label.pid, label.addr, 4)


@pytest.mark.parametrize("flavour", FLAVOURS)
def test_dax(variant, qvmi, flavour):
    guest = variant("dax", kernel=flavour)
    assert_all_equal(guest, qvmi)
    mounts = guest.cat("/proc/1/mounts")
    assert re.search(rb" /mnt/dax ext4 \S*,dax=always", mounts)
    assert qvmi(guest, "cat", "1/mounts").stdout == mounts
    kinds = {"dax.shared": ["dax", "dax", "dax", "absent"],
             "dax.private": ["dax", "anon", "absent", "absent"]}
    for name, want in kinds.items():
        rows = page(guest, qvmi, at(guest, name), 4 * 4096)
        assert [row["kind"] for row in rows] == want, name
        entries = entries_of(guest, name)
        for row, entry in zip(rows, entries, strict=True):
            if row["kind"] != "dax":
                continue
            assert row["physical"] >> 12 == entry & PFN_MASK
            # kpagecount does not speak of frames that are no RAM
            maps = sum(other & PFN_MASK == entry & PFN_MASK
                       for each in kinds for other in entries_of(guest, each))
            assert row["mapcount"] == (maps if flavour in COUNTED else None)
            device, inode, path = maps_line(guest, name).split(maxsplit=5)[3:]
            assert row["file"] == path.decode() == "/mnt/dax/file"
            assert row["inode"] == int(inode) and row["fs"] == "ext4"
            assert b"%02x:%02x" % (row["major"], row["minor"]) == device
    done = qvmi(guest, "write", at(guest, "dax.shared"), "1", status=1)
    assert b"the DAX memory of /mnt/dax/file (ext4)" in done.stderr


@pytest.mark.parametrize("flavour", FLAVOURS)
def test_all_of_it(variant, qvmi, flavour):
    """64 MiB of it, from 256 MiB on; some is the file system's own."""
    guest = variant("dax", kernel=flavour)
    rows = page(guest, qvmi, "p:0x10000000", "64M")
    assert {row["kind"] for row in rows} == {"dax"}
    assert {row["file"] for row in rows} == {"/mnt/dax/file", None}


@pytest.mark.parametrize("flavour", FLAVOURS)
def test_an_emergency(variant, qvmi, flavour):
    """ext4 that has met an error says so from 6.15 on."""
    guest = variant("dax", kernel=flavour)
    guest.run("mount -o remount,errors=remount-ro /mnt/dax; "
              "echo 1 > /sys/fs/ext4/pmem0/trigger_fs_error")
    mounts = guest.cat("/proc/1/mounts")
    assert (b",emergency_ro" in mounts) == (flavour in COUNTED)
    assert qvmi(guest, "cat", "1/mounts").stdout == mounts
