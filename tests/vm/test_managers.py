# SPDX-License-Identifier: BSD-2-Clause
"""What the kernel's managers of modules and memory say of themselves, as files
of /proc and as tables."""

import json


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
