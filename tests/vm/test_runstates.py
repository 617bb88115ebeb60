# SPDX-License-Identifier: BSD-2-Clause
"""Each of QEMU's run states: how it is found, what may be started, and what
is left alone (docs/states.md)."""

import contextlib
import json
import os
import threading

import pytest

import guest as vm
import states
from proxy import REQUEST, Proxy
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
            guest.status()  # QEMU is there
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


def write_port(guest, port, value, word):
    """The guest writes to a device, which stops the machine for that."""
    thread = threading.Thread(target=guest.command, args=(
        f"port {port} {value}",))
    thread.start()
    reach(guest, word)
    return thread


# Devices that stop the machine: (state, port, value).
DEVICES = [("guest-panicked", 0x505, 1),  # pvpanic: PVPANIC_PANICKED
           ("watchdog", 0x443, 15)]       # ib700: enabled, 0 seconds


def test_states_of_one_life(own, qvmi):
    """As they come about in real life, one after the other."""
    guest = own("6.1", extra=(
        "-global", "PIIX4_PM.disable_s3=0", "-device", "pvpanic",
        "-device", "ib700", "-action", "panic=pause,watchdog=pause"))
    for word, port, value in DEVICES:
        guest.wait_ready()
        thread = write_port(guest, port, value, word)
        info = row(qvmi(guest, "info", "--json"))
        assert info["found_state"] == word and info["found"] == "paused"
        leave(guest, qvmi, word, word, None, ("pause",), ("ps",))
        leave(guest, qvmi, word, "running", None, ("resume",))
        thread.join()
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

    # Woken while qvmi is attached: it is not put to sleep again.
    thread = suspend(guest)
    interfere(qvmi, guest, lambda: guest.qmp("system_wakeup"))
    thread.join()
    assert guest.run("echo awake") == b"awake\n"
    guest.assert_unharmed("running")


# What happens while qvmi is attached

READ = ("read", "p:0x100000", 16, "--memory", "stub")


def interfere(qvmi, guest, action, *args, status=0):
    """Run a READ, and ACTION between its last read and the last question."""
    question = b"qRcmd," + b"info status".hex().encode()
    asked = []

    def change(direction, body):
        if direction == REQUEST and body == question:
            asked.append(body)
            if len(asked) == 2:
                action()
        return body

    with Proxy(guest, change=change) as proxy:
        done = qvmi(proxy, *READ, *args, status=status)
    assert len(asked) >= 2
    return done


def kernel_of(recorded):
    """The kernel of a recorded guest."""
    return recorded.name.split("-")[0]


def send(guest, address, bandwidth):
    """Start a migration that is not faster than that."""
    guest.qmp("migrate-set-parameters", **{"max-bandwidth": bandwidth})
    guest.qmp("migrate", uri=address)


def test_migration_completes_meanwhile(recorded, qvmi, tmp_path):
    """The source stays where it is, for the other side has the guest."""
    kernel = kernel_of(recorded)
    with states.guest_in(kernel, "running", tmp_path) as guest, \
            states.other_side(kernel, tmp_path) as (there, address):
        send(guest, address, 1 << 16)

        def complete():
            guest.qmp("migrate-set-parameters", **{"max-bandwidth": 1 << 34})
            reach(guest, "postmigrate")

        done = interfere(qvmi, guest, complete, "--json")
        assert "migration is under way (active)" in notes(done)
        assert "state 'postmigrate' by now" in notes(done)
        assert len(json.loads(done.stdout)["rows"]) == 1
        guest.assert_unharmed("postmigrate")
        reach(there, "paused").cont()
        assert qvmi(there, "ps").stdout.count(b"\n") > 20
        there.assert_unharmed("running")
        leave(guest, qvmi, "postmigrate", None, NO_START["postmigrate"],
              ("resume",), ("ps", "--leave", "running"))


def test_search_while_it_moves_away(recorded, qvmi, tmp_path):
    """However fast the one or the other is: only one side runs."""
    kernel = kernel_of(recorded)
    with states.guest_in(kernel, "running", tmp_path) as guest, \
            states.other_side(kernel, tmp_path) as (there, address):
        send(guest, address, 1 << 34)
        while guest.status() != "postmigrate":
            qvmi(guest, "search", "p:", "str:never is this in memory",
                 "--memory", "stub", status=1)
        qvmi(guest, "search", "p:", "str:neither is this", status=1)
        guest.assert_unharmed("postmigrate")
        there.cont()
        there.assert_unharmed("running")


def test_not_switched_over(recorded, qvmi, tmp_path):
    """finish-migrate: on hold by pause-before-switchover."""
    kernel = kernel_of(recorded)
    with states.guest_in(kernel, "running", tmp_path) as guest, \
            states.other_side(kernel, tmp_path) as (there, address):
        guest.qmp("migrate-set-capabilities", capabilities=[
            {"capability": "pause-before-switchover", "state": True}])
        send(guest, address, 1 << 34)
        reach(guest, "finish-migrate")
        info = qvmi(guest, "info", "--json")
        assert row(info)["found_state"] == "finish-migrate"
        assert "under way (pre-switchover)" in notes(info)
        leave(guest, qvmi, "finish-migrate", None,
              NO_START["finish-migrate"], ("resume",), ("pause",),
              ("ps", "--leave", "running"))
        guest.qmp("migrate-continue", state="pre-switchover")
        reach(guest, "postmigrate")
        reach(there, "running")


def test_arrives_meanwhile(recorded, qvmi, tmp_path):
    """The other side: nothing starts it before it is there, then it runs."""
    kernel = kernel_of(recorded)
    with states.guest_in(kernel, "running", tmp_path) as guest, \
            states.other_side(kernel, tmp_path) as (there, address):
        found = qvmi(there, *REGS, "--json")
        assert "still arriving" in notes(found)
        leave(there, qvmi, "inmigrate", None, b"still arriving", ("resume",),
              ("pause",), (*REGS, "--leave", "running"))

        def arrive():
            send(guest, address, 1 << 34)
            reach(guest, "postmigrate")
            reach(there, "running")

        interfere(qvmi, there, arrive)
        there.assert_unharmed("running")
        assert qvmi(there, "ps").stdout.count(b"\n") > 20


@pytest.mark.parametrize("word", ["paused", "prelaunch"])
def test_continued_meanwhile(recorded, qvmi, tmp_path, word):
    with states.guest_in(kernel_of(recorded), word, tmp_path) as guest:
        interfere(qvmi, guest, guest.cont)
        guest.assert_unharmed("running")


def test_reset_meanwhile(own, qvmi):
    """The machine starts anew, and what was read is of the old one."""
    guest = own(None, wait=False, extra=("-action", "reboot=reset"))

    def reset():
        guest.qmp("system_reset")
        reach(guest, "prelaunch")

    done = interfere(qvmi, guest, reset, status=3)
    assert done.stdout == b"" and done.stderr.count(b"\n") == 1
    assert b"somebody else reset the machine" in done.stderr
    guest.assert_unharmed("running")


def test_stopped_meanwhile(own, qvmi):
    """Nothing in QEMU tells of a stop where it is stopped: documented."""
    guest = own(None, wait=False)
    interfere(qvmi, guest, guest.stop)
    guest.assert_unharmed("running")


# States that take a QEMU of a kind of its own

def test_failed_drive(own, qvmi, tmp_path):
    """The firmware cannot read its disk, and QEMU stops for that."""
    disk, rules = tmp_path / "disk", tmp_path / "rules"
    disk.write_bytes(bytes(1 << 20))
    rules.write_text('[inject-error]\nevent = "none"\niotype = "read"\n')
    guest = own(None, wait=False, extra=("-drive", (
        f"if=ide,driver=blkdebug,config={rules},image.driver=raw,"
        f"image.file.driver=file,image.file.filename={disk},rerror=stop")))
    reach(guest, "io-error")
    leave(guest, qvmi, "io-error", "io-error", None, ("pause",))
    leave(guest, qvmi, "io-error", None, NO_START["io-error"], ("resume",),
          (*REGS, "--leave", "running"))


def test_dump(own, qvmi, tmp_path):
    """save-vm: QEMU dumps the guest, and lets it run when it is done."""
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    guest = own(None, wait=False)
    with open(os.open(pipe, os.O_RDONLY | os.O_NONBLOCK), "rb") as reader:
        guest.qmp("dump-guest-memory", paging=False, detach=True,
                  protocol=f"file:{pipe}")
        reach(guest, "save-vm")
        leave(guest, qvmi, "save-vm", None, b"snapshot or dump", ("resume",),
              ("pause",), (*REGS, "--leave", "running"))
        found = row(qvmi(guest, *REGS, "--json"))
        assert found and guest.status() == "save-vm"
        while guest.qmp("query-dump")["status"] == "active":
            reader.read(1 << 20)
    reach(guest, "running")


def test_no_machine_yet(own, qvmi):
    """The stub comes with the machine (QEMU up to 5.1: state preconfig)."""
    guest = own(None, wait=False, extra=("-preconfig",))
    assert guest.status() == "prelaunch"
    done = qvmi(guest, "pause", status=3)
    assert b"nothing listens" in done.stderr
    guest.qmp("x-exit-preconfig")
    reach(guest, "running")
    qvmi(guest, "pause")
    assert guest.status() == "paused"


def test_single_steps(own, qvmi):
    """Another pair of brackets in `info status` is no state."""
    guest = own(None, wait=False, extra=("-singlestep",))
    assert "single step mode" in guest.hmp("info status")
    qvmi(guest, *REGS)
    guest.assert_unharmed("running")
    assert row(qvmi(guest, "pause", "--json"))["found"] == "running"
