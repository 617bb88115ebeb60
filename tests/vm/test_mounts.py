# SPDX-License-Identifier: BSD-2-Clause
"""mountinfo, mounts and mountstats of processes, line by line as the guest has
them, while there are mounts of many kinds."""

import collections
import json
import re
import shutil

import pytest

from mounting import needs_fuse
from test_distro import namespace_pids

FILES = ("mountinfo", "mounts", "mountstats")

# File systems whose options qvmi does not know where modules have no types,
# which docs/procfs.md tells.
UNKNOWN = (b"overlay", b"ext4", b"autofs", b"fuse")

AT = "/tmp/mounts"

# {directory: how it becomes a mount}
MOUNTS = {
    "tmpfs": "-t tmpfs -o size=123k,nr_inodes=77,mode=711,uid=5,gid=6 t",
    "with a blank": "-t tmpfs -o huge=within_size,ro,nosuid,nodev,noexec,"
                    "noatime,nodiratime 'a b'",
    "bound": "-t tmpfs -o mpol=bind=static:0,gid=9,huge=advise t",
    "mixed": "-t tmpfs -o mpol=interleave:0 t",
    "local": "-t tmpfs -o mpol=local t",
    "preferred": "-t tmpfs -o mpol=prefer=relative:0 t",
    "flags": "-t tmpfs -o inode32,sync,dirsync,lazytime t",
    "hidden": "-t proc -o hidepid=2,gid=7 proc",
    "subset": "-t proc -o subset=pid proc",
    "pts": "-t devpts -o gid=5,mode=620,newinstance,max=12 devpts",
    "debug": "-t debugfs -o gid=9,mode=755 debug",
    "bpf": "-t bpf bpf",
    "bpf.mode": "-t bpf -o mode=700 bpf",
    "queues": "-t mqueue queues",
    "ram": "-t ramfs -o mode=700 ram",
    "security": "-t securityfs security",
    "pstore": "-t pstore pstore",
    "huge": "-t hugetlbfs -o size=4M,min_size=2M,uid=3,nr_inodes=9 huge",
    "shared": "-t tmpfs shared",
    "slave": f"--bind {AT}/shared",
    "net": "--bind /proc/self/ns/net",
    "gone": f"--bind {AT}/file",
    "twice": "-t tmpfs below",
}
# The same, where qvmi knows all kinds.
LAYERS = {
    "layers": f"-t overlay -o lowerdir={AT}/ram:{AT}/tmpfs,index=on,"
              "metacopy=on,redirect_dir=follow,xino=on layers",
}
THEN = ("mount --make-shared {0}/shared", "mount --make-unbindable {0}/pts",
        "umount {0}/slave", "mount --bind {0}/shared {0}/slave",
        "mount --make-slave {0}/slave", "mount --make-shared {0}/slave",
        "rm {0}/file", "mount -t tmpfs above {0}/twice")
# Whatever of them is there.
END = (f"for at in $(grep -o ' {AT}[^ ]*' /proc/1/mounts | sort -r); do "
       f'umount "$(printf "$at")"; done; rm -r {AT}')


def unknown_kinds(guest):
    """Those whose options qvmi does not know in this guest."""
    return () if len(guest.run("ls /sys/kernel/btf").split()) > 1 else UNKNOWN


def these_mounts(guest):
    """MOUNTS, and LAYERS where these are known."""
    return MOUNTS if unknown_kinds(guest) else {**MOUNTS, **LAYERS}


@pytest.fixture(name="mounts")
def fixture_mounts(guest):
    """All of them, for one test."""
    commands = [f"mkdir -p {AT}; touch {AT}/file {AT}/net {AT}/gone"]
    for name, how in these_mounts(guest).items():
        at = f"'{AT}/{name}'"
        commands.append(f"mkdir -p {at} 2>/dev/null; mount {how} {at}")
    commands += [command.format(AT) for command in THEN]
    for command in commands:
        guest.run(command)
    yield guest
    guest.run(END)


def split(text, unknown):
    """(lines that qvmi tells, how many it does not know)."""
    lines = text.splitlines()
    mine = [line for line in lines
            if not any(b" %s " % kind in line for kind in unknown)]
    return mine, len(lines) - len(mine)


def test_all_kinds(mounts, qvmi):
    """From the roots of PID 1, of a namespace, of a chroot, of a thread."""
    labels = mounts.labels()
    readers = [1, labels["namespace"].pid, labels["chroot"].pid,
               f"1/task/{1}", 2]
    paths = [f"{pid}/{name}" for pid in readers for name in FILES
             if name != "mountstats" or "/" not in str(pid)]
    theirs = {path: mounts.cat(f"/proc/{path}") for path in paths}
    run = qvmi(mounts, "cat", "--json", *paths, status=None)
    lacking, kinds = 0, unknown_kinds(mounts)
    ours = {row["path"]: row["text"].encode()
            for row in json.loads(run.stdout)["rows"]}
    for path in paths:
        lines, unknown = split(theirs[path], kinds)
        if path.endswith("stats"):
            lines, unknown = theirs[path].splitlines(), 0
        assert ours[path].splitlines() == lines, path
        lacking += bool(unknown)
    assert bool(lacking) == bool(kinds) == (run.returncode == 1)
    if kinds:
        assert (b"details of the mount at /mnt/merged (overlay) are in a "
                b"module, whose types this kernel does not have (and %d more)"
                % (lacking - 1)) in run.stderr
    else:
        assert b" - overlay " in ours["1/mountinfo"]
    assert ours["1/mounts"].count(b",mpol=") == 4
    for at in these_mounts(mounts):
        place = f"{AT}/{at}".replace(" ", "\\040").encode()
        assert b" %s " % place in ours["1/mountinfo"]


def test_programs(guest, qvmi):
    """findmnt and lsof of this host show a process of the guest: one that sees
    no mount whose options are not known."""
    needs_fuse()
    if not shutil.which("findmnt") or not shutil.which("lsof"):
        pytest.skip("no findmnt or no lsof here")
    pid = guest.labels()["chroot"].pid
    told = qvmi(guest, "run", "--", "findmnt", "--task", pid, "--raw", "-no",
                "TARGET,SOURCE,FSTYPE,OPTIONS").stdout.decode().splitlines()
    lines = [line.split()[:4] for line in
             guest.cat(f"/proc/{pid}/mounts").decode().splitlines()]
    assert told == [" ".join((at, source, kind, options))
                    for source, at, kind, options in lines]
    told = qvmi(guest, "run", "--", "lsof", "-w", "-n", "-P", "-F", "fn",
                "-a", "-p", pid, "-d", "0-99", status=None).stdout.decode()
    found = dict(re.findall(r"(?m)^f(\d+)\nn(\S+)", told))
    links = guest.run(f"ls -l /proc/{pid}/fd").decode()
    assert found == dict(re.findall(r"(?m) (\d+) -> (\S+)$", links))


@pytest.mark.variant("distro")
def test_a_distribution(variant, qvmi):
    """systemd's mounts, with its peer groups, and those of a container, which
    are slaves of them, as a program of this host lists them; who is in which
    control group."""
    guest = variant("distro")
    guest.run("mount -o remount,commit=30,noauto_da_alloc,nobarrier,resgid=7,"
              "max_batch_time=20000,errors=remount-ro,jqfmt=vfsv1,"
              "usrjquota=aquota.user,grpjquota=aquota.group /")
    try:
        compare_distribution(guest, qvmi)
        guest.run("mount -o remount,usrjquota=,grpjquota= /; "
                  "mount -o remount,usrquota,grpquota /")
        told = qvmi(guest, "cat", "1/mounts").stdout
        assert told == guest.cat("/proc/1/mounts")
        assert re.search(rb" / ext4 .*,quota,usrquota,grpquota,", told)
    finally:
        guest.run("mount -o remount,commit=5,auto_da_alloc,barrier,resgid=0,"
                  "max_batch_time=15000,errors=continue,usrjquota=,grpjquota= "
                  "/; mount -o remount,noquota /")
    before = groups_of(guest)
    rows = json.loads(qvmi(guest, "cgroup", "--json").stdout)["rows"]
    after = groups_of(guest)
    stay = {where for where in before if before[where] == after.get(where)}
    told = {(row["hierarchy"], row["path"]): row for row in rows}
    assert len(stay) > 5 and stay <= set(told)
    for where in stay:
        assert told[where]["pid"] in before[where]


def compare_distribution(guest, qvmi):
    """All mounts of PID 1 and of the container, by each file, and by
    findmnt."""
    paths = [f"{pid}/{name}" for pid in (1, *sorted(namespace_pids(guest))[:2])
             for name in FILES]
    ours = {row["path"]: row["text"].encode() for row in json.loads(
        qvmi(guest, "cat", "--json", *paths).stdout)["rows"]}
    for path in paths:
        theirs = guest.cat(f"/proc/{path}")
        assert ours[path].splitlines() == theirs.splitlines(), path
    assert b" shared:" in ours["1/mountinfo"]
    assert b"errors=remount-ro,commit=30," in ours["1/mounts"]
    assert (b",jqfmt=vfsv1,usrjquota=aquota.user,grpjquota=aquota.group "
            in ours["1/mounts"])
    for kind in (b"ext4", b"overlay", b"autofs"):
        assert b" - %s " % kind in ours["1/mountinfo"]
    if shutil.which("findmnt"):
        needs_fuse()
        told = qvmi(guest, "run", "--", "findmnt", "--raw", "-no",
                    "TARGET,SOURCE,FSTYPE,OPTIONS").stdout.decode()
        lines = [line.split()[:4] for line in
                 guest.cat("/proc/1/mounts").decode().splitlines()]
        assert sorted(told.splitlines()) == sorted(
            " ".join((at, source, kind, options))
            for source, at, kind, options in lines)


def groups_of(guest):
    """{(hierarchy, path): PIDs} of all processes that stay."""
    found = collections.defaultdict(set)
    said = guest.run("grep -H '' /proc/[0-9]*/cgroup 2>/dev/null; true")
    for pid, number, path in re.findall(
            r"(?m)^/proc/(\d+)/cgroup:(\d+):[^:]*:(.*)$", said.decode()):
        found[int(number), path].add(int(pid))
    return found


def test_control_groups(guest, qvmi):
    """Which there are and who is in them, as the guest's own files say."""
    pid = guest.labels()["chroot"].pid
    inner = guest.labels()["namespace"].pid
    at = "/tmp/groups"
    guest.run(f"mkdir {at} {at}.1; mount -t cgroup2 groups {at}; "
              f"mount -t cgroup -o none,name=old groups {at}.1; "
              f"echo +memory +pids > {at}/cgroup.subtree_control; "
              f"mkdir {at}/one {at}/one/two; echo 64M > {at}/one/memory.max; "
              f"echo 9 > {at}/one/pids.max; "
              f"echo {pid} > {at}/one/two/cgroup.procs; "
              f"echo {inner} > {at}/one/cgroup.procs")
    try:
        rows = json.loads(qvmi(guest, "cgroup", "--json").stdout)["rows"]
        theirs = groups_of(guest)
        uses = [guest.cat(f"{at}/one/{name}").decode().strip() for name in (
            "memory.current", "memory.max", "pids.current", "pids.max")]
        one, = json.loads(qvmi(guest, "cgroup", "/one",
                               "--json").stdout)["rows"]
    finally:
        guest.run(f"echo {pid} > {at}/cgroup.procs; "
                  f"echo {inner} > {at}/cgroup.procs; "
                  f"rmdir {at}/one/two {at}/one; "
                  f"echo -memory -pids > {at}/cgroup.subtree_control; umount {at} {at}.1; "
                  f"rmdir {at} {at}.1")
    assert {(row["hierarchy"], row["path"]) for row in rows} == set(theirs)
    for row in rows:
        there = theirs[row["hierarchy"], row["path"]]
        assert row["pid"] in there
        assert abs(row["processes"] - len(there)) <= 3  # workers come and go
        told = [row[key] for key in ("memory", "memory_max", "pids",
                                     "pids_max")]
        if row["path"] == "/one":
            assert told == [int(use) for use in uses]
        elif row["path"] != "/one/two":
            assert told == [None] * 4
        assert row["controllers"] == ("name=old" if row["hierarchy"] else None)
    status = guest.cat(f"/proc/{inner}/status").decode()
    assert (one["pid"], one["pid_inside"]) == (inner, int(
        re.search(r"(?m)^NSpid:.*\t(\d+)$", status)[1]))
    assert b"no process is in a control group /one" in qvmi(
        guest, "cgroup", "/one", status=1).stderr
    assert b"'one' is no path" in qvmi(guest, "cgroup", "one",
                                       status=2).stderr


def test_the_link(guest, qvmi):
    """Of who reads; nobody reads from outside."""
    rows = json.loads(qvmi(guest, "ls", "--json", "mounts").stdout)["rows"]
    assert [(row["kind"], row["target"]) for row in rows] == [
        ("link", "self/mounts")]
