# SPDX-License-Identifier: BSD-2-Clause
"""Recorded guests: a moment of a real one, for a stub server and for QEMU.

A recording is a directory of the test cache, made once per guest build:

ram, monitor, vcpus, *.xml   what the stub server serves (tests/stub/image.h)
vmstate                      the same moment for a QEMU of its own
labels, proc/PID/maps...     what the guest itself said just before
"""

import contextlib
import fcntl
import hashlib
import json
import os
import pathlib
import re
import shutil
import subprocess
import tempfile
import time

import guest as vm
from rsp import Rsp

MEMORY = "192M"
CPUS = 2
PAGE = 4096
MONITOR = ["info mtree -f", "info memdev", "info name", "info uuid"]
PROC = ["maps", "stat", "status"]
KEEP_DAYS = 7


def _cache():
    home = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")
    return pathlib.Path(os.environ.get("QVMI_TEST_CACHE") or
                        os.path.join(home, "qvmi-test"))


def _qemu_version():
    return subprocess.run(["qemu-system-x86_64", "--version"], check=True,
                          stdout=subprocess.PIPE).stdout


def _key(kernel):
    """Whatever the recording depends on, as some digits."""
    parts = [pathlib.Path(__file__).read_bytes(), _qemu_version()]
    for script in ("build-guest", "fetch-kernel"):
        parts.append(os.fsencode(vm.script(script, kernel)))
    return hashlib.sha256(b"\0".join(parts)).hexdigest()[:16]


class _Console(Rsp):
    """The stub of the guest that is recorded."""

    def monitor(self, command):
        """The output of a monitor command, line ends and all."""
        reply, text = self.ask("qRcmd," + command.encode().hex()), b""
        while reply != "OK":
            text += bytes.fromhex(reply[1:])
            reply = self._packet()
        return text

    def document(self, annex):
        """A document by qXfer, put together from its chunks."""
        text = b""
        while True:
            reply = self.ask(f"qXfer:features:read:{annex}:{len(text):x},7fb")
            text += os.fsencode(reply[1:])
            if reply[0] == "l":
                return text

    def vcpus(self):
        """A line per vCPU: what it does, and its registers."""
        ids, reply = [], self.ask("qfThreadInfo")
        while reply != "l":
            ids.append(reply[1:])
            reply = self.ask("qsThreadInfo")
        lines = []
        for thread in ids:
            said = bytes.fromhex(self.ask("qThreadExtraInfo," + thread))
            self.ask("Hg" + thread)
            lines.append(("halted " if b"halted" in said else "running ") +
                         self.ask("g"))
        return "\n".join(lines) + "\n"


def _record_proc(guest, out):
    """What /proc says of each process, and the labels of the scenes."""
    labels = {name: vars(label) for name, label in guest.labels().items()}
    (out / "labels").write_text(json.dumps(labels))
    for name in PROC:
        said = guest.run(f"tail -n +1 /proc/[0-9]*/{name}")
        parts = re.split(rb"(?:^|\n)==> /proc/(\d+)/\w+ <==\n", said)
        for pid, data in zip(parts[1::2], parts[2::2]):
            there = out / "proc" / pid.decode()
            there.mkdir(parents=True, exist_ok=True)
            (there / name).write_bytes(data)


def _record_stub(guest, out):
    stub = _Console(guest.gdb_address)
    # target.xml first: before it, this QEMU answers less
    for annex in ("target.xml", "i386-64bit.xml"):
        (out / annex).write_bytes(stub.document(annex))
    (out / "vcpus").write_text(stub.vcpus())
    (out / "monitor").write_bytes(b"".join(
        b"> %s\n%s" % (command.encode(), stub.monitor(command))
        for command in MONITOR))
    stub.close()


def _record_ram(guest, out):
    """All of physical memory up to the end of RAM, with holes for zeros."""
    size = int(MEMORY[:-1]) << 20
    guest.qmp("pmemsave", val=0, size=size, filename=str(out / "dense"))
    with open(out / "dense", "rb") as dense, open(out / "ram", "wb") as ram:
        while page := dense.read(PAGE):
            if page.count(0) == PAGE:
                ram.seek(PAGE, os.SEEK_CUR)
            else:
                ram.write(page)
        ram.truncate(size)
    (out / "dense").unlink()


def _record_vmstate(guest, out):
    guest.qmp("migrate", uri=f"exec:cat >'{out / 'vmstate'}'")
    while (status := guest.qmp("query-migrate").get("status")) != "completed":
        if status == "failed":
            raise vm.GuestError("the guest could not be saved")
        time.sleep(0.05)


def _record(kernel, out):
    guest = vm.Guest(kernel, mem=MEMORY, cpus=CPUS)
    try:
        _record_proc(guest, out)
        guest.stop()
        _record_ram(guest, out)
        _record_stub(guest, out)
        _record_vmstate(guest, out)
    finally:
        guest.close()


@contextlib.contextmanager
def _locked(name):
    locks = _cache() / "locks"
    locks.mkdir(parents=True, exist_ok=True)
    with open(locks / name, "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _prune(parent, kernel):
    """Recordings of older guests; not those of another work tree in use."""
    for old in parent.glob(f"{kernel}-*"):
        if time.time() - old.stat().st_mtime > KEEP_DAYS * 86400:
            shutil.rmtree(old, ignore_errors=True)


def recording(kernel):
    """The directory of the recorded guest of that kernel."""
    parent = _cache() / "recordings"
    done = parent / f"{kernel}-{_key(kernel)}"
    with _locked(f"recording-{kernel}"):
        if not done.exists():
            parent.mkdir(parents=True, exist_ok=True)
            _prune(parent, kernel)
            work = pathlib.Path(tempfile.mkdtemp(dir=parent, prefix=".new-"))
            try:
                _record(kernel, work)
                work.rename(done)
            finally:
                shutil.rmtree(work, ignore_errors=True)
        os.utime(done)
    return done


def incoming(kernel):
    """A QEMU with that very guest, paused."""
    state = recording(kernel) / "vmstate"
    guest = vm.Guest(kernel, mem=MEMORY, cpus=CPUS, paused=True, wait=False,
                     extra=("-incoming", f"exec:cat '{state}'"))
    end = time.monotonic() + 60
    while guest.status() == "inmigrate":
        if time.monotonic() > end:
            raise vm.GuestError("the recorded guest does not load")
        time.sleep(0.02)
    return guest
