# SPDX-License-Identifier: BSD-2-Clause
"""`sysctl` and sys/ below /proc: every file below the guest's own /proc/sys."""

import json

# What is another thing each time that it is read, or with time.
MOVING = {"kernel/random/entropy_avail", "fs/aio-nr", "kernel/pty/nr",
          "kernel/perf_event_max_sample_rate"}
# What a command that reads them changes: {name: by how much each may grow}.
COUNTS = {"fs/dentry-state": 64, "fs/inode-nr": 64, "fs/inode-state": 64,
          "kernel/ns_last_pid": 64}
# Values that code makes up, and that are not read (docs/procfs.md).
MADE = {"kernel/random/uuid", "fs/file-nr", "kernel/bpf_stats_enabled",
        "kernel/sched_energy_aware"}

# What is set to be read again; by default they are zero or empty.
SET = {"net/ipv4/ip_local_reserved_ports": "8080,9000-9003",
       "net/core/flow_limit_cpu_bitmap": "1",
       "net/ipv6/conf/lo/stable_secret": "2001:db8::1:2",
       "net/ipv4/tcp_fastopen_key": "00000001-00000002-00000003-deadbeef",
       "kernel/seccomp/actions_logged": "kill_process trace",
       "kernel/sysrq": "16",
       "vm/nr_overcommit_hugepages": "3"}

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
    for name in sorted(set(real) - made - MOVING - set(COUNTS)):
        value = rows[name]["value"]
        text = value + "\n" if value or real[name] else ""
        assert text == (real[name] or ""), name
    assert {name for name in made if not rows[name]["handler"]} == set()
    assert {name for name in made if real[name] is not None} <= MADE
    assert len(real) - len(made) > 700


def test_counts(guest, qvmi):
    """What moves by being read lies between two of the guest's own texts, or
    within what a command adds."""
    before, rows, after = theirs(guest), ours(guest, qvmi), theirs(guest)
    for name, most in COUNTS.items():
        texts = before[name], rows[name]["value"], after[name]
        numbers = [list(map(int, text.split())) for text in texts]
        assert len({len(found) for found in numbers}) == 1, name
        for first, mine, last in zip(*numbers):
            assert min(first, last) - most <= mine <= max(first, last) + most, \
                (name, texts)


def test_made(guest, qvmi):
    """What functions make, once it has been set to something."""
    old = theirs(guest)
    for name, value in SET.items():
        guest.run(f"echo '{value}' > /proc/sys/{name}")
    try:
        real, rows = theirs(guest), ours(guest, qvmi)
        for name in SET:
            assert real[name] != old[name], name
            assert rows[name]["value"] + "\n" == real[name], name
    finally:
        for name in SET:
            value = (old[name] or "").strip()
            guest.run(f"echo '{value}' > /proc/sys/{name} || true")


def test_files(guest, qvmi):
    """The same as texts of files; what is made up is no file of ours."""
    listed = qvmi(guest, "ls", "sys/kernel").stdout.decode().split()
    assert "sys/kernel/ostype" in listed and "sys/kernel/keys/" in listed
    assert "sys/kernel/random/uuid" not in qvmi(
        guest, "ls", "sys/kernel/random").stdout.decode().split()
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
    assert b"the kernel's code makes its value (proc_do_uuid)" in qvmi(
        guest, "sysctl", "kernel.random.uuid", status=1).stderr
    assert b"sys/kernel is a directory" in qvmi(
        guest, "cat", "sys/kernel", status=1).stderr
    assert b"is only written to" in qvmi(
        guest, "sysctl", "vm.compact_memory", status=1).stderr
