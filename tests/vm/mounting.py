# SPDX-License-Identifier: BSD-2-Clause
"""A guest's /proc that is mounted, and how often a guest stood still."""

import contextlib
import errno
import json
import os
import select
import subprocess
import time

import pytest

from test_attach import hear_signals

WAIT = 120  # for what comes sooner or later


def needs_fuse():
    """Skip where this host has no device, or does not let us mount."""
    if not os.access("/dev/fuse", os.R_OK | os.W_OK):
        pytest.skip("no /dev/fuse here")
    done = subprocess.run(["unshare", "--mount", "true"], check=False,
                          capture_output=True)
    if done.returncode:
        pytest.skip("no mounts here")


def until(is_it):
    """What it says, once that is true."""
    end = time.monotonic() + WAIT
    while not (said := is_it()):
        assert time.monotonic() < end
        time.sleep(0.02)
    return said


def is_mounted(folder):
    """Whether anything is on it, alive or dead."""
    with open("/proc/self/mountinfo", encoding="utf-8") as mounts:
        return any(line.split()[4] == str(folder) for line in mounts)


class Mount:
    """A `qvmi mount` that is ready."""

    def __init__(self, qvmi, guest, folder, *args):
        needs_fuse()
        self.folder = folder
        self.said = b""
        self.run = subprocess.Popen(
            qvmi.argv(guest, "mount", folder, "--json", *args),
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, env=qvmi.environ(),
            preexec_fn=hear_signals)
        while b"is mounted on" not in self.said:
            assert select.select([self.run.stderr], [], [], WAIT)[0]
            part = os.read(self.run.stderr.fileno(), 4096)
            assert part, self.said
            self.said += part

    def __truediv__(self, path):
        return self.folder / path

    def end(self, status=0):
        """What it says on stdout and on stderr, once it has ended so."""
        out, err = self.run.communicate(timeout=WAIT)
        assert self.run.returncode == status, self.said + err
        until(lambda: not is_mounted(self.folder))
        return out, self.said + err

    def unmount(self):
        """(its row, what it said besides)."""
        subprocess.run(["umount", self.folder], check=True)
        out, err = self.end()
        return json.loads(out)["rows"][0], err


@contextlib.contextmanager
def mounted(*args):
    mount = Mount(*args)
    try:
        yield mount
    finally:
        with contextlib.suppress(ProcessLookupError):
            mount.run.kill()
        mount.run.communicate()
        until(lambda: not is_mounted(mount.folder))


class Pauses:
    """How often QEMU stopped the vCPUs, by the events of a monitor."""

    def __init__(self, guest):
        self.guest = guest
        self.count()

    def count(self):
        """Since it was asked last."""
        self.guest.qmp("query-status")
        return self.guest.take_events().count("STOP")


def fails(number, call, *args):
    """The call fails with this very error."""
    with pytest.raises(OSError) as error:
        call(*args)
    assert error.value.errno == number, errno.errorcode[error.value.errno]
