# SPDX-License-Identifier: BSD-2-Clause
"""Every file below /proc that there is, against the guest's own text; the
result is docs/procfs.md, and what that says must be what is seen.

QVMI_WRITE_DOCS=1 writes the columns of the kernels that are tested."""

import json
import os
import re

import guest as vm

DOC = vm.ROOT / "docs" / "procfs.md"
KERNELS = vm.KERNELS

# What moves by being read, or with time, file by file: names of fields, which
# are what a line begins with, or the number of a column; and by how much the
# numbers there may differ.
PAGES = 4096  # in KiB: what a program takes to read the file, and more
SECONDS = 120  # between what is asked of qvmi and of the guest
COUNTS = 200000  # ticks and interrupts in that time
MOVES = {
    "meminfo": dict.fromkeys((
        "MemFree", "MemAvailable", "Active", "Active(anon)", "AnonPages",
        "Committed_AS", "Inactive", "Inactive(anon)", "KReclaimable",
        "KernelStack", "Mapped", "PageTables", "SReclaimable", "SUnreclaim",
        "Slab", "VmallocUsed"), PAGES),
    "loadavg": {"1": 2, "2": 2, "3": 2, "4": 3},
    **{f"pressure/{kind}": dict.fromkeys(
        ("some", "full", "2", "3", "4", "5"), 1000 * COUNTS)
       for kind in ("cpu", "io", "memory")},
    "uptime": {"1": SECONDS, "2": SECONDS},
    "stat": {**dict.fromkeys(("cpu", "cpu0", "intr", "softirq"), COUNTS),
             "ctxt": COUNTS, "procs_running": 3},
    "softirqs": dict.fromkeys(("TIMER", "SCHED", "RCU", "TASKLET", "HI",
                               "HRTIMER"), COUNTS),
    "vmstat": dict.fromkeys((
        "nr_free_pages", "nr_free_pages_blocks", "nr_zone_inactive_anon",
        "nr_zone_active_anon", "nr_inactive_anon", "nr_active_anon",
        "nr_slab_reclaimable", "nr_slab_unreclaimable", "nr_anon_pages",
        "nr_mapped", "nr_kernel_stack", "nr_page_table_pages", "nr_vmalloc",
        "nr_dirty_threshold", "nr_dirty_background_threshold", "numa_hit",
        "numa_local", "numa_interleave", "pgalloc_dma", "pgalloc_dma32",
        "pgalloc_normal", "pgfree", "pgactivate", "pgfault", "pgmajfault",
        "pgreuse", "direct_map_level2_splits"), COUNTS),
    "interrupts": dict.fromkeys(("0", "1", "2", "3", "4", "5", "6", "7", "LOC",
                                 "IWI", "RES", "CAL", "TLB"), COUNTS),
}

# Files whose own test compares them, for what the guest says of its memory is
# another thing once it has said it, or is no such text.
ELSEWHERE = {"kallsyms": "test_vmlinux.py", "kmsg": "test_proc.py",
             "sys/*": "test_sysctl.py",
             "PID/pagemap": "test_proc_tree.py",
             **dict.fromkeys(("buddyinfo", "pagetypeinfo", "slabinfo",
                              "vmallocinfo", "zoneinfo"), "test_managers.py")}


def users(guest):
    """All that stay, but for the server, which is at work; and kthreadd."""
    return sorted({1, 2, *(label.pid for name, label in guest.labels().items()
                           if name != "server")})


def key_of(line, number):
    """What a line is told by: its name, or where it stands."""
    name = re.match(rb"\s*([\w()/.-]+)", line)
    return name[1].decode() if name and not name[1].isdigit() else str(number)


NUMBER = rb"-?\d+(?:\.\d+)?"


def distance(a, b):
    """By how much numbers in two lines differ; without end where the rest,
    but for blanks, does."""
    if re.sub(NUMBER, b"0", a).split() != re.sub(NUMBER, b"0", b).split():
        return float("inf")
    pairs = zip(re.findall(NUMBER, a), re.findall(NUMBER, b))
    return max(abs(float(x) - float(y)) for x, y in pairs)


def moved(ours, theirs):
    """{field: by how much} of what differs; None where their shape does."""
    mine, other = ours.split(b"\n"), theirs.split(b"\n")
    if len(mine) != len(other):
        return None
    found = {}
    for number, (a, b) in enumerate(zip(mine, other)):
        if a == b:
            continue
        if len(mine) > 2:
            key = key_of(b, number)
            found[key] = max(distance(a, b), found.get(key, 0))
            continue
        a, b = a.split(), b.split()
        if len(a) != len(b):
            return None
        found.update({str(i + 1): distance(a[i], b[i])
                      for i in range(len(a)) if a[i] != b[i]})
    return found


def files(guest, qvmi, *paths):
    """Names below directories that are texts."""
    rows = json.loads(qvmi(guest, "ls", "--json", *paths).stdout)["rows"]
    return [row["path"] for row in rows if row["kind"] == "file"]


def said_by(guest, path):
    """The guest's own; one that cannot be opened, as a kernel thread's
    environ, says nothing."""
    try:
        return guest.cat(f"/proc/{path}")
    except vm.GuestError:
        return b""


def raw(text):
    """The bytes of a string in JSON (docs/json.md)."""
    return re.sub(rb"\\x(5c|[89a-f][0-9a-f])",
                  lambda m: bytes([int(m[1], 16)]), text.encode())


def texts(guest, qvmi, paths):
    """{path: (ours, the guest's)}; one pause for all of ours."""
    rows = json.loads(qvmi(guest, "cat", "--json", *paths).stdout)["rows"]
    mine = {row["path"]: raw(row["text"])
            for row in rows}
    return {path: (mine[path], said_by(guest, path)) for path in paths}


# What kthreadd has at work: the kernel's own threads come and go.
AT_WORK = {f"{where}/{name}" for where in ("2", "2/task/2")
           for name in ("children", "schedstat", "stat", "status")}

# What a thread has, and its process has not, or another one.
THREADS = {"children", "io", "stat"}


def name_of(path):
    """As the document has it."""
    name = re.sub(r"^\d+/(task/\d+/)?", "PID/", path)
    own = "/task/" in path and name[len("PID/"):] in THREADS
    return name.replace("PID/", "PID/task/TID/") if own else name


def verdicts(guest, qvmi):
    """{file: what the comparison says}."""
    found = {}
    everyone = users(guest)
    places = ["", "net", "1/net", "pressure", *map(str, everyone),
              *(f"{pid}/attr" for pid in everyone),
              *(f"{pid}/task/{pid}" for pid in everyone[:3])]
    paths = [path for where in places for path in files(guest, qvmi, where)
             if name_of(path) not in ELSEWHERE and path not in AT_WORK]
    for path, (mine, other) in texts(guest, qvmi, paths).items():
        name = name_of(path)
        fields = moved(mine, other)
        assert fields is not None, f"{path}: {mine!r} is not {other!r}"
        may = MOVES.get(name, {})
        far = {field for field, by in fields.items() if by > may.get(field, 0)}
        assert not far, (path, far, mine, other)
        found[name] = "exact but for " + ", ".join(sorted(may)) if may \
            else "exact"
    found.update({name: f"see {where}" for name, where in ELSEWHERE.items()})
    return found


def rows(title):
    """The rows of a table of the document, below that title."""
    text = DOC.read_text().split(f"## {title}\n")[1].split("\n## ")[0]
    return [[cell.strip().strip("`") for cell in line.strip("|").split("|")]
            for line in text.splitlines() if line.startswith("| `")]


def documented(kernel):
    return {row[0]: row[1 + KERNELS.index(kernel)] for row in rows("Files")}


def write(kernel, found):
    """Put a kernel's column into the document."""
    table = {row[0]: row for row in rows("Files")}
    for name, said in found.items():
        table.setdefault(name, [name, *["-"] * len(KERNELS)])
        table[name][1 + KERNELS.index(kernel)] = said
    before, after = DOC.read_text().split("## Files\n")
    head, rest = after.split("\n## ", 1)
    lines = [line for line in head.splitlines() if not line.startswith("| `")]
    lines += ["| " + " | ".join([f"`{row[0]}`", *row[1:]]) + " |"
              for _, row in sorted(table.items(),
                                   key=lambda item: ("/" in item[0], item[0]))]
    DOC.write_text(before + "## Files\n" + "\n".join(lines) + "\n\n## " + rest)


def test_every_file(guest, qvmi):
    found = verdicts(guest, qvmi)
    if os.environ.get("QVMI_WRITE_DOCS"):
        write(guest.kernel, found)
    said = {name: text for name, text in documented(guest.kernel).items()
            if text != "-"}
    assert found == said


def test_what_is_absent(guest, qvmi):
    """Each file of the guest's that qvmi has not is named, with the reason."""
    absent = {row[0] for row in rows("Not there")}
    mine = {re.sub(r"^\d+/", "PID/", row["path"]) for path in ("", "1", "net")
            for row in json.loads(qvmi(guest, "ls", "--json",
                                       path).stdout)["rows"]}
    theirs = {name for name in guest.run("ls /proc").decode().split()
              if not name.isdigit()}
    theirs |= {f"PID/{name}" for name in guest.run("ls /proc/1").decode().split()}
    theirs |= {f"net/{name}" for name in guest.run("ls /proc/net").decode().split()}
    assert theirs - mine <= absent
    assert not absent & mine
