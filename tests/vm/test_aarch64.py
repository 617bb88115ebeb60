# SPDX-License-Identifier: BSD-2-Clause
"""Guests on aarch64: what a CPU decides is told, by the monitor's own word;
of Linux it is said that it is not understood there yet."""

import json
import pathlib
import re
import subprocess
import tempfile
import time

import pytest

import guest as vm
from test_lesson import assert_sound
from test_walk import walk as explained

pytestmark = [pytest.mark.variant("aarch64"), pytest.mark.any_kernel]

BOOT = 180
# Kernel and CPU: tables of 48 bits, and of 52 with five levels.
MACHINES = {"48 bits": ("6.1-cloud-arm64", "cortex-a57", 4),
            "52 bits": ("6.12-cloud-arm64", "max", 5)}


class Arm:
    """A guest without an initramfs: it ends in a panic, its tables in use."""

    def __init__(self, kernel, cpu, *, paused=False, extra=()):
        self.dir = pathlib.Path(tempfile.mkdtemp(prefix="qvmi-"))
        self.gdb = f"unix:{self.dir}/gdb"
        self.proc = subprocess.Popen(
            ["qemu-system-aarch64", "-M", "virt", "-cpu", cpu, "-smp", "2",
             "-m", "512M", "-nodefaults", "-no-user-config", "-display",
             "none", "-no-reboot", "-serial", f"file:{self.dir}/console",
             "-gdb", f"{self.gdb},server=on,wait=off", "-qmp",
             f"unix:{self.dir}/qmp,server=on,wait=off",
             *(("-kernel", str(kernel / "vmlinuz"), "-append",
                "console=ttyAMA0 panic=0") if kernel else ()),
             *(("-S",) if paused else ()), *extra],
            stdin=subprocess.DEVNULL)
        self.qmp = vm.Monitor(self.dir / "qmp")
        self.until(lambda: vm.listens(self.dir / "gdb")
                   and self.qmp.is_there())

    def console(self):
        path = self.dir / "console"
        return path.read_text(errors="replace") if path.exists() else ""

    def until(self, done):
        end = time.monotonic() + BOOT
        while not done():
            assert self.proc.poll() is None and time.monotonic() < end, (
                self.console()[-2000:])
            time.sleep(0.1)

    def hmp(self, line, cpu=0):
        return self.qmp("human-monitor-command", **{
            "command-line": line, "cpu-index": cpu})

    def close(self):
        self.proc.kill()
        self.proc.wait()
        self.qmp.close()


@pytest.fixture(scope="module", params=MACHINES)
def arm(request):
    kernel, cpu, levels = MACHINES[request.param]
    guest = Arm(vm.script("fetch-kernel", kernel), cpu)
    try:
        guest.levels = levels
        guest.until(lambda: "end Kernel panic" in guest.console())
        guest.qmp("stop")
        yield guest
        assert guest.qmp("query-status")["status"] == "paused"
    finally:
        guest.close()


def rows(done):
    return json.loads(done.stdout)["rows"]


@pytest.mark.parametrize("memory", ["stub", "process"])
def test_info(arm, qvmi, memory):
    row, = rows(qvmi(arm, "info", "-J", "--memory", memory))
    assert row["release"] is None and row["paging"] is None
    (ram,) = row["ram"]
    assert (ram["start"], ram["size"]) == ("0x40000000", 512 << 20)
    assert ram["block"] == "mach-virt.ram"
    for cpu, vcpu in enumerate(row["vcpus"]):
        pc = re.search(r"PC=([0-9a-f]+)", arm.hmp("info registers", cpu))[1]
        assert int(vcpu["pc"], 16) == int(pc, 16)
        assert vcpu["mode"] == "EL1" and int(vcpu["ttbr1"], 16)
    assert len(row["vcpus"]) == 2
    text = qvmi(arm, "info")
    assert b"Linux on aarch64 is not understood yet" in text.stderr
    assert b"VCPU CPU MODE PID COMM PC " in text.stdout


def test_registers(arm, qvmi):
    """Each that the monitor prints, of each vCPU; and what they decode to."""
    for row in rows(qvmi(arm, "regs", "-J")):
        said = arm.hmp("info registers", row["vcpu"])
        core = dict(re.findall(r"\b(PC|SP|X\d\d)=([0-9a-f]{16})", said))
        assert len(core) == 33
        for name, value in core.items():
            ours = name.lower().replace("x0", "x")
            assert int(row[ours], 16) == int(value, 16), name
        pstate = re.search(r"PSTATE=([0-9a-f]{8})", said)[1]
        assert int(row["cpsr"], 16) == int(pstate, 16)
        assert row["mode"] == "AArch64" and row["el"] == 1
        assert "M=5" in row["cpsr_bits"] and "M C" in row["sctlr_el1_bits"]
        # TTBR1 has the ASID with Linux, and may have CnP
        table = int(row["ttbr1_table"], 16)
        assert table and int(row["ttbr1_el1"], 16) & 0xfffffffffffe == table
        assert row["ttbr0_asid"] is None
    text = qvmi(arm, "regs", "--cpu", 0).stdout.decode()
    assert text.startswith("vCPU 0: AArch64 mode, EL 1")
    # a CPU without EL2 has no registers of it, not zeros
    assert ("ttbr0_el2" in text) == ("hcr_el2" in text)
    row = rows(qvmi(arm, "regs", "-J", "--cpu", 0))[0]
    if "hcr_el2" not in text:
        assert row["hcr_el2"] is row["ttbr0_el2"] is None


def places(row):
    """Addresses that a kernel surely has mapped, and others."""
    sure = [int(row[name], 16) for name in ("pc", "sp", "vbar_el1", "x30")]
    near = [at + (step << shift) for at in sure[:3]
            for shift in (12, 16, 21, 25, 30) for step in (-3, -1, 1, 2)]
    return [at & (1 << 64) - 1 for at in sure + near]


def test_walks(arm, qvmi):
    """As gva2gpa says; in the levels that the CPU was told to use."""
    row = rows(qvmi(arm, "regs", "-J", "--cpu", 0))[0]
    found = 0
    for at in places(row):
        walk = qvmi(arm, "walk", "-J",
                    f"ttbr1={row['ttbr1_el1']}:{at:#x}", status=None)
        said = re.search(r"gpa: (0x[0-9a-f]+)",
                         arm.hmp(f"gva2gpa {at:#x}"))
        ours, = rows(walk)
        assert walk.returncode == (not said), (hex(at), ours)
        if not said:
            assert ours["physical"] is None
            continue
        assert int(ours["physical"], 16) == int(said[1], 16), hex(at)
        assert ours["user"] is False
        assert len(ours["levels"]) <= arm.levels
        found += 1
    assert found >= 4
    text = qvmi(arm, "walk", f"ttbr1={row['ttbr1_el1']}:{row['pc']}").stdout
    assert b"kernel" in text and b"granule" in text
    # code may run and not be written to, the stack the other way round
    code, = rows(qvmi(arm, "walk", "-J",
                      f"ttbr1={row['ttbr1_el1']}:{row['pc']}"))
    stack, = rows(qvmi(arm, "walk", "-J",
                       f"ttbr1={row['ttbr1_el1']}:{row['sp']}"))
    assert_sound(explained(arm, qvmi,
                           f"ttbr1={row['ttbr1_el1']}:{row['pc']}",
                           "--explain"))
    assert (code["write"], code["no_execute"]) == (False, False)
    assert (stack["write"], stack["no_execute"]) == (True, True)


def test_dump(arm, qvmi):
    """Of a whole space: where each stretch begins and ends, walks say the
    same, and what is behind it is something else."""
    row = rows(qvmi(arm, "regs", "-J", "--cpu", 0))[0]
    root = f"ttbr1={row['ttbr1_el1']}"
    dumped = rows(qvmi(arm, "ptdump", "-J", root))
    assert len(dumped) > 20 and {part["region"] for part in dumped} == {None}
    starts = {part["start"] for part in dumped}
    for part in (*dumped[:8], *dumped[-8:]):
        start, end = int(part["start"], 16), int(part["end"], 16)
        for at in (start, end - 1):
            walk, = rows(qvmi(arm, "walk", "-J", f"{root}:{at:#x}"))
            assert all(walk[key] == part[key] for key in (
                "page_size", "write", "user", "no_execute"))
            assert walk["levels"][-1]["level"] == part["level"]
        behind, = rows(qvmi(arm, "walk", "-J", f"{root}:{end:#x}",
                            status=None))
        assert (behind["result"] == "mapped") == (part["end"] in starts)
    lines = qvmi(arm, "ptdump", root).stdout.splitlines()
    assert len(lines) == len(dumped)
    # 52 bits: those of SHD belong to the address
    assert (b" SHD " in lines[0]) == (arm.levels == 4)


@pytest.mark.parametrize("memory", ["stub", "process"])
def test_reads(arm, qvmi, memory, tmp_path):
    """Physical memory, and virtual by a root, as QEMU itself saves it."""
    row = rows(qvmi(arm, "regs", "-J", "--cpu", 0))[0]
    root = f"ttbr1={row['ttbr1_el1']}"
    for at in (0x40200000, 0x41000ff0, 0x5ffff000):
        arm.qmp("pmemsave", val=at, size=4096,
                filename=str(tmp_path / "saved"))
        ours = qvmi(arm, "read", f"p:{at:#x}", 4096, "-f", "raw",
                    "--memory", memory).stdout
        assert ours == (tmp_path / "saved").read_bytes()
    for name in ("pc", "sp"):
        at = int(row[name], 16) & ~0xfff
        arm.qmp("memsave", val=at - (1 << 64), size=4096, **{"cpu-index": 0},
                filename=str(tmp_path / "saved"))
        ours = qvmi(arm, "read", f"{root}:{at:#x}", 4096, "-f", "raw",
                    "--memory", memory).stdout
        assert ours == (tmp_path / "saved").read_bytes()


@pytest.mark.parametrize("command", [
    ("ps",), ("maps", "--all"), ("maps", 1), ("read", "linux_banner", 16),
    ("walk", "1:0x400000"), ("walk", "k:_text"), ("page", "p:0x40200000"),
    ("cat", "version"), ("dmesg",), ("write", "jiffies", "1")])
def test_linux_is_not_understood(arm, qvmi, command):
    done = qvmi(arm, *command, status=4)
    assert done.stdout == b""
    assert done.stderr.endswith(
        b"Linux on aarch64 is not understood yet\n")
    assert done.stderr.count(b"\n") == 1


@pytest.mark.parametrize("args, status, words", [
    (("walk", "cr3=0x1000:0x1000"), 1,
     b"cr3= names a root of x86-64; the guest's CPUs are aarch64 and have "
     b"ttbr0, ttbr1"),
    (("walk", "ttbr1=0x40000000"), 2, b"':' and an address are missing"),
    (("regs", "--set", "x0=1"), 2, b"x0 is not changed: registers of aarch64"),
    (("regs", "--cpu", 0, "--set", "rax=1"), 1,
     b"aarch64 CPUs have no register rax")])
def test_bad_input(arm, qvmi, args, status, words):
    done = qvmi(arm, *args, status=status)
    assert words in done.stderr and done.stderr.count(b"\n") == 1


def test_firmware(qvmi):
    """Nothing has turned the MMU on: no tables are walked."""
    guest = Arm(None, "cortex-a57", paused=True)
    try:
        for row in rows(qvmi(guest, "regs", "-J")):
            assert row["ttbr0_table"] is row["ttbr1_table"] is None
        assert len(rows(qvmi(guest, "info", "-J"))[0]["vcpus"]) == 2
        done = qvmi(guest, "walk", "ttbr1=0x40000000:0xffff000000000000",
                    status=1)
        assert b"no vCPU uses paging" in done.stderr
        done = qvmi(guest, "ps", status=4)
        assert b"Linux on aarch64 is not understood yet" in done.stderr
    finally:
        guest.close()
