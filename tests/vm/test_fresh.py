# SPDX-License-Identifier: BSD-2-Clause
"""A guest whose RAM is mostly untouched: looking at it has the host back none
of that, and shows what the stub shows."""

import contextlib
import json
import os
import re
import shutil
import struct
import subprocess
import tempfile

import pytest

import guest as vm
from test_memory import stats

pytestmark = pytest.mark.any_kernel

root = pytest.mark.skipif(os.geteuid() != 0, reason="takes root")

PAGE = 4096
PRESENT = 3 << 62  # mapped or swapped out, proc_pid_pagemap(5)
MARK = b"qvmi looks for this, "
NOWHERE = b"nobody has this in memory"
COMMANDS = [("info",), ("info", "--no-cache"), ("ps",), ("maps", "--all"),
            ("page", "p:0x3fffe000"), ("page", "p:0x20000000", "64M"),
            ("walk", "k:_text"), ("walk", "init_task"),
            ("read", "p:0x20000000", "16M", "-f", "raw"),
            ("search", "p:", "str:" + NOWHERE.decode())]


class Ram:
    """What the host has behind the RAM of a guest: pages that QEMU has, by
    range, and what a file has in it."""

    def __init__(self, guest, path=None):
        self.guest, self.path = guest, path

    def blocks(self):
        """(physical address, host address, bytes) of each range."""
        for line in set(re.findall(
                r"(?m)^ +([0-9a-f]{16}-[0-9a-f]{16}) \(prio 0, ram\): "
                r"(?:pc\.ram|m\d?)\b", self.guest.hmp("info mtree -f"))):
            start, end = (int(part, 16) for part in line.split("-"))
            said = self.guest.hmp(f"gpa2hva {start:#x}")
            yield start, int(re.search(r"is (0x[0-9a-f]+)", said)[1],
                             16), end + 1 - start

    def entries(self, hva, size):
        """Entries of QEMU's pagemap."""
        with open(f"/proc/{self.guest.pid}/pagemap", "rb") as pagemap:
            pagemap.seek(hva // PAGE * 8)
            data = pagemap.read(size // PAGE * 8)
        assert len(data) == size // PAGE * 8
        return struct.unpack(f"{size // PAGE}Q", data)

    def pages(self):
        """Those that QEMU has, by physical address, and those that its file
        has, by offset. What the file system counts says less: it takes pages
        that were only read for its own to drop, and counts them late."""
        return {start + i * PAGE for start, hva, size in self.blocks()
                for i, entry in enumerate(self.entries(hva, size))
                if entry & PRESENT}, set(self.filled())

    def filled(self):
        """Offsets of the pages that its file has."""
        if not self.path:
            return
        with open(self.path, "rb") as file:
            end = 0
            with contextlib.suppress(OSError):  # ENXIO: no more
                while True:
                    start = os.lseek(file.fileno(), end, os.SEEK_DATA)
                    end = os.lseek(file.fileno(), start, os.SEEK_HOLE)
                    yield from range(start, end, PAGE)

    def assert_no_more(self, before, what):
        """Than there were; fewer is the host's own doing."""
        for name, now, then in zip(("QEMU", "its file"), self.pages(), before):
            more = sorted(now - then)
            assert not more, (f"{what}: {name} has {len(more)} more pages, "
                              f"{more[0]:#x} to {more[-1]:#x}")


BACKENDS = {
    "anonymous": (),
    "memfd": ("memory-backend-memfd,share=on",),
    "memfd-private": ("memory-backend-memfd,share=off",),
    "file": ("memory-backend-file,share=on",),
    "file-private": ("memory-backend-file,share=off",),
    "anonymous-shared": ("memory-backend-ram,share=on",),
}


def options(backend, mem, path):
    """QEMU's, for RAM of that kind."""
    kind = BACKENDS[backend]
    if not kind:
        return ()
    where = f",mem-path={path}" if "file" in kind[0] else ""
    return ("-object", f"{kind[0]},id=m,size={mem}{where}",
            "-machine", "memory-backend=m")


def ram_file(guest, backend, path):
    """The file that the RAM is in, if it is in one."""
    if backend.startswith("file"):
        return path
    if backend.startswith("memfd"):
        for fd in os.listdir(f"/proc/{guest.pid}/fd"):
            name = f"/proc/{guest.pid}/fd/{fd}"
            with contextlib.suppress(OSError):
                if os.readlink(name).startswith("/memfd:"):
                    return name
        raise AssertionError("no memfd")
    return None


@contextlib.contextmanager
def fresh(mem, backend="anonymous"):
    """A guest that was just booted, and stands still: (guest, its Ram)."""
    # on a tmpfs: of another file system it would not be read
    folder = tempfile.mkdtemp(prefix="qvmi-", dir="/dev/shm")
    path = os.path.join(folder, "ram")
    guest = vm.Guest("6.1", mem=mem, extra=options(backend, mem, path))
    try:
        guest.memory = "process"
        guest.stop()
        yield guest, Ram(guest, ram_file(guest, backend, path))
        assert guest.status() == "paused"
        assert guest.phy_mem_mode() == 0
    finally:
        guest.close()
        shutil.rmtree(folder)


def look(guest, qvmi, ram, command, *args):
    """Run it: nothing more is backed afterwards."""
    before = ram.pages()
    done = qvmi(guest, command, *args, "--stats", status=None)
    assert done.returncode == (1 if command == "search" else 0), done.stderr
    assert stats(done)["memory"] == "process"
    ram.assert_no_more(before, command)
    return done


def plant(guest):
    """Something to look for, in memory of a guest that stands still again."""
    guest.cont()
    label = guest.labels()["heap"]
    guest.poke(label.pid, label.addr + 0x900, MARK + b"twice")
    guest.stop()


def found_by_process(guest, qvmi, ram):
    """{physical address: bytes} of what was planted wherever it is, of what is
    around it, and of memory that nobody used; nothing more is backed."""
    before = ram.pages()
    rows = json.loads(qvmi(guest, "search", "-J", "p:", "str:" + (
        MARK + b"twice").decode()).stdout)["rows"]
    ram.assert_no_more(before, "search")
    places = [int(row["physical"], 16) for row in rows]
    assert places
    seen = {}
    for start in (places[0] & ~0xfffff, 0x20000000, 0x3f000000):
        seen[start] = qvmi(guest, "read", f"p:{start:#x}", "1M", "-f",
                           "raw").stdout
        assert len(seen[start]) == 1 << 20
        ram.assert_no_more(before, "read")
    return {**seen, **{at: MARK for at in places}}


@root
@pytest.mark.parametrize("backend", BACKENDS)
def test_nothing_is_backed(qvmi, tmp_path, backend):
    """By no command; and each says what it says by the stub. What is there is
    found: by the guest's pages, and by what only the file has, since QEMU's
    mapping of it was taken back."""
    with fresh("1G", backend) as (guest, ram):
        plant(guest)
        assert len(ram.pages()[0]) < (1 << 30) // PAGE // 2, "it is not fresh"
        shown = [look(guest, qvmi, ram, *command).stdout
                 for command in COMMANDS]
        saved = [tmp_path / "by-process", tmp_path / "by-stub"]
        look(guest, qvmi, ram, "profile", "save", saved[0])
        seen = found_by_process(guest, qvmi, ram)
        # These have QEMU read, which backs what it touches.
        for at, data in seen.items():
            assert data == guest.physical(at, len(data)), hex(at)
        for command, by_process in zip(COMMANDS, shown):
            # one names the way, the other takes a minute and finds nothing
            if command[0] not in ("info", "search"):
                assert qvmi(guest, *command, "--memory",
                            "stub").stdout == by_process, command
        qvmi(guest, "profile", "save", saved[1], "--memory", "stub")
        assert saved[0].read_bytes() == saved[1].read_bytes()


@root
def test_file_on_a_disk(qvmi, tmp_path):
    """What a file system may take its time for is not read: the stub is."""
    kind = subprocess.run(["stat", "-f", "-c", "%T", tmp_path], check=True,
                          stdout=subprocess.PIPE, text=True).stdout.strip()
    if kind in ("tmpfs", "hugetlbfs"):
        pytest.skip("there is memory below the temporary files")
    guest = vm.Guest("6.1", append="qvmi.scenes=0",
                     extra=options("file", "256M", tmp_path / "ram"),
                     mem="256M")
    try:
        info = json.loads(qvmi(guest, "info", "-J").stdout)["rows"][0]
        assert info["memory"] == "stub"
        for word in (f"process {guest.pid} ", "tmpfs", "keep a reader"):
            assert word in info["memory_why"]
        for way in ((), ("--process", guest.pid)):
            done = qvmi(guest, "ps", "--memory", "process", *way, status=1)
            assert b"can keep a reader waiting" in done.stderr
        done = qvmi(guest, "cgroup")
        assert done.stdout == b""
        assert done.stderr == (b"qvmi: note: no hierarchy of control groups "
                               b"was mounted\n")
        assert guest.running()
    finally:
        guest.close()


@root
def test_large(qvmi):
    """4 GiB, split around the hole for devices."""
    with fresh("4G") as (guest, ram):
        assert len(list(ram.blocks())) >= 2
        for command in COMMANDS:
            look(guest, qvmi, ram, *command)


@root
def test_what_only_the_file_has(qvmi):
    """Pages of a shared file that somebody else wrote (a vhost-user daemon
    does so) are in no page table of QEMU: they are not taken for zeros."""
    with fresh("1G", "file") as (guest, ram):
        start, hva, size = max(ram.blocks(), key=lambda block: block[2])
        entries = ram.entries(hva, size)
        free = next(page for page in range(len(entries) - 64, 0, -64)
                    if not any(entry & PRESENT
                               for entry in entries[page:page + 64]))
        with open(ram.path, "r+b") as file:
            # below 3 GiB the file has RAM where the guest has it
            file.seek(start + free * PAGE + 100)
            file.write(MARK)
        before = ram.pages()
        where = start + free * PAGE
        data = qvmi(guest, "read", f"p:{where:#x}", 2 * PAGE, "-f",
                    "raw").stdout
        ram.assert_no_more(before, "read")
        assert data == bytes(100) + MARK + bytes(2 * PAGE - 100 - len(MARK))
        done = qvmi(guest, "search", "-J", "p:", "str:" + MARK.decode())
        assert [int(row["address"], 16) for row in
                json.loads(done.stdout)["rows"]] == [where + 100]
        ram.assert_no_more(before, "search")
