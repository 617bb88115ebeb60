# SPDX-License-Identifier: BSD-2-Clause
"""The journal's files: without them nothing is written; listed, forgotten,
damaged."""

import json
import os
import shutil
import subprocess

import pytest

from test_bad_input import one_line
from test_journal import PLACE, journal  # noqa: F401 (a fixture)
from test_memory import root
from test_walk import at, walk
from test_write import peek, put_back


def unharmed(guest, done, *words):
    """Refused, and nothing was sent."""
    one_line(done, 1, b"the journal", *words)
    assert guest.running()


@pytest.fixture
def target(guest):
    """An address to write to, whose bytes must stay as they are."""
    before = peek(guest, "heap", PLACE, 64)
    yield at(guest, "heap", PLACE)
    assert peek(guest, "heap", PLACE, 64) == before


def test_file_size_limit(guest, journal, target):
    for args in (("write", target, "fill:1x60"), ("writeval", target, 1),
                 ("write", target, "1")):
        done = subprocess.run(
            ["prlimit", "--fsize=120", *journal.argv(guest, *args,
                                                     "--no-cache")],
            capture_output=True, check=False, timeout=120,
            stdin=subprocess.DEVNULL, env=journal.environ())
        unharmed(guest, done, b"too large", b"nothing was written")
    assert journal.files() == []


def in_tmpfs(journal, guest, options, prepare, *args):
    """Run qvmi with a state directory on a disk of its own."""
    script = f'mount -t tmpfs -o {options} tmpfs "$0" && {prepare}; "$@"'
    done = subprocess.run(
        ["unshare", "--mount", "sh", "-c", script, journal.state,
         *journal.argv(guest, *args)], capture_output=True, check=False,
        timeout=120, stdin=subprocess.DEVNULL, env=journal.environ())
    if b"unshare" in done.stderr or b"mount:" in done.stderr:
        pytest.skip("no name spaces here")
    return done


@root
def test_full_disk(guest, journal, target):
    fill = 'mkdir -p "$0/qvmi" && head -c 9999999 /dev/zero >"$0/full" ' \
           '2>/dev/null'
    done = in_tmpfs(journal, guest, "size=64k", fill, "write", target, "1")
    unharmed(guest, done, b"No space left", b"nothing was written")
    full = f'{fill}; for i in $(seq 30); do touch "$0/$i"; done ' \
           '2>/dev/null; true'
    done = in_tmpfs(journal, guest, "size=64k,nr_inodes=20", full, "write",
                    target, "1")
    unharmed(guest, done, b"No space left", b"no write without a journal")


@root
def test_read_only_disk(guest, journal, target):
    ro = 'mkdir "$0/qvmi" && mount -o remount,ro "$0"'
    done = in_tmpfs(journal, guest, "size=64k", ro, "write", target, "1")
    unharmed(guest, done, b"Read-only file system")


def test_no_directory(guest, journal, target):
    """A file in its place, somebody else's, one that all may write to, or
    none that is named. The guest is not even stopped."""
    folder = os.path.join(journal.state, "qvmi")

    def refused(*words, env=None):
        events = guest.hmp("info status")
        done = journal("unix:/nonexistent", "write", target, "1", status=None,
                       env=env)
        one_line(done, 1, b"the journal: ", *words)
        assert guest.hmp("info status") == events

    with open(folder, "w", encoding="ascii"):
        refused(b"qvmi: Not a directory")
    os.remove(folder)
    os.mkdir(folder)
    os.chmod(folder, 0o777)
    refused(b"not only yours")
    if not os.geteuid():
        os.chmod(folder, 0o755)
        shutil.chown(folder, "nobody")
        refused(b"not only yours")
    refused(b"neither XDG_STATE_HOME nor HOME",
            env={"XDG_STATE_HOME": "", "HOME": ""})


def test_at_once(guest, journal):
    """Several at a time: each has a number of its own."""
    places = range(PLACE, PLACE + 6)
    with put_back(guest, "heap", PLACE, 8) as old:
        runs = [subprocess.Popen(
            journal.argv(guest, "write", at(guest, "heap", offset), 0x33,
                         "--timeout", 60),
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, env=journal.environ())
            for offset in places]
        for run in runs:
            _, stderr = run.communicate(timeout=120)
            assert run.returncode == 0, stderr
        assert journal.states() == [(n, "written") for n in range(1, 7)]
        for number in range(1, 7):
            journal(guest, "undo", number)
        assert peek(guest, "heap", PLACE, 8) == old


# The journal alone

def spoil(journal, name, change):
    """Change the bytes of an entry's file."""
    path = os.path.join(journal.state, "qvmi", name)
    with open(path, "r+b") as stream:
        data = change(stream.read())
        stream.seek(0)
        stream.truncate()
        stream.write(data)
    return path.encode()


@pytest.mark.parametrize("change", [
    lambda data: b"", lambda data: data[:20], lambda data: data[:-1],
    lambda data: data + b"x", lambda data: data[:-1] + b"\x01",
    lambda data: data.replace(b"0x", b"1x", 1)],
    ids=["empty", "head", "cut", "longer", "byte", "header"])
def test_damaged(guest, journal, change):
    for _ in range(3):
        journal(guest, "write", "panic_timeout", "-w4", "0xffffffff")
    path = spoil(journal, "write-2.written", change)
    done = journal(None, "journal", status=1)
    assert done.stdout.count(b"\n") == 4 and b" damaged" in done.stdout
    assert done.stderr.count(b"\n") == 1 and path in done.stderr
    one_line(journal(None, "journal", 2, status=None), 1, path)
    one_line(journal(guest, "undo", 2, status=None), 1, path)
    journal(guest, "undo")
    one_line(journal(guest, "undo", status=None), 1, path, b"name one")
    journal(guest, "undo", 1)
    journal(None, "journal", "--forget", 2)
    assert journal.states() == [(1, "undone"), (3, "undone")]


def test_listed_and_forgotten(guest, journal):
    journal(guest, "write", "--physical", "p:0x1000", "hex:00")
    journal(guest, "undo")
    journal(guest, "write", "--physical", "-f", "-",
            input=b"panic_timeout -w4 0xffffffff\np:0x1000 hex:00\n")
    done = journal("unix:/nonexistent", "journal")  # needs no guest
    head, first, second = done.stdout.decode().splitlines()
    assert head.split() == ["ID", "TIME", "GUEST", "KERNEL", "COMMAND",
                            "ADDRESS", "LENGTH", "STATE"]
    assert first.split()[-1] == "undone"
    assert "panic_timeout +1" in second and second.split()[-2:] == [
        "5", "written"]
    one = journal(None, "journal", 2).stdout.decode()
    assert "ff ff ff ff" in one and "p:0x1000" in one
    for args in (("0",), ("x",), ("1", "2"), ("1", "--forget", "2"),
                 ("--before", "x"), ("--forget", "1", "--before", "1")):
        done = journal(None, "journal", *args, status=2)
        assert done.stderr.startswith(b"qvmi: journal: ")
    one_line(journal(None, "journal", 7, status=None), 1, b"no entry 7")
    one_line(journal(None, "journal", "--forget", 7, status=None), 1,
             b"no entry 7")
    old = os.path.join(journal.state, "qvmi", "write-1.undone")
    os.utime(old, (0, os.stat(old).st_mtime - 2 * 86400))
    row, = json.loads(journal(None, "journal", "-J", "--before", 1).stdout)[
        "rows"]
    assert (row["id"], row["state"]) == (1, "forgotten")
    assert journal.states() == [(2, "written")]
    journal(None, "journal", "--forget", 2)
    assert journal.files() == []


def test_strange_address(guest, journal):
    """What the user typed is escaped where it is shown."""
    with put_back(guest, "heap", PLACE, 4):
        frame = walk(guest, journal, at(guest, "heap"))["physical"]
        journal(guest, "write", "--shared", f"p:\t{frame + PLACE:#x}", "0x3c")
        done = journal(None, "journal")
        assert b"p:\\x090x" in done.stdout and b"\t" not in done.stdout
        journal(guest, "undo")
