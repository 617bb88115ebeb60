# SPDX-License-Identifier: BSD-2-Clause
"""`write --expect` and `write -f`: all of it, or nothing."""

import json
import re

import pytest

from proxy import REQUEST, Proxy
from test_bad_input import one_line
from test_journal import journal  # noqa: F401 (a fixture)
from test_memory import stats
from test_walk import at, walk
from test_write import DATA, peek, put_back, said

PLACE = 0x800  # in the heap


def transaction(qvmi, guest, lines, *args, **kw):
    """Run `write -f -`."""
    return qvmi(guest, "write", "-f", "-", *args,
                input="\n".join(lines).encode(), **kw)


# --expect

def test_expected(guest, qvmi):
    with said(guest, "data", 0x0102030405060708, DATA):
        qvmi(guest, "write", at(guest, "watch.data"), "-w8",
             "0x0102030405060708", "--expect", f"{DATA:#x}")
    with put_back(guest, "heap", PLACE, 8) as old:
        place = at(guest, "heap", PLACE)
        qvmi(guest, "write", place, "str:ab", "7", "--expect",
             f"hex:{old[:1].hex()}", "--expect=" + f"hex:{old[1:3].hex()}")
        assert peek(guest, "heap", PLACE, 8) == b"ab\x07" + old[3:]


@pytest.mark.parametrize("offset", [0, 3, 7])
def test_not_expected(guest, qvmi, offset):
    with put_back(guest, "heap", PLACE, 8):
        place = at(guest, "heap", PLACE)
        there = bytes(range(0x10, 0x18))
        qvmi(guest, "write", place, "hex:" + there.hex())
        want = bytearray(there)
        want[offset] ^= 0x80
        done = qvmi(guest, "write", place, "fill:0x5ax8", "--expect",
                    "hex:" + want.hex(), status=None)
        one_line(done, 1, at(guest, "heap", PLACE + offset).encode(),
                 b"expected " + bytes(want[offset:]).hex(" ").encode(),
                 b"found " + there[offset:].hex(" ").encode(),
                 b"nothing was written")
        assert peek(guest, "heap", PLACE, 8) == there


# Values

def test_file_and_fill(guest, qvmi, tmp_path):
    data = bytes(range(256)) * 3
    path = tmp_path / "some data"
    path.write_bytes(data)
    old = peek(guest, "heap", PLACE, 1100)
    place = at(guest, "heap", PLACE)
    try:
        qvmi(guest, "write", place, f"file:{path}", "fill:0xa5x260",
             "fill:7x1")
        assert peek(guest, "heap", PLACE, 1100) == (
            data + b"\xa5" * 260 + b"\x07" + old[1029:])
    finally:
        qvmi(guest, "write", place, "hex:" + old.hex())


@pytest.mark.parametrize("value,words", [
    ("fill:0x5a", b"fill:BYTExCOUNT"), ("fill:256x1", b"fill:BYTExCOUNT"),
    ("fill:x4", b"fill:BYTExCOUNT"), ("fill:1x", b"no number"),
    ("fill:1x-1", b"no number"), ("fill:1x65M", b"too large"),
    ("fill:1x0", b"empty"), ("file:/nonexistent", b"No such file"),
    ("file:/", b"directory"), ("file:/dev/null", b"the file is empty"),
    ("file:/dev/zero", b"longer than 64 MiB")])
def test_bad_values(qvmi, value, words):
    """One line, before anybody looks for a guest."""
    done = qvmi("unix:/nonexistent", "write", "1:0", value, status=None)
    assert done.returncode in (1, 2) and words in done.stderr
    assert done.stderr.startswith(b"qvmi: write: ") or done.returncode == 1
    assert done.stderr.count(b"\n") == 1 and done.stdout == b""


@pytest.mark.parametrize("args,words", [
    (("1:0", "1", "--expect", "hex:0102"), b"bytes expected: 2, to be written: 1"),
    (("1:0", "-w4", "1", "--expect", "str:a"), b"bytes expected: 1, to be written: 4"),
    (("1:0", "1", "--expect", "ten"), b"ten"),
    (("1:0", "1", "--expect"), b"needs a value"),
    (("1:0", "fill:1x64M", "fill:1x1"), b"longer than 64 MiB"),
    (("-f", "/dev/null", "1:0", "1"), b"no operands"),
    (("-f", "/dev/null", "--expect", "1"), b"--expect"),
    (("-f", "/dev/null"), b"no write in it"), ((), b"operands are missing")])
def test_usage(qvmi, args, words):
    done = qvmi("unix:/nonexistent", "write", *args, status=2)
    assert done.stderr.startswith(b"qvmi: write: ") and words in done.stderr
    assert done.stderr.count(b"\n") == 1 and done.stdout == b""


# -f

def test_file(guest, qvmi, journal, tmp_path):  # noqa: F811
    """All kinds of words, spaces and comments."""
    frame = walk(guest, qvmi, at(guest, "heap"))["physical"]
    with put_back(guest, "heap", PLACE, 48) as old:
        path = tmp_path / "writes"
        path.write_text(f"""
# a comment
{at(guest, "heap", PLACE)} 'str:two words' # and another
\t{at(guest, "heap", PLACE + 16)}   -w2 0x1234 7 --expect {
            int.from_bytes(old[16:18], "little")} --expect={
            int.from_bytes(old[18:20], "little")}\r
p:{frame + PLACE + 24:#x} "str:\\"#\\\\" str:\\ x\\#
"panic_timeout" -w 4 0xffffffff
""")
        done = journal(guest, "write", "-J", "--shared", "-f", path)
        new = (b"two words" + old[9:16] + b"\x34\x12\x07\0" + old[20:24]
               + b'"#\\ x#' + old[30:])
        assert peek(guest, "heap", PLACE, 48) == new
        rows = json.loads(done.stdout)["rows"]
        assert [row["new"] for row in rows] == [
            b"two words".hex(), "34120700", b'"#\\ x#'.hex(), "ffffffff"]
        entry, = journal.entries()
        assert entry["length"] == 9 + 4 + 6 + 4
        journal(guest, "undo")
        assert peek(guest, "heap", PLACE, 48) == old


@pytest.mark.parametrize("lines,words", [
    (["{heap} 1", "{heap2}"], b"standard input:2: too few words"),
    (["", "{heap} 256"], b"standard input:2: value '256' is too large"),
    (["{heap} -w1 0x100"], b"standard input:1: "),
    (["{heap} 'str:a"], b"standard input:1: the quote ' is not closed"),
    (["{heap} 1\\"], b"standard input:1: a backslash ends"),
    (["# one", "{heap} 1 -x"], b"standard input:2: unknown option '-x'"),
    (["{heap} 1 -w"], b"standard input:1: option '-w' needs a value"),
    (["{heap} 1 -w3"], b"standard input:1: width '3'"),
    (["{heap} 1 --expect"], b"option '--expect' needs a value"),
    (["{heap} 1 --expect hex:0102"], b"standard input:1: bytes expected: 2, "),
    (["x:1 1"], b"standard input:1: address 'x:1'"),
    (["{heap} 1\0"], b"standard input:1: a NUL byte"),
    (["{heap} fill:1x40M", "{heap2} fill:1x40M"], b"standard input:2: "),
    (["{heap} file:/nonexistent"], b"standard input:1: value"),
    (["--expect 1"], b"standard input:1: too few words"),
    (["#"], b"no write in it")])
def test_bad_lines(qvmi, lines, words):
    """Before anybody looks for a guest."""
    lines = [line.format(heap="1:0x1000", heap2="1:0x2000") for line in lines]
    done = transaction(qvmi, "unix:/nonexistent", lines, status=None)
    assert done.returncode in (1, 2)
    assert words in done.stderr and done.stderr.count(b"\n") == 1


@pytest.mark.parametrize("bad,words", [
    ("1:0x10 1", b"standard input:3: 1:0x10: the process has no memory"),
    ("4000000:0x10 1", b"standard input:3: no process with pid 4000000"),
    ("no_such_symbol 1", b"standard input:3: no symbol"),
    ("p:0xfee00000 1", b"standard input:3: p:0xfee00000: physical"),
    ("0xffffffffff5ff000 1", b"standard input:3: 0xffffffffff5ff000: no page"),
    ("0xffffffffffffffff 1 2", b"standard input:3: the range runs over"),
    ("{zero} 1", b"standard input:3: "),
    ("{text} 1", b"the process may not write there"),
    ("{heap2} 1 --expect {wrong}", b"standard input:3: {heap2}: expected"),
    ("{heap} 9", b"standard input:1 and standard input:3 both write"),
    ("p:{frame} 9", b"standard input:1 and standard input:3 both write"),
])
def test_refused_whole(guest, qvmi, bad, words):
    """The third line is refused: nothing of the others is written."""
    frame = walk(guest, qvmi, at(guest, "heap", PLACE + 1))["physical"]
    before = peek(guest, "heap", PLACE, 64)
    names = {"heap": at(guest, "heap", PLACE + 1), "frame": f"{frame:#x}",
             "heap2": at(guest, "heap", PLACE + 32),
             "zero": at(guest, "zero", 3 * 4096), "wrong": before[32] ^ 1,
             "text": at(guest, "prot.read")}
    done = transaction(qvmi, guest, [
        f"{at(guest, 'heap', PLACE)} fill:0x11x4",
        "panic_timeout -w4 7 # as well", bad.format(**names),
        f"{at(guest, 'heap', PLACE + 48)} 1"], status=None)
    one_line(done, 1, words.decode().format(**names).encode())
    assert peek(guest, "heap", PLACE, 64) == before
    assert guest.run("cat /proc/sys/kernel/panic") == b"-1\n"


def test_ten_thousand(guest, qvmi, journal):  # noqa: F811
    """No more round trips than for ten; and one undo for all of them."""
    label = guest.labels()["thp.whole"]

    def lines(count):
        return [f"{label.pid}:{label.addr + 64 * i:#x} -w8 {i * 0x10001 + 1} "
                f"--expect {old[i]}" for i in range(count)]

    def words(count):
        """As the guest has them, physically: it is one large page."""
        memory = guest.physical(frame, 64 * count)
        return [int.from_bytes(memory[64 * i:64 * i + 8], "little")
                for i in range(count)]

    frame = walk(guest, qvmi, f"{label.pid}:{label.addr:#x}")["physical"]
    old = words(10000)
    batches = {}
    guest.stop()  # all of them find the same state
    try:
        for count in (10, 10000):
            done = transaction(journal, guest, lines(count), "--stats")
            assert done.stdout.count(b"\n") == 1 + count
            batches[count] = int(stats(done)["batches"])
            assert words(10000) == [i * 0x10001 + 1 if i < count else old[i]
                                    for i in range(10000)]
            done = journal(guest, "undo", "--stats")
            batches["undo", count] = int(stats(done)["batches"])
            assert words(10000) == old
    finally:
        guest.cont()
    # fewer, where a line that is read for one page holds another's, too
    assert batches[10000] <= batches[10]
    assert batches["undo", 10000] <= batches["undo", 10]


# What cannot be written

def refusing(frame, first=0, last=1 << 30):
    """A change for proxies: the stub's answer to writes to one frame, from
    the FIRST to the LAST of them, is an error."""
    seen = []

    def change(direction, body):
        found = re.match(rb"M([0-9a-f]+),", body)
        if direction == REQUEST and found and (
                int(found[1], 16) >> 12 == frame >> 12):
            seen.append(body)
            if first <= len(seen) - 1 <= last:
                return b"M0"
        return body
    return change


def two_pages(guest, qvmi):
    """A write to two pages, and the frame of each."""
    lines = [f"{at(guest, 'heap', offset)} str:changed"
             for offset in (PLACE, 4096 + PLACE)]
    return lines, [walk(guest, qvmi, line.split()[0])["physical"]
                   for line in lines]


@pytest.mark.parametrize("which", [0, 1])
def test_put_back(guest, qvmi, journal, which):  # noqa: F811
    """One byte cannot be written: the other ones get their old value."""
    lines, frames = two_pages(guest, qvmi)
    before = [guest.physical(frame, 16) for frame in frames]
    with Proxy(guest, change=refusing(frames[which])) as proxy:
        done = transaction(journal, proxy, lines, status=None)
        writes = [body for body in proxy.log[REQUEST] if body[:1] == b"M"]
    one_line(done, 1, b"the stub does not write there",
             b"the bytes are as they were before")
    assert len(writes) > 2
    assert [guest.physical(frame, 16) for frame in frames] == before
    assert journal.states() == [(1, "put back")]
    one_line(journal(guest, "undo", 1, status=None), 1, b"put back then")


def test_put_back_fails(guest, qvmi, journal):  # noqa: F811
    """It says which byte is changed, and undo brings it back."""
    lines, frames = two_pages(guest, qvmi)
    before = [guest.physical(frame, 16) for frame in frames]
    one, other = refusing(frames[0], first=1), refusing(frames[1])
    with Proxy(guest, change=lambda *packet: one(
            packet[0], other(*packet))) as proxy:
        done = transaction(journal, proxy, lines, status=None)
    one_line(done, 1, b"putting the old bytes back failed, too: 7 of 14 bytes "
             b"are changed, the first at " + lines[0].split()[0].encode())
    assert [guest.physical(frame, 16) for frame in frames] == [
        b"changed" + before[0][7:], before[1]]
    assert journal.states() == [(1, "unfinished")]
    journal(guest, "undo")
    assert [guest.physical(frame, 16) for frame in frames] == before
    assert journal.states() == [(1, "undone")]


def test_writes_once_more(guest, qvmi, journal):  # noqa: F811
    """An error may be of the moment."""
    lines, frames = two_pages(guest, qvmi)
    with Proxy(guest, change=refusing(frames[1], last=0)) as proxy:
        transaction(journal, proxy, lines)
    for frame in frames:
        assert guest.physical(frame, 7) == b"changed"
    journal(guest, "undo")


@pytest.mark.variant("firmware")
def test_long(variant, journal):  # noqa: F811
    """Not all of it is shown, and that is said; all is in the journal."""
    guest, length = variant("firmware"), 1 << 20
    old = guest.physical(1 << 24, length + 16)
    data = bytes(range(256)) * (length // 256)
    path = f"{journal.state}/data"
    with open(path, "wb") as stream:
        stream.write(data)
    done = json.loads(journal(guest, "write", "-J", "--physical",
                              "p:0x1000000", f"file:{path}").stdout)
    assert len(done["rows"]) == 16384 and done["rows"][-1]["address"] == (
        f"{(1 << 24) + 16383 * 16:#x}")
    shown, blind = done["notes"]
    assert shown.startswith(f"{length} bytes were written; the ")
    assert blind.startswith("no kernel was found, or none ")
    assert guest.physical(1 << 24, length + 16) == data + old[length:]
    done = json.loads(journal(None, "journal", "-J", 1).stdout)
    row, = done["rows"]
    assert len(row["items"]) == 16384 and "the file has all" in (
        done["notes"][0])
    assert row["items"][17] == {
        "written": "p:0x1000000", "address": "p:0x1000110",
        "physical": "0x1000110", "old": old[0x110:0x120].hex(),
        "new": data[0x110:0x120].hex()}
    journal(guest, "undo")
    assert guest.physical(1 << 24, length + 16) == old
