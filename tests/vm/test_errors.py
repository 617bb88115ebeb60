# SPDX-License-Identifier: BSD-2-Clause
"""Bad input gets one clear line and the documented exit status."""

import contextlib
import http.server
import json
import re
import shutil
import socket
import subprocess
import threading

import pytest

from guest import listens

pytestmark = pytest.mark.leaks


def one_line(done, *words):
    """The message: one line of qvmi's that holds all of these words."""
    assert done.stdout == b""
    assert done.stderr.startswith(b"qvmi: ")
    assert done.stderr.count(b"\n") == 1, done.stderr
    for word in words:
        assert word in done.stderr, done.stderr


def wait_listening(stub):
    """Or long enough for what is tried next to say that nobody does."""
    for _ in range(400):
        if listens(stub):
            break
        threading.Event().wait(0.05)


@contextlib.contextmanager
def listener(serve):
    """A server on a free port of loopback; serve(connection) in a thread."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        def run():
            with contextlib.suppress(OSError):
                while True:
                    serve(server.accept()[0])
        threading.Thread(target=run, daemon=True).start()
        yield "127.0.0.1:%d" % server.getsockname()[1]
        server.shutdown(socket.SHUT_RDWR)


def test_nothing_listens(qvmi, tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    one_line(qvmi(f"127.0.0.1:{port}", "ps", status=3), b"nothing listens",
             b"-s")
    one_line(qvmi(f"unix:{tmp_path}/no", "ps", status=3), b"unix:")
    one_line(qvmi("localhost:99999", "ps", status=2), b"99999")
    one_line(qvmi("no.such.host.invalid:1", "ps", status=3), b"no.such.host")


def test_without_the_library_that_draws(qvmi, tmp_path):
    """Said before anybody is connected to; who wants no table needs none."""
    (tmp_path / "libsmartcols.so.1").write_bytes(b"no library")
    env = {"LD_LIBRARY_PATH": str(tmp_path)}
    one_line(qvmi(f"unix:{tmp_path}/no", "ps", status=1, env=env),
             b"libsmartcols", b"--json", b"libsmartcols.so.1")
    one_line(qvmi(f"unix:{tmp_path}/no", "maps", "1", status=3, env=env),
             b"unix:")
    assert b'"kind": "no_guest"' in qvmi(
        f"unix:{tmp_path}/no", "ps", "--json", status=3, env=env).stdout


def test_silent_peer(qvmi):
    held = []
    with listener(held.append) as address:
        one_line(qvmi(address, "ps", "--timeout", "0.5", status=3),
                 b"no answer within 0.5 s", b"another debugger")


def test_peer_hangs_up(qvmi):
    with listener(lambda connection: connection.close()) as address:
        one_line(qvmi(address, "ps", status=3))


def test_http_server(qvmi):
    handler = http.server.SimpleHTTPRequestHandler
    handler.log_message = lambda *_: None
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        done = qvmi("127.0.0.1:%d" % server.server_port, "ps", "--timeout",
                    "2", status=3)
        server.shutdown()
    one_line(done)


def test_garbage(qvmi):
    def serve(connection):
        with connection:
            connection.sendall(bytes(range(256)) * 100)
            connection.recv(1 << 16)
    with listener(serve) as address:
        one_line(qvmi(address, "ps", status=3), b"does not speak the GDB")


def test_echo(qvmi):
    """Says what it is told, and has no guest that could be left paused."""
    def serve(connection):
        with connection:
            while said := connection.recv(1 << 16):
                connection.sendall(said)
    with listener(serve) as address:
        done = qvmi(address, "ps", status=3)
    assert done.stderr == (f"qvmi: {address} answers, but does not speak the "
                           "GDB protocol\n".encode())


def test_user_mode_emulator(qvmi, tmp_path):
    """A stub of QEMU's, but of a process; the process goes on."""
    binary = shutil.which("qemu-x86_64")
    if not binary:
        pytest.skip("no qemu-x86_64 here")
    (tmp_path / "hello.c").write_text(
        'int puts(const char *); int main(void) { return !puts("on"); }')
    subprocess.run(["gcc", "-static", "-o", "hello", "hello.c"], check=True,
                   cwd=tmp_path)
    stub = tmp_path / "gdb"
    with subprocess.Popen([binary, "-g", str(stub), str(tmp_path / "hello")],
                          stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE) as run:
        wait_listening(stub)
        done = qvmi(f"unix:{stub}", "ps", status=3)
        assert done.stderr == (
            f"qvmi: unix:{stub}: the stub of a process (gdbserver, or QEMU's "
            "user-mode emulator): there is no machine to look into\n".encode())
        assert run.communicate()[0] == b"on\n"


@pytest.mark.variant("no-linux")
def test_firmware(variant, qvmi):
    one_line(qvmi(variant("firmware"), "ps", status=4), b"firmware")


@pytest.mark.variant("no-linux")
def test_another_system(variant, qvmi):
    guest = variant("no-linux").wait_halted()
    one_line(qvmi(guest, "ps", status=4), b"no Linux kernel")
    # What needs no Linux works all the same.
    boot = qvmi(guest, "read", "p:0x7dfe", "2", "-f", "raw").stdout
    assert boot == b"\x55\xaa"
    assert b"mapped" in qvmi(guest, "walk", "cr3=0x1000:0x1234").stdout


@pytest.mark.variant("no-linux")
def test_32_bit_guest(variant, qvmi):
    guest = variant("32-bit").wait_halted()
    one_line(qvmi(guest, "ps", status=4), b"32-bit")


@pytest.mark.variant("no-linux")
def test_32_bit_qemu(qvmi, tmp_path):
    """qemu-system-i386 has other registers altogether."""
    binary = shutil.which("qemu-system-i386")
    if not binary:
        pytest.skip("no qemu-system-i386 here")
    stub = tmp_path / "gdb"
    run = subprocess.Popen([binary, "-nodefaults", "-display", "none", "-gdb",
                            f"unix:{stub},server=on,wait=off"],
                           stdin=subprocess.DEVNULL)
    try:
        wait_listening(stub)
        one_line(qvmi(f"unix:{stub}", "ps", status=4), b"i386")
    finally:
        run.terminate()
        run.wait()


USAGE = [
    [], ["maps"], ["maps", "x"], ["maps", "-1"], ["maps", "1", "2"],
    ["maps", "99999999999999999999"], ["walk"], ["walk", "zz zz"],
    ["walk", "0x"], ["walk", "1:"], ["walk", "1:0x1g"], ["walk", "cr3=:1"],
    ["walk", "0x1ffffffffffffffff"], ["walk", "q:1"],
    ["walk", "0xffffffffffffffff+1"], ["walk", "1-2"],
    ["read"], ["read", "0x1000", "-5"], ["read", "0x1000", "0"],
    ["read", "0x1000", "99999999999G"], ["read", "0x1000", "16", "-f", "x3"],
    ["undo", "0"], ["undo", "x"], ["undo", "1", "2"], ["journal", "0x"],
    ["write"], ["write", "0x1000"], ["write", "0x1000", "256"],
    ["write", "0x1000", "-w", "3", "1"], ["write", "0x1000", "hex:abc"],
    ["devmem", "0", "r", "3"], ["devmem", "0", "w", "4"],
    ["devmem", "0", "x", "4"], ["writeval", "1:0x1000", "300"],
    ["findpage"], ["ps", "--memory", "magic"], ["p"], ["ps", "--t"],
    ["walk", "323", "0x7f00", "16"],
    ["ps", "--leave", "dancing"], ["ps", "--timeout", "-1"],
    ["ps", "--no-such-option"], ["profile", "save"], ["profile", "eat", "x"],
]


@pytest.mark.parametrize("args", USAGE, ids=" ".join)
def test_usage(qvmi, args):
    """Refused before a guest is touched: here is none at all."""
    command, *rest = args or ["no-such-command"]
    done = qvmi("unix:/nonexistent/stub", command, *rest, status=2)
    one_line(done)


def test_no_command(qvmi):
    done = subprocess.run([qvmi.binary], capture_output=True, check=False)
    assert done.returncode == 2 and done.stdout == b""
    assert done.stderr == (b"qvmi: a command is missing\n"
                           + qvmi(None, "help").stdout)


def test_not_there(guest, qvmi):
    for args, words in (
            (("maps", 999999), b"no process with pid 999999"),
            (("maps", 2), b"kernel thread"),
            (("walk", "2:0x1000"), b"kernel thread"),
            (("read", "999999:0x1000", 1), b"no process with pid"),
            (("walk", "no_such_symbol_here"), b"no_such_symbol_here"),
            (("read", "1:0x1000", 16), b"0x1000"),
            (("read", 323, 16), b"did you mean 323:16?"),
            (("write", 323, 16), b"did you mean 323:16?"),
            (("read", "p:0xfee00000", 4), b"0xfee00000"),
            (("write", "p:0xfee00000", 0), b"0xfee00000")):
        one_line(qvmi(guest, *args, status=1), words)


def token_table(guest, qvmi):
    """Where kallsyms_token_table is in memory, by the kernel's vmcoreinfo."""
    note = guest.run("cat /sys/kernel/vmcoreinfo").split()
    text = qvmi(guest, "read", f"p:{int(note[0], 16):#x}", 4096, "-f",
                "raw").stdout
    table = re.search(rb"SYMBOL\(kallsyms_token_table\)=([0-9a-f]+)", text)
    walk = qvmi(guest, "walk", f"0x{table[1].decode()}", "--json")
    return int(json.loads(walk.stdout)["rows"][0]["physical"], 16)


def start_of_btf(guest, qvmi):
    """Where the kernel's BTF is in memory."""
    walk = json.loads(qvmi(guest, "walk", "__start_BTF", "--json").stdout)
    return int(walk["rows"][0]["physical"], 16)


@pytest.mark.variant("broken")
@pytest.mark.parametrize("find,missing", [(start_of_btf, b"BTF"),
                                          (token_table, b"kallsyms")])
def test_missing_ingredients(variant, qvmi, find, missing):
    """A kernel whose types or symbols are gone, as it might have none."""
    guest = variant("broken")
    place = f"p:{find(guest, qvmi):#x}"
    old = qvmi(guest, "read", place, 16, "-f", "raw").stdout.hex()
    allow = ("--readonly", "--physical")
    qvmi(guest, "write", *allow, place, "hex:" + 32 * "0")
    try:
        done = qvmi(guest, "ps", "--no-cache", status=4)
        one_line(done, missing, b"--profile")
    finally:
        qvmi(guest, "write", *allow, place, "hex:" + old)
    qvmi(guest, "ps", "--no-cache")
