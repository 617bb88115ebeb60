# SPDX-License-Identifier: BSD-2-Clause
"""`layout ADDRESS` against what the guest says of its own memory."""

import json
import re


def layout(guest, qvmi, address):
    """Parts that an address is part of, {what: row}; and the row of it."""
    if not isinstance(address, str):
        address = hex(address)
    row, = json.loads(qvmi(guest, "layout", address, "-J").stdout)["rows"]
    for part in row["parts"]:
        start, at = int(part["start"], 16), int(row["address"], 16)
        assert int(part["offset"], 16) == at - start
        if part["end"]:
            assert start <= at < int(part["end"], 16)
            assert part["size"] == int(part["end"], 16) - start
    return {part["what"]: part for part in row["parts"]}, row


def symbols_of(guest):
    """Those that are needed, of the image."""
    names = ("_etext do_exit init_stack init_task runqueues __per_cpu_end "
             "__start_init_stack")
    pattern = "|".join(f" {name}" for name in names.split())
    return {name: int(value, 16) for value, name in re.findall(
        r"^(\w+) \w (\w+)$", guest.run(
            f"grep -E '({pattern})$' /proc/kallsyms").decode(), re.M)}


def check_image(guest, qvmi, symbols):
    parts, row = layout(guest, qvmi, "do_exit+3")
    assert row["region"] == "kernel_text"
    assert int(parts["symbol"]["start"], 16) == symbols["do_exit"]
    assert parts["symbol"]["name"] == "do_exit"
    # the direct map has the image once more
    convert, = json.loads(qvmi(guest, "convert", "jiffies_64", "-J")
                          .stdout)["rows"]
    parts, row = layout(guest, qvmi, convert["direct"])
    assert row["region"] == "direct_map"
    if "_etext" in symbols:  # else pages do not tell
        assert parts["symbol"]["start"] == convert["direct"]
        assert convert["image"] in parts["symbol"]["details"]


def check_module(guest, qvmi):
    """Its sections, by /sys/module."""
    name = guest.cat("/proc/modules").decode().split()[0]
    text = guest.run(f"cd /sys/module/{name}/sections; for f in .text .rodata "
                     ".data .bss; do echo $f $(cat $f); done").decode()
    sections = [line.split() for line in text.splitlines()]
    assert len(sections) >= 3
    for section, address in sections:
        parts, row = layout(guest, qvmi, address)
        assert row["region"] == "modules"
        assert parts["module"]["name"] == name
        assert parts["section"]["name"] == section
        assert parts["section"]["start"] == address
        assert "vmalloc area" in parts


def check_stacks(guest, qvmi, symbols):
    """Of what a CPU does, and of tasks by the areas that stacks have."""
    guest.stop()
    rsp = int(re.search(r"RSP=(\w+)", guest.hmp("info registers"))[1], 16)
    parts, _ = layout(guest, qvmi, rsp)
    vcpu = json.loads(qvmi(guest, "info", "-J").stdout)["rows"][0]["vcpus"][0]
    guest.cont()
    if vcpu["mode"] == "kernel":
        stack = parts["kernel stack"]
        assert (stack["pid"], stack["name"]) == (vcpu["pid"], vcpu["comm"])
    first = symbols.get("init_stack", symbols.get("__start_init_stack"))
    parts, _ = layout(guest, qvmi, first + 64)
    assert parts["kernel stack"]["name"] == "swapper/0"
    assert parts["kernel stack"]["details"] == \
        f"task_struct at {symbols['init_task']:#x}"
    switch = "/proc/sys/kernel/kptr_restrict"
    before = int(guest.run(f"cat {switch}"))
    guest.run(f"echo 1 >{switch}")
    text = guest.cat("/proc/vmallocinfo").decode()
    guest.run(f"echo {before} >{switch}")
    areas = [int(start, 16) for start in re.findall(
        r"^0x(ff\w{14})-\S+ +20480 (?:dup_task_struct|copy_process|"
        r"kernel_clone)", text,
        re.M)][:5]
    found = 0
    for area in areas:
        parts, row = layout(guest, qvmi, area + 0x3f80)
        assert row["region"] == "vmalloc"
        assert int(parts["vmalloc area"]["start"], 16) == area
        assert "guard" not in parts["vmalloc area"]["name"]
        if "kernel stack" not in parts:
            continue  # kept for the next task
        stack = parts["kernel stack"]
        assert int(stack["start"], 16) == area and stack["size"] == 16384
        comm = guest.cat(f"/proc/{stack['pid']}/comm").decode().strip()
        assert stack["name"] == comm or comm.startswith("kworker")
        found += 1
        task = stack["details"].split()[-1]
    assert found >= len(areas) - 2 and (areas or guest.kernel == "7.2")
    if areas:
        parts, _ = layout(guest, qvmi, areas[0] + 0x4010)
        assert "guard page" in parts["vmalloc area"]["name"]
        assert "kernel stack" not in parts
        parts, row = layout(guest, qvmi, int(task, 16) + 8)
        assert parts["slab object"]["name"] == "task_struct"
        assert parts["slab object"]["start"] == task
        assert parts["slab object"]["details"].startswith("in use")


def check_percpu(guest, qvmi, symbols):
    raw = qvmi(guest, "read", "__per_cpu_offset", "8", "-f", "raw").stdout
    base = int.from_bytes(raw, "little")
    at = (base + symbols["runqueues"]) % (1 << 64)
    parts, _ = layout(guest, qvmi, at + 8)
    assert parts["per-CPU variable"]["name"] == "runqueues"
    assert int(parts["per-CPU variable"]["start"], 16) == at
    assert parts["per-CPU variable"]["cpu"] == 0
    parts, _ = layout(guest, qvmi, (base + symbols["__per_cpu_end"] + 64)
                      % (1 << 64))
    assert "per-CPU variable" not in parts
    assert parts["per-CPU memory"]["cpu"] == 0


def check_fixmap(guest, qvmi):
    """The slots of interrupt controllers, by what they map."""
    for physical, slot in (("0xfee00000", "FIX_APIC_BASE"),
                           ("0xfec00000", "FIX_IO_APIC_BASE_0")):
        rows = json.loads(qvmi(guest, "whomaps", f"p:{physical}", "-J")
                          .stdout)["rows"]
        for row in rows:
            if row["address"].startswith("0xffffffffff5"):
                assert row["area"] == "kernel"  # and no module's
                parts, at = layout(guest, qvmi, row["address"])
                assert at["region"] == "fixmap"
                assert parts["fixmap slot"]["name"] == slot
                break
        else:
            assert slot == "FIX_APIC_BASE"  # x2APIC has no page


def check_process(guest, qvmi):
    lines = guest.cat("/proc/1/maps").decode().splitlines()
    for line in (lines[1], lines[-1]):
        span, perms = line.split()[:2]
        start, end = (int(value, 16) for value in span.split("-"))
        if start >> 63:
            continue
        parts, row = layout(guest, qvmi, f"1:{end - 1:#x}")
        assert (row["pid"], row["region"]) == (1, "user")
        (kind, area), = parts.items()
        assert kind == ("text" if line == lines[1] else kind)
        assert int(area["start"], 16) == start and int(area["end"], 16) == end
        assert area["details"].startswith(perms) and area["pid"] == 1
        assert line.endswith(area["name"] or "")
    parts, _ = layout(guest, qvmi, "1:0x10")
    assert parts["NULL page"]["start"] == "0x0"
    assert parts["NULL page"]["pid"] == 1
    first = int(lines[0].split("-")[0], 16)
    parts, _ = layout(guest, qvmi, f"1:{first - 1:#x}")
    assert int(parts["gap"]["end"], 16) == first


def test_what_is_there(guest, qvmi):
    symbols = symbols_of(guest)
    check_image(guest, qvmi, symbols)
    check_module(guest, qvmi)
    check_stacks(guest, qvmi, symbols)
    check_percpu(guest, qvmi, symbols)
    check_fixmap(guest, qvmi)
    check_process(guest, qvmi)
    done = qvmi(guest, "layout", "0x1000")
    assert b"which process is meant?" in done.stderr
    page, = json.loads(qvmi(guest, "convert", "p:0x100000", "-J")
                       .stdout)["rows"]
    parts, row = layout(guest, qvmi, int(page["page"], 16) + 8)
    assert row["region"] == "vmemmap"
    assert parts["struct page"]["start"] == page["page"]
    assert parts["struct page"]["details"] == "of frame 0x100"
    parts, row = layout(guest, qvmi, "0x8000000000000000")
    assert row["region"] == "non_canonical" and not parts
    qvmi(guest, "layout", "p:0x1000", status=2)
    qvmi(guest, "layout", "1", "2", status=2)
