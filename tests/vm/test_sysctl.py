# SPDX-License-Identifier: BSD-2-Clause
"""`sysctl` and sys/ below /proc: every file below the guest's own /proc/sys."""

import json

# What is another thing each time that it is read, or with time.
MOVING = {"kernel/random/uuid", "kernel/random/entropy_avail",
          "fs/dentry-state", "fs/inode-nr", "fs/inode-state", "fs/file-nr",
          "fs/aio-nr", "kernel/ns_last_pid", "kernel/pty/nr",
          "kernel/perf_event_max_sample_rate"}
# Values that code makes up, at most: others are read.
MADE = 90

NAMES = "find /proc/sys -type f"


def theirs(guest):
    """{name: its text; None: it cannot be read, or is empty}."""
    found = {name[len("/proc/sys/"):]: None
             for name in guest.run(NAMES).decode().split()}
    lines = guest.run(f"{NAMES} | xargs grep -H '' 2>/dev/null; "
                      "true").decode()
    for line in lines.splitlines():
        name, text = line[len("/proc/sys/"):].split(":", 1)
        found[name] = f"{found[name] or ''}{text}\n"
    return found


def ours(guest, qvmi, *names):
    rows = json.loads(qvmi(guest, "sysctl", "--json", *names).stdout)["rows"]
    return {row["name"].translate(str.maketrans("./", "/.")): row
            for row in rows}


def test_all(guest, qvmi):
    """Equal, or absent with the name of the function that makes it."""
    real, rows = theirs(guest), ours(guest, qvmi)
    assert set(rows) == set(real)
    made = {name for name, row in rows.items() if row["value"] is None}
    for name in sorted(set(real) - made - MOVING):
        value = rows[name]["value"]
        text = value + "\n" if value or real[name] else ""
        assert text == (real[name] or ""), name
    assert {name for name in made if not rows[name]["handler"]} == set()
    assert len([name for name in made if real[name] is not None]) <= MADE
    assert len(real) - len(made) > 700


def test_files(guest, qvmi):
    """The same as texts of files; what is made up is no file of ours."""
    listed = qvmi(guest, "ls", "sys/kernel").stdout.decode().split()
    assert "sys/kernel/ostype" in listed and "sys/kernel/keys/" in listed
    assert "sys/kernel/ns_last_pid" not in listed
    paths = ["sys/kernel/osrelease", "sys/vm/lowmem_reserve_ratio",
             "sys/net/ipv4/tcp_mem", "sys/net/ipv4/conf/lo/forwarding"]
    shown = qvmi(guest, "cat", *paths).stdout
    assert shown == guest.run(
        "cat " + " ".join(f"/proc/{path}" for path in paths))


def test_words(guest, qvmi):
    assert qvmi(guest, "sysctl", "kernel.ostype").stdout == \
        b"kernel.ostype = Linux\n"
    assert qvmi(guest, "sysctl", "kernel/ostyp?").stdout == \
        b"kernel.ostype = Linux\n"
    below = qvmi(guest, "sysctl", "net.ipv4.neigh.lo").stdout.decode()
    assert len(below.splitlines()) > 10
    assert "net.ipv4.neigh.lo.gc_stale_time = 60\n" in below
    assert b"there is no sysctl kernel.nothing" in qvmi(
        guest, "sysctl", "kernel.nothing", status=1).stderr
    assert b"the kernel's code makes its value (pid_ns_ctl_handler)" in qvmi(
        guest, "sysctl", "kernel.ns_last_pid", status=1).stderr
    assert b"sys/kernel is a directory" in qvmi(
        guest, "cat", "sys/kernel", status=1).stderr
    assert b"is only written to" in qvmi(
        guest, "sysctl", "vm.compact_memory", status=1).stderr
