# SPDX-License-Identifier: BSD-2-Clause
"""`regs` shows what QEMU has in its vCPUs, and changes it whole or not."""

import contextlib
import json
import re
import time

import pytest

from test_journal import journal  # noqa: F401 (a fixture)

GENERAL = ["rax", "rbx", "rcx", "rdx", "rsi", "rdi", "rbp", "rsp",
           *(f"r{i}" for i in range(8, 16))]
SELECTORS = ["cs", "ss", "ds", "es", "fs", "gs"]
ARITHMETIC = 0x8d5
# Bits as the manuals number them, apart from the tables of the product.
BITS = {
    "cr0": {0: "PE", 1: "MP", 2: "EM", 3: "TS", 4: "ET", 5: "NE", 16: "WP",
            18: "AM", 29: "NW", 30: "CD", 31: "PG"},
    "cr4": {0: "VME", 2: "TSD", 3: "DE", 4: "PSE", 5: "PAE", 6: "MCE",
            7: "PGE", 8: "PCE", 9: "OSFXSR", 10: "OSXMMEXCPT", 11: "UMIP",
            12: "LA57", 16: "FSGSBASE", 17: "PCIDE", 18: "OSXSAVE",
            20: "SMEP", 21: "SMAP", 22: "PKE"},
    "efer": {0: "SCE", 8: "LME", 10: "LMA", 11: "NXE", 12: "SVME"},
    "eflags": {0: "CF", 2: "PF", 4: "AF", 6: "ZF", 7: "SF", 8: "TF", 9: "IF",
               10: "DF", 11: "OF", 14: "NT", 16: "RF", 18: "AC", 21: "ID"},
}


def regs(guest, qvmi, *args):
    """The rows, one per vCPU."""
    return json.loads(qvmi(guest, "regs", "-J", *args).stdout)["rows"]


def value(row, name):
    """A register as a number."""
    return int(row[name], 16)


def qemu_says(guest):
    """Registers by name, one dictionary per vCPU, from QEMU's own monitor."""
    blocks = guest.hmp("info registers -a").split("CPU#")[1:]
    result = []
    for block in blocks:
        said = {name.strip().lower(): int(number, 16) for name, number in
                re.findall(r"\b([A-Z][A-Z0-9]{1,3} ?)=([0-9a-f]+)", block)}
        said["halted"] = said.pop("hlt") == 1
        for name in ("fs", "gs"):
            said[name + "_base"] = int(re.search(
                rf"{name.upper()} =[0-9a-f]+ ([0-9a-f]+)", block)[1], 16)
        said["cpl"] = int(re.search(r"CPL=(\d)", block)[1])
        result.append(said)
    return result


def check_same(guest, row, said):
    """A row is what QEMU says."""
    for name in [*GENERAL, *SELECTORS, "rip", "fs_base", "gs_base", "cr0",
                 "cr2", "cr3", "cr4", "efer"]:
        assert value(row, name) == said[name], name
    assert value(row, "eflags") == said["rfl"]
    assert row["halted"] == said["halted"] and row["cpl"] == said["cpl"]
    assert row["mode"] == "long", guest


def check_bits(row):
    """Every bit has its name, and no other name is there."""
    for name, bits in BITS.items():
        number = value(row, name) & ~(2 if name == "eflags" else 0)
        names = {bits[i] for i in range(64) if number >> i & 1}
        assert set(row[name + "_bits"].split()) == names, name


@contextlib.contextmanager
def paused(guest):
    """The guest stands still, so that what is said twice is the same."""
    guest.stop()
    try:
        yield
    finally:
        guest.cont()


def test_same_as_qemu(guest, qvmi):
    with paused(guest):
        rows = regs(guest, qvmi)
        said = qemu_says(guest)
        text = qvmi(guest, "regs").stdout.decode()
    assert len(rows) == len(said) == 1
    check_same(guest, rows[0], said[0])
    check_bits(rows[0])
    assert rows[0]["changes"] is None
    shown = dict(re.findall(r"\b([a-z][a-z_0-9]+) +(0x[0-9a-f]+)", text))
    for name in [*GENERAL, *SELECTORS, "rip", "eflags", "fs_base", "gs_base",
                 "k_gs_base", "cr0", "cr2", "cr3", "cr4", "cr8", "efer"]:
        assert int(shown[name], 16) == value(rows[0], name), name


@pytest.mark.variant("busy4")
@pytest.mark.any_kernel
def test_each_vcpu(variant, qvmi):
    guest = variant("busy4")
    with paused(guest):
        rows, said = regs(guest, qvmi), qemu_says(guest)
        one = regs(guest, qvmi, "--cpu", 2)
        text = qvmi(guest, "regs").stdout
    assert [row["vcpu"] for row in rows] == [0, 1, 2, 3]
    for row, block in zip(rows, said):
        check_same(guest, row, block)
        check_bits(row)
    assert one == rows[2:3]
    assert re.findall(rb"(?m)^vCPU (\d):", text) == [b"0", b"1", b"2", b"3"]


def test_symbol(guest, qvmi):
    """The guest's own kallsyms has it there."""
    row, = regs(guest, qvmi)
    assert row["cpl"] == 0
    name, offset = row["symbol"].split("+")
    said = guest.run(f"grep ' {name}$' /proc/kallsyms").decode()
    assert value(row, "rip") - int(offset, 16) in [
        int(line.split()[0], 16) for line in said.splitlines()]


@pytest.mark.variant("pti")
@pytest.mark.any_kernel
def test_pti_half(variant, qvmi):
    guest, seen = variant("pti"), set()
    end = time.monotonic() + 60
    while seen != {0, 3} and time.monotonic() < end:
        row, = regs(guest, qvmi)
        seen.add(row["cpl"])
        if row["cpl"] == 3:
            assert row["pti"] == "user" and value(row, "cr3") & 1 << 12
            assert row["symbol"] is None
        assert value(row, "cr3_table") == value(row, "cr3") & ~0xfff
        assert (row["pti"] == "user") == bool(value(row, "cr3") & 1 << 12)
        guest.run("true")  # it must run for a while
        if seen == {3}:
            time.sleep(0.01)
    assert 3 in seen


# Changes

def is_named_so(guest, qvmi, name, at):
    """slab or sym says the same of that address; slab nothing of one that is
    beside its objects."""
    assert bool(name["slab"]) != bool(name["symbol"])
    rows = json.loads(qvmi(guest, "slab" if name["slab"] else "sym", "-J", at,
                           status=None).stdout)["rows"]
    if name["slab"]:
        assert all(row["name"] == name["slab"] for row in rows)
        return len(rows)
    row, = rows
    module = f" [{row['module']}]" if row["module"] else ""
    assert name["symbol"] == f"{row['name']}+{row['offset']:#x}{module}"
    return 1


def test_names(guest, qvmi):
    """What registers lead to in the kernel: what slab and sym say, too."""
    pid = guest.run("(while :; do cat /proc/self/maps; done) </dev/null "
                    ">/dev/null 2>&1 & echo $!").decode().strip()
    checked = 0
    try:
        for _ in range(60):
            time.sleep(0.003)
            with paused(guest):
                row, = regs(guest, qvmi)
                checked += sum(is_named_so(guest, qvmi, name,
                                           row[name["register"]])
                               for name in row["names"] or [])
            if checked >= 6:
                break
    finally:
        guest.run(f"kill {pid}")
    assert checked >= 6


def user_loop(guest, qvmi, first, last):
    """Stop the guest where it runs between two addresses."""
    for _ in range(200):
        guest.stop()
        row, = regs(guest, qvmi)
        if first <= value(row, "rip") < last:
            return row
        guest.cont()
        time.sleep(0.02)
    return pytest.fail("the process does not run there")


def change(guest, qvmi, *pairs):
    """Change registers of a stopped guest; the changes."""
    args = [word for pair in pairs for word in ("--set", pair)]
    row, = regs(guest, qvmi, *args)
    return {c["register"]: (int(c["old"], 16), int(c["new"], 16))
            for c in row["changes"]}


@pytest.mark.variant("escape")
@pytest.mark.parametrize("kernel", ["5.10", "7.2"])
def test_guest_goes_on_with_it(variant, qvmi, kernel):
    """A general register, a flag and rip let a process out of its loops."""
    guest = variant("escape", kernel=kernel)
    loops = guest.labels()["escape"]
    start = len(guest.console())
    row = user_loop(guest, qvmi, loops.rbx, loops.rbx + 8)
    assert change(guest, qvmi, "rbx=0x123456789abcdef0") == {
        "rbx": (0, 0x123456789abcdef0)}
    guest.cont()
    guest.wait_console("QVMI-ESCAPE rbx 0x123456789abcdef0\n", 30, start)

    row = user_loop(guest, qvmi, loops.carry, loops.carry + 4)
    old = value(row, "eflags")
    assert not old & 1 and "CF" not in row["eflags_bits"].split()
    assert change(guest, qvmi, f"eflags={old | 1:#x}") == {
        "eflags": (old, old | 1)}
    guest.cont()
    guest.wait_console("QVMI-ESCAPE carry\n", 30, start)

    row = user_loop(guest, qvmi, loops.rip, loops.there)
    done = qvmi(guest, "regs", "--set", f"rip={loops.there}")
    assert done.stdout.decode() == (
        f"vCPU 0: rip {row['rip']} -> {loops.there:#x}\n")
    guest.cont()
    guest.wait_console("QVMI-ESCAPE rip\n", 30, start)


def test_set_and_back(guest, qvmi):
    """Nothing but what was named changes, and QEMU itself says so."""
    with paused(guest):
        before, = qemu_says(guest)
        new = {"r15": 0x1122334455667788, "rax": 0xffffffffffffffff, "r8": 0,
               "fs_base": 0x7fffdeadb000, "gs_base": 0xffff800012345000,
               "cr2": 0xdeadbeef, "rip": 0x401000, "eflags": 0x2}
        pairs = [f"{name}={number:#x}" for name, number in new.items()]
        done = change(guest, qvmi, *pairs)
        after, = qemu_says(guest)
        # the monitor adds the arithmetic flags that it computed before
        want = {**before, **new, "rfl": 2 | before["rfl"] & ARITHMETIC}
        del want["eflags"]
        assert after == want and value(regs(guest, qvmi)[0], "eflags") == 2
        assert {name: pair[1] for name, pair in done.items()} == new
        back = [f"{name}={pair[0]}" for name, pair in done.items()]
        again = change(guest, qvmi, *back)
        assert again == {name: pair[::-1] for name, pair in done.items()}
        assert qemu_says(guest) == [before]
    guest.run("true")


def test_all_or_none(guest, qvmi):
    """cr8 has four bits: what was written before it is put back."""
    with paused(guest):
        before = qemu_says(guest)
        done = qvmi(guest, "regs", "--set", "r15=7", "--set", "cr8=0x1f",
                    "--set", "rax=9", status=1)
        assert done.stdout == b"" and done.stderr.count(b"\n") == 1
        assert b"nothing was changed: vCPU 0: cr8 is 0xf when read back" in (
            done.stderr)
        assert qemu_says(guest) == before
        assert value(regs(guest, qvmi)[0], "cr8") < 16


@pytest.mark.parametrize("pair,words", [
    ("rip=0x8000000000000000", b"not canonical"),
    ("gs_base=0x0000800000000000", b"not canonical"),
    ("eflags=0", b"bit 1"), ("eflags=0xa", b"reserved bits 0x8"),
    ("eflags=0x20002", b"VM")])
def test_refused(guest, qvmi, pair, words):
    with paused(guest):
        before = qemu_says(guest)
        done = qvmi(guest, "regs", "--set", "r15=7", "--set", pair, status=1)
        assert words in done.stderr and done.stdout == b""
        assert qemu_says(guest) == before


@pytest.mark.parametrize("args,words", [
    (("--set", "rax"), b"REGISTER=VALUE"), (("--set", ""), b"REGISTER=VALUE"),
    (("--set", "=1"), b"no register"), (("--set", "eax=1"), b"no register"),
    (("--set", "RAX=1"), b"no register"), (("--set", "rax="), b"no number"),
    (("--set", "rax=x"), b"no number"), (("--set", "rax=-1"), b"no number"),
    (("--set", "rax=0x10000000000000000"), b"too large"),
    (("--set", "eflags=0x100000000"), b"too large"),
    (("--set", "cs=0x33"), b"cs is not changed"),
    (("--set", "cr0=1"), b"cr0 is not changed"),
    (("--set", "efer=1"), b"efer is not changed"),
    (("--set", "rax=1", "--set", "rax=1"), b"rax is set already"),
    (("--cpu", "x"), b"no number"), (("--cpu", "-1"), b"no number"),
    (("--cpu", "0x100000000"), b"too large"), (("0",), b"one operand")])
def test_usage(qvmi, args, words):
    done = qvmi("unix:/nonexistent", "regs", *args, status=2)
    assert done.stdout == b"" and done.stderr.startswith(b"qvmi: regs: ")
    assert words in done.stderr and done.stderr.count(b"\n") == 1


@pytest.mark.variant("smp4")
@pytest.mark.any_kernel
def test_which_vcpu(variant, qvmi):
    guest = variant("smp4")
    done = qvmi(guest, "regs", "--cpu", 4, status=1)
    assert b"no vCPU 4; the guest has 4, counted from 0" in done.stderr
    done = qvmi(guest, "regs", "--set", "r15=1", status=1)
    assert b"4 vCPUs: say with --cpu" in done.stderr
    with paused(guest):
        before = qemu_says(guest)
        old = before[3]["r15"]
        qvmi(guest, "regs", "--cpu", 3, "--set", "r15=0xabc")
        after = qemu_says(guest)
        assert after[:3] == before[:3] and after[3]["r15"] == 0xabc
        qvmi(guest, "regs", "--cpu", 3, "--set", f"r15={old}")
        assert qemu_says(guest) == before


@pytest.mark.variant("compat")
@pytest.mark.any_kernel
def test_32_bit_code(variant, journal):  # noqa: F811
    """There QEMU would cut what is written: refused, and nothing recorded."""
    guest = variant("compat")
    for _ in range(200):
        guest.stop()
        row, = regs(guest, journal)
        if value(row, "cs") == 0x23:
            break
        guest.cont()
        time.sleep(0.01)
    else:
        pytest.fail("never in 32-bit code")
    try:
        before = qemu_says_32(guest)
        done = journal(guest, "regs", "--set", "rax=1", status=1)
        assert b"runs 16 or 32-bit code" in done.stderr
        assert done.stdout == b"" and done.stderr.count(b"\n") == 1
        assert journal.entries() == []
        assert qemu_says_32(guest) == before
    finally:
        guest.cont()


def qemu_says_32(guest):
    """All of it, as text."""
    return guest.hmp("info registers -a")


@pytest.mark.variant("small")
@pytest.mark.any_kernel
@pytest.mark.parametrize("name,mode", [("firmware", "real"),
                                       ("32-bit", "protected"),
                                       ("no-linux", "long")])
def test_without_a_kernel(variant, qvmi, name, mode):
    guest = variant(name)
    if name != "firmware":
        guest.wait_halted()
    else:
        time.sleep(1)
    guest.stop()
    try:
        done = json.loads(qvmi(guest, "regs", "-J").stdout)
        row, = done["rows"]
        assert row["symbol"] is None and row["pti"] is None
        assert any("symbols are not known" in note for note in done["notes"])
        if name != "firmware":
            assert row["mode"] == mode
        assert row["mode"] in ("real", "protected", "long")
        assert (row["cpl"] is None) == (row["mode"] == "real")
        before = qemu_says_32(guest)
        done = qvmi(guest, "regs", "--set", "rax=1",
                    status=0 if row["mode"] == "long" else 1)
        if row["mode"] != "long":
            assert b"runs 16 or 32-bit code" in done.stderr
            assert qemu_says_32(guest) == before
    finally:
        guest.cont()
