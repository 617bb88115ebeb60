# SPDX-License-Identifier: BSD-2-Clause
"""`walk --explain` says what the guest says of itself, and why."""

import json

import pytest

from test_guest import PRESENT, SWAP, maps_line
from test_walk import PFN_MASK, at, walk


def said(row):
    """{about: all that is said of it}."""
    words = {}
    for one in row["says"]:
        words[one["about"]] = words.get(one["about"], "") + one["words"] + "\n"
    return words


def assert_sound(row):
    """What is told of levels and bits hangs together."""
    assert_parts(row["address_parts"], row["address"])
    for level, after in zip(row["levels"], [*row["levels"][1:], None]):
        assert_parts(level["parts"], level["entry"])
        if after:
            assert int(level["leads_to"], 16) == after["table"]
            assert after["table_from"].endswith(f"= {after['table']:#x}")
        index = next(part for part in row["address_parts"]
                     if part["name"] == level["level"])
        assert int(index["value"], 16) == level["index"]
        size = sum(part["width"] for part in level["parts"]) // 8
        assert int(level["entry_at"], 16) == (
            level["table"] + size * level["index"])
        taken = [int(one["entry"], 16) for one in level["around"]
                 if one["index"] == level["index"]]
        assert taken == [level["entry"]]
    if row["result"] == "mapped":
        last = row["levels"][-1]
        assert (last["write"], last["user"], last["no_execute"]) == (
            row["write"], row["user"], row["no_execute"])
        works = {one["access"]: one["works"] for one in row["accesses"]}
        assert works["user read"] == row["user"]
        assert works["user write"] == (row["user"] and row["write"])
        assert works["user fetch"] == (row["user"] and not row["no_execute"])


def assert_parts(parts, value):
    """Together they are all bits, each once."""
    end = sum(part["width"] for part in parts)
    for part in parts:
        end -= part["width"]
        assert part["bit"] == end
        shift = 0 if part["name"].startswith("address") else end
        bits = value & ((1 << part["width"]) - 1) << end
        assert int(part["value"], 16) << shift == bits, part
    assert end == 0


def explain(guest, qvmi, name, page=0):
    row = walk(guest, qvmi, at(guest, name, page * 4096 + 0x123), "--explain")
    assert_sound(row)
    return row, said(row)


def assert_area(guest, name, words):
    """The area is that of maps."""
    where, permissions = maps_line(guest, name).split()[:2]
    start, end = (int(n, 16) for n in where.split(b"-"))
    assert f"{start:#x}-{end:#x} ({permissions.decode()})" in words["area"]


def assert_control(guest, words):
    """Linux sets what the CPU has, as /proc/cpuinfo tells."""
    flags = guest.cat("/proc/cpuinfo").decode().split("flags", 1)[1].split()
    for flag in ("smep", "smap"):
        state = "set" if flag in flags else "clear"
        assert f"(CR4.{flag.upper()} is {state})" in words["rights"]


@pytest.mark.variant("la57")
@pytest.mark.any_kernel
def test_control_registers(variant, qvmi):
    """A CPU that has all of it."""
    guest = variant("la57")
    words = explain(guest, qvmi, "prot.read")[1]
    assert_control(guest, words)
    assert "CR4.SMAP is set" in words["rights"]
    assert "CR0.WP is set" in words["rights"]


def test_scenes(guest, qvmi):
    row, words = explain(guest, qvmi, "heap")
    assert_control(guest, words)
    assert "CR0" not in words["rights"]
    assert_area(guest, "heap", words)
    assert "an anonymous page" in words["page"]
    assert f"{row['physical'] & ~0xfff:#x}" in words["result"]
    assert "cow" not in words and "huge" not in words
    assert f"the 4 KiB at {row['physical'] & ~0xfff:#x}" in words["tlb"]

    row, words = explain(guest, qvmi, "fork.parent")
    entry, = guest.pagemap(guest.labels()["fork.parent"].pid,
                           guest.labels()["fork.parent"].addr)
    count, = guest.kpagecount(entry & PFN_MASK)
    assert entry & PRESENT and count == 2
    assert "copy on write" in words["cow"]
    assert f"{count} entries of page tables share" in words["cow"]

    row, words = explain(guest, qvmi, "zero")
    assert "the zero page" in words["cow"]
    row, words = explain(guest, qvmi, "zero", 3)
    assert row["result"] == "absent" and "on demand" in words["area"]
    row, words = explain(guest, qvmi, "prot.read")
    assert "permits no writes, either" in words["cow"]
    row, words = explain(guest, qvmi, "prot.none")
    assert "mprotect(PROT_NONE)" in words["result"]
    row, words = explain(guest, qvmi, "thp.whole", 3)
    assert "1 level early" in words["huge"] and "512" in words["huge"]


def test_swap(guest, qvmi):
    """The slot and the device are those of pagemap and /proc/swaps."""
    swaps = guest.cat("/proc/swaps").decode().splitlines()[1:]
    label = guest.labels()["swap.first"]
    entries = guest.pagemap(label.pid, label.addr, 16)
    page = next(i for i, entry in enumerate(entries)
                if entry & SWAP and not entry & PRESENT)
    row, words = explain(guest, qvmi, "swap.first", page)
    kind, slot = entries[page] & 31, (entries[page] & PFN_MASK) >> 5
    assert f"slot {slot} of swap area {kind}" in words["result"]
    path, _, size = swaps[kind].split()[:3]
    assert f"Swap area {kind} is {path}, with {int(size) // 4} slots" \
        in words["swap"]


def test_no_area(guest, qvmi):
    if hasattr(guest.labels().get("guard"), "addr"):
        row, words = explain(guest, qvmi, "guard", 1)
        assert "a guard" in words["result"]
    row = walk(guest, qvmi, "1:0x1000", "--explain")
    assert "below all of them" in said(row)["area"]
    row = walk(guest, qvmi, "0x800000000000", "--explain")
    assert "bits 63 to 47" in said(row)["result"] and row["levels"] == []
    row = walk(guest, qvmi, "_text", "--explain")
    assert_sound(row)
    assert "G" in row["levels"][-1]["bits"].split()
    assert "It is global" in said(row)["tlb"]
    text = qvmi(guest, "walk", "--explain", "_text").stdout.decode()
    for one in row["says"]:
        assert one["words"].split()[0] in text
    assert "\033" not in text
    status, seen = qvmi.on_terminal(qvmi.argv(guest, "walk", "--explain",
                                              "_text"))
    assert status == 0 and b"\033[3" in seen
    status, seen = qvmi.on_terminal(qvmi.argv(guest, "walk", "--explain",
                                              "_text"), env={"NO_COLOR": "1"})
    assert status == 0 and b"\033[" not in seen


def test_range(guest, qvmi):
    """Every page of an area, as pagemap has it."""
    label = guest.labels()["heap"]
    pages = 64
    entries = guest.pagemap(label.pid, label.addr, pages)
    rows = json.loads(qvmi(guest, "walk", at(guest, "heap"), pages * 4096,
                           "-J").stdout)["rows"]
    assert sum(row["length"] for row in rows) == pages * 4096
    got, where = [], label.addr
    for row in rows:
        assert int(row["address"], 16) == where
        where += row["length"]
        for page in range(row["length"] // 4096):
            got.append(None if row["physical"] is None
                       else (int(row["physical"], 16) >> 12) + page)
    assert got == [entry & PFN_MASK if entry & PRESENT else None
                   for entry in entries]
    text = qvmi(guest, "walk", at(guest, "heap"), "256K").stdout.splitlines()
    assert text[0].split()[:2] == [b"ADDRESS", b"LENGTH"]
    assert len(text) == len(rows) + 1
    done = qvmi(guest, "walk", "0x1000", "2G", status=2)
    assert b"length" in done.stderr


@pytest.mark.variant("pti")
@pytest.mark.parametrize("kernel", ["6.12"])
def test_pti(variant, qvmi, kernel):
    guest = variant("pti", kernel=kernel)
    row, words = explain(guest, qvmi, "heap")
    assert "for user mode" in words["twin"] and "same next" in words["twin"]
    label = guest.labels()["heap"]
    text = walk(guest, qvmi, "_text")["address"]
    row = walk(guest, qvmi, f"{label.pid}:{text:#x}", "--explain")
    assert "Meltdown" in said(row)["twin"]
    row = walk(guest, qvmi, at(guest, "heap"), "--explain", "--user-root")
    assert "for the kernel" in said(row)["twin"]
