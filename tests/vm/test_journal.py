# SPDX-License-Identifier: BSD-2-Clause
"""Every write is recorded first, and can be undone: in the same boot, where
the bytes are still the ones that were written."""

import contextlib
import json
import os
import subprocess

import pytest

import guest as vm
from proxy import REQUEST, Fault, Proxy
from test_bad_input import one_line
from test_walk import at, walk
from test_write import DATA, peek, put_back, said

PLACE = 0x600  # in the heap


@pytest.fixture
def journal(qvmi, tmp_path):
    """A qvmi whose journal is empty; .entries() lists it."""
    class Own(type(qvmi)):
        def entries(self):
            """All of it, the newest last."""
            return json.loads(self(None, "journal", "-J").stdout)["rows"]

        def entry(self, number):
            """One of them, with its bytes."""
            row, = json.loads(self(None, "journal", "-J", number).stdout)[
                "rows"]
            return row

        def states(self):
            """[(number, state)]."""
            return [(row["id"], row["state"]) for row in self.entries()]

        def files(self):
            """What is in the directory."""
            return sorted(os.listdir(tmp_path / "qvmi"))

    return Own(qvmi.cache, tmp_path)


@contextlib.contextmanager
def kept(guest, qvmi, offset, length):
    """As put_back(), in the heap, for more than the guest takes at a time."""
    old = peek(guest, "heap", offset, length)
    try:
        yield old
    finally:
        qvmi(guest, "write", at(guest, "heap", offset), "hex:" + old.hex())


def test_recorded(guest, journal):
    assert journal.entries() == []
    with put_back(guest, "heap", PLACE, 8) as old:
        place = at(guest, "heap", PLACE)
        journal(guest, "write", place, "hex:1122334455")
        journal(guest, "write", "panic_timeout", "-w4", "0xffffffff")
        first, second = journal.entries()
        row = walk(guest, journal, place)
        assert (first["id"], second["id"]) == (1, 2)
        assert first["state"] == second["state"] == "written"
        assert first["address"] == place and first["length"] == 5
        assert second["address"] == "panic_timeout"
        assert first["gdb"] == guest.gdb and first["command"] == "write"
        assert first["kernel"].startswith(guest.kernel + ".")
        assert first["boot"] == second["boot"] and first["boot"]
        whole = journal.entry(1)
        assert whole["kernel"].startswith("Linux version " + guest.kernel)
        item, = whole["items"]
        assert item == {"written": place, "address": place,
                        "physical": f"{row['physical']:#x}",
                        "old": old[:5].hex(), "new": "1122334455"}
    assert journal.files() == ["write-1.written", "write-2.written"]
    for name in journal.files():
        path = os.path.join(journal.state, "qvmi", name)
        assert os.stat(path).st_mode & 0o777 == 0o600
    assert os.stat(os.path.join(journal.state, "qvmi")).st_mode & (
        0o777) == 0o700


def test_each_command(guest, journal):
    frame = walk(guest, journal, at(guest, "heap"))["physical"]
    with put_back(guest, "heap", PLACE, 8) as old:
        journal(guest, "writeval", at(guest, "heap", PLACE), 0x11)
        journal(guest, "devmem", f"{frame + PLACE:#x}", "r", 2)
        journal(guest, "devmem", f"{frame + PLACE + 1:#x}", "w", 2, 0x3322)
        journal(guest, "write", "--shared", "-f", "-", input=(
            f"p:{frame + PLACE + 3:#x} 0x44\n").encode())
        assert peek(guest, "heap", PLACE, 4) == b"\x11\x22\x33\x44"
        assert [row["command"] for row in journal.entries()] == [
            "writeval", "devmem", "write -f"]
        boots = {row["boot"] for row in journal.entries()}
        assert len(boots) == 1 and None not in boots
        for _ in range(3):
            journal(guest, "undo")
        assert peek(guest, "heap", PLACE, 8) == old
        assert {row["state"] for row in journal.entries()} == {"undone"}
        one_line(journal(guest, "undo", status=None), 1, b"there is no write")


def test_undo(guest, journal):
    """The guest's own process tells."""
    place = at(guest, "watch.data")
    with said(guest, "data", 0x5152535455565758, DATA):
        journal(guest, "write", place, "-w8", "0x5152535455565758")
    # It was put back from inside: there is nothing of ours to undo any more.
    one_line(journal(guest, "undo", 1, status=None), 1, b"undo: entry 1: ",
             place.encode(), b"expected 58 57", b"found 88 77")
    journal(guest, "write", place, "-w8", "0x6162636465666768")
    guest.wait_console("QVMI-WATCH data 0x6162636465666768\n", 30)
    start = len(guest.console())
    done = journal(guest, "undo", "-J")
    guest.wait_console(f"QVMI-WATCH data {DATA:#x}\n", 30, since=start)
    row, = json.loads(done.stdout)["rows"]
    assert (row["old"], row["new"]) == ("6867666564636261",
                                        "8877665544332211")
    assert journal.states() == [(1, "written"), (2, "undone")]
    one_line(journal(guest, "undo", 2, status=None), 1,
             b"entry 2 is undone already")
    one_line(journal(guest, "undo", 3, status=None), 1, b"no entry 3")


def test_undo_pages(guest, journal, qvmi):
    """In the reverse order only, and in every space."""
    with kept(guest, qvmi, 4000, 5000) as old:
        journal(guest, "write", at(guest, "heap", 4000), "fill:0x5ax5000")
        row = walk(guest, journal, at(guest, "heap", 4096))
        journal(guest, "write", f"cr3={row['root']:x}:{row['address']:#x}",
                "str:abc")
        one_line(journal(guest, "undo", 1, status=None), 1, b"found 61 62 63")
        assert peek(guest, "heap", 4096, 4) == b"abc\x5a"
        journal(guest, "undo")
        journal(guest, "undo")
        assert peek(guest, "heap", 4000, 5000) == old
    assert journal.states() == [(1, "undone"), (2, "undone")]


def test_page_has_moved(guest, journal):
    """The page table says another frame now, with the same bytes in it."""
    with put_back(guest, "heap", PLACE, 4), put_back(
            guest, "heap", 4096 + PLACE, 4):
        place = at(guest, "heap", PLACE)
        for offset in (PLACE, 4096 + PLACE):
            journal(guest, "write", at(guest, "heap", offset), "str:moon")
        other = walk(guest, journal, at(guest, "heap", 4096))["levels"][-1]
        level = walk(guest, journal, place)["levels"][-1]
        guest.stop()
        try:
            entry = level["table"] + 8 * level["index"]
            journal(guest, "write", "--physical", f"p:{entry:#x}", "-w8",
                    f"{other['entry']:#x}", "--expect",
                    f"{level['entry']:#x}")
            one_line(journal(guest, "undo", 1, status=None), 1,
                     place.encode(), b"now, it was 0x")
            journal(guest, "undo")  # the page table
            assert not guest.running()
        finally:
            guest.cont()
        journal(guest, "undo", 1)
        journal(guest, "undo")
        assert journal.states() == [(1, "undone"), (2, "undone"),
                                    (3, "undone")]


@pytest.mark.parametrize("append", ["", "nokaslr"])
def test_another_boot(booted, journal, append):
    """The machine is reset: the same kernel, at the same addresses or not."""
    guest = vm.Guest(booted.kernel, append=f"qvmi.scenes=0 {append}")
    try:
        guest.qmp("set-action", reboot="reset")
        journal(guest, "write", "panic_timeout", "-w4", "0xffffffff")
        journal(guest, "write", "--physical", "p:0x1000",
                "fill:0xeex4")
        start = len(guest.console())
        guest.qmp("system_reset")
        guest.wait_console(r"(?m)^QVMI-READY", since=start)
        journal(guest, "write", "panic_timeout", "-w4", "0xffffffff")
        boots = [row["boot"] for row in journal.entries()]
        assert boots[0] == boots[1] and boots[2] and boots[0] != boots[2]
        before = guest.physical(0, 1 << 16)
        for number in (1, 2):
            one_line(journal(guest, "undo", number, status=None), 1,
                     b"entry %d is of another guest, or of another boot"
                     % number)
        journal(guest, "undo")
        one_line(journal(guest, "undo", status=None), 1, b"there is no write")
        assert guest.physical(0, 1 << 16) == before
        assert [state for _, state in journal.states()] == [
            "written", "written", "undone"]
    finally:
        guest.close()


@pytest.mark.variant("firmware")
def test_another_guest(guest, journal, variant):
    """What one was written is not undone in the other."""
    if guest.kernel != "6.1":
        pytest.skip("one is enough")
    journal(guest, "write", "panic_timeout", "-w4", "0xffffffff")
    other = variant("firmware")
    one_line(journal(other, "undo", 1, status=None), 1, b"another guest")
    one_line(journal(other, "undo", status=None), 1, b"there is no write")
    journal(other, "write", "--physical", "p:0x5000", "1", "2")
    done = journal(other, "undo")
    assert b"note: nothing in this guest tells one boot" in done.stderr
    assert other.physical(0x5000, 2) == bytes.fromhex(
        journal.entry(2)["items"][0]["old"])
    assert journal.entry(2)["boot"] is None
    assert journal.entry(2)["kernel"] is None


class AtWrite(Proxy):
    """Does something in front of the N-th write to memory."""

    def __init__(self, guest, number, fault):
        super().__init__(guest, fault)
        self.number = number

    def _is_due(self, packet, direction):
        self.log[direction].append(packet[1:-3])
        writes = [body for body in self.log[REQUEST] if body[:1] == b"M"]
        return not self.struck and len(writes) == self.number


class Killer(AtWrite):
    """Ends qvmi, and the connection."""

    def __init__(self, guest, number):
        super().__init__(guest, number, Fault("cut", REQUEST, 0))
        self.run = None

    def _strike(self, packet, send):
        self.run.kill()
        self.run.wait()
        super()._strike(packet, send)


def killed(guest, journal, number, *args):
    """Run a qvmi that is killed in mid-write."""
    with Killer(guest, number) as proxy:
        proxy.run = subprocess.Popen(
            journal.argv(proxy, *args, "--memory", "stub"),
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, env=journal.environ())
        proxy.run.communicate(timeout=60)
    assert proxy.struck and proxy.run.returncode == -9


def test_killed(guest, journal, qvmi):
    """Between its packets: the journal has it, undo puts it back; and an undo
    that is killed itself can be repeated."""
    length = 5000  # three packets
    with kept(guest, qvmi, 4000, length) as old:
        killed(guest, journal, 3, "write", at(guest, "heap", 4000),
               f"fill:0x77x{length}")
        assert journal.states() == [(1, "unfinished")]
        journal(guest, "walk", "init_task")  # it brings the guest back
        now = peek(guest, "heap", 4000, length)
        assert now != old and now != b"\x77" * length
        killed(guest, journal, 2, "undo")
        assert journal.states() == [(1, "unfinished")]
        journal(guest, "undo")
        assert peek(guest, "heap", 4000, length) == old
        assert journal.states() == [(1, "undone")]
        # Of one that is whole, too; not of one that somebody changed since.
        journal(guest, "write", at(guest, "heap", 4000), f"fill:0x66x{length}")
        killed(guest, journal, 1, "undo", 2)
        assert journal.states()[1] == (2, "unfinished")
        journal(guest, "write", at(guest, "heap", 5000), "0x11")
        one_line(journal(guest, "undo", 2, status=None), 1, b"found 11")
        journal(guest, "undo", 3)
        journal(guest, "undo", 2)
        assert peek(guest, "heap", 4000, length) == old
        assert guest.running()


def test_nothing_sent(guest, journal):
    """Killed before the first packet: unfinished as well, and undone."""
    with put_back(guest, "heap", PLACE, 4) as old:
        killed(guest, journal, 1, "write", at(guest, "heap", PLACE), "1")
        assert journal.states() == [(1, "unfinished")]
        journal(guest, "undo")
        assert peek(guest, "heap", PLACE, 4) == old
        assert guest.running()


def test_no_mark(guest, journal):
    """The entry vanishes while it is written: the write stands, and that the
    journal is not right is said."""
    entry = os.path.join(journal.state, "qvmi", "write-1.unfinished")
    with put_back(guest, "heap", PLACE, 4):
        fault = Fault("call", REQUEST, 0, action=lambda: os.remove(entry))
        with AtWrite(guest, 1, fault) as proxy:
            done = journal(proxy, "write", at(guest, "heap", PLACE), "7")
        assert proxy.struck and peek(guest, "heap", PLACE, 1) == b"\x07"
        assert done.stderr.count(b"\n") == 1 and (
            b"note: entry 1 of the journal could not be marked" in done.stderr)


def registers(guest, journal):
    """All of vCPU 0, by name."""
    return json.loads(journal(guest, "regs", "--cpu", 0, "-J").stdout)[
        "rows"][0]


def test_registers(guest, journal):
    """Recorded as memory is, and undone while they are as written."""
    guest.stop()
    try:
        before = registers(guest, journal)
        journal(guest, "regs", "--set", "rbx=0x1122", "--set", "r12=7")
        entry = journal.entry(1)
        assert entry["command"] == "regs" and entry["state"] == "written"
        assert entry["boot"]
        assert [(item["written"], item["address"], item["physical"],
                 item["old"], item["new"]) for item in entry["items"]] == [
            (f"cpu0:{name}", f"cpu0:{name}", None,
             int(before[name], 0).to_bytes(8, "little").hex(),
             value.to_bytes(8, "little").hex())
            for name, value in (("rbx", 0x1122), ("r12", 7))]
        journal(guest, "regs", "--set", "rbx=5")
        one_line(journal(guest, "undo", 1, status=None), 1,
                 b"cpu0:rbx is 0x5 now, 0x1122 was written")
        row, = json.loads(journal(guest, "undo", "-J").stdout)["rows"]
        assert (row["register"], row["old"], row["new"]) == (
            "cpu0:rbx", "0500000000000000", "2211000000000000")
        journal(guest, "undo")
        assert registers(guest, journal) == before
        assert journal.states() == [(1, "undone"), (2, "undone")]
    finally:
        guest.cont()


def test_register_not_taken(guest, journal):
    """cr8 has four bits: all is as before, and so the journal says."""
    guest.stop()
    try:
        before = registers(guest, journal)
        one_line(journal(guest, "regs", "--set", "r15=7", "--set",
                         "cr8=0x1f", status=None), 1, b"nothing was changed")
        assert registers(guest, journal) == before
        assert journal.states() == [(1, "put back")]
        one_line(journal(guest, "undo", 1, status=None), 1, b"put back then")
    finally:
        guest.cont()
