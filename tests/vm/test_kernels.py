# SPDX-License-Identifier: BSD-2-Clause
"""Several kernels in one guest: after a crash, and after kexec."""

import json
import re
import time

import pytest

import guest as vm

LINE = ("console=ttyS0 panic=-1 no_timer_check reset_devices qvmi.scenes=0 "
        "qvmi.procs=3")
FIRST_SECONDS = 40  # looks at the guest, from the crash on


def kernel_of(qvmi, guest, *options):
    """(row of info, notes), or None where no kernel runs yet."""
    done = qvmi(guest, "info", "-J", *options, status=None)
    if done.returncode:
        assert done.returncode == 4, done.stderr
        assert done.stderr.count(b"\n") == 1, done.stderr
        return None, []
    out = json.loads(done.stdout)
    return out["rows"][0], out["notes"]


def told(guest):
    """What the guest itself says of its sleepers: {pid: (comm, maps, page)}."""
    return {label.pid: (name, guest.cat(f"/proc/{label.pid}/maps"),
                        guest.peek(label.pid, label.addr, 16), label.addr)
            for name, label in guest.labels().items()
            if name.startswith("sleeper.")}


def assert_shows(qvmi, guest, want, *options):
    """The processes that WANT has, and no sleepers but these."""
    rows = json.loads(qvmi(guest, "ps", "-J", *options).stdout)["rows"]
    names = {row["pid"]: row["comm"] for row in rows}
    assert {pid for pid, name in names.items()
            if name.startswith("sleeper.")} == set(want)
    for pid, (name, maps, page, addr) in want.items():
        assert names[pid] == name
        assert qvmi(guest, "maps", pid, *options).stdout == maps
        assert qvmi(guest, "read", f"{pid}:{addr:#x}", 16, "-f", "raw",
                    *options).stdout == page


class Second:
    """A guest whose second kernel runs."""

    def __init__(self, qvmi, kind, cpu=0, kernel="6.1", extra=""):
        self.guest = guest = vm.Guest(
            kernel, cpus=2, mem="1G", second=True,
            append="crashkernel=256M qvmi.scenes=0")
        self.kind, self.cpu = kind, cpu
        self.before = told(guest)
        self.first = kernel_of(qvmi, guest)[0]
        status, _ = guest.command(f"kexec {kind} {extra} {LINE}")
        assert status == 0
        since = len(guest.console())
        # No answer comes: the kernel that would give it is gone.
        if kind == "crash":
            guest.send(f"run taskset {1 << cpu:x} "
                       "sh -c 'echo c > /proc/sysrq-trigger'")
        else:
            guest.send("kexec-run")
        self.seen = self.look_on(qvmi, since)
        guest.forget()
        self.now = told(guest)

    def look_on(self, qvmi, since):
        """What info says until the second kernel is up, and then once more."""
        seen = []
        for _ in range(FIRST_SECONDS):
            seen.append(kernel_of(qvmi, self.guest))
            if "QVMI-READY" in self.guest.console()[since:]:
                break
            time.sleep(0.5)
        self.guest.wait_console("QVMI-READY", since=since)
        return seen + [kernel_of(qvmi, self.guest)]


SITUATIONS = {"crash-0": ("crash", 0, "nr_cpus=1"),
              "crash-1": ("crash", 1, "nr_cpus=1"),
              "kexec": ("next", 0, "")}


@pytest.fixture(scope="module", params=SITUATIONS)
def second(request, qvmi):
    """Each situation, once for all tests."""
    kind, cpu, extra = SITUATIONS[request.param]
    made = Second(qvmi, kind, cpu, extra=extra)
    yield made
    made.guest.close()


@pytest.mark.variant("kernels")
@pytest.mark.any_kernel
def test_the_living_kernel_is_taken(second, qvmi):
    """From the first second on no answer is of the kernel that is gone."""
    old = second.first["phys_text"]
    ran = False
    for row, _ in second.seen:
        if row and row["phys_text"] == old:
            # The crash, or the reboot, has not come yet.
            assert not ran and second.kind in ("crash", "next"), second.seen
            assert not row["other_kernels"]
            assert any(vcpu["mode"] in ("kernel", "user") and
                       vcpu["cpu"] is not None for vcpu in row["vcpus"])
        ran |= not row or row["phys_text"] != old
    row, notes = second.seen[-1]
    assert row["phys_text"] != old
    assert_shows(qvmi, second.guest, second.now)
    second.guest.assert_unharmed("running")


@pytest.mark.variant("kernels")
@pytest.mark.any_kernel
def test_the_others_are_named(second, qvmi):
    """A note by every command, a row of info; none where there is no other."""
    row, notes = kernel_of(qvmi, second.guest)
    said = [note for note in notes if "another kernel" in note]
    text = qvmi(second.guest, "ps").stderr
    if second.kind == "next":
        assert row["other_kernels"] is None and not said
        assert b"another kernel" not in text
        assert {vcpu["mode"] for vcpu in row["vcpus"]} <= {"kernel", "user"}
        return
    dead = 1 - second.cpu
    other, = row["other_kernels"]
    assert other["vcpu"] == dead and other["parked"]
    assert other["phys_text"] == second.first["phys_text"]
    assert other["text"] == second.first["text"]
    assert other["banner"] == second.first["banner"]
    assert said == [
        f"vCPU {dead} stands still in another kernel, at physical "
        f"{other['phys_text']} (Linux version {second.first['release']}): "
        f"--vcpu {dead} shows that one"]
    assert said[0].encode() in text
    modes = {vcpu["vcpu"]: vcpu for vcpu in row["vcpus"]}
    assert modes[dead]["mode"] == "other"
    assert modes[dead]["cpu"] is modes[dead]["symbol"] is None
    assert modes[second.cpu]["mode"] in ("kernel", "user")
    assert modes[second.cpu]["cpu"] == 0
    registers = json.loads(qvmi(second.guest, "regs", "-J").stdout)["rows"]
    assert registers[dead]["symbol"] is None


@pytest.mark.variant("kernels")
@pytest.mark.any_kernel
def test_the_dead_kernel_can_be_chosen(second, qvmi):
    """It is as it was when it died, and so it is shown."""
    if second.kind == "next":
        pytest.skip("its memory is used again")
    dead = ("--vcpu", 1 - second.cpu)
    row, notes = kernel_of(qvmi, second.guest, *dead)
    assert row["phys_text"] == second.first["phys_text"]
    assert row["kaslr_offset"] == second.first["kaslr_offset"]
    assert any(f"vCPU {second.cpu} runs another kernel" in note
               for note in notes)
    modes = {vcpu["vcpu"]: vcpu for vcpu in row["vcpus"]}
    assert modes[second.cpu]["mode"] == "other"
    assert modes[dead[1]]["cpu"] == dead[1]
    # arch/x86/kernel/reboot.c: it halts; where that ends it turns there.
    assert re.search("halt|^crash_nmi_callback[+]", modes[dead[1]]["symbol"])
    assert_shows(qvmi, second.guest, second.before, *dead)
    alive = ("--vcpu", second.cpu)
    assert_shows(qvmi, second.guest, second.now, *alive)
    second.guest.assert_unharmed("running")
