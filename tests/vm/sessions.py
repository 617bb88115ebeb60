# SPDX-License-Identifier: BSD-2-Clause
"""A session of each command, and what must hold however it ended."""

import contextlib
import json
import os
import re
import signal
import time
from pathlib import Path

from rsp import Rsp
from test_guest import PFN_MASK, PRESENT

# All that sessions() makes, by name.
SESSIONS = ("info", "ps", "maps", "maps --all", "walk", "page", "read",
            "ptdump", "print", "listvma", "search", "regs", "regs --set",
            "findpage", "devmem", "profile save", "vmlinux", "write",
            "writeval", "write, 3 pages", "write -f", "undo")
MARK, UNMARK = b"Qqemu.PhyMemMode:1", b"Qqemu.PhyMemMode:0"
DETACH = b"D;1"
DIED = b"note: an earlier debugger died in mid-session"
STRANDED = b"the guest may be left paused"
OLD, AROUND = b"\xa5", 16

# What may become of it, for the tables.
RIGHT, ERROR = "right answer", "clear error"
SIGNALLED = "ended by it"
RESCUED = "the watchdog let the guest go"
NEXT = "next qvmi resumed the guest"
LIMIT = "known limit"


class Target:
    """Bytes of a process that a session writes, and their surroundings.

    They are looked at as QEMU has them: that is faster than by the guest, and
    the guest need not run.
    """

    def __init__(self, guest, pid, addr, new):
        self.guest, self.pid, self.addr, self.new = guest, pid, addr, new
        self.whole = len(new)
        first = (addr - AROUND) >> 12
        count = ((addr + len(new) + AROUND - 1) >> 12) - first + 1
        entries = guest.pagemap(pid, first << 12, count)
        assert all(entry & PRESENT for entry in entries)
        self.frames = [(entry & PFN_MASK) << 12 for entry in entries]

    def _bytes(self):
        pages = b"".join(self.guest.physical(frame, 4096)
                         for frame in self.frames)
        start = (self.addr - AROUND) & 4095
        return pages[start:start + self.whole + 2 * AROUND]

    def reset(self, qvmi):
        """Put the old bytes back, and others around them."""
        old = OLD * (self.whole + 2 * AROUND)
        if self._bytes() != old:
            qvmi(self.guest, "write", f"{self.pid}:{self.addr - AROUND:#x}",
                 "hex:" + old.hex())
            assert self._bytes() == old

    def written(self):
        """How many bytes are new: from the first on, and no others."""
        now = self._bytes()
        count = next((i for i, byte in enumerate(self.new)
                      if now[AROUND + i] != byte), self.whole)
        want = OLD * AROUND + self.new[:count]
        assert now == want + OLD * (len(now) - len(want)), (
            "strange bytes in memory")
        return count


class Session:
    """One command line, the output it should have, the bytes it writes.

    args     as for qvmi()
    output   output(stdout) is what does not change from run to run
    target   a Target, or None
    file     what it makes, or None
    """

    def __init__(self, name, args, *, output=None, target=None, file=None):
        self.name, self.args = name, args
        self.output = output or bytes
        self.target, self.file = target, file
        self.clean = None

    def answer(self, stdout):
        """What the user has in the end; None: nothing."""
        if "--json" in self.args and stdout and not json.loads(stdout)["rows"]:
            stdout = b""  # it holds an error only
        made = [file.read_bytes() for file in self.file.parent.iterdir()
                ] if self.file else []
        if stdout or made:
            return self.output(stdout) if stdout else None, made
        return None

    def prepare(self, qvmi):
        """The state before a run."""
        if self.file:  # and what a killed run left beside it
            for file in self.file.parent.iterdir():
                file.unlink()
        if self.target:
            self.target.reset(qvmi)

    def learn(self, qvmi, run):
        """Keep the answer of a run without faults: run() is one."""
        self.prepare(qvmi)
        self.clean = self.answer(run().stdout)


class Undo(Session):
    """Undoes a write that has put the old bytes in place of the new ones."""

    def prepare(self, qvmi):
        super().prepare(qvmi)
        place = f"{self.target.pid}:{self.target.addr:#x}"
        for data in (self.target.new, OLD * self.target.whole):
            qvmi(self.target.guest, "write", place, "hex:" + data.hex())


def users(stdout):
    """Lines of `ps`. Kernel threads are left out: their names tell what they
    work on; and whether a process runs or sleeps right now."""
    return [re.sub(rb"^((?: *\d+){3}) R ", rb"\1 S ", line)
            for line in stdout.splitlines() if b" [" not in line]


def _steady(stdout):
    """`info` without what differs: what the vCPUs do, how memory is read; and
    without how the guest was found, which may be unknown."""
    output = json.loads(stdout)
    for row in output["rows"]:
        for key in ("vcpus", "gdb", "found", "memory"):
            del row[key]
    return output["rows"]


def _vcpus(stdout):
    """`regs` without what changes all the time."""
    return [(row["vcpu"], row["cr0"], row["efer"], row["mode"],
             [(c["register"], c["new"]) for c in row["changes"] or []])
            for row in json.loads(stdout)["rows"]]


def _written(stdout):
    """`vmlinux` without its file's name."""
    return [{**row, "file": None} for row in json.loads(stdout)["rows"]]


def _saved(stdout):
    return re.sub(rb"\S*/saved-profile", b"", stdout)


def sessions(guest, folder):
    """{name: Session}, for a guest that is ready."""
    heap = guest.labels()["heap"]
    place = f"{heap.pid}:{heap.addr:#x}"
    frame = (guest.pagemap(heap.pid, heap.addr)[0] & PFN_MASK) << 12
    word, byte, long = heap.addr + 0x700, heap.addr + 0x780, heap.addr + 0xf00
    listed, undone = heap.addr + 0x600, heap.addr + 0x680
    many = bytes(i * 7 % 251 ^ 1 for i in range(2 * 4096))
    saved = folder / "saved-profile"
    lines = guest.dir / "writes"
    lines.write_text(f"{heap.pid}:{listed:#x} str:two\n"
                     f"{heap.pid}:{listed + 3:#x} str:lines\n")
    made = [
        Session("info", ("info", "--json"), output=_steady),
        Session("ps", ("ps",), output=users),
        Session("maps", ("maps", heap.pid)),
        Session("maps --all", ("maps", "--all")),
        Session("walk", ("walk", place)),
        Session("page", ("page", place, "16K")),
        Session("read", ("read", place, 64)),
        Session("ptdump", ("ptdump", heap.pid)),
        Session("print", ("print", "list(modules, module, list).name")),
        Session("search", ("search", place, "64K", "str:heap page 7")),
        Session("regs", ("regs", "--json"), output=_vcpus),
        # read by nobody but a page fault, of its own value
        Session("regs --set", ("regs", "--json", "--set", "cr2=0x1234"),
                output=_vcpus),
        Session("listvma", ("listvma",)),
        Session("findpage", ("findpage", place)),
        Session("devmem", ("devmem", f"{frame:#x}", "r", 8)),
        Session("profile save", ("profile", "save", saved, "--no-cache"),
                output=_saved, file=saved),
        Session("vmlinux", ("vmlinux", "-o", folder / "vmlinux", "--format",
                            "kallsyms", "--no-cache", "--json"),
                output=_written, file=folder / "vmlinux"),
        Session("write", ("write", f"{heap.pid}:{word:#x}", "-w8",
                          "0x1122334455667788"),
                target=Target(guest, heap.pid, word,
                              bytes(range(0x88, 0, -0x11)))),
        Session("writeval", ("writeval", f"{heap.pid}:{byte:#x}", 7),
                target=Target(guest, heap.pid, byte, b"\x07")),
        Session("write -f", ("write", "-f", lines),
                target=Target(guest, heap.pid, listed, b"twolines")),
        Undo("undo", ("undo",),
             target=Target(guest, heap.pid, undone, b"as it was")),
        Session("write, 3 pages", ("write", f"{heap.pid}:{long:#x}",
                                   "hex:" + many.hex()),
                target=Target(guest, heap.pid, long, many)),
    ]
    return {session.name: session for session in made}


# After a run

def until_running(guest, seconds=2):
    """Whether the guest runs, now or very soon."""
    end = time.monotonic() + seconds
    while not guest.running():
        if time.monotonic() > end:
            return False
        time.sleep(0.002)
    return True


def is_marked(guest):
    """Whether a paused guest says that a client left it so; None: it is not
    paused, QEMU was only slow to let it run."""
    with contextlib.closing(Rsp(guest.gdb_address)) as stub:
        marked = stub.ask("qqemu.PhyMemMode") == "1"
        if not stub.ran:
            return marked
        stub.detach()
    return None


def watchdog(run):
    """The PID of a qvmi's, if it is there already, and there still."""
    with contextlib.suppress(FileNotFoundError, ProcessLookupError):
        for child in Path(f"/proc/{run.pid}/task/{run.pid}/children"
                          ).read_text().split():
            if Path(f"/proc/{child}/stat").read_text().split(") ")[1][0] != "Z":
                return int(child)
    return None


def kill_watchdog(run):
    pid = watchdog(run)
    if pid:
        os.kill(pid, signal.SIGKILL)


def bring_back(guest, qvmi):
    """The next qvmi resumes a guest that was left paused, and says so."""
    marked = is_marked(guest)
    if marked is None:
        return None
    args = () if marked else ("--leave", "running")
    done = qvmi(guest, "walk", "init_task", *args)
    assert (DIED in done.stderr) == marked, done.stderr
    assert until_running(guest), "the next qvmi did not resume the guest"
    return NEXT if marked else LIMIT


def check_answer(session, status, stdout, stderr):
    """Right, or refused in one line; how it is called in the tables."""
    answer = session.answer(stdout)
    assert status in (0, 1, 3, 4), f"status {status}: {stderr}"
    if status == 0:
        assert answer == session.clean, "exit 0, and another answer"
        return RIGHT
    assert answer in (None, session.clean), "half an answer"
    lines = [line for line in stderr.splitlines()
             if not line.startswith(b"qvmi: note: ")]
    assert len(lines) == 1 and lines[0].startswith(b"qvmi: "), stderr
    return ERROR
