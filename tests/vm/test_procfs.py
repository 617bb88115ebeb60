# SPDX-License-Identifier: BSD-2-Clause
"""Every file below /proc that there is, against the guest's own text; the
result is docs/procfs.md, and what that says must be what is seen.

QVMI_WRITE_DOCS=1 writes the columns of the kernels that are tested."""

import json
import os
import re

import guest as vm

DOC = vm.ROOT / "docs" / "procfs.md"
KERNELS = vm.KERNELS

# What moves by being read, or with time, file by file: names of fields, which
# are what a line begins with, or the number of a column.
MOVES = {}

# Files whose own test compares them, for what the guest says of its memory is
# another thing once it has said it, or is no such text.
ELSEWHERE = {"kmsg": "test_proc.py", "buddyinfo": "test_managers.py",
             "slabinfo": "test_managers.py", "vmallocinfo": "test_managers.py",
             "zoneinfo": "test_managers.py", "PID/pagemap": "test_proc_tree.py"}


def users(guest):
    """All that stay, but for the server, which is at work; and kthreadd."""
    return sorted({1, 2, *(label.pid for name, label in guest.labels().items()
                           if name != "server")})


def key_of(line, number):
    """What a line is told by: its name, or where it stands."""
    name = re.match(rb"\s*([\w()/.-]+)", line)
    return name[1].decode() if name and not name[1].isdigit() else str(number)


def moved(ours, theirs):
    """The fields in which two texts differ; None where their shape does."""
    mine, other = ours.split(b"\n"), theirs.split(b"\n")
    if len(mine) != len(other):
        return None
    found = set()
    for number, (a, b) in enumerate(zip(mine, other)):
        if a == b:
            continue
        if len(mine) > 2:
            found.add(key_of(b, number))
            continue
        a, b = a.split(), b.split()
        if len(a) != len(b):
            return None
        found |= {str(i + 1) for i in range(len(a)) if a[i] != b[i]}
    return found


def files(guest, qvmi, path):
    """Names below a directory that are texts."""
    rows = json.loads(qvmi(guest, "ls", "--json", path).stdout)["rows"]
    return [row["path"] for row in rows if row["kind"] == "file"]


def said_by(guest, path):
    """The guest's own; one that cannot be opened, as a kernel thread's
    environ, says nothing."""
    try:
        return guest.cat(f"/proc/{path}")
    except vm.GuestError:
        return b""


def raw(text):
    """The bytes of a string in JSON (docs/json.md)."""
    return re.sub(rb"\\x(5c|[89a-f][0-9a-f])",
                  lambda m: bytes([int(m[1], 16)]), text.encode())


def texts(guest, qvmi, paths):
    """{path: (ours, the guest's)}; one pause for all of ours."""
    rows = json.loads(qvmi(guest, "cat", "--json", *paths).stdout)["rows"]
    mine = {row["path"]: raw(row["text"])
            for row in rows}
    return {path: (mine[path], said_by(guest, path)) for path in paths}


def verdicts(guest, qvmi):
    """{file: what the comparison says}."""
    found = {}
    paths = [path for below in ("", *map(str, users(guest)))
             for path in files(guest, qvmi, below)
             if re.sub(r"^\d+/", "PID/", path) not in ELSEWHERE]
    for path, (mine, other) in texts(guest, qvmi, paths).items():
        name = re.sub(r"^\d+/", "PID/", path)
        fields = moved(mine, other)
        assert fields is not None, f"{path}: {mine!r} is not {other!r}"
        assert fields <= MOVES.get(name, set()), (path, mine, other)
        found.setdefault(name, set()).update(fields)
    for name, where in ELSEWHERE.items():
        found[name] = where
    return {name: "exact" if not fields else
            f"see {fields}" if isinstance(fields, str) else
            "exact but for " + ", ".join(sorted(MOVES[name]))
            for name, fields in found.items()}


def rows(title):
    """The rows of a table of the document, below that title."""
    text = DOC.read_text().split(f"## {title}\n")[1].split("\n## ")[0]
    return [[cell.strip().strip("`") for cell in line.strip("|").split("|")]
            for line in text.splitlines() if line.startswith("| `")]


def documented(kernel):
    return {row[0]: row[1 + KERNELS.index(kernel)] for row in rows("Files")}


def write(kernel, found):
    """Put a kernel's column into the document."""
    table = {row[0]: row for row in rows("Files")}
    for name, said in found.items():
        table.setdefault(name, [name, *["-"] * len(KERNELS)])
        table[name][1 + KERNELS.index(kernel)] = said
    before, after = DOC.read_text().split("## Files\n")
    head, rest = after.split("\n## ", 1)
    lines = [line for line in head.splitlines() if not line.startswith("| `")]
    lines += ["| " + " | ".join([f"`{row[0]}`", *row[1:]]) + " |"
              for _, row in sorted(table.items(),
                                   key=lambda item: ("/" in item[0], item[0]))]
    DOC.write_text(before + "## Files\n" + "\n".join(lines) + "\n\n## " + rest)


def test_every_file(guest, qvmi):
    found = verdicts(guest, qvmi)
    if os.environ.get("QVMI_WRITE_DOCS"):
        write(guest.kernel, found)
    said = {name: text for name, text in documented(guest.kernel).items()
            if text != "-"}
    assert found == said


def test_what_is_absent(guest, qvmi):
    """Each file of the guest's that qvmi has not is named, with the reason."""
    absent = {row[0] for row in rows("Not there")}
    mine = {re.sub(r"^\d+/", "PID/", row["path"]) for path in ("", "1")
            for row in json.loads(qvmi(guest, "ls", "--json",
                                       path).stdout)["rows"]}
    theirs = {name for name in guest.run("ls /proc").decode().split()
              if not name.isdigit()}
    theirs |= {f"PID/{name}" for name in guest.run("ls /proc/1").decode().split()}
    assert theirs - mine <= absent
    assert not absent & mine
