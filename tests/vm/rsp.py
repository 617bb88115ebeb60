# SPDX-License-Identifier: BSD-2-Clause
"""A raw gdb client of its own: what did a test leave behind in the stub?"""

import socket


class RspError(Exception):
    """The stub did not answer as a stub that was left in order does."""


class Rsp:
    """One connection; the guest stops when it opens.

    .ran   a stop reply has come: QEMU up to 8.0 says so of one that ran
    """

    def __init__(self, address, timeout=20):
        if isinstance(address, str):
            self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        else:
            self.sock = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        self.sock.settimeout(timeout)
        self.sock.connect(address)
        self.data = b""
        self.ran = False

    def close(self):
        """Leave; the guest stays as it is."""
        self.sock.close()

    def _byte(self):
        if not self.data:
            try:
                self.data = self.sock.recv(4096)
            except socket.timeout:
                raise RspError("the stub is silent: busy?") from None
            if not self.data:
                raise RspError("the stub closed the connection")
        byte, self.data = self.data[:1], self.data[1:]
        return byte

    def _packet(self):
        while (byte := self._byte()) != b"$":
            if byte == b"-":
                raise RspError("the stub held half a packet")
        body = b""
        while (byte := self._byte()) != b"#":
            body += byte
        self._byte(), self._byte()
        return body.decode()

    def ask(self, request):
        """Send a request, return its reply; stop replies are passed over."""
        body = request.encode()
        self.sock.sendall(b"$%s#%02x" % (body, sum(body) & 0xFF))
        while (reply := self._packet()).startswith("T"):
            self.ran = True
        return reply

    def detach(self):
        """Leave; the guest runs."""
        if self.ask("D") != "OK" and self.ask("D;1") != "OK":
            raise RspError("no way to detach")
        self.close()
