# SPDX-License-Identifier: BSD-2-Clause
"""`sockets` and net/ below /proc: what the guest says of its own sockets."""

import json
import re

FILES = ["tcp", "tcp6", "udp", "udp6", "raw", "raw6", "unix"]
OTHERS = ["netlink", "packet", "if_inet6", "snmp", "sockstat",
          "route", "dev", "arp"]  # which `sockets` does not list


def inodes(text, column):
    """Of the lines of a file, but for its heading."""
    return [int(line.split()[column]) for line in text.splitlines()[1:]]


def standing(guest, qvmi, name, paths):
    """(ours, the guest's) of a file that stands still meanwhile: after a
    connection timers run out, which hold sockets."""
    before = real = None
    while True:
        after = qvmi(guest, "cat", *paths).stdout
        if before == after:
            return after, real
        before, real = after, guest.cat(f"/proc/net/{name}")


def test_files(guest, qvmi):
    """Byte for byte: PID 1's, and those of a task in the same namespace."""
    pid = guest.labels()["sockets"].pid
    for name in FILES + OTHERS:
        paths = [f"net/{name}", f"{pid}/net/{name}",
                 f"{pid}/task/{pid}/net/{name}"]
        mine, real = standing(guest, qvmi, name, paths)
        assert mine == real * 3, name
        assert len(real.splitlines()) > (
            name not in ("if_inet6", "route", "arp"))


def test_routes(guest, qvmi):
    """One of each kind, among them one that is refused."""
    routes = ["10.1.0.0/16 dev lo", "10.1.2.0/24 dev lo metric 7",
              "192.168.7.1/32 dev lo", "unreachable 172.16.0.0/12"]
    for route in routes:
        guest.run(f"ip route add {route}")
    try:
        real = guest.cat("/proc/net/route")
        assert len(real.splitlines()) == 1 + len(routes)
        assert qvmi(guest, "cat", "net/route").stdout == real
    finally:
        for route in routes:
            guest.run(f"ip route del {route}")


def test_neighbours(guest, qvmi):
    """Those that the guest answers for; loopback has no others."""
    guest.run("ip route add 10.9.0.0/16 dev lo")
    names = ["10.9.0.2", "10.9.3.1"]
    try:
        for name in names:
            guest.run(f"arp -i lo -Ds {name} lo pub")
        real = guest.cat("/proc/net/arp")
        assert len(real.splitlines()) == 1 + len(names)
        assert qvmi(guest, "cat", "net/arp").stdout == real
    finally:
        for name in names:
            guest.run(f"arp -i lo -d {name} pub || true")
        guest.run("ip route del 10.9.0.0/16 dev lo")


def test_pointers(guest, qvmi):
    """Addresses as root of the guest sees them, however it hides them."""
    old = guest.run("cat /proc/sys/kernel/kptr_restrict").decode().strip()
    try:
        for level in "012":
            guest.run(f"echo {level} > /proc/sys/kernel/kptr_restrict")
            for name in ("netlink", "unix"):
                assert qvmi(guest, "cat", f"net/{name}").stdout == \
                    guest.cat(f"/proc/net/{name}"), (level, name)
    finally:
        guest.run(f"echo {old} > /proc/sys/kernel/kptr_restrict")


def test_one_cost(guest, qvmi):
    """Those of all processes cost no more round trips than one."""
    rows = json.loads(qvmi(guest, "cat", "--json", "--stats",
                           "*/net/udp").stdout)
    one = json.loads(qvmi(guest, "cat", "--json", "--stats",
                          "1/net/udp").stdout)
    assert len(rows["rows"]) > 20
    assert rows["stats"]["batches"] < one["stats"]["batches"] + 20


def owners(guest, pid):
    """{inode: {fd}} of the sockets that a process has open."""
    found = {}
    for line in guest.run(f"ls -l /proc/{pid}/fd").decode().splitlines():
        if link := re.search(r"(\d+) -> socket:\[(\d+)\]", line):
            found.setdefault(int(link[2]), set()).add(int(link[1]))
    return found


def test_rows(guest, qvmi):
    """Each socket of the files, and who has it open."""
    rows = json.loads(qvmi(guest, "sockets", "--json").stdout)["rows"]
    mine = {}
    for row in rows:
        mine.setdefault(row["proto"], []).append(row)
    assert set(mine) == set(FILES)
    for name in FILES:
        real = inodes(guest.cat(f"/proc/net/{name}").decode(),
                      6 if name == "unix" else 9)
        assert [row["inode"] or 0 for row in mine[name]] == real
    pid = guest.labels()["sockets"].pid
    has = owners(guest, pid)
    users = {row["inode"]: {user["fd"] for user in row["users"]
                            if user["pid"] == pid} for row in rows}
    assert {inode: fds for inode, fds in users.items() if fds} == has
    assert len(has) > 12


def test_kinds(guest, qvmi):
    """Options name kinds, as those of ss; what listens is a part of each."""
    def protos(*options):
        rows = json.loads(qvmi(guest, "sockets", "--json",
                               *options).stdout)["rows"]
        return sorted(row["proto"] for row in rows), rows

    everything = protos()[0]
    for options, kinds in ((("-t",), {"tcp", "tcp6"}),
                           (("-u", "-w"), {"udp", "udp6", "raw", "raw6"}),
                           (("--unix",), {"unix"})):
        assert protos(*options)[0] == [
            proto for proto in everything if proto in kinds]
    others, rows = protos("--netlink", "--packet")
    real = {name: guest.cat(f"/proc/net/{name}").decode().splitlines()[1:]
            for name in ("netlink", "packet")}
    assert others == (["netlink"] * len(real["netlink"])
                      + ["packet"] * len(real["packet"]))
    assert {row["inode"] or 0 for row in rows} == {
        int(line.split()[-1]) for lines in real.values() for line in lines}
    assert "route:kernel" in {row["local"] for row in rows}
    rows = protos("-l", "-t")[1]
    assert {(row["state"], row["local"]) for row in rows} == {
        ("listen", "127.0.0.1:4001"), ("listen", "[::]:4001")}
    assert {row["state"] for row in protos("-l")[1]} == {
        "listen", "unconnected"}


def test_words(guest, qvmi):
    rows = json.loads(qvmi(guest, "sockets", "--json").stdout)["rows"]
    pid = guest.labels()["sockets"].pid
    mine = [row for row in rows
            if any(user["pid"] == pid for user in row["users"])]
    assert {(row["proto"], row["state"], row["local"]) for row in mine} >= {
        ("tcp", "listen", "127.0.0.1:4001"), ("tcp6", "listen", "[::]:4001"),
        ("udp", "unconnected", "127.0.0.1:4002"),
        ("udp6", "unconnected", "[::]:4002")}
    assert {row["path"] for row in mine} >= {
        "/tmp/stream socket", "/tmp/datagrams", "@abstract@name", None}
    assert {row["uid"] for row in mine} == {0, 1234}
    assert {row["netns"] for row in mine} == {int(re.search(
        r"net:\[(\d+)\]", guest.run(f"ls -l /proc/{pid}/ns/net").decode())[1])}
    shown = qvmi(guest, "sockets").stdout.decode()
    assert re.search(rf"tcp +stream +listen +127.0.0.1:4001 .*/{pid}:", shown)
