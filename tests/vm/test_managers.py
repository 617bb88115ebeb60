# SPDX-License-Identifier: BSD-2-Clause
"""What the kernel's managers of modules and memory say of themselves, as files
of /proc and as tables."""

import contextlib
import json
import re

import pytest

TRIES = 40
# Lines of /proc/zoneinfo that reading it, or a kernel thread, moves; and how
# many pages the guest may have taken and given back between two looks.
MOVING = re.compile(r"pages free|nr_\w+|numa_\w+|workingset_\w+|count:|high:")
SLACK = 512


def rows(guest, qvmi, *args):
    """The rows of a command that has all of its answer."""
    return json.loads(qvmi(guest, *args, "--json").stdout)["rows"]


def test_modules(guest, qvmi):
    """Byte for byte; and the table has the same."""
    theirs = guest.cat("/proc/modules")
    assert qvmi(guest, "cat", "modules").stdout == theirs
    lines = [line.split() for line in theirs.decode().splitlines()]
    table = rows(guest, qvmi, "modules")
    assert len(table) == len(lines) > 3
    for row, (name, size, uses, users, state, address, *_) in zip(table,
                                                                  lines):
        assert (row["name"], row["size"], row["uses"], row["state"]) == (
            name, int(size), int(uses), state)
        assert int(row["address"], 16) == int(address, 16)
        assert [user["name"] for user in row["users"]] == [
            user for user in users.split(",")
            if user not in ("", "-", "[permanent]")]
        assert row["permanent"] == ("[permanent]" in users)
    assert any(row["users"] for row in table)
    text = qvmi(guest, "modules").stdout.decode().splitlines()
    assert [line.split()[0] for line in text[1:]] == [
        row["name"] for row in table]


# Files of one line each, "path:line"; and links to modules.
PARTS = ("cd /sys/module; grep -r . */sections */parameters */taint "
         "2>/dev/null; ls -d */holders/* 2>/dev/null; true")
WORDS = {"sections": "section", "parameters": "parameter", "taint": "taint"}


def test_parts_of_modules(guest, qvmi):
    """All that /sys/module says of each, and its symbols; and no more."""
    loaded = [line.split()[0] for line in
              guest.cat("/proc/modules").decode().splitlines()]
    theirs = {name: set() for name in loaded}
    for line in guest.run(PARTS).decode().splitlines():
        path, _, value = line.partition(":")
        name, part, *of = path.split("/")
        if name in theirs:
            theirs[name].add(("user", *of) if part == "holders" else
                             (WORDS[part], *of, value))
    symbols = guest.run(r"grep '\[' /proc/kallsyms").decode().split()
    tables = {name: rows(guest, qvmi, "modules", name) for name in theirs}
    for name, have in theirs.items():
        table = tables[name]
        ours = {("section", row["name"], f"0x{int(row['address'], 16):016x}")
                for row in table if row["part"] == "section"}
        ours |= {("parameter", row["name"], row["value"]) for row in table
                 if row["part"] == "parameter" and row["mode"] != "0000"
                 and row["value"] != ""}
        ours |= {("user", row["name"]) for row in table
                 if row["part"] == "user"}
        unknown = {row["name"] for row in table if row["part"] == "parameter"
                   and row["value"] is None}
        assert unknown <= {"check_copy_up"}  # of a type of overlay's own
        have = {part for part in have if part[1] not in unknown}
        ours = {part for part in ours if part[1] not in unknown}
        taints = "".join(row["name"] for row in table
                         if row["part"] == "taint")
        ours |= {("taint", taints)} if taints else set()
        assert ours == have, name
        count, = (row["count"] for row in table if row["part"] == "symbols")
        assert count == symbols.count(f"[{name}]")
    used = {(name, words[0]) for name, have in theirs.items()
            for part, *words in have if part == "user"}
    assert used == {(row["name"], name) for name, table in tables.items()
                    for row in table if row["part"] == "uses"}
    text = qvmi(guest, "modules", "zrma", status=1).stderr
    assert b"no module 'zrma' is loaded: did you mean zram?" in text


def free_blocks(text):
    """{(node, zone): blocks of each order} of /proc/buddyinfo."""
    return {(int(node), zone): [int(n) for n in blocks.split()]
            for node, zone, blocks in re.findall(
                r"(?m)^Node (\d+), zone +(\w+) +(.*)$", text)}


def type_blocks(text):
    """{(node, zone, type): blocks of each order} of /proc/pagetypeinfo."""
    return {(int(node), zone, kind): [int(n) for n in blocks.split()]
            for node, zone, kind, blocks in re.findall(
                r"(?m)^Node +(\d+), zone +(\w+), type +(\w+) +([\d ]+)$",
                text)}


def while_still(guest, names, look, part=str):
    """What LOOK() returns where the guest says the same of files of /proc (of
    PART of them) before and after it; its own reading of these takes pages, so
    that they may change. Rather than for how long, it is tried so often."""
    def said():
        return [part(guest.cat(f"/proc/{name}").decode()) for name in names]

    for _ in range(TRIES):
        before = said()
        seen = look()
        if said() == before:
            return before, seen
    pytest.fail(f"{names} never stand still")


def check_buddy(guest, qvmi):
    """Text byte for byte, and all lists have as many blocks as they should."""
    (text,), ours = while_still(
        guest, ["buddyinfo"], lambda: qvmi(guest, "cat", "buddyinfo").stdout)
    assert ours.decode() == text
    (text,), ours = while_still(
        guest, ["pagetypeinfo"],
        lambda: qvmi(guest, "cat", "pagetypeinfo").stdout)
    assert ours.decode() == text
    (info, types), table = while_still(
        guest, ["buddyinfo", "pagetypeinfo"],
        lambda: rows(guest, qvmi, "buddy"))
    theirs, kinds = free_blocks(info), type_blocks(types)
    assert len(table) == sum(len(blocks) for blocks in theirs.values()) > 20
    for row in table:
        zone, order = (row["node"], row["zone"]), row["order"]
        assert row["free"] == row["counted"] == theirs[zone][order]
        assert row["size"] == 4096 << order
        assert {kind["name"]: kind["counted"] for kind in row["types"]} == {
            kind: blocks[order] for (*at, kind), blocks in kinds.items()
            if tuple(at) == zone}
    assert sum(row["counted"] for row in table) > 50
    return table


def test_buddy(guest, qvmi):
    check_buddy(guest, qvmi)


@pytest.mark.variant("numa")
def test_buddy_of_two_nodes(variant, qvmi):
    assert {row["node"] for row in check_buddy(variant("numa"), qvmi)} == {
        0, 1}


def stanzas(text):
    """{(node, zone): its lines} of /proc/zoneinfo."""
    return {(int(node), zone): body.splitlines() for node, zone, body in
            re.findall(r"(?ms)^Node (\d+), zone +(\w+)\n(.*?)(?=^Node |\Z)",
                       text)}


def line_pairs(before, after, ours):
    """Lines of three texts, which have as many, that are not the same."""
    lines = [text.splitlines() for text in (before, after, ours)]
    assert len({len(each) for each in lines}) == 1
    return [triple for triple in zip(*lines) if len(set(triple)) > 1]


def check_zoneinfo(guest, qvmi):
    """Reading the file takes pages, so that counters of pages, and of where
    they come from, may move; all else stands still. What moves keeps its name,
    and is no farther off than a page of a slab and a CPU's batch can be."""
    before = guest.cat("/proc/zoneinfo").decode()
    ours = qvmi(guest, "cat", "zoneinfo").stdout.decode()
    after = guest.cat("/proc/zoneinfo").decode()
    for lines in line_pairs(before, after, ours):
        names, values = zip(*(line.rsplit(None, 1) for line in lines))
        assert len(set(names)) == 1
        assert MOVING.fullmatch(names[0].strip()), lines
        low, high = sorted(int(value) for value in values[:2])
        assert low - SLACK <= int(values[2]) <= high + SLACK, lines
    return before


def test_zones(guest, qvmi):
    theirs = stanzas(check_zoneinfo(guest, qvmi))
    table = rows(guest, qvmi, "zones")
    assert len(table) == sum("  pagesets" in body for body in theirs.values())
    for row in table:
        body = {words[0].strip(): words[1] for words in
                (line.rsplit(None, 1) for line in
                 theirs[row["node"], row["zone"]]) if len(words) == 2}
        for key in ("min", "low", "high", "spanned", "present", "managed"):
            assert row[f"{key}_pages"] == int(body[key])
        assert row["start_pfn"] == int(body["start_pfn:"])
        assert abs(row["free_pages"] - int(body["pages free"])) <= SLACK
        assert [cpu["cpu"] for cpu in row["cpus"]] == [0]
    nodes = rows(guest, qvmi, "nodes")
    assert [node["node"] for node in nodes] == [0]
    assert nodes[0]["present_pages"] == sum(row["present_pages"]
                                            for row in table)
    assert [zone["zone"] for zone in nodes[0]["zones"]] == [
        row["zone"] for row in table]


@pytest.mark.variant("numa")
def test_zones_of_two_nodes(variant, qvmi):
    guest = variant("numa")
    check_zoneinfo(guest, qvmi)
    table, nodes = rows(guest, qvmi, "zones"), rows(guest, qvmi, "nodes")
    assert [node["node"] for node in nodes] == [0, 1]
    assert nodes[1]["start_pfn"] == 0x10000  # 256 MiB are on the first
    assert {row["node"] for row in table} == {0, 1}
    for node in nodes:
        ours = [row for row in table if row["node"] == node["node"]]
        assert sum(row["present_pages"] for row in ours) == \
            node["present_pages"]
        assert all([cpu["cpu"] for cpu in row["cpus"]] == [0, 1]
                   for row in ours)


@contextlib.contextmanager
def true_pointers(guest):
    """%pK shows root pointers as they are."""
    guest.run("echo 1 > /proc/sys/kernel/kptr_restrict")
    yield
    guest.run("echo 0 > /proc/sys/kernel/kptr_restrict")


def check_vmalloc(guest, qvmi):
    """Byte for byte, and the table has the same."""
    with true_pointers(guest):
        (theirs,), (ours, table) = while_still(
            guest, ["vmallocinfo"],
            lambda: (qvmi(guest, "cat", "vmallocinfo").stdout,
                     rows(guest, qvmi, "vmalloc")))
    assert ours.decode() == theirs and theirs.count("\n") > 80
    assert len(table) == theirs.count("\n")
    for row, line in zip(table, theirs.splitlines()):
        assert row["size"] == int(line.split()[1])
        assert (row["caller"] or "") in line
        assert (row["flags"] or "") in line
        assert (f" pages={row['pages']} " in line) == bool(row["pages"])
        assert int(row["end"], 16) - int(row["start"], 16) == row["size"]
        assert sum(node["pages"] for node in row["nodes"] or []) == (
            row["pages"] or 0)
    return table


def test_vmalloc(guest, qvmi):
    """With stacks of tasks that have ended among them: more than are kept for
    the next ones, so that some are freed and not yet purged."""
    guest.run("for i in 1 2 3 4 5 6 7 8 9; do sleep 0.1 & done; wait")
    table = check_vmalloc(guest, qvmi)
    assert any(row["physical"] for row in table)


@pytest.mark.variant("numa")
def test_vmalloc_on_two_nodes(variant, qvmi):
    table = check_vmalloc(variant("numa"), qvmi)
    assert {node["node"] for row in table for node in row["nodes"] or []} == {
        0, 1}


def check_slab(guest, qvmi):
    """Byte for byte, and the table has the same."""
    (theirs,), ours = while_still(guest, ["slabinfo"],
                                  lambda: qvmi(guest, "cat", "slabinfo").stdout)
    assert ours.decode() == theirs
    (theirs,), table = while_still(guest, ["slabinfo"],
                                   lambda: rows(guest, qvmi, "slab"))
    lines = [line.split() for line in theirs.splitlines()[2:]]
    assert len(table) == len(lines) > 100
    for row, (name, active, objects, size, per_slab, pages, *rest) in zip(
            table, lines):
        assert (row["name"], row["active"], row["objects"], row["size"],
                row["per_slab"], row["slab_size"], row["slabs"]) == (
                    name, int(active), int(objects), int(size), int(per_slab),
                    int(pages) * 4096, int(rest[-2]))
        assert 0 < row["object_size"] <= row["size"]


def test_slab(guest, qvmi):
    check_slab(guest, qvmi)


@pytest.mark.variant("numa")
def test_slab_of_two_nodes(variant, qvmi):
    check_slab(variant("numa"), qvmi)


def slab_object(guest, qvmi, address):
    """The one row of an object."""
    row, = rows(guest, qvmi, "slab", f"{address:#x}")
    assert int(row["object"], 16) <= address
    return row


def tasks_of(guest, qvmi):
    """{PID: address of its task_struct}, with all threads."""
    return {row["tid"]: int(row["task"], 16)
            for row in rows(guest, qvmi, "ps", "-t")}


def test_slab_objects(guest, qvmi):
    """A process's task_struct is in use while it is there, and free soon after
    it is gone; and of the slab that it is in, objects are in use where the
    list of processes has them, and free only where it has not."""
    pid = int(guest.run("sleep 100000 >/dev/null 2>&1 & echo $!"))
    tasks = tasks_of(guest, qvmi)
    row = slab_object(guest, qvmi, tasks[pid] + 8)
    caches = {row["name"]: row for row in rows(guest, qvmi, "slab")}
    assert (row["name"], row["state"], row["inside"]) == (
        "task_struct", "in use", True)
    assert int(row["object"], 16) == tasks[pid]
    assert row["address"] == caches["task_struct"]["address"]
    assert row["ksize"] == row["size"] == caches["task_struct"]["size"]
    first = tasks[pid] - row["index"] * row["size"]
    for i in range(row["per_slab"]):
        other = slab_object(guest, qvmi, first + i * row["size"])
        assert (other["slab"], other["index"]) == (row["slab"], i)
        if first + i * row["size"] in tasks.values():
            assert other["state"] == "in use"
    guest.run(f"kill {pid}")
    for _ in range(TRIES):  # it is freed when RCU has come to that
        done = qvmi(guest, "slab", f"{tasks[pid]:#x}", "--json", status=None)
        if done.returncode == 1:  # and perhaps its slab, too
            assert b"is in no slab: it is" in done.stderr
            return
        if json.loads(done.stdout)["rows"][0]["state"].startswith("free"):
            assert tasks[pid] not in tasks_of(guest, qvmi).values()
            return
        guest.run("true")
    pytest.fail("it stays in use")


def test_what_is_no_object(guest, qvmi):
    done = qvmi(guest, "slab", "init_task", status=1)
    assert b"is not in the direct map of memory" in done.stderr
    done = qvmi(guest, "slab", "1:0x400000", status=2)
    assert b"objects have addresses of the kernel's" in done.stderr


def check_percpu(guest, qvmi):
    """As the kernel says when it boots, and as /proc/meminfo counts."""
    sizes, = re.findall(r"percpu: Embedded \d+ pages/cpu s(\d+) r(\d+) d(\d+) "
                        r"u(\d+)", guest.run("dmesg").decode())
    (before,), table = while_still(
        guest, ["meminfo"], lambda: rows(guest, qvmi, "percpu"),
        lambda text: re.search(r"Percpu: +(\d+) kB", text)[1])
    row, = table
    assert [row["static_size"], row["reserved_size"], row["dynamic_size"],
            row["unit_size"]] == [int(size) for size in sizes]
    assert row["memory"] == int(before) << 10
    assert row["cpus"][0]["base"] == row["base"]
    kinds = [chunk["kind"] for chunk in row["chunks"]]
    assert kinds[:2] == ["reserved", "first"]
    assert set(kinds[2:]) <= {"dynamic"}
    for chunk in row["chunks"]:
        assert 0 <= chunk["free"] <= chunk["size"] <= row["unit_size"]
    assert qvmi(guest, "percpu").stdout.startswith(b"Base: ")
    return row


def test_percpu(guest, qvmi):
    assert len(check_percpu(guest, qvmi)["cpus"]) == 1


@pytest.mark.variant("smp4")
def test_percpu_of_four_cpus(variant, qvmi):
    guest = variant("smp4")
    row = check_percpu(guest, qvmi)
    assert [cpu["cpu"] for cpu in row["cpus"]] == [0, 1, 2, 3]
    assert len({cpu["base"] for cpu in row["cpus"]}) == 4
