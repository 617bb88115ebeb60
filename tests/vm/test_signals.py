# SPDX-License-Identifier: BSD-2-Clause
"""A signal at any moment of any command: the guest is back, or the next qvmi
brings it back; memory is unchanged, or written as a whole.

One thing cannot be mended: SIGKILL between connect() and the first send()
leaves a guest that was stopped by the connection alone, and nothing marks it.
"""

import contextlib
import os
import random
import resource
import signal
import subprocess
import time

import pytest

import sessions as s
from tally import how_many
from test_attach import hear_signals

pytestmark = pytest.mark.any_kernel

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT,
           signal.SIGPIPE, signal.SIGKILL)
STOPS = (signal.SIGTSTP, signal.SIGTTIN, signal.SIGTTOU)
SHOTS, LONG_SHOTS = 2, 200
PATIENCE = 3


class Shooting:
    """The sessions of one guest, and how long each takes."""

    def __init__(self, guest, qvmi, folder):
        self.guest, self.qvmi = guest, qvmi
        self.sessions = s.sessions(guest, folder)
        self.seconds = {}

    def args(self, session, memory):
        """The command line behind the target option."""
        return (*session.args, "--memory", memory, "--timeout", PATIENCE)

    def clean(self, session, memory):
        """How long it takes where nobody interferes; the median of three."""
        key = session.name, memory
        if key not in self.seconds:
            took = []
            for _ in range(3):
                start = time.monotonic()
                session.learn(self.qvmi, lambda: self.qvmi(
                    self.guest, *self.args(session, memory)))
                took.append(time.monotonic() - start)
            self.seconds[key] = sorted(took)[1]
        return self.seconds[key]


@pytest.fixture(scope="session")
def ranges():
    """Those of all guests that were there."""
    return {}


@pytest.fixture
def shooting(guest, qvmi, ranges, tmp_path_factory):
    """The guest's own."""
    if guest not in ranges:
        ranges[guest] = Shooting(guest, qvmi, tmp_path_factory.mktemp("files"))
    return ranges[guest]


def start(shooting, session, memory):
    """A qvmi that listens to all signals, whoever started the tests; a process
    group of its own, as a shell makes it, is one that can be stopped."""
    def prepare():
        os.setpgid(0, 0)
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        hear_signals()
        for number in (signal.SIGQUIT, signal.SIGPIPE, *STOPS):
            signal.signal(number, signal.SIG_DFL)
    qvmi = shooting.qvmi
    return subprocess.Popen(
        qvmi.argv(shooting.guest, *shooting.args(session, memory)),
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
        stderr=subprocess.PIPE, env=qvmi.environ(), preexec_fn=prepare)


def finish(run):
    """Its output, and how long it took to end."""
    since = time.monotonic()
    try:
        stdout, stderr = run.communicate(timeout=60)
    finally:
        run.kill()
    assert time.monotonic() - since < 4 * PATIENCE
    return run.returncode, stdout, stderr


def check_guest(shooting, number, stderr):
    """It runs, or is brought back; how it is called in the tables."""
    guest, outcome = shooting.guest, None
    killed = number == signal.SIGKILL
    if not s.until_running(guest, 0.05 if killed else 2):
        assert killed or s.STRANDED in stderr, "the guest was left paused"
        outcome = s.bring_back(guest, shooting.qvmi)
    assert guest.phy_mem_mode() == 0, "PhyMemMode was left on"
    return outcome


def check_memory(session, number, status):
    """Nothing is written, or all of it; on SIGKILL, page by page."""
    if not session.target:
        return
    count, whole = session.target.written(), session.target.whole
    assert status != 0 or count == whole, "exit 0, and not written"
    if count not in (0, whole):
        assert number == signal.SIGKILL, f"{count} bytes are written"
        assert (session.target.addr + count) % 4096 == 0


def check_end(session, number, status, stdout, stderr):
    """Ended by the signal or as if there was none."""
    if status == -number:
        assert stderr == b"" or stderr.count(b"\n") == 1, stderr
        return s.SIGNALLED
    return s.check_answer(session, status, stdout, stderr)


def shoot(shooting, session, memory, number, delay):
    """One run and one signal, checked; how it ended."""
    session.prepare(shooting.qvmi)
    run = start(shooting, session, memory)
    time.sleep(delay)
    run.send_signal(number)
    status, stdout, stderr = finish(run)
    try:
        outcome = check_end(session, number, status, stdout, stderr)
        state = check_guest(shooting, number, stderr)
        check_memory(session, number, status)
    except AssertionError as error:
        raise AssertionError(
            f"{session.name} --memory {memory}: {number!r} after "
            f"{delay:.5f} s: {error}; status {status}, {stderr.decode()}"
        ) from None
    return f"{outcome}, {state}" if state else outcome


def moments(request, seconds, *names):
    """Delays over the whole length of a run, and a bit more."""
    seed = request.config.getoption("--seed")
    chance = random.Random(f"{seed} {names}")
    return [chance.uniform(0, 1.1 * seconds) for _ in range(
        how_many(request.config, SHOTS, LONG_SHOTS))]


@pytest.mark.parametrize("number", SIGNALS, ids=lambda number: number.name)
@pytest.mark.parametrize("name", s.SESSIONS)
def test_signals(shooting, name, number, request, tally):
    session = shooting.sessions[name]
    for memory in ("stub", "auto"):
        seconds = shooting.clean(session, memory)
        for delay in moments(request, seconds, name, number, memory):
            outcome = shoot(shooting, session, memory, number, delay)
            tally("signals", number.name, f"{name} by {memory}", outcome)


def shoot_to_stop(shooting, session, memory, number, delay):
    """One run, stopped as by a terminal and let go on; how it went."""
    session.prepare(shooting.qvmi)
    run = start(shooting, session, memory)
    time.sleep(delay)
    run.send_signal(number)
    stopped = run.returncode is None and os.waitid(
        os.P_PID, run.pid, os.WSTOPPED | os.WEXITED | os.WNOWAIT
    ).si_code == os.CLD_STOPPED
    running = shooting.guest.running()
    run.send_signal(signal.SIGCONT)
    status, stdout, stderr = finish(run)
    where = f"{session.name} --memory {memory}: {number!r} after {delay:.5f} s"
    assert running, f"{where}: the guest stood still with it"
    outcome = s.check_answer(session, status, stdout, stderr)
    assert outcome == s.RIGHT, f"{where}: {stderr}"
    check_guest(shooting, number, stderr)
    check_memory(session, number, status)
    return f"{outcome}, guest ran meanwhile" if stopped else outcome


@pytest.mark.parametrize("number", STOPS, ids=lambda number: number.name)
@pytest.mark.parametrize("name", s.SESSIONS)
def test_stops(shooting, name, number, request, tally):
    """Control-Z, or a background job that has no terminal: at any moment."""
    session = shooting.sessions[name]
    seconds = shooting.clean(session, "stub")
    for delay in moments(request, seconds, name, number):
        outcome = shoot_to_stop(shooting, session, "stub", number, delay)
        tally("signals", number.name, f"{name} by stub", outcome)


@pytest.mark.parametrize("name", ("ps", "maps --all", "read"))
def test_reader_goes_away(shooting, name, request, tally):
    """Nobody reads the output any more: SIGPIPE, from the kernel."""
    session = shooting.sessions[name]
    seconds = shooting.clean(session, "stub")
    for delay in moments(request, seconds, name, "reader"):
        run = start(shooting, session, "stub")
        time.sleep(delay)
        run.stdout.close()
        run.stdout = open(os.devnull, "rb")
        status, _, stderr = finish(run)
        where = f"{name}, reader gone after {delay:.5f} s: {stderr}"
        assert status in (0, -signal.SIGPIPE) and stderr == b"", where
        check_guest(shooting, signal.SIGPIPE, stderr)
        tally("signals", "no reader", f"{name} by stub",
              s.SIGNALLED if status else s.RIGHT)


def test_killed_while_it_waits(shooting, guest, qvmi, tally):
    """Behind another debugger: its questions are still read when it is dead,
    and stop the guest; the next qvmi finds that marked."""
    with contextlib.closing(s.Rsp(guest.gdb_address)) as first:
        first.ask("qSupported")
        run = start(shooting, shooting.sessions["walk"], "stub")
        time.sleep(0.3)
        run.kill()
        finish(run)
        first.detach()
    time.sleep(0.2)
    assert not guest.running() and s.is_marked(guest)
    assert s.bring_back(guest, qvmi) == s.NEXT
    tally("signals", "SIGKILL", "waits behind another debugger", s.NEXT)
