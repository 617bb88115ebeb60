# SPDX-License-Identifier: BSD-2-Clause
"""Each of QEMU's run states: how it is found, what may be started, and what
is left alone (docs/states.md)."""

import contextlib
import json
import subprocess
import threading
import time

import pytest

import guest as vm
import states
from rsp import Rsp
from states import reach

pytestmark = pytest.mark.any_kernel

# Words of what is said where a state refuses to be left so.
NO_START = {
    "io-error": b"'cont' in QEMU's monitor", "suspended": b"'system_wakeup'",
    "shutdown": b"'system_reset'", "internal-error": b"'system_reset'",
    "finish-migrate": b"'migrate_cancel'", "postmigrate": b"moved to another",
    "colo": b"'x_colo_lost_heartbeat'",
}
NO_HOLD = {
    "suspended": b"'system_wakeup'", "finish-migrate": b"'migrate_cancel'",
    "colo": b"'x_colo_lost_heartbeat'",
}
REGS = ("regs", "--cpu", 0)


def row(done):
    """The one row of the answer."""
    answer, = json.loads(done.stdout)["rows"]
    return answer


def notes(done):
    """The notes of a JSON answer, as one text."""
    return "\n".join(json.loads(done.stdout)["notes"])


def refused(done, word, why):
    """One line names the state, and what helps."""
    assert done.stderr.count(b"\n") == 1 and done.stdout == b""
    assert b"state '%s'" % word.encode() in done.stderr
    assert why in done.stderr


def leave(guest, qvmi, word, left, why, *commands):
    """Run commands that ask for a state: refused, with WHY, or LEFT."""
    for args in commands:
        done = qvmi(guest, *args, status=1 if why else 0)
        if why:
            refused(done, word, why)
        assert guest.status() == (word if why else left)
        assert guest.phy_mem_mode() == 0


@pytest.mark.parametrize("word", states.ARRIVING)
def test_every_state(recorded, qvmi, tmp_path, word):
    kernel = recorded.name.split("-")[0]
    with states.guest_in(kernel, word, tmp_path) as guest:
        info = row(qvmi(guest, "info", "--json"))
        text = qvmi(guest, "info").stdout
        assert info["found_state"] == word and info["found"] == "paused"
        shown = "paused" if word == "paused" else f"paused ({word})"
        assert f"Found:          {shown}\n".encode() in text
        assert guest.status() == word
        hold = NO_HOLD.get(word)
        leave(guest, qvmi, word, word, hold, ("pause",),
              ("ps", "--leave", "paused"))
        start = NO_START.get(word)
        leave(guest, qvmi, word, "running", start,
              ("ps", "--leave", "running"), ("resume",))
        guest.assert_unharmed(word if start else "running")


@pytest.fixture
def own():
    """Boots guests that are not left as they were."""
    with contextlib.ExitStack() as stack:
        def boot(*args, **kw):
            guest = vm.Guest(*args, **kw)
            stack.callback(guest.close)
            return guest
        yield boot


def suspend(guest):
    """Put the guest to sleep, as its user would."""
    thread = threading.Thread(target=guest.command, args=(
        "run echo mem >/sys/power/state",))
    thread.start()
    reach(guest, "suspended")
    return thread


def breakpoint_hit(guest):
    """Another debugger, whose breakpoint stops the guest; it leaves then."""
    stub = Rsp(guest.gdb_address)
    stub.ask("qSupported")
    rip = int.from_bytes(bytes.fromhex(stub.ask("g")[2 * 128:2 * 136]),
                         "little")
    assert stub.ask(f"Z1,{rip:x},1") == "OK"
    stub.sock.sendall(b"$c#63")
    reach(guest, "debug")
    assert stub.ask(f"z1,{rip:x},1") == "OK"
    stub.close()


def test_states_of_one_life(own, qvmi):
    """As they come about in real life, one after the other."""
    guest = own("6.1", extra=("-global", "PIIX4_PM.disable_s3=0"))
    breakpoint_hit(guest)
    assert row(qvmi(guest, "pause", "--json"))["found_state"] == "debug"
    assert guest.status() == "debug"
    qvmi(guest, "resume")
    assert guest.running()

    thread = suspend(guest)
    assert row(qvmi(guest, "info", "--json"))["found_state"] == "suspended"
    leave(guest, qvmi, "suspended", None, b"'system_wakeup'", ("resume",),
          ("pause",), ("ps", "--leave", "running"))
    guest.qmp("system_wakeup")
    thread.join()
    reach(guest, "running")
    assert guest.run("echo awake") == b"awake\n"
    guest.assert_unharmed("running")
