# SPDX-License-Identifier: BSD-2-Clause
"""What stands in the way of speed: the right answer by a slower path, or one
clear error; never another guest's memory."""

import contextlib
import json
import os
import re
import shutil
import subprocess
import tempfile
import time

import pytest

import guest as vm
import sessions
from proxy import REPLY, REQUEST, Fault, Proxy
from tally import how_many
from test_memory import root, stats
from test_profile import files

pytestmark = [pytest.mark.any_kernel, pytest.mark.leaks]

# With one arena QEMU's threads take no memory in an order of their own.
ASLR_OFF = ("env", "MALLOC_ARENA_MAX=1", "setarch", "-R")
OWN_PIDS = ("unshare", "--pid", "--fork", "--kill-child")
WHOLE = ("read", "p:0x100000", "255M", "-f", "raw")


def one_line(done, status, *words):
    """Refused: this status, and one line with these words."""
    assert done.returncode == status, done.stderr
    assert done.stdout == b""
    assert done.stderr.startswith(b"qvmi: ") and (
        done.stderr.count(b"\n") == 1), done.stderr
    for word in words:
        assert word in done.stderr, done.stderr


def users(done):
    """What of `ps` does not change from run to run."""
    return sessions.users(done.stdout)


# The stub

@contextlib.contextmanager
def firmware(qvmi):
    """A guest to be killed, with something in memory to tell it by."""
    guest = vm.Guest(None, wait=False)
    try:
        for _ in range(50):
            if qvmi(guest, "devmem", 0, "r", 8, "--memory", "process",
                    status=None).returncode == 0:
                break
            time.sleep(0.1)
        yield guest
    finally:
        guest.close()


def test_qemu_dies_in_a_batch(qvmi):
    """In the middle of pipelined answers."""
    with firmware(qvmi) as guest:
        fault = Fault("call", REPLY, 400, action=lambda: (
            guest.proc.kill(), guest.proc.wait()))
        with Proxy(guest, fault) as proxy:
            done = qvmi(proxy, *WHOLE, "--memory", "stub", status=None)
        assert proxy.struck
        one_line(done, 3, b"the connection is lost",
                 b"the guest may be left paused")


def test_qemu_dies_while_its_memory_is_read(qvmi):
    with firmware(qvmi) as guest, Proxy(guest) as proxy:
        run = subprocess.Popen(
            qvmi.argv(proxy, *WHOLE, "--memory", "process", "--process",
                      guest.pid),
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, env=qvmi.environ())
        # samples of it by the stub come right before
        while run.poll() is None and not any(map(
                READ.match, proxy.log[REQUEST])):
            time.sleep(0.001)
        guest.proc.kill()
        stdout, stderr = run.communicate(timeout=60)
    one_line(subprocess.CompletedProcess(run.args, run.returncode, stdout,
                                         stderr), 3, b"the connection is lost")


@pytest.mark.parametrize("args", [("ps",), ("read", "_text", "64K", "-f",
                                            "raw")], ids=" ".join)
def test_single_bytes(guest, qvmi, args):
    with Proxy(guest) as proxy:
        qvmi(proxy, "info")  # the profile is cached, for this address
    with Proxy(guest, bytewise=True) as proxy:
        done = qvmi(proxy, *args, "--memory", "stub")
    assert done.stderr == b""
    assert users(done) == users(qvmi(guest, *args, "--memory", "stub"))


def test_slow_answers(guest, qvmi):
    """Longer than the timeout in all, but none of them on its own."""
    start = time.monotonic()
    with Proxy(guest, pause=0.01) as proxy:
        done = qvmi(proxy, "devmem", "0x1000", "r", 8, "--memory", "stub",
                    "--timeout", "1")
    assert time.monotonic() - start > 1.3
    assert done.stdout == qvmi(guest, "devmem", "0x1000", "r", 8).stdout


READ = re.compile(rb"m([0-9a-f]+),([0-9a-f]+)$")


def without_page(page):
    """A change for proxies: QEMU answers E22 to all that touches the page."""
    def change(direction, body):
        found = READ.match(body) if direction == REQUEST else None
        if found:
            start, length = (int(digits, 16) for digits in found.groups())
            if start >> 12 <= page <= (start + length - 1) >> 12:
                return b"m0,ffffff"  # more than any QEMU gives at once
        return body
    return change


def sampled(pages, request):
    """Some of them, or all with --long."""
    step = max(1, len(pages) // how_many(request.config, 25, len(pages)))
    return pages[request.config.getoption("--seed") % step::step]


def is_same(args, lines, whole):
    """The same lines; of `ps`, the resident set may be unknown."""
    if args[0] != "ps":
        return lines == whole
    for got, want in zip(lines, whole, strict=True):
        got, want = got.split(None, 5), want.split(None, 5)
        if got[4] == b"-":
            got[4] = want[4]
        if got != want:
            return False
    return True


@pytest.mark.parametrize("args", [("ps",), ("maps", "--all"), ("listvma",)],
                         ids=" ".join)
def test_errors_that_stay(guest, qvmi, args, request, tally):
    """One page is refused, again and again: nothing is missing silently."""
    with Proxy(guest) as proxy:  # the profile is cached, and proven there
        qvmi(proxy, "info")
    with Proxy(guest) as proxy:
        whole = users(qvmi(proxy, *args, "--memory", "stub"))
    asked = filter(None, map(READ.match, proxy.log[REQUEST]))
    pages = sorted({int(found[1], 16) >> 12 for found in asked})
    for page in sampled(pages, request):
        with Proxy(guest, change=without_page(page)) as proxy:
            done = qvmi(proxy, *args, "--memory", "stub", status=None)
        where = f"without page {page:#x}: {done.stderr}"
        assert done.returncode in (0, 1, 4), where
        if done.returncode:
            assert b"qvmi: " in done.stderr, where
            tally("errors", "page", " ".join(args), "clear error")
            continue
        assert is_same(args, users(done), whole), where
        tally("errors", "page", " ".join(args), "right answer")
        assert guest.running()


# The process

@pytest.fixture(scope="module")
def twins():
    """Two guests of one kernel that does the same at the same places, in
    QEMUs that have them at the same places; the first with PIDs of its own."""
    if os.geteuid() or any(subprocess.run(
            [*command, "true"], check=False, capture_output=True).returncode
            for command in (ASLR_OFF, OWN_PIDS)):
        pytest.skip("no name spaces here")
    made = [vm.Guest("6.1", append="nokaslr", mem="256M", wait=False,
                     wrap=wrap)
            for wrap in ((*OWN_PIDS, *ASLR_OFF), ASLR_OFF)]
    try:
        yield [guest.wait_ready() for guest in made]
    finally:
        for guest in made:
            with contextlib.suppress(ValueError, OSError):
                guest.qmp("quit")
            guest.close()


def both(guest, other, qvmi):
    """`ps` through OTHER and by the stub: the same; OTHER's statistics."""
    done = qvmi(other, "ps", "--stats")
    assert users(done) == users(qvmi(guest, "ps", "--memory", "stub"))
    assert done.stderr.count(b"\n") == 1
    return stats(done)


def lie_about_threads(numbers):
    """A change for proxies: the vCPU threads have other numbers."""
    def change(direction, body):
        if direction != REPLY or body[:1] != b"O" or body == b"OK":
            return body
        line = bytes.fromhex(body[1:].decode())
        line = re.sub(rb"thread_id=\d+", b"thread_id=%d" % numbers, line)
        return b"O" + line.hex().encode()
    return change


def test_pids_of_its_own(twins, qvmi):
    """The numbers of QEMU's threads mean others here."""
    guest = twins[0]
    inside = int(re.search(r"thread_id=(\d+)", guest.hmp("info cpus"))[1])
    assert inside < 100 and guest.pid > 100
    assert both(guest, guest, qvmi)["memory"] == "process"
    assert guest.running()


def test_twin_is_not_taken(twins, qvmi):
    """The threads of a guest that has the same at the same places."""
    guest, twin = twins
    thread = int(re.search(r"thread_id=(\d+)", twin.hmp("info cpus"))[1])
    hva = [one.hmp("gpa2hva 0x100000") for one in twins]
    assert hva[0] == hva[1], "they differ: this tests nothing"
    with Proxy(guest, change=lie_about_threads(thread)) as proxy:
        assert both(guest, proxy, qvmi)["memory"] == "stub"
        done = qvmi(proxy, "ps", "--memory", "process", status=None)
        one_line(done, 1, b"--memory process: process %d, which has the "
                 b"connection, " % os.getpid(), b"threads are not its own")
        # Not even where it is named.
        named = ("ps", "--process", twin.pid)
        why = b"process %d does not hold this guest's memory" % twin.pid
        done = qvmi(proxy, *named, "--memory", "process", status=None)
        one_line(done, 1, why)
        done = qvmi(proxy, *named)
        assert done.stderr.startswith(b"qvmi: note: " + why)
        assert done.stderr.endswith(b": memory is read through the stub\n")
    assert guest.running() and twin.running()


@pytest.mark.parametrize("lies", [False, True])
def test_proxy_is_not_taken(guest, qvmi, lies):
    """The socket's process is the proxy, and no word of it tells another."""
    change = lie_about_threads(os.getpid()) if lies else None
    with Proxy(guest, change=change) as proxy:
        assert both(guest, proxy, qvmi)["memory"] == "stub"
        done = qvmi(proxy, "ps", "--memory", "process", status=None)
        one_line(done, 1, b"--memory process: process %d" % os.getpid())
        done = qvmi(proxy, "info", "--json")
        info = json.loads(done.stdout)["rows"][0]
        assert info["memory"] == "stub" and info["peer_pid"] == os.getpid()
        assert info["memory_why"].startswith(f"process {os.getpid()}")


def test_behind_a_proxy(guest, qvmi):
    """The user says which process it is."""
    with Proxy(guest) as proxy:
        done = qvmi(proxy, "ps", "--stats", "--process", guest.pid)
        assert stats(done)["memory"] == "process"
        assert users(done) == users(qvmi(guest, "ps", "--memory", "stub"))
        done = qvmi(proxy, "ps", "--process", os.getpid(), "--memory",
                    "process", status=None)
        one_line(done, 1, b"process %d is not QEMU" % os.getpid())
        done = qvmi(proxy, "ps", "--process", "1", "--memory", "stub",
                    status=None)
        one_line(done, 2, b"--process contradicts --memory stub")
    assert guest.running()


# The cache

@pytest.fixture
def nobody(qvmi):
    """Run qvmi as another user, with a cache: run(guest, cache, *args)."""
    folder = tempfile.mkdtemp(prefix="qvmi-")
    os.chmod(folder, 0o755)
    binary = shutil.copy(qvmi.binary, folder)
    cache = os.path.join(folder, "cache")
    os.mkdir(cache)
    shutil.chown(cache, "nobody")

    def run(guest, *args, cache=cache, limit=()):
        return subprocess.run(
            ["setpriv", "--reuid", "nobody", "--clear-groups", *limit, binary,
             *qvmi.argv(guest, *args)[1:]], capture_output=True, check=False,
            timeout=120, env=qvmi.environ(XDG_CACHE_HOME=cache))

    run.cache = cache
    yield run
    shutil.rmtree(folder)


@root
@pytest.mark.variant("tcp")
def test_another_user(variant, qvmi, nobody):
    """May not read the process, has a cache of his own: the stub it is."""
    guest = variant("tcp")
    for profile in ("guest", "cache"):
        done = nobody(guest, "ps", "--stats")
        assert done.returncode == 0 and done.stderr.count(b"\n") == 2
        assert b"note: may not read the memory of another user" in done.stderr
        assert users(done) == users(qvmi(guest, "ps"))
        assert stats(done)["memory"] == "stub"
        assert stats(done)["profile"] == profile
    one_line(nobody(guest, "ps", "--memory", "process"), 1,
             b"--memory process: may not read the memory of another user")
    assert guest.running()


def closed(cache):
    """His own, but he may not write to it."""
    os.mkdir(os.path.join(cache, "qvmi"))
    shutil.chown(os.path.join(cache, "qvmi"), "nobody")
    os.chmod(os.path.join(cache, "qvmi"), 0o500)


def foreign(cache):
    """Somebody else's."""
    os.mkdir(os.path.join(cache, "qvmi"), 0o755)


def no_folder(cache):
    """Nor may it be made."""
    os.chmod(cache, 0o500)


def a_file(cache):
    """In place of the folder."""
    with open(os.path.join(cache, "qvmi"), "w", encoding="ascii") as stream:
        stream.write("in the way")


@root
@pytest.mark.variant("tcp")
@pytest.mark.parametrize("spoil", [closed, foreign, no_folder, a_file])
def test_cache_that_cannot_be(variant, qvmi, nobody, spoil):
    guest = variant("tcp")
    spoil(nobody.cache)
    done = nobody(guest, "ps", "--memory", "stub")
    assert done.returncode == 0
    assert users(done) == users(qvmi(guest, "ps"))
    assert done.stderr.startswith(b"qvmi: note: profile not cached: ")
    assert done.stderr.count(b"\n") == 1


@root
@pytest.mark.variant("tcp")
def test_cache_file_that_cannot_be_read(variant, qvmi, nobody):
    """It is made again."""
    guest = variant("tcp")
    nobody(guest, "ps")
    folder = os.path.join(nobody.cache, "qvmi")
    name, = os.listdir(folder)
    os.chmod(os.path.join(folder, name), 0)
    for profile in ("guest", "cache"):
        done = nobody(guest, "ps", "--stats")
        assert users(done) == users(qvmi(guest, "ps"))
        assert stats(done)["profile"] == profile
    assert os.listdir(folder) == [name]


def test_file_size_limit(guest, qvmi, tmp_path):
    """As a full disk: no end by SIGXFSZ, nothing half written."""
    limit = ("prlimit", "--fsize=65536")

    def run(*args):
        return subprocess.run(
            [*limit, *qvmi.argv(guest, *args)], capture_output=True,
            check=False, timeout=120, stdin=subprocess.DEVNULL,
            env=qvmi.environ(XDG_CACHE_HOME=str(tmp_path)))

    done = run("ps")
    assert done.returncode == 0 and users(done) == users(qvmi(guest, "ps"))
    assert done.stderr.startswith(b"qvmi: note: profile not cached: ")
    assert b"too large" in done.stderr and files(tmp_path) == []
    one_line(run("profile", "save", tmp_path / "saved"), 1, b"too large")
    assert [path.name for path in tmp_path.iterdir()] == ["qvmi"]
    assert guest.running()


@root
def test_full_disk(guest, qvmi, tmp_path):
    """A cache on a disk with no room."""
    script = 'mount -t tmpfs -o size=256k tmpfs "$0" && "$@"; ' \
             'code=$?; ls -A "$0/qvmi" >&2; exit $code'
    done = subprocess.run(
        ["unshare", "--mount", "sh", "-c", script, str(tmp_path),
         *qvmi.argv(guest, "ps")], capture_output=True, check=False,
        timeout=120, env=qvmi.environ(XDG_CACHE_HOME=str(tmp_path)))
    if b"unshare" in done.stderr or b"mount:" in done.stderr:
        pytest.skip("no name spaces here")
    assert done.returncode == 0 and users(done) == users(qvmi(guest, "ps"))
    assert done.stderr.startswith(b"qvmi: note: profile not cached: ")
    assert b"No space left" in done.stderr and done.stderr.count(b"\n") == 1


def test_profile_that_lies(guest, qvmi, tmp_path):
    """A cached profile whose checksums are right and whose kernel is another
    one's: its name does not matter, its probes do not match."""
    env = {"XDG_CACHE_HOME": str(tmp_path)}
    right = users(qvmi(guest, "ps", env=env))
    file, = files(tmp_path)
    other = next(name for name in vm.KERNELS if name != guest.kernel)
    file.rename(file.with_name(f"{other}.0-lies-0123456789abcdef.qvmi"))
    done = qvmi(guest, "ps", "--stats", env=env)
    assert users(done) == right and stats(done)["profile"] == "cache"
    assert json.loads(qvmi(guest, "info", "--json", env=env).stdout)[
        "rows"][0]["release"].startswith(guest.kernel + ".")
