# SPDX-License-Identifier: BSD-2-Clause
"""A guest that never stands still: processes are born and die as fast as they
can on four CPUs while qvmi attaches again and again.

Whoever lives all the time is told right, every time. What comes and goes may
be torn where the guest was stopped in the middle, and then it is said so.
"""

import concurrent.futures
import errno
import itertools
import json
import os
import random
import re
import subprocess
import tempfile
import time

import pytest

import test_maps
import test_ps
from mounting import mounted
from tally import how_many

pytestmark = pytest.mark.variant("storm")

ATTACHES, LONG_ATTACHES = 60, 1000
RESUMED, LONG_RESUMED = 12, 200
LINE = re.compile(rb"([0-9a-f]{8,16})-([0-9a-f]{8,16}) [r-][w-][x-][ps] "
                  rb"[0-9a-f]{8,} [0-9a-f]{2,}:[0-9a-f]{2,} \d+ *(?: .*)?\n")
# Errors that tell of a process that came, went or changed at that moment.
TORN = re.compile(rb"qvmi: (?:listvma: the VMAs|maps) of pid (\d+) are not "
                  rb"whole: .*?( \(and \d+ more\))?\n")
MOVED = b"somebody else let the guest run"
PAGE = 4096


class Storm:
    """What does not change in a guest where all else does."""

    def __init__(self, guest):
        self.guest = guest
        self.labels = guest.labels()
        self.mapper = self.labels["mapper"]
        self.wave = self.labels["wave"]
        last = self.labels["server"].pid
        pids = {label.pid for label in self.labels.values()} | {1}
        tasks = test_ps.tasks(guest)
        self.tasks = {tid: task for tid, task in tasks.items()
                      if task["pid"] <= last and task["pid"] in pids}
        self.maps = {pid: text for pid, text in (
            (pid, guest.command(f"cat /proc/{pid}/maps")[1])
            for pid in {task["pid"] for task in self.tasks.values()}
            - {self.mapper.pid}) if text}
        self.around = self.outside(guest.cat(f"/proc/{self.mapper.pid}/maps"))
        assert len(self.tasks) > 60 and len(self.maps) > 60

    def outside(self, text):
        """The lines of the mapper beside its window; those in it must be
        what it can have mapped there."""
        window = range(self.mapper.addr, self.mapper.addr + self.mapper.len)
        lines = []
        for line in text.splitlines(keepends=True):
            start, end = (int(digits, 16) for digits in
                          LINE.fullmatch(line).groups())
            if start not in window and end - 1 not in window:
                lines.append(line)
                continue
            assert start in window and end - 1 in window, line
            assert re.fullmatch(rb"\S+ (rw|r-)-p 0+ 00:00 0 \n", line), line
        return lines

    def progress(self):
        """How far everybody has come."""
        places = [(label.pid, label.addr) for name, label in
                  self.labels.items() if name.startswith("storm.")]
        places += [(self.mapper.pid, self.mapper.count),
                   (self.wave.pid, self.wave.addr)]
        return [int.from_bytes(self.guest.peek(pid, addr, 8), "little")
                for pid, addr in places]


def assert_ascending(text):
    """Lines of one process, each sound, none over another."""
    before = 0
    for line in text.splitlines(keepends=True):
        found = LINE.fullmatch(line)
        assert found, line
        start, end = (int(digits, 16) for digits in found.groups())
        assert before <= start < end, line
        before = end


def torn(done, storm, seen):
    """Those of SEEN whose areas may not be whole, by the error. It names one
    of them, and never one that stands still."""
    if done.returncode == 0:
        assert done.stderr == b""
        return set()
    found = TORN.fullmatch(done.stderr)
    assert done.returncode == 1 and found, (done.returncode, done.stderr)
    assert int(found[1]) not in storm.maps, done.stderr
    return set(seen) - set(storm.maps) if found[2] else {int(found[1])}


def check_ps(done, storm):
    """Everybody who lives on is there, as the guest itself says."""
    answer = json.loads(done.stdout)
    rows = {row["tid"]: row for row in answer["rows"]}
    assert len(rows) == len(answer["rows"])
    assert done.returncode in (0, 1)
    assert "error" not in answer or done.returncode == 1
    only = {row["pid"] for row in answer["rows"]} == set(rows)
    for tid, task in storm.tasks.items():
        if only and tid != task["pid"]:
            continue
        row = rows[tid]
        assert not row["torn"], row
        for key in ("pid", "ppid", "ruid", "uid"):
            assert row[key] == task[key], row
        assert row["comm"] == test_ps.json_string(task["comm"]), row


def check_maps_all(done, storm):
    """All maps: those of who stands still byte for byte."""
    seen = test_maps.split(done.stdout)
    assert storm.mapper.pid in seen
    for pid in set(seen) - torn(done, storm, seen):
        assert_ascending(seen[pid])
        if pid == storm.mapper.pid:
            assert storm.outside(seen[pid]) == storm.around
    for pid, text in storm.maps.items():
        assert seen[pid] == text, f"maps of pid {pid} differ"


def check_mapper(done, storm):
    """Areas that change while others look."""
    if torn(done, storm, [storm.mapper.pid]):
        assert all(map(LINE.fullmatch,
                       done.stdout.splitlines(keepends=True)))
        return
    assert_ascending(done.stdout)
    assert storm.outside(done.stdout) == storm.around


def check_still(done, storm):
    """One that stands still."""
    assert done.returncode == 0 and done.stderr == b""
    assert done.stdout == storm.maps[storm.wave.pid]


def check_listvma(done, storm):
    """The same areas in another form."""
    parts = re.split(rb"(?m)^Process = .*, PID = (\d+)\n", done.stdout)
    seen = dict(zip(map(int, parts[1::2]), parts[2::2]))
    torn(done, storm, seen)
    for pid, text in storm.maps.items():
        want = b"".join(
            b"%#x %#x %s\n" % (int(start, 16), int(end, 16), perm)
            for start, end, perm, name in re.findall(
                rb"(?m)^(\w+)-(\w+) (...). \S+ \S+ \d+ *(.*)$", text)
            if name != b"[vsyscall]")
        assert seen[pid] == want, f"areas of pid {pid} differ"


def check_info(done, storm):
    """Four vCPUs, and what each ran at that moment."""
    row, = json.loads(done.stdout)["rows"]
    assert done.returncode == 0 and len(row["vcpus"]) == 4
    assert row["release"].startswith(storm.guest.kernel + ".")


def check_wave(done, storm):
    """A page is one round ahead of those behind it, or none is: all of it
    was read in one moment."""
    assert done.returncode == 0 and len(done.stdout) == storm.wave.len
    rounds = [int.from_bytes(done.stdout[at:at + 8], "little")
              for at in range(0, len(done.stdout), PAGE)]
    assert rounds == sorted(rounds, reverse=True)
    assert rounds[0] - rounds[-1] in (0, 1), "the guest ran meanwhile"


@pytest.fixture(scope="session")
def storms():
    """Those of all guests that were there."""
    return {}


@pytest.fixture
def still(storm, hand_out, storms):
    """The guest's own."""
    guest = hand_out(storm)
    if guest not in storms:
        storms[guest] = Storm(guest)
    return storms[guest]


def lookers(storm):
    """(arguments, check) of what looks at such a guest."""
    wave = storm.wave
    return [(("ps", "--json"), check_ps), (("ps", "-t", "--json"), check_ps),
            (("maps", "--all"), check_maps_all),
            (("maps", storm.mapper.pid), check_mapper),
            (("maps", wave.pid), check_still), (("listvma",), check_listvma),
            (("info", "--json"), check_info),
            (("read", f"{wave.pid}:{wave.addr:#x}", wave.len, "-f", "raw"),
             check_wave)]


def tell(done, check, storm, where):
    """Check it; how it is called in the tables."""
    try:
        check(done, storm)
    except AssertionError as error:
        raise AssertionError(f"{where}: {error}; status {done.returncode}, "
                             f"{done.stderr.decode()}") from None
    return "marked as torn" if done.returncode else "right answer"


def test_attaches(still, qvmi, tally, request):
    """In a row, by both ways to memory in turn."""
    before = still.progress()
    runs = itertools.cycle(itertools.product(lookers(still),
                                             ("stub", "process")))
    # in a row: a share of them would be another thing
    attaches = (LONG_ATTACHES if request.config.getoption("--long")
                else ATTACHES)
    for number in range(attaches):
        (args, check), memory = next(runs)
        done = qvmi(still.guest, *args, "--memory", memory, status=None)
        outcome = tell(done, check, still, f"attach {number}: {args} by "
                       f"{memory}")
        tally("races", "attach", f"{args[0]} by {memory}", outcome)
    after = still.progress()
    assert all(now > then for now, then in zip(after, before)), (before, after)


def resumed(guest, qvmi, args, delay):
    """A run in whose middle somebody else lets the guest run, or at its end:
    output goes to files, so that nobody needs to read for it to end."""
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        run = subprocess.Popen(qvmi.argv(guest, *args), env=qvmi.environ(),
                               stdin=subprocess.DEVNULL, stdout=out,
                               stderr=err)
        while guest.running() and run.poll() is None:
            time.sleep(0.001)
        time.sleep(delay)
        guest.cont()
        try:
            run.wait(120)
        finally:
            run.kill()
        texts = []
        for file in (out, err):
            file.seek(0)
            texts.append(file.read())
    return subprocess.CompletedProcess(run.args, run.returncode, *texts)


def test_resumed_by_somebody_else(still, qvmi, tally, request):
    """An answer of one moment, or none."""
    guest = still.guest
    chance = random.Random(f"{request.config.getoption('--seed')} resumed")
    runs = itertools.cycle(itertools.product(
        (lookers(still)[at] for at in (0, 2, 7)), ("stub", "process")))
    for number in range(how_many(request.config, RESUMED, LONG_RESUMED)):
        (args, check), memory = next(runs)
        delay = chance.uniform(0, 0.1)
        done = resumed(guest, qvmi, (*args, "--memory", memory), delay)
        where = f"{number}: {args} by {memory}, resumed after {delay:.4f} s"
        if done.returncode == 3:
            assert MOVED in done.stderr, (where, done)
            if "--json" in args:
                assert json.loads(done.stdout)["rows"] == [], (where, done)
            else:
                assert done.stdout == b"", (where, done)
            assert done.stderr.count(b"\n") == 1, (where, done)
            outcome = "clear error"
        else:
            outcome = tell(done, check, still, where)
        tally("races", "resumed", f"{args[0]} by {memory}", outcome)
        assert guest.running(), where


# What is read of a mount by its name there, and how each record of it looks;
# a task may be called what it likes.
NAME = rb"(?s:.{0,64}?)"
FORMS = {name: re.compile(rb"(?:%s)*" % form) for name, form in {
    "stat": rb"\d+ \(" + NAME + rb"\) [RSDTtXZPI](?: -?\d+){49}\n",
    "statm": rb"\d+(?: \d+){6}\n",
    "status": rb"\w+:(?:\t.*| *)\n",
    "comm": NAME + rb"\n",
    "wchan": rb"0|\w[\w.]*",
    "cgroup": rb"\d+:[\w,=]*:/.*\n",
    "maps": LINE.pattern,
    "loadavg": rb"(?:\d+\.\d\d ){3}\d+/\d+ \d+\n",
    "meminfo": rb"[\w()]+: +\d+(?: kB)?\n",
    "vmstat": rb"\w+ \d+\n",
    "diskstats": rb" *\d+ +\d+ \S+(?: \d+){17}\n",
}.items()}
OF_SYSTEM = ("loadavg", "meminfo", "vmstat", "diskstats")
OF_TASKS = [name for name in FORMS if name not in OF_SYSTEM]
EMPTY = ("maps", "cgroup")  # may be: of threads of the kernel, without any
PS = re.compile(r"\S+ +(\d+) +[\d.]+ +[\d.]+ +\d+ +\d+ \S+ +[RSDTtXZIP]\S* +"
                r"[\w:]+ +\d+:\d\d .*")
ROUNDS, LONG_ROUNDS, LOOKERS = 6, 100, 2


def read_whole(path):
    """(what came, whether it ended as a whole one does); None: it is gone."""
    text = b""
    try:
        with open(path, "rb", buffering=0) as file:
            while part := file.read(65536):
                text += part
    except OSError as error:
        if error.errno in (errno.ENOENT, errno.ESRCH):
            return None
        assert error.errno == errno.EIO, (path, error)
        return text, False
    return text, True


def check_form(name, text, whole):
    """Each record is one; a text that ends early ends behind one."""
    assert FORMS[name].fullmatch(text), (name, text)
    assert text or not whole or name in EMPTY, name
    if whole and name == "maps":
        assert_ascending(text)


def read_tasks(mount, storm):
    """All of them; {(pid, name)} of what was told whole."""
    told = set()
    for pid in filter(str.isdigit, os.listdir(mount.folder)):
        for name in OF_TASKS:
            read = read_whole(mount / pid / name)
            if not read:
                assert int(pid) not in storm.maps, (pid, name)
                continue
            check_form(name, *read)
            if name == "stat" and read[1]:
                assert read[0].startswith(b"%d (" % int(pid)), read
            if name == "maps" and int(pid) in storm.maps:
                assert read == (storm.maps[int(pid)], True), (pid, read)
            if name == "maps" and int(pid) == storm.mapper.pid and read[1]:
                assert storm.outside(read[0]) == storm.around
            told |= {(int(pid), name)} if read[1] else set()
    return told


def listed_by_ps(qvmi, guest, rounds, memory):
    """The numbers that a program of this host shows, time after time."""
    done = qvmi(guest, "run", "--refresh", "20", "--memory", memory, "--",
                "sh", "-c", f"for i in $(seq {rounds}); do ps aux || exit 9; "
                "echo; done")
    told = []
    for text in done.stdout.decode(errors="replace").split("\n\n")[:-1]:
        lines = text.split("\n")
        assert re.fullmatch("USER +PID .* COMMAND", lines[0]), text
        found = [PS.fullmatch(line) for line in lines[1:]]
        assert all(found), text
        told.append([int(line[1]) for line in found])
    assert len(told) == rounds
    return told


@pytest.mark.any_kernel
@pytest.mark.parametrize("memory", ["stub", "process"])
def test_mounted(still, qvmi, tmp_path, memory, tally, request):
    """Who looks at it as at any /proc is told lines of what there was."""
    before = still.progress()
    stay = {task["pid"] for task in still.tasks.values()}
    rounds = how_many(request.config, ROUNDS, LONG_ROUNDS)

    def look(_):
        for _ in range(rounds):
            told = read_tasks(mount, still)
            assert told >= {(pid, name) for pid in still.maps
                            for name in OF_TASKS}
            for name in OF_SYSTEM:
                check_form(name, *read_whole(tmp_path / name))
            tally("races", "mounted", f"all by {memory}", "right answer")
        return True

    with mounted(qvmi, still.guest, tmp_path, "--refresh", "20", "--memory",
                 memory) as mount, \
            concurrent.futures.ThreadPoolExecutor(LOOKERS) as readers:
        looks = readers.map(look, range(LOOKERS))
        for seen in listed_by_ps(qvmi, still.guest, rounds, memory):
            assert len(seen) == len(set(seen)) and stay <= set(seen)
            tally("races", "run", f"ps by {memory}", "right answer")
        assert all(looks)
        mount.unmount()
    after = still.progress()
    assert all(now > then for now, then in zip(after, before)), (before, after)
