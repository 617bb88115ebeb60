# SPDX-License-Identifier: BSD-2-Clause
"""Stands between qvmi and a stub, and does one thing wrong at one packet."""

import contextlib
import dataclasses
import random
import re
import socket
import threading
import time

REQUEST, REPLY = "request", "reply"
PACKET = re.compile(rb"\$[^#]*#..", re.DOTALL)


@dataclasses.dataclass
class Fault:
    """What happens to one packet, and which one that is.

    kind       a method below, without its underscore
    direction  REQUEST or REPLY
    at         its number in that direction: from 0 on, from the first one,
               or from the moment on that...
    since      ...a request with this body has come
    seconds    how long `delay` holds it, and all behind it, back
    seed       says what `corrupt` does to which byte of the packet
    action     what `call` does before it passes the packet on
    """

    kind: str
    direction: str
    at: int
    since: bytes = None
    seconds: float = 0.2
    seed: int = 0
    action: object = None

    def __str__(self):
        since = f" after {self.since.decode()}" if self.since else ""
        seed = f", seed {self.seed}" if self.kind == "corrupt" else ""
        return f"{self.kind} {self.direction} {self.at}{since}{seed}"

    def apply(self, packet, send):
        """Pass it on in its own way; False: cut the connection."""
        return getattr(self, "_" + self.kind)(packet, send)

    def _cut(self, _packet, _send):
        """What was passed on before arrives; nothing does from here on."""
        return False

    _sever = _cut  # and nobody is let in again

    def _delay(self, packet, send):
        time.sleep(self.seconds)
        send(packet)
        return True

    def _split(self, packet, send):
        for i in range(len(packet)):
            send(packet[i:i + 1])
        return True

    def _corrupt(self, packet, send):
        chance = random.Random(f"{self.seed} {packet!r}")
        place = chance.randrange(len(packet))
        change = chance.randrange(1, 256)
        send(packet[:place] + bytes([packet[place] ^ change])
             + packet[place + 1:])
        return True

    def _duplicate(self, packet, send):
        send(packet + packet)
        return True

    def _drop(self, _packet, _send):
        return True

    def _refuse(self, _packet, send):
        """An error takes its place."""
        send(b"$E14#aa")
        return True

    def _call(self, packet, send):
        self.action()
        send(packet)
        return True


class Proxy:
    """Listens on a Unix socket: `with Proxy(guest, fault) as proxy`.

    .gdb     the target option's argument; a Proxy can stand in for a Guest
    .log     {REQUEST: [bodies], REPLY: [bodies]} of all connections, with
             what was lost, or changed on the way, as it came
    .struck  the packet that the fault has happened to, or None
    change   change(direction, body) -> body, for every packet
    bytewise pass on everything in single bytes
    pause    seconds to wait before each reply
    """

    def __init__(self, guest, fault=None, *, change=None, bytewise=False,
                 pause=0):
        self.guest, self.fault = guest, fault
        self.change, self.bytewise, self.pause = change, bytewise, pause
        # always there: by another address it would be another guest, whose
        # cached profile is proven anew
        self.path = guest.dir / "proxy"
        self.gdb = f"unix:{self.path}"
        self.log = {REQUEST: [], REPLY: []}
        self.struck = None
        self.start = {REQUEST: 0, REPLY: 0}  # where fault.at counts from
        self.armed = fault and not fault.since
        self.server = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.server.bind(str(self.path))
        self.server.listen()
        self.thread = threading.Thread(target=self._serve, daemon=True)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        """Returns when the stub is left alone, too."""
        self._refuse_more()
        self.thread.join()
        self.server.close()
        self.path.unlink()

    def _refuse_more(self):
        with contextlib.suppress(OSError):
            self.server.shutdown(socket.SHUT_RDWR)

    def _serve(self):
        with contextlib.suppress(OSError):
            while True:
                self._connect(self.server.accept()[0])
        self._refuse_more()  # the stub is gone

    def _connect(self, client):
        family = socket.AF_UNIX if isinstance(self.guest.gdb_address, str) \
            else socket.AF_INET
        with client, socket.socket(family, socket.SOCK_STREAM) as stub:
            stub.connect(self.guest.gdb_address)
            back = threading.Thread(target=self._pump, daemon=True,
                                    args=(stub, client, REPLY))
            back.start()
            self._pump(client, stub, REQUEST)
            back.join()

    def _pump(self, source, sink, direction):
        """Pass on what comes, packet by packet, until either side ends."""
        def send(data):
            step = 1 if self.bytewise else len(data) or 1
            for i in range(0, len(data), step):
                sink.sendall(data[i:i + step])

        left = b""
        with contextlib.suppress(OSError):
            while chunk := source.recv(1 << 16):
                left = self._pass_on(left + chunk, send, direction)
            send(left)
        for end in (source, sink):
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)

    def _pass_on(self, data, send, direction):
        """All whole packets of DATA and what stands between them; the rest."""
        ready, done = b"", 0
        for found in PACKET.finditer(data):
            ready += data[done:found.start()]
            packet, done = found[0], found.end()
            if self.change:
                packet = self._changed(packet, direction)
            if self._is_due(packet, direction):
                send(ready)
                ready = b""
                self._strike(packet, send)
            elif self.pause and direction == REPLY:
                time.sleep(self.pause)
                send(ready + packet)
                ready = b""
            else:
                ready += packet
        if b"$" not in data[done:]:
            ready, done = ready + data[done:], len(data)
        send(ready)
        return data[done:]

    def _changed(self, packet, direction):
        body = self.change(direction, packet[1:-3])
        return b"$%s#%02x" % (body, sum(body) & 255)

    def _is_due(self, packet, direction):
        fault, log, body = self.fault, self.log, packet[1:-3]
        if fault and not self.armed and direction == REQUEST and (
                body == fault.since):
            self.start = {key: len(log[key]) for key in log}
            self.armed = True
        log[direction].append(body)
        return self.armed and not self.struck and (
            direction == fault.direction
            and len(log[direction]) - 1 == self.start[direction] + fault.at)

    def _strike(self, packet, send):
        self.struck = packet[1:-3] or b"(empty)"
        if self.fault.kind == "sever":
            self._refuse_more()
        if not self.fault.apply(packet, send):
            raise OSError("cut")
