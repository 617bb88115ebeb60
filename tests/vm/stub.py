# SPDX-License-Identifier: BSD-2-Clause
"""A stub server (tests/stub) with a recorded guest behind it."""

import pathlib
import shutil
import subprocess
import tempfile
import types

from qvmi import binary


def tool(name):
    """A program that the Makefile builds for tests, beside qvmi."""
    return str(pathlib.Path(binary()).parent / "tools" / name)


def generations():
    """The names of all stubs that the server can play."""
    return subprocess.run([tool("stub-server"), "--list"], check=True,
                          stdout=subprocess.PIPE, text=True).stdout.split()


class Stub:
    """A server; .gdb is the target option's argument, as of a Guest."""

    def __init__(self, image, generation="7.2", port=None, ram=None):
        self.dir = pathlib.Path(tempfile.mkdtemp(prefix="qvmi-", dir="/tmp"))
        self.image = image
        address = str(port or self.dir / "gdb")
        self.gdb = f"127.0.0.1:{port}" if port else f"unix:{address}"
        self.proc = subprocess.Popen(
            [tool("stub-server"), str(image), generation, address,
             *([hex(ram)] if ram else [])],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        assert self.proc.stdout.readline().startswith("running=")

    def tell(self, command):
        """Run a command of the server; its state, once it is quiet."""
        self.proc.stdin.write(command + "\n")
        self.proc.stdin.flush()
        line = self.proc.stdout.readline()
        assert line.startswith("running="), line or "the stub server died"
        pairs = (pair.split("=") for pair in line.split())
        return types.SimpleNamespace(**{
            key: int(value) if value.isdigit() else value
            for key, value in pairs})

    def state(self):
        """What became of the guest."""
        return self.tell("state")

    def assert_unharmed(self, running=1, written=0):
        """The guest is left as it was found, and so is the stub."""
        state = self.state()
        assert state.running == running, "the run state was not restored"
        assert state.phys == 0, "PhyMemMode was left on"
        assert state.written == written, "memory was written to"
        assert state.parser == "idle" and state.breakpoints == 0

    def close(self):
        """End the server."""
        self.proc.stdin.close()
        self.proc.stdout.close()
        self.proc.kill()
        self.proc.wait()
        shutil.rmtree(self.dir, ignore_errors=True)
