# SPDX-License-Identifier: BSD-2-Clause
"""A distribution as users run it, by its own word: Debian's generic kernel,
ext4 on a disk, swap in use, systemd and its daemons, a container.

Its daemons may wake at any time: what /proc says is read before and after
qvmi, and where both agree qvmi must say the same.
"""

import json
import os
import re

import pytest

from test_guest import PFN_MASK, PRESENT, SWAP, maps_line
from test_maps import pids
from test_maps import split as split_maps
from test_mtest import areas
from test_pages import (SWAPCACHE, check_flags, compare_frames, is_ksm_anon,
                        page)
from test_ps import json_string, ps, tasks
from test_search import planted, search
from test_walk import assert_page, at, walk
from test_write import peek

pytestmark = pytest.mark.variant("distro")

RAM = 256 << 20
HOME = "/var/lib/qvmi/"
DAEMONS = {"systemd", "systemd-journal", "systemd-logind", "dbus-daemon",
           "cron", "rsyslogd"}
CONTAINER_IDS = {100000, 100033}
CGROUP = "/sys/fs/cgroup/system.slice/qvmi-agent.service"
PATTERN_BYTES = 24
PRESSES = 5


@pytest.fixture
def distro(variant):
    """The guest, when all that belongs to it is there."""
    return variant("distro")


def twice(ask, look):
    """{key: (the guest's word, ours)} where the guest's word stayed."""
    before = ask()
    ours = look()
    after = ask()
    steady = {key: (said, ours.get(key)) for key, said in before.items()
              if after.get(key) == said}
    assert len(steady) > len(before) * 3 // 4
    return steady


def comms(guest):
    """{pid: comm} of processes with memory."""
    return {pid: guest.cat(f"/proc/{pid}/comm").decode().rstrip("\n")
            for pid in pids(guest)}


def pid_of(guest, comm):
    """The first process of that name."""
    return min(pid for pid, name in comms(guest).items() if name == comm)


def namespace_pids(guest):
    """{pid: its numbers in each namespace} of who is in a container."""
    lines = guest.run("grep -Hs NSpid: /proc/[0-9]*/status; true").decode()
    found = {int(pid): [int(inner) for inner in numbers.split()]
             for pid, numbers in re.findall(
                 r"/proc/(\d+)/status:NSpid:([\t\d]+)", lines)}
    return {pid: numbers for pid, numbers in found.items()
            if len(numbers) > 1}


def warm(guest, name, offset, length):
    """The bytes of a label, read in where they were in swap or dropped."""
    data = peek(guest, name, offset, length)
    assert len(data) == length
    return data


def dirtied(guest, name, offset, length):
    """The same, and the page is newer than what swap may have of it."""
    label, data = guest.labels()[name], warm(guest, name, offset, length)
    guest.poke(label.pid, label.addr + offset, data)
    return data


# what the guest is


def test_it_is_what_it_should_be(distro):
    assert "QVMI-SKIP" not in re.sub("QVMI-SKIP module kvm_amd.*", "",
                                     distro.console())
    assert DAEMONS <= set(comms(distro).values())
    mounts = distro.cat("/proc/mounts").decode()
    assert re.search(r"(?m)^/dev/\w+ / ext4 ", mounts)
    assert re.search(rf"(?m)^overlay {HOME}merged overlay ", mounts)
    inside = namespace_pids(distro)
    assert len(inside) >= 4
    assert all(len(numbers) == 2 for numbers in inside.values())
    used = [int(line.split()[3]) for line in
            distro.cat("/proc/swaps").decode().splitlines()[1:]]
    assert sum(used) > 8 << 10
    label = distro.labels()["cold"]
    entries = distro.pagemap(label.pid, label.addr, label.len >> 12)
    assert sum(bool(entry & SWAP) for entry in entries) > len(entries) // 2
    assert sum(bool(entry & PRESENT) for entry in entries) >= 16


def test_info(distro, qvmi):
    row, = json.loads(qvmi(distro, "info", "-J").stdout)["rows"]
    assert row["release"] == distro.run("uname -r").decode().strip()
    assert row["banner"] == distro.cat("/proc/version").decode().strip()
    assert len(row["vcpus"]) == 1


# maps, listvma, ps


def test_maps(distro, qvmi):
    said = twice(lambda: {pid: distro.cat(f"/proc/{pid}/maps")
                          for pid in pids(distro)},
                 lambda: split_maps(qvmi(distro, "maps", "--all").stdout))
    for pid, (want, got) in said.items():
        assert got == want, pid
    text = b"".join(want for want, _ in said.values())
    for path in (rb"/usr/lib/x86_64-linux-gnu/libc\.so\.6",
                 rb"/usr/lib/systemd/systemd", rb"/run/qvmi-agent",
                 rb"/var/log/journal/\w+/system\.journal",
                 HOME.encode() + rb"deleted \(deleted\)",
                 rb"/usr/bin/sleep", rb"/tmp/nap", rb"/usr/bin/dash"):
        assert re.search(rb"(?m) " + path + b"$", text), path


def test_maps_one_by_one(distro, qvmi):
    every = sorted(pids(distro))
    said = twice(lambda: {pid: distro.cat(f"/proc/{pid}/maps")
                          for pid in every},
                 lambda: {pid: qvmi(distro, "maps", pid).stdout
                          for pid in every})
    for pid, (want, got) in said.items():
        assert got == want, pid


def test_listvma(distro, qvmi):
    def look():
        found = {}
        for row in json.loads(qvmi(distro, "listvma", "-J").stdout)["rows"]:
            found.setdefault(row["pid"], []).append((
                int(row["start"], 16), int(row["end"], 16), row["perm"]))
        return found

    for pid, (want, got) in twice(lambda: areas(distro), look).items():
        assert got == want, pid


def test_ps(distro, qvmi):
    """Each thread that slept, all that there is to it."""
    said = twice(lambda: tasks(distro), lambda: ps(distro, qvmi, "-t"))
    compared = 0
    for tid, (want, got) in said.items():
        if got is None or got["kernel_thread"]:
            assert got, tid  # a worker's name has two parts, see test_ps
            continue
        want = {key: value for key, value in want.items() if key != "flags"}
        want["comm"] = json_string(want["comm"])
        if "R" in (want["state"], got["state"]):
            want["state"] = got["state"]
        assert {key: got[key] for key in want} == want
        compared += 1
    assert compared > 20


def test_ps_of_a_container(distro, qvmi):
    """Its processes have the numbers and users that the host gave them."""
    rows = ps(distro, qvmi)
    inside = namespace_pids(distro)
    assert set(inside) <= set(rows)
    assert {rows[pid]["uid"] for pid in inside} == CONTAINER_IDS
    first, = [pid for pid, numbers in inside.items() if numbers[-1] == 1]
    assert first == distro.labels()["container"].pid
    assert rows[first]["ppid"] == distro.labels()["container"].ppid
    assert {rows[pid]["ppid"] for pid in inside} - set(inside) == {
        rows[first]["ppid"]}


# pages


def test_pages_of_labels(distro, qvmi):
    """Files of ext4, their copies, swapped and shared pages, a huge one."""
    quirk, kinds = is_ksm_anon(distro), {}
    for name, label in distro.labels().items():
        if not hasattr(label, "addr"):
            continue
        count = min(label.len >> 12, 256)
        if name != "cold":
            warm(distro, name, 0, 4096 * count)
        entries = distro.pagemap(label.pid, label.addr, count)
        rows = page(distro, qvmi, at(distro, name), 4096 * count)
        for row, entry in zip(rows, entries, strict=True):
            kinds.setdefault(name, set()).add(row["kind"])
            assert bool(entry & PRESENT) == (row["physical"] is not None)
            assert bool(entry & SWAP) == (row["kind"] == "swapped")
            if entry & PRESENT:
                pfn = entry & PFN_MASK
                assert row["physical"] == pfn << 12
                check_flags(row, distro.kpageflags(pfn)[0],
                            distro.kpagecount(pfn)[0], quirk)
            if row["kind"] == "file":
                assert row["fs"] == "ext4", row
    assert kinds == {
        "cold": {"swapped", "anon"}, "heap": {"anon", "anon-shared"},
        "heap.child": {"anon", "anon-shared"}, "thp": {"anon"},
        "ext4.clean": {"file"}, "ext4.dirty": {"file"},
        "ext4.cow": {"file", "anon"}, "ext4.deleted": {"file"},
        "ext4.hole": {"file"}}


@pytest.mark.parametrize("name,dirty", [
    ("clean", False), ("dirty", True), ("cow", False), ("deleted", False),
    ("hole", False)])
def test_file_pages(distro, qvmi, name, dirty):
    """Which file it is, and whether the disk has it."""
    (dirtied if dirty else warm)(distro, f"ext4.{name}", 0, 16)
    row = page(distro, qvmi, at(distro, f"ext4.{name}"))[0]
    device, inode, path = maps_line(distro, f"ext4.{name}").split(
        maxsplit=5)[3:]
    assert b"%02x:%02x" % (row["major"], row["minor"]) == device
    assert row["inode"] == int(inode)
    assert row["file"] == path.decode()
    assert ("dirty" in row["flags"].split(",")) == dirty


def test_pages_of_a_container(distro, qvmi):
    """Its programs by the layer of the overlay that has them: one was copied
    up, one is its own. (From 6.7 on maps names the overlay's device.)"""
    pids_inside, paths = namespace_pids(distro), set()
    for pid in pids_inside:
        for line in distro.cat(f"/proc/{pid}/maps").decode().splitlines():
            where, perms, _, device, inode, *path = line.split()
            if perms != "r-xp" or inode == "0":
                continue
            start = int(where.split("-")[0], 16)
            row, = page(distro, qvmi, f"{pid}:{start:#x}", status=None)
            if row["kind"] == "absent":
                continue
            assert f"{row['major']:02x}:{row['minor']:02x}" == device
            assert row["inode"] == int(inode)
            if row["fs"] == "tmpfs":  # the container's own
                assert [row["file"]] == path == ["/tmp/nap"]
            else:
                layer, inner = row["file"][len(HOME):].split("/", 1)
                assert f"{HOME}{layer}/{inner}" == row["file"]
                assert [f"/{inner}"] == path and row["fs"] == "ext4"
            paths.add(row["file"])
    assert {f"{HOME}lower/usr/bin/dash", f"{HOME}upper/usr/bin/sleep"} <= paths


def test_swap_cache(distro, qvmi):
    """Pages that were read back have a copy in swap still."""
    label = distro.labels()["cold"]
    warm(distro, "cold", 0, 4096)
    entries = distro.pagemap(label.pid, label.addr, label.len >> 12)
    cached = [i for i, entry in enumerate(entries) if entry & PRESENT and
              distro.kpageflags(entry & PFN_MASK)[0] >> SWAPCACHE & 1]
    assert cached
    for i in cached[:4]:
        where = at(distro, "cold", 4096 * i)
        row, = page(distro, qvmi, where)
        assert row["kind"] == "anon" and row["swap_cache"]
        clean = "dirty" not in row["flags"].split(",") and "D" not in walk(
            distro, qvmi, where)["levels"][-1]["bits"].split()
        if clean:
            done = qvmi(distro, "write", where, "0x5a", status=1)
            assert b"clean, with a copy in swap that would win" in done.stderr
            assert done.stderr.count(b"\n") == 1


def test_all_of_memory(distro, qvmi):
    """Each frame whose word does not change meanwhile."""
    compared, kinds, wrong = compare_frames(distro, qvmi, RAM)
    assert not wrong, (len(wrong), wrong[:10], kinds)
    assert compared > (RAM >> 12) * 9 // 10
    for kind in ("anon", "anon-shared", "shmem", "file", "free", "slab",
                 "page-table", "text", "rodata", "data", "percpu", "kernel",
                 "reserved", "zero"):
        assert kinds[kind], kind


# walk, read, search


def test_walk(distro, qvmi):
    """Swapped pages with their place, present ones with their frame."""
    label = distro.labels()["cold"]
    warm(distro, "cold", 0, 4096)
    entries = distro.pagemap(label.pid, label.addr, label.len >> 12)
    seen = set()
    for i in (0, 1, 2, 63, 64, 65, 127, 128, 129, 192, 1000, 2047):
        assert_page(distro, qvmi, "cold", i, entries[i])
        seen.add(bool(entries[i] & SWAP))
    assert seen == {False, True}


def test_walk_of_a_daemon(distro, qvmi):
    """All of PID 1's heap, part of which is in swap."""
    line, = [line for line in distro.cat("/proc/1/maps").splitlines()
             if line.endswith(b"[heap]")]
    start, end = (int(word, 16) for word in line.split()[0].split(b"-"))
    count = (end - start) >> 12

    def look():
        return {row["address"]: row["physical"] or row["kind"]
                for row in page(distro, qvmi, f"1:{start:#x}", end - start)}

    def ask():
        entries = distro.pagemap(1, start, count)
        return {start + 4096 * i: (entry & PFN_MASK) << 12 if entry & PRESENT
                else "swapped" if entry & SWAP else "absent"
                for i, entry in enumerate(entries)}

    said = twice(ask, look)
    assert all(want == got for want, got in said.values())
    assert {"swapped", "absent"} & {want for want, _ in said.values()}


def frame(guest, name, offset):
    """Where a page of a label is."""
    label = guest.labels()[name]
    entry = guest.pagemap(label.pid, label.addr + offset)[0]
    assert entry & PRESENT
    return (entry & PFN_MASK) << 12


def swapped_page(guest, name="cold"):
    """The offset of a page of a label that is in swap."""
    label = guest.labels()[name]
    entries = guest.pagemap(label.pid, label.addr, label.len >> 12)
    return 4096 * next(i for i, entry in enumerate(entries) if entry & SWAP)


def test_read(distro, qvmi):
    """What is there, byte for byte; what is in swap, in one line."""
    label = distro.labels()["heap"]
    done = qvmi(distro, "read", at(distro, "heap"), label.len, "-f", "raw")
    assert done.stdout == peek(distro, "heap", 0, label.len)
    for name in ("clean", "dirty", "cow"):
        done = qvmi(distro, "read", at(distro, f"ext4.{name}"), 4 * 4096,
                    "-f", "raw")
        assert done.stdout == peek(distro, f"ext4.{name}", 0, 4 * 4096)
    where = at(distro, "cold", swapped_page(distro))
    done = qvmi(distro, "read", where, 16, "--mapped-only", status=1)
    assert b"(swapped)" in done.stderr and done.stderr.count(b"\n") == 1
    assert where.encode() in done.stderr


def test_swapped_pages_that_are_in_memory(distro, qvmi):
    """Of all that pagemap has in swap: what the process then reads there."""
    label = distro.labels()["cold"]
    pages = label.len // 4096
    before = distro.pagemap(label.pid, label.addr, pages)
    places = [f"{label.pid}:{label.addr + i * 4096:#x}" for i in range(pages)
              if before[i] & SWAP][:256]
    rows = json.loads(qvmi(distro, "convert", "-J", *places,
                           status=None).stdout)["rows"]
    assert {row["from"] for row in rows} <= {"swap-cache", "swap",
                                             "swapped-zeros"}
    found = [row for row in rows if row["from"] == "swap-cache"][:16]
    seen = [qvmi(distro, "read", row["address"], 4096, "-f", "raw").stdout
            for row in found]
    assert distro.pagemap(label.pid, label.addr, pages) == before
    for row, data in zip(found, seen):
        assert data == distro.peek(label.pid, int(row["virtual"], 16), 4096)


def test_search(distro, qvmi):
    """In the process; and in all of RAM, at the frame that pagemap names."""
    pattern = os.urandom(PATTERN_BYTES)
    with planted(distro, "heap", 0x800, pattern) as label:
        found = search(distro, qvmi, f"{label.pid}:", "hex:" + pattern.hex())
        assert list(found) == [label.addr + 0x800]
        assert frame(distro, "heap", 0) + 0x800 in search(
            distro, qvmi, "p:", "hex:" + pattern.hex())


# write, undo, journal


def files(guest):
    """The checksums of the files as the disk has them."""
    guest.run("sync && echo 3 >/proc/sys/vm/drop_caches")
    return guest.run(f"cd {HOME} && sha256sum clean dirty cow hole")


def test_write_and_undo(distro, qvmi):
    old = dirtied(distro, "heap", 0x100, 16)
    qvmi(distro, "write", at(distro, "heap", 0x104), "str:by qvmi")
    assert peek(distro, "heap", 0x100, 16) == (
        old[:4] + b"by qvmi" + old[11:])
    row = json.loads(qvmi(None, "journal", "-J").stdout)["rows"][-1]
    assert row["kernel"] == distro.run("uname -r").decode().strip()
    assert row["gdb"] == distro.gdb and row["state"] == "written"
    qvmi(distro, "undo", row["id"])
    assert peek(distro, "heap", 0x100, 16) == old


def test_swapped_after_a_write(distro, qvmi):
    """What was written goes to swap and comes back as any other page does;
    undo then refuses, unless it comes back in the same frame."""
    label = distro.labels()["heap"]
    old = dirtied(distro, "heap", 4096, 32)
    before = frame(distro, "heap", 4096)
    qvmi(distro, "write", at(distro, "heap", 4096), "str:went to swap")
    number = str(json.loads(qvmi(None, "journal", "-J").stdout)["rows"][-1][
        "id"])
    try:
        for _ in range(PRESSES):
            if distro.pagemap(label.pid, label.addr + 4096)[0] & SWAP:
                break
            distro.run(f"echo 64M >{CGROUP}/memory.reclaim; true")
        assert distro.pagemap(label.pid, label.addr + 4096)[0] & SWAP
        done = qvmi(distro, "undo", number, status=1)
        assert b"(swapped)" in done.stderr and done.stderr.count(b"\n") == 1
        assert peek(distro, "heap", 4096, 32) == (
            b"went to swap" + old[12:])  # which reads it from there
        moved = frame(distro, "heap", 4096) != before
        done = qvmi(distro, "undo", number, status=int(moved))
        assert (b"is physical" in done.stderr) == moved
    finally:
        distro.poke(label.pid, label.addr + 4096, old)


def test_write_into_a_daemon(distro, qvmi):
    """The program's name, as the kernel left it at the top of the stack."""
    pid = pid_of(distro, "cron")
    line, = [line for line in distro.cat(f"/proc/{pid}/maps").splitlines()
             if line.endswith(b"[stack]")]
    end = int(line.split()[0].split(b"-")[1], 16)
    top = end - 32
    old = distro.peek(pid, top, 32)
    assert b"/cron\0" in old
    distro.poke(pid, top, old)  # or it may be in swap
    qvmi(distro, "write", f"{pid}:{top:#x}", "str:new")
    try:
        assert distro.peek(pid, top, 32) == b"new" + old[3:]
    finally:
        qvmi(distro, "undo")
    assert distro.peek(pid, top, 32) == old


# (label, page, words)
REFUSED = [
    ("ext4.clean", 0, f"the page cache of {HOME}clean (ext4)"),
    ("ext4.dirty", 0, f"the page cache of {HOME}dirty (ext4)"),
    ("ext4.cow", 0, f"the page cache of {HOME}cow (ext4)"),
    ("ext4.deleted", 0, f"the page cache of {HOME}deleted (deleted) (ext4)"),
    ("heap", 4, "2 mappings see it"),
    ("cold", None, "(swapped)"),
]


def test_refusals(distro, qvmi):
    """Nobody's page is written who might not expect it; no file changes."""
    before = files(distro)
    warm(distro, "heap.child", 4 * 4096, 1)
    for name, number, words in REFUSED:
        offset = swapped_page(distro) if number is None else 4096 * number
        where = at(distro, name, offset)
        seen = None if number is None else warm(distro, name, offset, 4096)
        done = qvmi(distro, "write", where, "0x5a", status=1)
        assert done.stdout == b"" and done.stderr.count(b"\n") == 1
        assert done.stderr.startswith(f"qvmi: write: {where}: ".encode())
        assert words in done.stderr.decode(), name
        if number is not None:
            assert peek(distro, name, offset, 4096) == seen
    assert files(distro) == before
