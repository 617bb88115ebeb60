# SPDX-License-Identifier: BSD-2-Clause
"""`ls`, and the links below /proc: as the guest's own ls shows them."""

import hashlib
import json
import re
import struct

LINK = re.compile(rb"^l\S+ .* (\S+) -> (.*)$", re.M)


def theirs(guest, directories):
    """Links in directories of the guest's /proc, and where they lead."""
    found, directory = {}, None
    shown = guest.run("ls -l " + " ".join(f"/proc/{d}/" for d in directories)
                      + " 2>/dev/null; true")
    for line in shown.splitlines():
        if line.startswith(b"/proc/"):
            directory = line.decode().rstrip(":/").removeprefix("/proc/")
        link = LINK.match(line)
        if link:
            found[f"{directory}/{link[1].decode()}"] = link[2].decode(
                errors="replace")
    return found


def ours(guest, qvmi, *paths):
    rows = json.loads(qvmi(guest, "ls", "--json", *paths).stdout)["rows"]
    return {row["path"]: row["target"] for row in rows
            if row["kind"] == "link" and row["target"] is not None}


def as_shown(target):
    """As the guest's ls prints a path: bytes that are no ASCII are '?'."""
    path = re.sub(rb"\\x([0-9a-f]{2})", lambda m: bytes([int(m[1], 16)]),
                  target.encode())
    return re.sub(rb"[^ -~]", b"?", path).decode()


def users(guest):
    """All that stay; the server has files of its own while it answers."""
    return sorted({1, 2, *(label.pid for name, label in guest.labels().items()
                           if name != "server")})


def test_links(guest, qvmi):
    """Open files, namespaces, and where processes are, of all that stay."""
    pids = users(guest)
    for directory in "fd", "ns":
        paths = [f"{pid}/{directory}" for pid in pids]
        want = theirs(guest, paths)
        assert ours(guest, qvmi, *paths) == want and len(want) > 20
    paths = [f"{pid}/map_files" for pid in pids]
    want = theirs(guest, paths)
    assert {path: as_shown(target) for path, target in ours(
        guest, qvmi, *paths).items()} == want and len(want) > 20
    want = {path: target for path, target in theirs(guest, pids).items()
            if path.split("/")[1] in ("cwd", "exe", "root")}
    assert ours(guest, qvmi, *pids) == want and len(want) > 20
    assert "2/exe" not in want and want["1/exe"] == "/init"


def test_threads(guest, qvmi):
    """The same names, and their own values, below task/."""
    many = guest.labels()["heap"].pid
    pid = next((label.pid for name, label in guest.labels().items()
                if "thread" in name), many)
    tids = sorted(map(int, guest.run(f"ls /proc/{pid}/task").split()))
    listed = qvmi(guest, "ls", f"{pid}/task").stdout.decode().split()
    assert sorted(listed) == sorted(f"{pid}/task/{tid}/" for tid in tids)
    want = b"".join(guest.cat(f"/proc/{pid}/task/{tid}/comm") for tid in tids)
    assert qvmi(guest, "cat", f"{pid}/task/*/comm").stdout == want


def test_patterns(guest, qvmi):
    """Those of all processes cost no more round trips than one."""
    done = json.loads(qvmi(guest, "cat", "--json", "--stats",
                           "*/comm").stdout)
    comms = {row["path"]: row["text"] for row in done["rows"]}
    pids = re.findall(r"(?m)^\d+$", guest.run("ls /proc").decode())
    # ls itself has ended, and workers come and go
    assert abs(len(comms) - len(pids)) <= 5
    assert done["stats"]["batches"] < 60
    # a thread has a directory that is not listed
    kept = {f"{pid}/comm" for pid in users(guest) if str(pid) in pids}
    assert len(kept) > 20 and kept <= set(comms)
    again = json.loads(qvmi(guest, "cat", "--json", "--all",
                            "comm").stdout)["rows"]
    assert {row["path"]: row["text"] for row in again
            if row["path"] in kept} == {path: comms[path] for path in kept}


def test_the_root(guest, qvmi):
    names = qvmi(guest, "ls").stdout.decode().splitlines()
    assert qvmi(guest, "ls", "/proc").stdout.decode().splitlines() == names
    real = set(guest.run("ls /proc").decode().split())
    assert {name.rstrip("/").split(" -> ")[0]
            for name in names} <= real | {"kmsg"}
    assert {"1/", "version", "mounts -> self/mounts"} <= set(names)


def test_what_is_not_there(guest, qvmi):
    assert b"1/fd/999: there is no such file" in qvmi(
        guest, "ls", "1/fd/999", status=1).stderr
    assert b"1/fd is a directory" in qvmi(
        guest, "cat", "1/fd", status=1).stderr
    assert b"2/exe leads nowhere" in qvmi(
        guest, "cat", "2/exe", status=1).stderr
    assert qvmi(guest, "cat", "1/exe").stdout == b"/init\n"
    assert b"TID 'x'" in qvmi(guest, "ls", "1/task/x", status=2).stderr


def test_namespaces(guest, qvmi):
    """Which there are and how many are in each, as links below /proc say; and
    the PIDs that processes have inside."""
    rows = json.loads(qvmi(guest, "ns", "--json").stdout)["rows"]
    inside = {}
    for line in guest.run("ls -l /proc/[0-9]*/ns 2>/dev/null; true"
                          ).splitlines():
        if line.startswith(b"/proc/"):
            pid = int(line.split(b"/")[2])
        link = LINK.match(line)
        if link and not link[1].endswith(b"for_children"):
            kind, number = re.match(rb"(\w+):\[(\d+)\]", link[2]).groups()
            inside.setdefault((kind.decode(), int(number)), set()).add(pid)
    assert {(row["type"], row["ns"]) for row in rows} == set(inside)
    # ls itself has ended, and workers come and go
    for row in rows:
        there = inside[row["type"], row["ns"]]
        assert row["pid"] in there
        assert abs(len(there) - row["processes"]) <= 3
    for row in rows:
        if row["type"] != "pid":
            continue
        assert [told for told in rows if told["type"] == "pid"] == json.loads(
            qvmi(guest, "ns", "--json", "pid").stdout)["rows"]
        for member in json.loads(qvmi(guest, "ns", "--json",
                                      row["ns"]).stdout)["rows"][:8]:
            status = guest.run(f"cat /proc/{member['pid']}/status").decode()
            pids, = re.findall(r"(?m)^NSpid:\t(.*)$", status)
            assert member["pid_inside"] == int(pids.split()[-1])
    assert b"no process is in a namespace 7" in qvmi(guest, "ns", 7,
                                                     status=1).stderr
    assert b"'nets' is neither" in qvmi(guest, "ns", "nets", status=2).stderr


# What begins lines of fdinfo that are left out.
LEFT_OUT = ("SqMask:", "SqThread:")


# How long a timer has: seconds and nanoseconds.
IT_VALUE = re.compile(r"(?<=^it_value: )\((\d+), (\d+)\)$", re.M)
TICKS = 0.05  # seconds; qvmi tells what the guest's clock was at its last one


def left(text):
    """What a timer has still, in seconds; None of other files."""
    value = IT_VALUE.search(text)
    return value and int(value[1]) + int(value[2]) / 1e9


def runs(before, mine, after):
    """Whether a running timer has between what the guest says it has."""
    texts = before, mine, after
    return left(mine) and len({IT_VALUE.sub("", text) for text in texts}) == 1 \
        and left(after) <= left(mine) <= left(before) + TICKS


def test_open_files(guest, qvmi):
    """What fdinfo says of each, and what the table of them says."""
    pids = users(guest)
    timers = guest.labels()["fds"].pid
    before = {path: guest.cat(f"/proc/{path}").decode() for path in (
        f"{timers}/fdinfo/{fd.decode()}"
        for fd in guest.run(f"ls /proc/{timers}/fd").split())}
    rows = json.loads(qvmi(guest, "cat", "--json", *(
        f"{pid}/fdinfo/*" for pid in pids if guest.run(
            f"ls /proc/{pid}/fd").split()), status=None).stdout)["rows"]
    assert len(rows) > 20
    assert {"tfd", "Pid", "NSpid", "eventfd-id", "it_interval", "inotify wd",
            "fanotify flags", "fanotify ino", "fanotify mnt_id", "fanotify sdev",
            "pending", "map_id", "owner_prog_type", "run_cnt", "btf_id", "tp_name",
            "cgroup_id", "netns_ino", "target_name", "SqThread", "  op=6, task_works=0",
            "PollList"} <= {
        line.split(":")[0] for row in rows for line in row["text"].splitlines()}
    for row in rows:
        said = guest.cat(f"/proc/{row['path']}").decode()
        mine = row["text"]
        if row["path"] in before and runs(before[row["path"]], mine, said):
            continue
        assert mine == said or (  # what a special file adds
            said.startswith(mine) and mine.count("\n") >= 3 and
            said[len(mine):].startswith(LEFT_OUT)), (mine, said)
    table = json.loads(qvmi(guest, "files", "--all", "--json",
                            status=None).stdout)["rows"]
    # a thread has a directory that is not listed, and no rows
    listed = set(map(int, re.findall(r"(?m)^\d+$",
                                     guest.run("ls /proc").decode())))
    links = theirs(guest, [f"{pid}/fd" for pid in listed.intersection(pids)])
    assert {f"{row['pid']}/fd/{row['fd']}": row["path"] for row in table
            if row["pid"] in pids} == links and len(links) > 20
    told = {f"{row['pid']}/fdinfo/{row['fd']}": row for row in table}
    for row in rows:
        if int(row["path"].split("/")[0]) not in listed:
            continue
        state = dict(line.split(":\t") for line in
                     row["text"].splitlines()[:3])
        assert int(state["pos"]) == told[row["path"]]["pos"]
        assert int(state["flags"], 8) == int(told[row["path"]]["flags"], 16)


def unescaped(field):
    return re.sub(r"\\(\d{3})", lambda byte: chr(int(byte[1], 8)), field)


def mountinfo(text):
    """Lines of /proc/PID/mountinfo as rows of `mounts` have them."""
    rows = []
    for line in text.splitlines():
        left, right = line.split(" - ")
        number, parent, dev, root, point, options, *tags = left.split(" ")
        kind, source, rest = right.split(" ", 2)
        tags = dict(tag.partition(":")[::2] for tag in tags)
        rows.append({
            "id": int(number), "parent": int(parent), "type": kind,
            "source": unescaped(source), "major": int(dev.split(":")[0]),
            "minor": int(dev.split(":")[1]), "root": root,
            "mount_point": unescaped(point), "options": options,
            "super": rest.split(",")[0], "unbindable": "unbindable" in tags,
            "shared": int(tags["shared"]) if "shared" in tags else None,
            "master": int(tags["master"]) if "master" in tags else None})
    return rows


def test_mounts(guest, qvmi):
    """As the guest's own mountinfo, but for file systems' own options."""
    rows = json.loads(qvmi(guest, "mounts", "--json").stdout)["rows"]
    want = mountinfo(guest.cat("/proc/1/mountinfo").decode())
    assert len(rows) == len(want) > 3
    for mine, other in zip(rows, want):
        assert mine["super_options"].split(",")[0] == other.pop("super")
        assert {key: mine[key] for key in other} == other
        assert mine["pid"] == 1
    every = json.loads(qvmi(guest, "mounts", "--all", "--json").stdout)["rows"]
    assert every[:len(rows)] == rows
    spaces = {guest.run(f"readlink /proc/{row['pid']}/ns/mnt") for row in every}
    assert len(spaces) == len({row["pid"] for row in every})


PAGES = 16  # of each place


def test_pagemap(guest, qvmi):
    """Words of pages of all kinds, as the guest reads them."""
    seen = 0
    for name in ("heap", "thp.whole", "thp.split", "thp.none", "thp.zero",
                 "hugetlb.file", "swap.first", "unmapped.file"):
        if name not in guest.labels():
            continue
        place = guest.labels()[name]
        page = place.addr & ~0xfff
        mine = qvmi(guest, "cat", f"{place.pid}/pagemap", "--offset",
                    page // 4096 * 8, "--length", 8 * PAGES).stdout
        assert list(struct.unpack(f"<{PAGES}Q", mine)) == list(
            guest.pagemap(place.pid, page, PAGES)), name
        seen += any(mine)
    assert seen > 3
    assert b"--length" in qvmi(guest, "cat", "1/pagemap", status=1).stderr
    assert b"8 bytes" in qvmi(guest, "cat", "1/pagemap", "--offset", 4,
                              "--length", 8, status=1).stderr


def test_files_of_the_guest(guest, qvmi):
    """Contents, out of memory alone: the guest's are all there."""
    guest.run("mkdir -p /tmp/cat; echo content > /tmp/cat/file; "
              "ln -sf file /tmp/cat/link; "
              "ln -sf /tmp/cat/../cat/link /tmp/cat/far")
    paths = [f"1:/tmp/cat/{name}" for name in ("file", "link", "far")]
    assert qvmi(guest, "cat", "--file", *paths, "--require-complete",
                ).stdout == 3 * b"content\n"
    for line in guest.run("md5sum /init /bin/sh").decode().splitlines():
        digest, path = line.split()
        mine = qvmi(guest, "cat", "--file", f"1:{path}").stdout
        assert hashlib.md5(mine).hexdigest() == digest, path
    gone = qvmi(guest, "cat", "--file", "1:/no/such/file", status=1)
    assert b"'no'" in gone.stderr and not gone.stdout
    assert b"directory" in qvmi(guest, "cat", "--file", "1:/bin",
                                status=1).stderr


COUNTS = {"Rss": "rss", "Pss": "pss", "Shared_Clean": "shared_clean",
          "Shared_Dirty": "shared_dirty", "Private_Clean": "private_clean",
          "Private_Dirty": "private_dirty", "Referenced": "referenced",
          "Anonymous": "anonymous", "LazyFree": "lazy_free",
          "AnonHugePages": "anon_huge_pages", "Swap": "swap",
          "Shared_Hugetlb": "shared_hugetlb",
          "Private_Hugetlb": "private_hugetlb"}


def counts_of(text):
    """The counts in KiB of each record of smaps or smaps_rollup."""
    records = []
    for line in text.decode(errors="replace").splitlines():
        key, _, value = line.partition(":")
        if re.match(r"[0-9a-f]+-[0-9a-f]+ ", line):
            records.append({})
        elif key in COUNTS:
            records[-1][COUNTS[key]] = int(value.split()[0])
    return records


def in_kib(row):
    return {key: row[key] // 1024 for key in COUNTS.values()}


def test_smaps_as_rows(guest, qvmi):
    """The values of the files, which are compared as texts elsewhere."""
    every = {row["pid"]: row for row in json.loads(qvmi(
        guest, "smaps", "--all", "--json", status=None).stdout)["rows"]}
    pids = [pid for pid in users(guest) if pid in every]
    assert len(pids) > 10 and 2 not in every
    for pid in pids:
        want = counts_of(guest.cat(f"/proc/{pid}/smaps_rollup"))
        assert [in_kib(every[pid])] == want, pid
    for pid in pids[:4]:
        rows = json.loads(qvmi(guest, "smaps", pid, "--json").stdout)["rows"]
        want = counts_of(guest.cat(f"/proc/{pid}/smaps"))
        assert [in_kib(row) for row in rows] == want, pid
        assert sum(row["rss"] for row in rows) == every[pid]["rss"]
    assert b"kernel thread" in qvmi(guest, "smaps", 2, status=1).stderr
