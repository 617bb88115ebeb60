# SPDX-License-Identifier: BSD-2-Clause
"""A real guest under QEMU, with what a test needs to look at it."""

import fcntl
import json
import os
import pathlib
import re
import shutil
import socket
import subprocess
import tempfile
import time
import types
import warnings

from rsp import Rsp

ROOT = pathlib.Path(__file__).resolve().parents[2]
KERNELS = ["5.10", "6.1", "6.12", "7.2"]
# Guests of these kernels are read by the stub, the others by what qvmi chooses
# (where pytest runs as root: QEMU's process), unless a test says otherwise.
BY_STUB = ["5.10", "6.12"]
BOOT_TIMEOUT = 180
BOOTS = 3
READY = re.compile(r"(?m)^QVMI-READY")
# Other than a machine that is busy, this does not get better by itself.
HUNG = re.compile(r"soft lockup - CPU#\d+ stuck for ([6-9]\d|\d{3,})s")
# no_timer_check: on a loaded host a guest may miss the ticks it waits for.
CMDLINE = "console=ttyS0 panic=-1 no_timer_check"
# A distribution says little, waits for no device, checks no file system.
DISTRO = "qvmi.disk=1 quiet systemd.show_status=0"
PAGE = 4096
REPLY_TIMEOUT = 120
KVM_GET_API_VERSION = 0xae00
SO_ACCEPTCON = 1 << 16  # in /proc/net/unix


class GuestError(Exception):
    """The guest did not boot, died, or does not answer."""


def script(name, *args):
    """The last line that a script of ours prints."""
    out = subprocess.run([ROOT / "scripts" / name, *args], check=True,
                         stdout=subprocess.PIPE, text=True).stdout
    return pathlib.Path(out.splitlines()[-1])


def free_port():
    """A TCP port of the loopback that nobody uses now."""
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return sock.getsockname()[1]


def kvm():
    """Whether this host can run guests by KVM."""
    try:
        with open("/dev/kvm", "rb+", buffering=0) as device:
            return fcntl.ioctl(device, KVM_GET_API_VERSION, 0) == 12
    except OSError:
        return False


def listens(path):
    """Whether a Unix socket takes connections: its file is there before."""
    for line in pathlib.Path("/proc/net/unix").read_text().splitlines()[1:]:
        flags, name = line.split()[3], line.split(maxsplit=7)[7:]
        if name == [str(path)] and int(flags, 16) & SO_ACCEPTCON:
            return True
    return False


def _connect(path, timeout):
    sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    sock.settimeout(timeout)
    sock.connect(str(path))
    return sock


def _number(text):
    try:
        return int(text, 0)
    except ValueError:
        return text


class Monitor:
    """A monitor of QEMU's, by QMP; connected at its first command."""

    def __init__(self, path):
        self.path = path
        self.events = []  # their names, as they came with answers
        self._file = None

    def is_there(self):
        """Whether a command can be given."""
        return self._file is not None or listens(self.path)

    def __call__(self, command, **args):
        if not self._file:
            self._file = _connect(self.path, REPLY_TIMEOUT).makefile("rwb")
            self._file.readline()
            self("qmp_capabilities")
        request = {"execute": command, "arguments": args}
        self._file.write(json.dumps(request).encode())
        self._file.flush()
        while True:
            reply = json.loads(self._file.readline())
            if "error" in reply:
                raise GuestError(f"{command}: {reply['error']['desc']}")
            if "return" in reply:
                return reply["return"]
            self.events.append(reply.get("event"))

    def physical(self, addr, length):
        """Physical memory, as QEMU itself says."""
        path = self.path.with_suffix(".memory")
        self("pmemsave", val=addr, size=length, filename=str(path))
        return path.read_bytes()

    def close(self):
        if self._file:
            self._file.close()


class Guest:
    """A QEMU process. Its kernel is one of KERNELS, or None: no Linux.

    cpus, mem, machine, cpu  as QEMU takes them
    append   more kernel parameters (qvmi.procs=N, qvmi.spin=N, qvmi.spin32=N,
             qvmi.escape=1, qvmi.storm=N; qvmi.names=N: files with other
             kinds of names, one N directories deep; qvmi.dax=1: files of
             persistent memory; qvmi.dentries=N: a file with N names;
             qvmi.scenes=0: no others, 2: those of files)
    extra    more QEMU options
    gdb      "unix", "tcp", or what QEMU's -gdb is to be told; .gdb then is
             the target option's argument
    paused   start with -S
    disk     start the distribution of build-image on a disk, with swap on
             another, instead of the usual scenes; what it writes is forgotten
    second   the guest has its kernel once more, for kexec and crashes
    boot     without kernel: run guest/BOOT.S, not only the firmware
    accel    "tcg", or "kvm" where the host has it (kvm() tells)
    wait     return when the guest is ready; else wait_ready() does that
    wrap     a command that runs QEMU; .pid then is that one's
    """

    def __init__(self, kernel="6.1", *, cpus=1, mem="512M", machine="pc",
                 cpu="qemu64", append="", extra=(), gdb="unix", paused=False,
                 disk=False, second=False, boot=None, accel="tcg", wait=True,
                 wrap=()):
        self.kernel = kernel
        self.second = second
        self.memory = "stub" if kernel in BY_STUB else None
        self.dir = pathlib.Path(tempfile.mkdtemp(prefix="qvmi-", dir="/tmp"))
        self._labels = None
        self._cmd = None
        # Whoever waits for a reply is not to wait for what others ask QEMU.
        self._qmp, self._replies = (Monitor(self.dir / name)
                                    for name in ("qmp", "replies"))
        self._set_gdb(gdb)
        if disk:
            append = f"{DISTRO} {append}"
            extra = (*self._drives(), *extra)
        self.argv = ["qemu-system-x86_64", "-nodefaults", "-no-user-config",
                     "-display", "none", "-no-reboot", "-accel", accel,
                     "-machine", machine, "-cpu", cpu, "-smp", str(cpus),
                     "-m", mem, *self._channels(), *self._boot(append, boot),
                     *(["-S"] if paused else []), *extra]
        self.wrap = wrap
        self._start()
        if wait:
            self.wait_booted()

    def _start(self):
        # QEMU must not outlive a test run that was killed
        with (self.dir / "stderr").open("w") as stderr:
            self.proc = subprocess.Popen(
                ["setpriv", "--pdeathsig", "KILL", *self.wrap, *self.argv],
                stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                stderr=stderr)
        self.pid = self.proc.pid

    def _set_gdb(self, kind):
        if kind not in ("unix", "tcp"):
            self.gdb_address = self.gdb = kind
        elif kind == "unix":
            self.gdb_address = str(self.dir / "gdb")
            self.gdb = "unix:" + self.gdb_address
        else:
            self.gdb_address = ("127.0.0.1", free_port())
            self.gdb = "%s:%d" % self.gdb_address

    def _channels(self):
        def listen(name):
            return f"path={self.dir / name},server=on,wait=off"
        stub = self.gdb
        if stub != self.gdb_address:
            stub += ",server=on,wait=off"
            if not stub.startswith("unix:"):
                stub = "tcp:" + stub
        return ["-chardev", f"file,id=console,path={self.dir / 'console'}",
                "-serial", "chardev:console",
                "-chardev", f"socket,id=cmd,{listen('cmd')}",
                "-serial", "chardev:cmd",
                "-chardev", f"socket,id=qmp,{listen('qmp')}",
                "-mon", "chardev=qmp,mode=control",
                "-chardev", f"socket,id=replies,{listen('replies')}",
                "-mon", "chardev=replies,mode=control", "-gdb", stub]

    def _boot(self, append, boot):
        if self.kernel:
            kernel = script("fetch-kernel", self.kernel) / "vmlinuz"
            initrd = script("build-guest", self.kernel)
            if self.second:
                initrd = self._with_second(kernel, initrd)
            return ["-kernel", str(kernel), "-initrd", str(initrd),
                    "-append", f"{CMDLINE} {append}".strip()]
        if not boot:
            return []
        disk = self.dir / "disk"
        subprocess.run(["gcc", "-nostdlib", "-static", "-Wl,-Ttext=0x7c00",
                        "-Wl,--oformat=binary", "-Wl,--build-id=none", "-o",
                        disk, ROOT / "tests/vm/guest" / f"{boot}.S"],
                       check=True)
        return ["-drive", f"file={disk},format=raw,if=floppy"]

    def _drives(self):
        image = script("build-image")
        return [word for name in ("disk", "swap") for word in (
            "-drive", f"file={image / name},format=raw,if=virtio,snapshot=on")]

    def _with_second(self, kernel, initrd):
        """An initramfs behind which /kexec/vmlinuz and /kexec/initrd come."""
        tree = self.dir / "tree"
        (tree / "kexec").mkdir(parents=True)
        shutil.copy(kernel, tree / "kexec" / "vmlinuz")
        shutil.copy(initrd, tree / "kexec" / "initrd")
        names = b"kexec\nkexec/vmlinuz\nkexec/initrd\n"
        archive = subprocess.run(["cpio", "--quiet", "-o", "-H", "newc"],
                                 cwd=tree, input=names, check=True,
                                 stdout=subprocess.PIPE).stdout
        shutil.rmtree(tree)
        both = self.dir / "initrd"
        first = initrd.read_bytes()
        both.write_bytes(first + bytes(-len(first) % 4) + archive)
        return both

    # life

    def alive(self):
        """Whether QEMU runs."""
        return self.proc.poll() is None

    def _wait(self, what, done, timeout):
        end = time.monotonic() + timeout
        while not done():
            if not self.alive():
                raise GuestError(f"QEMU ended: {self._last_words()}")
            if time.monotonic() > end:
                raise GuestError(f"no {what} in {timeout} s: "
                                 f"{self._last_words()}")
            time.sleep(0.05)
        return self

    def _last_words(self):
        return (self.dir / "stderr").read_text() + self.console()[-6000:]

    def wait_console(self, pattern, timeout=BOOT_TIMEOUT, since=0):
        """Return when the console, from character SINCE on, matches."""
        return self._wait(pattern, lambda: re.search(
            pattern, self.console()[since:]), timeout)

    def wait_ready(self):
        """Return when the guest has settled and answers commands."""
        return self.wait_console(READY.pattern)

    def wait_booted(self):
        """As wait_ready(), where nobody can have attached yet: TCG now and
        then lets a kernel with several CPUs die while it patches itself, or
        one of them take no interrupt any more, and then it is started once
        more."""
        for _ in range(BOOTS - 1):
            try:
                self._wait("boot", lambda: READY.search(self.console())
                           or HUNG.search(self.console()), BOOT_TIMEOUT)
                if READY.search(self.console()):
                    return self
                why = HUNG.search(self.console())[0]
                self.proc.kill()
                self.proc.wait()
            except GuestError as error:
                if self.alive():
                    raise
                why = error
            warnings.warn(f"booted once more: {why}", stacklevel=2)
            self._start()
        return self.wait_ready()

    def wait_halted(self, timeout=60):
        """Return when the first vCPU halts, for guests without console."""
        return self._wait("halt", lambda: "HLT=1" in self.hmp(
            "info registers"), timeout)

    def close(self):
        """End QEMU."""
        self.proc.terminate()
        try:
            self.proc.wait(10)
        except subprocess.TimeoutExpired:
            self.proc.kill()
            self.proc.wait()
        for sock in (self._cmd, self._qmp, self._replies):
            if sock:
                sock.close()
        shutil.rmtree(self.dir, ignore_errors=True)

    # inside the guest; it must run to answer

    def send(self, line):
        """A command whose answer nobody waits for."""
        if not self._cmd:
            self._cmd = _connect(self.dir / "cmd", REPLY_TIMEOUT).makefile(
                "rwb")
        self._cmd.write(os.fsencode(line) + b"\n")
        self._cmd.flush()

    def forget(self):
        """Another kernel runs: nothing holds that the old one has said."""
        self._labels = None
        if self._cmd:
            self._cmd.close()
            self._cmd = None

    def command(self, line):
        """A command of guest/server.c; (status or errno, bytes)."""
        self.send(line)
        status, length, *frames = self._cmd.readline().split()
        if not frames:
            return int(status), self._cmd.read(int(length))
        runs = [[int(number, 16) for number in run.split(b"+")]
                for run in frames]
        data = b"".join(self._replies.physical(frame * PAGE, count * PAGE)
                        for frame, count in runs)
        return int(status), data[:int(length)]

    def _must(self, line):
        status, data = self.command(line)
        if status:
            raise GuestError(f"guest: {line}: {os.strerror(status)}")
        return data

    def cat(self, path):
        """The bytes of a file of the guest."""
        return self._must(f"cat {path}")

    def run(self, command):
        """The output of a shell command, which must succeed."""
        return self._must(f"run {command}")

    def labels(self):
        """{label: its pid, addr, len and other values}, see the scenes."""
        if self._labels is None:
            self._labels = {}
            for line in self._must("list").decode().splitlines():
                name, pid, *pairs = line.split()
                values = {key: _number(value) for key, value in
                          (pair.split("=") for pair in pairs)}
                self._labels[name] = types.SimpleNamespace(pid=int(pid),
                                                           **values)
        return self._labels

    def _entries(self, line):
        return [int(entry, 16) for entry in self._must(line).split()]

    def pagemap(self, pid, addr, count=1):
        """Entries of /proc/PID/pagemap."""
        return self._entries(f"pagemap {pid} {addr:#x} {count}")

    def kpageflags(self, pfn, count=1):
        """Entries of /proc/kpageflags."""
        return self._entries(f"kpageflags {pfn} {count}")

    def kpagecount(self, pfn, count=1):
        """Entries of /proc/kpagecount."""
        return self._entries(f"kpagecount {pfn} {count}")

    def frames(self, name, count):
        """COUNT entries of /proc/kpageflags or kpagecount, from frame 0 on.

        Nothing is allocated for that in the guest, no process started."""
        entries = []
        for line in self._must(f"runs {name} {count}").splitlines():
            value, repeat = line.split()
            entries += [int(value, 16)] * int(repeat)
        return entries

    def peek(self, pid, addr, length):
        """Memory of a process as the guest sees it."""
        return self._must(f"peek {pid} {addr:#x} {length}")

    def poke(self, pid, addr, data):
        """Write memory of a process from inside."""
        self._must(f"poke {pid} {addr:#x} {data.hex()}")

    def run_bpf(self, name):
        """Have a BPF program of the scenes run once."""
        self._must(f"bpf {name}")

    # around the guest

    def console(self):
        """All that the guest printed so far."""
        try:
            data = (self.dir / "console").read_bytes()
        except FileNotFoundError:
            return ""
        return data.decode(errors="replace").replace("\r\n", "\n")

    def qmp(self, command, **args):
        """Run a QMP command and return its result."""
        self._wait("QMP", self._qmp.is_there, 20)
        return self._qmp(command, **args)

    def take_events(self):
        """The events that QMP told of, up to the last command's answer."""
        events, self._qmp.events = self._qmp.events, []
        return events

    def hmp(self, line):
        """Run a command of the human monitor and return its text."""
        return self.qmp("human-monitor-command", **{"command-line": line})

    def physical(self, addr, length):
        """Physical memory, as QEMU itself says."""
        return self._qmp.physical(addr, length)

    def status(self):
        """QEMU's word for the run state: running, paused, prelaunch..."""
        return self.qmp("query-status")["status"]

    def running(self):
        """Whether the vCPUs run."""
        return self.qmp("query-status")["running"]

    def stop(self):
        """Pause the vCPUs."""
        self.qmp("stop")

    def cont(self):
        """Let the vCPUs run."""
        self.qmp("cont")

    # the stub

    def phy_mem_mode(self):
        """The stub's PhyMemMode; leaves the run state as it was."""
        ran = self.running()
        stub = Rsp(self.gdb_address)
        mode = int(stub.ask("qqemu.PhyMemMode"))
        if ran:
            stub.detach()
        stub.close()
        return mode

    def assert_unharmed(self, status):
        """The run state is STATUS and nobody left the stub changed."""
        assert self.alive(), f"QEMU ended: {self._last_words()}"
        assert self.status() == status, "the run state was not restored"
        assert self.phy_mem_mode() == 0, "PhyMemMode was left on"
        assert self.status() == status
