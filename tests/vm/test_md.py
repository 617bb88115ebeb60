# SPDX-License-Identifier: BSD-2-Clause
"""mdstat: arrays of disks of all personalities, byte for byte as the guest has
it; of those that qvmi cannot tell, that they are left out."""

import base64
import json
import re
import struct
import time

import pytest

from mounting import needs_fuse

LOAD = "for name in $(cat /more/load.md); do insmod /more/$name.ko; done"
UNLOAD = "for name in $(sed '1!G;h;$!d' /more/load.md); do rmmod $name; done"

# Disks are files in memory: 8 MiB each, of which an array uses the half.
DISKS = ("for i in {}; do [ -b /dev/loop$i ] || mknod /dev/loop$i b 7 $i; "
         "dd if=/dev/zero of=/tmp/disk$i bs=1M count=0 seek=8 2>/dev/null; "
         "losetup /dev/loop$i /tmp/disk$i; done")
SECTORS = 4 << 11
DATA = 2048  # where it begins

CLEAN = "echo none > resync_start"
CHUNKS = "echo 65536 > chunk_size"

# {array: (personality, how many of its devices are no spares, disks, its
# format, what else is set before its devices are there, the state it gets)}
ARRAYS = {
    "md_one": ("raid1", 2, (0, 1), "none", CLEAN, "active"),
    "md2": ("raid10", 2, (2, 3), "none",
            f"{CLEAN}; {CHUNKS}; echo 258 > layout", "active"),
    "md3": ("raid10", 3, (4, 5, 6), "none",
            f"{CLEAN}; {CHUNKS}; echo 66049 > layout", "active"),
    "md4": ("raid10", 4, (22, 23, 24, 25), "none",
            f"{CLEAN}; {CHUNKS}; echo 131585 > layout", "active"),
    "md7": ("raid0", 2, (7, 8), "none", CHUNKS, "active"),
    "md9": ("raid1", 2, (9, 10, 11), "none", "echo 0 > resync_start",
            "read-auto"),
    "md10": ("linear", 2, (12, 13), "none", CHUNKS, "active"),
    "md11": ("raid5", 3, (14, 15, 16), "none",
             f"{CLEAN}; {CHUNKS}; echo 2 > layout", "active"),
    "md_ext": ("raid1", 3, (17, 18), "external:some", CLEAN, "readonly"),
    "md127": ("raid1", 2, (19,), "none", CLEAN, None),
}
STORED = "md12", (20, 21)  # the disks say themselves what they are
THEN = ("echo writemostly > /sys/block/md11/md/dev-loop15/state",
        "echo faulty > /sys/block/md_one/md/dev-loop1/state",
        "echo md13 > /sys/module/md_mod/parameters/new_array")

UUID = bytes(range(16))


def checksum(block):
    """As super_1_load() has it."""
    total = sum(struct.unpack(f"<{len(block) // 4}I", block))
    return (total & 0xffffffff) + (total >> 32)


def superblock(number):
    """Of the format 1.2 (include/uapi/linux/raid/md_p.h): of a raid1 of two
    disks with a bitmap, which is clean."""
    parts = [
        struct.pack("<4I", 0xa92b4efc, 1, 1, 0), UUID,
        b"a name".ljust(32, b"\0"),
        struct.pack("<QIIQIIi", 1, 1, 0, SECTORS, 0, 2, 8), bytes(28),
        struct.pack("<4Q", DATA, SECTORS, 8, 0),
        struct.pack("<II", number, 0), bytes([number]) * 16, bytes(8),
        struct.pack("<QQQ", 1, 7, (1 << 64) - 1)]
    start, end = b"".join(parts), struct.pack("<I", 2) + bytes(32)
    roles = struct.pack("<HH", 0, 1)
    whole = start + bytes(4) + end + roles
    return start + struct.pack("<I", checksum(whole)) + end + roles


def bitmap():
    """The superblock of a bitmap, which is behind the other one
    (drivers/md/md-bitmap.h)."""
    return struct.pack("<II16sQQQIIIII", 0x6d746962, 4, UUID, 7, 7, SECTORS, 0,
                       65536, 5, 0, 0)


def put(guest, disk, at, block):
    """Write a block into a disk, at a sector."""
    text = base64.b64encode(block).decode()
    guest.run(f"echo {text} | base64 -d | dd of=/tmp/disk{disk} seek={at} "
              "conv=notrunc 2>/dev/null")


def make(guest, name, level, members, disks, kind, extra, state):
    """One of ARRAYS."""
    at = f"/sys/block/{name}/md"
    lines = [f"echo {name} > /sys/module/md_mod/parameters/new_array; cd {at}",
             f"echo {kind} > metadata_version; echo {level} > level",
             f"echo {members} > raid_disks; {extra}",
             f"echo {SECTORS // 2} > component_size"]
    for i, disk in enumerate(disks):
        lines += [f"cat /sys/block/loop{disk}/dev > new_dev",
                  f"[ {i} -ge {members} ] || echo {i} > dev-loop{disk}/slot",
                  f"echo 0 > dev-loop{disk}/offset",
                  f"echo {SECTORS // 2} > dev-loop{disk}/size"]
    if state:
        lines.append(f"echo {state} > array_state")
    guest.run("; ".join(lines))


def has(guest, name):
    """Whether there is such a personality."""
    return f"[{name}]".encode() in guest.cat("/proc/mdstat").splitlines()[0]


def make_all(guest):
    """All arrays."""
    disks = [disk for array in ARRAYS.values() for disk in array[2]]
    guest.run(DISKS.format(" ".join(map(str, (*disks, *STORED[1])))))
    for name, array in ARRAYS.items():
        if has(guest, array[0]):
            make(guest, name, *array)
    name, disks = STORED
    for i, disk in enumerate(disks):
        put(guest, disk, 8, superblock(i))
        put(guest, disk, 16, bitmap())
    guest.run(f"echo {name} > /sys/module/md_mod/parameters/new_array; "
              f"cd /sys/block/{name}/md; echo 1.2 > metadata_version; " +
              "".join(f"cat /sys/block/loop{disk}/dev > new_dev; "
                      for disk in disks) + "echo active > array_state")
    for command in THEN:
        guest.run(command)


@pytest.fixture(name="arrays")
def fixture_arrays(guest):
    """A guest with arrays."""
    guest.run(LOAD)
    make_all(guest)
    yield guest
    guest.run("cd /; for md in /sys/block/md*/md; do "
              "echo idle > $md/sync_action; echo clear > $md/array_state; done "
              "2>/dev/null; for loop in /dev/loop*; do losetup -d $loop; done "
              "2>/dev/null; true")
    while b"loop" in guest.cat("/proc/mdstat"):
        time.sleep(0.1)
    guest.run(f"rm /tmp/disk*; {UNLOAD}")


def sections(text):
    """{name: its lines} of arrays, and of what else there is."""
    found, name = {}, None
    for line in text.splitlines(True):
        name = line.split()[0].decode() if line[:1].strip() else name
        found[name] = found.get(name, b"") + line
    return found


def test_arrays(guest, request, qvmi):
    """There is no such file without md; then all arrays are told, or why they
    are not."""
    def listed():
        rows = json.loads(qvmi(guest, "ls", "-J").stdout)["rows"]
        return "mdstat" in [row["path"] for row in rows]

    assert not listed()
    said = qvmi(guest, "cat", "mdstat", status=1)
    assert b"mdstat: there is no such file" in said.stderr
    request.getfixturevalue("arrays")
    assert listed()
    theirs = guest.cat("/proc/mdstat")
    if len(guest.run("ls /sys/kernel/btf").split()) == 1:
        said = qvmi(guest, "cat", "mdstat", status=1)
        assert not said.stdout
        assert (b"arrays of disks are in a module, whose types this kernel "
                b"does not have" in said.stderr)
        return
    assert qvmi(guest, "cat", "mdstat").stdout == theirs
    for words in (b"(F)", b"(S)", b"(W)", b"resync=PENDING", b"[UU_]", b" 1.2 ",
                  b"(auto-read-only)", b"inactive", b"bitmap: ", b"near-copies",
                  b"2 offset-copies", b"2 far-copies 2 devices per set",
                  b"algorithm 2", b"64k chunks"):
        assert words in theirs, words
    check_a_resync(guest, qvmi)
    check_a_broken_one(guest, qvmi)
    needs_fuse()
    said = qvmi(guest, "run", "--", "sh", "-c",
                "ls /proc | grep mdstat; cat /proc/mdstat", status=None)
    assert said.stdout.startswith(b"mdstat\nPersonalities : ")


def check_a_resync(guest, qvmi):
    """One that stands still half way: how long it will take and how fast it is
    lie between what the guest says before and after."""
    at = "/sys/block/md2/md"
    guest.run(f"cd {at}; echo {SECTORS // 2} > sync_max; "
              "echo check > sync_action")
    while b" (2048/4096) " not in guest.cat("/proc/mdstat"):
        time.sleep(0.1)
    texts = [guest.cat("/proc/mdstat"), qvmi(guest, "cat", "mdstat").stdout,
             guest.cat("/proc/mdstat")]
    pattern = rb"(check = 44\.4% .* finish=)([\d.]+)(min speed=)(\d+)"
    assert len({re.sub(pattern, rb"\1\3", text) for text in texts}) == 1
    found = [re.search(pattern, text) for text in texts]
    finish = [float(match[2]) for match in found]
    speed = [int(match[4]) for match in found]
    assert finish[0] <= finish[1] <= finish[2]
    assert speed[0] >= speed[1] >= speed[2]
    guest.run(f"echo idle > {at}/sync_action")
    while b"check = " in guest.cat("/proc/mdstat"):
        time.sleep(0.1)


def check_a_broken_one(guest, qvmi):
    """Older kernels do not tell, and have the same types: all arrays but that
    are told, and why."""
    guest.run("echo faulty > /sys/block/md7/md/dev-loop7/state || true")
    theirs = guest.cat("/proc/mdstat")
    if b"md7 : broken" in theirs:
        assert qvmi(guest, "cat", "mdstat").stdout == theirs
        return
    said = qvmi(guest, "cat", "mdstat", status=1)
    wanted = sections(theirs)
    del wanted["md7"]
    assert sections(said.stdout) == wanted
    assert (b"md7 is left out: whether it is shown as broken is not known"
            in said.stderr)
