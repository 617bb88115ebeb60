# SPDX-License-Identifier: BSD-2-Clause
"""How long a guest may stand still: what takes longer is refused or ends."""

import os

import pytest

from test_memory import stats

MIB = 1 << 20
NOWHERE = "hex:0123456789abcdef5e"
# Longer than any attach, shorter than 4 GiB by any stub (20 s at 200 MB/s, which
# some have for a while).
PATIENCE = 8


def one_line(done, status=1):
    """Refused in one line, nothing else said; the line."""
    assert done.returncode == status and done.stdout == b""
    assert done.stderr.count(b"\n") == 1, done.stderr
    return done.stderr


@pytest.mark.any_kernel
@pytest.mark.variant("split")
@pytest.mark.parametrize("args", [("search", "p:", NOWHERE),
                                  ("search", "k:", NOWHERE),
                                  ("search", "p:0", "8G", NOWHERE)],
                         ids=" ".join)
def test_refused_beforehand(variant, qvmi, args):
    """4 GiB through the stub: known to be too long after a sample."""
    guest = variant("split-pc")
    qvmi(guest, "info")
    done = qvmi(guest, *args, "--memory", "stub", "--max-pause", PATIENCE,
                "--stats", status=1)
    line, numbers = done.stderr.splitlines()
    assert line.startswith(b"qvmi: search: about 4096 MiB are read through "
                           b"the stub, which takes about ")
    assert b"may stand still for %d s: " % PATIENCE in line
    assert b"--max-pause" in line and b"--memory process" in line
    assert numbers.startswith(b"stats: ")
    assert int(stats(done)["read_bytes"]) < 16 * MIB
    assert guest.running()


@pytest.mark.any_kernel
@pytest.mark.parametrize("memory", ["stub", "process"])
@pytest.mark.parametrize("args", [("ps",), ("info",), ("search", "p:",
                                                       NOWHERE)],
                         ids=" ".join)
def test_ends(guest, qvmi, args, memory):
    """Nobody attaches in a millisecond: it ends on the way, the guest runs."""
    if memory == "process" and os.geteuid():
        pytest.skip("takes root")
    done = qvmi(guest, *args, "--memory", memory, "--max-pause", "1ms",
                status=1)
    assert b"has stood still as long as it may (--max-pause): " in one_line(
        done)
    assert guest.running()


@pytest.mark.any_kernel
def test_ends_in_a_search(guest, qvmi):
    """In the middle of what could not be estimated."""
    label = guest.labels()["heap"]
    done = qvmi(guest, "search", f"{label.pid}:", NOWHERE, "--memory", "stub",
                "--max-pause", "1ms", status=1)
    one_line(done)
    assert guest.running()


@pytest.mark.any_kernel
def test_nothing_is_half_written(guest, qvmi):
    """Too late to begin, or done as a whole."""
    label = guest.labels()["heap"]
    where = f"{label.pid}:{label.addr + 0x900:#x}"
    old = guest.peek(label.pid, label.addr + 0x900, 8)
    for limit in ("1ms", "20ms", "50ms", "100ms", "200ms", "10"):
        done = qvmi(guest, "write", where, "-w", 8, "0x1122334455667788",
                    "--max-pause", limit, status=None)
        now = guest.peek(label.pid, label.addr + 0x900, 8)
        if done.returncode:
            assert done.returncode == 1 and now == old, done.stderr
        else:
            assert now == bytes.fromhex("8877665544332211")
            guest.poke(label.pid, label.addr + 0x900, old)
        assert guest.running()
    assert done.returncode == 0, done.stderr


@pytest.mark.any_kernel
def test_enough(guest, qvmi):
    """What is in time is as without a limit."""
    assert qvmi(guest, "read", "_text", "64K", "-f", "raw", "--max-pause",
                "1000").stdout == qvmi(guest, "read", "_text", "64K", "-f",
                                       "raw").stdout


@pytest.mark.any_kernel
def test_told_beforehand(guest, qvmi):
    """On a terminal, before the first window is read; and what it left."""
    guest.stop()
    status, seen = qvmi.on_terminal(qvmi.argv(
        guest, "search", "p:", NOWHERE, "--memory", "stub"), term="xterm")
    guest.cont()
    assert status == 1
    told = seen.index(b"qvmi: search: about 512 MiB are read through the stub,"
                      b" which takes about ")
    assert told < seen.index(b"nothing found")
    assert b" MiB were read through the stub" in seen


@pytest.mark.any_kernel
@pytest.mark.parametrize("memory", ["stub", "process"])
def test_usual(guest, qvmi, memory):
    """Where nobody says how long: no limit for what is large, as long as it
    is not slow."""
    if memory == "process" and os.geteuid():
        pytest.skip("takes root")
    args = ("search", "p:", NOWHERE, "--memory", memory)
    done = qvmi(guest, *args, env={"QVMI_MAX_PAUSE": ""}, status=1)
    assert b"nothing found" in done.stderr
    done = qvmi(guest, *args, env={"QVMI_MAX_PAUSE": "1ms"}, status=1)
    assert b"may stand still for 0.001 s" in done.stderr or (
        b"has stood still as long as it may (--max-pause)" in done.stderr)
    done = qvmi(guest, *args, env={"QVMI_MAX_PAUSE": "soon"}, status=2)
    assert b"$QVMI_MAX_PAUSE" in one_line(done, 2)
    assert guest.running()
