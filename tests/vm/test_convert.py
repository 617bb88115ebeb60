# SPDX-License-Identifier: BSD-2-Clause
"""convert: all forms of an address agree, with each other and with others."""

import json
import re

import pytest

from test_guest import PFN_MASK
from test_walk import at, gva2gpa

NAMES = ("heap", "stack", "cow", "fork.child", "shared.memfd", "thp.whole",
         "hugetlb.file", "names.plain")
HEX = ("virtual", "physical", "pfn", "page", "direct", "image", "block_offset",
       "host", "describes")
FORMS = {"virtual": "virtual", "physical": "physical", "pfn": "pfn",
         "struct page": "page", "direct map": "direct",
         "kernel image": "image", "RAM block": "block_offset",
         "host virtual": "host", "describes pfn": "describes"}


def convert(guest, qvmi, *addresses, status=0):
    """The rows of `convert -J`; numbers are numbers."""
    rows = json.loads(qvmi(guest, "convert", "-J", *addresses,
                           status=status).stdout)["rows"]
    for row in rows:
        for key in HEX:
            row[key] = None if row[key] is None else int(row[key], 16)
        said = {FORMS[form["form"]]: form for form in row["forms"]}
        for key in HEX:
            value = said[key]["value"] if key in said else None
            assert row[key] == (None if value is None else int(value, 16))
        assert all(form["rule"] for form in row["forms"])
        row["rules"] = {key: form["rule"] for key, form in said.items()}
    return rows


def bases(guest, qvmi):
    """What info tells of the kernel."""
    row, = json.loads(qvmi(guest, "info", "-J").stdout)["rows"]
    return {key: int(row[key], 16) for key in (
        "text", "phys_text", "page_offset", "vmemmap_base")}


def check_frame(guest, row, base, size=512 << 20):
    """The forms of a physical address in RAM, from 1 MiB on, by arithmetic
    and by QEMU's word."""
    pa = row["physical"]
    assert row["pfn"] == pa >> 12
    assert row["page"] == base["vmemmap_base"] + (pa >> 12) * 64
    assert row["direct"] == base["page_offset"] + pa
    assert row["block"] == "pc.ram" and row["block_offset"] == pa < size
    said = guest.hmp(f"gpa2hva {pa:#x}")
    assert row["host"] == int(re.search(r"is (0x[0-9a-f]+)", said)[1], 16)


def test_forms(guest, qvmi):
    base = bases(guest, qvmi)
    pages = {name: guest.labels()[name] for name in NAMES}
    rows = convert(guest, qvmi, *(at(guest, name, 0x1123) for name in NAMES),
                   "linux_banner", "p:0x2345678")
    frames = []
    for (name, label), row in zip(pages.items(), rows):
        entry, = guest.pagemap(label.pid, label.addr + 0x1000)
        assert row["physical"] == (entry & PFN_MASK) << 12 | 0x123, name
        assert row["virtual"] == label.addr + 0x1123
        assert row["pid"] == label.pid
        # what only the boot needed of the image may be a process's now
        assert row["image"] in (None, row["physical"] - base["phys_text"]
                                + base["text"])
        check_frame(guest, row, base)
        frames.append(row)
    banner, physical = rows[len(NAMES):]
    check_frame(guest, banner, base)
    assert banner["image"] == banner["virtual"]
    assert banner["symbol"] == "linux_banner+0x0"
    assert banner["physical"] == (banner["virtual"] - base["text"]
                                  + base["phys_text"])
    assert guest.physical(banner["physical"], 14) == b"Linux version "
    for row in (banner, frames[0]):
        assert gva2gpa(guest, row["direct"]) == row["physical"]
    assert gva2gpa(guest, banner["image"]) == banner["physical"]
    assert physical["physical"] == 0x2345678 and physical["virtual"] is None
    check_frame(guest, physical, base)

    # and back again, from each form that can be given
    back = convert(guest, qvmi, *(f"{row[key]:#x}" for row in frames
                                  for key in ("direct", "page")),
                   *(f"pfn:{row['pfn']:#x}" for row in frames))
    for i, row in enumerate(frames):
        direct, page = back[2 * i], back[2 * i + 1]
        frame = back[2 * len(frames) + i]
        assert direct["physical"] == row["physical"]
        assert direct["describes"] is None
        assert page["describes"] == row["pfn"]
        assert page["physical"] == gva2gpa(guest, row["page"])
        assert frame["physical"] == row["pfn"] << 12
        assert frame["host"] == row["host"] - 0x123


def test_forms_that_are_not_there(guest, qvmi):
    row, = convert(guest, qvmi, at(guest, "zero", 3 * 4096), "--mapped-only",
                   status=1)
    assert row["physical"] is row["page"] is row["host"] is None
    assert "absent" in row["rules"]["physical"]
    apic, far, heap = convert(guest, qvmi, "p:0xfee00000",
                               "p:0x8000000000000000", at(guest, "heap"))
    assert apic["physical"] == 0xfee00000 and apic["pfn"] == 0xfee00
    assert apic["block"] is apic["host"] is apic["image"] is None
    assert apic["rules"]["host"] == "not RAM"
    assert far["page"] is far["direct"] is far["block"] is None
    assert heap["host"]
    text = qvmi(guest, "convert", at(guest, "heap")).stdout.decode()
    assert f"{heap['host']:#x}" in text and "given, of PID" in text
    # the same number as elsewhere: pfn: is a space of all commands
    frame = qvmi(guest, "page", f"pfn:{heap['pfn']:#x}").stdout
    assert frame == qvmi(guest, "page", f"p:{heap['physical']:#x}").stdout


@pytest.mark.variant("split-pc")
def test_block_of_memory_above(variant, qvmi):
    """What lies above 4 GiB goes on in the block where the hole began."""
    guest = variant("split-pc")
    low, high = convert(guest, qvmi, "p:0xbffff000", "p:0x100001000")
    assert low["block_offset"] == 0xbffff000
    assert high["block_offset"] == 0xc0001000
    assert high["host"] - low["host"] == 0x2000


@pytest.mark.variant("no-linux")
def test_no_linux(variant, qvmi):
    guest = variant("no-linux").wait_halted()
    row, = convert(guest, qvmi, "p:0x100123")
    assert row["host"] and row["block_offset"] == 0x100123
    assert row["page"] is row["direct"] is None
