# SPDX-License-Identifier: BSD-2-Clause
"""`maps` prints what /proc/PID/maps says, byte for byte, for every process."""

import json
import re

import pytest


def pids(guest):
    """All processes of the guest that have memory, from /proc."""
    # one may end between its name and a look at it
    listing = guest.run("cd /proc && echo [0-9]*").split()
    return [int(pid) for pid in listing
            if guest.command(f"cat /proc/{int(pid)}/maps")[1]]


def split(text):
    """{pid: its lines} of `maps --all`."""
    parts = re.split(rb"(?m)^==> (\d+) .* <==\n", text)
    assert parts[0] == b""
    return dict(zip(map(int, parts[1::2]), parts[2::2]))


def assert_all_equal(guest, qvmi):
    """Every process's maps, in one go, against the guest's own."""
    running = {pid: guest.cat(f"/proc/{pid}/maps") for pid in pids(guest)}
    seen = split(qvmi(guest, "maps", "--all").stdout)
    # The shell that listed /proc is gone; nobody else comes or goes.
    expected = {pid: text for pid, text in running.items() if text}
    assert sorted(seen) == sorted(expected)
    for pid, text in expected.items():
        assert seen[pid] == text, f"maps of pid {pid} differ"


def test_all(guest, qvmi):
    assert_all_equal(guest, qvmi)


def test_one_by_one(guest, qvmi):
    for name in ("init", "many", "names.newline", "names.invalid", "chroot",
                 "overlay.upper", "shared.sysv", "stack", "ia32", "server"):
        pid = guest.labels()[name].pid
        done = qvmi(guest, "maps", pid)
        assert done.stdout == guest.cat(f"/proc/{pid}/maps"), name
        assert done.stderr == b""


def test_thread_id(guest, qvmi):
    """A thread has the maps of its process."""
    pid = guest.labels()["threads"].pid
    tids = guest.run(f"ls /proc/{pid}/task").split()
    assert len(tids) > 1
    assert qvmi(guest, "maps", tids[-1].decode()).stdout == guest.cat(
        f"/proc/{pid}/maps")


def test_many_vmas(guest, qvmi):
    """A maple tree of several levels, a deep red-black tree."""
    pid = guest.labels()["many"].pid
    text = qvmi(guest, "maps", pid).stdout
    assert len(text.splitlines()) > 1000
    assert text == guest.cat(f"/proc/{pid}/maps")


def test_json(guest, qvmi):
    pid = guest.labels()["names.invalid"].pid
    done = json.loads(qvmi(guest, "maps", pid, "--json").stdout)
    assert done["command"] == "maps" and done["qvmi"] == 1
    lines = guest.cat(f"/proc/{pid}/maps").splitlines()
    assert len(done["rows"]) == len(lines)
    for row, line in zip(done["rows"], lines):
        start, end = line.split(b" ")[0].split(b"-")
        assert int(row["start"], 16) == int(start, 16)
        assert int(row["end"], 16) == int(end, 16)


def test_batches_are_bounded(guest, qvmi):
    """Cost does not grow with the number of processes and areas."""
    stats = json.loads(qvmi(guest, "maps", "--all", "--json", "--stats")
                       .stdout)["stats"]
    assert stats["batches"] <= 80


@pytest.mark.parametrize("what,words", [
    ("kthread", b"is a kernel thread"), ("nobody", b"no process with pid"),
    ("zombie", b"has exited")])
def test_no_maps(guest, qvmi, what, words):
    pid = {"kthread": 2, "nobody": 999999,
           "zombie": guest.labels()["zombie"].pid}[what]
    done = qvmi(guest, "maps", pid, status=1)
    assert done.stdout == b""
    assert words in done.stderr and done.stderr.count(b"\n") == 1


@pytest.mark.variant("la57")
@pytest.mark.parametrize("kernel", ["6.1", "6.12", "7.2"])
def test_five_levels(variant, qvmi, kernel):
    assert_all_equal(variant("la57", kernel=kernel), qvmi)


@pytest.mark.variant("pti")
@pytest.mark.parametrize("kernel", ["5.10", "6.12"])
def test_pti(variant, qvmi, kernel):
    assert_all_equal(variant("pti", kernel=kernel), qvmi)


@pytest.mark.variant("nokaslr")
def test_nokaslr(variant, qvmi):
    assert_all_equal(variant("nokaslr"), qvmi)


@pytest.mark.variant("busy4")
def test_four_cpus(variant, qvmi):
    assert_all_equal(variant("busy4"), qvmi)


@pytest.mark.variant("split")
@pytest.mark.parametrize("name", ["split-pc", "split-q35"])
def test_split_memory(variant, qvmi, name):
    assert_all_equal(variant(name), qvmi)


@pytest.mark.variant("numa")
def test_numa(variant, qvmi):
    assert_all_equal(variant("numa"), qvmi)


@pytest.mark.variant("tcp")
def test_tcp(variant, qvmi):
    assert_all_equal(variant("tcp"), qvmi)


@pytest.mark.variant("many")
def test_two_thousand_processes(variant, qvmi):
    guest = variant("many")
    seen = split(qvmi(guest, "maps", "--all").stdout)
    assert len(seen) > 2000
    for name in ("sleeper.0", "sleeper.9", "many"):
        pid = guest.labels()[name].pid
        assert seen[pid] == guest.cat(f"/proc/{pid}/maps")
