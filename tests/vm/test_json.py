# SPDX-License-Identifier: BSD-2-Clause
"""docs/json.md lists every key of every command, with its type."""

import json
import re

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
    columns = ",".join(key.removesuffix("_us")
                       for key in documented()["ps"]["columns"])
    return [("info",), ("ps",), ("ps", "-t"), ("ps", "-o", columns),
            ("ps", "-t", "-o", columns), ("maps", 1), ("maps", "--all"),
            ("walk", heap), ("walk", swap), ("walk", "0x800000000000"),
            ("walk", "init_task"), ("page", heap), ("page", swap, "64K"),
            ("page", "1:0x401000"), ("read", heap, 20),
            ("read", heap, 20, "-f", "str"), ("read", heap, 32, "-f", "x4"),
            ("write", heap, "str:heap"), ("search", heap, "8K", "str:heap"),
            ("regs",), ("regs", "--set", "cr2=0"), ("listvma",), ("findpage", heap),
            ("findpage", "1:0x1000"), ("writeval", heap, "0x68"),
            ("undo",), ("journal",), ("journal", 1), ("devmem", "0", "r", "4"),
            ("profile", "save", tmp_path / "profile"),
            ("pause",), ("resume",)]


def test_keys(guest, qvmi, tmp_path):
    sections = documented()
    seen = set()
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
        for row in done["rows"]:
            check(command, row, keys, tables)
        seen.add(command)
    # Every command that the help lists has a section, and was looked at.
    listed = {row["name"] for row in json.loads(
        qvmi(None, "help", "--json").stdout)["rows"]}
    assert listed - {"help"} <= seen
    assert listed <= set(sections)


@pytest.mark.parametrize("args", [("maps", 999999), ("walk", "nonsense_sym")])
def test_nothing_to_tell(guest, qvmi, args):
    """No answer at all: no half of an object either."""
    done = qvmi(guest, *args, "--json", status=1)
    assert done.stdout == b"" and done.stderr.count(b"\n") == 1
