# SPDX-License-Identifier: BSD-2-Clause
"""print: what gdb has of the same expressions, what /proc says, errors."""

import json
import re

import pytest
from expressions import everything
from gdb import as_gdb_has

# The kernel on which all expressions are held against gdb; on others, a few.
MOST = "6.12"
# What may be missing of a member or variable that not all kernels have.
MISSING = re.compile("has no member|no symbol|has no known type|no type")


def taken(done, theirs):
    """{what gdb takes: the number} of the values of one expression."""
    rows = [row for row in done["rows"] if row["path"] == ""]
    if theirs[0].endswith("[%d]"):
        text = rows[0]["value"].encode()
        return {theirs[0] % i: byte for i, byte in enumerate(
            text + bytes(len(text) < rows[0]["size"]))}
    found = {text: int(row["value"], 0) for text, row in zip(theirs, rows)
             if row["value"]}
    for row in rows[:1]:
        name, _, offset = (row["symbol"] or "").partition("+")
        if offset == "0x0" and "(*" in row["type"]:
            found[f"&{name}"] = int(row["value"], 0)
    return found


def printed(guest, qvmi, *args, status=0):
    return json.loads(qvmi(guest, "print", "-J", *args, status=status).stdout)


def test_as_gdb_has_them(guest, qvmi, tmp_path):
    cpus = guest.cat("/proc/cpuinfo").decode().count("processor\t")
    table = everything(cpus)[::1 if guest.kernel == MOST else 5]
    compared = []

    def look():
        found = {}
        for ours, theirs in table:
            done = printed(guest, qvmi, "--depth", 0, ours, status=None)
            if "error" in done:
                assert MISSING.search(done["error"]["text"]), (ours, done)
                continue
            have = taken(done, theirs)
            compared.extend([ours] if have else [])
            found.update(have)
        return found

    ours = as_gdb_has(guest, qvmi, tmp_path, look)
    assert len(compared) >= (200 if guest.kernel == MOST else 35)
    if guest.kernel == MOST:
        assert {"&sock_poll", "&ramfs_mkdir", "&proc_root_lookup"} <= set(ours)


def values(done):
    return [row["value"] for row in done["rows"]]


def test_lists(guest, qvmi):
    """All processes and modules, as ps and the guest have them."""
    comms = values(printed(guest, qvmi,
                           "list(init_task.tasks, task_struct, tasks).comm"))
    assert len(comms) > 30 and comms[:2] == ["init", "kthreadd"]
    pids = [int(value) for value in values(printed(
        guest, qvmi, "list(task(2)->children, task_struct, sibling).pid"))]
    rows = json.loads(qvmi(guest, "ps", "-J").stdout)["rows"]
    of_kthreadd = {row["pid"] for row in rows if row["ppid"] == 2}
    # Workers come and go between two pauses.
    assert len(of_kthreadd & set(pids)) > 10
    names = values(printed(guest, qvmi, "list(modules, module, list).name"))
    assert names == [line.split()[0] for line in
                     guest.cat("/proc/modules").decode().splitlines()]
    tasks = values(printed(
        guest, qvmi, "list(task(1)->thread_pid->tasks[0], task_struct, "
        "pid_links).comm"))
    assert tasks == ["init"]


def test_trees(guest, qvmi):
    """All keys, in the order of their numbers, as many as users have; root's
    count begins at two (security/keys/key.c, root_key_user)."""
    serials = [int(value) for value in values(printed(
        guest, qvmi, "tree((struct rb_root *)key_serial_tree, key, "
        "serial_node).serial"))]
    assert serials == sorted(set(serials))
    assert {int(line.split()[0], 16)
            for line in guest.cat("/proc/keys").splitlines()} <= set(serials)
    assert len(serials) + 2 == sum(
        int(line.split()[2].split(b"/")[0])
        for line in guest.cat("/proc/key-users").splitlines())


def test_names_of_objects(guest, qvmi):
    """A pointer leads to an object of a slab, which slab itself tells, too."""
    done = printed(guest, qvmi, "*task(1)->signal")
    told = {row["value"]: row["slab"] for row in done["rows"] if row["slab"]}
    row, = printed(guest, qvmi, "task(1)->mm")["rows"]
    told[row["value"]] = row["slab"]
    assert row["slab"] and not row["symbol"] and len(told) > 2
    for address, name in told.items():
        assert json.loads(qvmi(guest, "slab", "-J", address).stdout)[
            "rows"][0]["name"] == name
    assert f"<slab {row['slab']}>".encode() in qvmi(
        guest, "print", "task(1)->mm").stdout


def test_cpus(guest, qvmi):
    """A variable of each CPU, of all or one."""
    cpus = guest.cat("/proc/cpuinfo").decode().count("processor\t")
    # 5.10 has no types of them.
    queues = "((struct rq *)runqueues)->" if guest.kernel == "5.10" else "runqueues."
    done = printed(guest, qvmi, queues + "cpu")
    assert [(row["cpu"], row["value"]) for row in done["rows"]] == [
        (cpu, str(cpu)) for cpu in range(cpus)]
    done = printed(guest, qvmi, "--cpu", 0, queues + "idle->comm")
    assert values(done) == ["swapper/0"]
    text = qvmi(guest, "print", "--cpu", 999, "runqueues", status=1).stderr
    assert b"no CPU 999" in text


@pytest.mark.variant("smp4")
@pytest.mark.any_kernel
def test_cpus_of_four(variant, qvmi):
    """One of them, or all, each its own."""
    guest = variant("smp4")
    for name, member in (("runqueues", "cpu"), ("hrtimer_bases", "cpu")):
        done = printed(guest, qvmi, f"{name}.{member}", "--cpu", "all")
        assert [(row["cpu"], row["value"]) for row in done["rows"]] == [
            (cpu, str(cpu)) for cpu in range(4)]
        done = printed(guest, qvmi, f"{name}.{member}", "--cpu", 2)
        assert [(row["cpu"], row["value"]) for row in done["rows"]] == [
            (2, "2")]
    idle = printed(guest, qvmi, "runqueues.idle->comm")
    assert values(idle) == [f"swapper/{cpu}" for cpu in range(4)]
    assert len({row["address"] for row in idle["rows"]}) == 4
    text = qvmi(guest, "print", "--cpu", 4, "runqueues", status=1).stderr
    assert b"no CPU 4: the kernel has 4" in text


def test_types_of_modules(guest, qvmi):
    """What zram has of its disk, as /sys has it."""
    if guest.kernel == "5.10":  # keeps no types of modules
        text = qvmi(guest, "print", "(struct zram *)1", status=1).stderr
        assert b"those of 0 modules)" in text
        return
    for struct in ("struct zram", "zram[zram]"):
        disk = (f"(({struct} *)((struct xa_node *)((unsigned long)((struct idr"
                " *)zram_index_idr[zram])->idr_rt.xa_head - 2))->slots[0])->")
        assert values(printed(guest, qvmi, disk + "disk->disk_name")) == [
            "zram0"]
        assert values(printed(guest, qvmi, disk + "disksize")) == [
            guest.cat("/sys/block/zram0/disksize").decode().strip()]
    text = qvmi(guest, "print", "(zram[brd] *)1", status=1).stderr
    assert b"no type 'zram' (looked at" in text


def test_text(guest, qvmi):
    """What is printed, and what is said where there is nothing to print."""
    def text(*args):
        return qvmi(guest, "print", *args).stdout.decode()

    assert re.fullmatch(r'\(char ?\[16\]\) 0x\w{16} = "swapper/0"\n',
                        text("init_task.comm"))
    assert re.fullmatch(r"\(void \*\) 0x\w{16} <vfs_read\+0x0>\n",
                        text("vfs_read"))
    assert text("2 + 0x10 - 1") == "(unsigned long) 0x11\n"
    assert '= "Linux version ' in text("linux_banner")
    assert text("container_of(&init_task.tasks, task_struct, tasks)->pid"
                ).endswith(" = 0\n")
    slice_ = text("init_task.signal->rlim[0:2]")
    assert re.fullmatch(r"(\[\d\] \(struct rlimit\) 0x\w+ = \{\n"
                        r"\trlim_cur = \d+\n\trlim_max = \d+\n\}\n){2}", slice_)


def test_errors(guest, qvmi):
    """One line: what is missing, where; exit status 1, or 2."""
    for text, status, words in (
            ("task(2)->mm->pgd", 1, "task(2)->mm is NULL"),
            ("init_task.com", 1, "no member 'com': did you mean comm?"),
            ("(struct task_strut *)0", 1, "did you mean task_struct?"),
            ("no_such_thing.x", 1, "no symbol 'no_such_thing'"),
            ("task(4000000)", 1, "4000000"),
            ("init_task->pid", 1, "is no pointer, a dot leads to"),
            ("init_task.mm.pgd", 1, "is a pointer: -> leads to members"),
            ("vfs_read.x", 1, "has no known type: a cast gives it one"),
            ("init_task.pid[0]", 1, "neither an array nor a pointer"),
            ("init_task.comm[16]", 1, "has 16 elements, the last is [15]"),
            ("&init_task.sched_reset_on_fork", 1, "a bit field, which has no"),
            ("*(int *)0x10", 1, "0x10"),
            ("list(init_task, task_struct, tasks)", 1, "is no list_head"),
            ("init_task.", 2, "is missing at ^: init_task.^")):
        done = printed(guest, qvmi, text, status=status)
        assert words in done["error"]["text"], (text, done["error"])
        assert not done["rows"]
    said = qvmi(guest, "print", "init_task .com m", status=2).stderr.decode()
    assert said.splitlines()[1:] == ["init_task .com m", "               ^"]
    done = printed(guest, qvmi,
                   "list(init_task.tasks, task_struct, tasks).mm->pgd",
                   status=1)
    lost = [row for row in done["rows"] if row["path"] is None]
    assert lost and len(lost) < len(done["rows"])
    assert "mm is NULL" in done["error"]["text"]
