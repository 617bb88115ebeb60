# SPDX-License-Identifier: BSD-2-Clause
"""The ELF file that `vmlinux` makes of a running kernel, as debuggers and other
tools take it: they find nothing wrong with it, and say what the guest says."""

import re
import subprocess
import threading
import time

import pytest

from gdb import SCRIPT, Gdb
from test_bad_input import one_line
from test_vmlinux import names, rows
from test_vmlinux import told as said_by

# What pahole says of structs that it reads in BTF alone: how they are aligned.
ALIGNED = re.compile(r"\s*__attribute__\(\(__aligned__\(\d+\)\)\)")
NO_MEMBER = re.compile(r"\s*(/\* .* \*/|[^:;]*:\d+;|)\s*")


@pytest.fixture(scope="session")
def files(tmp_path_factory):
    return {}, tmp_path_factory.mktemp("vmlinux")


@pytest.fixture
def vmlinux(guest, qvmi, files):
    """The file of that guest; written once."""
    made, folder = files
    if guest.pid not in made:
        path = folder / f"{guest.kernel}-{guest.pid}" / "vmlinux"
        path.parent.mkdir()
        done = qvmi(guest, "vmlinux", "-o", path, "--gdbinit")
        (path.parent / "told.gdb").write_bytes(done.stdout)
        made[guest.pid] = path
    return made[guest.pid]


@pytest.fixture
def told(vmlinux):
    """gdb as it is told to begin by what `--gdbinit` has printed, no more."""
    return Gdb(vmlinux, told=vmlinux.parent / "told.gdb")


def output(*command):
    return subprocess.run(command, check=True, stdout=subprocess.PIPE,
                          stderr=subprocess.DEVNULL).stdout.decode()


def test_tools_find_nothing_wrong(vmlinux):
    assert output("eu-elflint", "--gnu-ld", "-d", vmlinux) == "No errors\n"
    done = subprocess.run(["readelf", "-aW", vmlinux], check=True,
                          stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    assert done.stderr == b""
    done = subprocess.run(["llvm-dwarfdump", "--verify", vmlinux],
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          check=True)
    assert done.stdout.endswith(b"No errors.\n")
    assert b"warning" not in done.stdout


def test_with_code(guest, qvmi, tmp_path):
    """Each byte of the kernel's code, as QEMU has it."""
    path = tmp_path / "vmlinux"
    qvmi(guest, "vmlinux", "--text", "-o", path)
    text, = Gdb(path)("x/32xb do_exit")
    live, = Gdb(path, guest)("x/32xb do_exit")
    assert text == live and "<do_exit>" in text
    assert output("eu-elflint", "--gnu-ld", "-d", path) == "No errors\n"


def layouts(*command):
    """Lines of all structs, without what only one of the formats has."""
    lines = []
    for line in output("pahole", "--sort", *command).splitlines():
        line = re.sub(r"\s+", " ", ALIGNED.sub("", line)).strip()
        if not NO_MEMBER.fullmatch(line):
            lines.append(line.replace(" ;", ";"))
    return lines


def test_types_are_those_of_btf(guest, qvmi, vmlinux, tmp_path):
    """As pahole sees each struct of the kernel's; the file has more, those of
    modules and of all per-CPU variables."""
    btf = tmp_path / "btf"
    qvmi(guest, "vmlinux", "--format", "btf", "-o", btf)
    want, got = layouts("-F", "btf", btf), layouts("-F", "dwarf", vmlinux)
    assert len(want) > 50000
    at = iter(got)
    assert all(line in at for line in want)


def test_symbols(guest, vmlinux):
    """Names and addresses of /proc/kallsyms, but for per-CPU variables."""
    want = set()
    for line in said_by(guest, "cat /proc/kallsyms").decode().splitlines():
        address, _, name = line.split("\t")[0].split(" ", 2)
        want.add((int(address, 16), name))
    got = set()
    for line in output("nm", "-a", vmlinux).splitlines():
        address, _, name = line.split(" ", 2)
        got.add((int(address, 16), name))
    missing = want - got
    start = dict((name, at) for at, name in want)["__per_cpu_start"]
    assert {(at - start, name) for at, name in missing} <= got
    assert len(missing) < 10000 and (not missing) == (not start)


def test_globals(guest, vmlinux):
    """`p NAME` works, without a cast, and is right."""
    gdb = Gdb(vmlinux, guest)
    release = guest.run("uname -r").decode().strip()
    said = gdb("output init_task.comm", "output/s init_uts_ns.name.release",
               "output nr_cpu_ids", "output saved_command_line",
               "output system_state", "printf \"%s\", linux_banner",
               "whatis jiffies", "output jiffies", "whatis init_task",
               "output (unsigned)total_forks", "output cap_last_cap",
               "output/s module_kset->kobj.name", "whatis prog_idr",
               "whatis socket_file_ops", "whatis keyboard_notifier_list")
    assert said[0].startswith('"swapper')
    assert said[1].startswith(f'"{release}"')
    cpus = guest.run("grep -c ^processor /proc/cpuinfo").decode().strip()
    assert said[2] == cpus
    assert said[3].endswith(f'"{said_by(guest, "cat /proc/cmdline").decode()[:-1]}"')
    assert said[4] == "SYSTEM_RUNNING"
    assert said[5] == said_by(guest, "cat /proc/version").decode().rstrip()
    assert said[6] == "type = volatile unsigned long" and int(said[7]) > 0
    assert said[8] == "type = struct task_struct"
    forks = re.search(r"processes (\d+)", said_by(guest, "cat /proc/stat").decode())
    assert 0 < int(said[9]) <= int(forks[1])
    last = guest.run("cat /proc/sys/kernel/cap_last_cap").decode().strip()
    assert said[10] == last
    assert said[11].endswith('"module"') and said[12] == "type = struct idr"
    assert said[13] == "type = const struct file_operations"
    assert said[14] == "type = struct atomic_notifier_head"


def test_types_in_gdb(vmlinux):
    said = Gdb(vmlinux)("ptype /o struct task_struct", "whatis do_exit",
                        "info scope do_exit", "list do_exit",
                        "print sizeof(struct page)", "ptype struct zram_stats")
    assert re.search(r"\n/\* +\d+ +\| +16 \*/ +char comm\[16\];", said[0])
    assert re.fullmatch(r"type = void \(long( int)?\)", said[1])
    assert "code is optimized out" in said[2]
    # There are no lines, and nobody is shown any.
    assert said[3].startswith("error: ") or said[3] == ""
    assert said[4] == "$1 = 64"


def test_per_cpu(guest, vmlinux):
    """Types without places; with the script, places too."""
    gdb = Gdb(vmlinux, guest, script=True)
    said = gdb("print $per_cpu(\"runqueues\", 0).nr_running",
               "output $cpu_comm(0)", "output $cpu_task(0)->pid",
               "whatis runqueues", "print runqueues",
               "output $cpu_task(4095)", "output $per_cpu(\"none\", 0)")
    assert re.fullmatch(r"\$1 = \d+", said[0])
    assert re.fullmatch(r'".+"', said[1]) and int(said[2]) >= 0
    if guest.kernel != "5.10":  # whose BTF has none of them
        assert said[3] == "type = struct rq"
        assert said[4].endswith("= <optimized out>")
    assert said[5].startswith("error: no CPU 4095")
    assert said[6] == "error: no per-CPU variable none"


def stats(guest):
    """(PPID, STATE, COMM) of each process that sleeps, as the guest says."""
    text = said_by(guest, "cat /proc/[0-9]*/stat 2>/dev/null").decode(
        errors="replace")
    return {int(pid): (ppid, state, comm) for pid, comm, state, ppid in
            re.findall(r"(?m)^(\d+) \(([ -~]*)\) ([A-Z]) (\d+) ", text)
            if state != "R"}


def listed(text):
    """The same of what qvmi-ps prints."""
    found = {}
    for line in text.splitlines()[1:]:
        pid, ppid, state, _ = line.split()[:4]
        found[int(pid)] = (ppid, state, line[41:])
    return found


def test_tasks(guest, vmlinux, told):
    """qvmi-ps lists all processes, $task() has each, and their threads."""
    thread = next(int(tid) for pid, tid in re.findall(
        r"/proc/(\d+)/task/(\d+)\n",
        guest.run("ls -d /proc/[0-9]*/task/*").decode()) if pid != tid)
    before = stats(guest)
    said = told("qvmi-ps", f"output $task({thread})->pid",
                "output $task(1)->comm", "output $task(999999)")
    after, shown = stats(guest), listed(said[0])
    same = {pid for pid in before if before[pid] == after.get(pid)}
    # Names of kernel threads are longer in /proc, and say what a worker does.
    differ = [(pid, before[pid], shown.get(pid)) for pid in same
              if shown.get(pid, ())[:2] != before[pid][:2]
              or not before[pid][2].startswith(shown[pid][2])]
    assert len(same) > 50 and not differ
    assert said[1] == str(thread) and said[2].startswith('"init')
    assert said[3] == "error: no task with PID 999999"


def test_prompt(guest, told):
    """The task in the prompt, before what that was; and that alone again."""
    done = subprocess.run(
        told.argv("-iex", "set pagination off"), check=True,
        input=b"set qvmi-prompt on\noutput $cpu_comm()\noutput $cpu_pid()\n"
        b"set qvmi-prompt off\nset prompt other \nset qvmi-prompt on\n"
        b"set qvmi-prompt off\n\ndetach\n",
        stdout=subprocess.PIPE, timeout=180).stdout.decode()
    line, = re.findall(r"(?m)^\(gdb\) \[.*$", done)
    comm, pid = re.search(r'\) "(.+)"\[.*\) (\d+)\[', line).groups()
    shown = f"[{comm}:{pid}] "
    assert line.startswith(
        f'(gdb) {shown}(gdb) "{comm}"{shown}(gdb) {pid}{shown}(gdb) (gdb) '
        f"other {shown}other other other Detaching")
    assert guest.running()


STOP = ("output $cpu_pid()", "output $_thread", "output $cpu_task()->comm",
        "output $task($cpu_pid()) == $cpu_task()", "qvmi-ps",
        "output (unsigned long)$per_cpu(\"runqueues\").clock",
        "python print(gdb.prompt_hook('(gdb) '))", "output jiffies",
        "bt", "output $pc == (unsigned long)&do_exit")


def test_stops(guest, told):
    """By name, though the kernel was moved, and by a task's name; at each stop
    all is as it is then."""
    done = threading.Event()

    def work():
        while not done.is_set():
            guest.run("true")
            time.sleep(0.1)
    worker = threading.Thread(target=work)
    worker.start()
    try:
        said = told("set qvmi-prompt on",
                    "hbreak do_exit if $cpu_pid() > 1 && "
                    "$_streq($cpu_comm(), \"busybox\")",
                    "continue", *STOP, "continue", *STOP, "delete")
    finally:
        done.set()
        worker.join()
    assert said[1].startswith("Hardware assisted breakpoint 1")
    stops = [dict(zip(STOP, said[at:])) for at in (3, 4 + len(STOP))]
    for stop in stops:
        pid = stop[STOP[0]]
        assert stop[STOP[2]].startswith('"busybox\\000') and stop[STOP[3]] == "1"
        assert listed(stop["qvmi-ps"])[int(pid)][2] == "busybox"
        assert stop[STOP[6]] == f"[busybox:{pid}] (gdb)"
        frames = stop["bt"].splitlines()
        assert " do_exit (code=<optimized out>)" in frames[0]
        # and what entered the kernel, which gdb calls so
        assert [i for i, frame in enumerate(frames[:-1])
                if " do_syscall_64 (" in frame
                and "<signal handler called>" in frames[i + 1]], frames
        assert stop[STOP[9]] == "1"
    one, two = stops
    assert one[STOP[0]] != two[STOP[0]]
    assert int(one[STOP[0]]) not in listed(two["qvmi-ps"])
    assert int(one["output jiffies"]) < int(two["output jiffies"])
    if one[STOP[1]] == two[STOP[1]]:
        assert int(one[STOP[5]]) < int(two[STOP[5]])
    guest.assert_unharmed("running")


def test_names_for_gdb(guest, qvmi, tmp_path):
    """Folders and files whose names gdb does not take as they are; and the
    script that gdb runs is the one beside the file, by itself."""
    for folder, name in (("a b", "it's \"v\""), ("a:b*", "v$x"),
                         ("[a]", "v\\n")):
        path = tmp_path / folder / name
        path.parent.mkdir()
        commands = tmp_path / "told.gdb"
        done = qvmi(guest, "vmlinux", "-o", path, "--gdbinit")
        commands.write_bytes(done.stdout)
        assert names(path.parent) == [name, f"{name}-gdb.py"]
        said = Gdb(commands, told=commands)("output $cpu_comm(0)",
                                            "output init_task.pid")
        assert re.fullmatch(r'".+"', said[0]) and said[1] == "0"


def refused(guest, qvmi, path, *words, status=1):
    done = qvmi(guest, "vmlinux", "-o", path, "--gdbinit", status=status)
    one_line(done, status, b"vmlinux: ", *words)
    assert done.stdout == b"" and guest.running()


def test_script_that_cannot_be(guest, qvmi, tmp_path):
    """Nothing is written then; what was there, stays."""
    path, script = tmp_path / "vmlinux", tmp_path / "vmlinux-gdb.py"
    script.mkdir()
    refused(guest, qvmi, path, b"'vmlinux-gdb.py' is there")
    script.rmdir()
    script.write_text("# that of a kernel's tree\n")
    refused(guest, qvmi, path, b"'vmlinux-gdb.py' is there")
    assert names(tmp_path) == [script.name]
    assert script.read_text() == "# that of a kernel's tree\n"
    # A format that has none minds no such file.
    qvmi(guest, "vmlinux", "-o", path, "--format", "kallsyms")
    assert script.read_text() == "# that of a kernel's tree\n"
    script.unlink()
    whole, beside = rows(qvmi(guest, "vmlinux", "-o", path, "-J"))
    assert beside["file"] == str(script) and beside["symbols"] is None
    assert beside["bytes"] == script.stat().st_size
    assert whole["bytes"] == path.stat().st_size
    assert script.read_bytes() == SCRIPT.read_bytes()
    # One of ours is replaced, also where nobody may write it.
    script.write_bytes(script.read_bytes()[:-20])
    script.chmod(0o400)
    qvmi(guest, "vmlinux", "-o", path)
    assert script.read_bytes() == SCRIPT.read_bytes()
    # No room for the script's name beside that of the file.
    refused(guest, qvmi, tmp_path / ("x" * 250), b"File name too long")
    assert names(tmp_path) == [path.name, script.name]


def test_no_script(guest, qvmi):
    """To a pipe goes the file alone, which is said; gdb is told of none."""
    done = qvmi(guest, "vmlinux", "-o", "-")
    assert done.stdout.startswith(b"\x7fELF")
    assert done.stderr.count(b"\n") == 1
    assert b"gdb's script is left out" in done.stderr
    refused(guest, qvmi, "/dev/null", b"/dev/null is none", status=2)
    refused(guest, qvmi, "-", b"- is none", status=2)
