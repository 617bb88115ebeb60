# SPDX-License-Identifier: BSD-2-Clause
"""sym: what the guest's own /proc/kallsyms has, by name, pattern, address."""

import json
import re

import pytest

LINE = re.compile(r"(?m)^(\w+) (\w) ([^\t\n]+)(?:\t\[(.+)\])?$")
BEFORE_MODULES = 0xffffffff80000000
NOISE = 5  # batches

# Lines of interest, read once: a guest takes seconds to print all.
WANTED = (" vmalloc", r"\[brd\]$", r"bpf_prog_.*\[bpf\]$", " __this_module\\s",
          " vfs_read$")
SEEN = {}


class Kallsyms:
    """A guest's own word: its lines of interest, in order."""

    def __init__(self, guest):
        self.twice = guest.run("awk 'NF == 3 && n[$3]++ { print $3; exit }' "
                               "/proc/kallsyms").decode().strip()
        wanted = "|".join((*WANTED, f" {self.twice}$"))
        self.text = guest.run(
            f"grep -A8 -E '{wanted}' /proc/kallsyms").decode()

    def __call__(self, pattern):
        """(address, letter, name, module) of lines that are so."""
        return [(int(at, 16), letter, name, module or None)
                for line in self.text.splitlines() if re.search(pattern, line)
                for at, letter, name, module in LINE.findall(line)]


@pytest.fixture
def kallsyms(guest):
    """That of each guest."""
    if guest not in SEEN:
        SEEN[guest] = Kallsyms(guest)
    return SEEN[guest]


def sym(guest, qvmi, *args, status=0):
    """(rows in that form, sorted; all of the object)."""
    done = json.loads(qvmi(guest, "sym", "-J", "--stats", *args,
                           status=status).stdout)
    return sorted(((int(row["address"], 16), row["type"], row["name"],
                    row["module"]) for row in done["rows"]),
                  key=repr), done


def same(rows):
    return sorted(rows, key=repr)


def test_patterns(guest, qvmi, kallsyms):
    """Of the image, of modules, of BPF programs; the letters, too."""
    sym(guest, qvmi, "_text")  # from here on the profile is known
    rows, all_of_it = sym(guest, qvmi, "vmalloc*")
    assert rows == same(kallsyms(r" vmalloc[^\t]*(\t|$)"))
    assert len(rows) > 10 and not all_of_it["notes"]
    batches = all_of_it["stats"]["batches"]
    rows, all_of_it = sym(guest, qvmi, "*[brd]")
    want = kallsyms(r"\[brd\]$")
    assert rows == same(want) and len(rows) > 20
    # not more batches than a name that only a module has, but for those by
    # which a guest that runs is stopped; a unit test counts
    name = next(name for at, _, name, _ in want if at >= BEFORE_MODULES and
                name == "brd_fops")
    rows, one = sym(guest, qvmi, name)
    assert {row[2] for row in rows} == {name}
    assert batches <= one["stats"]["batches"] + NOISE
    rows, _ = sym(guest, qvmi, "bpf_prog_*[bpf]")
    assert rows == same(kallsyms(r"bpf_prog_.*\[bpf\]$")) and rows
    rows, _ = sym(guest, qvmi, "__this_modul?[*]")
    assert len(rows) >= 3 and rows == same(
        kallsyms(r" __this_module\s"))


def test_names(guest, qvmi, kallsyms):
    """All that have it, from the image for nothing; sizes up to the next."""
    name = kallsyms.twice
    rows, done = sym(guest, qvmi, name)
    assert len(rows) > 1 and rows == [row for row in same(kallsyms(
        f" {name}$"))]
    rows, more = sym(guest, qvmi, name, "init_task", "vfs_read", "_text")
    assert len(rows) >= 5
    assert more["stats"]["batches"] <= done["stats"]["batches"] + NOISE
    read, = json.loads(qvmi(guest, "sym", "-J", "vfs_read").stdout)["rows"]
    after = [int(at, 16) for at in re.findall(
        r"(?m)^(\w+) ", kallsyms.text.partition(" vfs_read\n")[2])]
    at = int(read["address"], 16)
    assert read["size"] == next(other for other in after if other > at) - at
    lines = qvmi(guest, "sym", "vfs_read").stdout.decode().splitlines()
    assert lines[0].split() == ["ADDRESS", "TYPE", "SIZE", "SYMBOL"]
    assert lines[1].split() == [read["address"], "T", str(read["size"]),
                                "vfs_read"]


def test_addresses(guest, qvmi, kallsyms):
    """The symbol that covers it, and how far it is from that."""
    brd = next(row for row in kallsyms(r"\[brd\]$")
               if row[0] >= BEFORE_MODULES and row[2].startswith("brd_"))
    done = json.loads(qvmi(guest, "sym", "-J", "vfs_read+5", f"{brd[0]:#x}",
                           "init_task").stdout)
    first, second, third = done["rows"]
    assert (first["name"], first["offset"]) == ("vfs_read", 5)
    assert (second["offset"], second["module"]) == (0, "brd")
    assert int(second["address"], 16) == brd[0]
    assert (third["name"], third["offset"]) == ("init_task", None)
    assert b"vfs_read+0x5" in qvmi(guest, "sym", "vfs_read+5").stdout


def test_nothing_there(guest, qvmi):
    """It is said where was looked, and what may have been meant."""
    for text, words in (("init_tsak", "did you mean init_task?"),
                        ("no_such*", "no symbol is as 'no_such*' has it"),
                        ("x[nothere]", "no module 'nothere'"),
                        ("0x1000", "no symbol covers 0x1000"),
                        ("vfs_read[brd]", "in module 'brd'")):
        done = qvmi(guest, "sym", "-J", text, status=1)
        said = json.loads(done.stdout)
        assert words in said["error"]["text"] and not said["rows"], text
        assert said["error"]["kind"] == "not_found"
    done = qvmi(guest, "sym", "init_tsak", "init_task", status=1)
    assert b" init_task\n" in done.stdout and b"did you mean" in done.stderr
