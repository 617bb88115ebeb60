# SPDX-License-Identifier: BSD-2-Clause
"""What `vmlinux` writes is what the guest's own kernel says of itself, byte for
byte; whatever goes wrong, nothing half written is left."""

import json
import os
import re
import signal
import subprocess
import time
import zlib

import pytest

from proxy import REQUEST, Proxy
from sessions import DETACH
from test_attach import hear_signals
from test_bad_input import one_line
from test_errors import start_of_btf
from test_memory import root
from test_profile import ps, slide

MEMORY = ("stub", "process")
MODULES = {"brd", "overlay", "zram"}


def told(guest, command):
    """What a command prints in the guest, however much."""
    return zlib.decompress(guest.run(f"{command} | gzip -1 -c"),
                           wbits=zlib.MAX_WBITS | 16)


def rows(done):
    return json.loads(done.stdout)["rows"]


def vmlinux(guest, qvmi, form, path, *args, **kw):
    """Write a file, of which nothing is remarked: the rows, the bytes."""
    said = qvmi(guest, "vmlinux", "--format", form, "-o", path, "--json",
                *args, **kw)
    assert not json.loads(said.stdout)["notes"]
    return rows(said), path.read_bytes()


def names(folder):
    return sorted(path.name for path in folder.iterdir())


@pytest.mark.parametrize("memory", MEMORY)
def test_kallsyms(guest, qvmi, tmp_path, memory):
    """From the guest, and once more from what is kept of it."""
    own = told(guest, "cat /proc/kallsyms")
    cache = {"XDG_CACHE_HOME": str(tmp_path / "cache")}
    os.mkdir(tmp_path / "cache")
    for source in ("guest", "cache"):
        done = qvmi(guest, "vmlinux", "--format", "kallsyms", "-o",
                    tmp_path / "file", "--json", "--stats", "--memory",
                    memory, env=cache)
        said = json.loads(done.stdout)
        assert said["stats"]["profile"] == source and not said["notes"]
        made = (tmp_path / "file").read_bytes()
        assert made.splitlines() == own.splitlines() and made == own
    assert qvmi(guest, "cat", "kallsyms", "--memory", memory).stdout == own
    row, = said["rows"]
    assert row["symbols"] == own.count(b"\n") and row["bytes"] == len(own)
    assert row["file"] == str(tmp_path / "file") and row["types"] is None
    assert row["release"] == guest.run("uname -r").decode().strip()
    assert row["modules"] == guest.run("cat /proc/modules").count(b"\n")
    assert (tmp_path / "file").stat().st_mode & 0o777 == 0o600


def test_letters_of_exports(guest):
    """What the above compares has both kinds of letters, of modules too."""
    own = told(guest, "cat /proc/kallsyms").decode()
    letters = set(re.findall(r"(?m)^\w+ (\w) [^\t\n]+\t\[", own))
    assert {"t", "d", "r", "b"} <= letters
    if "\t[lz4hc_compress]" in own:
        assert "T" in letters


def test_system_map(guest, qvmi, tmp_path):
    """The image's symbols, as linked; and --profile takes the file."""
    offset, _ = slide(guest, qvmi)
    want = b""
    for line in told(guest, "cat /proc/kallsyms").splitlines():
        address, letter, name = line.split(b" ", 2)
        if b"\t[" in name:
            continue
        at = int(address, 16)
        at -= offset if at >= 0xffffffff80000000 else 0
        want += b"%016x %s %s\n" % (at, letter, name)
    _, made = vmlinux(guest, qvmi, "system-map", tmp_path / "System.map")
    assert made == want
    text, how = ps(guest, qvmi, "--profile", tmp_path / "System.map")
    assert how["profile"] == "file" and text == ps(guest, qvmi)[0]
    # and what is written by that file is what it was written by
    _, again = vmlinux(guest, qvmi, "system-map", tmp_path / "again",
                       "--profile", tmp_path / "System.map")
    assert again == made


@pytest.mark.parametrize("memory", MEMORY)
def test_btf(guest, qvmi, tmp_path, memory):
    own = guest.run("ls /sys/kernel/btf").decode().split()
    said, made = vmlinux(guest, qvmi, "btf", tmp_path / "btf", "--memory",
                         memory)
    assert made == told(guest, "cat /sys/kernel/btf/vmlinux")
    modules = [name for name in own if name != "vmlinux"]
    assert not modules or set(modules) >= MODULES
    assert names(tmp_path) == sorted(
        ["btf", *(f"btf.{name}" for name in modules)])
    for name in modules:
        assert (tmp_path / f"btf.{name}").read_bytes() == told(
            guest, f"cat /sys/kernel/btf/{name}")
    assert len(said) == 1 + len(modules)
    for row in said:
        assert row["symbols"] is None and row["types"] > 0
        assert row["bytes"] == os.stat(row["file"]).st_size
    assert said[0]["types"] > 50000


def test_by_a_saved_profile(guest, qvmi, tmp_path):
    """It has all of the image's symbols and types."""
    qvmi(guest, "profile", "save", tmp_path / "saved")
    for form in ("kallsyms", "btf"):
        assert vmlinux(guest, qvmi, form, tmp_path / "file")[1] == vmlinux(
            guest, qvmi, form, tmp_path / "file", "--profile",
            tmp_path / "saved")[1]


def test_little_is_read(guest, qvmi, tmp_path):
    """The image's symbols and types are known: no table is read once more."""
    qvmi(guest, "info")
    guest.stop()

    def cost(*args, cold=False):
        return json.loads(qvmi(
            guest, *args, "--json", "--stats", "--memory", "stub",
            *(["--no-cache"] if cold else [])).stdout)["stats"]

    both = ("vmlinux", "-o", tmp_path / "file", "--format")
    for form in ("kallsyms", "btf"):
        assert cost(*both, form)["read_bytes"] < 2 << 20
        cold, found = (cost(*args, cold=True) for args in
                       ((*both, form), ("info",)))
        assert cold["read_bytes"] < found["read_bytes"] + (2 << 20)
        assert cold["batches"] < found["batches"] + 40
    guest.cont()


@pytest.mark.any_kernel
def test_two_short_pauses(guest, qvmi, tmp_path):
    """One to learn the kernel; where that is known there is only the other."""
    def pauses(*args):
        with Proxy(guest) as proxy:
            qvmi(proxy, "vmlinux", "-o", tmp_path / "file", "--memory",
                 "process", "--process", guest.pid, *args)
        return proxy.log[REQUEST].count(DETACH)

    assert pauses("--no-cache") == 2
    assert pauses() in (1, 2)  # it may be the first by this way
    assert pauses() == 1


def test_standard_output(guest, qvmi, tmp_path):
    """Nothing but the bytes, wherever that goes."""
    _, want = vmlinux(guest, qvmi, "kallsyms", tmp_path / "file")
    done = qvmi(guest, "vmlinux", "--format", "kallsyms", "-o", "-")
    assert done.stdout == want and done.stderr == b""
    for path in ("-", "/dev/stdout"):
        with open(tmp_path / "shell", "wb") as out:
            out.write(b"before\n")
            out.flush()
            subprocess.run(
                qvmi.argv(guest, "vmlinux", "--format", "kallsyms", "-o",
                          path), stdout=out, check=True, env=qvmi.environ(),
                stdin=subprocess.DEVNULL)
        assert (tmp_path / "shell").read_bytes() == b"before\n" + want
    done = qvmi(guest, "vmlinux", "--format", "kallsyms", "-o", "-", "-J",
                status=2)
    assert b"--json" in done.stderr and guest.running()


def test_a_pipe_and_a_device(guest, qvmi, tmp_path):
    _, want = vmlinux(guest, qvmi, "kallsyms", tmp_path / "file")
    os.mkfifo(tmp_path / "pipe")
    with open(tmp_path / "out", "wb") as out, subprocess.Popen(
            ["cat", tmp_path / "pipe"], stdout=out):
        row, = rows(qvmi(guest, "vmlinux", "--format", "kallsyms", "-o",
                         tmp_path / "pipe", "-J"))
    assert (tmp_path / "out").read_bytes() == want
    assert row["bytes"] == len(want)
    row, = rows(qvmi(guest, "vmlinux", "--format", "btf", "-o", "/dev/null",
                     "-J"))
    assert row["bytes"] > 1 << 20
    assert names(tmp_path) == ["file", "out", "pipe"]
    assert not os.path.isfile("/dev/null")


def fails(guest, qvmi, path, *words, form="btf", status=1):
    """One line, nothing on standard output, and the guest runs on."""
    done = qvmi(guest, "vmlinux", "--format", form, "-o", path, status=status)
    one_line(done, status, b"vmlinux: ", *words)
    assert done.stdout == b"" and guest.running()


def test_places_that_are_none(guest, qvmi, tmp_path):
    fails(guest, qvmi, "/dev/full", b"No space left on device")
    fails(guest, qvmi, tmp_path / "no" / "file", b"No such file")
    fails(guest, qvmi, tmp_path, b"neither a file, a pipe nor a character")
    fails(guest, qvmi, tmp_path / ("x" * 300), b"File name too long")
    fails(guest, qvmi, "/proc/file", b"vmlinux: file: No such file")
    assert names(tmp_path) == []


def test_what_was_there_stays(guest, qvmi, tmp_path):
    """Under a limit, as on a full disk: files, or one module's file, that
    cannot be whole are not there at all."""
    file = tmp_path / "file"
    file.write_bytes(b"old")
    for form in ("kallsyms", "btf"):
        done = subprocess.run(
            ["prlimit", "--fsize=65536", *qvmi.argv(
                guest, "vmlinux", "--format", form, "-o", file)],
            capture_output=True, check=False, stdin=subprocess.DEVNULL,
            env=qvmi.environ())
        one_line(done, 1, b"vmlinux: file: ", b"too large")
        assert names(tmp_path) == ["file"] and file.read_bytes() == b"old"
    vmlinux(guest, qvmi, "btf", file)
    assert file.read_bytes().startswith(b"\x9f\xeb") and guest.running()


@root
def test_full_disk(guest, qvmi, tmp_path):
    script = 'mount -t tmpfs -o size=256k tmpfs "$0" && "$@"; ' \
             'code=$?; ls -A "$0"; exit $code'
    done = subprocess.run(
        ["unshare", "--mount", "sh", "-c", script, str(tmp_path),
         *qvmi.argv(guest, "vmlinux", "--format", "btf", "-o",
                    tmp_path / "file")], capture_output=True, check=False,
        env=qvmi.environ(), stdin=subprocess.DEVNULL)
    if b"unshare" in done.stderr or b"mount:" in done.stderr:
        pytest.skip("no name spaces here")
    one_line(done, 1, b"No space left on device")
    assert done.stdout == b"" and guest.running()


def pending(reader):
    """Whether there is something in a pipe."""
    try:
        return bool(os.read(reader, 1))
    except BlockingIOError:
        return False


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_interrupted(guest, qvmi, tmp_path, number):
    """While it writes into a pipe that nobody empties, the guest runs; a
    signal ends it as it ends others. And beside a file nothing is left."""
    os.mkfifo(tmp_path / "pipe")
    reader = os.open(tmp_path / "pipe", os.O_RDONLY | os.O_NONBLOCK)
    with subprocess.Popen(
            qvmi.argv(guest, "vmlinux", "--format", "kallsyms", "-o",
                      tmp_path / "pipe"), stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, stdin=subprocess.DEVNULL,
            env=qvmi.environ(), preexec_fn=hear_signals) as run:
        while not pending(reader):
            assert run.poll() is None
            time.sleep(0.01)
        assert guest.running()
        run.send_signal(number)
        out, _ = run.communicate()
    os.close(reader)
    assert run.returncode == -number and out == b""
    assert names(tmp_path) == ["pipe"] and guest.running()


@root
@pytest.mark.unsanitized("LeakSanitizer cannot work under strace")
@pytest.mark.parametrize("call", ["fsync", "linkat"])
def test_killed(guest, qvmi, tmp_path, call):
    """All is written, and has no name: nothing is left, old files stay."""
    for folder in ("trace", "files"):
        os.mkdir(tmp_path / folder)
    file = tmp_path / "files" / "file"
    file.write_bytes(b"old")
    done, calls = qvmi.traced(
        qvmi.argv(guest, "vmlinux", "--format", "kallsyms", "-o", file,
                  "--no-cache"), tmp_path / "trace", "-e", f"trace=execve,{call}",
        "-e", f"inject={call}:error=EIO:signal=KILL:when=1")
    assert "+++ killed by SIGKILL +++" in calls[-1]
    assert done.returncode == -signal.SIGKILL
    assert names(file.parent) == ["file"] and file.read_bytes() == b"old"
    assert guest.running()


@pytest.mark.variant("broken")
def test_no_types(variant, qvmi, tmp_path):
    """A kernel whose types are gone, as if it had none."""
    guest = variant("broken")
    place = f"p:{start_of_btf(guest, qvmi):#x}"
    old = qvmi(guest, "read", place, 16, "-f", "raw").stdout.hex()
    allow = ("--readonly", "--physical")
    qvmi(guest, "write", *allow, place, "hex:" + 32 * "0")
    try:
        done = qvmi(guest, "vmlinux", "--format", "btf", "-o",
                    tmp_path / "file", "--no-cache", status=4)
        one_line(done, 4, b"BTF")
        assert names(tmp_path) == [] and guest.running()
    finally:
        qvmi(guest, "write", *allow, place, "hex:" + old)
