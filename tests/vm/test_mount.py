# SPDX-License-Identifier: BSD-2-Clause
"""`mount` and `run`: the guest's /proc as files of this host."""

import concurrent.futures
import errno
import json
import mmap
import os
import pathlib
import re
import shutil
import signal
import stat
import struct
import subprocess
import time
from xml.etree import ElementTree

import pytest

import sessions as s
from guest import ROOT
from mounting import (Pauses, fails, is_mounted, mounted, needs_fuse, until)
from sanitizer import is_sanitized
from screen import svg
from tally import how_many
from test_guest import PFN_MASK
from test_journal import journal  # noqa: F401 (a fixture)
from test_procfs import users
from test_watch import own  # noqa: F401 (a fixture)

HOUR = ("--refresh", "3600000")  # one moment for all that a test looks at
READERS = 10
HTOP = ROOT / "docs" / "images" / "htop.svg"

# Texts that stay as they are; what files say is held against the guest's own in
# test_procfs.py.
STAYS = ("version", "cmdline", "filesystems", "devices", "net/unix",
         "sys/kernel/ostype", "1/comm", "1/maps",
         "1/limits", "1/environ", "2/comm", "1/attr/current")


@pytest.fixture
def folder(tmp_path):
    at = tmp_path / "proc"
    at.mkdir()
    return at


def processes(guest):
    """Some that stay."""
    there = set(guest.run("ls /proc").decode().split())
    return [pid for pid in users(guest) if str(pid) in there]


def listed(guest, qvmi, path):
    """{name: (kind, target)} of a directory, by `ls`."""
    rows = json.loads(qvmi(guest, "ls", "--json", path).stdout)["rows"]
    return {row["path"].rsplit("/", 1)[-1]: (row["kind"], row["target"])
            for row in rows}


def kind_of(path):
    mode = os.lstat(path).st_mode
    return ("link" if stat.S_ISLNK(mode) else
            "directory" if stat.S_ISDIR(mode) else "file")


def check_directory(mount, path, want):
    """It has what `ls` told; a text has its length, or is said to be empty."""
    own = set() if path else {"self", "thread-self", "mem"}
    names = set(os.listdir(mount / path))
    stays = {name for name in want if not name.isdigit()}
    assert {name for name in names if not name.isdigit()} == stays | own
    for name in stays:
        kind, target = want[name]
        at = mount / path / name
        size = os.lstat(at).st_size
        assert kind_of(at) == kind
        assert not size or (kind == "file" and size == len(at.read_bytes()))
        if kind == "link" and target is not None:
            assert os.readlink(at) == target
        elif kind == "link":
            with pytest.raises(OSError):
                os.readlink(at)



def lacking(guest):
    """What tells of an overlay, whose options nobody knows where modules have no
    types (docs/procfs.md): such a text would not be whole."""
    return ("1/mountinfo", "1/mounts") if guest.kernel == "5.10" else ()


# Read in words of 8 bytes alone, or where there is memory.
BYTES = ("pagemap", "kpagecount", "kpageflags", "kpagecgroup", "mem", "kernel",
         "phys")


def read_all(folder):
    """How many files there are, and what cannot be read to its end."""
    count = 0
    broken = []
    for path, below, names in os.walk(
            folder, onerror=lambda e: broken.append((e.filename, e))):
        # Those of one process stand for all.
        below[:] = [name for name in below
                    if name not in ("task", "map_files")
                    and (not name.isdigit() or name == "1")]
        for name in names:
            at = os.path.join(path, name)
            if os.path.islink(at) or name in BYTES:
                continue
            count += 1
            try:
                pathlib.Path(at).read_bytes()
            except OSError as error:
                broken.append((at, error))
    return count, broken


def check_pagemap(path):
    """Words at offsets; what /proc refuses is refused."""
    with open(path.parent / "maps", encoding="utf-8") as maps:
        start = int(maps.readline().split("-")[0], 16)
    with open(path, "rb", buffering=0) as file:
        words = os.pread(file.fileno(), 64, start // 4096 * 8)
        assert len(words) == 64 and words != bytes(64)
        assert words[8:16] == os.pread(file.fileno(), 8,
                                       start // 4096 * 8 + 8)
        fails(errno.EINVAL, os.pread, file.fileno(), 8, 3)
        fails(errno.EINVAL, os.pread, file.fileno(), 7, 8)
        assert os.pread(file.fileno(), 8, 1 << 50) == b""
    assert os.stat(path).st_size == 0


def check_kpagecount(path, mapped):
    """A frame that a process has mapped once, and what is refused."""
    with open(path, "rb", buffering=0) as file:
        assert len(os.pread(file.fileno(), 4096, 0)) == 4096
        assert struct.unpack("<Q", os.pread(file.fileno(), 8, 8 * mapped)) == (
            1,)
        fails(errno.EINVAL, os.pread, file.fileno(), 8, 3)


def read_at(path, at, length):
    with open(path, "rb", buffering=0) as file:
        return os.pread(file.fileno(), length, at)


def forms(guest, qvmi, pid, addr):
    """Where an address is: {form: value}."""
    row, = json.loads(qvmi(guest, "convert", "--json",
                           f"{pid}:{addr:#x}").stdout)["rows"]
    return {key: int(value, 16) for key, value in row.items()
            if isinstance(value, str) and value.startswith("0x")}


TOP_BIT = 1 << 63

# What of a process's memory is looked at, and for how long that goes on.
SPOTS = (("heap", 0, 4096), ("heap", 4090, 20), ("heap", 4095, 1),
         ("zero", 8000, 400), ("file.shared", 1, 100), ("prot.read", 0, 64),
         ("border.pud", 4090, 20), ("thp.split", 4 * 4096 - 8, 9000))


def memory_says(guest, qvmi):
    """{(path, offset): bytes}, or an errno, and the ranges of RAM: the guest's
    own word."""
    want = {}
    labels = guest.labels()
    for name, offset, length in SPOTS:
        if name in labels:
            pid, at = labels[name].pid, labels[name].addr + offset
            want[f"{pid}/mem", at] = guest.peek(pid, at, length)
    heap = labels["heap"]
    page = want[f"{heap.pid}/mem", heap.addr]
    where = forms(guest, qvmi, heap.pid, heap.addr)
    direct = where["direct"] & ~TOP_BIT
    want["mem/phys", where["physical"]] = want["mem/kernel", direct] = page
    want["mem/phys", where["physical"] + 9] = page[9:10]
    want["2/mem", 4096] = b""
    for path, at in (("1/mem", 0), ("1/mem", 1 << 62), ("mem/kernel", 0),
                     (f"{heap.pid}/mem", 4096)):
        want[path, at] = errno.EIO
    vvar = re.search(rb"^([0-9a-f]+)-.*\[vvar\]", guest.cat("/proc/1/maps"),
                     re.M)
    if vvar:
        want["1/mem", int(vvar[1], 16)] = errno.EIO
    info = json.loads(qvmi(guest, "info", "--json").stdout)["rows"][0]
    return want, [(int(r["start"], 16), int(r["end"], 16))
                  for r in info["ram"]]


def check_memory(mount, told):
    want, ram = told
    for (path, at), what in want.items():
        if isinstance(what, int):
            fails(what, read_at, mount / path, at, 8)
        else:
            assert read_at(mount / path, at, len(what) or 9) == what, (
                path, at)
    check_sparse(mount / "mem/phys", ram)


def check_sparse(path, ram):
    """As large as RAM goes, and holes are told."""
    with open(path, "rb", buffering=0) as file:
        size = os.stat(path).st_size
        assert size == ram[-1][1]
        found = []
        at = 0
        while at < size:
            start = os.lseek(file.fileno(), at, os.SEEK_DATA)
            at = os.lseek(file.fileno(), start, os.SEEK_HOLE)
            found.append((start, at))
        assert found == merged(ram)
        assert os.pread(file.fileno(), 10, size) == b""
        if len(found) > 1:
            assert os.pread(file.fileno(), 16, found[0][1]) == bytes(16)


def merged(ranges):
    out = []
    for start, end in ranges:
        if out and out[-1][1] == start:
            out[-1] = (out[-1][0], end)
        else:
            out.append((start, end))
    return out


def test_the_tree_is_the_guests(guest, qvmi, folder):
    """All files of the system and of some processes, and their links, in one
    moment."""
    pids = processes(guest)
    last = pids[-1]
    want = {path: listed(guest, qvmi, path) for path in (
        "", "net", "sys", "sys/kernel", "1/net", "1/attr", "1", str(last))}
    texts = {path: guest.run(f"cat /proc/{path}") for path in STAYS}
    user = int(guest.run(f"stat -c %u /proc/{last}"))
    tasks = guest.run(f"ls /proc/{last}/task").decode().split()
    heap = guest.labels()["heap"]
    page, = guest.pagemap(heap.pid, heap.addr)
    memory = memory_says(guest, qvmi)
    with mounted(qvmi, guest, folder, "--hold") as mount:
        for path, entries in want.items():
            check_directory(mount, path, entries)
        assert {str(pid) for pid in pids} <= set(os.listdir(folder))
        assert os.stat(mount / str(last)).st_uid == user
        assert sorted(os.listdir(mount / f"{last}/task")) == sorted(tasks)
        assert os.readlink(mount / "self") == "1"
        for path, text in texts.items():
            assert (mount / path).read_bytes() == text, path
        check_pagemap(mount / "1/pagemap")
        check_kpagecount(mount / "kpagecount", page & PFN_MASK)
        check_memory(mount, memory)
        # What a link leads to that has no path.
        space = os.stat(mount / "1/ns/mnt")
        assert stat.S_ISREG(space.st_mode) and os.readlink(
            mount / "1/ns/mnt") == f"mnt:[{space.st_ino}]"
        count, broken = read_all(folder)
        assert count > 500
        assert {os.path.relpath(at, folder): error.errno
                for at, error in broken} == dict.fromkeys(lacking(guest), errno.EIO)
        row, told = mount.unmount()
    assert row["directory"] == str(folder) and row["pauses"] == 1
    assert told.count(b"\n") == 1  # that it is ready


def test_reads(guest, qvmi, folder):
    """At any place, of any length; and nothing can be changed."""
    text = guest.cat("/proc/1/maps")
    with mounted(qvmi, guest, folder, *HOUR) as mount:
        path = mount / "1/maps"
        with open(path, "rb", buffering=0) as file:
            one = b"".join(iter(lambda: file.read(1), b""))
            assert one == text
            for at, length in (0, 1), (3, 7), (len(text) - 1, 100), (
                    17, 1 << 20):
                assert os.pread(file.fileno(), length, at) == text[
                    at:at + length]
            for at in len(text), len(text) + 1, 1 << 40:
                assert os.pread(file.fileno(), 10, at) == b""
        for flags in os.O_WRONLY, os.O_RDWR, os.O_WRONLY | os.O_TRUNC:
            fails(errno.EACCES, os.open, path, flags)
        with pytest.raises(PermissionError):
            os.open(path, os.O_RDONLY | os.O_TRUNC)
        fails(errno.EACCES, os.open, folder / "new",
              os.O_CREAT | os.O_WRONLY)
        fails(errno.EPERM, os.mkdir, folder / "new")
        fails(errno.EPERM, os.unlink, path)
        fails(errno.EPERM, os.rmdir, folder / "1")
        fails(errno.EPERM, os.chmod, path, 0o777)
        fails(errno.EPERM, os.rename, path, folder / "maps")
        fails(errno.EPERM, os.symlink, "x", folder / "new")
        for name in "4000000", "01", "nothing", "1/nothing", "1/task/2", "*":
            fails(errno.ENOENT, os.stat, folder / name)
        fails(errno.ENOTDIR, os.listdir, path)


def test_pauses(guest, qvmi, folder):
    """They are of kinds of files, not of files; and a tree that nobody looks
    at has none."""
    with mounted(qvmi, guest, folder, "--refresh", "60000") as mount:
        pauses = Pauses(guest)
        numbers = [str(pid) for pid in processes(guest)]
        assert set(numbers) <= set(os.listdir(folder))
        assert pauses.count() == 1
        for name in "comm", "cmdline", "maps":
            for number in numbers:
                (mount / number / name).read_bytes()
        assert pauses.count() <= 6 < len(numbers)
        for name in "comm", "cmdline", "maps":
            for number in numbers:
                (mount / number / name).read_bytes()
        assert pauses.count() == 0
    # Who goes through all there is: twice as much each time.
    with mounted(qvmi, guest, folder, *HOUR) as mount:
        pauses.count()
        count, broken = read_all(folder)
        assert count > 500 and len(broken) == len(lacking(guest))
        assert pauses.count() <= 20
        # Pieces of what is read at offsets are of few pauses, too.
        with open(mount / "mem/phys", "rb", buffering=0) as file:
            for at in range(0, 4 << 20, 4096):
                assert len(os.pread(file.fileno(), 4096, at)) == 4096
        assert pauses.count() <= 7
    with mounted(qvmi, guest, folder, "--refresh", "10") as mount:
        (mount / "1/comm").read_bytes()
        pauses.count()
        time.sleep(1)
        assert pauses.count() == 0
        (mount / "1/comm").read_bytes()
        assert 0 < pauses.count() <= 3
    assert s.until_running(guest)


def test_a_text_is_of_one_moment(guest, qvmi, folder):
    """An open file stays as it was; one that is opened is of now."""
    pid = int(guest.run("sh -c 'until test -e /go; do sleep 1; done; "
                        "exec sleep 100000' >/dev/null 2>&1 & echo $!"))
    until(lambda: b"/go" in guest.cat(f"/proc/{pid}/cmdline"))
    before = guest.cat(f"/proc/{pid}/cmdline")
    with mounted(qvmi, guest, folder, "--refresh", "0") as mount:
        path = mount / f"{pid}/cmdline"
        with open(path, "rb", buffering=0) as file:
            assert file.read(2) == before[:2]
            guest.run("touch /go")
            until(lambda: path.read_bytes() != before)
            assert b"100000" in path.read_bytes()
            assert file.read() == before[2:]
            guest.run(f"kill -9 {pid}; rm /go")
            until(lambda: not path.exists())
            fails(errno.ENOENT, os.open, path, os.O_RDONLY)
            assert os.pread(file.fileno(), 1000, 0) == before
        assert str(pid) not in os.listdir(folder)


def test_a_text_that_changes(guest, qvmi, folder):
    """Whatever this host's page cache has of the last one."""
    name = guest.run("cat /proc/sys/kernel/hostname")
    with mounted(qvmi, guest, folder, "--refresh", "0") as mount:
        path = mount / "sys/kernel/hostname"
        for new in "guest", "a.longer.name", "b", "c", "x" * 60, "guest":
            guest.run(f"echo {new} >/proc/sys/kernel/hostname")
            with open(path, "rb", buffering=0) as file:
                assert os.fstat(file.fileno()).st_size == len(new) + 1
                with mmap.mmap(file.fileno(), 0, prot=mmap.PROT_READ) as text:
                    assert bytes(text) == f"{new}\n".encode()
                guest.run("echo other >/proc/sys/kernel/hostname")
                assert path.read_bytes() == b"other\n"
                assert file.read(1000) == f"{new}\n".encode()
                assert file.read(1) == b""
    guest.run(f"echo '{name.decode().strip()}' >/proc/sys/kernel/hostname")


@pytest.mark.any_kernel
@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM,
                                    signal.SIGINT])
def test_ended(guest, qvmi, folder, number, pytestconfig, tally):
    """The guest runs, the directory is free, and can be mounted on again."""
    for _ in range(how_many(pytestconfig, 4, 300)):
        with mounted(qvmi, guest, folder, "--refresh", "0") as mount:
            (mount / "1/maps").read_bytes()
            mount.run.send_signal(number)
            mount.end(-number)
            assert os.listdir(folder) == []
            assert s.until_running(guest)
        tally("mounts", number.name, "mount", "unmounted, the guest runs")


@pytest.mark.any_kernel
def test_again_and_again(guest, qvmi, folder, pytestconfig, tally):
    for _ in range(how_many(pytestconfig, 12, 1000)):
        with mounted(qvmi, guest, folder) as mount:
            assert (mount / "1/comm").read_bytes() == b"init\n"
            assert mount.unmount()[0]["opens"] == 1
        tally("mounts", "umount", "mount", "right answer")
    guest.assert_unharmed("running")


def resident(mount):
    """KiB that the process of a mount has in memory."""
    status = pathlib.Path(f"/proc/{mount.run.pid}/status").read_text()
    return int(re.search(r"VmRSS:\s+(\d+)", status)[1])


@pytest.mark.any_kernel
def test_many_readers(guest, qvmi, folder, pytestconfig, tally):
    """Ten at once, moment after moment: each text is whole, and the mount
    needs no more memory for the last of them than for the first."""
    pids = processes(guest)
    want = {pid: guest.cat(f"/proc/{pid}/comm") for pid in pids}

    def read(rounds):
        for _ in range(rounds):
            for pid in pids:
                assert (folder / f"{pid}/comm").read_bytes() == want[pid]
                (folder / f"{pid}/maps").read_bytes()
        return True

    with mounted(qvmi, guest, folder, "--refresh", "20") as mount, \
            concurrent.futures.ThreadPoolExecutor(READERS) as readers:
        assert all(readers.map(read, [2] * READERS))
        before = resident(mount)
        rounds = how_many(pytestconfig, 8, 400)
        assert all(readers.map(read, [rounds] * READERS))
        # sanitizers keep what was freed for a while
        assert (resident(mount) <= before + 2048
                or is_sanitized(qvmi.binary))
        mount.unmount()
        tally("mounts", "ten readers", "mount", "right answer")
    guest.assert_unharmed("running")


def test_written(guest, journal, folder):  # noqa: F811
    """By a process, by frames and by the kernel's addresses: the guest has it,
    the journal tells of it, and it is undone."""
    heap = guest.labels()["heap"]
    spot = heap.addr + 0x700
    old = guest.peek(heap.pid, spot, 4)
    where = forms(guest, journal, heap.pid, spot)
    files = ((f"{heap.pid}/mem", spot), ("mem/phys", where["physical"]),
             ("mem/kernel", where["direct"] & ~TOP_BIT))
    with mounted(journal, guest, folder) as mount:
        fails(errno.EACCES, os.open, mount / files[0][0], os.O_RDWR)
        mount.unmount()
    with mounted(journal, guest, folder, "--write", *HOUR) as mount:
        fails(errno.EACCES, os.open, mount / "1/comm", os.O_WRONLY)
        entries = 0
        for path, at in files:
            with open(mount / path, "r+b", buffering=0) as file:
                assert os.pread(file.fileno(), 4, at) == old
                try:
                    assert os.pwrite(file.fileno(), b"\1\2\3\4", at) == 4
                except PermissionError:
                    # Who else has the page is not known by its frame.
                    assert path != files[0][0]
                    continue
                entries += 1
                assert os.pread(file.fileno(), 4, at) == b"\1\2\3\4"
            assert guest.peek(heap.pid, spot, 4) == b"\1\2\3\4"
            assert journal.states()[-1] == (entries, "written")
            journal(guest, "undo")
            assert guest.peek(heap.pid, spot, 4) == old
            (mount / path).stat()
        assert journal.entries()[0]["command"] == "mount"
        # What is not there, and what its owner may not write.
        with open(mount / files[0][0], "r+b", buffering=0) as file:
            fails(errno.EPERM, os.pwrite, file.fileno(), b"x", 4096)
        with open(mount / "2/mem", "r+b", buffering=0) as file:
            fails(errno.EIO, os.pwrite, file.fileno(), b"x", 4096)
        assert len(journal.entries()) == entries
        _, told = mount.unmount()
    assert b"no memory there" in told
    guest.assert_unharmed("running")


@pytest.mark.any_kernel
def test_held(guest, qvmi, folder):
    with mounted(qvmi, guest, folder, "--hold") as mount:
        assert not guest.running()
        assert (mount / "1/comm").read_bytes() == b"init\n"
        assert len([(mount / name / "maps").read_bytes()
                    for name in os.listdir(folder) if name.isdigit()]) > 20
        assert not guest.running()
        assert mount.unmount()[0]["pauses"] == 1
    assert s.until_running(guest)
    guest.assert_unharmed("running")


@pytest.mark.any_kernel
def test_daemon(guest, qvmi, folder):
    needs_fuse()
    done = qvmi(guest, "mount", folder, "--daemon")
    assert b"is mounted on" in done.stderr and done.stdout == b""
    assert (folder / "1/comm").read_bytes() == b"init\n"
    subprocess.run(["umount", folder], check=True)
    until(lambda: not is_mounted(folder))
    assert s.until_running(guest)
    done = qvmi("unix:/nonexistent", "mount", folder, "--daemon", status=3)
    assert done.stderr.count(b"\n") == 1
    until(lambda: not is_mounted(folder))


@pytest.mark.any_kernel
def test_places(guest, qvmi, folder, tmp_path):
    """What cannot be mounted on: one line, and what to do."""
    needs_fuse()
    file = tmp_path / "file"
    file.write_bytes(b"")
    for at, why in ((tmp_path, b"not empty"), (file, b"no directory"),
                    (tmp_path / "none", b"No such file"),
                    (pathlib.Path("/proc"), b"umount it first")):
        said = qvmi(guest, "mount", at, status=1).stderr
        assert why in said and said.count(b"\n") == 1
    with mounted(qvmi, guest, folder):
        said = qvmi(guest, "mount", folder, status=1).stderr
        assert b"umount it first" in said and said.count(b"\n") == 1
        # Another mount of the same guest takes its turn.
        other = tmp_path / "other"
        other.mkdir()
        with mounted(qvmi, guest, other) as second:
            assert (second / "1/comm").read_bytes() == (
                folder / "1/comm").read_bytes()
    assert os.listdir(folder) == []


def check_namespaces(guest, qvmi):
    """By lsns, which in 2.38 takes a process with a blank in its name for the
    end of all; and mounts by findmnt: no options of these are unknown."""
    spaces, mounts = said(qvmi, guest, [
        "lsns -rno NS,TYPE", "findmnt -lno FSTYPE"]).values()
    links = guest.run("for l in /proc/[0-9]*/ns/*; do readlink $l; done; true")
    real = re.findall(r"^(\w+):\[(\d+)\]$", links.decode(), re.M)
    assert {tuple(row.split()) for row in spaces.splitlines()} == {
        (number, kind) for kind, number in real if "_for_" not in kind}
    lines = guest.cat("/proc/1/mountinfo").decode()
    assert mounts.split() == re.findall(r" - (\S+) ", lines)


@pytest.mark.variant("mount")
def test_the_guest_ends(own, qvmi, folder):  # noqa: F811
    guest = own(append="qvmi.scenes=0")
    check_namespaces(guest, qvmi)
    with mounted(qvmi, guest, folder, "--refresh", "0") as mount:
        path = mount / "1/comm"
        assert path.read_bytes() == b"init\n"
        guest.proc.kill()
        guest.proc.wait()
        for _ in range(3):
            fails(errno.EIO, path.read_bytes)
        fails(errno.EIO, os.listdir, folder)
        _, said = mount.unmount()
    assert said.count(b"\n") == 2, said  # ready, and what is wrong, once


@pytest.mark.variant("mount")
def test_the_guest_reboots(own, qvmi, folder):  # noqa: F811
    guest = own(append="qvmi.scenes=0", extra=("-action", "reboot=reset"))

    def init():
        try:
            return (folder / "1/comm").read_bytes() == b"init\n"
        except OSError as error:
            assert error.errno in (errno.EIO, errno.ENOENT, errno.ESTALE)
            return False

    with mounted(qvmi, guest, folder, "--refresh", "0") as mount:
        with open(mount / "version", "rb", buffering=0) as file:
            assert os.pread(file.fileno(), 5, 0) == b"Linux"
            guest.qmp("system_reset")
            time.sleep(0.5)  # the next look is at the machine that was reset
            until(init)
            fails(errno.ESTALE, os.pread, file.fileno(), 5, 0)
        assert (mount / "version").read_bytes().startswith(b"Linux")
        mount.unmount()


def run(qvmi, guest, *command, status=0, args=()):
    needs_fuse()
    return qvmi(guest, "run", *args, "--", *command, status=status)


# Of this host, and there as /dev/null.
HIDDEN = ("/run/utmp", "/var/log/wtmp", "/var/log/btmp", "/var/log/lastlog")


@pytest.mark.any_kernel
def test_run(guest, qvmi):
    """A command's /proc is the guest's, its status ours; ours stays."""
    before = os.listdir("/proc/self")
    assert run(qvmi, guest, "cat", "/proc/version").stdout == guest.cat(
        "/proc/version")
    assert run(qvmi, guest, "readlink", "/proc/self").stdout == b"1\n"
    for path in HIDDEN:
        if os.path.exists(path):
            assert run(qvmi, guest, "stat", "-Lc", "%t:%T",
                       path).stdout == b"1:3\n"
    memory = ["sh", "-c", "ulimit -v; exit 7"]
    done = run(qvmi, guest, *memory, status=7)
    assert done.stderr == b"" and done.stdout == subprocess.run(
        memory, check=False, capture_output=True).stdout
    run(qvmi, guest, "sh", "-c", "kill -9 $$", status=137)
    said = run(qvmi, guest, "/no/such", status=127).stderr
    assert b"/no/such: No such file" in said and said.count(b"\n") == 1
    said = run(qvmi, guest, "/etc/passwd", status=126).stderr
    assert b"/etc/passwd: Permission denied" in said
    said = qvmi(guest, "run", "true", "--json", status=2).stderr
    assert b"--json" in said
    assert os.listdir("/proc/self") == before
    assert s.until_running(guest)


# What is run at once, and what only a program of this host would say.
PROGRAMS = ("ps auxf", "ps -eo pid=,comm=", "ps -eLf", "top -b -n1", "free -k",
            "pmap -X 1", "vmstat -s", "slabtop -o", "w", "uptime", "pstree -p",
            "lsmod", "smem -H", "sysctl -n kernel.osrelease",
            "lscpu --sysroot=/", "lsmem -b", "nproc",
            "hostname", "ip -br link", "dmesg", "dmesg -r",
            "ipcs", "lsipc -m",
            "env PROC_ROOT=/proc/{sockets} ss -tan")
TONGUE = "sleep 36912151"


def said(qvmi, guest, commands):
    """{command: what it says}, all of one `run`."""
    script = "; ".join(f"echo '@@@ {c}'; {c} 2>/dev/null" for c in commands)
    out = run(qvmi, guest, "bash", "-c", script).stdout.decode()
    parts = [part.split("\n", 1) for part in out.split("@@@ ")[1:]]
    return dict(parts)


def test_programs(guest, qvmi):
    """Those that people have already show the guest, and nothing of ours."""
    sockets = guest.labels()["sockets"]
    names = [name.format(sockets=sockets.pid) for name in PROGRAMS
             if shutil.which(name.split()[0])]
    with subprocess.Popen(TONGUE.split()) as ours:
        try:
            told = said(qvmi, guest, names)
        finally:
            ours.kill()
    for name, text in told.items():
        assert text and TONGUE.split()[1] not in text, (name, text)
    pids = processes(guest)
    rows = [line.split()[0] for line in told["ps -eo pid=,comm="].splitlines()]
    assert {str(pid) for pid in pids} <= set(rows)
    assert len(rows) <= len(guest.run("ls /proc").split())
    for name in "ps auxf", "ps -eLf", "top -b -n1":
        found = {word for line in told[name].splitlines()
                 for word in line.split()[:2]}
        assert {str(pid) for pid in pids} <= found, name
    total = re.search(rb"MemTotal: *(\d+)", guest.cat("/proc/meminfo"))[1]
    assert f"Mem: {total.decode()} " in re.sub(" +", " ", told["free -k"])
    assert f"{total.decode()} K total memory" in told["vmstat -s"]
    assert "/init" in told["pmap -X 1"] and "dentry" in told["slabtop -o"]
    assert " 0 user" in told["w"] and " 0 user" in told["uptime"]
    assert "init(1)" in told["pstree -p"]
    modules = re.findall(rb"^(\S+) (\d+) (\d+)", guest.cat("/proc/modules"),
                         re.M)
    assert {b" ".join(m).decode() for m in modules} == {
        " ".join(line.split()[:3]) for line in told["lsmod"].splitlines()[1:]}
    assert re.search(r"^CPU\(s\): +1\n", told["lscpu --sysroot=/"], re.M)
    assert re.search(rf"Total online memory: +{512 << 20}\n",
                     told["lsmem -b"])
    assert told["nproc"] == "1\n"
    assert told["hostname"].encode() == guest.run(
        "cat /proc/sys/kernel/hostname")
    assert len(told["ip -br link"].splitlines()) == 1  # the loopback
    assert told["dmesg -r"].splitlines()[:50] == [
        line.decode() for line in qvmi(
            guest, "cat", "kmsg").stdout.splitlines()[:50]]
    assert "Linux version" in told["dmesg"]
    assert told["sysctl -n kernel.osrelease"].encode() == guest.run(
        "cat /proc/sys/kernel/osrelease")
    assert ":4001" in told[names[-1]]
    for name, keys in (("ipcs", 3), ("lsipc -m", 1)):
        found = re.findall(r"(?m)^0x51564d4\w", told[name])
        assert len(set(found)) == keys, told[name]


def test_names_of_users(guest, qvmi):
    """They are the guest's; where it does not tell, numbers, and a note."""
    user = int(guest.run("stat -c %u /proc/1"))
    assert user == 0 and not guest.run("ls -d /etc 2>/dev/null; true")
    done = run(qvmi, guest, "ps", "-o", "user=,pid=", "1")
    assert done.stdout.split() == [b"0", b"1"]
    assert b"/etc/passwd: users are shown as numbers" in done.stderr
    guest.run("mkdir /etc; echo groot:x:0:0::/:/bin/sh > /etc/passwd; "
              "echo ggroup:x:0: > /etc/group")
    try:
        done = run(qvmi, guest, "sh", "-c",
                   "ps -o user=,pid= 1; stat -c %U:%G /proc/1; getent passwd")
    finally:
        guest.run("rm -r /etc")
    assert done.stdout.split() == [
        b"groot", b"1", b"groot:ggroup",
        b"groot:x:0:0::/:/bin/sh"]
    assert done.stderr == b""


# A record at a time; at its end a reader would wait for the next one.
READ_LOG = "timeout -s KILL 2 cat /dev/kmsg; true"


def test_log(guest, qvmi):
    """Of /dev/kmsg each read gets a record, all of what devices said with it,
    and in the end nothing."""
    theirs = guest.run(READ_LOG)
    done = run(qvmi, guest, "python3", "-c", """
import os, sys
log = os.open("/dev/kmsg", os.O_RDONLY | os.O_NONBLOCK)
while part := os.read(log, 8192):
    assert part.endswith(b"\\n") and part.count(b";") and part[:1].isdigit()
    assert all(line.startswith(b" ") for line in part.splitlines()[1:])
    sys.stdout.buffer.write(part)
""")
    assert theirs.startswith(done.stdout) or done.stdout.startswith(theirs)
    assert b" SUBSYSTEM=" in theirs and len(theirs) > 10000


@pytest.mark.any_kernel
def test_htop(guest, qvmi, tmp_path):
    """On a terminal, for as long as it likes; QVMI_WRITE_DOCS=1 makes the
    picture of it that README has."""
    needs_fuse()
    if not shutil.which("htop") or not shutil.which("tmux"):
        pytest.skip("no htop, or no tmux")
    tmux = ["tmux", "-S", tmp_path / "socket", "-f", "/dev/null"]
    # A session passes on the environment of who started it.
    subprocess.run([*tmux, "new-session", "-d", "-x", "120", "-y", "50",
                    *qvmi.argv(guest, "run", "--", "htop")], check=True,
                   env=qvmi.environ())
    try:
        seen = until(lambda: [
            shot for shot in [subprocess.run(
                [*tmux, "capture-pane", "-e", "-p"], check=True,
                capture_output=True).stdout]
            if b"/init" in shot and b"Load average" in shot])
        assert b"tmux" not in seen[0]
        picture = svg(seen[0].decode(), 120, "htop on a guest, by qvmi run")
        assert ElementTree.fromstring(picture).findall(".//{*}text")
        if os.environ.get("QVMI_WRITE_DOCS"):
            HTOP.write_text(picture)
        subprocess.run([*tmux, "send-keys", "q"], check=True)
    finally:
        subprocess.run([*tmux, "kill-server"], check=False,
                       capture_output=True)
    until(lambda: s.until_running(guest))


@pytest.mark.any_kernel
def test_run_held(guest, qvmi):
    """The guest stands still for as long as the command runs."""
    needs_fuse()
    with subprocess.Popen(
            qvmi.argv(guest, "run", "--hold", "--", "sh", "-c",
                      "cat /proc/1/comm; read line; cat /proc/2/comm"),
            stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            env=qvmi.environ()) as command:
        assert command.stdout.readline() == b"init\n"
        assert not guest.running()
        out, _ = command.communicate(b"\n")
        assert command.returncode == 0 and out == b"kthreadd\n"
    assert s.until_running(guest)


@pytest.mark.any_kernel
def test_run_is_ended(guest, qvmi):
    """What would end it ends the command, too: also where it may read nothing
    but the stub, and send no signal."""
    needs_fuse()
    with subprocess.Popen(
            qvmi.argv(guest, "run", "--memory", "stub", "--", "sh", "-c",
                      "echo begun; exec sleep 100000"),
            stdout=subprocess.PIPE, env=qvmi.environ()) as command:
        assert command.stdout.readline() == b"begun\n"
        command.terminate()
        # The end of its output is the end of all who had it.
        assert command.stdout.read() == b""
        assert command.wait() == -signal.SIGTERM
    assert s.until_running(guest)
