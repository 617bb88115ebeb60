# SPDX-License-Identifier: BSD-2-Clause
"""Whatever happens on the way to the stub: the guest is back, unchanged or
written as a whole, and no answer is wrong.

Three things cannot be mended, and no stream socket does the last two:

- A connection that is cut before the first packet has come, or between the
  last two, and that cannot be made again: the guest was stopped by the
  connection alone, and nothing marks it.
- A detach that comes twice: the first byte behind it stops the guest again.
- QEMU up to 8.0 tells only once, on its own, that the guest ran: where this
  vanishes without a trace, the guest was paused as far as anybody can tell.
"""

import dataclasses
import json
import random
import time

import pytest

import sessions as s
from proxy import REPLY, REQUEST, Fault, Proxy
from tally import how_many

pytestmark = [pytest.mark.any_kernel, pytest.mark.leaks]


@dataclasses.dataclass
class Kind:
    """How a fault is injected, and what for a session that it must allow."""

    fault: str
    timeout: float = 10
    seconds: float = 0.05
    harmless: bool = False
    slow: bool = False  # waits for its timeout: tried less often


KINDS = {
    "cut": Kind("cut"),
    "sever": Kind("sever"),
    "delay": Kind("delay", harmless=True),
    "late": Kind("delay", timeout=0.3, seconds=0.5, slow=True),
    "split": Kind("split", harmless=True),
    "corrupt": Kind("corrupt", timeout=0.5),
    "duplicate": Kind("duplicate"),
    "drop": Kind("drop", timeout=0.4, slow=True),
    "refuse": Kind("refuse"),
}
BY_PROCESS = ("ps", "devmem", "write")
HELLO = (b"(empty)", b"qSupported", b"qqemu.PhyMemMode", s.MARK)
PUT_BACK = [(REQUEST, 0, s.UNMARK), (REQUEST, 1, s.UNMARK),
            (REPLY, 0, s.UNMARK), (REPLY, 1, s.UNMARK)]


class Lab:
    """The sessions of one guest, with what they do where nothing is wrong."""

    def __init__(self, guest, qvmi, folder):
        self.guest, self.qvmi = guest, qvmi
        self.sessions = s.sessions(guest, folder)
        self.logs = {}

    def run(self, session, memory, patience, proxy):
        """One run through a proxy."""
        return self.qvmi(proxy, *session.args, *self.way(memory),
                         "--timeout", patience, status=None, timeout=60)

    def way(self, memory):
        """Who has the connection is the proxy: the process has to be named."""
        return ("--memory", memory, *(
            () if memory == "stub" else ("--process", self.guest.pid)))

    def clean(self, session, memory):
        """The packets of a run without faults; its answer is kept, too."""
        if (session.name, memory) not in self.logs:
            with Proxy(self.guest) as proxy:  # the profile is proven there
                self.qvmi(proxy, "info", *self.way(memory))
            for _ in range(2):  # the second reads ahead, as all that follow
                with Proxy(self.guest) as proxy:
                    session.learn(self.qvmi, lambda: self.run(
                        session, memory, 10, proxy))
            assert session.clean
            self.logs[session.name, memory] = proxy.log
        return self.logs[session.name, memory]


@pytest.fixture(scope="session")
def labs():
    """Those of all guests that were there."""
    return {}


@pytest.fixture
def lab(guest, qvmi, labs, tmp_path_factory):
    """The guest's own."""
    if guest not in labs:
        labs[guest] = Lab(guest, qvmi, tmp_path_factory.mktemp("files"))
    return labs[guest]


def places(log):
    """(direction, number, since) of all packets of a session."""
    return [(direction, at, None) for direction in log
            for at in range(len(log[direction]) - 2)] + PUT_BACK


def first_read(log):
    """How many packets of each direction are there before memory is read, or
    a register is written."""
    request = next(at for at, body in enumerate(log[REQUEST])
                   if body[:1] in (b"m", b"P"))
    return {REQUEST: request, REPLY: len(log[REPLY]) + request
            - len(log[REQUEST])}


def spread(log, chance):
    """A packet of the set-up, of the session proper, and of its end; the other
    direction has its turn in another session or kind."""
    border = first_read(log)
    before, behind = chance.sample(list(border), 2)
    return [chance.choice(PUT_BACK),
            (before, chance.randrange(border[before]), None),
            (behind, chance.randrange(border[behind],
                                      len(log[behind]) - 2), None)]


def sample(log, name, kind, request):
    """As many as there is time for; all of them with --long."""
    seed = request.config.getoption("--seed")
    chance = random.Random(f"{seed} {name} {kind}")
    if request.config.getoption("--long"):
        chosen = places(log)
        # five at least: a session does not always come as far as a place
        chosen = chance.sample(chosen, how_many(
            request.config, min(5, len(chosen)), len(chosen)))
    else:
        chosen = spread(log, chance)
        if KINDS[kind].slow or name == "profile save":
            chosen = chance.sample(chosen, 1)
    if KINDS[kind].fault == "refuse":
        chosen = [place for place in chosen if place[0] == REPLY] or [
            PUT_BACK[2]]
    return chosen


def is_limit(fault, proxy):
    """One of the three that cannot be mended."""
    if fault.kind == "sever":
        return (fault.since == s.UNMARK and fault.at
                or fault.direction == REPLY and not fault.at
                or proxy.struck in HELLO)
    return (fault.kind == "duplicate" and proxy.struck == s.DETACH
            or fault.kind == "drop" and proxy.struck.startswith(b"T"))


def check_guest(lab, fault, proxy, done):
    """It runs, or is brought back; how it is called in the tables."""
    told = s.STRANDED in done.stderr
    outcome = None
    if not s.until_running(lab.guest, 0.02 if told or is_limit(
            fault, proxy) else 2):
        assert told or is_limit(fault, proxy), "the guest was left paused"
        outcome = s.bring_back(lab.guest, lab.qvmi)
        assert told or outcome != s.LIMIT or is_limit(fault, proxy)
    assert lab.guest.phy_mem_mode() == 0, "PhyMemMode was left on"
    return outcome


def check_memory(lab, session, fault, proxy, done):
    """Nothing is written, or all of it."""
    if not session.target:
        assert not [body for body in proxy.log[REQUEST]
                    if body.startswith((b"M", b"X"))]
        return
    count, whole = session.target.written(), session.target.whole
    if done.returncode == 0:
        assert count == whole, "exit 0, and not written"
    if count not in (0, whole):
        assert fault.kind in ("cut", "sever"), f"{count} bytes are written"
        assert session.name == "write, 3 pages"
        assert b" bytes are known to be written" in done.stderr


def was_mute(kind, proxy, done):
    """On a busy machine the stub may not answer at all within a fraction of a
    second; a fault in what qvmi then sends, unheard, is a second one."""
    return (kind.timeout < 1 and proxy.struck in (s.UNMARK, s.DETACH)
            and b"is another debugger attached?" in done.stderr)


def check_unharmed(lab, kind, proxy, done):
    """No fault came: some sessions differ by a few packets. On a busy machine
    a stub may not answer within a fraction of a second all the same."""
    late = kind.timeout < 1 and b"no answer within" in done.stderr
    assert done.returncode == 0 or late
    if not s.until_running(lab.guest):
        assert late, "the guest was left paused"
        assert proxy.struck or s.STRANDED in done.stderr
        s.bring_back(lab.guest, lab.qvmi)


def inject(lab, session, memory, name, place, seed):
    """One run with one fault, checked; how it ended."""
    kind = KINDS[name]
    direction, at, since = place
    fault = Fault(kind.fault, direction, at, since, kind.seconds, seed)
    session.prepare(lab.qvmi)
    start = time.monotonic()
    with Proxy(lab.guest, fault) as proxy:
        done = lab.run(session, memory, kind.timeout, proxy)
        took = time.monotonic() - start
    try:
        if not proxy.struck or was_mute(kind, proxy, done):
            check_unharmed(lab, kind, proxy, done)
            return None
        outcome = s.check_answer(session, done.returncode, done.stdout,
                                 done.stderr)
        assert outcome == s.RIGHT or not kind.harmless, done.stderr
        # what it does beside waiting takes seconds on a busy machine, of a
        # qvmi with sanitizers that makes a file for debuggers
        assert took < 4 * kind.timeout + kind.seconds + 20, f"took {took} s"
        state = check_guest(lab, fault, proxy, done)
        check_memory(lab, session, fault, proxy, done)
    except AssertionError as error:
        raise AssertionError(
            f"{session.name} --memory {memory}: {fault} ("
            f"{(proxy.struck or b'').decode()[:60]}): {error}; status "
            f"{done.returncode}, {done.stderr.decode()}") from None
    return f"{outcome}, {state}" if state else outcome


def inject_all(lab, name, memory, kind, request, tally):
    """A sample of all places in one session."""
    session = lab.sessions[name]
    log = lab.clean(session, memory)
    seed = request.config.getoption("--seed")
    tried = 0
    for place in sample(log, name, kind, request):
        for _ in range(3):  # until it strikes, which it mostly does at once
            outcome = inject(lab, session, memory, kind, place, seed)
            if outcome:
                tally("faults", kind, f"{name} by {memory}", outcome)
                tried += 1
                break
    assert tried


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", s.SESSIONS)
def test_faults(lab, name, kind, request, tally):
    inject_all(lab, name, "stub", kind, request, tally)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", BY_PROCESS)
def test_faults_by_process(lab, name, kind, request, tally):
    log = lab.clean(lab.sessions[name], "auto")
    assert len([body for body in log[REQUEST] if body[:1] == b"m"]) < 30
    inject_all(lab, name, "auto", kind, request, tally)


@pytest.mark.parametrize("kind", ("cut", "corrupt", "duplicate"))
def test_whole_set_up(lab, kind, request, tally):
    """All requests of the shortest session, and the answers to them but for
    most lines of the monitor's, of which there are many."""
    session = lab.sessions["devmem"]
    log = lab.clean(session, "stub")
    lines = [at for at, body in enumerate(log[REPLY])
             if body[:1] == b"O" and body != b"OK"]
    skip = {REQUEST: set(), REPLY: set(lines) - set(lines[::10])}
    for direction in log:
        for at in set(range(len(log[direction]) - 2)) - skip[direction]:
            outcome = inject(lab, session, "stub", kind,
                             (direction, at, None),
                             request.config.getoption("--seed"))
            if outcome:
                tally("faults", kind, "devmem by stub", outcome)
