# SPDX-License-Identifier: BSD-2-Clause
"""`ptdump` is what QEMU's own walk of the tables finds, page by page; none of
Debian's kernels has /sys/kernel/debug/page_tables (CONFIG_PTDUMP_DEBUGFS)."""

import json
import re

import pytest

from test_variants import registers, stop_in_user_mode

TOP = 1 << 64
KERNEL = 1 << 63
ADDRESS = 0x000ffffffffff000
LINE = re.compile(r"0x(\w{16})-0x(\w{16}) {3} *(\d+)([BKMGT]) (USR |    )"
                  r"(RW|ro) (PWT |    )(PCD |    )(PSE |    )(PAT |    )"
                  r"(GLB |    )(NX|x ) (pte|pmd|pud)$")


@pytest.fixture
def still(guest):
    """The guest, stopped: its tables do not change."""
    guest.stop()
    yield guest
    guest.cont()


def dump(guest, qvmi, *args, status=0):
    """Rows of `ptdump -J`, addresses as numbers, "end" behind the last."""
    said = json.loads(qvmi(guest, "ptdump", "-J", *args, status=status).stdout)
    assert ("error" in said) == bool(status)
    for row in said["rows"]:
        for key in {"start", "end"} & row.keys():
            row[key] = int(row[key], 16) if row[key] else TOP
    return said["rows"]


def jitted(guest, qvmi):
    """Pages of BPF's trampolines and dispatchers where they can be written and
    executed (5.10): what the test guest has of them is found, too."""
    if guest.kernel != "5.10":
        return set()
    text = qvmi(guest, "cat", "kallsyms").stdout.decode()
    return {int(at, 16) & ~0xfff for at in re.findall(
        r"^(\w+) \w bpf_(?:trampoline|dispatcher)_\w+\t\[bpf\]$", text, re.M)}


def dump_wx(guest, qvmi, *args):
    """Rows of `--wx` but for these pages, all of which are there."""
    known = jitted(guest, qvmi)
    rows = json.loads(qvmi(guest, "ptdump", "-J", *args, "--wx",
                           status=None).stdout)["rows"]
    found = {int(row["start"], 16) + at for row in rows
             for at in range(0, row["size"], 4096)}
    assert known <= found
    return sorted(found - known), len(rows)


def pages(rows):
    """{address: (no_execute, global, large, uncached, through, user, write)}"""
    found = {}
    for row in rows:
        words = row["attributes"].split()
        assert row["size"] == row["end"] - row["start"] > 0
        for address in range(row["start"], row["end"], row["page_size"]):
            assert address not in found
            found[address] = (row["no_execute"], "GLB" in words,
                              row["level"] != "pte" or "PAT" in words,
                              "PCD" in words, "PWT" in words, row["user"],
                              row["write"])
    return found


def told_pages(guest):
    """The same of the tables that the first vCPU has, as `info tlb` has it."""
    return {int(address, 16): tuple(flags[i] != "-" for i in
                                    (0, 1, 2, 5, 6, 7, 8))
            for address, flags in re.findall(
                r"^(\w{16}): \w+ ([-XGPDACTUW]{9})\r?$", guest.hmp("info tlb"),
                re.M)}


def told_ranges(guest):
    """[(start, end, user, write)] of `info mem`."""
    return [(int(start, 16), int(end, 16), rights[0] == "u", rights[2] == "w")
            for start, end, rights in re.findall(
                r"^(\w{16})-(\w{16}) \w{16} ([-urw]{3})\r?$",
                guest.hmp("info mem"), re.M)]


def merged(rows):
    ranges = []
    for row in rows:
        new = (row["start"], row["end"], row["user"], row["write"])
        if ranges and ranges[-1][1:] == (new[0], *new[2:]):
            new = (ranges.pop()[0], *new[1:])
        ranges.append(new)
    return ranges


def check_pages(guest, qvmi):
    """All of the space that a vCPU is in; and the kernel's half of its own."""
    root = registers(guest)["CR3"]
    rows = dump(guest, qvmi, f"cr3={root:#x}")
    told = told_pages(guest)
    assert len(told) > 1000
    ours = pages(rows)
    assert ours.keys() == told.keys()
    assert {at: (ours[at], told[at]) for at in ours if ours[at] != told[at]
            } == {}
    kernel = {at: flags for at, flags in told.items() if at >= KERNEL}
    assert pages(dump(guest, qvmi)) == kernel
    return told


def test_pages(still, qvmi):
    """Every page; totals; gaps."""
    told = check_pages(still, qvmi)
    root = registers(still)["CR3"]
    assert merged(dump(still, qvmi, f"cr3={root:#x}")) == told_ranges(still)
    totals, = dump(still, qvmi, f"cr3={root:#x}", "--totals")
    assert sum(row["pages"] for row in totals["by_permission"]) == len(told)
    assert totals["mapped"] == sum(row["bytes"] for row in
                                   totals["by_permission"])
    tables = {row["level"]: row["pages"] for row in totals["tables"]}
    assert tables["pgd"] == 1
    for level, shift, below in (("pud", 39, 30), ("pmd", 30, 21)):
        assert tables[level] >= len({at >> shift for at in told})
        assert tables[level] < len({at >> below for at in told}) + 64
    assert tables["pte"] >= len({at >> 21 for at in told
                                 if not told[at][2]})
    rows = dump(still, qvmi)
    holes = [(a["end"], b["start"]) for a, b in zip(rows, rows[1:])
             if a["end"] != b["start"]]
    assert [(row["start"], row["end"]) for row in
            dump(still, qvmi, "--holes")] == holes


# Where Linux has no marker: its lines go on.
UNMARKED = {"guard_hole", "non_canonical", "vsyscall"}
SAME = ("write", "user", "no_execute", "attributes", "level")


def as_lines(rows):
    """Rows as Linux puts them into lines; of espfix it shows 16."""
    lines, stacks = [], 0
    for row in rows:
        if lines and row["region"] in UNMARKED and all(
                row[key] == lines[-1][key] for key in SAME) and \
                lines[-1]["end"] == row["start"]:
            size = lines[-1]["size"] + row["size"]
            lines[-1] = {**lines[-1], "end": row["end"], "size": size}
            continue
        stacks += row["region"] == "espfix"
        if row["region"] != "espfix" or stacks <= 16:
            lines.append(row)
    return lines


def test_lines(still, qvmi):
    """The form is that of arch/x86/mm/dump_pagetables.c, row for row."""
    rows = as_lines(dump(still, qvmi))
    lines = qvmi(still, "ptdump").stdout.decode().splitlines()
    markers = [line for line in lines if line.startswith("---[ ")]
    assert markers[:2] == ["---[ User Space ]---", "---[ Kernel Space ]---"]
    order = ["Low Kernel Mapping", "vmalloc() Area", "Vmemmap",
             "CPU entry Area", "High Kernel Mapping", "Modules",
             "End Modules", "Fixmap Area"]
    assert [name for name in order if f"---[ {name} ]---" in markers] == order
    assert sorted(markers, key=markers.index) == markers
    plain = [line for line in lines if line not in markers
             and not line.startswith("... ")]
    assert len(plain) == len(rows)
    for line, row in zip(plain, rows):
        said = LINE.match(line)
        assert said, line
        assert int(said[1], 16) == row["start"]
        assert int(said[2], 16) == row["end"] % TOP
        assert int(said[3]) << 10 * "BKMGT".index(said[4]) == row["size"]
        assert (said[5] == "USR ") == row["user"]
        assert (said[6] == "RW") == row["write"]
        assert (said[12] == "NX") == row["no_execute"]
        assert " ".join(said[i].strip() for i in range(7, 12)
                        if said[i].strip()) == row["attributes"]
        assert said[13] == row["level"]


def test_process(still, qvmi):
    """The half of a process is the lower one of its root."""
    still.cont()
    label = still.labels()["heap"]
    still.stop()
    walk, = json.loads(qvmi(still, "walk", f"{label.pid}:{label.addr:#x}",
                            "-J").stdout)["rows"]
    rows = dump(still, qvmi, label.pid)
    assert all(row["end"] < KERNEL for row in rows)
    whole = pages(dump(still, qvmi, f"cr3={walk['root']}"))
    ours = pages(rows)
    assert ours == {at: flags for at, flags in whole.items() if at < KERNEL}
    assert ours[label.addr][5:] == (True, True)


def test_batches(still, qvmi):
    """One batch for each level, however many tables there are."""
    done = qvmi(still, "walk", "_text", "--stats")
    walked = int(re.search(rb"batches=(\d+)", done.stderr)[1])
    done = qvmi(still, "ptdump", "--stats")
    assert int(re.search(rb"batches=(\d+)", done.stderr)[1]) <= walked + 4


def sections(guest):
    """{address: module} of all sections of modules, by the guest's word."""
    guest.cont()
    text = guest.run("cd /sys/module; grep -s '' */sections/.[a-z_]*").decode()
    guest.stop()
    return {int(address, 16): module for module, address in
            re.findall(r"^(\w+)/sections/[^:]+:(0x\w+)$", text, re.M)}


@pytest.fixture(params=["vmalloc", "modules"])
def altered(request, still, qvmi):
    """Makes one page of a region what it must not be: (guest, its address, the
    dump before, whose it is)."""
    owners = sections(still)
    row = next(row for row in dump(still, qvmi)
               if row["region"] == request.param and row["level"] == "pte"
               and row["write"])
    walk, = json.loads(qvmi(still, "walk", f"{row['start']:#x}",
                            "-J").stdout)["rows"]
    levels = walk["levels"]
    old = [(int(level["table"], 16) + 8 * level["index"],
            int(level["entry"], 16)) for level in levels]

    def put(values):
        for at, value in values:
            qvmi(still, "devmem", f"{at:#x}", "w", 8, f"{value:#x}")

    before = qvmi(still, "ptdump", "-J").stdout
    put([(at, (value | 4) & ~(1 << 63)) for at, value in old])
    yield still, row["start"], before, {
        owner for at, owner in owners.items() if at >> 12 == row["start"] >> 12}
    put(old)


def test_findings(altered, qvmi, tmp_path):
    """A page that is made so is found, and nothing else; as is what differs."""
    guest, address, before, owners = altered
    row, = dump(guest, qvmi, "--user", status=1)
    assert (row["start"], row["size"]) == (address, 4096)
    assert row["region"] == ("modules" if owners else "vmalloc")
    assert owners == ({row["module"]} if row["module"] else set())
    found, n = dump_wx(guest, qvmi)
    assert found == [address]
    done = qvmi(guest, "ptdump", "--wx", status=1)
    assert (b"1 mapping is writable and executable" if n == 1 else
            b"%d mappings are writable and executable" % n) in done.stderr
    (tmp_path / "before").write_bytes(before)
    row, = dump(guest, qvmi, "--diff", tmp_path / "before", status=1)
    assert row["change"] == "changed" and row["start"] == address
    assert row["was"].replace("NX", "x") == row["is"].replace("USR ", "")


def test_nothing_is_found(still, qvmi, tmp_path):
    """As the kernel's own check at boot says."""
    assert dump(still, qvmi, "--user") == []
    still.cont()
    log = still.run("dmesg").decode()
    still.stop()
    assert "Checked W+X mappings: passed" in log
    assert dump_wx(still, qvmi)[0] == []
    (tmp_path / "now").write_bytes(qvmi(still, "ptdump", "-J").stdout)
    assert dump(still, qvmi, "--diff", tmp_path / "now") == []
    rows = json.loads((tmp_path / "now").read_text())
    rows["rows"].pop(3)
    (tmp_path / "less").write_text(json.dumps(rows))
    row, = dump(still, qvmi, "--diff", tmp_path / "less", status=1)
    assert row["change"] == "added"
    for text, why in (("{", b"no JSON"), ('{"command": "ps"}', b"no dump")):
        (tmp_path / "no").write_text(text)
        done = qvmi(still, "ptdump", "--diff", tmp_path / "no", status=2)
        assert why in done.stderr


@pytest.mark.variant("la57")
def test_five_levels(variant, qvmi):
    guest = variant("la57")
    guest.stop()
    try:
        check_pages(guest, qvmi)
    finally:
        guest.cont()


@pytest.mark.variant("pti")
@pytest.mark.parametrize("kernel", ["5.10", "6.12"])
def test_pti(variant, qvmi, kernel):
    """The tables of user mode, as the vCPU has them; those that the kernel has
    of the same process map the same, in spite of their poison."""
    guest = variant("pti", kernel=kernel)
    pid = guest.labels()["spin.0"].pid
    stop_in_user_mode(guest)
    try:
        told = told_pages(guest)
        assert pages(dump(guest, qvmi,
                          f"cr3={registers(guest)['CR3']:#x}")) == told
        assert pages(dump(guest, qvmi, pid)) == {
            at: flags for at, flags in told.items() if at < KERNEL}
        assert len(pages(dump(guest, qvmi))) > 10 * len(told)
        assert dump_wx(guest, qvmi)[0] == []
    finally:
        guest.cont()


@pytest.mark.variant("no-linux")
@pytest.mark.parametrize("name, root", [("32-bit", 0x1000), ("pae", 0x1020)])
def test_narrow(variant, qvmi, name, root):
    """Tables of protected mode; there is no kernel that had regions."""
    guest = variant(name).wait_halted()
    rows = dump(guest, qvmi, f"cr3={root:#x}")
    ours = {at: flags[3:] for at, flags in pages(rows).items()}
    assert ours == {at: flags[3:] for at, flags in told_pages(guest).items()}
    assert {row["region"] for row in rows} == {None}
    writable = {row["start"] for row in rows
                if row["write"] and not row["no_execute"]}
    assert {row["start"] for row in dump(
        guest, qvmi, f"cr3={root:#x}", "--wx", status=1)} == writable
