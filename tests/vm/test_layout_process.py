# SPDX-License-Identifier: BSD-2-Clause
"""`layout PID` against /proc/PID and the settings of the guest."""

import json
import re
import time

import pytest

PAGE = 4096
WINDOW = (1 << 47) - PAGE
GAPS = {"gap", "NULL page", "stack guard gap"}


def layout(guest, qvmi, pid):
    row, = json.loads(qvmi(guest, "layout", pid, "-J").stdout)["rows"]
    segments = [(segment["kind"], int(segment["start"], 16),
                 int(segment["end"], 16), segment)
                for segment in row["segments"]]
    for kind, start, end, segment in segments:
        assert segment["size"] == end - start > 0
        assert (segment["perms"] is None) == (kind in GAPS)
    return row, segments


def maps(guest, pid):
    lines = guest.cat(f"/proc/{pid}/maps").decode().splitlines()
    return [(int(start, 16), int(end, 16), perms, line[73:])
            for line in lines for start, end, perms in re.findall(
                r"^(\w+)-(\w+) (\S+) ", line)]


def setting(guest, name):
    return int(guest.run(f"cat /proc/sys/{name}"))


def check_areas(guest, pid, row, segments):
    """Areas are those of maps, gaps all of the rest."""
    areas = [(start, end, segment["perms"], segment["name"] or "")
             for kind, start, end, segment in segments if kind not in GAPS]
    assert areas == maps(guest, pid)
    at, size = 0, int(row["task_size"], 16)
    for kind, start, end, _ in segments:
        assert start == at or kind == "vsyscall"
        at = end
        if kind in GAPS:
            assert end <= size
    pages = int(guest.cat(f"/proc/{pid}/statm").split()[0])
    assert row["total"] == pages * PAGE
    # the gate is no area of its own
    assert pages * PAGE == sum(end - start for kind, start, end, _ in segments
                               if kind not in GAPS | {"vsyscall"})


def check_bounds(guest, pid, row):
    fields = guest.cat(f"/proc/{pid}/stat").decode().rpartition(")")[2].split()
    stat = {name: int(fields[number - 3]) for name, number in (
        ("start_code", 26), ("end_code", 27), ("start_stack", 28),
        ("start_data", 45), ("end_data", 46), ("start_brk", 47),
        ("arg_start", 48), ("arg_end", 49), ("env_start", 50),
        ("env_end", 51))}
    bounds = {bound["name"]: int(bound["value"], 16)
              for bound in row["bounds"]}
    assert bounds.pop("brk") >= bounds["start_brk"]
    assert bounds == stat
    assert int(row["personality"], 16) == int(
        guest.cat(f"/proc/{pid}/personality"), 16)
    return bounds


def check_kinds(guest, segments, bounds):
    """What the program's own bounds and names say."""
    by_kind = {}
    for kind, start, end, segment in segments:
        by_kind.setdefault(kind, []).append((start, end, segment))
    (start, end, _), = by_kind["text"]
    assert start <= bounds["start_code"] < bounds["end_code"] <= end
    assert any(start <= bounds["start_data"] < end
               for kind in ("data", "read-only data")
               for start, end, _ in by_kind[kind])
    (start, end, heap), = by_kind["heap"]
    assert heap["name"] == "[heap]" and start >= bounds["start_brk"]
    (start, end, stack), = by_kind["stack"]
    assert start <= bounds["start_stack"] < end
    limit = guest.cat("/proc/1/limits").decode()
    limit = int(re.search(r"Max stack size +(\d+)", limit)[1])
    assert f"{end - limit:#x}" in stack["details"]
    (_, end, _), = by_kind["NULL page"]
    assert end >= setting(guest, "vm/mmap_min_addr")
    (low, high, _), = by_kind["stack guard gap"]
    assert high == start and high - low == 256 * PAGE
    for kind in ("vvar", "vdso"):
        assert all(segment["name"].startswith(f"[{kind}")
                   for _, _, segment in by_kind[kind])
    return by_kind


def distances(row):
    return {part["what"]: int(part["by"], 16) for part in row["random"]}


def check_random(guest, row, by_kind, bounds):
    assert row["randomize_va_space"] == setting(
        guest, "kernel/randomize_va_space") == 2
    assert row["randomized"] and row["mmap_down"]
    assert row["tag_bits"] in (None, "0x0")  # TCG has no LAM
    random = distances(row)
    (_, end, _), = by_kind["stack"]
    assert random["stack"] == WINDOW - end
    assert random["heap"] == bounds["start_brk"] - by_kind["bss"][-1][1]
    assert random["mmap_base"] % PAGE == 0
    # less the stack's limit, random part, guard gap (arch/x86/mm/mmap.c)
    kept = (8 << 20) + (((1 << 22) - 1) << 12) + (256 << 12)
    assert int(row["mmap_base"], 16) == \
        WINDOW - kept - random["mmap_base"] & ~(PAGE - 1)
    assert "program" not in random  # it is where it was linked


def check_threads(guest, qvmi):
    """The stack of each is where it sleeps, by /proc/PID/syscall."""
    pid = guest.labels()["threads"].pid
    row, segments = layout(guest, qvmi, pid)
    check_areas(guest, pid, row, segments)
    tids = guest.run(f"ls /proc/{pid}/task").split()
    stacks = {segment["tid"]: (start, end) for kind, start, end, segment
              in segments if kind == "thread stack"}
    guards = {segment["tid"]: end for kind, start, end, segment in segments
              if kind == "guard"}
    assert set(stacks) == {int(tid) for tid in tids} - {pid}
    for tid, (start, end) in stacks.items():
        words = guest.cat(f"/proc/{pid}/task/{tid}/syscall").split()
        assert start <= int(words[-2], 16) < end
        assert guards.get(tid, start) == start
    assert guards


def sleeper(guest, by=""):
    """The PID of one that is started, and is there."""
    pid = int(guest.run(f"{by} /bin/busybox sleep 999 >/dev/null 2>&1 "
                        "</dev/null & echo $!"))
    for _ in range(600):
        if guest.cat(f"/proc/{pid}/cmdline") == \
                b"/bin/busybox\0sleep\x00999\0":
            return pid
        time.sleep(0.05)
    raise AssertionError("it does not start")


def check_settings(guest, qvmi):
    """A personality, and what is moved once less of it is asked for."""
    switch = "/proc/sys/kernel/randomize_va_space"
    pids = [sleeper(guest, "/bin/busybox linux32")]
    for value in (0, 1):
        guest.run(f"echo {value} >{switch}")
        pids.append(sleeper(guest))
    rows = [layout(guest, qvmi, pid)[0] for pid in pids]
    guest.run(f"echo 2 >{switch}; kill {' '.join(map(str, pids))}")
    for pid, row in zip(pids, rows):
        assert row["randomize_va_space"] == 1
        assert row["personality"] == ("0x8" if pid == pids[0] else "0x0")
    assert [row["randomized"] for row in rows] == [True, False, True]
    moved = [distances(row) for row in rows]
    assert moved[1]["mmap_base"] == 0 and moved[1]["stack"] < 4 * PAGE
    assert moved[2]["mmap_base"] or moved[2]["stack"] >= 4 * PAGE
    assert moved[1].get("heap", 0) == moved[2].get("heap", 0) == 0


def test_a_process(guest, qvmi):
    row, segments = layout(guest, qvmi, 1)
    check_areas(guest, 1, row, segments)
    bounds = check_bounds(guest, 1, row)
    by_kind = check_kinds(guest, segments, bounds)
    check_random(guest, row, by_kind, bounds)
    check_threads(guest, qvmi)
    check_settings(guest, qvmi)
    text = qvmi(guest, "layout", 1).stdout.decode()
    assert re.search(r"^stack guard gap +0x", text, re.M)
    done = qvmi(guest, "layout", 2, status=1)
    assert b"is a kernel thread" in done.stderr
    qvmi(guest, "layout", 4194303, status=1)


@pytest.mark.variant("compat")
def test_32_bits(variant, qvmi):
    """A program of 32 bits has a space of its own."""
    guest = variant("compat")
    pid = int(guest.run("pidof ia32").split()[0])
    row, segments = layout(guest, qvmi, pid)
    check_areas(guest, pid, row, segments)
    check_bounds(guest, pid, row)
    assert row["task_size"] == "0xffffe000" and row["randomized"]
    stack, = (end for kind, _, end, _ in segments if kind == "stack")
    assert distances(row)["stack"] == 0xffffe000 - stack
    assert int(row["mmap_base"], 16) < stack
    assert distances(row)["mmap_base"] < 1 << 20


@pytest.mark.variant("la57")
@pytest.mark.parametrize("kernel", ["6.12"])
def test_five_levels(variant, qvmi, kernel):
    """Only who asks for it gets an address of more than 47 bits."""
    guest = variant("la57", kernel=kernel)
    row, segments = layout(guest, qvmi, 1)
    check_areas(guest, 1, row, segments)
    assert int(row["task_size"], 16) == (1 << 56) - PAGE
    high, = (segment for _, start, _, segment in segments if start == WINDOW)
    assert "only mappings that ask" in high["details"]
