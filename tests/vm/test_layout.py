# SPDX-License-Identifier: BSD-2-Clause
"""`layout` against what the guest's own /proc says of its addresses."""

import json
import re

import pytest

TOP = 1 << 64


def layout(guest, qvmi):
    """({region: (start, end, mapped)}, {border: value}, rows of regions)"""
    row, = json.loads(qvmi(guest, "layout", "-J").stdout)["rows"]
    regions = {}
    for region in row["regions"]:
        start = int(region["start"], 16)
        end = int(region["end"], 16) if region["end"] else TOP
        assert region["size"] == end - start
        assert region["mapped"] == sum(part["bytes"] for part in
                                       region["pages"])
        if region["region"] not in ("hole", "guard_hole", "non_canonical"):
            assert region["region"] not in regions
            regions[region["region"]] = start, end, region["mapped"]
    borders = {border["name"]: int(border["value"], 16)
               for border in row["borders"]}
    return regions, borders, row["regions"]


def check_whole(rows):
    """All addresses, each once."""
    ends = [int(row["end"], 16) if row["end"] else TOP for row in rows]
    assert [0, *ends[:-1]] == [int(row["start"], 16) for row in rows]
    assert ends[-1] == TOP


def check_symbols(guest, borders):
    symbols = {name: int(value, 16) for value, name in re.findall(
        r"^(\w+) \w (\w+)$", guest.cat("/proc/kallsyms").decode(), re.M)}
    names = ["_text", "_etext", "_sdata", "_edata", "__init_begin",
             "__init_end", "__bss_start", "__bss_stop", "_end"]
    known = [name for name in names if name in symbols]
    assert "_text" in known
    assert {name: borders[name] for name in known} == {
        name: symbols[name] for name in known}
    iomem = {name: (int(start, 16), int(end, 16) + 1)
             for start, end, name in re.findall(
                 r"^ +(\w+)-(\w+) : Kernel (code|data|bss)",
                 guest.cat("/proc/iomem").decode(), re.M)}
    moved = borders["_text"] - iomem["code"][0]
    assert borders["_etext"] == iomem["code"][1] + moved
    for first, end, name in (("_sdata", "_edata", "data"),
                             ("__bss_start", "__bss_stop", "bss")):
        assert borders[first] == iomem[name][0] + moved
        assert borders[end] == iomem[name][1] + moved


def inside(regions, name, start, end):
    return regions[name][0] <= start and end <= regions[name][1]


def check_regions(guest, regions, borders):
    """What lies in each, by the guest's own word."""
    ram = [(int(start, 16), int(end, 16) + 1) for start, end in re.findall(
        r"^(\w+)-(\w+) : System RAM", guest.cat("/proc/iomem").decode(),
        re.M)]
    base, end, mapped = regions["direct_map"]
    size = sum(end & ~4095 for _, end in ram) - sum(
        start + 4095 & ~4095 for start, _ in ram)
    assert size <= mapped <= ram[-1][1] + (1 << 30)
    assert borders["high_memory"] == base + (ram[-1][1] & ~4095)
    assert borders["PAGE_OFFSET"] == base and borders["high_memory"] < end
    assert inside(regions, "kernel_text", borders["_text"], borders["_end"])
    modules = re.findall(r"^\w+ (\d+) .* 0x(\w+)", guest.cat(
        "/proc/modules").decode(), re.M)
    assert modules
    for size, start in modules:
        assert inside(regions, "modules", int(start, 16), int(start, 16))
    assert regions["modules"][2] >= sum(int(size) for size, _ in modules)
    assert borders["MODULES_VADDR"] == regions["modules"][0]


def check_vmalloc(guest, regions):
    """/proc/vmallocinfo, where it tells addresses (%pK, up to 6.12)."""
    switch = "/proc/sys/kernel/kptr_restrict"
    before = int(guest.run(f"cat {switch}"))
    guest.run(f"echo 1 >{switch}")
    text = guest.cat("/proc/vmallocinfo").decode()
    guest.run(f"echo {before} >{switch}")
    areas = [(int(start, 16), int(end, 16)) for start, end in re.findall(
        r"^0x(ff\w{14})-0x(\w{16}) ", text, re.M)]
    for start, end in areas:
        assert (inside(regions, "vmalloc", start, end) or
                inside(regions, "modules", start, end))
    return areas


def test_regions(guest, qvmi):
    regions, borders, rows = layout(guest, qvmi)
    check_whole(rows)
    check_symbols(guest, borders)
    check_regions(guest, regions, borders)
    assert check_vmalloc(guest, regions) or guest.kernel == "7.2"
    assert regions["vsyscall"][0] == 0xffffffffff600000
    assert 0xffffffffff000000 < borders["FIXADDR_START"] < 0xffffffffff600000
    assert regions["fixmap"][2] and regions["cpu_entry_area"][2]
    dump, = json.loads(qvmi(guest, "ptdump", "--totals", "-J").stdout)["rows"]
    mapped = sum(row["mapped"] for row in rows)
    assert abs(dump["mapped"] - mapped) < 16 << 20  # it runs meanwhile
    text = qvmi(guest, "layout").stdout.decode()
    assert re.search(r"0x\w+ .* direct_map +\d+ \w+ ", text)


@pytest.mark.variant("la57")
@pytest.mark.parametrize("kernel", ["6.1", "6.12", "7.2"])
def test_five_levels(variant, qvmi, kernel):
    guest = variant("la57", kernel=kernel)
    regions, borders, rows = layout(guest, qvmi)
    check_whole(rows)
    check_symbols(guest, borders)
    check_regions(guest, regions, borders)
    check_vmalloc(guest, regions)
    assert regions["user"][1] == (1 << 56) - 4096
    assert 0xff11 << 48 <= regions["direct_map"][0] < 0xfff << 52
