# SPDX-License-Identifier: BSD-2-Clause
"""Each variant guest has what it is named for."""

import re
import time

import pytest


def registers(guest):
    """HMP's registers of the first vCPU, as numbers."""
    return {name: int(value, 16) for name, value in
            re.findall(r"\b(CR\d|RIP|EFER) *= *([0-9a-f]+)",
                       guest.hmp("info registers"))}


def privilege(guest):
    """CPL of the first vCPU."""
    return int(re.search(r"CPL=(\d)", guest.hmp("info registers"))[1])


def stop_in_user_mode(guest):
    """Stop the guest while its vCPU is in user mode: in the same program twice
    in a row, for others are awake for a moment only."""
    before = None
    for _ in range(200):
        guest.stop()
        now = registers(guest)["CR3"] if privilege(guest) == 3 else None
        if now is not None and now == before:
            return
        before = now
        guest.cont()
        time.sleep(0.01)
    raise AssertionError("never in user mode")


@pytest.mark.variant("pti")
@pytest.mark.parametrize("kernel", ["5.10", "6.12"])
def test_pti(variant, kernel):
    guest = variant("pti", kernel=kernel)
    stop_in_user_mode(guest)
    user = registers(guest)
    guest.cont()
    assert user["CR3"] & 0x1000, "not the user page table"


@pytest.mark.variant("compat")
def test_compat(variant):
    guest = variant("compat")
    stop_in_user_mode(guest)
    text = guest.hmp("info registers")
    guest.cont()
    assert re.search(r"CS =0023.*CS32", text)


@pytest.mark.variant("la57")
@pytest.mark.parametrize("kernel", ["6.1", "6.12", "7.2"])
def test_la57(variant, kernel):
    guest = variant("la57", kernel=kernel)
    assert registers(guest)["CR4"] & 1 << 12
    assert guest.labels()["border.high"].addr == 1 << 52
    label = guest.labels()["pkey"]
    assert guest.pagemap(label.pid, label.addr)[0] >> 63
    assert b"ProtectionKey:" in guest.cat(f"/proc/{label.pid}/smaps")


@pytest.mark.variant("nokaslr")
def test_nokaslr(variant):
    symbols = variant("nokaslr").run("grep ' _text$' /proc/kallsyms")
    assert symbols.split()[0] == b"ffffffff81000000"


@pytest.mark.variant("busy4")
def test_busy4(variant):
    guest = variant("busy4")
    assert len(guest.qmp("query-cpus-fast")) == 4
    assert "spin.3" in guest.labels()


@pytest.mark.variant("split")
@pytest.mark.parametrize("name,above", [("split-pc", 1 << 30),
                                        ("split-q35", 2 << 30)])
def test_split_memory(variant, name, above):
    iomem = variant(name).cat("/proc/iomem").decode()
    ends = re.findall(r"100000000-([0-9a-f]+) : System RAM", iomem)
    assert int(ends[0], 16) == (4 << 30) + above - 1


@pytest.mark.variant("numa")
def test_numa(variant):
    guest = variant("numa")
    assert guest.cat("/sys/devices/system/node/online") == b"0-1\n"


@pytest.mark.variant("many")
def test_many_processes(variant):
    guest = variant("many")
    assert int(guest.run("ls -d /proc/[0-9]* | wc -l")) > 2000
    last = guest.labels()["sleeper.9"]
    lines = guest.cat(f"/proc/{last.pid}/maps").splitlines()
    assert 8 <= len(lines) <= 16


@pytest.mark.variant("tcp")
def test_tcp(variant):
    assert re.fullmatch(r"127\.0\.0\.1:\d+", variant("tcp").gdb)


@pytest.mark.variant("prelaunch")
def test_prelaunch(variant):
    assert variant("prelaunch").status() == "prelaunch"


@pytest.mark.variant("no-linux")
def test_guests_without_linux(variant):
    firmware, other = variant("firmware"), variant("no-linux")
    assert firmware.console() == ""
    other.wait_halted()
    assert registers(other)["CR3"] == 0x1000
    assert registers(other)["EFER"] == 0x500
