# SPDX-License-Identifier: BSD-2-Clause
"""sym: what the guest's own /proc/kallsyms has, by name, pattern, address."""

import json
import re
import subprocess

LINE = re.compile(r"(?m)^(\w+) (\w) ([^\t\n]+)(?:\t\[(.+)\])?$")
BEFORE_MODULES = 0xffffffff80000000


def kallsyms(guest, pattern):
    """(address, letter, name, module) of the lines that grep finds."""
    text = guest.run(f"grep -E '{pattern}' /proc/kallsyms").decode()
    rows = [(int(at, 16), letter, name, module or None)
            for at, letter, name, module in LINE.findall(text)]
    assert len(rows) == text.count("\n")
    return rows


def sym(guest, qvmi, *args, status=0):
    """(rows in that form, sorted; all of the object)."""
    done = json.loads(qvmi(guest, "sym", "-J", "--stats", *args,
                           status=status).stdout)
    return sorted(((int(row["address"], 16), row["type"], row["name"],
                    row["module"]) for row in done["rows"]),
                  key=repr), done


def same(rows):
    return sorted(rows, key=repr)


def test_patterns(guest, qvmi):
    """Of the image, of modules, of BPF programs; the letters, too."""
    sym(guest, qvmi, "_text")  # from here on the profile is known
    rows, all_of_it = sym(guest, qvmi, "vmalloc*")
    assert rows == same(kallsyms(guest, r" vmalloc[^\t]*(\t|$)"))
    assert len(rows) > 10 and not all_of_it["notes"]
    batches = all_of_it["stats"]["batches"]
    rows, all_of_it = sym(guest, qvmi, "*[brd]")
    want = kallsyms(guest, r"\[brd\]$")
    assert rows == same(want) and len(rows) > 20
    # not one more batch than a name that only a module has
    name = next(name for at, _, name, _ in want if at >= BEFORE_MODULES and
                name == "brd_fops")
    rows, one = sym(guest, qvmi, name)
    assert {row[2] for row in rows} == {name}
    assert batches <= one["stats"]["batches"]
    rows, _ = sym(guest, qvmi, "bpf_prog_*[bpf]")
    assert rows == same(kallsyms(guest, r"bpf_prog_.*\[bpf\]$")) and rows
    rows, _ = sym(guest, qvmi, "__this_modul?[*]")
    assert len(rows) >= 3 and rows == same(
        kallsyms(guest, r" __this_module\s"))


def test_names(guest, qvmi):
    """All that have it, from the image for nothing; sizes up to the next."""
    name = guest.run("awk 'NF == 3 && n[$3]++ { print $3; exit }' "
                     "/proc/kallsyms").decode().strip()
    rows, done = sym(guest, qvmi, name)
    assert len(rows) > 1 and rows == [row for row in same(kallsyms(
        guest, f" {name}$"))]
    rows, more = sym(guest, qvmi, name, "init_task", "vfs_read", "_text")
    assert len(rows) >= 5
    assert more["stats"]["batches"] == done["stats"]["batches"]
    read, = json.loads(qvmi(guest, "sym", "-J", "vfs_read").stdout)["rows"]
    after = [int(at, 16) for at in re.findall(rb"(?m)^(\w+)", guest.run(
        "awk '$3 == \"vfs_read\" { f = 1 } f && n < 8 { print $1; n++ }' "
        "/proc/kallsyms"))]
    assert after[0] == int(read["address"], 16)
    assert read["size"] == min(at for at in after if at > after[0]) - after[0]
    lines = qvmi(guest, "sym", "vfs_read").stdout.decode().splitlines()
    assert lines[0].split() == ["ADDRESS", "TYPE", "SIZE", "SYMBOL"]
    assert lines[1].split() == [read["address"], "T", str(read["size"]),
                                "vfs_read"]


def test_addresses(guest, qvmi):
    """The symbol that covers it, and how far it is from that."""
    brd = next(row for row in kallsyms(guest, r"\[brd\]$")
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


def test_through_a_pipe(guest, qvmi):
    """All there is, as a table; a reader that goes away ends it."""
    argv = qvmi.argv(guest, "sym", "*")
    done = subprocess.run(argv, capture_output=True, check=True,
                          env=qvmi.environ())
    n = int(guest.run("wc -l </proc/kallsyms"))
    assert abs(len(done.stdout.splitlines()) - 1 - n) < 20
