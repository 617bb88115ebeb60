# SPDX-License-Identifier: BSD-2-Clause
"""`walk` finds what the guest's pagemap and the monitor of QEMU say."""

import json
import re

import pytest

from test_guest import PAGES, PFN_MASK, PRESENT, SWAP
from test_variants import registers

UFFD_WP = 1 << 57
HUGE = 2 << 20

# What is not simply mapped: {(label, page): result}.
RESULTS = {
    **{("prot.none", page): "prot-none" for page in range(4)},
    **{("thp.none", page): "prot-none" for page in range(2)},
    ("guard", 1): "pte-marker", ("guard", 2): "pte-marker",
    ("poison", 1): "poisoned",
}

# Permissions, as maps writes them: {(label, page): rwx}.
PERMISSIONS = {
    ("heap", 0): "rw-", ("stack", 3): "rw-", ("watch.code", 0): "rwx",
    ("zero", 0): "r--", ("zero", 2): "rw-", ("cow", 0): "r--",
    ("cow", 1): "rw-", ("names.plain", 0): "r--", ("shared.memfd", 0): "rw-",
    ("prot.read", 0): "r--", ("prot.exec", 0): "r-x",
    ("prot.read_exec", 0): "r-x", ("fork.parent", 0): "r--",
    ("fork.child", 0): "r--", ("fork.child", 1): "rw-",
    ("userfault", 0): "rw-", ("userfault", 1): "r--", ("ia32", 0): "rw-",
    ("thp.whole", 3): "rw-", ("thp.zero", 0): "r--", ("thp.split", 4): "rw-",
    ("thp.split", 5): "r--", ("hugetlb.anon", 9): "rw-",
    ("hugetlb.file", 9): "rw-", ("sleeper.0", 1): "r--",
    ("devmem", 0): "r--", ("border.top", 0): "rw-",
}
# Where older kernels left it to the next write to make a page writable.
LAZY = {
    "5.10": {("prot.write", 0): "r--", ("prot.all", 0): "r-x",
             ("swap.first", 3): "r--"},
    "6.1": {("prot.write", 0): "rw-", ("prot.all", 0): "rwx",
            ("swap.first", 3): "r--"},
    "6.12": {("prot.write", 0): "rw-", ("prot.all", 0): "rwx",
             ("swap.first", 3): "rw-"},
    "7.2": {("prot.write", 0): "rw-", ("prot.all", 0): "rwx",
            ("swap.first", 3): "rw-"},
}

# Intel SDM 4.5 and Linux pgtable_types.h, for entries that map a page.
BITS = {0: "P", 1: "RW", 2: "US", 3: "PWT", 4: "PCD", 5: "A", 6: "D",
        8: "G", 9: "SPECIAL", 10: "UFFD_WP", 11: "SOFT_DIRTY",
        58: "SAVED_DIRTY", 63: "NX"}
ADDRESS = 0x000ffffffffff000
NAMES = {4: ["pgd", "pud", "pmd", "pte"],
         5: ["pgd", "p4d", "pud", "pmd", "pte"]}


def at(guest, name, offset=0):
    """PID:ADDRESS of a label."""
    label = guest.labels()[name]
    return f"{label.pid}:{label.addr + offset:#x}"


def walk(guest, qvmi, address, *options):
    """The row of `walk -J`; numbers are numbers."""
    done = qvmi(guest, "walk", "-J", *options, address, status=None)
    assert done.returncode in (0, 1), done.stderr
    output = json.loads(done.stdout)
    assert output["command"] == "walk" and len(output["rows"]) == 1
    row = output["rows"][0]
    for level in row["levels"]:
        for key in ("table", "entry"):
            level[key] = int(level[key], 16)
    for key in ("address", "root"):
        row[key] = int(row[key], 16)
    if row["physical"] is not None:
        row["physical"] = int(row["physical"], 16)
    found = row["result"] in ("mapped", "prot-none")
    assert (row["physical"] is not None) == found
    assert ("error" in output) == (done.returncode == 1) == (not found)
    return row


def permissions(row):
    """As maps writes them."""
    return "r" + "-w"[row["write"]] + "x-"[row["no_execute"]]


def gva2gpa(guest, address):
    """The monitor's word for the address space of the first vCPU."""
    text = guest.hmp(f"gva2gpa {address:#x}")
    if "Unmapped" in text:
        return None
    return int(re.match(r"gpa: (0x[0-9a-f]+|0)\r?$", text, re.M)[1], 16)


def assert_page(guest, qvmi, name, page, entry):
    """A page of a label against its entry in pagemap."""
    row = walk(guest, qvmi, at(guest, name, page * 4096 + 0x123))
    where = (name, page, hex(entry), row)
    last = row["levels"][-1]["entry"]
    if entry & PRESENT:
        assert row["result"] == RESULTS.get((name, page), "mapped"), where
        assert row["physical"] == (entry & PFN_MASK) << 12 | 0x123, where
        bits = row["levels"][-1]["bits"].split()
        protected = (name, page) == ("userfault", 1)
        assert ("UFFD_WP" in bits) == protected, where
        if guest.kernel != "5.10":  # pagemap tells since 5.14
            assert bool(entry & UFFD_WP) == protected, where
        assert row["user"] or row["result"] == "prot-none", where
    elif entry & SWAP:
        # linux/swapops.h, asm/pgtable_64.h: the offset is stored inverted
        assert row["result"] == RESULTS.get((name, page), "swapped"), where
        kind, offset = last >> 59, (~last & (1 << 59) - 1) >> 9
        assert (kind, offset) == (entry & 31, (entry & PFN_MASK) >> 5), where
        if row["result"] == "swapped":
            assert (row["swap_type"], row["swap_offset"]) == (kind, offset)
        else:
            assert row["swap_type"] is row["swap_offset"] is None, where
    else:
        assert row["result"] == "absent" and last == 0, where
        assert row["page_size"] is None, where


def assert_labels(guest, qvmi, labels):
    """The first pages of labels."""
    for name in labels:
        label = guest.labels()[name]
        count = min(len(PAGES.get(name, ".")), label.len // 4096)
        for page, entry in enumerate(
                guest.pagemap(label.pid, label.addr, count)):
            assert_page(guest, qvmi, name, page, entry)


def assert_levels(guest, qvmi, address, root):
    """Each level against memory as QEMU shows it. The guest is stopped."""
    row = walk(guest, qvmi, address)
    assert row["root"] == root
    depth = {"4-level": 4, "5-level": 5}[row["paging"]]
    names = [level["level"] for level in row["levels"]]
    assert names == NAMES[depth][:len(names)]
    table = root
    write, user, execute = True, True, True
    for i, level in enumerate(row["levels"]):
        index = row["address"] >> 12 + 9 * (depth - 1 - i) & 511
        raw = guest.physical(table + 8 * index, 8)
        assert (level["table"], level["index"]) == (table, index)
        entry = level["entry"]
        assert entry == int.from_bytes(raw, "little")
        table = entry & ADDRESS
        write, user = write and entry & 2, user and entry & 4
        execute = execute and not entry >> 63
        leaf = i == len(row["levels"]) - 1
        assert_bits(level["bits"], entry, depth - i, leaf)
    assert (row["write"], row["user"], row["no_execute"]) == (
        bool(write), bool(user), not execute)
    size = 1 << 12 + 9 * (depth - len(row["levels"]))
    assert row["page_size"] == size
    assert row["physical"] == entry & ADDRESS & -size | (
        row["address"] & size - 1)
    return row


def assert_bits(text, entry, level, leaf):
    """The names of the bits of an entry, which is present."""
    dont_care = set() if leaf else {6, 8, 9, 10, 11, 58}
    want = {name for bit, name in BITS.items()
            if entry >> bit & 1 and bit not in dont_care}
    if leaf and entry >> 7 & 1:
        want.add("PAT" if level == 1 else "PS")
    if leaf and entry >> 59 & 15:
        want.add(f"PKEY={entry >> 59 & 15}")
    assert set(text.split()) == want


def kallsyms(guest, names):
    """{symbol: address} as root sees them inside."""
    lines = guest.run(f"grep -E ' ({'|'.join(names)})$' /proc/kallsyms")
    return {line.split()[2]: int(line.split()[0], 16)
            for line in lines.decode().splitlines()}


def iomem(guest, name):
    """The range of a resource, by its name."""
    found = re.search(rf"([0-9a-f]+)-([0-9a-f]+) : {name}\n",
                      guest.cat("/proc/iomem").decode())
    return int(found[1], 16), int(found[2], 16)


@pytest.fixture
def paused(guest):
    """The guest, stopped, after it was asked for its labels."""
    guest.labels()
    guest.stop()
    yield guest
    guest.cont()


def test_every_label(guest, qvmi):
    # of areas without struct pages (VM_PFNMAP) pagemap says nothing
    silent = {"devmem", *(["io_uring"] if guest.kernel == "5.10" else [])}
    assert_labels(guest, qvmi, [name for name, label in
                                guest.labels().items()
                                if hasattr(label, "addr") and
                                name not in silent])


def test_swap_types(guest, qvmi):
    """Two devices: of 768 pages, look at the first on the second one."""
    label = guest.labels()["swap.second"]
    entries = guest.pagemap(label.pid, label.addr, 768)
    for kind in (0, 1):
        page = next(i for i, entry in enumerate(entries)
                    if entry & SWAP and entry & 31 == kind)
        assert_page(guest, qvmi, "swap.second", page, entries[page])


def test_pages_without_struct_page(guest, qvmi):
    """/dev/mem at 0xf0000: pagemap is silent, the scene is not."""
    for page in range(4):
        row = walk(guest, qvmi, at(guest, "devmem", page * 4096))
        assert row["physical"] == 0xf0000 + page * 4096
        assert "SPECIAL" in row["levels"][-1]["bits"].split()


@pytest.mark.parametrize("name,size,depth", [
    ("thp.whole", HUGE, 3), ("thp.zero", HUGE, 3), ("thp.none", HUGE, 3),
    ("thp.split", 4096, 4), ("thp.cut", 4096, 4), ("hugetlb.anon", HUGE, 3),
    ("hugetlb.file", HUGE, 3), ("hugetlb.memfd", HUGE, 3)])
def test_huge_pages(guest, qvmi, name, size, depth):
    label = guest.labels()[name]
    entries = guest.pagemap(label.pid, label.addr, label.len // 4096)
    for page in (0, 5, 255, len(entries) - 1):
        row = walk(guest, qvmi, at(guest, name, page * 4096 + 0xabc))
        assert row["physical"] == (entries[page] & PFN_MASK) << 12 | 0xabc
        assert row["page_size"] == size
        assert len(row["levels"]) == depth
        assert ("PS" in row["levels"][-1]["bits"].split()) == (
            row["result"] == "mapped" and size == HUGE)


def test_permissions(guest, qvmi):
    want = {**PERMISSIONS, **LAZY[guest.kernel]}
    got = {}
    for name, page in want:
        row = walk(guest, qvmi, at(guest, name, page * 4096))
        assert row["user"]
        got[name, page] = permissions(row)
    assert got == want


def test_no_more_than_maps_allows(guest, qvmi):
    """Writable at most, and executable exactly, as the area in maps is."""
    for name in PAGES:
        label = guest.labels()[name]
        maps = guest.cat(f"/proc/{label.pid}/maps").decode(errors="replace")
        perms = next(line.split()[1] for line in maps.splitlines()
                     if int(line.split("-")[0], 16) <= label.addr
                     < int(line.split("-")[1].split()[0], 16))
        row = walk(guest, qvmi, at(guest, name))
        if row["result"] == "mapped":
            assert not row["write"] or perms[1] == "w", name
            assert row["no_execute"] == (perms[2] == "-"), name


def test_forked(guest, qvmi):
    """Page 0 is one frame for both, the child wrote page 1."""
    parent, child = ([walk(guest, qvmi, at(guest, f"fork.{who}", page))
                      ["physical"] for page in (0, 4096)]
                     for who in ("parent", "child"))
    assert parent[0] == child[0]
    assert parent[1] != child[1]


def test_text(guest, qvmi):
    """The words of the text, for a page and for none."""
    row = walk(guest, qvmi, at(guest, "heap", 5))
    text = qvmi(guest, "walk", at(guest, "heap", 5)).stdout.decode()
    fields = dict(re.findall(r"(?m)^(\w[\w ]*): +(.*)$", text))
    assert fields == {
        "Address": f"{row['address']:#x}", "PID": str(row["pid"]),
        "COMM": "heap", "Root": f"{row['root']:#x}", "Paging": "4-level",
        "Result": "mapped", "Physical": f"{row['physical']:#x}",
        "Page size": "4 KiB", "Permissions": "rw- user"}
    table = re.findall(r"(?m)^(p\w\w) +(\w+) +(\d+) (0x\w+) *(.*)$", text)
    assert table == [(level["level"], f"{level['table']:#x}",
                      str(level["index"]), f"{level['entry']:#x}",
                      level["bits"]) for level in row["levels"]]
    done = qvmi(guest, "walk", at(guest, "zero", 3 * 4096), status=1)
    assert b"Result:      absent\n" in done.stdout
    assert b"Physical" not in done.stdout
    # the reason stands in one of the two: a terminal shows both; the page may
    # be the first of a table that is not there
    assert re.search(rb"(?m)^Because: +p[tm][ed]\[\d+\] = 0x0 \(absent\)$",
                     done.stdout)
    assert re.fullmatch(rb"qvmi: walk: \d+:0x[0-9a-f]+: no page there\n",
                        done.stderr)


def test_json_is_hex_strings(guest, qvmi):
    row = json.loads(qvmi(guest, "walk", "-J", at(guest, "heap")).stdout)[
        "rows"][0]
    for value in (row["address"], row["root"], row["physical"],
                  *(level[key] for level in row["levels"]
                    for key in ("table", "entry"))):
        assert re.fullmatch("0x(0|[1-9a-f][0-9a-f]*)", value)
    assert row["page_size"] == 4096 and row["pid"] == \
        guest.labels()["heap"].pid


def test_levels(paused, qvmi):
    for name, offset in [("heap", 8), ("stack", 4096), ("thp.whole", 0x12345),
                         ("hugetlb.file", 0x54321), ("prot.exec", 0),
                         ("userfault", 4096), ("zero", 0), ("devmem", 0),
                         ("shared.posix", 0), ("border.pgd", 0),
                         ("border.pgd", 4096), ("border.pud", 4096),
                         ("border.pmd", 4095), ("border.top", 0), ("ia32", 1)]:
        address = at(paused, name, offset)
        assert_levels(paused, qvmi, address,
                      walk(paused, qvmi, address)["root"])


def test_kernel_symbols(guest, qvmi):
    names = ("_text", "init_task", "linux_banner", "jiffies", "panic_timeout",
             "init_top_pgt")
    symbols = kallsyms(guest, names)
    assert len(symbols) == len(names)
    assert walk(guest, qvmi, "_text")["physical"] == iomem(
        guest, "Kernel code")[0]
    guest.stop()
    try:
        cr3 = registers(guest)["CR3"]
        root = walk(guest, qvmi, "_text")["root"]
        assert root == walk(guest, qvmi, "k:init_top_pgt")["physical"]
        for name, address in symbols.items():
            row = assert_levels(guest, qvmi, name, root)
            assert row["address"] == address and not row["user"], name
            assert row["physical"] == gva2gpa(guest, address), name
            other = walk(guest, qvmi, f"cr3={cr3:x}:{address:#x}")
            assert other["physical"] == row["physical"], name
            assert other["root"] == cr3 & ADDRESS
            assert walk(guest, qvmi, f"{name}+0x10-8")["address"] == \
                address + 8
    finally:
        guest.cont()


def test_kernel_permissions(guest, qvmi):
    """Text, read-only data and data, as CONFIG_STRICT_KERNEL_RWX has them."""
    for name, want in [("_text", "r-x"), ("linux_banner", "r--"),
                       ("init_task", "rw-"), ("panic_timeout", "rw-")]:
        row = walk(guest, qvmi, name)
        assert permissions(row) == want, name
        assert not row["user"]


def test_direct_map(guest, qvmi):
    """The direct map shows a frame at its base plus its address."""
    base = int(json.loads(qvmi(guest, "info", "-J").stdout)["rows"][0]
               ["page_offset"], 16)
    frame = walk(guest, qvmi, at(guest, "heap"))["physical"]
    row = walk(guest, qvmi, f"{base:#x}+{frame:#x}")
    assert row["physical"] == frame and not row["user"]


def test_nothing_in_the_kernel(guest, qvmi):
    """Addresses that the monitor calls unmapped."""
    guest.stop()
    try:
        for address in (0xffffffffff600000, 0xfffffffffffff000,
                        0xffff800000000000):
            row = walk(guest, qvmi, f"{address:#x}")
            assert row["physical"] == gva2gpa(guest, address) is None
    finally:
        guest.cont()


@pytest.mark.parametrize("address,words", [
    ("0x8000000000000000", b"not canonical with 4-level paging"),
    ("0x800000000000", b"not canonical"),
    ("0xffff7fffffffffff", b"not canonical"),
    ("1:0x800000000000", b"not canonical"),
    ("1:0x10000000000000", b"not canonical"),
    ("2:0x1000", b"pid 2 (kthreadd) is a kernel thread"),
    ("4000000:0x1000", b"no process with pid 4000000"),
    ("no_such_symbol", b"no symbol 'no_such_symbol'"),
    ("1:no_such_symbol+1", b"no symbol 'no_such_symbol'")])
def test_refused(guest, qvmi, address, words):
    done = qvmi(guest, "walk", address, status=1)
    assert words in done.stdout + done.stderr
    assert done.stderr.count(b"\n") == 1
    assert b"Physical" not in done.stdout


def test_who_has_exited(guest, qvmi):
    pid = guest.labels()["zombie"].pid
    done = qvmi(guest, "walk", f"{pid}:0x400000", status=1)
    assert b"has exited" in done.stderr and done.stdout == b""


@pytest.mark.parametrize("address", [
    "p:0x1000", "", "1:", ":1", "x:1", "0x", "1:0x1g", "cr3=:1", "cr3=xyz:1",
    "0x10000000000000000", "5000000:0", "init_task+", "1-2", "1:2:3"])
def test_usage(qvmi, address):
    """What makes no sense needs no guest to be refused."""
    done = qvmi("unix:/nonexistent", "walk", address, status=2)
    assert done.stdout == b"" and done.stderr.startswith(b"qvmi: walk: ")


def test_no_user_root_without_pti(guest, qvmi):
    done = qvmi(guest, "walk", "--user-root", at(guest, "heap"), status=1)
    assert b"without PTI" in done.stderr
