# SPDX-License-Identifier: BSD-2-Clause
"""Every command on every generation of stubs, without a QEMU."""

import json
import re

import pytest

import recording
from conftest import selected_kernels
from guest import free_port
from rsp import Rsp

QEMUS = ["5.2", "7.2", "8.1", "8.2", "10.0", "10.2", "11.1"]
TELL_STOP = ["5.2", "7.2"]
MEMORY = ["stub", "auto"]
# All of RAM, which takes most of the time by a stub. How it is read there is no
# matter of the kernel: by each generation on one, whose qvmi has no sanitizers,
# and on the others by two, of which the later takes larger packets.
WHOLE = ("search", "p:", "str:Linux version")
WHOLE_KERNEL, WHOLE_QEMUS = "6.12", ["5.2", "11.1"]
# What stubs that are no QEMU, or a crippled one, get: one line.
LESSER = {
    "no-xml": b"does not know the request `qXfer:features:read",
    "no-cr3": b"no register cr3",
    "no-phys": b"none that gives access to physical memory",
    "no-monitor": b"does not know the request `info status`",
    "no-pipeline": b"no answer within 0.5 s",
    "bhyve": b"none that gives access to physical memory",
    "firecracker": b"none that gives access to physical memory",
}


@pytest.fixture(scope="module")
def labels(recorded):
    """The scenes of the recorded guest: {label: {"pid": .., "addr": ..}}."""
    return json.loads((recorded / "labels").read_text())


def commands(labels):
    """Command lines that read all there is to read."""
    heap = f"{labels['heap']['pid']}:{labels['heap']['addr']:#x}"
    swap = (f"{labels['swap.first']['pid']}:"
            f"{labels['swap.first']['addr']:#x}")
    return [("ps",), ("ps", "-t"), ("ps", "--tree"), ("ps", "-J"),
            ("maps", 1), ("maps", labels["many"]["pid"]), ("maps", "--all"),
            ("maps", "--all", "-J"), ("listvma",), ("findpage", heap),
            ("findpage", swap), ("walk", heap), ("walk", swap, "-J"),
            ("walk", "init_task"), ("walk", "0x800000000000"),
            ("read", heap, 5000), ("read", "linux_banner", 200, "-f", "str"),
            ("read", "p:0x100000", "256K", "-f", "raw"),
            ("read", "p:0xbfff000", "8K"), ("maps", 2), ("maps", 999999),
            ("regs",), ("regs", "--cpu", 1, "-J"),
            ("search", heap, "64K", "str:heap"),
            ("search", f"{labels['heap']['pid']}:", "str:page 1"),
            WHOLE]


def outcome(qvmi, guest, args):
    """What a run prints, and its exit status."""
    done = qvmi(guest, *args, status=None)
    return done.stdout, done.stderr, done.returncode


def without_place(info):
    """`info` but for what is not of the guest."""
    return [line for line in info.splitlines()
            if not line.startswith((b"Stub", b"Found", b"Profile"))]


@pytest.fixture(scope="module")
def on_qemu(recorded, labels, qvmi):
    """The same moment of the same guest in a real QEMU."""
    guest = recording.incoming(recorded.name.split("-")[0])
    said = {args: outcome(qvmi, guest, args) for args in commands(labels)}
    said["info"] = without_place(
        qvmi(guest, "info", "--memory", "auto").stdout)
    guest.assert_unharmed("paused")
    guest.close()
    return said


def tried(request, recorded, generation, memory):
    """Whether the command of a number is: a kernel tries each by three or four
    of all generations and ways to memory, and all four try each by all; one
    kernel alone, or --long, has each by all."""
    kernels = selected_kernels(request.config)
    if request.config.getoption("--long"):
        return lambda number: True
    turn = (kernels.index(recorded.name.split("-")[0])
            + QEMUS.index(generation) + MEMORY.index(memory))
    return lambda number: (number + turn) % len(kernels) == 0


@pytest.mark.parametrize("memory", MEMORY)
@pytest.mark.parametrize("generation", QEMUS)
def test_same_as_qemu(stub, qvmi, recorded, labels, on_qemu, generation,
                      memory, request):
    server = stub(generation)
    whole = (generation in WHOLE_QEMUS
             or recorded.name.startswith(f"{WHOLE_KERNEL}-"))
    is_tried = tried(request, recorded, generation, memory)
    for number, args in enumerate(commands(labels)):
        if not (whole if args == WHOLE and memory == "stub"
                else is_tried(number)):
            continue
        assert outcome(qvmi, server, (*args, "--memory", memory)) == \
            on_qemu[args], args
    info = without_place(qvmi(server, "info").stdout)
    assert info == on_qemu["info"]
    server.assert_unharmed()


def test_maps_as_the_guest_said(stub, qvmi, recorded):
    """Not only what qvmi says of QEMU: what /proc said in the guest."""
    parts = re.split(rb"(?m)^==> (\d+) .* <==\n",
                     qvmi(stub(), "maps", "--all").stdout)
    seen = dict(zip(map(int, parts[1::2]), parts[2::2]))
    said = {int(file.parent.name): file.read_bytes()
            for file in (recorded / "proc").glob("*/maps")}
    gone = {pid for pid in said if pid not in seen and said[pid]}
    assert len(gone) <= 2  # the shell that listed them, and its child
    for pid, text in seen.items():
        assert text == said[pid], f"maps of pid {pid} differ"


def told(recorded, row):
    """Whether the guest's own /proc had this process."""
    return (recorded / "proc" / str(row["pid"]) / "stat").exists()


def test_ps_as_the_guest_said(stub, qvmi, recorded):
    rows = {row["pid"]: row for row in json.loads(
        qvmi(stub(), "ps", "-J").stdout)["rows"]}
    seen = 0
    for file in (recorded / "proc").glob("*/stat"):
        stat = file.read_bytes()
        if int(file.parent.name) not in rows:
            continue
        row, tail = rows[int(file.parent.name)], stat[stat.rindex(b")"):]
        state, ppid = tail.split()[1:3]
        assert row["ppid"] == int(ppid)
        # whoever ran at one of these moments may sleep at the other
        shown = row["state"].encode()
        assert state == shown or b"R" in (state, shown)
        uid = re.search(rb"(?m)^Uid:\t(\d+)\t(\d+)",
                        (file.parent / "status").read_bytes())
        assert (row["ruid"], row["uid"]) == tuple(map(int, uid.groups()))
        seen += 1
    late = [row for row in rows.values() if not told(recorded, row)]
    assert seen + len(late) == len(rows)
    # workers come and go, up to the moment that is recorded
    assert all(row["comm"].startswith("kworker/") for row in late)


@pytest.mark.any_kernel
@pytest.mark.parametrize("found", ["run", "stand paused", "stand prelaunch"])
@pytest.mark.parametrize("generation", QEMUS)
def test_left_as_found(stub, qvmi, generation, found):
    """Up to 8.0 the stub tells; later a plain pause tells nothing."""
    server = stub(generation)
    server.tell(found)
    qvmi(server, "info")
    known = found == "stand prelaunch" or generation in TELL_STOP
    server.assert_unharmed(running=0 if found != "run" and known else 1)
    for leave, running in (("paused", 0), ("running", 1)):
        server.tell(found)
        qvmi(server, "info", "--leave", leave)
        server.assert_unharmed(running=running)


# What is done in a state that comes up between the first look and the last:
# whether the guest runs, and whether what was read is printed.
LATER = {"paused": (1, True), "postmigrate": (0, True),
         "finish-migrate": (0, True), "colo": (0, True),
         "prelaunch": (1, False), "guest-panicked": (0, False),
         "io-error": (0, False), "shutdown": (0, False),
         "debug": (0, False), "one-of-tomorrow": (0, False)}


@pytest.mark.any_kernel
@pytest.mark.parametrize("memory", ["stub", "process"])
@pytest.mark.parametrize("word", LATER)
@pytest.mark.parametrize("generation", ["7.2", "8.1", "11.1"])
def test_other_state_in_the_end(stub, qvmi, generation, word, memory):
    server = stub(generation)
    # memory that nobody has touched yet is not read by the process
    qvmi(server, "ps", "--memory", "stub")
    server.tell(f"later {word}")
    runs, holds = LATER[word]
    done = qvmi(server, "ps", "--memory", memory, status=0 if holds else 3)
    assert (done.stdout != b"") == holds
    said = done.stderr.decode()
    assert said.count("\n") == (word != "paused")
    assert (f"state '{word}' by now" in said) == (not runs)
    assert ("somebody else" in said) == (not holds)
    server.assert_unharmed(running=runs)


@pytest.mark.any_kernel
@pytest.mark.parametrize("generation", ["7.2", "11.1"])
def test_asked_for_what_is_over(stub, qvmi, generation):
    """It was to run, or to stay, and that came to nothing: no success."""
    server = stub(generation)
    server.tell("later postmigrate")
    done = qvmi(server, "resume", status=1)
    assert b"Left:    postmigrate\n" in done.stdout
    assert b"moved to another QEMU" in done.stderr
    server.assert_unharmed(running=0)
    server.tell("run")
    server.tell("later suspended")
    done = qvmi(server, "ps", "--leave", "paused", status=3)
    assert b"somebody else" in done.stderr and b"'suspended'" in done.stderr
    server.assert_unharmed(running=0)


@pytest.mark.any_kernel
@pytest.mark.parametrize("generation", ["7.2", "11.1"])
def test_started_by_others(stub, qvmi, generation):
    """Found in a state, and plainly paused in the end: it runs on."""
    for found in ("prelaunch", "suspended", "inmigrate", "guest-panicked"):
        server = stub(generation)
        server.tell(f"stand {found}")
        server.tell("later paused")
        qvmi(server, "ps", "--memory", "stub")
        server.assert_unharmed(running=1)


@pytest.mark.parametrize("generation", QEMUS)
def test_write(stub, qvmi, labels, generation):
    heap = f"{labels['heap']['pid']}:{labels['heap']['addr']:#x}"
    server = stub(generation)
    before = qvmi(server, "read", heap, "6K").stdout
    qvmi(server, "write", heap, "hex:" + "5a" * 5000)
    server.assert_unharmed(written=5000)
    there = qvmi(server, "read", heap, "6K", "-f", "raw").stdout
    assert there[:5000] == b"\x5a" * 5000
    server.tell("reset")
    assert qvmi(server, "read", heap, "6K").stdout == before
    qvmi(server, "write", "p:0xc000000", "hex:00", status=1)
    server.assert_unharmed(written=0)


def registers(qvmi, server):
    """All registers of all vCPUs."""
    return json.loads(qvmi(server, "regs", "-J").stdout)["rows"]


@pytest.mark.parametrize("generation", [*QEMUS, "no-single"])
def test_registers(stub, qvmi, generation):
    """By P, or by G where that is unknown: no other register changes."""
    server = stub(generation)
    before = registers(qvmi, server)
    new = {"r15": "0x1122334455667788", "rip": "0x401000", "eflags": "0x2"}
    done = qvmi(server, "regs", "--cpu", 1, *(
        word for name, value in new.items()
        for word in ("--set", f"{name}={value}")))
    assert done.stdout.decode().splitlines() == [
        f"vCPU 1: {name} {before[1][name]} -> {value}"
        for name, value in new.items()]
    server.assert_unharmed()
    assert server.state().registers == len(new)
    after = registers(qvmi, server)
    assert after[0] == before[0]
    assert {name: value for name, value in after[1].items()
            if name in new or name not in ("eflags_bits", "symbol")} == {
        name: value for name, value in {**before[1], **new}.items()
        if name in new or name not in ("eflags_bits", "symbol")}
    server.tell("reset")
    assert registers(qvmi, server) == before
    qvmi(server, "regs", "--set", "r15=1", status=1)
    qvmi(server, "regs", "--cpu", 2, "--set", "r15=1", status=1)
    server.assert_unharmed()
    assert server.state().registers == 0


@pytest.mark.any_kernel
@pytest.mark.parametrize("generation", LESSER)
def test_stubs_that_offer_less(stub, qvmi, generation):
    server = stub(generation)
    for args in (("info",), ("maps", "--all", "-J"),
                 ("read", "p:0x1000", 16), ("write", "p:0x1000", "1")):
        server.tell("run")
        done = qvmi(server, *args, "--timeout", "0.5", status=3)
        if "-J" in args:
            assert json.loads(done.stdout)["rows"] == []
        else:
            assert done.stdout == b""
        assert done.stderr.startswith(b"qvmi: ")
        assert done.stderr.count(b"\n") == 1
        assert LESSER[generation] in done.stderr
        server.assert_unharmed()


def test_tcp(stub, qvmi, labels, on_qemu):
    server = stub("8.2", port=free_port())
    for args in commands(labels)[:8]:
        assert outcome(qvmi, server, args) == on_qemu[args], args
    server.assert_unharmed()


@pytest.mark.parametrize("generation", QEMUS)
def test_what_others_left(stub, qvmi, generation):
    """Half a packet, physical mode, thread IDs of the other form."""
    server = stub(generation)
    left = Rsp(server.gdb[len("unix:"):])
    assert left.ask("qSupported:multiprocess+").startswith("PacketSize=")
    assert left.ask("Qqemu.PhyMemMode:1") == "OK"
    left.sock.sendall(b"+$m0,")
    left.close()
    assert server.state().parser == "busy"
    assert b"init" in qvmi(server, "ps").stdout
    server.assert_unharmed()


def stats(qvmi, server, *args):
    """The counts of one run, without its times; nobody limits its pause, for
    which the stub would be timed first; and nothing is read ahead."""
    qvmi.forget_places()
    done = json.loads(qvmi(server, *args, "-J", "--stats",
                           env={"QVMI_MAX_PAUSE": ""}).stdout)
    return {key: done["stats"][key]
            for key in ("batches", "packets", "wire_bytes", "read_bytes")}


# What a command may cost; the same whenever it runs. Names in `regs` take three
# reads that depend on each other (struct page, slab cache, its name), each by up
# to three tables and a read, where the recorded registers lead into slabs; and
# the lists of what the kernel made are gone along from both ends: of BPF there
# are 15 pieces.
BATCHES = {("info",): 25, ("ps",): 40, ("ps", "-t"): 40, ("maps", 1): 80,
           ("maps", "--all"): 80, ("listvma",): 60,
           ("walk", "init_task"): 25, ("read", "linux_banner", 64): 25,
           ("read", "p:0", 64): 1, ("regs",): 36,
           ("search", "p:16777216", "64M", "-m", 2000, "-a", 65536,
            "hex:00"): 4}


@pytest.mark.parametrize("args,most", BATCHES.items(),
                         ids=lambda v: "-".join(map(str, v))
                         if isinstance(v, tuple) else None)
def test_counts(stub, qvmi, args, most):
    small, large = stub("10.0"), None
    qvmi(small, *args)  # the profile is in the cache now
    first = stats(qvmi, small, *args, "--memory", "stub")
    assert first == stats(qvmi, small, *args, "--memory", "stub")
    assert first["batches"] <= most
    by_process = stats(qvmi, small, *args)
    for key in ("batches", "read_bytes"):
        assert by_process[key] == first[key]
    large = stats(qvmi, stub("10.2"), *args, "--memory", "stub")
    assert large["packets"] <= first["packets"]
    assert large["read_bytes"] == first["read_bytes"]


def test_bytes_per_vma(stub, qvmi):
    """All maps cost little more than a warm attach and their VMAs."""
    server = stub()
    qvmi(server, "info")
    base = stats(qvmi, server, "ps")["read_bytes"]
    done = json.loads(qvmi(server, "maps", "--all", "-J", "--stats").stdout)
    spent = done["stats"]["read_bytes"] - base
    assert spent <= 1536 * len(done["rows"])
