# SPDX-License-Identifier: BSD-2-Clause
"""Guests in protected mode: their tables are walked as their CPUs do."""

import json
import re

import pytest

from test_lesson import assert_sound
from test_walk import gva2gpa, permissions, walk

# Addresses of guest/bootsector32.S and bootsector_pae.S: (levels, rights).
PAGES = {
    "32-bit": {0x7dfe: (1, "rwx"), 0xc0007dfe: (1, "rwx"),
               0xfffffdfe: (2, "r-x"), 0xffffd123: (2, "rwx")},
    "pae": {0x7dfe: (2, "rwx"), 0xc0007dfe: (2, "rwx"),
            0xfffffdfe: (3, "r-x"), 0xffffd123: (3, "rw-")},
}
HOLES = {"32-bit": [0x400000, 0xffffc000], "pae": [0x200000, 0xffffc000]}
# Where the boot sector is mapped; the PAE guest has one directory twice.
CODE = {"32-bit": [0x7c00, 0xc0007c00, 0xfffffc00],
        "pae": [0x7c00, 0x3ffffc00, 0xc0007c00, 0xfffffc00]}
ROOT = {"32-bit": 0x1000, "pae": 0x1020}
PAGING = {"32-bit": "32-bit", "pae": "PAE"}


@pytest.fixture(params=["32-bit", "pae"])
def narrow(request, variant):
    """(name, guest) of each, halted in protected mode."""
    return request.param, variant(request.param).wait_halted()


@pytest.mark.variant("no-linux")
def test_walk(narrow, qvmi):
    """Address for address what QEMU's own walk finds."""
    name, guest = narrow
    for address, (levels, rights) in PAGES[name].items():
        row = walk(guest, qvmi, f"cr3={ROOT[name]:#x}:{address:#x}",
                   "--explain")
        assert_sound(row)
        assert sum(part["width"] for part in row["address_parts"]) == 32
        assert row["paging"] == PAGING[name] and row["root"] == ROOT[name]
        assert row["physical"] == gva2gpa(guest, address) is not None
        assert len(row["levels"]) == levels
        assert permissions(row) == rights
    for address in HOLES[name]:
        row = walk(guest, qvmi, f"cr3={ROOT[name]:#x}:{address:#x}")
        assert row["result"] == "absent" and row["physical"] is None
        assert gva2gpa(guest, address) is None
    row = walk(guest, qvmi, f"cr3={ROOT[name]:#x}:0x100000000")
    assert row["result"] == "non-canonical" and not row["levels"]


@pytest.mark.variant("no-linux")
def test_read(narrow, qvmi):
    name, guest = narrow
    for address in (0x7c00, 0xc0007c00, 0xfffffc00):
        done = qvmi(guest, "read", f"cr3={ROOT[name]:#x}:{address:#x}", 512,
                    "-f", "raw")
        assert done.stdout == guest.physical(0x7c00, 512)
    # The last address is the last: nothing follows it, not even at 0.
    done = qvmi(guest, "read", f"cr3={ROOT[name]:#x}:0xffffffff", 2, "-f",
                "raw", status=1)
    assert len(done.stdout) == 1
    assert b"beyond the last address" in done.stderr


@pytest.mark.variant("no-linux")
def test_search(narrow, qvmi):
    """Where the boot sector's own code is mapped, and nowhere else."""
    name, guest = narrow
    code = guest.physical(0x7c00, 32).hex()
    done = json.loads(qvmi(guest, "search", f"cr3={ROOT[name]:#x}:",
                           f"hex:{code}", "-J").stdout)
    assert [int(row["address"], 16) for row in done["rows"]] == CODE[name]
    assert {row["physical"] for row in done["rows"]} == {"0x7c00"}


@pytest.mark.variant("no-linux")
def test_regs(narrow, qvmi):
    name, guest = narrow
    row, = json.loads(qvmi(guest, "regs", "-J").stdout)["rows"]
    assert row["mode"] == "protected" and row["halted"]
    assert int(row["cr3_table"], 16) == ROOT[name]


# Linux of 32 bits: its tables by its own word; of itself it cannot be shown yet

@pytest.fixture(params=["linux-pae", "linux-32"])
def linux(request, variant):
    """(name, guest): its init spins, and told what it has where."""
    return request.param, variant(request.param)


def told_pages(guest):
    """{address: entry of pagemap}."""
    pages = re.findall(r"^page (\w{8}) (\w{16})\r?$", guest.console(), re.M)
    assert len(pages) == 5
    return {int(address, 16): int(entry, 16) for address, entry in pages}


def root_of(guest, qvmi):
    row, = json.loads(qvmi(guest, "regs", "-J").stdout)["rows"]
    assert row["mode"] == "protected"
    return int(row["cr3_table"], 16)


@pytest.mark.variant("linux-narrow")
def test_linux_pages(linux, qvmi):
    """What its pagemap says, page by page, and what lies there."""
    name, guest = linux
    root = root_of(guest, qvmi)
    there = {}
    for address, entry in told_pages(guest).items():
        row = walk(guest, qvmi, f"cr3={root:#x}:{address:#x}")
        assert row["paging"] == ("PAE" if name == "linux-pae" else "32-bit")
        if not entry >> 63:
            assert row["result"] == "absent"
            continue
        there[address] = (entry & ((1 << 55) - 1)) * 4096 + address % 4096
        assert row["physical"] == there[address]
    assert len(there) == 4
    for page, text in enumerate((b"ia32 page 0", b"ia32 page 1")):
        address = 0x60000000 + page * 4096
        done = qvmi(guest, "read", f"cr3={root:#x}:{address:#x}", 16, "-f",
                    "raw")
        assert done.stdout == text.ljust(16, b"\0")
        rows = json.loads(qvmi(guest, "search", f"cr3={root:#x}:",
                               "str:" + text.decode(), "-J").stdout)["rows"]
        assert f"{address:#x}" in {row["address"] for row in rows}


@pytest.mark.variant("linux-narrow")
def test_linux_kernel_half(linux, qvmi):
    """Large pages and small ones, as QEMU walks them."""
    _, guest = linux
    root = root_of(guest, qvmi)
    sizes = set()
    for address in range(0xc0000000, 1 << 32, 0x1654321):
        row = walk(guest, qvmi, f"cr3={root:#x}:{address:#x}")
        assert row["physical"] == gva2gpa(guest, address)
        sizes.add(row["page_size"])
    assert len(sizes - {None}) == 2
    guest.assert_unharmed("running")


@pytest.mark.variant("linux-narrow")
def test_linux_is_not_understood(linux, qvmi):
    _, guest = linux
    for command in (("info",), ("ps",), ("maps", "1")):
        done = qvmi(guest, *command, status=4)
        assert b"qvmi understands x86-64 kernels only" in done.stderr
        assert done.stderr.count(b"\n") == 1


@pytest.mark.variant("no-linux")
@pytest.mark.parametrize("command", [("walk", "cr3=0x1000:0x1000"),
                                     ("read", "cr3=0x1000:0x1000", "4"),
                                     ("search", "cr3=0x1000:", "1")])
def test_without_paging(variant, qvmi, command):
    """A CPU that has no paging says nothing about tables in memory."""
    guest = variant("prelaunch")
    done = qvmi(guest, *command, status=1)
    assert b"no vCPU uses paging" in done.stderr and not done.stdout
    done = qvmi(guest, *command, "--vcpu", "0", status=1)
    assert b"vCPU 0 does not use paging" in done.stderr
    done = qvmi(guest, *command, "--vcpu", "1", status=1)
    assert b"there is no vCPU 1" in done.stderr
