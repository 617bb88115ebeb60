# SPDX-License-Identifier: BSD-2-Clause
"""Every file below /proc that there is, against the guest's own text; the
result is docs/procfs.md, and what that says must be what is seen.

QVMI_WRITE_DOCS=1 writes the columns of the kernels that are tested."""

import json
import os
import re

import pytest

import guest as vm

DOC = vm.ROOT / "docs" / "procfs.md"
KERNELS = vm.KERNELS

HUGE = 2 << 20
NUMBER = rb"-?\d+(?:\.\d+)?"


def numbers(*fields):
    """The numbers of each; None where the rest, but for blanks, differs."""
    if len({tuple(re.sub(NUMBER, b"0", field).split())
            for field in fields}) > 1:
        return None
    return [[float(number) for number in re.findall(NUMBER, field)]
            for field in fields]


# What may become of a field from when qvmi tells it, while the guest does, and
# until qvmi tells it again; and whether its task has run meanwhile.

def counts(before, theirs, _after, _ran):
    """It is another number; test_system.py holds those of the system between
    two texts of the guest's own."""
    return numbers(before, theirs) is not None


def grows(before, theirs, after, _ran):
    """It becomes more."""
    found = numbers(before, theirs, after)
    return found and all(a <= b <= c for a, b, c in zip(*found))


def never(*_fields):
    """It does not move."""
    return False


def runs(_before, _theirs, _after, ran):
    """It is another where a task is at work."""
    return ran


ADDRESS = rb"([0-9a-f]{16}|\(_+ptrval_+\))"


def hidden(before, theirs, _after, _ran):
    """Addresses of sockets, once the guest has enough random bits for a key."""
    texts = before, theirs
    return any(b"ptrval" in text for text in texts) and len(
        {re.sub(ADDRESS, b"", text) for text in texts}) == 1


def sleeps(before, theirs, _after, ran):
    """All but clock-delta, which whoever reads it measures."""
    return ran or len({re.sub(rb"(?m)^clock-delta +: +\d+$", b"", text)
                       for text in (before, theirs)}) == 1


def multiplied(before, theirs, _after, _ran):
    """What a segment of huge pages has, in kernels from 6.7 on until they are
    mended."""
    return before == theirs.replace(b"%21d" % (512 * HUGE), b"%21d" % HUGE)


# What moves by being read, or with time, file by file: names of fields, which
# are what a line begins with, or the number of a column.
MOVES = {
    "meminfo": dict.fromkeys((
        "MemFree", "MemAvailable", "Active", "Active(anon)", "AnonPages",
        "Committed_AS", "Inactive", "Inactive(anon)", "KReclaimable",
        "KernelStack", "Mapped", "PageTables", "SReclaimable", "SUnreclaim",
        "Slab", "VmallocUsed"), counts),
    "loadavg": dict.fromkeys("12345", counts),
    **{f"pressure/{kind}": dict.fromkeys(
        ("some", "full", "2", "3", "4", "5"), counts)
       for kind in ("cpu", "io", "memory")},
    "uptime": dict.fromkeys("12", counts),
    "stat": dict.fromkeys(("cpu", "cpu0", "ctxt", "intr", "processes",
                           "procs_running", "softirq"), counts),
    "softirqs": dict.fromkeys(("TIMER", "SCHED", "RCU", "TASKLET", "HI",
                               "HRTIMER"), counts),
    "vmstat": dict.fromkeys((
        "nr_free_pages", "nr_free_pages_blocks", "nr_zone_inactive_anon",
        "nr_zone_active_anon", "nr_inactive_anon", "nr_active_anon",
        "nr_slab_reclaimable", "nr_slab_unreclaimable", "nr_anon_pages",
        "nr_mapped", "nr_kernel_stack", "nr_page_table_pages", "nr_vmalloc",
        "nr_dirty_threshold", "nr_dirty_background_threshold", "numa_hit",
        "numa_local", "numa_interleave", "pgalloc_dma", "pgalloc_dma32",
        "pgalloc_normal", "pgfree", "pgactivate", "pgfault", "pgmajfault",
        "pgreuse", "direct_map_level2_splits"), counts),
    "interrupts": dict.fromkeys(("0", "1", "2", "3", "4", "5", "6", "7", "LOC",
                                 "IWI", "RES", "CAL", "TLB"), counts),
    "schedstat": dict.fromkeys(("timestamp", "cpu0"), grows),
    "PID/schedstat": dict.fromkeys(("1", "2", "3"), grows),
    "PID/stat": {"10": grows,  # how times are split is not settled for good
                 **dict.fromkeys(("3", "14", "15", "35", "39"), runs)},
    "PID/status": {"State": runs, "voluntary_ctxt_switches": grows,
                   "nonvoluntary_ctxt_switches": grows},
}
MOVES["PID/task/TID/stat"] = MOVES["PID/stat"]

# The same of whole files, and in words.
MOVE = {**{f"PID/{name}": (runs, "exact while it sleeps")
           for name in ("stack", "syscall", "wchan")},
        "sysvipc/shm": (multiplied, "exact but for rss of huge pages"),
        "PID/sched": (sleeps, "exact while it sleeps but for clock-delta"),
        **{f"{where}net/{name}": (hidden, "exact")
           for where in ("", "PID/") for name in (
               "netlink", "packet", "raw", "raw6", "udp", "udp6", "unix")}}

# Files whose own test compares them, for what the guest says of its memory is
# another thing once it has said it, or is no such text.
ELSEWHERE = {"kallsyms": "test_vmlinux.py", "kmsg": "test_proc.py",
             "sys/*": "test_sysctl.py",
             **dict.fromkeys(("net/tcp", "net/tcp6", "PID/net/tcp",
                              "PID/net/tcp6"), "test_sockets.py"),
             "PID/mem": "test_mount.py",
             "mdstat": "test_md.py",
             "PID/pagemap": "test_proc_tree.py",
             "timer_list": "test_system.py",
             **dict.fromkeys(("kpagecount", "kpageflags", "kpagecgroup"),
                             "test_system.py"),
             **dict.fromkeys(("PID/mountinfo", "PID/mounts", "PID/mountstats"),
                             "test_mounts.py"),
             **dict.fromkeys(("buddyinfo", "pagetypeinfo", "slabinfo",
                              "vmallocinfo", "zoneinfo"), "test_managers.py")}


# Scenes with many processes that are alike.
ALIKE = re.compile(r"(tree\.r.+|chain\.[1-9]|threads\.[2-9]|server)$")


def users(guest):
    """All kinds that stay, but for the server, which is at work; and
    kthreadd."""
    return sorted({1, 2, *(label.pid for name, label in guest.labels().items()
                           if not ALIKE.match(name))})


def key_of(line, number):
    """What a line is told by: its name, or where it stands."""
    name = re.match(rb"\s*([\w()/.-]+)", line)
    return name[1].decode() if name and not name[1].isdigit() else str(number)


def fields(text):
    """{where: what a file says there}: lines, or the words of a single one;
    what a task is called is one word."""
    lines = text.split(b"\n")
    if len(lines) > 2:
        return {(key_of(line, i), i): line for i, line in enumerate(lines)}
    words = re.sub(rb"(?<=\().*(?=\))",
                   lambda name: name[0].replace(b" ", b"_"), text).split()
    return {(str(i + 1), i): word for i, word in enumerate(words)}


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


def ours(guest, qvmi, paths):
    """{path: its text}, in one pause.  What qvmi says of one that it cannot
    show is an answer, too, and a wrong one."""
    said = qvmi(guest, "cat", "--json", *paths, status=None)
    found = {row["path"]: raw(row["text"])
             for row in json.loads(said.stdout)["rows"]}
    found.update({path.decode(): why for path, why in re.findall(
        rb"^qvmi: (\S+): (.*)$", said.stderr, re.M)})
    return {path: found.get(path, b"not shown") for path in paths}


# The kernel's own threads come and go.
AT_WORK = {"2/task/2/children"}

# What a thread has, and its process has not, or another one.
THREADS = {"children", "io", "stat"}


def name_of(path):
    """As the document has it."""
    name = re.sub(r"^\d+/(task/\d+/)?", "PID/", path)
    own = "/task/" in path and name[len("PID/"):] in THREADS
    return name.replace("PID/", "PID/task/TID/") if own else name


def fault(name, before, theirs, after, ran):
    """What differs and must not, or None.  What was as qvmi tells just before
    or after is right: a process may end meanwhile whose pages another had."""
    rules = MOVES.get(name, {})
    moves = MOVE.get(name, [never])[0]
    if theirs in (before, after) or moves(before, theirs, after, ran):
        return None
    all_fields = [fields(text) for text in (before, theirs, after)]
    if any(list(found) != list(all_fields[0]) for found in all_fields):
        return before, theirs, after
    wrong = [(where[0], *said) for where, said in (
        (where, [found[where] for found in all_fields])
        for where in all_fields[0])
        if said[1] not in (said[0], said[2])
        and not rules.get(where[0], never)(*said, ran)]
    return wrong or None


def may_move(name, before, theirs):
    """Whether a text differs only where it moves."""
    rules = MOVES.get(name, {})
    mine, other = fields(before), fields(theirs)
    return name in MOVE or (list(mine) == list(other) and {
        where[0] for where in mine
        if mine[where] != other[where]} <= set(rules))


# What the guest does between three looks, like closing sockets, it does not do
# each time; what qvmi tells wrong stays wrong.
TRIES = 4


def faults_of(guest, qvmi, paths):
    """{path: what is wrong}."""
    before = ours(guest, qvmi, paths)
    theirs = {path: said_by(guest, path) for path in paths}
    after = ours(guest, qvmi, paths)
    faults = {}
    for path in paths:
        work = f"{os.path.dirname(path)}/schedstat"
        wrong = fault(name_of(path), before[path], theirs[path], after[path],
                      before.get(work) != after.get(work))
        if wrong:
            faults[path] = wrong
    return faults


def verdicts(guest, qvmi):
    """({file: what the comparison says}, {path: what is wrong})."""
    found = {}
    everyone = users(guest)
    places = ["", "net", "1/net", "pressure", "sysvipc", *map(str, everyone),
              *(f"{pid}/attr" for pid in everyone),
              *(f"{pid}/task/{pid}" for pid in (1, 2)),
              *(f"{guest.labels()[name].pid}/task/{guest.labels()[thread].pid}"
                for name, thread in (("threads", "threads.1"),
                                     ("deadleader", "deadleader.1")))]
    paths = [path for path in files(guest, qvmi, *places)
             if name_of(path) not in ELSEWHERE and path not in AT_WORK]
    faults = faults_of(guest, qvmi, paths)
    for _ in range(TRIES - 1):
        if not faults:
            break
        work = {f"{os.path.dirname(path)}/schedstat" for path in faults}
        again = faults_of(guest, qvmi, [
            path for path in paths if path in faults or path in work])
        faults = {path: again[path] for path in faults if path in again}
    for path in paths:
        name = name_of(path)
        may = ", ".join(sorted(MOVES.get(name, ())))
        found[name] = MOVE[name][1] if name in MOVE else \
            f"exact but for {may}" if may else "exact"
    found.update({name: f"see {where}" for name, where in ELSEWHERE.items()})
    return found, faults


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
                                   key=lambda item: (item[0].startswith("PID/"),
                                                     item[0]))]
    DOC.write_text(before + "## Files\n" + "\n".join(lines) + "\n\n## " + rest)


def test_every_file(guest, qvmi):
    found, faults = verdicts(guest, qvmi)
    assert not faults, "\n".join(f"{path}: {wrong}"
                                 for path, wrong in faults.items())
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


@pytest.mark.variant("numa")
@pytest.mark.parametrize("kernel", ["5.10", "7.2"])
def test_policies_of_two_nodes(variant, qvmi, kernel):
    """Of mappings, of shared memory, and of the process, where there are two
    nodes."""
    guest = variant("numa", kernel=kernel)
    labels = guest.labels()
    said = {name: guest.cat(f"/proc/{labels[name].pid}/numa_maps")
            for name in ("policies", "policies.child")}
    for name, text in said.items():
        assert qvmi(guest, "cat", f"{labels[name].pid}/numa_maps"
                    ).stdout == text
    kinds = {line.split()[1] for line in said["policies"].splitlines()}
    assert {b"interleave=static:0-1", b"bind=relative:0-1", b"prefer:0",
            b"local", b"bind:0"} <= kinds
    assert b" default" in said["policies.child"]
    assert b"balancing" not in said["policies.child"] or kernel == "7.2"
