# SPDX-License-Identifier: BSD-2-Clause
"""A signal at any moment of any command: the guest is back; memory is
unchanged, or written as a whole.  Where qvmi cannot do that, for it is killed,
or stopped for good, its watchdog does.
"""

import contextlib
import os
import pathlib
import random
import re
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
KILLS = 6  # SIGKILL: for each session and way to memory
PATIENCE = 3
LATE = 0.2  # the longest pause, where qvmi is stopped for good
GRACE = 2  # and what the watchdog waits beyond that
TOLD = {
    signal.SIGKILL: rb"killed while the guest stood still",
    signal.SIGSTOP: rb"killed by its watchdog, for the guest has stood still "
                    rb"for longer than it may \(--max-pause\)"}


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
    """The guest's own, for each program."""
    key = guest, qvmi.binary
    if key not in ranges:
        ranges[key] = Shooting(guest, qvmi, tmp_path_factory.mktemp("files"))
    return ranges[key]


def start(shooting, session, memory, *args):
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
        qvmi.argv(shooting.guest, *shooting.args(session, memory), *args),
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
        stderr=subprocess.PIPE, env=qvmi.environ(), preexec_fn=prepare)


def finish(run):
    """Its output, up to the end of its watchdog, too."""
    try:
        stdout, stderr = run.communicate(timeout=60)
    finally:
        run.kill()
    return run.returncode, stdout, stderr


def check_guest(guest):
    """It runs, now that nobody has anything to say."""
    assert s.until_running(guest), "the guest was left paused"
    assert guest.phy_mem_mode() == 0, "PhyMemMode was left on"


def check_memory(session, number, status):
    """Nothing is written, or all of it; where it was killed, whole pages."""
    if not session.target:
        return
    count, whole = session.target.written(), session.target.whole
    assert status != 0 or count == whole, "exit 0, and not written"
    if count not in (0, whole):
        assert number in TOLD, f"{count} bytes are written"
        assert (session.target.addr + count) % 4096 == 0


def check_told(number, stderr):
    """What a watchdog says, if it had anything to do; for the tables."""
    if stderr and stderr.startswith(b"qvmi: killed"):
        assert re.fullmatch(
            rb"qvmi: " + TOLD[number] + rb": the guest runs again; "
            rb"'qvmi journal' tells of writes\n", stderr), stderr
        return s.RESCUED
    assert stderr.count(b"\n") <= 1, stderr
    return s.SIGNALLED


def check_end(session, number, status, stdout, stderr):
    """Ended by the signal or as if there was none."""
    if status == (-signal.SIGKILL if number in TOLD else -number):
        return check_told(number, stderr)
    return s.check_answer(session, status, stdout, stderr)


def outlive_watchdog(guest, run):
    """Stopped where no guest stands still for it, both are there for ever."""
    while run.poll() is None and s.watchdog(run) and not guest.running():
        time.sleep(0.01)
    run.send_signal(signal.SIGCONT)


def shoot(shooting, session, memory, number, delay):
    """One run and one signal, checked; how it ended."""
    session.prepare(shooting.qvmi)
    run = start(shooting, session, memory, *(
        ("--max-pause", LATE) if number == signal.SIGSTOP else ()))
    time.sleep(delay)
    run.send_signal(number)
    if number == signal.SIGSTOP:
        outlive_watchdog(shooting.guest, run)
    status, stdout, stderr = finish(run)
    try:
        outcome = check_end(session, number, status, stdout, stderr)
        check_guest(shooting.guest)
        check_memory(session, number, status)
    except AssertionError as error:
        raise AssertionError(
            f"{session.name} --memory {memory}: {number!r} after "
            f"{delay:.5f} s: {error}; status {status}, {stderr.decode()}"
        ) from None
    return outcome


def moments(request, seconds, *names, shots=SHOTS):
    """Delays over the whole length of a run, and a bit more."""
    seed = request.config.getoption("--seed")
    chance = random.Random(f"{seed} {names}")
    return [chance.uniform(0, 1.1 * seconds) for _ in range(
        how_many(request.config, shots, LONG_SHOTS))]


@pytest.mark.parametrize("number", SIGNALS, ids=lambda number: number.name)
@pytest.mark.parametrize("name", s.SESSIONS)
def test_signals(shooting, name, number, request, tally):
    session = shooting.sessions[name]
    for memory in ("stub", "auto"):
        seconds = shooting.clean(session, memory)
        shots = KILLS if number == signal.SIGKILL else SHOTS
        for delay in moments(request, seconds, name, number, memory,
                             shots=shots):
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
    check_guest(shooting.guest)
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
        check_guest(shooting.guest)
        tally("signals", "no reader", f"{name} by stub",
              s.SIGNALLED if status else s.RIGHT)


@pytest.mark.parametrize("name", s.SESSIONS)
def test_stopped_for_good(shooting, name, request, tally):
    """By a debugger, or in the kernel: the guest is let go in its place."""
    session = shooting.sessions[name]
    seconds = shooting.clean(session, "stub")
    for delay in moments(request, min(seconds, LATE), name, "stopped",
                         shots=1):
        outcome = shoot(shooting, session, "stub", signal.SIGSTOP, delay)
        tally("signals", "SIGSTOP", f"{name} by stub", outcome)


def use_memory_up(run):
    """Also of a qvmi of root's that is nobody by now, where a root without
    all capabilities may not."""
    try:
        resource.prlimit(run.pid, resource.RLIMIT_AS, (4096, 4096))
    except PermissionError:
        subprocess.run(
            ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups",
             "prlimit", f"--pid={run.pid}", "--as=4096:4096"], check=False,
            stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def is_in_main(run):
    """It has set its own limit, or has ended. Before that it is the dynamic
    linker that would have no memory, and may end by a signal."""
    limits = pathlib.Path(f"/proc/{run.pid}/limits").read_text()
    return not re.search("(?m)^Max address space +unlimited", limits)


@pytest.mark.unsanitized("a sanitizer ends a program without memory")
@pytest.mark.parametrize("name", s.SESSIONS)
def test_memory_is_used_up(shooting, name, request, tally):
    """From some moment on none is to be had."""
    session = shooting.sessions[name]
    seconds = shooting.clean(session, "stub")
    for delay in moments(request, seconds, name, "memory"):
        session.prepare(shooting.qvmi)
        end = time.monotonic() + delay
        run = start(shooting, session, "stub")
        with contextlib.suppress(ProcessLookupError):  # it is done
            while not is_in_main(run) or time.monotonic() < end:
                time.sleep(0.0001)
            use_memory_up(run)
        status, stdout, stderr = finish(run)
        where = f"{name}, no memory after {delay:.5f} s"
        # before main() the dynamic linker says it
        outcome = (s.ERROR if status == 127 else
                   s.check_answer(session, status, stdout, stderr))
        assert s.until_running(shooting.guest), f"{where}: {stderr}"
        check_guest(shooting.guest)
        check_memory(session, None, status)
        tally("signals", "no memory", f"{name} by stub", outcome)


def test_killed_while_it_waits(shooting, guest, tally):
    """Behind another debugger: its questions are still read when it is dead,
    and what the watchdog has left behind them lets the guest run."""
    with contextlib.closing(s.Rsp(guest.gdb_address)) as first:
        first.ask("qSupported")
        run = start(shooting, shooting.sessions["walk"], "stub")
        time.sleep(0.3)
        run.kill()
        finish(run)
        first.detach()
    check_guest(guest)
    tally("signals", "SIGKILL", "waits behind another debugger", s.RESCUED)


def test_without_a_watchdog(shooting, guest, qvmi, tally):
    """Both are killed at once: the next qvmi finds the guest marked."""
    marked = 0
    while not marked:
        run = start(shooting, shooting.sessions["search"], "stub")
        while guest.running() and run.poll() is None:
            time.sleep(0.001)
        s.kill_watchdog(run)
        run.kill()
        finish(run)
        if not guest.running():
            marked = s.bring_back(guest, qvmi) == s.NEXT
    tally("signals", "SIGKILL", "of the watchdog, too", s.NEXT)


def test_watchdog_is_killed(shooting, guest, tally):
    """It goes on, and says what would have been."""
    session = shooting.sessions["search"]
    shooting.clean(session, "stub")
    told = False
    while not told:
        run = start(shooting, session, "stub")
        while guest.running() and run.poll() is None:
            time.sleep(0.001)
        s.kill_watchdog(run)
        status, stdout, stderr = finish(run)
        assert s.check_answer(session, status, stdout, stderr) == s.RIGHT
        told = b"qvmi: note: the watchdog had ended before qvmi did (signal " \
            b"9): had qvmi been killed, the guest would have stayed paused\n" \
            in stderr
        check_guest(guest)
    tally("signals", "SIGKILL", "of the watchdog", s.RIGHT)
