# SPDX-License-Identifier: BSD-2-Clause
"""`--watch`: many pauses of one guest; what a boot cannot change is learnt
once, and what has changed meanwhile is told."""

import contextlib
import json
import os
import random
import select
import signal
import subprocess
import threading
import time

import pytest

import guest as vm
import sessions as s
from test_attach import hear_signals

WAIT = 120  # for what comes sooner or later
KILLS = 12


class Watch:
    """A qvmi that looks again and again; each answer is a line of JSON."""

    def __init__(self, qvmi, guest, *args, every=0.02):
        self.run = subprocess.Popen(
            qvmi.argv(guest, *args, "--json", "--stats", f"--watch={every}"),
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, env=qvmi.environ(),
            preexec_fn=hear_signals)
        self.rest = b""

    def round(self):
        """The next answer; None: it has ended."""
        while b"\n" not in self.rest:
            assert select.select([self.run.stdout], [], [], WAIT)[0]
            part = os.read(self.run.stdout.fileno(), 1 << 20)
            if not part:
                assert not self.rest
                return None
            self.rest += part
        line, self.rest = self.rest.split(b"\n", 1)
        return json.loads(line)

    def until(self, is_it):
        """The first answer that is."""
        end = time.monotonic() + WAIT
        while not is_it(answer := self.round()):
            assert time.monotonic() < end, answer
        return answer

    def end(self, status):
        """Its last words, once it has ended like this."""
        out, err = self.run.communicate(timeout=WAIT)
        assert self.run.returncode == status, err
        return out, err

    def stop(self):
        self.run.send_signal(signal.SIGINT)
        self.end(-signal.SIGINT)


@contextlib.contextmanager
def watching(*args, **kw):
    watch = Watch(*args, **kw)
    try:
        yield watch
    finally:
        with contextlib.suppress(ProcessLookupError):
            watch.run.kill()
        watch.run.communicate()


@pytest.fixture
def own():
    """Boots guests that are not left as they were."""
    with contextlib.ExitStack() as guests:
        yield lambda *args, **kw: guests.enter_context(
            contextlib.closing(vm.Guest(*args, **kw)))


def pids(answer):
    return [row["pid"] for row in answer["rows"]]


def processes(answer):
    return sum(not row["kernel_thread"] for row in answer["rows"])


@pytest.mark.parametrize("memory", ["stub", "process"])
def test_rounds(guest, qvmi, memory):
    """Each is a whole answer; the later ones find the kernel where it was."""
    with watching(qvmi, guest, "ps", "--memory", memory) as watch:
        first, *others = [watch.round() for _ in range(6)]
        watch.stop()
    assert all(pids(answer) == pids(first) for answer in others)
    assert not any(answer["notes"] for answer in others)
    batches = {answer["stats"]["batches"] for answer in others}
    assert max(batches) < first["stats"]["batches"]
    assert {answer["stats"]["memory"] for answer in others} == {memory}


@pytest.mark.parametrize("memory", ["stub", "process"])
def test_first_useful_read(guest, qvmi, memory):
    """One batch proves that the kernel is the same; the walk of five levels
    and the read itself are the others."""
    qvmi.forget_places()
    with watching(qvmi, guest, "read", "linux_banner", "16", "--memory",
                  memory) as watch:
        counts = [watch.round()["stats"]["batches"] for _ in range(3)]
        watch.stop()
    assert counts[1] == counts[2] <= 7 < counts[0]


def test_procfs_text(guest, qvmi):
    """Where it is no terminal, one answer stands behind the other."""
    maps = guest.cat("/proc/1/maps")
    run = subprocess.Popen(qvmi.argv(guest, "maps", "1", "--watch=0.01"),
                           stdout=subprocess.PIPE, env=qvmi.environ())
    text = b""
    while len(text) < 3 * len(maps):
        assert select.select([run.stdout], [], [], WAIT)[0]
        text += os.read(run.stdout.fileno(), 3 * len(maps) - len(text))
    run.terminate()
    run.communicate()
    assert text == 3 * maps


def test_dmesg_follows(guest, qvmi):
    """Each line once, in order, over many pauses; levels are told apart."""
    guest.run("echo on > /proc/sys/kernel/printk_devkmsg")
    run = subprocess.Popen(
        qvmi.argv(guest, "dmesg", "-w", "--watch=0.01", "-l", "info,err"),
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
        stderr=subprocess.PIPE, env=qvmi.environ(), preexec_fn=hear_signals)
    text = b""
    for part in range(5):
        guest.run(f"for i in $(seq 20); do echo \"<6>follow {part}.$i\" "
                  f"> /dev/kmsg; echo \"<7>not this\" > /dev/kmsg; done; "
                  f"echo \"<3>end {part}\" > /dev/kmsg")
        while b"end %d\n" % part not in text:
            assert select.select([run.stdout], [], [], WAIT)[0]
            text += os.read(run.stdout.fileno(), 1 << 16)
    run.send_signal(signal.SIGINT)
    rest, err = run.communicate(timeout=WAIT)
    assert err in (b"", b"qvmi: interrupted\n"), err
    lines = [line.split(b"] ", 1)[-1] for line in (text + rest).splitlines()]
    ours = [line for line in lines if line.startswith((b"follow", b"end"))]
    assert ours == [b"%s" % word for part in range(5) for word in
                    [*(b"follow %d.%d" % (part, i) for i in range(1, 21)),
                     b"end %d" % part]]
    assert b"not this" not in text + rest


def settled(guest, path):
    """A file about a process that has just begun, once it stays the same."""
    end = time.monotonic() + WAIT
    last = None
    while (text := guest.cat(path)) != last or b"[heap]" not in text:
        assert time.monotonic() < end, text
        last = text
        time.sleep(0.2)
    return text


def test_a_process_exits(guest, qvmi):
    """On a terminal each answer takes the place of the one before."""
    pid = guest.run("sleep 100000 >/dev/null 2>&1 & echo $!").decode().strip()
    maps = settled(guest, f"/proc/{pid}/maps")
    seen = []

    def watch():
        seen.append(qvmi.on_terminal(
            qvmi.argv(guest, "maps", pid, "--watch=0.05"), timeout=WAIT))

    with watching(qvmi, guest, "maps", pid) as other:
        thread = threading.Thread(target=watch)
        thread.start()
        for _ in range(3):
            assert other.round()["rows"]
        guest.run(f"kill {pid}")
        assert other.until(lambda answer: "error" in answer)["error"][
            "status"] == 1
        assert other.round() is None
        assert b"pid " + pid.encode() in other.end(1)[1]
        thread.join()
    status, text = seen[0]
    assert status == 1
    *shown, last = text.split(b"\x1b[H\x1b[J")[1:]
    assert set(shown) <= {maps}
    assert b"pid " + pid.encode() in last


@pytest.mark.parametrize("args", [
    ("write", "jiffies", "1"), ("undo", "1"), ("regs", "--set", "rax=1"),
    ("devmem", "0x1000", "w", "1", "1"), ("writeval", "1:0x1000", "1"),
    ("pause",), ("journal",)])
def test_changes_are_made_once(guest, qvmi, args):
    done = qvmi(guest, *args, "--watch", status=2)
    assert done.stderr.startswith(b"qvmi: --watch: '%s' is not repeated here"
                                  % args[0].encode())
    assert done.stderr.count(b"\n") == 1


def test_two_in_turn(guest, qvmi):
    with watching(qvmi, guest, "ps") as one, \
            watching(qvmi, guest, "maps", "1") as other:
        for _ in range(4):
            assert one.round()["rows"] and other.round()["rows"]
        one.stop()
        other.stop()


@pytest.mark.parametrize("memory", ["stub", "process"])
def test_killed_at_any_moment(guest, qvmi, memory):
    moments = random.Random(11)
    for _ in range(KILLS):
        with watching(qvmi, guest, "ps", "--memory", memory) as watch:
            for _ in range(moments.randrange(1, 4)):
                assert watch.round()["rows"]
            watch.run.wait_for = moments.uniform(0, 0.06)
            with contextlib.suppress(subprocess.TimeoutExpired):
                watch.run.wait(watch.run.wait_for)
            watch.run.kill()
        assert s.until_running(guest)


def test_without_its_watchdog(guest, qvmi):
    """It makes the connections: without it there is no other pause."""
    with watching(qvmi, guest, "ps", every=0.5) as watch:
        assert watch.round()["rows"]
        s.kill_watchdog(watch.run)
        last = watch.until(lambda answer: "error" in answer)
        assert "the watchdog has ended" in last["error"]["text"]
        assert watch.round() is None
        watch.end(1)


def between_pauses(guest, *watches):
    """Stop them where the guest runs: none of them has it."""
    for watch in watches:
        watch.run.send_signal(signal.SIGSTOP)
        while not guest.running():
            watch.run.send_signal(signal.SIGCONT)
            time.sleep(0.05)
            watch.run.send_signal(signal.SIGSTOP)


@pytest.mark.variant("watch")
def test_another_boot(own, qvmi):
    guest = own(extra=("-action", "reboot=reset"))
    with watching(qvmi, guest, "ps") as watch:
        before = watch.round()
        guest.qmp("system_reset")
        told = watch.until(lambda answer: answer["notes"])
        assert any("another boot" in note for note in told["notes"])
        # Threads of the kernel come and go with its work.
        after = watch.until(lambda answer: processes(answer) >=
                            processes(before))
        assert "error" not in after
        watch.stop()


@pytest.mark.variant("watch")
def test_an_earlier_time(own, qvmi, tmp_path):
    disk = tmp_path / "snapshots.qcow2"
    subprocess.run(["qemu-img", "create", "-q", "-f", "qcow2", disk, "1M"],
                   check=True)
    guest = own(extra=("-drive", f"if=none,id=snap,file={disk}"))
    guest.hmp("savevm here")
    with watching(qvmi, guest, "ps", every=0.2) as watch:
        assert watch.round()["rows"] and watch.round()["rows"]
        between_pauses(guest, watch)
        guest.stop()  # else its clock is soon what it was
        guest.hmp("loadvm here")
        watch.run.send_signal(signal.SIGCONT)
        told = watch.until(lambda answer: answer["notes"])
        assert "earlier time" in told["notes"][0] and told["rows"]
        guest.cont()
        watch.stop()


@pytest.mark.variant("watch")
def test_another_qemu(own, qvmi):
    """It takes the port over; what was learnt is not held to be its."""
    stub = f"tcp:127.0.0.1:{vm.free_port()},server=on,wait=off"
    first = own(gdb=stub)
    with watching(qvmi, first, "ps", every=0.5) as by_process, \
            watching(qvmi, first, "ps", "--memory", "stub",
                     every=0.5) as by_stub:
        assert by_process.round()["rows"] and by_stub.round()["rows"]
        between_pauses(first, by_process, by_stub)
        first.close()
        own(gdb=stub)
        for watch in by_process, by_stub:
            watch.run.send_signal(signal.SIGCONT)
        last = by_process.until(lambda answer: "error" in answer)
        assert "not the QEMU any more" in last["error"]["text"]
        by_process.end(3)
        told = by_stub.until(lambda answer: answer["notes"])
        assert any("another boot" in note for note in told["notes"])
        by_stub.stop()


@pytest.mark.variant("watch")
def test_the_guest_ends(own, qvmi):
    guest = own()
    with watching(qvmi, guest, "ps") as watch:
        assert watch.round()["rows"]
        with contextlib.suppress(OSError, vm.GuestError, ValueError):
            guest.qmp("quit")
        watch.until(lambda answer: "error" in answer)
        assert watch.round() is None
        watch.end(3)


@pytest.mark.parametrize("memory", ["stub", "process"])
def test_more_of_a_machine(own, qvmi, memory):
    """A vCPU and memory that are plugged in between two pauses are there in
    the next, and taken for no other guest."""
    guest = own("6.1", cpus="1,maxcpus=2", mem="256M,slots=1,maxmem=1G",
                append="qvmi.scenes=0")

    with watching(qvmi, guest, "info", "--memory", memory) as watch:
        before, = watch.round()["rows"]
        guest.hmp("device_add qemu64-x86_64-cpu,socket-id=0,core-id=1,"
                  "thread-id=0")
        guest.hmp("object_add memory-backend-ram,id=m,size=128M")
        guest.hmp("device_add pc-dimm,memdev=m")
        answer = watch.until(lambda answer: len(answer["rows"][0]["ram"])
                             > len(before["ram"]))
        watch.stop()
    after, = answer["rows"]
    assert answer["notes"] == [] and answer["stats"]["memory"] == memory
    assert len(before["vcpus"]) == 1 and len(after["vcpus"]) == 2
    assert [row for row in after["ram"] if row not in before["ram"]] == [
        {"start": "0x100000000", "end": "0x108000000", "size": 128 << 20,
         "block": "m"}]
