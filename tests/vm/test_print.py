# SPDX-License-Identifier: BSD-2-Clause
"""print: what gdb has of the same expressions, what /proc says, errors."""

import json
import re

from gdb import as_gdb_has

# What gdb takes as it is, with numbers and addresses behind it.
ALIKE = """
init_task.pid
init_task.prio
init_task.static_prio
init_task.flags
init_task.stack
init_task.tasks.next
init_task.tasks.prev
&init_task.tasks
&init_task.comm
&init_task
init_task.cred->uid.val
init_task.cred->cap_effective
init_task.real_cred->user_ns
init_task.real_cred->user_ns->owner.val
init_task.signal->nr_threads
init_task.signal->rlim[7].rlim_cur
init_task.signal->rlim[3].rlim_max
&init_task.signal->rlim[2]
init_task.nsproxy->uts_ns
init_task.nsproxy->uts_ns->name.release[0]
*init_task.nsproxy->uts_ns->name.sysname
init_task.fs->umask
init_task.fs->users
init_task.fs->root.dentry
init_task.fs->root.dentry->d_inode->i_ino
init_task.fs->root.dentry->d_sb->s_magic
init_task.fs->root.dentry->d_sb->s_blocksize
init_task.files->count.counter
init_task.files->fdt->max_fds
init_task.active_mm
init_task.parent->pid
init_task.group_leader->prio
init_task.thread_pid->level
init_task.thread_pid->numbers[0].nr
init_task.sched_class
init_task.in_iowait
init_task.sched_reset_on_fork
init_task.se.load.weight
init_task.rt_priority
init_mm.pgd
init_mm.mm_users.counter
init_mm.start_code
init_mm.end_code
init_uts_ns.name.machine[1]
init_user_ns.level
init_user_ns.uid_map.nr_extents
init_cred.usage
init_nsproxy.uts_ns
modules.next
((struct list_head *)modules.next)->prev
((struct task_struct *)&init_task)->pid
(unsigned char)init_task.prio
init_pid_ns.level
init_pid_ns.child_reaper->pid
init_pid_ns.child_reaper->mm->pgd
init_net.count
""".split("\n")[1:-1]


def number(done):
    """The only number that an expression stands for; None: a struct."""
    rows = [row for row in done["rows"] if row["path"] == ""]
    return int(rows[0]["value"], 0) if rows and rows[0]["value"] else None


def printed(guest, qvmi, *args, status=0):
    return json.loads(qvmi(guest, "print", "-J", *args, status=status).stdout)


def test_as_gdb_has_them(guest, qvmi, tmp_path):
    def look():
        ours = {}
        for text in ALIKE:
            done = printed(guest, qvmi, "--depth", 0, text, status=None)
            if "error" in done:  # a member of other versions
                assert "has no member" in done["error"]["text"], (text, done)
            else:
                ours[text] = number(done)
        return {text: value for text, value in ours.items()
                if value is not None}

    assert len(as_gdb_has(guest, qvmi, tmp_path, look)) > 45


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
