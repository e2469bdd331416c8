"""Servers on the loopback interface that misbehave as a test says, over TCP or TLS."""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

from tests.support.certificates import Certificates

MOST_SECONDS: Final = 8.0
"""For which anything drips, so that a client without a deadline fails its test instead of hanging it."""
_PAUSE: Final = 0.02
_BUFFER: Final = 65_536
"""Bytes; small, so that a client can send on after each sip."""

Behaviour = Callable[["Visit"], None]


class Visit:
    """One connection, as the server sees it.

    Attributes:
        sock: The connection.
        number: How many there were before.
    """

    def __init__(self, sock: socket.socket, number: int, ended: threading.Event) -> None:
        self.sock = sock
        self.number = number
        self._ended = ended
        self._unread = b""

    def request(self) -> bytes:
        """Read a whole request; empty at the end of the connection."""
        while b"\r\n\r\n" not in self._unread:
            if not (data := self.sock.recv(65_536)):
                return b""
            self._unread += data
        head, _, rest = self._unread.partition(b"\r\n\r\n")
        lengths = [line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")]
        length = int(lengths[0].partition(b":")[2]) if lengths else 0
        while len(rest) < length:
            if not (data := self.sock.recv(65_536)):
                return b""
            rest += data
        self._unread = rest[length:]
        return head + b"\r\n\r\n" + rest[:length]

    def drip(self, data: bytes, *, piece: int = 1) -> None:
        """Send a little at a time, over and over, until the client has gone or nobody can still be waiting."""
        for number in range(int(MOST_SECONDS / _PAUSE) if data else 0):
            start = number * piece % len(data)
            self.sock.sendall(data[start : start + piece])
            if self._ended.wait(_PAUSE):
                return

    def sip(self) -> None:
        """Read a little at a time."""
        for _number in range(int(MOST_SECONDS / _PAUSE)):
            for _ in range(4):
                self.sock.recv(_BUFFER // 4)
            if self._ended.wait(_PAUSE):
                return

    def wait(self) -> None:
        """Do nothing until the test is over."""
        self._ended.wait(MOST_SECONDS)


class Server:
    """Lets each connection be handled as a test says, in a thread of its own.

    Attributes:
        port: Where it listens.
        visits: How many connections there were.
    """

    def __init__(self, behaviour: Behaviour, tls: ssl.SSLContext | None) -> None:
        self.visits = 0
        self._behaviour = behaviour
        self._tls = tls
        self._ended = threading.Event()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _BUFFER)
        self.port: int = self._listener.getsockname()[1]
        self.address = f"127.0.0.1:{self.port}"
        self._open: list[socket.socket] = []
        self._threads = [threading.Thread(target=self._accept, daemon=True)]
        self._threads[0].start()

    def _accept(self) -> None:
        while not self._ended.is_set():
            try:
                sock, _ = self._listener.accept()
            except OSError:  # closed
                return
            self._open.append(sock)
            thread = threading.Thread(target=self._handle, args=(sock, self.visits), daemon=True)
            self.visits += 1
            self._threads.append(thread)
            thread.start()

    def _handle(self, sock: socket.socket, number: int) -> None:
        # The client goes away whenever it likes, and refuses certificates.
        with contextlib.suppress(OSError), sock:
            sock.settimeout(MOST_SECONDS)
            if self._tls is None:
                self._behaviour(Visit(sock, number, self._ended))
            else:
                with self._tls.wrap_socket(sock, server_side=True) as wrapped:
                    self._open.append(wrapped)
                    self._behaviour(Visit(wrapped, number, self._ended))

    def close(self) -> None:
        """End everything, and wait for it."""
        self._ended.set()
        for each in [self._listener, *self._open]:
            with contextlib.suppress(OSError):  # closed already
                each.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for thread in self._threads:
            thread.join(timeout=MOST_SECONDS)


@contextmanager
def serving(behaviour: Behaviour, certificates: Certificates | None = None) -> Iterator[Server]:
    """A server; over TLS where it has certificates."""
    tls = None
    if certificates is not None:
        tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        tls.load_cert_chain(certificates.server, certificates.server_key)
    server = Server(behaviour, tls)
    try:
        yield server
    finally:
        server.close()


@contextmanager
def tunnelling(target_port: int) -> Iterator[tuple[Server, list[bytes]]]:
    """A proxy that leads every tunnel to one port of this machine; with the requests that it got."""
    requests: list[bytes] = []

    def pump(source: socket.socket, sink: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while data := source.recv(65_536):
                sink.sendall(data)
            sink.shutdown(socket.SHUT_WR)

    def behave(visit: Visit) -> None:
        requests.append(visit.request())
        with socket.create_connection(("127.0.0.1", target_port), timeout=MOST_SECONDS) as onward:
            visit.sock.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
            back = threading.Thread(target=pump, args=(onward, visit.sock), daemon=True)
            back.start()
            pump(visit.sock, onward)
            back.join(timeout=MOST_SECONDS)

    with serving(behave) as server:
        yield server, requests
