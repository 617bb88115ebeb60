# SPDX-License-Identifier: BSD-2-Clause
"""Runs the qvmi that was built against a guest."""

import contextlib
import os
import pathlib
import pty
import subprocess
import termios
import threading
import tty

import sanitizer
from guest import ROOT

TIMEOUT = 300  # seconds: it hangs


def binary():
    """The program to test: $QVMI, or what `make` builds."""
    return os.environ.get("QVMI", str(ROOT / "build" / "qvmi"))


class Qvmi:
    """Call it: qvmi(guest, "maps", "1") runs `qvmi maps -g TARGET 1`.

    The result has .stdout and .stderr (bytes) and .returncode, which must be
    STATUS unless that is None; a sanitizer's never is right. GUEST is a Guest,
    a target string, or None. Which program that is differs between tests, see
    sanitizer.py.
    """

    binary = binary()

    def __init__(self, cache, state):
        self.cache, self.state = str(cache), str(state)

    def forget_places(self):
        """What was read before is not read ahead."""
        (pathlib.Path(self.cache) / "qvmi" / "places").unlink(missing_ok=True)

    def argv(self, guest, command, *args):
        """The command line, for tests that start it themselves."""
        target = getattr(guest, "gdb", guest)
        memory = getattr(guest, "memory", None)
        if memory and "--memory" not in args:
            args = ("--memory", memory, *args)
        return [self.binary, command, *(["-g", target] if target else []),
                *map(str, args)]

    def environ(self, **env):
        """Its environment: a cache and a journal of its own, a terminal that
        knows UTF-8, nothing set by the user; and a pause as long as it takes
        on a slow machine."""
        kept = {key: value for key, value in os.environ.items()
                if not key.startswith("QVMI_")}
        return {**kept, "XDG_CACHE_HOME": self.cache,
                "XDG_STATE_HOME": self.state, "LC_ALL": "C.UTF-8",
                "QVMI_MAX_PAUSE": "600", **env}

    def on_terminal(self, argv, *, term="dumb", columns=0, env=None,
                    timeout=TIMEOUT):
        """Run a command line on a terminal of its own: (status, what came to
        be seen there).  A dumb terminal gets no line of progress, which comes
        where the machine is slow."""
        ours, theirs = pty.openpty()
        tty.setraw(theirs)
        termios.tcsetwinsize(theirs, (24, columns))
        seen = []

        def drain():
            with contextlib.suppress(OSError):  # the other end is closed
                while part := os.read(ours, 65536):
                    seen.append(part)

        reader = threading.Thread(target=drain)
        reader.start()
        try:
            status = subprocess.run(
                argv, check=False, timeout=timeout, stdin=subprocess.DEVNULL,
                stdout=theirs, stderr=theirs,
                env=self.environ(TERM=term, **(env or {}))
            ).returncode
        finally:
            os.close(theirs)
            reader.join()
            os.close(ours)
        return status, b"".join(seen)

    def __call__(self, guest, command, *args, status=0, env=None, input=None,
                 timeout=TIMEOUT):
        argv = self.argv(guest, command, *args)
        stdin = {"stdin": subprocess.DEVNULL} if input is None else {
            "input": input}
        done = subprocess.run(argv, capture_output=True, timeout=timeout,
                              check=False, env=self.environ(**(env or {})),
                              **stdin)
        right = (done.returncode == status if status is not None else
                 done.returncode != sanitizer.STATUS)
        assert right, (
            f"{' '.join(argv)}: exit status {done.returncode}: "
            f"{done.stderr.decode(errors='replace')}")
        return done

    def traced(self, argv, folder, *options, timeout=TIMEOUT):
        """Run a command line under strace: (what subprocess says, the system
        calls of the program itself, a line each). What it starts is traced
        into files of its own, so that no line is cut by another's."""
        log = folder / "strace"
        done = subprocess.run(
            ["strace", "-ff", "-s", "64", "-o", log, *options, *argv],
            check=False, timeout=timeout, stdin=subprocess.DEVNULL,
            capture_output=True, env=self.environ())
        texts = [path.read_text() for path in folder.glob("strace.*")]
        text, = [text for text in texts if text.startswith("execve(")]
        return done, text.splitlines()
