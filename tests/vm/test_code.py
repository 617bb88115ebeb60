# SPDX-License-Identifier: BSD-2-Clause
"""Changed code runs: the emulator drops what it has translated of it.

The scene `code` calls three functions all the time and prints what changes.
"""

import contextlib
import json
import struct
import time

import pytest

import guest as vm
from test_walk import walk

# mov $imm32, %eax; ret
MOV, RET = b"\xb8", b"\xc3"
CODE_LEN = 6
# What a kernel function may begin with: endbr64, and what ftrace patches.
PROLOGUES = [bytes.fromhex("f30f1efa"), bytes.fromhex("0f1f440000")]
KERNEL = "__x64_sys_getpgrp"


def returning(value):
    """A function that returns a number."""
    return MOV + struct.pack("<I", value) + RET


def read(guest, qvmi, place, length):
    """Memory as qvmi sees it."""
    return qvmi(guest, "read", place, length, "-f", "raw").stdout


def patch(guest, qvmi, place, data):
    """Write code, mapped read-only or shared; the old bytes."""
    rows = json.loads(qvmi(guest, "write", place, "-J", "--readonly",
                           "--shared", "hex:" + data.hex()).stdout)["rows"]
    assert read(guest, qvmi, place, len(data)) == data
    return bytes.fromhex("".join(row["old"] for row in rows))


@contextlib.contextmanager
def said(guest, name, value):
    """The process prints that a function now returns this."""
    start = len(guest.console())
    yield
    guest.wait_console(f"QVMI-CODE {name} {value:#x}\n", 30, since=start)


def change_and_back(guest, qvmi, name, place, value):
    """A function returns another number, then another one, then its own."""
    old = read(guest, qvmi, place, CODE_LEN)
    try:
        for new in (0x0a0b0c0d, 0x7fffffff):
            with said(guest, name, new):
                patch(guest, qvmi, place, returning(new))
    finally:
        with said(guest, name, value):
            patch(guest, qvmi, place, old)
    assert read(guest, qvmi, place, CODE_LEN) == old


def test_private_page(guest, qvmi):
    """An anonymous page, writable and executable."""
    code = guest.labels()["code"]
    anon = guest.labels()["code.anon"]
    place = f"{anon.pid}:{anon.addr:#x}"
    assert read(guest, qvmi, place, CODE_LEN) == returning(code.anon_value)
    change_and_back(guest, qvmi, "anon", place, code.anon_value)


def test_text_page(guest, qvmi):
    """A page of the program's text: of its file, mapped read-only."""
    code = guest.labels()["code"]
    place = f"{code.pid}:{code.text:#x}"
    assert read(guest, qvmi, place, CODE_LEN) == returning(code.text_value)
    row = walk(guest, qvmi, place)
    assert not row["write"] and not row["no_execute"]
    change_and_back(guest, qvmi, "text", place, code.text_value)


def body(guest, qvmi, symbol):
    """Where the function goes on behind what it begins with."""
    start = read(guest, qvmi, symbol, 16)
    skip = 0
    for prologue in PROLOGUES:
        if start[skip:].startswith(prologue):
            skip += len(prologue)
    return f"{symbol}+{skip:#x}", skip


def executing(guest, qvmi, symbol):
    """Whether a vCPU is in that function."""
    rows = json.loads(qvmi(guest, "regs", "-J").stdout)["rows"]
    return any((row["symbol"] or "").startswith(symbol + "+") for row in rows)


@contextlib.contextmanager
def outside(guest, qvmi, symbol):
    """The guest stands still, and no vCPU is in that function."""
    for _ in range(100):
        guest.stop()
        if not executing(guest, qvmi, symbol):
            break
        guest.cont()
    else:
        pytest.fail(f"always in {symbol}")
    try:
        yield
    finally:
        guest.cont()


def test_kernel_function(guest, qvmi):
    """A system call returns what it is told, and then works again."""
    code = guest.labels()["code"]
    assert code.kernel_value == code.pid
    place, skip = body(guest, qvmi, KERNEL)
    # within the 16 bytes that every function here is aligned to
    assert skip + CODE_LEN <= 16
    with said(guest, "kernel", 0x01020304):
        with outside(guest, qvmi, KERNEL):
            old = patch(guest, qvmi, place, returning(0x01020304))
    with said(guest, "kernel", code.pid):
        with outside(guest, qvmi, KERNEL):
            patch(guest, qvmi, place, old)
    assert read(guest, qvmi, place, CODE_LEN) == old


# Without Linux, by TCG and by KVM

# Where bootsector_code.S stores what its function returned, and its counter.
RESULT, COUNTER = 0x600, 0x608
# KVM without unrestricted guest mode emulates the firmware bit by bit.
FIRMWARE_TIMEOUT = 300


def number(guest, qvmi, address, width=8):
    """A number in physical memory."""
    return int.from_bytes(read(guest, qvmi, f"p:{address:#x}", width),
                          "little")


def wait_until(done, seconds=30):
    """Return when done() is true."""
    end = time.monotonic() + seconds
    while not done():
        assert time.monotonic() < end, "it does not come to that"
        time.sleep(0.1)


@pytest.fixture(params=["code", "code-kvm"])
def loop(request, variant, qvmi):
    """A guest that does nothing but call one function."""
    if request.param == "code-kvm" and not vm.kvm():
        pytest.skip("no KVM here")
    guest = variant(request.param)
    wait_until(lambda: json.loads(qvmi(guest, "regs", "-J").stdout)["rows"][
        0]["mode"] == "long", FIRMWARE_TIMEOUT)
    return guest


@pytest.mark.variant("code")
@pytest.mark.any_kernel
def test_loop(loop, qvmi):
    """Code and registers of a guest of 64-bit code, however it runs."""
    row, = json.loads(qvmi(loop, "search", "p:0x7c00", 512, "-J", "hex:" +
                           returning(0x11223344).hex()).stdout)["rows"]
    place = f"p:{row['address']}"
    for value in (0x0a0b0c0d, 0x7fffffff, 0x11223344):
        qvmi(loop, "write", "--physical", place,
             "hex:" + returning(value).hex())
        wait_until(lambda v=value: number(loop, qvmi, RESULT, 4) == v)


@pytest.mark.variant("code")
@pytest.mark.any_kernel
def test_loop_registers(loop, qvmi):
    """They change what the guest does, and stay where it leaves them."""
    new = {"rcx": 1 << 62, "r15": 0x123456789abcdef, "fs_base": 0x7fff12345678,
           "k_gs_base": 0xffff888012340000, "cr2": 0xabc}
    qvmi(loop, "regs", *(word for name, value in new.items()
                         for word in ("--set", f"{name}={value}")))
    wait_until(lambda: number(loop, qvmi, COUNTER) > 1 << 62)
    before = number(loop, qvmi, COUNTER)
    wait_until(lambda: number(loop, qvmi, COUNTER) > before)
    row, = json.loads(qvmi(loop, "regs", "-J").stdout)["rows"]
    for name, value in list(new.items())[1:]:
        assert int(row[name], 16) == value, name
    assert int(row["rcx"], 16) > before
    qvmi(loop, "regs", "--set", "rcx=0")
    wait_until(lambda: 0 < number(loop, qvmi, COUNTER) < before)
