# SPDX-License-Identifier: BSD-2-Clause
"""The ELF file that `vmlinux` makes of a running kernel, as debuggers and other
tools take it: they find nothing wrong with it, and say what the guest says."""

import re
import subprocess
import threading
import time

import pytest

from gdb import Gdb
from test_vmlinux import told

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
        qvmi(guest, "vmlinux", "-o", path)
        made[guest.pid] = path
    return made[guest.pid]


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
    for line in told(guest, "cat /proc/kallsyms").decode().splitlines():
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
               "output (unsigned)total_forks")
    assert said[0].startswith('"swapper')
    assert said[1].startswith(f'"{release}"')
    cpus = guest.run("grep -c ^processor /proc/cpuinfo").decode().strip()
    assert said[2] == cpus
    assert said[3].endswith(f'"{told(guest, "cat /proc/cmdline").decode()[:-1]}"')
    assert said[4] == "SYSTEM_RUNNING"
    assert said[5] == told(guest, "cat /proc/version").decode().rstrip()
    assert said[6] == "type = volatile unsigned long" and int(said[7]) > 0
    assert said[8] == "type = struct task_struct"
    forks = re.search(r"processes (\d+)", told(guest, "cat /proc/stat").decode())
    assert 0 < int(said[9]) <= int(forks[1])


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


def processes(guest):
    return {int(pid) for pid in guest.run("ls /proc").split() if pid.isdigit()}


def test_tasks(guest, vmlinux):
    """qvmi-ps lists all processes, $task() has each, and their threads."""
    gdb = Gdb(vmlinux, guest, script=True)
    thread = next(int(tid) for pid, tid in re.findall(
        r"/proc/(\d+)/task/(\d+)\n",
        guest.run("ls -d /proc/[0-9]*/task/*").decode()) if pid != tid)
    before = processes(guest)
    said = gdb("qvmi-ps", f"output $task({thread})->pid",
               "output $task(1)->comm", "output $task(999999)",
               "set qvmi-prompt on",
               "python print(gdb.prompt_hook('(gdb) '))",
               "set qvmi-prompt off", "python print(gdb.prompt_hook)")
    shown = {int(line.split()[0]): line[41:]
             for line in said[0].splitlines()[1:]}
    assert before & processes(guest) <= set(shown)
    assert shown[1] == "init" and shown[2] == "kthreadd"
    assert said[1] == str(thread) and said[2].startswith('"init')
    assert said[3] == "error: no task with PID 999999"
    assert re.fullmatch(r"\[.+:\d+\] \(gdb\)", said[5])
    assert said[7] == "None"


def test_breakpoints(guest, vmlinux):
    """By name, though the kernel was moved; by the name of a task."""
    gdb = Gdb(vmlinux, guest, script=True)
    # The agent in the guest forks for each command that it is to run.
    done = threading.Event()

    def work():
        while not done.is_set():
            guest.run("true")
            time.sleep(0.1)
    worker = threading.Thread(target=work)
    worker.start()
    try:
        said = gdb("hbreak kernel_clone if $cpu_pid() > 1 && "
                   "$_streq($cpu_comm(), \"server\")",
                   "continue", "frame", "output $cpu_comm()",
                   "info args", "output $pc == (unsigned long)&kernel_clone", "delete")
    finally:
        done.set()
        worker.join()
    assert said[0].startswith("Hardware assisted breakpoint 1")
    assert "kernel_clone (args=<optimized out>)" in said[2]
    assert said[3] == '"server"' and said[4] == "args = <optimized out>"
    assert said[5] == "1"
    guest.assert_unharmed("running")
