# SPDX-License-Identifier: BSD-2-Clause
"""A guest that is a hypervisor: its vCPU runs a guest of its own."""

import json
import re
import time

import pytest

from test_kernels import assert_shows, kernel_of, told

LOOKS = 5
ROOT = 0x1000  # of the guest's guest: guest/nested.c
TRIES = 200
# CPU is null in the first instructions behind an exit from the guest's guest:
# GS still has that one's base (svm_vcpu_enter_exit()).


def stop_in_its_guest(guest):
    """Stop it while its first vCPU runs the guest of the guest."""
    for _ in range(TRIES):
        guest.stop()
        registers = guest.hmp("info registers")
        if int(re.search(r"CR3=([0-9a-f]+)", registers)[1], 16) == ROOT:
            return
        guest.cont()
        time.sleep(0.01)
    pytest.fail("never in its guest")


@pytest.mark.variant("nested")
@pytest.mark.any_kernel
@pytest.mark.parametrize("memory", ["stub", "process"])
def test_found_all_the_same(variant, qvmi, memory):
    """The only vCPU is in the guest's guest for 96 of 100 moments."""
    guest = variant("nested")
    sleepers = told(guest)
    for _ in range(LOOKS):
        row, _ = kernel_of(qvmi, guest, "--memory", memory)
        assert row and row["release"].endswith("-amd64")
        vcpu, = row["vcpus"]
        assert vcpu["mode"] in ("kernel", "user")
        assert vcpu["cpu"] in (0, None)
        assert guest.running()
    assert_shows(qvmi, guest, sleepers, "--memory", memory)


@pytest.mark.variant("nested")
@pytest.mark.any_kernel
def test_left_as_told(variant, qvmi):
    """What runs in between is stopped again, and stays so."""
    guest = variant("nested")
    qvmi(guest, "read", "linux_banner", 4, "--leave", "paused")
    assert guest.status() == "paused"
    guest.cont()


@pytest.mark.variant("nested")
@pytest.mark.any_kernel
def test_found_paused(variant, qvmi, tmp_path):
    """It is not let run, not for a moment; what is said of it is true."""
    guest = variant("nested")
    stop_in_its_guest(guest)
    try:
        before = guest.hmp("info registers")
        done = qvmi(guest, "ps", status=4, env={"XDG_CACHE_HOME": tmp_path})
        assert done.stderr.count(b"\n") == 1
        assert b"a guest of its own (nested virtualisation)" in done.stderr
        done = json.loads(qvmi(guest, "regs", "-J", env={
            "XDG_CACHE_HOME": tmp_path}).stdout)
        assert int(done["rows"][0]["cr3"], 16) == ROOT
        assert any("nested virtualisation" in note for note in done["notes"])
        assert guest.status() == "paused"
        assert guest.hmp("info registers") == before
    finally:
        guest.cont()


@pytest.mark.variant("nested")
@pytest.mark.any_kernel
@pytest.mark.parametrize("memory", ["stub", "process"])
def test_found_paused_and_remembered(variant, qvmi, memory):
    """It was seen earlier in this boot, and that is said."""
    guest = variant("nested")
    sleepers = told(guest)
    qvmi(guest, "ps")
    stop_in_its_guest(guest)
    try:
        before = guest.hmp("info registers")
        row, notes = kernel_of(qvmi, guest, "--memory", memory)
        assert any("seen earlier in this boot" in note for note in notes)
        vcpu, = row["vcpus"]
        assert vcpu["mode"] == "guest" and int(vcpu["cr3"], 16) == ROOT
        assert vcpu["cpu"] is vcpu["pid"] is vcpu["symbol"] is None
        assert_shows(qvmi, guest, sleepers, "--memory", memory)
        qvmi(guest, "ps", "--no-cache", status=4)
        assert guest.status() == "paused"
        assert guest.hmp("info registers") == before
    finally:
        guest.cont()


@pytest.mark.variant("nested")
@pytest.mark.any_kernel
def test_beside_an_idle_vcpu(variant, qvmi):
    """What that vCPU runs is not this kernel's, and not said to be."""
    guest = variant("nested", cpus=2)
    hosting = guest.labels()["nested.0"].cpu
    seen = set()
    for _ in range(LOOKS * 4):
        row, _ = kernel_of(qvmi, guest)
        vcpu = row["vcpus"][hosting]
        seen.add(vcpu["mode"])
        if vcpu["mode"] == "guest":
            assert int(vcpu["cr3"], 16) == ROOT
            assert vcpu["cpu"] is vcpu["pid"] is vcpu["symbol"] is None
            assert row["other_kernels"] is None
    assert "guest" in seen
    # When that vCPU is asked for, it is looked at until it is its kernel's.
    row, _ = kernel_of(qvmi, guest, "--vcpu", hosting)
    assert row["vcpus"][hosting]["mode"] in ("kernel", "user")
    assert row["vcpus"][hosting]["cpu"] in (hosting, None)
