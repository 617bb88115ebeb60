# SPDX-License-Identifier: BSD-2-Clause
"""`ps -o` says what /proc/PID/{stat,cmdline,ns} say, and reads no more."""

import contextlib
import json
import re

import pytest

from test_ps import PF_KTHREAD

SPACES = ["cgroup", "ipc", "mnt", "net", "pid", "time", "user", "uts"]
EXTRA = ["args", "threads", "start", "time", "utime", "stime", "pgid", "sid",
         *(name + "ns" for name in SPACES)]
TICK_US = 10000
# Numbers of fields of /proc/PID/stat, proc(5).
STAT = {"ppid": 4, "pgid": 5, "sid": 6, "flags": 9, "utime_us": 14,
        "stime_us": 15, "threads": 20, "start_us": 22}
TIMES = ("utime_us", "stime_us")


def ps(guest, qvmi, *args, status=0):
    """{thread id: row}."""
    done = json.loads(qvmi(guest, "ps", "-J", *args, status=status).stdout)
    return {row["tid"]: row for row in done["rows"]}


def stats(guest, files):
    """{id: {name: number}} of stat files."""
    text = guest.run(f"cat {files}; true")
    found = {}
    for line in re.findall(rb"(?ms)^(\d+) \(.*?\) (\S (?:-?\d+ ?)+)$", text):
        words = line[1].split()
        found[int(line[0])] = {name: int(words[at - 3])
                               for name, at in STAT.items()}
    return found


def cmdlines(guest):
    """{pid: bytes}."""
    said = guest.run("tail -n +1 /proc/[0-9]*/cmdline 2>/dev/null; true")
    parts = re.split(rb"(?:^|\n)==> /proc/(\d+)/cmdline <==\n", said)
    return {int(pid): data for pid, data in zip(parts[1::2], parts[2::2])}


def namespaces(guest):
    """{pid: {name: inode number}}."""
    said = guest.run("ls -l /proc/[0-9]*/ns/ 2>/dev/null; true")
    parts = re.split(rb"(?m)^/proc/(\d+)/ns/:$", said)
    return {int(pid): {kind.decode(): int(inum) for kind, inum in re.findall(
        rb" (\w+) -> \w+:\[(\d+)\]", data)}
            for pid, data in zip(parts[1::2], parts[2::2])}


@contextlib.contextmanager
def sleepers(guest):
    """Processes with arguments, and in namespaces of their own."""
    commands = ["setsid busybox sh -c 'sleep 1000; true' '' 'two words' last",
                "unshare -m -u -i -n sleep 1001",
                "unshare -p -f sleep 1002", "unshare -U sleep 1003"]
    for command in commands:
        guest.run(f"{command} </dev/null >/dev/null 2>&1 & true")
    guest.run("sleep 0.5")
    try:
        yield
    finally:
        last = guest.labels()["server"].pid
        guest.run("for p in /proc/[0-9]*; do p=${p#/proc/}; "
                  f"[ $p -le {last} ] || [ $p = $$ ] || kill -9 $p; done "
                  "2>/dev/null; true")


def known(row, name):
    """A number of a row, in the unit of stat."""
    return row[name] // TICK_US if name.endswith("_us") else row[name]


def assert_times(row, old, new):
    """The sum never goes back. Its parts do by a bit, for the kernel takes
    care of that only where somebody looks at it: by /proc, as nobody here."""
    least, most = (sum(stat[name] for name in TIMES) for stat in (old, new))
    assert least * TICK_US <= row["time_us"] < (most + 2) * TICK_US
    assert row["time_us"] - row["utime_us"] - row["stime_us"] in (0, 1)
    if all(old[name] == new[name] for name in TIMES):
        assert all(abs(known(row, name) - old[name]) <= 1 for name in TIMES)
    return all(known(row, name) == old[name] for name in TIMES)


def assert_stats(rows, before, after):
    """All is equal but for who ran meanwhile."""
    checked = same = 0
    for tid in set(before) & set(after) & set(rows):
        old, new, row = before[tid], after[tid], rows[tid]
        for name in set(STAT) - {"flags", *TIMES}:
            if old[name] == new[name]:
                assert known(row, name) == old[name], (name, row)
        same += assert_times(row, old, new)
        checked += 1
    assert checked > 80 and same > 0.8 * checked


def test_as_proc_says(guest, qvmi):
    with sleepers(guest):
        before = stats(guest, "/proc/[0-9]*/stat")
        rows = ps(guest, qvmi, "-o", ",".join(EXTRA))
        after = stats(guest, "/proc/[0-9]*/stat")
        lines, spaces = cmdlines(guest), namespaces(guest)
    assert_stats(rows, before, after)
    assert any(row["sid"] == row["pid"] for row in rows.values())
    assert any(row["threads"] > 3 for row in rows.values())
    with_args = 0
    for pid in set(lines) & set(rows):
        want = lines[pid].decode(errors="backslashreplace")
        if rows[pid]["args"] is None:
            assert want == "" or rows[pid]["state"] == "Z", rows[pid]
        elif before.get(pid, {}).get("flags", 0) & PF_KTHREAD == 0:
            assert rows[pid]["args"] == want
            with_args += want != ""
    assert with_args > 30
    assert any(row["args"] == "busybox\0sh\0-c\0sleep 1000; true\0\0"
               "two words\0last\0" for row in rows.values())
    kinds = {kind: set() for kind in SPACES}
    for pid in set(spaces) & set(rows):
        for kind in SPACES:
            assert rows[pid][kind + "ns"] == spaces[pid].get(kind), (
                kind, rows[pid])
            kinds[kind].add(rows[pid][kind + "ns"])
    for kind in ("ipc", "mnt", "net", "pid", "user", "uts"):
        assert len(kinds[kind] - {None}) > 1, kind


def test_threads(guest, qvmi):
    """Times of each thread, not of its process."""
    files = "/proc/[0-9]*/task/[0-9]*/stat"
    before = stats(guest, files)
    rows = ps(guest, qvmi, "-t", "-o", "time,utime,stime,start,pgid,sid,"
              "threads")
    assert_stats(rows, before, stats(guest, files))


def text(guest, qvmi, *args):
    """Lines of words."""
    said = qvmi(guest, "ps", *args, env={"LC_ALL": "C.UTF-8"}).stdout
    return [line.split() for line in said.decode().splitlines()]


def test_text(guest, qvmi):
    """Columns as they were named; command lines as ps shows them."""
    head, *lines = text(guest, qvmi, "-o", "time,pid", "-o", "args,comm")
    assert head == ["TIME", "PID", "ARGS", "COMM"]
    rows = {line[1]: line for line in lines}
    assert re.fullmatch(r"\d\d:\d\d:\d\d", rows["1"][0])
    assert rows["1"][2:] == ["/init", "init"]
    assert rows["2"][2:] == ["[kthreadd]", "[kthreadd]"]
    zombie = str(guest.labels()["zombie"].pid)
    assert rows[zombie][2:4] == ["[zombie", "child]"]
    head, *lines = text(guest, qvmi, "-t", "-o", "tid,start")
    assert head == ["TID", "START"] and len(lines) > len(rows)
    plain = set(json.loads(qvmi(guest, "ps", "-J").stdout)["rows"][0])
    more = set(json.loads(qvmi(guest, "ps", "-J", "-o", "start,pid").stdout)[
        "rows"][0])
    assert more == plain | {"start_us"}


@pytest.mark.parametrize("args,words", [
    (("-o", "pid,x"), b"no column 'x'; there are: pid, tid, ppid, "),
    (("-o", ""), b"no column ''"), (("-o", "pid,"), b"no column ''"),
    (("-o", "comm", "-o", "pid,comm"), b"'comm' is there already"),
    (("-p", "x"), b"no number"), (("-p", "1,"), b"number"),
    (("-p", "4194305"), b"too large"), (("-u", "-1"), b"no number"),
    (("--sort", "pid,-x"), b"nothing is sorted by 'x'; there are: pid, tid, "),
    (("--sort", "pid", "--tree"), b"a tree is not sorted")])
def test_usage(qvmi, args, words):
    done = qvmi("unix:/nonexistent", "ps", *args, status=2)
    assert done.stdout == b"" and done.stderr.startswith(b"qvmi: ps: ")
    assert words in done.stderr and done.stderr.count(b"\n") == 1


def test_filters(guest, qvmi):
    """What is shown fits all that is asked for."""
    everything = ps(guest, qvmi)
    threads = ps(guest, qvmi, "-t")
    label = guest.labels()["threads"]
    owner = guest.labels()["owner.user"]
    kernel = {pid for pid, row in everything.items() if row["kernel_thread"]}
    assert set(ps(guest, qvmi, "-p", f"{label.pid},1")) == {1, label.pid}
    assert set(ps(guest, qvmi, "-p", 1, "-p", 2)) == {1, 2}
    own = {tid for tid, row in threads.items() if row["pid"] == label.pid}
    assert set(ps(guest, qvmi, "-t", "-p", label.pid)) == own
    assert len(own) > 3
    assert set(ps(guest, qvmi, "--no-kthreads")) == set(everything) - kernel
    assert set(ps(guest, qvmi, "-u", owner.euid)) == {
        pid for pid, row in everything.items() if row["uid"] == owner.euid}
    assert set(ps(guest, qvmi, "-C", "init")) == {1}
    assert set(ps(guest, qvmi, "-C", "kthreadd", "-C", "init")) == {1, 2}
    assert set(ps(guest, qvmi, "-p", "1,2", "--no-kthreads", "-u", 0)) == {1}
    found = ps(guest, qvmi, "-p", label.pid, "-o", "time,args")[label.pid]
    whole = ps(guest, qvmi, "-o", "args,time")[label.pid]
    assert found["args"] == whole["args"] and found["time_us"] > 0
    assert found["time_us"] <= whole["time_us"]


@pytest.mark.parametrize("args,words", [
    (("-p", "4194304"), b"no process with pid 4194304"),
    (("-C", "no such name"), b"there is no such process"),
    (("-p", "2", "--no-kthreads"), b"there is no such process")])
def test_nothing_fits(guest, qvmi, args, words):
    done = qvmi(guest, "ps", *args, status=1)
    assert words in done.stderr and done.stderr.count(b"\n") == 1


def test_sorted(guest, qvmi):
    """By columns that are not shown, too; what is alike by PID."""
    def rows(*args):
        return json.loads(qvmi(guest, "ps", "-J", *args).stdout)["rows"]
    by_time = rows("-o", "pid,time", "--sort=-time")
    assert [row["pid"] for row in by_time] != sorted(
        row["pid"] for row in by_time)
    times = [row["time_us"] for row in by_time]  # of nanoseconds
    assert times == sorted(times, reverse=True)
    by_parent = rows("--sort", "ppid,-rss,pid")
    assert by_parent == sorted(by_parent, key=lambda row: (
        row["ppid"], -row["rss"], row["pid"]))
    plain = rows("-o", "pid")
    again = rows("-o", "pid", "--sort=sid")
    assert {row["pid"] for row in plain} == {row["pid"] for row in again}
    assert set(plain[0]) == set(again[0])


def test_some_are_missing(guest, qvmi):
    """A thread is no process; what is there is shown."""
    thread = next(tid for tid, row in ps(guest, qvmi, "-t").items()
                  if tid != row["pid"])
    for args in ((), ("-t",), ("-o", "time")):
        done = qvmi(guest, "ps", "-J", "-p", f"1,{thread}", *args, status=1)
        assert [row["pid"] for row in json.loads(done.stdout)["rows"]] == [1]


def test_tree_of_some(guest, qvmi):
    """What hangs below a process that is not shown begins a tree."""
    rows = ps(guest, qvmi, "--no-kthreads")
    head, *lines = text(guest, qvmi, "--tree", "--no-kthreads")
    assert head[-1] == "COMM" and lines[0][0] == "1"
    assert {int(line[0]) for line in lines} == set(rows)
    chain = guest.labels()["chain.0"].pid
    alone = text(guest, qvmi, "--tree", "-p", chain)[1]
    assert alone[0] == str(chain) and alone[-1] == rows[chain]["comm"]


def test_reads_what_is_shown(guest, qvmi):
    """The usual columns cost what they did; few columns cost less."""
    def batches(*args):
        qvmi.forget_places()
        return json.loads(qvmi(guest, "ps", "-J", "--stats", "--memory",
                               "stub", *args).stdout)["stats"]["batches"]
    qvmi(guest, "info")
    guest.stop()
    try:
        few, usual = batches("-o", "pid,comm"), batches()
        one, all_of_it = batches("-p", 1, "-o", "comm"), batches(
            "-o", ",".join(EXTRA))
    finally:
        guest.cont()
    assert one <= few < usual < all_of_it <= 2 * usual


def on_terminal(guest, qvmi, columns, *args):
    """Lines as a terminal of that width gets them."""
    status, said = qvmi.on_terminal(qvmi.argv(guest, *args), columns=columns,
                                    env={"LC_ALL": "C.UTF-8"})
    assert status == 0
    return said.decode().splitlines()


def test_rows_are_not_wrapped(guest, qvmi):
    args = ("ps", "-p", "1,2", "-o", "pid,mntns,args,comm")
    whole = qvmi(guest, *args).stdout.decode().splitlines()
    assert on_terminal(guest, qvmi, 0, *args) == whole
    assert on_terminal(guest, qvmi, max(map(len, whole)), *args) == whole
    assert on_terminal(guest, qvmi, 20, *args) == [
        line[:19] + ">" for line in whole]
