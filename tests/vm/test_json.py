# SPDX-License-Identifier: BSD-2-Clause
"""docs/json.md lists every key of every command, with its type."""

import json
import re
import subprocess

import pytest

from guest import ROOT

HEX = re.compile("0x(0|[1-9a-f][0-9a-f]*)")

TYPES = {
    "hex": lambda value: isinstance(value, str) and HEX.fullmatch(value),
    "number": lambda value: type(value) is int,
    "boolean": lambda value: type(value) is bool,
    "string": lambda value: isinstance(value, str),
    "array": lambda value: isinstance(value, list),
}


def documented():
    """{section: {"" or name of an array: {key: type}}} of docs/json.md."""
    text = (ROOT / "docs/json.md").read_text()
    sections = {}
    for name, body in re.findall(r"(?ms)^## (\w+)\n(.*?)(?=^## |\Z)", text):
        table, tables = "", {}
        for line in body.splitlines():
            if start := re.match(r"`(\w+)`:$", line):
                table = start[1]
            elif row := re.match(r"\| `(\w+)` \| (\w+)", line):
                tables.setdefault(table, {})[row[1]] = row[2]
        sections[name] = tables
    sections["writeval"] = sections["writeval"] or sections["write"]
    return sections


def check(where, row, keys, tables):
    """One object has these keys and no others, each of its type or null."""
    assert set(row) == set(keys), where
    for key, value in row.items():
        assert value is None or TYPES[keys[key]](value), (where, key, value)
        for entry in value if isinstance(value, list) else []:
            check(f"{where}.{key}", entry, tables[key], tables)


def commands(labels, tmp_path):
    """Command lines that show every command, and every end of a walk."""
    heap = f"{labels['heap'].pid}:{labels['heap'].addr:#x}"
    swap = f"{labels['swap.first'].pid}:{labels['swap.first'].addr:#x}"
    absent = f"{labels['unmapped.file'].pid}:{labels['unmapped.file'].addr:#x}"
    columns = ",".join(key.removesuffix("_us")
                       for key in documented()["ps"]["columns"])
    return [("info",), ("ps",), ("ps", "-t"), ("ps", "-o", columns),
            ("ps", "-t", "-o", columns), ("maps", 1), ("maps", "--all"),
            ("env", 1), ("cmdline", 1),
            ("smaps", 1), ("smaps", "--all"), ("files", 1), ("files", "--all"),
            ("mounts",), ("mounts", 1), ("mounts", "--all"),
            ("cat", "version", "1/comm", "1/exe"),
            ("cat", "--file", "1:/init"), ("ls",), ("ls", "1"),
            ("dmesg",), ("free",), ("iomem",), ("sysctl", "kernel"),
            ("sockets",), ("modules",), ("modules", "zram"),
            ("buddy",), ("zones",), ("nodes",), ("vmalloc",), ("slab",),
            ("slab", "task_struct"), ("percpu",),
            ("ns",), ("ns", "pid"), ("cgroup",), ("cgroup", "/"),
            ("wait", "proc:init"),
            ("walk", heap), ("walk", swap), ("walk", "0x800000000000"),
            ("walk", "init_task"), ("walk", "--explain", heap),
            ("walk", heap, "64K"), ("ptdump",), ("layout",),
            ("layout", "init_task"), ("layout", heap), ("layout", 1),
            ("page", heap), ("page", swap, "64K"),
            ("page", "1:0x401000"), ("page", "--summary"),
            ("read", heap, 20),
            ("convert", heap, "linux_banner", "pfn:0", "p:0xb8000"),
            ("convert", absent), ("read", absent, "20K"),
            ("search", absent, "8K", "str:page"), ("type", "list_head", absent),
            ("whomaps", heap), ("whomaps", "linux_banner"),
            ("read", heap, 20, "-f", "str"), ("read", heap, 32, "-f", "x4"),
            ("write", heap, "str:heap"), ("search", heap, "8K", "str:heap"),
            ("sym", "vfs_read", "init_task+8", "*[brd]"),
            ("type", "task_struct"), ("type", "pid_type"), ("type", "vfs_read"),
            ("type", "task_struct", "init_task"),
            ("print", "task(1)->comm"), ("print", "init_task.cpus_mask.bits[0:2]"),
            ("print", "--depth", 0, "runqueues"),
            ("regs",), ("regs", "--set", "cr2=0"), ("listvma",), ("findpage", heap),
            ("findpage", "1:0x1000"), ("writeval", heap, "0x68"),
            ("undo",), ("journal",), ("journal", 1), ("devmem", "0", "r", "4"),
            ("profile", "save", tmp_path / "profile"),
            ("vmlinux", "--output", tmp_path / "btf", "--format", "btf"),
            ("pause",), ("resume",)]


def test_keys(guest, qvmi, tmp_path):
    sections = documented()
    seen = set()
    # a hierarchy of control groups is there once it was mounted
    guest.run("mkdir /tmp/cgroup; mount -t cgroup2 cgroup /tmp/cgroup; "
              "umount /tmp/cgroup; rmdir /tmp/cgroup")
    for args in commands(guest.labels(), tmp_path):
        done = json.loads(qvmi(guest, *args, "--json", "--stats",
                               status=None).stdout)
        command = args[0]
        assert done["qvmi"] == 1 and done["command"] == command
        keys = {"qvmi", "command", "rows", "notes"}
        if command != "journal":  # it has no guest, and so no statistics
            keys.add("stats")
            check("stats", done["stats"], sections["stats"][""], {})
        assert set(done) - {"error"} == keys
        assert done["rows"]
        tables = sections[command]
        keys = tables[""] | (tables["columns"] if "-o" in args else {})
        if command == "type" and len(args) > 2:
            keys = tables["values"]
        if command == "layout" and len(args) > 1:
            keys = tables["process" if args[1] == 1 else "at"]
        if "--file" in args:
            keys = tables["file"]
        if args == ("smaps", "--all"):
            keys = tables["rollup"]
        if args == ("slab", "task_struct"):
            keys = tables["cache"]
        if "--summary" in args:
            keys = tables["summary"]
        if command == "modules" and len(args) > 1:
            keys = tables["parts"]
        if command == "cgroup" and len(args) > 1:
            keys = tables["members"]
        for row in done["rows"]:
            check(command, row, keys, tables)
        seen.add(command)
    seen |= {"mount", "run"}  # they go on: test_mount.py
    # Every command that the help lists has a section, and was looked at.
    listed = {row["name"] for row in json.loads(
        qvmi(None, "help", "--json").stdout)["rows"]}
    assert listed - {"help"} <= seen
    assert listed <= set(sections)


def check_error(done, command, kind):
    """No answer at all: an object that says so, and the line on stderr."""
    said = json.loads(done.stdout)
    assert set(said) == {"qvmi", "command", "rows", "notes", "error"}
    assert said["command"] == command and said["rows"] == []
    error = said["error"]
    check("error", error, documented()["error"][""], {})
    assert error["kind"] == kind and error["status"] == done.returncode
    assert done.stderr == b"qvmi: " + error["text"].encode() + b"\n"


@pytest.mark.parametrize("args", [("maps", 999999), ("walk", "nonsense_sym")])
def test_nothing_to_tell(guest, qvmi, args):
    done = qvmi(guest, *args, "--json", status=1)
    check_error(done, args[0], "not_found")


@pytest.mark.variant("no-linux")
def test_no_linux(variant, qvmi):
    done = qvmi(variant("no-linux").wait_halted(), "ps", "-J", status=4)
    check_error(done, "ps", "no_linux")


def test_help(qvmi):
    sections = documented()
    for args in ((), ("options",), ("ps",)):
        rows = json.loads(qvmi(None, "help", *args, "-J").stdout)["rows"]
        assert rows
        for row in rows:
            check("help", row, sections["help"][""], {})
    shared = qvmi(None, "help", "options", "-J").stdout
    assert {"--gdb", "--help"} <= {row["name"] for row in
                                   json.loads(shared)["rows"]}


# Command lines that fail with no guest at all: command, kind, status.
ALONE = {
    "ps -J -g unix:/nonexistent": ("ps", "no_guest", 3),
    "undo --json -g unix:/nonexistent": ("undo", "no_guest", 3),
    "ps -J -g localhost:99999": ("ps", "usage", 2),
    "journal -J 99": ("journal", "not_found", 1),
    "journal -J --forget 99": ("journal", "not_found", 1),
    "help -J nonsense": ("help", "usage", 2),
    "read -J": ("read", "usage", 2),
    "ps --nonsense --json": ("ps", "usage", 2),
    "ps --nonsense -J": ("ps", "usage", 2),
    "-J nonsense": (None, "usage", 2),
    "--nonsense -J": (None, "usage", 2),
    "-J": (None, "usage", 2),
}


@pytest.mark.parametrize("line", ALONE)
def test_errors_without_a_guest(qvmi, line, tmp_path):
    command, kind, status = ALONE[line]
    done = subprocess.run(
        [qvmi.binary, *line.split()], capture_output=True, check=False,
        stdin=subprocess.DEVNULL,
        env=qvmi.environ(XDG_STATE_HOME=str(tmp_path)))
    assert done.returncode == status
    check_error(done, command, kind)


def test_json_behind_the_options(qvmi):
    """Not an option any more, so nobody has asked for JSON."""
    done = subprocess.run([qvmi.binary, "ps", "--", "--json"],
                          capture_output=True, check=False)
    assert done.returncode == 2 and done.stdout == b""
