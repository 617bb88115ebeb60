# SPDX-License-Identifier: BSD-2-Clause
"""Commands over what files of the system in /proc say, and those files whose
numbers move."""

import json
import re
import struct

import pytest

from test_procfs import NUMBER, raw

KIB = 1024

# By how much a number may be lower or higher than what the guest says before
# and after.  All others only count up; of times, the last tick's is told.
TICKS = 5
SLACK = (
    ("meminfo", rb"", 4096),
    ("vmstat", rb"nr_", 4096),
    ("loadavg", rb"", 4),  # whoever reads it is one who runs
    ("uptime", rb"", TICKS / 100),
    ("stat", rb"cpu", TICKS),
    ("stat", rb"procs_", 4),
    *((f"pressure/{kind}", rb".* avg", 100) for kind in ("cpu", "io",
                                                         "memory")),
)
MOVING = sorted({"softirqs", "interrupts", *(name for name, _, _ in SLACK)})


def rows(guest, qvmi, *args):
    return json.loads(qvmi(guest, *args, "--json").stdout)["rows"]


def meminfo(text):
    """{name: KiB}"""
    return {name.decode(): int(value) for name, value in
            re.findall(rb"(?m)^(\S+):\s+(\d+) kB$", text)}


def test_free(guest, qvmi):
    """Sums as procps has them, of what stands still in one pause."""
    guest.stop()
    try:
        mem, swap = rows(guest, qvmi, "free")
        text = qvmi(guest, "free").stdout.decode()
        said = meminfo(qvmi(guest, "cat", "meminfo").stdout)
    finally:
        guest.cont()
    assert mem == {
        "kind": "mem", "total": said["MemTotal"] * KIB,
        "used": (said["MemTotal"] - said["MemAvailable"]) * KIB,
        "free": said["MemFree"] * KIB, "shared": said["Shmem"] * KIB,
        "buff_cache": (said["Buffers"] + said["Cached"] +
                       said["SReclaimable"]) * KIB,
        "available": said["MemAvailable"] * KIB}
    assert swap["total"] == said["SwapTotal"] * KIB
    assert swap["used"] + swap["free"] == swap["total"]
    names = ("total", "used", "free", "shared", "buff_cache", "available")
    assert text.splitlines() == [
        "               total        used        free      shared  "
        "buff/cache   available",
        "Mem:     " + " ".join(f"{mem[name] // KIB:11}" for name in names),
        "Swap:    " + " ".join(f"{swap[name] // KIB:11}" for name in names[:3])]


def test_iomem(guest, qvmi):
    """The file, as rows: each range in those that it lies in."""
    said = guest.cat("/proc/iomem").decode().splitlines()
    found = rows(guest, qvmi, "iomem")
    assert [f"{'  ' * row['depth']}{int(row['start'], 16):08x}-"
            f"{int(row['end'], 16) - 1:08x} : {row['name']}"
            for row in found] == said
    assert all(row["size"] == int(row["end"], 16) - int(row["start"], 16)
               for row in found)
    table = qvmi(guest, "iomem").stdout.decode()
    assert table.splitlines()[0].split() == ["START", "END", "SIZE", "NAME"]
    assert table.count("\n") == len(said) + 1


def test_levels(guest, qvmi):
    """dmesg -l: those that JSON says have such a level."""
    every = rows(guest, qvmi, "dmesg")
    for levels, wanted in (("err+", {0, 1, 2, 3}), ("+info", {6, 7}),
                           ("warn,notice", {4, 5})):
        assert [row for row in every if row["level"] in wanted] == \
            rows(guest, qvmi, "dmesg", "-l", levels)
    assert b"'loud' is no level" in \
        qvmi(guest, "dmesg", "-l", "loud", status=2).stderr


def lines_apart(path, before, ours, after):
    """Lines with a number that is beyond what the guest says."""
    slack = {begin: by for name, begin, by in SLACK if name == path}
    for lines in zip(*(text.splitlines() for text in (before, ours, after))):
        by = max((by for begin, by in slack.items()
                  if re.match(begin, lines[0])), default=0)
        numbers = zip(*(map(float, re.findall(NUMBER, line))
                        for line in lines))
        if len({re.sub(NUMBER, b"0", line).replace(b" ", b"")
                for line in lines}) != 1 or not all(
                    min(a, c) - by <= b <= max(a, c) + by
                    for a, b, c in numbers):
            yield lines


def test_counters(guest, qvmi):
    """Each number is between what the guest says before and after."""
    before = {path: guest.cat(f"/proc/{path}") for path in MOVING}
    ours = {row["path"]: raw(row["text"])
            for row in rows(guest, qvmi, "cat", *MOVING)}
    after = {path: guest.cat(f"/proc/{path}") for path in MOVING}
    for path in MOVING:
        told = before[path], ours[path], after[path]
        assert len({text.count(b"\n") for text in told}) == 1, (path, told)
        assert not list(lines_apart(path, *told)), path


@pytest.mark.variant("numa")
def test_domains_of_two_cpus(variant, qvmi):
    """Their lines, while they are counted; and where a task runs."""
    guest = variant("numa")
    guest.run("echo 1 >/proc/sys/kernel/sched_schedstats")
    try:
        before = guest.cat("/proc/schedstat")
        ours = qvmi(guest, "cat", "schedstat").stdout
        after = guest.cat("/proc/schedstat")
        asleep = qvmi(guest, "cat", "2/sched").stdout
    finally:
        guest.run("echo 0 >/proc/sys/kernel/sched_schedstats")
    assert [line.split()[0] for line in ours.splitlines()[2:]] == [
        b"cpu0", b"domain0", b"cpu1", b"domain0"]
    assert ours.count(b"\ndomain0 3 ") == 2
    assert not list(lines_apart("schedstat", before, ours, after))
    assert b"\nwait_sum " in asleep and b"\navg_atom " in asleep
    assert b"\nnuma_faults node=1 " in asleep


# Lines of timer_list that may be what they were, and another in between.
FLICKERS = re.compile(rb"tick_(nohz_handler|sched_timer)|  \.(expires_next"
                      rb"|tick_stopped|next_timer|idle_expires|nohz_mode) "
                      rb"| mode: | next_event:")


def timer_lines(text):
    """A line for each timer, without its number, and how long it has."""
    return {line for line in re.sub(
        rb" #\d+: (.*)\n # (expires at \S+) .*", rb"\1 \2",
        text).splitlines() if not FLICKERS.search(line)}


def test_timer_list(guest, qvmi):
    """What stands there before and after is there in between."""
    sleepers = guest.run("for i in 1 2 3; do sleep 100000 >/dev/null 2>&1 & "
                         "echo $!; done").decode().split()
    try:
        while not all(re.match(b"(35|230) ", guest.cat(f"/proc/{pid}/syscall"))
                      for pid in sleepers):  # nanosleep(2), by either name
            pass
        before = guest.cat("/proc/timer_list")
        ours = qvmi(guest, "cat", "timer_list").stdout
        after = guest.cat("/proc/timer_list")
    finally:
        guest.run("kill " + " ".join(sleepers))
    steady = timer_lines(before) & timer_lines(after)
    assert steady - timer_lines(ours) == set()
    assert len(steady) > 50
    assert sum(b"hrtimer_wakeup" in line for line in steady) > 2
    # but for timers, they are the same lines, one by one
    forms = [[re.sub(rb"-?\b\d+\b|0x[0-9a-f]+|[0-9a-f]{16}", b"0", line)
              for line in text.splitlines() if not line.startswith(b" #")]
             for text in (before, ours)]
    assert forms[0] == forms[1]


ANON, KSM = 1 << 12, 1 << 21


def known_bits(path, words):
    """Those that are to be the same; not KPF_KSM where the kernel tells it of
    all anonymous pages (docs/procfs.md)."""
    every = path == "kpageflags" and all(
        word & KSM for word in words if word & ANON)
    return ~KSM if every else -1


@pytest.mark.parametrize("path", ("kpagecount", "kpageflags", "kpagecgroup"))
def test_words_of_pages(guest, qvmi, path):
    """Of each frame whose word does not change meanwhile; and no more than
    the guest's own has."""
    count = (512 << 20) // 4096
    before = guest.frames(path, count)
    mine = qvmi(guest, "cat", path, "--length", "8M").stdout
    after = guest.frames(path, count)
    assert len(mine) == int(guest.run(
        f"dd if=/proc/{path} bs=64k 2>/dev/null | wc -c")) == 8 * count
    ours = struct.unpack(f"<{count}Q", mine)
    mask = known_bits(path, before)
    stable = [i for i in range(count) if before[i] == after[i]]
    assert len(stable) > count * 9 // 10
    assert [(i, hex(ours[i]), hex(before[i])) for i in stable
            if (ours[i] ^ before[i]) & mask] == []
    assert sum(map(bool, ours)) > 1000
    assert b"8 bytes" in qvmi(guest, "cat", path, "--offset", 4,
                              "--length", 8, status=1).stderr
