# SPDX-License-Identifier: BSD-2-Clause
"""Cost follows bytes: batches, packets and memory, as --stats counts them.

Counts are the same on every machine; times are left to `make bench`.
"""

import json

import pytest

# At most so many batches, however many processes there are.
BATCHES = {("ps",): 40, ("maps", "--all"): 80}
# ...and so much more than with few processes: deeper tables.
GROWTH = 1.3
BYTES_PER_VMA = 1536
RSS_KIB = 48 << 10
# With a profile from the cache, to find and to prove the kernel.
ATTACH_BYTES = 48 << 10
MEMORY = ("stub", "process")
ASKED_AGAIN = (("cat", "1/smaps"), ("modules",), ("free",), ("dmesg",),
               ("cat", "buddyinfo"))
# Places by lot in a guest whose RAM is one range or two.
LOTS = 24


def run(guest, qvmi, *args):
    """(rows, statistics), the profile being in the cache, and nobody having
    asked before."""
    qvmi.forget_places()
    done = json.loads(qvmi(guest, *args, "--json", "--stats").stdout)
    if done["stats"]["profile"] == "cache":
        return done["rows"], done["stats"]
    return run(guest, qvmi, *args)


@pytest.mark.variant("many")
@pytest.mark.parametrize("memory", MEMORY)
@pytest.mark.parametrize("kernel", ["6.1", "7.2"])
def test_two_thousand_processes(variant, qvmi, kernel, memory):
    few, many = variant(kernel=kernel), variant("many", kernel=kernel)
    for command, most in BATCHES.items():
        rows, stats = run(many, qvmi, *command, "--memory", memory)
        before = run(few, qvmi, *command, "--memory", memory)[1]
        assert len({row["pid"] for row in rows}) > 2000
        assert stats["batches"] <= most
        assert stats["batches"] <= before["batches"] * GROWTH
    assert len(rows) > 20000
    assert stats["read_bytes"] / len(rows) <= BYTES_PER_VMA


@pytest.mark.variant("many")
@pytest.mark.parametrize("profile", [(), ("--no-cache",)],
                         ids=["warm", "cold"])
@pytest.mark.unsanitized("a sanitizer keeps what was freed, and shadows it")
@pytest.mark.parametrize("memory", MEMORY)
@pytest.mark.parametrize("kernel", ["6.1", "7.2"])
def test_peak_memory(variant, qvmi, kernel, memory, profile):
    guest = variant("many", kernel=kernel)
    for command in BATCHES:
        words = qvmi(guest, *command, "--stats", "--memory", memory,
                     *profile).stderr.split()
        rss = next(word for word in words if word.startswith(b"rss_kib="))
        assert int(rss.split(b"=")[1]) <= RSS_KIB


@pytest.mark.parametrize("memory", MEMORY)
def test_counts_do_not_waver(guest, qvmi, memory):
    """The same memory costs the same, run by run."""
    qvmi(guest, "info")
    guest.stop()
    for command in BATCHES:
        first, again = (run(guest, qvmi, *command, "--memory", memory)[1]
                        for _ in range(2))
        for key in ("batches", "packets", "read_bytes"):
            assert first[key] == again[key], (command, key)
        # where the process is compared with the stub is drawn by lot, and an
        # address has more digits or less
        digits = 16 * LOTS if memory == "process" else 0
        assert abs(first["wire_bytes"] - again["wire_bytes"]) <= digits
    guest.cont()


@pytest.mark.parametrize("memory", MEMORY)
def test_asked_again(guest, qvmi, memory):
    """What led to an answer is read ahead the next time, as one batch: the
    answer is the same, and takes at most twice as many bytes."""
    qvmi(guest, "info")
    guest.stop()
    for command in ASKED_AGAIN:
        first, again = (json.loads(qvmi(
            guest, *command, "--json", "--stats", "--memory",
            memory).stdout) for _ in range(2))
        assert again["rows"] == first["rows"]
        assert again["stats"]["batches"] <= 3, command
        assert (again["stats"]["read_bytes"]
                <= 2 * first["stats"]["read_bytes"]), command
    guest.cont()


@pytest.mark.parametrize("memory", MEMORY)
def test_asked_after_the_first_time(guest, qvmi, tmp_path, memory):
    """The first look at a kernel learns its types and where the answer lies."""
    guest.stop()
    first, again = (json.loads(qvmi(
        guest, "cat", "1/smaps", "--json", "--stats", "--memory", memory,
        env={"XDG_CACHE_HOME": str(tmp_path)}).stdout) for _ in range(2))
    guest.cont()
    assert again["rows"] == first["rows"]
    assert [told["stats"]["profile"] for told in (first, again)] == [
        "guest", "cache"]
    assert again["stats"]["batches"] <= 3
    assert again["stats"]["read_bytes"] <= first["stats"]["read_bytes"] / 10


def test_writes_to_many_processes(guest, qvmi, tmp_path):
    """All are found together, by PID and by root, whatever is written."""
    rows = json.loads(qvmi(guest, "ps", "-J").stdout)["rows"]
    pids = [row["pid"] for row in rows if row["rss"]]
    roots = [json.loads(qvmi(guest, "walk", f"{pid}:0", "-J",
                             status=None).stdout)["rows"][0]["root"]
             for pid in pids[:10]]
    assert len(pids) > 20
    for spaces in ([f"{pid}:" for pid in pids],
                   [f"cr3={root}:" for root in roots]):
        few, many = (refused_batches(guest, qvmi, tmp_path / "writes", some)
                     for some in (spaces[:1], spaces))
        assert many <= 2 * few, (few, many)


def refused_batches(guest, qvmi, path, spaces):
    """Batches of a write to where nobody has memory."""
    path.write_text("".join(f"{space}0x1000 1\n" for space in spaces))
    done = qvmi(guest, "write", "-f", path, "--stats", "--memory", "stub",
                status=1)
    assert b"writes:1: " in done.stderr, done.stderr
    words = done.stderr.split()
    return int(next(word for word in words if word.startswith(
        b"batches=")).split(b"=")[1])


def test_warm_attach(guest, qvmi):
    """A cached profile takes a handful of small reads to be proved right."""
    qvmi(guest, "info")
    cold = run_one_word(guest, qvmi, "--no-cache")
    warm = run_one_word(guest, qvmi)
    assert warm["profile"] == "cache" and cold["profile"] == "guest"
    assert warm["batches"] <= 16
    assert warm["read_bytes"] <= ATTACH_BYTES < cold["read_bytes"] / 50


def run_one_word(guest, qvmi, *options):
    """Statistics of the smallest command that needs the kernel."""
    qvmi.forget_places()
    return json.loads(qvmi(guest, "read", "linux_banner", 4, "--json",
                           "--stats", "--memory", "stub",
                           *options).stdout)["stats"]
