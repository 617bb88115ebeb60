# SPDX-License-Identifier: BSD-2-Clause
"""However qvmi comes and goes, the guest is left as it was found."""

import json
import os
import random
import re
import signal
import subprocess
import time

import pytest

import guest as vm
from rsp import Rsp
from test_variants import stop_in_user_mode

SESSIONS = (("maps", "--all"), ("info", "--no-cache"), ("ps", "-t"),
            ("read", "_text", "8M", "-f", "raw"))


def text(done):
    return done.stdout.decode() + done.stderr.decode()


def test_running_stays_running(guest, qvmi):
    before = guest.qmp("query-status")
    assert "Found:          running" in text(qvmi(guest, "info"))
    assert guest.qmp("query-status") == before


def test_paused_stays_paused(guest, qvmi):
    guest.stop()
    try:
        assert "Found:          paused" in text(qvmi(guest, "info"))
        assert guest.status() == "paused"
        qvmi(guest, "ps")
        assert guest.status() == "paused"
        qvmi(guest, "ps", "--leave", "running")
        assert guest.status() == "running"
        qvmi(guest, "ps", "--leave", "paused")
        assert guest.status() == "paused"
        # Errors, too, leave it as it was.
        qvmi(guest, "maps", 999999, status=1)
        assert guest.status() == "paused"
    finally:
        guest.cont()


@pytest.mark.variant("prelaunch")
def test_prelaunch(variant, qvmi):
    guest = variant("prelaunch")
    done = qvmi(guest, "ps", status=4)
    assert b"real mode" in done.stderr and done.stderr.count(b"\n") == 1
    assert guest.status() == "prelaunch"


def test_pause_is_measured(guest, qvmi):
    """The pause is over before anything is printed."""
    stats = json.loads(qvmi(guest, "ps", "--json", "--stats").stdout)["stats"]
    assert 0 < stats["pause_us"] <= stats["wall_us"]
    assert stats["memory"] == (guest.memory or "process")


def test_busy(guest, qvmi):
    """The stub serves one client; the second hears nothing."""
    first = Rsp(guest.gdb_address)
    assert "PacketSize=" in first.ask("qSupported")
    done = qvmi(guest, "ps", "--timeout", "1", status=3)
    assert b"is another debugger attached?" in done.stderr
    assert b"(process %d, " % os.getpid() in done.stderr
    assert done.stderr.count(b"\n") == 1
    first.detach()
    first.close()
    # What was waiting in line is served now, and harms nobody.
    time.sleep(0.2)
    qvmi(guest, "ps")


def test_spellings_of_qemu(qvmi, tmp_path):
    """What QEMU's -gdb is told, qvmi can be told."""
    name = f"qvmi-test-{os.getpid()}"
    port = vm.free_port()
    for address in (f"tcp::{port}", f"tcp:127.0.0.1:{port}",
                    f"tcp:127.0.0.1:{port},server=on,wait=off",
                    f"unix:{tmp_path}/gdb,server=on,wait=off",
                    f"unix:{name},abstract=on,server=on,wait=off"):
        guest = vm.Guest(None, wait=False, gdb=address)
        try:
            guest.status()  # QEMU is there
            row, = json.loads(qvmi(address, "pause", "-J").stdout)["rows"]
            assert guest.status() == "paused"
            if "abstract" in address:
                assert row["gdb"] == f"unix:@{name}"
            qvmi(row["gdb"], "resume")
            assert guest.status() == "running"
        finally:
            guest.close()
    for address in (f"tcp::{port},server=off", f"udp::{port}", "stdio",
                    f"tcp::{port},no=such", f"unix:@{'x' * 200}"):
        done = qvmi(address, "pause", status=2)
        assert done.stderr.count(b"\n") == 1 and done.stdout == b""
        assert address[:32].encode() in done.stderr


def hear_signals():
    """Who started the tests may have told them to ignore some."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_DFL)


def interrupted(guest, qvmi, args, number, delay):
    """Run qvmi, send it a signal after a delay, return how it ended."""
    argv = qvmi.argv(guest, *args)
    run = subprocess.Popen(argv, stdin=subprocess.DEVNULL,
                           stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                           env=qvmi.environ(), preexec_fn=hear_signals)
    time.sleep(delay)
    run.send_signal(number)
    out, err = run.communicate(timeout=60)
    return run.returncode, out, err


def test_signals(guest, qvmi):
    """A signal at any moment: restored, then ended by that signal."""
    moments = random.Random(20)
    ends = set()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        for args in SESSIONS:
            delay = moments.uniform(0, 0.12)
            code, _, err = interrupted(guest, qvmi, args, number, delay)
            where = f"{args} {number!r} after {delay:.3f} s: {err!r}"
            assert code in (0, -number), where
            assert guest.running(), where
            assert guest.phy_mem_mode() == 0, where
            ends.add(code)
    assert len(ends) > 1, "no signal came in time"


def test_signal_while_stub_is_busy(guest, qvmi):
    """Waiting for a stub that another has: a signal ends it at once."""
    first = Rsp(guest.gdb_address)
    first.ask("qSupported")
    code, _, _ = interrupted(guest, qvmi, ("ps", "--timeout", "60"),
                             signal.SIGINT, 0.5)
    assert code == -signal.SIGINT
    first.detach()
    first.close()
    time.sleep(0.2)
    qvmi(guest, "info")


def test_broken_pipe(guest, qvmi):
    """Nobody reads the output: the guest is back, nothing is said."""
    argv = " ".join(qvmi.argv(guest, "maps", "--all"))
    done = subprocess.run(["sh", "-c", f"{argv} | true"], check=False,
                          capture_output=True, env=qvmi.environ(), timeout=60)
    assert done.stderr == b""
    assert guest.running()


def test_full_disk(guest, qvmi):
    argv = " ".join(qvmi.argv(guest, "ps"))
    done = subprocess.run(["sh", "-c", f"{argv} >/dev/full"], check=False,
                          capture_output=True, env=qvmi.environ(), timeout=60)
    assert done.returncode == 1
    assert b"No space left" in done.stderr


@pytest.mark.variant("tcp")
@pytest.mark.parametrize("form", ["host", "port"])
def test_tcp(variant, qvmi, form):
    guest = variant("tcp")
    target = guest.gdb if form == "host" else guest.gdb.split(":")[1]
    assert "6.1." in text(qvmi(target, "info"))
    done = qvmi(None, "info", env={"QVMI_GDB": target})
    assert "6.1." in text(done)


def current(guest, qvmi):
    """What the vCPUs run, by `info`."""
    rows = json.loads(qvmi(guest, "info", "--json").stdout)["rows"]
    return rows[0]["vcpus"]


@pytest.mark.variant("pti")
@pytest.mark.parametrize("kernel", ["5.10", "6.12"])
def test_user_mode_under_pti(variant, qvmi, kernel):
    """The user's page tables hardly map the kernel; it is found anyway."""
    guest = variant("pti", kernel=kernel)
    stop_in_user_mode(guest)
    try:
        done = text(qvmi(guest, "info"))
        assert re.search(r"(?m)^PTI: +yes$", done)
        cpu = current(guest, qvmi)[0]
        assert cpu["mode"] == "user"
        assert cpu["pid"] == guest_pid(guest, "spin.0")
        assert cpu["comm"] == "spin.0"
    finally:
        guest.cont()


def guest_pid(guest, label):
    """The pid of a label; asks the guest, which must run for it."""
    ran = guest.running()
    if not ran:
        guest.cont()
    pid = guest.labels()[label].pid
    if not ran:
        stop_in_user_mode(guest)
    return pid


@pytest.mark.variant("compat")
def test_32_bit_user_mode(variant, qvmi):
    """The stub masks registers of 32-bit code; the kernel is found anyway."""
    guest = variant("compat")
    stop_in_user_mode(guest)
    try:
        cpu = current(guest, qvmi)[0]
        assert cpu["mode"] == "user" and cpu["comm"] == "ia32"
    finally:
        guest.cont()


@pytest.mark.variant("busy4")
def test_every_vcpu_is_told(variant, qvmi):
    """Each vCPU's task is one the guest knows; the spinners are seen soon."""
    guest = variant("busy4")
    spinners = {guest.labels()[f"spin.{i}"].pid for i in range(4)}
    seen = {}
    for _ in range(20):
        cpus = current(guest, qvmi)
        assert sorted(cpu["cpu"] for cpu in cpus) == [0, 1, 2, 3]
        seen |= {cpu["pid"]: cpu["comm"] for cpu in cpus
                 if cpu["mode"] == "user"}
    assert len(spinners & seen.keys()) > 1
    for pid, comm in seen.items():
        assert guest.cat(f"/proc/{pid}/comm").decode() == comm + "\n"


@pytest.mark.variant("boot")
def test_whole_boot(fleet, qvmi):
    """From the first instruction on: right answers, or the right refusal."""
    guest = fleet.variant("prelaunch", append="qvmi.boot")
    said, seen = [], []
    guest.cont()
    while "QVMI-READY" not in guest.console() or len(seen) < 3:
        done = qvmi(guest, "ps", status=None)
        assert done.returncode in (0, 4), done.stderr
        assert guest.running()
        if done.returncode == 4:
            assert done.stderr.count(b"\n") == 1
            assert not seen, f"understood before, now: {done.stderr}"
            said.append(done.stderr)
        else:
            seen.append(done.stdout)
        time.sleep(0.05)
    guest.close()
    assert said and seen
