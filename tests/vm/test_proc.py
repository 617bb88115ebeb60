# SPDX-License-Identifier: BSD-2-Clause
"""`cat` and `dmesg`: files of /proc and the kernel's log, as the guest itself
shows them."""

import calendar
import contextlib
import json
import re
import time

import pytest

import guest as vm

LINE = re.compile(rb"^\[ *(\d+)\.\d+\] ", re.M)


def users(guest):
    """PIDs whose files the guest shows, and which stay as they are."""
    return sorted({1, *(label.pid for label in guest.labels().values())})


def test_of_the_system(guest, qvmi):
    for name in ("version", "cmdline"):
        want = guest.cat(f"/proc/{name}")
        assert qvmi(guest, "cat", name).stdout == want
        assert qvmi(guest, "cat", f"/proc/{name}").stdout == want


@pytest.mark.parametrize("name", ["comm", "cmdline", "environ", "maps"])
def test_of_processes(guest, qvmi, name):
    paths = [f"{pid}/{name}" for pid in users(guest)
             if guest.cat(f"/proc/{pid}/maps")]
    want = [guest.cat(f"/proc/{path}") for path in paths]
    assert qvmi(guest, "cat", *paths).stdout == b"".join(want)
    # in whatever order, and whatever stands between
    mixed = [*paths[1:], "version", paths[0], "version"]
    answer = json.loads(qvmi(guest, "cat", "--json", "--stats",
                             *mixed).stdout)
    assert [row["path"] for row in answer["rows"]] == mixed
    version = guest.cat("/proc/version").decode()
    assert [row["text"] for row in answer["rows"][-3:]] == [
        version, want[0].decode(), version]
    # all of them at once: a process costs no round trip of its own
    assert answer["stats"]["batches"] < 100
    assert len(want) > 20 and any(want)


def test_kernel_threads(guest, qvmi):
    assert qvmi(guest, "cat", "2/comm").stdout == guest.cat("/proc/2/comm")
    assert qvmi(guest, "cat", "2/cmdline", "2/environ").stdout == b""


def test_log(guest, qvmi):
    """Nothing is said meanwhile but at the end."""
    ours = qvmi(guest, "cat", "kmsg").stdout
    assert guest.run("dmesg -r").startswith(ours) and len(ours) > 10000
    ours = qvmi(guest, "dmesg").stdout
    assert guest.run("dmesg").startswith(ours) and len(ours) > 10000
    rows = json.loads(qvmi(guest, "dmesg", "--json").stdout)["rows"]
    assert "Linux version" in rows[0]["text"]
    assert [row["seq"] for row in rows] == list(
        range(rows[0]["seq"], rows[0]["seq"] + len(rows)))


def test_times_of_day(guest, qvmi):
    """A line's time is that of the boot and what the line says since then."""
    boot, = re.findall(rb"^btime (\d+)$", guest.cat("/proc/stat"), re.M)
    plain = qvmi(guest, "dmesg").stdout
    told = qvmi(guest, "dmesg", "-T").stdout
    assert LINE.sub(b"", plain) == re.sub(rb"^\[[^]]*\] ", b"", told,
                                          flags=re.M)
    times = re.findall(rb"^\[([^]]*)\] ", told, re.M)
    seconds = LINE.findall(plain)
    assert len(times) == len(seconds) > 100
    for text, since in zip(times, seconds):
        moment = calendar.timegm(time.strptime(text.decode(),
                                               "%a %b %d %H:%M:%S %Y"))
        assert abs(moment - int(boot) - int(since)) <= 1


@pytest.mark.variant("log")
@pytest.mark.parametrize("kernel", ["5.10", "7.2"])
def test_log_that_wraps(variant, qvmi, kernel):
    """More than the ring holds, with lines of all lengths, and several in a
    record; what is there is what the guest shows."""
    guest = variant("log" + kernel, kernel=kernel, append="log_buf_len=32K")
    guest.run("echo on > /proc/sys/kernel/printk_devkmsg")
    guest.run("i=0; while [ $i -lt 1500 ]; do i=$((i + 1)); "
              "printf \"%0$((i % 300))d\\nof several $i\\n\" 7 > /dev/kmsg; "
              "done")
    guest.run("printf '\\001\\377 end' > /dev/kmsg")
    ours = qvmi(guest, "cat", "kmsg").stdout
    assert b"of several 1500\n" in ours and b"of several 1\n" not in ours
    assert ours.endswith(b"\x01\xff end\n")
    theirs = guest.run("dmesg -r")  # as much as its buffer has room for
    assert theirs in ours and len(theirs) > 100000
    rows = json.loads(qvmi(guest, "dmesg", "--json").stdout)["rows"]
    assert [row["seq"] for row in rows] == list(
        range(rows[0]["seq"], rows[0]["seq"] + len(rows)))


@pytest.fixture
def crashed():
    """A guest whose kernel stays where it is when it crashes."""
    with contextlib.closing(vm.Guest(append="panic=0")) as guest:
        yield guest


@pytest.mark.variant("panic")
def test_a_panic(crashed, qvmi):
    """The log of a kernel that has crashed, down to its last line."""
    guest = crashed
    guest.forget()
    guest.send("run echo c > /proc/sysrq-trigger")
    guest.wait_console(r"end Kernel panic - not syncing: sysrq")
    ours = qvmi(guest, "dmesg").stdout
    assert b"Kernel panic - not syncing: sysrq triggered crash" in ours
    said = guest.console().encode(errors="replace")
    last = ours[ours.index(b"sysrq: Trigger a crash"):]
    assert all(line in said for line in last.splitlines())


def test_what_is_not_there(guest, qvmi):
    done = qvmi(guest, "cat", "1/nothing", status=2)
    assert b"'1/nothing': there are PID/arch_status, PID/attr/current" in \
        done.stderr
    assert qvmi(guest, "cat", "maps", status=2).stdout == b""
    assert b"PID '1-2'" in qvmi(guest, "cat", "1-2/maps", status=2).stderr
    assert b"'x/maps': there are" in qvmi(guest, "cat", "x/maps",
                                          status=2).stderr
    done = qvmi(guest, "cat", "version", "4000000/comm", status=1)
    assert b"4000000/comm: no process with pid 4000000" in done.stderr
    assert done.stdout == b"" and done.stderr.count(b"\n") == 1


def test_strings(guest, qvmi):
    """`env` and `cmdline`: what a process was started with, string by string."""
    pid = guest.labels()["watch"].pid if "watch" in guest.labels() else 1
    for command, name in (("env", "environ"), ("cmdline", "cmdline")):
        want = guest.cat(f"/proc/{pid}/{name}").removesuffix(b"\0").split(b"\0")
        assert qvmi(guest, command, pid).stdout.splitlines() == want
        rows = json.loads(qvmi(guest, command, "--json", pid).stdout)["rows"]
        assert all(row["pid"] == pid for row in rows)
        if command == "env":
            said = [f"{row['name']}={row['value']}" for row in rows]
        else:
            said = [row["argument"] for row in rows]
            assert [row["index"] for row in rows] == list(range(len(rows)))
        assert said == [string.decode() for string in want]
        assert b"kernel thread" in qvmi(guest, command, 2, status=1).stderr
