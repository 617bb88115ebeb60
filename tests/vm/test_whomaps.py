# SPDX-License-Identifier: BSD-2-Clause
"""whomaps: each mapping it names is in the pagemap of that process, and they
are as many as /proc/kpagecount counts."""

import json
import re

from test_convert import bases
from test_guest import PFN_MASK, PRESENT
from test_walk import at

# Frames that one process maps, that several do, large ones, of files.
NAMES = ("heap", "fork.parent", "cow", "shared.memfd", "shared.anon",
         "shared.sysv", "thp.whole", "hugetlb.file", "both.parent",
         "prot.none", "names.plain")


def whomaps(guest, qvmi, address, status=0):
    """(rows of processes, rows of the kernel, notes); numbers are numbers."""
    done = json.loads(qvmi(guest, "whomaps", "-J", address,
                           status=status).stdout)
    for row in done["rows"]:
        for key in ("address", "physical", "vma_start", "vma_end"):
            row[key] = None if row[key] is None else int(row[key], 16)
    rows = [row for row in done["rows"] if row["area"] == "process"]
    kernel = [row for row in done["rows"] if row["area"] != "process"]
    assert not any(row["pid"] for row in kernel)
    return rows, kernel, done["notes"]


def check_rows(guest, rows, pfn):
    """Every row is true: by pagemap, and by maps."""
    for row in rows:
        if b"\nState:\tZ" in guest.cat(f"/proc/{row['pid']}/status"):
            continue  # its leader has ended: what its threads have counts
        entry, = guest.pagemap(row["pid"], row["address"] & ~0xfff)
        assert entry & PRESENT and entry & PFN_MASK == pfn, row
        assert row["vma_start"] <= row["address"] < row["vma_end"]
        line, = [line for line in guest.cat(
            f"/proc/{row['pid']}/maps").decode(errors="replace").splitlines()
            if line.startswith(f"{row['vma_start']:08x}-{row['vma_end']:08x} ")]
        assert line.split()[1] == row["vma_perms"]
        if row["write"]:
            assert row["vma_perms"][1] == "w"


def test_processes(guest, qvmi):
    """Each frame of the scenes: who has it, and none is left out."""
    base = bases(guest, qvmi)
    for name in NAMES:
        label = guest.labels()[name]
        entry, = guest.pagemap(label.pid, label.addr)
        pfn = entry & PFN_MASK
        rows, kernel, notes = whomaps(guest, qvmi, at(guest, name, 0x123))
        check_rows(guest, rows, pfn)
        assert (label.pid, label.addr + 0x123) in [
            (row["pid"], row["address"]) for row in rows], name
        assert len(rows) == guest.kpagecount(pfn)[0], name
        assert not [note for note in notes if "counts" in note]
        assert (base["page_offset"] + (pfn << 12) + 0x123, "direct map") in [
            (row["address"], row["area"]) for row in kernel]
    child, parent = (guest.labels()[f"fork.{who}"]
                     for who in ("child", "parent"))
    rows, _, _ = whomaps(guest, qvmi, at(guest, "fork.child"))
    assert {parent.pid, child.pid} <= {row["pid"] for row in rows}
    assert not any(row["write"] for row in rows)


def test_code_of_all(guest, qvmi):
    """The first page of /init, which many processes have as code."""
    entry, = guest.pagemap(1, 0x401000)
    pfn = entry & PFN_MASK
    rows, _, _ = whomaps(guest, qvmi, f"pfn:{pfn:#x}")
    check_rows(guest, rows, pfn)
    assert len(rows) == guest.kpagecount(pfn)[0] > 5
    assert {row["path"] for row in rows} == {"/init"}
    assert all(row["no_execute"] is False for row in rows)


def test_kernel(guest, qvmi):
    """The image and modules have addresses beside the direct map."""
    base = bases(guest, qvmi)
    rows, kernel, _ = whomaps(guest, qvmi, "linux_banner")
    assert not rows
    assert [row["area"] for row in kernel] == ["direct map", "kernel image"]
    assert kernel[1]["physical"] == (kernel[1]["address"] - base["text"]
                                     + base["phys_text"])
    found = re.search(rb"(?m)^(\w+) t \w+\t\[(?!bpf|__builtin)\w+\]$", guest.run(
        r"grep '\[' /proc/kallsyms"))
    address = int(found[1], 16)
    _, kernel, _ = whomaps(guest, qvmi, f"{address:#x}")
    assert address in [row["address"] for row in kernel
                       if row["area"] == "modules"]


def test_nobody(guest, qvmi):
    rows, kernel, _ = whomaps(guest, qvmi, "p:0x7ff0000000", status=1)
    assert not rows and not kernel
