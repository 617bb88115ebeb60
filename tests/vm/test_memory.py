# SPDX-License-Identifier: BSD-2-Clause
"""Memory read out of QEMU's process is what the stub shows, and only that."""

import contextlib
import json
import os
import pwd
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time

import pytest

import guest as vm
import sessions
from proxy import REQUEST, Proxy

SESSIONS = (("ps", "-t"), ("maps", "--all"), ("listvma",),
            ("walk", "init_task"), ("read", "_text", "1M", "-f", "raw"),
            ("read", "p:0x100000", "8M", "-f", "raw"))
STATUS = b"qRcmd," + b"info status".hex().encode()
# pytest may run as another user already
root = pytest.mark.skipif(os.geteuid() != 0, reason="needs to change its uid")


@contextlib.contextmanager
def stopped(guest):
    """The guest stands still, so that two runs see the same."""
    guest.stop()
    try:
        yield
    finally:
        guest.cont()


def stats(done):
    """The values of the line that --stats prints."""
    line = done.stderr.decode().splitlines()[-1]
    return dict(pair.split("=") for pair in line.split()[1:])


def both(guest, qvmi, *args):
    """Run it by stub and by process: the same output; both statistics."""
    done = []
    for path in ("stub", "process"):
        qvmi.forget_places()
        done.append(qvmi(guest, *args, "--stats", "--memory", path))
    by_stub, by_process = done
    assert by_stub.stdout == by_process.stdout, args
    assert stats(by_stub)["memory"] == "stub"
    assert stats(by_process)["memory"] == "process"
    assert by_process.stderr.count(b"\n") == 1
    return stats(by_stub), stats(by_process)


def memory_path(guest, qvmi, *options, **kw):
    """What `info` says."""
    done = qvmi(guest, "info", "--json", *options, **kw)
    output = json.loads(done.stdout)
    assert output["notes"] == []
    return output["rows"][0]["memory"]


def test_same_output(guest, qvmi):
    qvmi(guest, "info")  # the profile is cached from here on
    with stopped(guest):
        for args in SESSIONS:
            by_stub, by_process = both(guest, qvmi, *args)
            assert by_stub["batches"] == by_process["batches"]
            assert by_stub["read_bytes"] == by_process["read_bytes"]
            assert int(by_process["packets"]) < 60


def test_much_fewer_packets(guest, qvmi):
    with stopped(guest):
        both(guest, qvmi, "maps", "--all")
        by_stub, by_process = both(guest, qvmi, "maps", "--all")
    assert int(by_process["packets"]) * 10 < int(by_stub["packets"])


def test_info_tells(guest, qvmi):
    assert memory_path(guest, qvmi, "--memory", "auto") == "process"
    assert memory_path(guest, qvmi, "--memory", "process") == "process"
    assert memory_path(guest, qvmi, "--memory", "stub") == "stub"


def row(done):
    """Of `info --json`."""
    return json.loads(done.stdout)["rows"][0]


def check_peer(info, pid, uid, command="qemu-system-x86"):
    """Who is at the other end, by `info --json`."""
    assert (info["peer_pid"], info["peer_uid"], info["peer_command"]) == (
        pid, uid, command)
    assert info["peer"] == f"process {pid}, {command}, UID {uid}"


def test_info_names_the_peer(guest, qvmi):
    for way in ((), ("--memory", "stub")):
        info = row(qvmi(guest, "info", "--json", *way))
        check_peer(info, guest.pid, os.geteuid())
        assert info["memory_why"] is None
    assert b"\nStub of:        process %d, qemu-system-x86, UID %d\n" % (
        guest.pid, os.geteuid()) in qvmi(guest, "info").stdout


def test_profile_from_the_guest(guest, qvmi):
    """Symbols and types found in the process's memory."""
    with stopped(guest):
        both(guest, qvmi, "ps", "--no-cache")


def test_writes_are_seen(guest, qvmi):
    """They go through the stub; the process is where they are read back."""
    label = guest.labels()["heap"]
    old = guest.peek(label.pid, label.addr + 0x900, 4)
    where = f"{label.pid}:{label.addr + 0x900:#x}"
    qvmi(guest, "write", where, "-w", 4, "0x12345678", "--memory", "process")
    assert guest.peek(label.pid, label.addr + 0x900, 4) == \
        bytes.fromhex("78563412")
    guest.poke(label.pid, label.addr + 0x900, old)


def test_old_bytes_are_the_stubs(guest, qvmi):
    """What would be put back comes from where it would go."""
    label = guest.labels()["heap"]
    with Proxy(guest) as proxy:
        done = qvmi(proxy, "write", f"{label.pid}:{label.addr + 0x900:#x}",
                    "-w", 4, "0x12345678", "--json", "--stats", "--process",
                    guest.pid)
    qvmi(guest, "undo")
    assert json.loads(done.stdout)["stats"]["memory"] == "process"
    at = int(json.loads(done.stdout)["rows"][0]["physical"], 16)
    requests = proxy.log[REQUEST]
    write = requests.index(b"M%x,4:78563412" % at)
    assert b"m%x,4" % at in requests[:write]
    assert not any(body.startswith(b"m") for body in requests[write:])


@pytest.mark.variant("tcp")
def test_tcp(variant, qvmi):
    guest = variant("tcp")
    assert memory_path(guest, qvmi) == "process"
    check_peer(row(qvmi(guest, "info", "--json")), guest.pid, os.geteuid())
    with stopped(guest):
        both(guest, qvmi, "maps", "--all")


@contextlib.contextmanager
def booted(**kw):
    """A guest of its own."""
    guest = vm.Guest("6.1", append="qvmi.scenes=0", **kw)
    try:
        yield guest
    finally:
        guest.close()


@root
def test_foreign_stub(qvmi):
    """Root does not read for others, unless root says so."""
    nobody = pwd.getpwnam("nobody").pw_uid
    with booted(gdb="tcp", extra=("-runas", "nobody")) as guest:
        done = qvmi(guest, "info", "--json")
        info = row(done)
        check_peer(info, guest.pid, nobody)
        why = ("may not read the memory of another user's process: the stub "
               f"is UID {nobody}'s, we are UID 0")
        assert info["memory"] == "stub" and info["memory_why"] == why
        assert json.loads(done.stdout)["notes"] == [
            f"{why}: memory is read through the stub (--process {guest.pid} "
            "has it read all the same)"]
        done = qvmi(guest, "ps", "--memory", "process", status=1)
        assert done.stderr == b"qvmi: --memory process: %s\n" % why.encode()
        done = qvmi(guest, "ps", "--stats", "--process", guest.pid)
        assert stats(done)["memory"] == "process"
        assert done.stderr.count(b"\n") == 1
        assert guest.running()


# Listens, and has a child with that socket become QEMU; its number is told.
MANAGER = """
import os, socket, sys
listener = socket.socket(socket.AF_UNIX)
listener.bind(sys.argv[1] + "/gdb")
listener.listen()
child = os.fork()
if not child:
    os.dup2(listener.fileno(), 99)
    os.execvp("setpriv", ["setpriv", "--pdeathsig", "KILL", *sys.argv[2:]])
with open(sys.argv[1] + "/child", "w") as stream:
    stream.write(str(child))
listener.close()
os.waitpid(child, 0)
"""


@contextlib.contextmanager
def managed(tmp_path, *extra):
    """A guest whose listening socket somebody else has made: (guest, its
    PID)."""
    with booted(gdb="chardev:stub", wrap=(
            sys.executable, "-c", MANAGER, tmp_path), extra=(
                "-chardev", "socket,id=stub,fd=99,server=on,wait=off",
                *extra)) as guest:
        guest.gdb = f"unix:{tmp_path}/gdb"
        child = int((tmp_path / "child").read_text())
        try:
            yield guest, child
        finally:  # one that changes its user does not end with its parent
            os.kill(child, signal.SIGKILL)
            guest.proc.wait()


def test_listened_for_by_a_manager(qvmi, tmp_path):
    """It is QEMU that has the other end: that is who counts."""
    with managed(tmp_path) as (guest, pid):
        info = row(qvmi(guest, "info", "--json"))
        assert info["memory"] == "process" and pid != guest.pid
        check_peer(info, pid, os.geteuid())


@root
def test_listened_for_by_another_user(qvmi, tmp_path):
    """Then it is not clear whose word that is."""
    with managed(tmp_path, "-runas", "nobody") as (guest, pid):
        info = row(qvmi(guest, "info", "--json"))
        assert info["memory"] == "stub"
        check_peer(info, pid, 0)
        assert info["memory_why"] == (
            f"process {pid} is not of UID 0, who has the stub")
        done = qvmi(guest, "ps", "--stats", "--process", pid)
        assert stats(done)["memory"] == "process"


@pytest.mark.variant("numa")
def test_numa(variant, qvmi):
    """Two blocks, unrelated in QEMU; bytes around the border between them."""
    guest = variant("numa")
    border = (256 << 20) - 4096
    with stopped(guest):
        both(guest, qvmi, "maps", "--all")
        both(guest, qvmi, "read", f"p:{border:#x}", 8192, "-f", "raw")


@pytest.mark.variant("split")
@pytest.mark.parametrize("name", ["split-pc", "split-q35"])
def test_split_memory(variant, qvmi, name):
    guest = variant(name)
    with stopped(guest):
        both(guest, qvmi, "maps", "--all")
        both(guest, qvmi, "read", "p:0x100000000", "4M", "-f", "raw")


@pytest.mark.variant("firmware")
def test_no_linux(variant, qvmi):
    """Real mode, hardly anything in memory: whatever is chosen, it is right."""
    guest = variant("firmware")
    with stopped(guest):
        args = ("read", "p:0", "512K", "-f", "raw")
        assert qvmi(guest, *args, "--memory", "stub").stdout == \
            qvmi(guest, *args).stdout


@pytest.fixture
def as_nobody(qvmi):
    """Run qvmi as another user, out of a folder that this one can see."""
    folder = tempfile.mkdtemp(prefix="qvmi-")
    os.chmod(folder, 0o755)
    binary = shutil.copy(qvmi.binary, folder)

    def run(guest, command, *args):
        argv = qvmi.argv(guest, command, *args)[1:]
        return subprocess.run(
            ["setpriv", "--reuid", "nobody", "--clear-groups", binary, *argv],
            capture_output=True, check=False, timeout=120,
            env=qvmi.environ(XDG_CACHE_HOME="/nonexistent", HOME="/"))

    yield run
    shutil.rmtree(folder)


@root
@pytest.mark.variant("tcp")
def test_not_allowed(variant, as_nobody):
    """Another user: the stub does it, and a note says so, unless the process
    was asked for."""
    guest = variant("tcp")
    done = as_nobody(guest, "read", "p:0x1000", 16, "--stats")
    assert done.returncode == 0 and stats(done)["memory"] == "stub"
    assert done.stderr.startswith(
        b"qvmi: note: may not read the memory of another user's process: the "
        b"stub is UID 0's, we are UID ")
    assert b": memory is read through the stub\n" in done.stderr
    assert done.stderr.count(b"\n") == 2
    done = as_nobody(guest, "ps", "--memory", "process")
    assert done.returncode == 1 and done.stdout == b""
    assert done.stderr.startswith(b"qvmi: --memory process: may not read the "
                                  b"memory of another user's process: ")
    assert done.stderr.count(b"\n") == 1
    assert guest.running()


def without_pagemap(guest, qvmi, *args):
    """Run qvmi where something else is mounted over QEMU's pagemap."""
    return subprocess.run(
        ["unshare", "--mount", "sh", "-c", 'mount --bind "$0" "$1" && shift '
         '&& exec "$@"', "/dev/null", f"/proc/{guest.pid}/pagemap",
         *qvmi.argv(guest, *args)], env=qvmi.environ(), capture_output=True,
        check=False, timeout=120, stdin=subprocess.DEVNULL)


@root
@pytest.mark.variant("tcp")
def test_no_pagemap(variant, qvmi):
    """Which pages there are cannot be told: nothing is read on a guess."""
    guest = variant("tcp")
    done = without_pagemap(guest, qvmi, "ps", "--stats")
    if b"unshare" in done.stderr or b"mount" in done.stderr:
        pytest.skip("no name spaces here")
    assert done.returncode == 0 and stats(done)["memory"] == "stub"
    assert sessions.users(done.stdout) == sessions.users(
        qvmi(guest, "ps").stdout)
    assert done.stderr.startswith(b"qvmi: note: which pages process %d has "
                                  b"cannot be told: " % guest.pid)
    assert b": memory is read through the stub\n" in done.stderr
    assert done.stderr.count(b"\n") == 2
    done = without_pagemap(guest, qvmi, "ps", "--memory", "process")
    assert done.returncode == 1 and done.stdout == b""
    assert done.stderr.startswith(b"qvmi: --memory process: which pages ")
    assert done.stderr.count(b"\n") == 1
    assert guest.running()


@root
@pytest.mark.variant("tcp")
def test_other_name_space(variant, qvmi):
    """QEMU's threads have no number here."""
    guest = variant("tcp")

    def run(*args):
        return subprocess.run(
            ["unshare", "--pid", "--fork", "--mount-proc",
             *qvmi.argv(guest, "info", *args)], env=qvmi.environ(),
            capture_output=True, check=False, timeout=120)

    if b"unshare" in run().stderr:
        pytest.skip("no name spaces here")
    done = run("--stats")
    assert done.returncode == 0 and stats(done)["memory"] == "stub"
    done = run("--memory", "process")
    assert done.returncode == 1 and done.stdout == b""
    assert b"is not seen from here" in done.stderr
    assert guest.running()


def test_resumed_by_somebody_else(guest, qvmi):
    """No packet stops a guest that runs while its process is read."""
    asked = []

    def resume(direction, body):
        """When all is read it is asked how the guest is."""
        if direction == REQUEST and body == STATUS:
            asked.append(body)
            if len(asked) == 2:
                guest.cont()
        return body

    with Proxy(guest, change=resume) as proxy:
        done = qvmi(proxy, "read", "p:0x100000", "64M", "-f", "raw",
                    "--memory", "process", "--process", guest.pid, status=3)
    assert len(asked) >= 2
    assert done.stdout == b""
    assert b"somebody else let the guest run" in done.stderr
    assert done.stderr.count(b"\n") == 1
    assert guest.running()


def calls(qvmi, guest, folder, *args):
    """[(name, rest of the line)] of its system calls that matter here."""
    done, lines = qvmi.traced(
        qvmi.argv(guest, *args, "--memory", "process"), folder,
        "-e", "trace=execve,connect,sendto,recvfrom,process_vm_readv")
    assert done.returncode == 0, done.stderr
    return [re.match(r"(\w+)\((.*)", line).groups() for line in lines
            if "(" in line]


@pytest.mark.any_kernel
@pytest.mark.unsanitized("LeakSanitizer cannot work under strace")
@pytest.mark.parametrize("args", [("ps",), ("maps", "--all"),
                                  ("read", "p:0x100000", "8M", "-f", "raw")],
                         ids=" ".join)
def test_never_read_while_the_guest_runs(guest, qvmi, tmp_path, args):
    """Between the first answer of the stub, which stands still from the
    connection on, and the detach."""
    seen = calls(qvmi, guest, tmp_path, *args)
    reads = [at for at, (name, _) in enumerate(seen)
             if name == "process_vm_readv"]
    answers = [at for at, (name, rest) in enumerate(seen)
               if name == "recvfrom" and "= -1" not in rest]
    detach = [at for at, (name, rest) in enumerate(seen)
              if name == "sendto" and "$D;1#" in rest]
    assert len(reads) > 1 and len(detach) == 1
    assert answers[0] < reads[0] and reads[-1] < detach[0]
