# SPDX-License-Identifier: BSD-2-Clause
"""`ps` says of every process and thread what the guest's /proc says."""

import json
import re

import pytest

from test_guest import COMMS

# How text shows the names of COMMS; JSON keeps all that is UTF-8.
SHOWN = {
    "comm.newline": r"new\x0aline\x09\\x",
    "comm.escape": r"\x1b[31mred\x1b[0m",
    "comm.invalid": r"\xff\xfebad\xc2",
}
IN_JSON = {"comm.invalid": r"\xff\xfebad\xc2"}
PF_KTHREAD, PF_WQ_WORKER = 0x200000, 0x20


def ps(guest, qvmi, *args):
    """The rows of `ps -J` by thread id; nothing may be torn."""
    done = json.loads(qvmi(guest, "ps", "-J", *args).stdout)
    assert done["notes"] == [] and "error" not in done
    assert not any(row.pop("torn") for row in done["rows"])
    rows = {row["tid"]: row for row in done["rows"]}
    assert len(rows) == len(done["rows"])
    assert list(rows) == sorted(rows)
    return rows


def text_rows(guest, qvmi, *args):
    """The lines of `ps`, split; the last field may hold blanks."""
    text = qvmi(guest, "ps", *args, env={"LC_ALL": "C.UTF-8"}).stdout
    head, *lines = text.decode().splitlines()
    columns = head.split()
    return [dict(zip(columns, re.split(" +", line.lstrip() + " ",
                                       len(columns) - 1)))
            for line in lines]


def name(raw):
    """The Name of /proc/PID/status, where \\ and newline are escaped."""
    return re.sub(rb"\\([n\\])", lambda found: b"\n" if found[1] == b"n"
                  else b"\\", raw)


def stat(text):
    """{pid: (state, ppid, flags)} of stat files; they escape no newline."""
    return {int(line[0]): (line[1].decode(), int(line[2]), int(line[3]))
            for line in re.findall(
                rb"(?ms)^(\d+) \(.*?\) (\S) (\d+) (?:-?\d+ ){4}(\d+) "
                rb"[-\d ]+$", text)}


def tasks(guest):
    """{thread id: its /proc}, in the terms of `ps -J`.

    VmRSS is the sum of the kernel's counters on all four kernels. So is the
    rss of stat before 6.2; since then stat leaves out what the CPUs have not
    yet added to the counters, and status does not. (Before 6.2 each thread
    holds back up to 64 pages, and nothing in /proc but smaps counts them.)
    """
    files = "/proc/[0-9]*/task/[0-9]*/"
    stats = stat(guest.run(f"cat {files}stat; true"))
    text = guest.run("grep -hsE '^(Name|State|Tgid|Pid|PPid|Uid|VmRSS):' "
                     f"{files}status; true")
    found = {}
    for task in re.split(rb"(?m)^Name:\t", text)[1:]:
        comm, *lines = task.split(b"\n")
        said = dict(line.split(b":\t") for line in lines if line)
        tid = int(said[b"Pid"])
        if tid not in stats:
            continue
        ids = said[b"Uid"].split()
        found[tid] = {
            "pid": int(said[b"Tgid"]), "tid": tid,
            "ppid": int(said[b"PPid"]), "ruid": int(ids[0]),
            "uid": int(ids[1]), "state": said[b"State"][:1].decode(),
            "rss": 1024 * int(said.get(b"VmRSS", b"0 kB").split()[0]),
            "comm": name(comm), "flags": stats[tid][2]}
        assert found[tid]["ppid"] == stats[tid][1]
    return found


def split(guest, found):
    """User tasks and kernel threads.

    The server is the last process of the guest: who has a higher number ran
    the command that asked.
    """
    last = guest.labels()["server"].pid
    user = {tid: task for tid, task in found.items()
            if not task["flags"] & PF_KTHREAD}
    return ({tid: task for tid, task in user.items() if task["pid"] <= last},
            {tid: task for tid, task in found.items() if tid not in user})


def json_string(raw):
    """Guest bytes as JSON has them; these names hold no other backslash."""
    return raw.decode(errors="backslashreplace")


def assert_user_tasks(guest, rows, user, after):
    """All but the state of what sleeps and wakes by itself must be equal.

    Up to 6.1 a task adds what it touched to the counters of its mm at every
    64th page: who answers the questions may do so in between. And on a busy
    machine a task may be on its way to sleep still: what the guest says of it
    next is right as well.
    """
    awake = {guest.labels()[name].pid
             for name in ("watch.data", "code", "server")}
    ours = {tid: row for tid, row in rows.items() if not row["kernel_thread"]}
    assert sorted(ours) == sorted(user)
    for tid, task in user.items():
        want = {key: value for key, value in task.items() if key != "flags"}
        want["comm"] = json_string(task["comm"])
        got = {key: ours[tid][key] for key in want}
        if tid in awake and "R" in (got["state"], want["state"]):
            got["state"] = want["state"]
        for key in ("rss", "state"):
            if tid in after and got[key] == after[tid][key]:
                got[key] = want[key]
        assert got == want


def assert_kernel_threads(rows, before, after):
    """Workers come, go and wake; who was there all the time must be there.

    Behind the name of a worker stands what it does or did last, which may
    have changed: test_workers looks at that.
    """
    ours = {tid: row for tid, row in rows.items() if row["kernel_thread"]}
    assert set(before) & set(after) <= set(ours) <= set(before) | set(after)
    for tid in set(before) & set(after):
        task, row = before[tid], ours[tid]
        for key in ("pid", "tid", "ppid", "uid", "ruid", "rss"):
            assert row[key] == task[key], row
        if row["state"] != "R" and task == after[tid]:
            assert task["state"] in (row["state"], "R"), row
        if task["flags"] & PF_WQ_WORKER:
            assert re.split("[-+]", row["comm"])[0] == \
                re.split("[-+]", task["comm"].decode())[0]
        else:
            assert row["comm"] == task["comm"].decode()


def assert_all_equal(guest, qvmi):
    """Every thread of the guest."""
    user, before = split(guest, tasks(guest))
    rows = ps(guest, qvmi, "-t")
    later, after = split(guest, tasks(guest))
    assert len(user) > 90 and len(before) > 20
    assert_user_tasks(guest, rows, user, later)
    assert_kernel_threads(rows, before, after)


@pytest.fixture
def paused(guest):
    """The guest, stopped, so that two looks at it must agree."""
    guest.stop()
    yield guest
    guest.cont()


def test_all(guest, qvmi):
    assert_all_equal(guest, qvmi)


def workers(guest):
    """{pid: comm} of who is called a worker."""
    lines = guest.run("grep -H ^kworker/ /proc/[0-9]*/comm; true")
    return {int(pid): comm for pid, comm in re.findall(
        r"/proc/(\d+)/comm:(.*)", lines.decode())}


def test_workers(guest, qvmi):
    """Workers are named as in /proc; one look without new work must come."""
    for _ in range(10):
        own, rows = workers(guest), ps(guest, qvmi)
        seen = {pid: rows[pid]["comm"] for pid in own if pid in rows}
        if seen == own:
            break
    assert len(own) > 5
    assert seen == own


def test_comms(guest, qvmi):
    """Hostile names, escaped in text and valid in JSON."""
    rows = ps(guest, qvmi)
    text = {int(row["PID"]): row["COMM"][:-1] if row["COMM"] else ""
            for row in text_rows(guest, qvmi)}
    for label, raw in COMMS.items():
        pid = guest.labels()[label].pid
        assert text[pid] == SHOWN.get(label, raw.decode(errors="replace"))
        assert rows[pid]["comm"] == IN_JSON.get(
            label, raw.decode(errors="replace"))
        assert not rows[pid]["kernel_thread"]
    assert text[2] == "[kthreadd]" and rows[2]["comm"] == "kthreadd"
    assert rows[2]["kernel_thread"]


def test_without_utf8(guest, qvmi):
    """In a locale without UTF-8 everything is ASCII, and comes to an end."""
    for args in (("ps", "-t"), ("ps", "--tree"), ("info",)):
        shown = qvmi(guest, *args, env={"LC_ALL": "C"}).stdout
        assert shown.isascii()
    assert b"gr\\xc3\\xbc" in qvmi(guest, "ps", env={"LC_ALL": "C"}).stdout


def test_no_control_byte_gets_out(guest, qvmi):
    for args in ((), ("-t",), ("--tree",), ("-J",)):
        text = qvmi(guest, "ps", *args).stdout
        text.decode()
        assert not re.search(rb"[\x00-\x09\x0b-\x1f\x7f]", text)


def test_states(guest, qvmi):
    rows = ps(guest, qvmi, "-t")
    labels = guest.labels()
    for label in ("zombie", "stopped", "traced", "vfork", "vfork.child"):
        assert rows[labels[label].pid]["state"] == labels[label].state
    leader, survivor = labels["deadleader"], labels["deadleader.1"]
    assert rows[leader.pid]["state"] == "Z"
    assert rows[leader.pid]["rss"] == 0
    assert rows[survivor.pid]["state"] == "S"
    assert rows[survivor.pid]["pid"] == leader.pid
    assert rows[survivor.pid]["rss"] > 0
    assert rows[labels["zombie"].pid]["comm"] == "zombie child"
    # parent and child of a vfork share their memory
    assert rows[labels["vfork"].pid]["rss"] == \
        rows[labels["vfork.child"].pid]["rss"] > 0


def test_owners(guest, qvmi):
    rows = ps(guest, qvmi)
    text = {int(row["PID"]): row for row in text_rows(guest, qvmi)}
    for who in ("user", "mixed", "setuid", "nobody", "big"):
        label = guest.labels()[f"owner.{who}"]
        assert rows[label.pid]["ruid"] == label.uid
        assert rows[label.pid]["uid"] == label.euid
        assert text[label.pid]["UID"] == str(label.euid)


def test_processes_are_the_leading_threads(paused, qvmi):
    threads = ps(paused, qvmi, "-t")
    assert ps(paused, qvmi) == {tid: row for tid, row in threads.items()
                                if tid == row["pid"]}
    label = paused.labels()["threads"]
    comms = sorted(row["comm"] for row in threads.values()
                   if row["pid"] == label.pid)
    assert comms == ["(worker) 3", "threads", "w4", "worker one", "worker-2"]


@pytest.mark.parametrize("args", [(), ("-t",)], ids=["processes", "threads"])
def test_text_is_json(paused, qvmi, args):
    hostile = {paused.labels()[label].pid: shown
               for label, shown in SHOWN.items()}
    rows = ps(paused, qvmi, *args)
    lines = text_rows(paused, qvmi, *args)
    assert len(lines) == len(rows)
    for line, (tid, row) in zip(lines, rows.items()):
        comm = hostile.get(tid, row["comm"])
        want = {"PID": str(row["pid"]), "PPID": str(row["ppid"]),
                "UID": str(row["uid"]), "STATE": row["state"],
                "RSS": str(row["rss"] // 1024),
                "COMM": f"[{comm}]" if row["kernel_thread"] else comm}
        if args:
            want["TID"] = str(tid)
        assert {key: value.strip() for key, value in line.items()} == want


@pytest.mark.parametrize("args", [(), ("-t",)], ids=["processes", "threads"])
def test_tree(paused, qvmi, args):
    """Whoever stands deeper hangs below the last one less deep."""
    rows = ps(paused, qvmi, *args)
    above, seen = [], set()
    for line in text_rows(paused, qvmi, "--tree", *args):
        row = rows[int(line["TID" if args else "PID"])]
        drawn = re.match("[│├└─ ]*", line["COMM"])[0]
        # a name of blanks only may be taken for lines, but for their width
        depth = (drawn.rindex("─") + 1) // 2 if "─" in drawn else 0
        del above[depth:]
        parent = row["ppid"] if row["tid"] == row["pid"] else row["pid"]
        assert (above[-1] if above else 0) == parent, line
        above.append(row["tid"])
        seen.add(row["tid"])
    assert seen == set(rows)


@pytest.mark.variant("smp4")
def test_counters_of_four_cpus(variant, qvmi):
    """Since 6.2 a part of RSS lies with the CPUs."""
    assert_all_equal(variant("smp4", kernel="7.2"), qvmi)


@pytest.mark.variant("many")
def test_two_thousand_processes(variant, qvmi):
    guest = variant("many")
    last = guest.labels()["server"].pid
    want = {pid: (ppid, state) for pid, (state, ppid, flags) in
            stat(guest.run("cat /proc/[0-9]*/stat; true")).items()
            if pid <= last and not flags & PF_KTHREAD}
    assert len(want) > 2000
    got = {pid: (row["ppid"], row["state"])
           for pid, row in ps(guest, qvmi).items()
           if not row["kernel_thread"]}
    assert got == want
