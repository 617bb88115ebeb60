# SPDX-License-Identifier: BSD-2-Clause
"""`pause` and `resume`: the run state is what was asked for, in any guest."""

import json
import os
import signal
import subprocess
import time

import pytest

import guest as vm
import sessions as s


def row(done):
    """The one row of the answer."""
    answer, = json.loads(done.stdout)["rows"]
    return answer


@pytest.fixture
def running(guest):
    """A guest that runs again in the end, whatever a test does."""
    yield guest
    guest.cont()


def test_there_and_back(running, qvmi):
    for command, found, left in (("pause", "running", "paused"),
                                 ("pause", "paused", "paused"),
                                 ("resume", "paused", "running"),
                                 ("resume", "running", "running")):
        answer = row(qvmi(running, command, "--json"))
        assert (answer["found"], answer["left"]) == (found, left)
        assert running.status() == left
        assert running.phy_mem_mode() == 0


def test_others_leave_it_paused(running, qvmi):
    qvmi(running, "pause")
    assert qvmi(running, "ps").stdout
    assert running.status() == "paused"


@pytest.mark.parametrize("memory", ["stub", "process"])
def test_interrupted_at_first(running, qvmi, memory):
    """In the first millisecond, before all answers came that tell how it was
    found: it stays paused."""
    running.stop()
    for _ in range(40):
        done = qvmi(running, "maps", "1", "--memory", memory, "--max-pause",
                    "0.001", status=1)
        assert b"as long as it may" in done.stderr
        assert running.status() == "paused"


def test_contradiction(running, qvmi):
    done = qvmi(running, "pause", "--leave", "running", status=2)
    assert done.stderr == b"qvmi: --leave contradicts 'pause'\n"
    assert running.running()


def test_after_a_kill(running, qvmi):
    """Whoever was killed with its watchdog left the guest paused; resume says
    what it found."""
    for _ in range(50):
        argv = qvmi.argv(running, "read", "p:0x100000", "64M", "-f", "raw",
                         "--memory", "stub")
        run = subprocess.Popen(argv, stdin=subprocess.DEVNULL,
                               stdout=subprocess.DEVNULL, env=qvmi.environ())
        while running.running() and run.poll() is None:
            time.sleep(0.001)
        s.kill_watchdog(run)
        os.kill(run.pid, signal.SIGKILL)
        run.wait()
        if not running.running():
            break
    assert running.status() == "paused"
    assert row(qvmi(running, "resume", "--json"))["found"] != "running"
    assert running.running()
    assert running.phy_mem_mode() == 0


@pytest.fixture
def own():
    """Boots guests that are not left as they were."""
    guests = []

    def boot(**kw):
        guests.append(vm.Guest(wait=False, **kw))
        guests[-1].status()  # QEMU is there
        return guests[-1]

    yield boot
    for guest in guests:
        guest.close()


@pytest.mark.variant("prelaunch")
def test_before_the_first_instruction(own, qvmi):
    guest = own(paused=True, append="started=by-resume")
    assert row(qvmi(guest, "pause", "--json"))["found"] == "paused"
    assert guest.status() == "prelaunch"
    qvmi(guest, "resume")
    guest.wait_ready()
    assert b"started=by-resume" in guest.cat("/proc/cmdline")


@pytest.mark.variant("firmware")
def test_a_guest_that_has_ended(own, qvmi):
    guest = own(kernel=None, extra=("-no-shutdown",))
    guest.qmp("system_reset")
    while guest.status() != "shutdown":
        time.sleep(0.01)
    done = qvmi(guest, "resume", status=1)
    assert b"state 'shutdown'" in done.stderr
    assert done.stderr.count(b"\n") == 1
    assert guest.status() == "shutdown"
