# SPDX-License-Identifier: BSD-2-Clause
"""Memory of a process that no table maps: what the guest then reads there."""

import json
import struct

from test_guest import PFN_MASK, PRESENT
from test_walk import at

PAGE = 4096
# Pages that are looked at.
LABELS = {"anon": 4, "file": 9, "disk": 8, "swap": 64, "large": 24}

# What convert tells of the pages of a label, in order; None: a table maps it.
FROM = {
    "anon": ["zero-page", "zero-page", None, "zero-page"],
    "file": 4 * ["page-cache"] + 3 * ["hole"] + 2 * ["beyond-end"],
    "disk": ["page-cache", "page-cache", "file", "page-cache", "page-cache",
             "file", "page-cache", "page-cache"],
    "large": 24 * ["page-cache"],
}


def labels(guest):
    """Those of the scene, by what follows the dot."""
    return {name: guest.labels()[f"unmapped.{name}"] for name in LABELS}


def entries(guest):
    """All of their entries of pagemap."""
    return {name: guest.pagemap(label.pid, label.addr, LABELS[name])
            for name, label in labels(guest).items()}


def convert(guest, qvmi):
    """{label: the rows of its pages}; all in one go."""
    places = [f"{label.pid}:{label.addr + i * PAGE:#x}"
              for name, label in labels(guest).items()
              for i in range(LABELS[name])]
    rows = iter(json.loads(qvmi(guest, "convert", "-J", *places).stdout)[
        "rows"])
    return {name: [next(rows) for _ in range(count)]
            for name, count in LABELS.items()}


def swapped(guest):
    """What the scene's own mincore() said, and what the kernel can do."""
    cached = guest.labels()["unmapped.swap"].cached
    zeros = "swapped-zeros" if guest.kernel in ("6.12", "7.2") else "swap"
    kinds = ["swap-cache" if cached >> i & 1 else "swap" for i in range(64)]
    assert "swap-cache" in kinds and "swap" in kinds
    if kinds[60] == "swap":
        kinds[60] = zeros
    return kinds


def read(guest, qvmi, name, page, count, **kw):
    """The row, the notes, the error that `read` gives of pages of a label."""
    done = json.loads(qvmi(guest, "read", "-J", at(
        guest, f"unmapped.{name}", page * PAGE), count * PAGE, **kw).stdout)
    return done["rows"][0], done["notes"], done.get("error")


def pages_of(guest, qvmi, found):
    """{(label, page): bytes} of all that can be told, by few invocations."""
    data = {}
    for name, rows in found.items():
        there = [row["from"] not in ("beyond-end", "file", "swap")
                 for row in rows]
        page = 0
        while page < len(rows):
            count = 1
            if there[page]:
                while page + count < len(rows) and there[page + count]:
                    count += 1
                row, _, _ = read(guest, qvmi, name, page, count)
                for i in range(count):
                    part = row["data"][2 * i * PAGE:2 * (i + 1) * PAGE]
                    data[name, page + i] = bytes.fromhex(part)
            page += count
    return data


def check_words(guest, qvmi):
    """Ranges by their notes and keys, and what ends them."""
    row, notes, error = read(guest, qvmi, "file", 0, 9, status=1)
    label = guest.labels()["unmapped.file"]
    assert row["read"] == 7 * PAGE
    assert {kind: sum(part["length"] for part in row["unmapped"]
                      if part["from"] == kind)
            for kind in ("page-cache", "hole")} == {
                "page-cache": 4 * PAGE, "hole": 3 * PAGE}
    assert any(f"{label.pid}:{label.addr + 4 * PAGE:#x}: {3 * PAGE} bytes that "
               "no table maps: a hole of its file in memory: zeros" == note
               for note in notes)
    assert error["text"].endswith("(absent), beyond the end of its file")
    row, _, error = read(guest, qvmi, "disk", 1, 2, status=1)
    assert row["read"] == PAGE
    assert error["text"].endswith(
        "(absent), nowhere in memory: not in the page cache")
    gone = swapped(guest).index("swap")
    row, _, error = read(guest, qvmi, "swap", gone, 1, status=1)
    assert row["read"] == 0
    assert error["text"].endswith(
        "(swapped), nowhere in memory: not in the swap cache")


def check_mapped_only(guest, qvmi):
    """Tables alone: as if there were nothing else."""
    where = at(guest, "unmapped.file")
    done = qvmi(guest, "read", where, PAGE, "--mapped-only", status=1)
    assert done.stdout == b"" and done.stderr.endswith(b"(absent)\n")
    for command in ("convert", "type"):
        words = ("list_head", where) if command == "type" else (where,)
        done = qvmi(guest, command, *words, "--mapped-only", status=1)
        assert b"page cache" not in done.stdout + done.stderr
    qvmi(guest, "search", where, PAGE, "str:unmapped page", "--mapped-only",
         status=1)


def check_print(guest, qvmi, data):
    """Two words of each page that can be told, as what is read there."""
    for name in LABELS:
        label = guest.labels()[f"unmapped.{name}"]
        pages = [page for where, page in data if where == name][:4]
        for page in pages:
            done = json.loads(qvmi(
                guest, "print", "-J", "-p", label.pid,
                f"*(struct list_head *){label.addr + page * PAGE:#x}").stdout)
            assert [int(row["value"], 16) for row in done["rows"]] == list(
                struct.unpack("<2Q", data[name, page][:16])), (name, page)
            assert len(done["notes"]) == len({row["from"] for row in
                                              done["rows"]} - {None})
    place = f"(unsigned long *){guest.labels()['unmapped.file'].addr:#x}"
    pid = guest.labels()["unmapped.file"].pid
    row, = json.loads(qvmi(guest, "print", "-J", "-p", pid,
                           f"*{place}").stdout)["rows"]
    assert row["from"] == "page-cache"
    for words in (("-p", pid, "--mapped-only"), ()):
        done = qvmi(guest, "print", *words, f"*{place}", status=1)
        assert done.stdout == b"" and b"absent" in done.stderr
    assert b"kernel thread" in qvmi(guest, "print", "-p", 2, "init_task.pid",
                                    status=1).stderr


def check_search(guest, qvmi, found):
    """Each page of this process that says so, and across its pages."""
    pid = guest.labels()["unmapped.file"].pid
    rows = json.loads(qvmi(guest, "search", "-J", f"{pid}:",
                           "str:unmapped page 3").stdout)["rows"]
    large = guest.labels()["unmapped.large"].addr
    want = {f"{large + i * PAGE:#x}": "page-cache"
            for i in (3, *range(30, 40), *range(300, 400))}
    for name, label in labels(guest).items():
        for i, row in enumerate(found[name]):
            if str(i).startswith("3") and row["from"] in ("page-cache",
                                                          "swap-cache"):
                want[f"{label.addr + i * PAGE:#x}"] = row["from"]
    assert {row["address"]: row["from"] for row in rows
            if row["from"]} == want
    for row in rows:
        assert guest.physical(int(row["physical"], 16), 15) == (
            b"unmapped page 3")
    row, = json.loads(qvmi(guest, "search", "-J", at(
        guest, "unmapped.file", 3 * PAGE + 16), PAGE, "-a", PAGE,
        "hex:00").stdout)["rows"]
    assert (row["from"], row["physical"]) == ("hole", None)


def test_batches(guest, qvmi):
    """They do not grow with the number of pages."""
    def batches(pages):
        qvmi.forget_places()
        done = json.loads(qvmi(guest, "read", "-J", "--stats", at(
            guest, "unmapped.large", 1 << 20), pages * PAGE,
            env={"QVMI_MAX_PAUSE": ""}).stdout)
        assert done["rows"][0]["read"] == pages * PAGE
        return done["stats"]["batches"]
    batches(1)  # from then on the kernel is known
    assert batches(200) <= batches(1) + 2


def test_unmapped(guest, qvmi):
    """Nothing that qvmi does has the guest map a page; then the guest does,
    and finds what qvmi found."""
    before = entries(guest)
    found = convert(guest, qvmi)
    for name, want in {**FROM, "swap": swapped(guest)}.items():
        assert [row["from"] for row in found[name]] == want, name
    zero, = guest.pagemap(guest.labels()["zero"].pid,
                          guest.labels()["zero"].addr)
    assert {row["physical"] for row in found["anon"] if row["from"]} == {
        f"{(zero & PFN_MASK) << 12:#x}"}
    data = pages_of(guest, qvmi, found)
    check_words(guest, qvmi)
    check_mapped_only(guest, qvmi)
    check_search(guest, qvmi, found)
    check_print(guest, qvmi, data)
    row, = json.loads(qvmi(guest, "type", "-J", "-d0", "list_head", at(
        guest, "unmapped.file")).stdout)["rows"][:1]
    assert row["from"] == "page-cache"
    assert entries(guest) == before

    for (name, page), bytes_read in data.items():
        label = guest.labels()[f"unmapped.{name}"]
        assert bytes_read == guest.peek(label.pid, label.addr + page * PAGE,
                                        PAGE), (name, page)
        entry, = guest.pagemap(label.pid, label.addr + page * PAGE)
        row = found[name][page]
        if row["from"] in ("page-cache", "swap-cache", None):
            assert entry & PRESENT  # and it is the page that was named
            assert int(row["physical"], 16) >> 12 == entry & PFN_MASK
    assert convert(guest, qvmi)["file"][0]["from"] is None
