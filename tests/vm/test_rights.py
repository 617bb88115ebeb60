# SPDX-License-Identifier: BSD-2-Clause
"""What qvmi may do, whose directories it uses, and what it leaves behind."""

import json
import os
import pathlib
import pwd
import re
import shutil
import socket
import subprocess
import tempfile

import pytest

import sessions as s
from stub import tool
from test_bad_input import one_line
from test_memory import root

NOBODY = pwd.getpwnam("nobody")


@pytest.fixture
def public():
    """A directory that other users reach."""
    with tempfile.TemporaryDirectory(prefix="qvmi-", dir="/tmp") as folder:
        os.chmod(folder, 0o755)
        yield pathlib.Path(folder)


def set_id(binary, public, uid, mode):
    """A copy of the program that runs with somebody else's rights."""
    copy = public / "qvmi"
    shutil.copy(binary, copy)
    os.chown(copy, uid, NOBODY.pw_gid)
    os.chmod(copy, mode)
    return str(copy)


@root
@pytest.mark.unsanitized("ASan's own start is not made for set-user-ID")
@pytest.mark.parametrize("mode", [0o4755, 0o2755], ids=["user", "group"])
def test_set_id(qvmi, public, mode):
    """Refused before anything else; JSON has it, too."""
    copy = set_id(qvmi.binary, public, NOBODY.pw_uid, mode)
    if os.statvfs(public).f_flag & os.ST_NOSUID:
        pytest.skip("a file system without set-user-ID")
    done = subprocess.run([copy, "info"], capture_output=True, check=False,
                          stdin=subprocess.DEVNULL)
    one_line(done, 1, b"rights that its caller lacks", b"set-user-ID")
    done = subprocess.run([copy, "info", "-J"], capture_output=True,
                          check=False, stdin=subprocess.DEVNULL)
    assert json.loads(done.stdout)["error"]["kind"] == "refused"


@root
@pytest.mark.unsanitized("LeakSanitizer needs a process that can be dumped")
def test_nothing_is_dumped(qvmi, public):
    """No core, whatever the limits were; nobody's own processes cannot look
    into it. Seen while it waits for a stub that says nothing."""
    copy = set_id(qvmi.binary, public, 0, 0o755)
    with socket.create_server(("127.0.0.1", 0)) as server:
        run = subprocess.Popen(
            [copy, "info", "-g", f"127.0.0.1:{server.getsockname()[1]}"],
            user=NOBODY.pw_uid, group=NOBODY.pw_gid, extra_groups=[],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL, env={"HOME": str(public)})
        try:
            with server.accept()[0]:
                proc = pathlib.Path(f"/proc/{run.pid}")
                line, = (line for line in (proc / "limits").read_text()
                         .splitlines() if line.startswith("Max core"))
                assert line.split()[4:6] == ["0", "0"]
                assert os.stat(proc / "status").st_uid == 0
        finally:
            run.kill()
            run.wait()


@root
def test_home_of_another_user(qvmi, public):
    """A sudo that keeps HOME: nothing is written there, nor where its links
    lead."""
    if os.path.exists("/var/lib/qvmi"):
        pytest.skip("this host has a journal of root's")
    home, victim = public / "home", public / "victim"
    victim.mkdir(0o700)
    home.mkdir()
    (home / ".local").symlink_to(victim)
    for folder in (home, victim):
        os.chown(folder, NOBODY.pw_uid if folder is home else 0, -1)
    env = {"HOME": str(home), "XDG_STATE_HOME": "", "XDG_CACHE_HOME": ""}
    script = 'mount -t tmpfs tmpfs /var/lib && "$@"; ls -A /var/lib'
    done = subprocess.run(
        ["unshare", "--mount", "sh", "-c", script, "-",
         *qvmi.argv("unix:/nonexistent", "write", "p:0x1000", "1")],
        capture_output=True, check=False, stdin=subprocess.DEVNULL,
        env=qvmi.environ(**env))
    if b"unshare" in done.stderr or b"mount:" in done.stderr:
        pytest.skip("no name spaces here")
    assert b"unix:/nonexistent" in done.stderr  # the journal was there first
    assert done.stdout == b"qvmi\n"
    assert os.listdir(home) == [".local"] and os.listdir(victim) == []


@pytest.mark.any_kernel
@pytest.mark.unsanitized("it starts and traces a process of its own")
@pytest.mark.parametrize("memory", ["stub", "process"])
@pytest.mark.parametrize("name", s.SESSIONS)
def test_confined(guest, qvmi, tmp_path, tmp_path_factory, name, memory):
    """Each command does its work by the calls, and in the files, that are left
    to it; of root's by the stub as another user."""
    session = s.sessions(guest, tmp_path_factory.mktemp("files"))[name]
    args = [session.args[0], "--memory", memory, *session.args[1:]]
    qvmi(guest, "ps")  # the next ones find a profile
    session.learn(qvmi, lambda: qvmi(guest, *args))
    session.prepare(qvmi)
    done, calls = qvmi.traced(qvmi.argv(guest, *args), tmp_path)
    assert s.check_answer(session, done.returncode, done.stdout,
                          done.stderr) == s.RIGHT, done.stderr
    at, = [i for i, call in enumerate(calls)
           if re.match(r"prctl\(PR_SET_SECCOMP, .*\) = 0$", call)]
    assert len(calls) > at + 10
    for call in calls[at:]:
        assert "ENOSYS" not in call and "EACCES" not in call, call
        assert not re.match(r"execve|socket|connect|fork|clone", call), call


FOREIGN = "the memory of a process is read, which the kernel grants to nobody"
LACKS = {  # what a host lacks: what is not confined by the stub, by a process
    "seccomp": ({"system calls": "the kernel has no filter of system calls"},
                {"system calls": "the kernel has no filter of system calls"}),
    "landlock": ({"files": "the kernel has no landlock",
                  "user": "files are not confined, and are read as root"}, {}),
    "setresuid": ({"user": "the kernel does not let root become another "
                           "user"}, {}),
    "no_new_privs": (dict.fromkeys(("system calls", "files", "user"),
                                   "the kernel has no no_new_privs"),
                     dict.fromkeys(("system calls", "files", "user"),
                                   "the kernel has no no_new_privs")),
    "memfd": ({}, {}),
    "pidfd": ({}, None),  # None: its memory is read by the stub
    "process_vm": ({}, None),
}


def unconfined(row):
    """{what is not: why}"""
    return dict(re.findall(r"(system calls|files|user) \((.*?)\)(?:, |$)",
                           row["unconfined"] or ""))


def has_landlock(qvmi, guest):
    row, = json.loads(qvmi(guest, "info", "-J", "--memory",
                           "stub").stdout)["rows"]
    return row["confined"] == "system calls, files, user"


@root
@pytest.mark.any_kernel
@pytest.mark.unsanitized("nothing is confined then")
@pytest.mark.parametrize("lack", LACKS)
def test_lacking_host(guest, qvmi, lack):
    """All works, and `info` says what is missing."""
    if not has_landlock(qvmi, guest):
        pytest.skip("a host that lacks more than that")
    by_stub, by_process = LACKS[lack]
    for memory, want in (("stub", by_stub), ("auto", by_process)):
        argv = qvmi.argv(guest, "info", "-J", "--memory", memory)
        done = subprocess.run([tool("lack"), lack, *argv], check=False,
                              capture_output=True, stdin=subprocess.DEVNULL,
                              env=qvmi.environ())
        assert (done.returncode, done.stderr) == (0, b"")
        row, = json.loads(done.stdout)["rows"]
        assert row["release"]
        if memory == "auto" and want is not None:
            assert row["memory"] == "process"
            want = {"files": FOREIGN, **want}
        else:
            assert row["memory"] == "stub"
            if want is None:
                assert "Function not implemented" in row["memory_why"]
        said = unconfined(row)
        for what, why in (want or {}).items():
            assert said[what].startswith(why)
        held = {"system calls", "files", "user"} - said.keys()
        assert row["confined"] == (", ".join(
            what for what in ("system calls", "files", "user")
            if what in held) or "no")
    assert guest.running()


@root
@pytest.mark.any_kernel
@pytest.mark.unsanitized("LeakSanitizer looks into /proc")
def test_without_proc(guest, qvmi):
    """Nobody says who is at the other end: all is read by the stub."""
    done = subprocess.run(
        ["unshare", "--mount", "sh", "-c",
         'mount -t tmpfs none /proc && exec "$@"', "-",
         *qvmi.argv(guest, "info", "-J")], capture_output=True, check=False,
        stdin=subprocess.DEVNULL, env=qvmi.environ())
    if b"unshare" in done.stderr or b"mount:" in done.stderr:
        pytest.skip("no name spaces here")
    assert done.returncode == 0, done.stderr
    row, = json.loads(done.stdout)["rows"]
    assert row["release"] and row["memory"] == "stub"
    assert guest.running()
