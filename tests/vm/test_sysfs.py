# SPDX-License-Identifier: BSD-2-Clause
"""What `run` has in /sys, against the guest's own /sys."""

import json
import re

import pytest

import sessions as s
from test_mount import run

SYSTEM = "/sys/devices/system"
# Directories of objects, and what their names begin with.
OBJECTS = {f"{SYSTEM}/cpu": "cpu", f"{SYSTEM}/memory": "memory",
           f"{SYSTEM}/node": "node"}
# Counters, which do not stand still: those of numastat only grow; of vmstat,
# which is /proc/zoneinfo's, names and their order are held together.
COUNTERS = re.compile(SYSTEM + r"/node/node\d+/(numastat|vmstat)")
# Sums of such counters in KiB: by how much they may be off; those in CONSTANT
# by nothing.
MEMINFO = re.compile(SYSTEM + r"/node/node\d+/meminfo")
SLACK = 4096
CONSTANT = {"MemTotal", "NFS_Unstable", "Bounce", "WritebackTmp",
            "HugePages_Total", "HugePages_Free", "HugePages_Surp"}

# {path: text of a file, or [target of a link]; None: an empty directory}
WALK = """
import json, os
found = {}
for path, below, names in os.walk("/sys"):
    if not below and not names:
        found[path] = None
    for name in below + names:
        at = os.path.join(path, name)
        if os.path.islink(at):
            found[at] = [os.readlink(at)]
        elif name in names:
            found[at] = open(at).read()
print(json.dumps(found))
"""


def numastat(guest):
    """[number] of all nodes."""
    text = guest.run(f"cat {SYSTEM}/node/node*/numastat")
    return [int(number) for number in re.findall(rb"\d+$", text, re.M)]


def ours(guest, qvmi):
    before = numastat(guest)
    mine = json.loads(run(qvmi, guest, "python3", "-c", WALK).stdout)
    told = "".join(mine[at] for at in sorted(mine) if at.endswith("/numastat"))
    numbers = [int(number) for number in re.findall(r"\d+$", told, re.M)]
    assert len(numbers) == len(before) >= 6
    assert all(a <= b <= c for a, b, c in zip(before, numbers,
                                              numastat(guest)))
    return mine


def theirs(guest, *paths):
    """{path: text} of all files below."""
    found = {}
    text = guest.run(f"grep -r '' {' '.join(paths)} 2>/dev/null; true")
    for line in text.decode(errors="replace").splitlines():
        path, _, rest = line.partition(":")
        found[path] = found.get(path, "") + rest + "\n"
    return found


def named(names, begin):
    return {name for name in names if re.fullmatch(begin + r"\d+", name)}


def check_meminfo(mine, real):
    """Line by line, with their blanks, and as wide."""
    def parts(text):
        return [re.fullmatch(r"(Node \d+ ([\w()]+): *)(\d+)( kB)?\n", line)
                for line in text.splitlines(keepends=True)]

    for one, other in zip(parts(mine), parts(real), strict=True):
        assert one[1].rstrip() == other[1].rstrip() and one[4] == other[4]
        assert len(one[0]) == len(other[0]), (one[0], other[0])
        slack = 0 if one[2] in CONSTANT else SLACK
        assert abs(int(one[3]) - int(other[3])) <= slack, (one[0], other[0])


def check(guest, mine, paths):
    """Ours have the guest's texts, and lead where the guest's own do."""
    told = theirs(guest, *paths)
    for path, text in mine.items():
        if COUNTERS.fullmatch(path):
            assert re.findall(r"^\w+", text, re.M) == re.findall(
                r"^\w+", told[path], re.M)
        elif MEMINFO.fullmatch(path):
            check_meminfo(text, told[path])
        elif isinstance(text, str):
            assert text == told[path], path
        elif text:
            assert [guest.run(f"readlink {path}").decode().strip()] == text
        else:
            assert guest.run(f"ls {path}") == b""
    for path, begin in OBJECTS.items():
        assert named(guest.run(f"ls {path}").decode().split(), begin) == named(
            {at[len(path) + 1:].split("/")[0] for at in mine
             if at.startswith(path)}, begin)


def modules(guest):
    return [line.split()[0].decode()
            for line in guest.cat("/proc/modules").splitlines()]


def test_all_of_it(guest, qvmi):
    """Byte for byte, and nothing of this host."""
    mine = ours(guest, qvmi)
    paths = [*OBJECTS, *(f"/sys/module/{name}" for name in modules(guest))]
    assert all(any(at.startswith(path + "/") for path in paths) for at in mine)
    assert {at.split("/")[3] for at in mine if at.startswith("/sys/module/")
            } == set(modules(guest))
    assert {"possible", "offline", "cpu0/topology/core_id",
            "cpu0/topology/thread_siblings_list"} <= {
                at[len(SYSTEM) + 5:] for at in mine}
    assert f"{SYSTEM}/memory/memory0/state" in mine
    assert len(mine) > 30
    check(guest, mine, paths)
    assert s.until_running(guest)


@pytest.mark.variant("numa")
def test_more_of_each(variant, qvmi):
    """Several CPUs and nodes, one of the CPUs being switched off."""
    guest = variant("numa")
    paths = list(OBJECTS)
    online = f"{SYSTEM}/cpu/cpu1/online"
    for state in "01":
        guest.run(f"echo {state} > {online}")
        mine = ours(guest, qvmi)
        assert mine[online] == state + "\n"
        assert mine[f"{SYSTEM}/cpu/online"] == ("0-1\n" if int(state)
                                                else "0\n")
        assert mine[f"{SYSTEM}/node/node1/cpulist"] == (
            "1\n" if int(state) else "\n")
        assert mine[f"{SYSTEM}/node/node1/distance"] == "20 10\n"
        assert (f"{SYSTEM}/cpu/cpu1/topology/core_id" in mine) == (
            state == "1")
        assert mine[f"{SYSTEM}/memory/memory3/node1"] == ["../../node/node1"]
        check(guest, {at: text for at, text in mine.items()
                      if at.startswith(SYSTEM)
                      and at != f"{SYSTEM}/cpu/cpu1/topology"}, paths)
