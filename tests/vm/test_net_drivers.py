# SPDX-License-Identifier: BSD-2-Clause
"""net/dev of devices whose drivers count in structs of their own, which modules
have types of: byte for byte as the guest has it, also in another namespace."""

import contextlib
import json
import time

import pytest

# Lines that qvmi cannot tell where modules have no types.
UNTYPED = ("eth0", "eth1", "v0", "veth0", "vl", "mv", "t0")

LOAD = "for name in $(cat /more/load.net); do insmod /more/$name.ko; done"
UNLOAD = "for name in $(sed '1!G;h;$!d' /more/load.net); do rmmod $name; done"

# Members that count, in structs that a device's own one leads to by a pointer,
# or is: which traffic alone would leave at zero.
COUNTERS = (
    ("v0", "veth_priv", None, None, ("dropped",)),
    ("v0", "veth_priv", "rq", "veth_rq", (
        "stats.vs.rx_drops", "stats.vs.xdp_packets", "stats.vs.xdp_bytes",
        "stats.vs.xdp_tx_err", "stats.vs.peer_tq_xdp_xmit_err")),
    ("veth0", "veth_priv", "rq", "veth_rq", (
        "stats.vs.rx_drops", "stats.vs.xdp_packets", "stats.vs.xdp_bytes",
        "stats.vs.xdp_tx_err", "stats.vs.peer_tq_xdp_xmit_err")),
    ("eth0", "virtnet_info", "sq", "send_queue", (
        "stats.packets", "stats.bytes", "stats.tx_timeouts")),
    ("eth0", "virtnet_info", "rq", "receive_queue", (
        "stats.packets", "stats.bytes", "stats.drops")),
    ("t0", "tun_struct", None, None, ("rx_frame_errors",)),
)

# Two network cards of virtio, which hear each other and nobody else.
CARDS = ("one", "two")

# v0 and veth0, in another namespace, are a pair; no address is asked for, and
# nothing is sent when it is not told to.
SET_UP = (
    "echo 1 > /proc/sys/net/ipv6/conf/default/disable_ipv6",
    "ip link add v0 type veth; ip link set veth0 netns {0}",
    "nsenter -t {0} -n sh -c 'ip addr add 10.77.0.2/24 dev veth0; "
    "ip link set lo up; ip link set veth0 up; ping -c 1 127.0.0.1'",
    "ip addr add 10.77.0.1/24 dev v0; ip link set v0 up; tunctl -t t0",
    "ip addr add 10.78.0.1/24 dev eth0; ip link set eth0 up; "
    "ip link set eth1 up; ip link set t0 up",
    "ip addr add 10.81.0.1/24 dev dummy0; ip link set dummy0 up",
    "ip link add link eth0 name vl type vlan id 7; "
    "ip addr add 10.79.0.1/24 dev vl; ip link set vl up",
    "ip link add link eth0 name mv type macvlan; "
    "ip addr add 10.80.0.1/24 dev mv; ip link set mv up",
    "for net in 78:eth0 79:vl 80:mv; do arp -i ${{net#*:}} -s "
    "10.${{net%:*}}.0.9 $(cat /sys/class/net/eth1/address); done",
    "for net in 77.0.2 78.0.9 79.0.9 80.0.9 81.0.9; do "
    "ping -c 2 -i 0.1 -W 1 10.$net & done; wait",
)


def plug(guest):
    """Both cards are there."""
    for name in CARDS:
        guest.qmp("netdev_add", type="hubport", id=name, hubid=0)
        guest.qmp("device_add", driver="virtio-net-pci", netdev=name,
                  id=f"card-{name}")
    guest.run(LOAD)
    while b"eth1:" not in guest.cat("/proc/net/dev"):
        time.sleep(0.1)


def unplug(guest):
    """They are not there any more."""
    for name in CARDS:
        guest.qmp("device_del", id=f"card-{name}")
    while any(child["name"].startswith("card-") for child in
              guest.qmp("qom-list", path="/machine/peripheral")):
        time.sleep(0.1)
    for name in CARDS:
        guest.qmp("netdev_del", id=name)


@pytest.fixture(name="networks")
def fixture_networks(guest):
    """(a guest with devices of many drivers, a process that has one of them in
    a namespace of its own)."""
    plug(guest)
    pid = int(guest.run("unshare -n sleep 1000000 <>/dev/null >&0 2>&0 & "
                        "echo $!"))
    while (guest.run(f"readlink /proc/{pid}/ns/net")
           == guest.run("readlink /proc/1/ns/net")):
        time.sleep(0.1)
    for command in SET_UP:
        guest.run(command.format(pid))
    yield guest, pid
    guest.run(f"kill {pid}; tunctl -d t0; ip link del mv; ip link del vl; "
              "ip link del v0; "
              "echo 0 > /proc/sys/net/ipv6/conf/default/disable_ipv6")
    unplug(guest)
    guest.run(UNLOAD)


def while_it_stands(guest, qvmi, paths, typed):
    """(what qvmi said, the guest's texts, which were the same before it)."""
    said = before = None
    while True:
        theirs = [guest.cat(f"/proc/{path}") for path in paths]
        if theirs == before:
            return said, theirs
        said = qvmi(guest, "cat", *paths, status=0 if typed else 1)
        before = theirs


def printed(guest, qvmi, expr, depth=9):
    """Rows of an expression, with all its members."""
    return json.loads(qvmi(guest, "print", "-J", "-d", depth,
                           expr).stdout)["rows"]


def member(rows, path):
    """The row of a member, or of the number that is inside it."""
    return next(row for row in rows
                if f"{row['path']}.".startswith(f"{path}."))


def devices(guest, qvmi):
    """The rows of all devices' members."""
    return printed(guest, qvmi, "list(init_net.dev_base_head, "
                   "struct net_device, dev_list)", 0)


def privates(guest, qvmi):
    """{name: where its driver's struct is} of devices; veth0 is elsewhere."""
    size = json.loads(qvmi(guest, "type", "-J", "net_device").stdout)
    size = size["rows"][0]["size"]
    found = {row["value"]: int(row["address"], 0) + size
             for row in devices(guest, qvmi) if row["path"] == "name"}
    veth = printed(guest, qvmi, f"*(struct veth_priv *){found['v0']:#x}")
    return {**found, "veth0": int(member(veth, "peer")["value"], 0) + size}


def count_everything(guest, qvmi, tmp_path):
    """Each counter of COUNTERS gets another power of two, from 1 << 20 on; how
    many they are."""
    places, lines = privates(guest, qvmi), []
    for name, struct, pointer, behind, paths in COUNTERS:
        rows = printed(guest, qvmi, f"*(struct {struct} *){places[name]:#x}")
        if pointer:
            at = int(member(rows, pointer)["value"], 0)
            rows = printed(guest, qvmi, f"*(struct {behind} *){at:#x}")
        for path in paths:
            row = member(rows, path)
            at = int(row["address"], 0) + row["offset"]
            lines.append(f"k:{at:#x} {1 << 20 + len(lines)}")
    (tmp_path / "writes").write_text("\n".join(lines) + "\n")
    qvmi(guest, "write", "--physical", "-w8", "-f", tmp_path / "writes")
    return len(lines)


@contextlib.contextmanager
def of_packets(guest, qvmi):
    """t0 is a tun meanwhile: taps, which busybox makes, show no frame errors
    of their own."""
    rows = devices(guest, qvmi)
    element = next(row["element"] for row in rows if row["value"] == "t0")
    row = member([row for row in rows if row["element"] == element],
                 "netdev_ops")
    at = f"k:{int(row['address'], 0) + row['offset']:#x}"
    sym = json.loads(qvmi(guest, "sym", "-J", "tun_netdev_ops").stdout)
    new = sym["rows"][0]["address"]
    qvmi(guest, "write", "--physical", "-w8", at, new)
    try:
        yield
    finally:
        qvmi(guest, "write", "--physical", "-w8", at, row["value"])


def test_counters(networks, qvmi, tmp_path):
    """What each driver has counted, and what it would show had it counted what
    it does not here; of those without types, that it is not known."""
    guest, pid = networks
    typed = len(guest.run("ls /sys/kernel/btf").split()) > 1
    said, theirs = while_it_stands(guest, qvmi,
                                   ["net/dev", f"{pid}/net/dev"], typed)
    lines = [line for text in theirs for line in text.splitlines(True)]
    counts = {line.split(b":")[0].strip().decode():
              [int(word) for word in line.split(b":")[1].split()]
              for line in lines if b":" in line}
    for name in ("eth0", "v0", "veth0", "vl", "mv", "dummy0"):
        assert counts[name][9], name  # packets it has sent
    for name in ("eth1", "v0", "veth0"):
        assert counts[name][1], name  # ... and received
    known = [line for line in lines if typed or
             line.split(b":")[0].strip().decode() not in UNTYPED]
    assert said.stdout == b"".join(known)
    if not typed:
        assert (b"what eth0 has counted cannot be told (virtnet_stats)"
                in said.stderr)
        return
    many = count_everything(guest, qvmi, tmp_path)
    with of_packets(guest, qvmi):
        said, theirs = while_it_stands(guest, qvmi,
                                       ["net/dev", f"{pid}/net/dev"], typed)
    assert said.stdout == b"".join(theirs)
    words = set(b" ".join(theirs).split())
    numbers = [int(word) for word in words if word.isdigit()]
    for i in range(many):
        assert any(number >> 20 + i & 1 for number in numbers), i
