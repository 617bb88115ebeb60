# SPDX-License-Identifier: BSD-2-Clause
"""What is in the slabs of a cache; and what was overwritten in them, where the
kernel fills what nobody may touch."""

import collections
import json
import re

import pytest

import guest as vm
from test_managers import rows, tasks_of, while_still

CACHES = ("task_struct", "vm_area_struct", "dentry", "kmalloc-64",
          "kmalloc-1k")
ALL_LETTERS = {"u": "in_use", ".": "free", "c": "free_on_cpus",
               "s": "free_in_sheaves", "?": "unknown"}


def contents(guest, qvmi, name, status=0):
    """The one row of a cache, which agrees with itself."""
    row, = json.loads(qvmi(guest, "slab", name, "--json",
                           status=status).stdout)["rows"]
    assert row["name"] == name
    letters = "".join(slab["map"] or "" for slab in row["slabs"])
    assert len(letters) == row["objects"]
    for letter, key in ALL_LETTERS.items():
        assert letters.count(letter) == row[key], key
    for slab in row["slabs"]:
        assert slab["objects"] == len(slab["map"])
        assert slab["in_use"] == slab["map"].count("u")
        if slab["list"] == "full":
            assert "." not in slab["map"]
    return row


def objects(row):
    """(address, letter) of each object, where nothing lies before it."""
    for slab in row["slabs"]:
        for i, letter in enumerate(slab["map"]):
            yield int(slab["slab"], 16) + i * row["size"], letter


def check_slabinfo(row, line):
    """/proc/slabinfo counts slabs and objects; all are active but those that
    are free in partial slabs."""
    _, active, number, size, *rest = line.split()
    assert row["objects"] == int(number) and row["size"] == int(size)
    assert len(row["slabs"]) == int(rest[-2])
    free = sum(slab["map"].count(".") for slab in row["slabs"]
               if slab["list"] == "partial")
    assert row["objects"] - free == int(active)


def stopped(guest, look):
    """What LOOK() returns while the guest stands still."""
    guest.qmp("stop")
    try:
        return look()
    finally:
        guest.qmp("cont")


def test_caches(guest, qvmi):
    """As many as the guest counts; and each process is in use."""
    (slabinfo,), table = while_still(
        guest, ["slabinfo"], lambda: stopped(guest, lambda: [
            contents(guest, qvmi, name) for name in CACHES]))
    lines = {line.split()[0]: line for line in slabinfo.splitlines()[2:]}
    for row in table:
        check_slabinfo(row, lines[row["name"]])
        assert row["unknown"] == 0 and row["overwritten"] == []
        assert row["hardened"] and row["debug"] is None
        assert any(slab["list"] == "full" for slab in row["slabs"])
    assert any(slab["list"] in ("partial", "cpu partial") for row in table
               for slab in row["slabs"])
    assert any(row["free_on_cpus"] or row["free_in_sheaves"] for row in table)
    letters = dict(objects(table[0]))
    tasks = tasks_of(guest, qvmi).values()
    assert table[0]["in_use"] >= len(tasks) > 20
    for task in tasks:
        assert letters[task] == "u" or task not in letters  # init_task
    text = qvmi(guest, "slab", "task_struct").stdout.decode()
    assert "Slabs:\n" in text and "Overwritten" not in text


def test_what_is_no_cache(guest, qvmi):
    done = qvmi(guest, "slab", "no-such-cache", status=1)
    assert b"no slab cache has the name 'no-such-cache'" in done.stderr


# Where a byte is overwritten: of which objects (and which of these), how far
# from their start (or from their end), in what part that is, and what should be
# there.
PLACES = (("u", 0, -1, "red zone before it", "cc"),
          ("u", 1, "end", "red zone behind it", "cc"),
          (".", 0, 5, "poison of a free object", "6b"),
          (".", 1, "last", "poison of a free object", "a5"))


def left_of(guest, qvmi, row):
    """Bytes before an object, by where one that is in use begins."""
    at = int(row["slabs"][0]["slab"], 16)
    found, = rows(guest, qvmi, "slab", f"{at + row['size'] // 2:#x}")
    return int(found["object"], 16) - at


def places(row, left):
    """{address: (its object, part, what should be there)}."""
    found = {}
    for letter, nth, offset, part, wanted in PLACES:
        offset = {"end": row["object_size"],
                  "last": row["object_size"] - 1}.get(offset, offset)
        these = [at for at, what in objects(row) if what == letter]
        if nth < len(these):
            start = these[nth] + left
            found[start + offset] = (start, part, wanted)
    return found


def check_overwritten(guest, qvmi, row, plan):
    """A byte in each place, which is told, and is put back."""
    wanted = places(row, left_of(guest, qvmi, row))
    base = int(rows(guest, qvmi, "info")[0]["page_offset"], 16)
    plan.write_text("".join(f"p:{at - base:#x} 0x42\n" for at in wanted))
    written = rows(guest, qvmi, "write", "--physical", "-f", plan)
    assert [each["old"] for each in written] == [
        old for *_, old in wanted.values()]
    try:
        told = contents(guest, qvmi, row["name"], status=1)["overwritten"]
    finally:
        qvmi(guest, "undo")
    assert {int(each["address"], 16): (int(each["object"], 16), each["part"],
                                       each["wanted"]) for each in told
            } == wanted
    assert all((each["bytes"], each["found"]) == (1, "42") for each in told)
    return {each["part"] for each in told}


def users_of(guest, cache):
    """{place in the kernel's code: objects that it allocated}, by the guest:
    in sysfs up to 5.12."""
    found = collections.Counter()
    text = guest.run("mount -t debugfs none /sys/kernel/debug; "
                     f"cat /sys/kernel/slab/{cache}/alloc_calls "
                     f"/sys/kernel/debug/slab/{cache}/alloc_traces; true")
    for number, place in re.findall(r"(?m)^ +(\d+) (\S+)/0x\w+ ",
                                    text.decode()):
        found[place] += int(number)
    return found


def check_users(guest, qvmi, row, theirs):
    """Who allocates processes: the places that the guest names, but that
    processes come and go meanwhile."""
    ours = {user["symbol"]: user["objects"] for user in row["users"]}
    assert sum(ours.values()) == row["in_use"]
    assert set(ours) == set(theirs)
    for place, number in theirs.items():
        assert abs(ours[place] - number) <= 8
    assert all(user["pid_first"] <= user["pid_last"] for user in row["users"])
    task = tasks_of(guest, qvmi)[1]
    init, = rows(guest, qvmi, "slab", f"{task:#x}")
    assert init["allocated_by"] in theirs and init["allocated_pid"] == 0
    assert init["ksize"] == init["object_size"] < init["size"]


def check_debugged(guest, qvmi, cred, theirs, plan):
    """Two caches, one of them with records of users."""
    parts = set()
    for cache, debug in (("task_struct", "PZU"), (cred, "PZ")):
        row = contents(guest, qvmi, cache)
        assert row["debug"] == debug and row["overwritten"] == []
        assert row["unknown"] == row["free_on_cpus"] == 0
        parts |= check_overwritten(guest, qvmi, row, plan)
        if "U" in debug:
            check_users(guest, qvmi, row, theirs)
        else:
            assert row["users"] == []
    assert parts == {part for *_, part, _ in PLACES}
    text = qvmi(guest, "slab", cred).stdout.decode()
    assert "Debugging:       PZ\n" in text


@pytest.mark.parametrize("kernel", vm.KERNELS)
def test_overwritten(variant, qvmi, kernel, tmp_path):
    """The kernel's own debugging of two caches. While the guest stands still,
    a byte of each kind is overwritten, found, and put back."""
    guest = variant(kernel=kernel, append="qvmi.scenes=0 "
                    "slub_debug=PZU,task_struct;PZ,cred*")
    name = next(row["name"] for row in rows(guest, qvmi, "slab")
                if row["name"].startswith("cred"))
    guest.run("sleep 0 & sleep 0 & sleep 0 & wait")  # which leave free ones
    theirs = users_of(guest, "task_struct")
    stopped(guest, lambda: check_debugged(guest, qvmi, name, theirs,
                                          tmp_path / "plan"))
