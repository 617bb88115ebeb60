# SPDX-License-Identifier: BSD-2-Clause
"""`wait`: returns when something is so in the guest, and never before."""

import contextlib
import json
import signal
import subprocess
import time

import pytest

import guest as vm
from proxy import REQUEST, Proxy
from test_attach import hear_signals

WAIT = 180  # for what comes sooner or later


@contextlib.contextmanager
def waiting(qvmi, guest, *args):
    """A qvmi that waits, and answers in JSON."""
    run = subprocess.Popen(
        qvmi.argv(guest, "wait", *args, "--json", "--interval", "0.05"),
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
        stderr=subprocess.PIPE, env=qvmi.environ(), preexec_fn=hear_signals)
    try:
        yield run
    finally:
        run.kill()
        run.communicate()


def rows(run, status=0):
    out, err = run.communicate(timeout=WAIT)
    assert run.returncode == status, err
    return json.loads(out)["rows"]


def has_looked(run, proxy):
    """Return when a look has ended that began after now: one may be on its
    way, and the next be for the profile alone."""
    def pauses():
        return [body[:1] for body in proxy.log[REQUEST]].count(b"D")

    last, end = pauses() + 3, time.monotonic() + WAIT
    while pauses() < last:
        assert run.poll() is None, run.communicate()
        assert time.monotonic() < end, "it does not look"
        time.sleep(0.01)


def test_at_once(guest, qvmi):
    text = qvmi(guest, "wait", "proc:init", "pid:2",
                "dmesg:/^Linux version [0-9]/").stdout.decode().splitlines()
    assert [line.split()[:3] for line in text[1:3]] == [
        ["proc:init", "yes", "1"], ["pid:2", "yes", "2"]]
    assert "Linux version" in text[3]


@pytest.mark.parametrize("memory", ["stub", "process"])
def test_it_comes_and_goes(guest, qvmi, memory):
    """A process, a line of the log; all of them, whenever each was met."""
    process = ["--process", guest.pid] if memory == "process" else []
    with Proxy(guest) as proxy, waiting(
            qvmi, proxy, "proc:sleep", f"dmesg:/{memory} comes now$/",
            "--memory", memory, *process) as run:
        pid = guest.run(
            "sleep 100000 >/dev/null 2>&1 & echo $!").decode().strip()
        has_looked(run, proxy)
        with waiting(qvmi, guest, f"pid:{pid}") as other:
            assert rows(other)[0]["pid"] == int(pid)
        with waiting(qvmi, guest, f"gone:{pid}") as other:
            guest.run(f"kill {pid}")
            assert rows(other)[0]["met"]
        guest.run(f"echo by {memory} comes now > /dev/kmsg")
        process, line = rows(run)
    assert process["met"] and process["pid"] == int(pid)
    assert line["text"].endswith(f"by {memory} comes now")
    with waiting(qvmi, guest, "gone:4000000") as run:
        assert rows(run) == [{"condition": "gone:4000000", "met": True,
                              "pid": None, "text": None}]


def test_any(guest, qvmi):
    done = qvmi(guest, "wait", "proc:not.there", "proc:init", "--any",
                "--json")
    assert [row["met"] for row in json.loads(done.stdout)["rows"]] == [
        False, True]


def test_in_vain(guest, qvmi, tmp_path):
    done = qvmi(guest, "wait", "proc:init", "proc:not.there", "--timeout",
                "0.3", status=124)
    assert done.stderr == b"qvmi: proc:not.there did not come about in time\n"
    assert done.stdout == b""
    done = qvmi(f"unix:{tmp_path}/no", "wait", "pid:1", "--timeout", "0.3",
                "--json", status=124)
    error = json.loads(done.stdout)["error"]
    assert error["kind"] == "timeout"
    assert "at last nothing listens" in error["text"]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal(guest, qvmi, number):
    for pause in (0.05, 0.2, 0.31):
        with waiting(qvmi, guest, "proc:not.there") as run:
            with contextlib.suppress(subprocess.TimeoutExpired):
                run.wait(pause)
            run.send_signal(number)
            run.communicate(timeout=WAIT)
            assert run.returncode == -number


@pytest.mark.variant("wait")
@pytest.mark.parametrize("memory", ["stub", "auto"])
def test_from_before_qemu(qvmi, memory):
    """Nobody listens, then there is firmware, then a kernel that boots."""
    stub = f"tcp:127.0.0.1:{vm.free_port()},server=on,wait=off"
    with waiting(qvmi, stub, "dmesg:/swap on/", "proc:init", "--memory",
                 memory) as run:
        with contextlib.closing(vm.Guest(gdb=stub, wait=False)) as guest:
            assert [row["met"] for row in rows(run)] == [True, True]
            guest.wait_ready()


@pytest.mark.variant("wait")
def test_over_a_reboot(qvmi):
    """What is waited for comes with another boot, and in other places."""
    with contextlib.closing(vm.Guest(
            extra=("-action", "reboot=reset"))) as guest:
        guest.run("sleep 100000 >/dev/null 2>&1 &")
        with waiting(qvmi, guest, "proc:sleep") as run:
            assert rows(run)[0]["met"]
        with waiting(qvmi, guest, "gone:1", "--interval", "0.001") as run:
            for pause in (0.5, 0.1, 0.3, 0.7, 3):  # resets in its pauses, too
                guest.qmp("system_reset")
                with contextlib.suppress(subprocess.TimeoutExpired):
                    run.wait(pause)
            # no process is not seen to be gone where there is no kernel
            assert run.poll() is None, run.communicate()


@pytest.mark.parametrize("text, words", [
    ("init", b"'init' is none of proc:NAME, pid:N, gone:PID, dmesg:/REGEX/"),
    ("dmesg:x", b"'dmesg:x' is not of the form dmesg:/REGEX/"),
    ("dmesg:/(/", b"'dmesg:/(/': "), ("proc:", b"'proc:' names no process"),
    ("pid:x", b"PID 'x' is no number"), ("gone:0x", b"PID '0x' is no number")])
def test_bad_conditions(qvmi, tmp_path, text, words):
    done = qvmi(f"unix:{tmp_path}/no", "wait", text, status=2)
    assert words in done.stderr and done.stderr.count(b"\n") == 1
    assert done.stdout == b""
