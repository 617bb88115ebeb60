# SPDX-License-Identifier: BSD-2-Clause
"""`run`: programs of this host that ask for more than a list of processes,
held against the guest's own files."""

import re

from test_mount import processes, said

# As ss(8) has the states of TCP; of UDP and raw sockets there are two.
STATES = {1: "ESTAB", 4: "FIN-WAIT-1", 5: "FIN-WAIT-2", 6: "TIME-WAIT",
          7: "UNCONN", 8: "CLOSE-WAIT", 9: "LAST-ACK", 10: "LISTEN"}
UNIX = {1: "str", 2: "dgr", 5: "seq"}


def lines(guest, name):
    """Those of a file, but for its heading, as words."""
    return [line.split() for line in
            guest.cat(f"/proc/net/{name}").decode().splitlines()[1:]]


def port(address):
    number = int(address.rsplit(":", 1)[1], 16)
    return str(number) if number else "*"


def of_ports(text):
    """(state, port here, port there) of what ss prints, in order."""
    return sorted((words[0], words[3].rsplit(":", 1)[1],
                   words[4].rsplit(":", 1)[1])
                  for words in map(str.split, text.splitlines()))


def in_guest(guest, *names):
    return sorted((STATES[int(words[3], 16)], port(words[1]), port(words[2]))
                  for name in names for words in lines(guest, name))


def test_ss(guest, qvmi):
    """Sockets of each kind. It takes the first word of a Unix, a packet and a
    netlink socket for a number, so the guest must not hide its addresses."""
    asked = {"ss -tanpH": (), "ss -uanH": ("udp", "udp6"),
             "ss -wanH": ("raw", "raw6"), "ss -xaH": (),
             "ss -n -f netlink -H": (), "ss -n -0 -aH": ()}
    pid = guest.labels()["sockets"].pid
    old = guest.run("cat /proc/sys/kernel/kptr_restrict").decode().strip()
    try:
        guest.run("echo 1 > /proc/sys/kernel/kptr_restrict")
        told = said(qvmi, guest, asked)
        real = {name: lines(guest, name)
                for name in ("unix", "netlink", "packet")}
    finally:
        guest.run(f"echo {old} > /proc/sys/kernel/kptr_restrict")
    for command, names in asked.items():
        if names:
            assert of_ports(told[command]) == in_guest(guest, *names)
    # Connections that are over stay for a while.
    assert [row for row in of_ports(told["ss -tanpH"])
            if row[0] != "TIME-WAIT"] == [
                row for row in in_guest(guest, "tcp", "tcp6")
                if row[0] != "TIME-WAIT"]
    assert told["ss -tanpH"].count(f'users:(("sockets",pid={pid},fd=') == 8
    # A name ends at its first blank, and "*" stands for none.
    assert sorted(re.findall(r"^u_(\w+) +\w+ +\d+ +\d+ +(\S+) (\d+)",
                             told["ss -xaH"], re.M)) == sorted(
        (UNIX[int(words[4], 16)], (words[7:] or ["*"])[0], words[6])
        for words in real["unix"])
    assert re.findall(r" (\d+):(\d+) ", told["ss -n -f netlink -H"]) == [
        (words[1], words[2]) for words in real["netlink"]]
    assert told["ss -n -0 -aH"].count("p_") == len(real["packet"]) > 0


def test_hidden(guest, qvmi):
    """Where ss takes other words for numbers, `sockets` does not."""
    told = said(qvmi, guest, ["ss -xaH", "cat /proc/net/unix"])
    inodes = [words[6] for words in lines(guest, "unix")]
    shown = re.findall(r" (\d+) +\* 0 *$", told["ss -xaH"], re.M)
    hidden = "(____ptrval____)" in told["cat /proc/net/unix"]
    assert sorted(shown) == sorted(["0"] * len(inodes) if hidden else inodes)
    mine = qvmi(guest, "sockets", "-x").stdout.decode()
    assert all(re.search(rf"\b{inode}\b", mine) for inode in inodes)


def test_tree(guest, qvmi):
    """All processes below the first one and kthreadd; who is above one."""
    pid = guest.labels()["sockets"].pid
    told = said(qvmi, guest, ["pstree -pnA 1", "pstree -pnA 2",
                              f"pstree -sp {pid}"])
    numbers = re.findall(r"\((\d+)\)", told["pstree -pnA 1"]
                         + told["pstree -pnA 2"])
    assert {str(pid) for pid in processes(guest)} <= set(numbers)
    assert told[f"pstree -sp {pid}"] == f"init(1)---sockets({pid})\n"


def test_nothing_of_ours(guest, qvmi):
    """What compares files of this host with the guest's finds no socket."""
    told = said(qvmi, guest, ["fuser -n tcp 4001 || echo none", "w -h"])
    assert told["fuser -n tcp 4001 || echo none"] == "none\n"
    assert told["w -h"] == ""
