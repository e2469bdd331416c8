"""One HTTP exchange within a deadline, from the look-up of the name to the last byte of the reply.

A socket's time-out is for each read: a server that sends a byte a second is never too late for it. Here each wait gets
what is left of the whole. Nothing of a reply is left behind, or it would be the answer to the next request.
"""

from __future__ import annotations

import base64
import http.client
import io
import socket
import ssl
import threading
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final, NamedTuple
from urllib.parse import SplitResult, unquote, urlsplit
from urllib.request import getproxies, proxy_bypass

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

    LookUp = Callable[..., list[tuple[Any, ...]]]

_PORTS: Final = {"https": 443, "http": 80}


class Deadline:
    """A moment by which something has to have ended."""

    def __init__(self, seconds: float, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._end = monotonic() + seconds

    def remaining(self) -> float:
        """Seconds that are left; raises TimeoutError."""
        seconds = self._end - self._monotonic()
        if seconds <= 0:
            raise TimeoutError("timed out")
        return seconds


class Reply(NamedTuple):
    """A whole reply; ``is_last`` where the connection is of no use any more."""

    status: int
    headers: dict[str, str]
    body: bytes
    is_last: bool


def proxy_for(url: str) -> SplitResult | None:
    """The proxy that the environment names for a URL (``https_proxy`` and ``no_proxy``, say), None without one."""
    parts = urlsplit(url)
    proxy = None if proxy_bypass(parts.netloc) else getproxies().get(parts.scheme)
    if not proxy:
        return None
    return urlsplit(proxy if "://" in proxy else f"http://{proxy}")


def address_of(parts: SplitResult) -> tuple[str, int]:
    """Host and port of a URL."""
    return parts.hostname or "", parts.port or _PORTS[parts.scheme]


def open_socket(
    parts: SplitResult,
    tls: ssl.SSLContext,
    deadline: Deadline,
    *,
    proxy: SplitResult | None = None,
    look_up: LookUp = socket.getaddrinfo,
) -> socket.socket:
    """Connect to a URL's origin, over TLS where it is https, maybe through an http proxy (``CONNECT``, RFC 9110 9.3.6).

    Raises:
        OSError: not connected; an ssl.SSLError where TLS is the reason, a TimeoutError where time is.
        HTTPException: the proxy does not speak HTTP.
    """
    host, _ = address_of(parts)
    sock = _connect(*address_of(parts if proxy is None else proxy), deadline, look_up)
    try:
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        if proxy is not None:
            _tunnel(sock, parts, proxy, deadline)
        if parts.scheme == "https":
            # The handshake's time-out is for the whole of it ("ssl", The Python Standard Library).
            sock.settimeout(deadline.remaining())
            sock = tls.wrap_socket(sock, server_hostname=host)
    except BaseException:
        sock.close()
        raise
    return sock


def exchange(sock: socket.socket, method: str, message: bytes, deadline: Deadline, most_bytes: int) -> Reply:
    """Send a request and read the whole reply, of at most so many bytes of body.

    Raises, and the connection is of no use any more:
        OSError: it failed; a TimeoutError where time is the reason.
        HTTPException: the reply is none, cut short, or too large.
    """
    _send(sock, message, deadline)
    incoming = _Incoming(sock, deadline)
    reader = _Reader(incoming)
    response = _begun(reader, method)
    if response.length is None:  # in chunks, or up to the connection's end
        body = response.read(most_bytes + 1)
    else:
        body = b"" if response.length > most_bytes else response.read()
    if len(body) > most_bytes or (response.length or 0) > most_bytes:
        raise http.client.HTTPException("the reply is too large")
    incoming.is_over = True
    is_last = response.will_close or bool(reader.peek(1)) or (isinstance(sock, ssl.SSLSocket) and sock.pending() > 0)
    # A plain dict: taking over an email.message.Message means a search through it for each name.
    return Reply(response.status, dict(response.getheaders()), body, is_last)


def _begun(reader: _Reader, method: str) -> http.client.HTTPResponse:
    """The reply up to its headers, with those that announce it (1xx, RFC 9110 section 15.2) passed over."""
    while True:
        response = http.client.HTTPResponse(reader, method=method)  # type: ignore[arg-type]  # asks for makefile alone
        response.begin()
        if response.status >= 200:
            return response


class _Incoming(io.RawIOBase):
    """What comes in on a socket, until a deadline or until it ``is_over``."""

    def __init__(self, sock: socket.socket, deadline: Deadline) -> None:
        self.is_over = False
        self._sock = sock
        self._deadline = deadline

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: WriteableBuffer, /) -> int:
        if self.is_over:
            return 0
        self._sock.settimeout(self._deadline.remaining())
        return self._sock.recv_into(buffer)


class _Reader(io.BufferedReader):
    """For http.client both the socket and the file that it makes of one; open after the reply, to see what is left."""

    def makefile(self, _mode: str) -> _Reader:
        return self

    def close(self) -> None:
        pass


def _send(sock: socket.socket, message: bytes, deadline: Deadline) -> None:
    """``sendall`` of a TLS socket would take the time-out for each piece."""
    rest = memoryview(message)
    while rest:
        sock.settimeout(deadline.remaining())
        rest = rest[sock.send(rest) :]


def _tunnel(sock: socket.socket, parts: SplitResult, proxy: SplitResult, deadline: Deadline) -> None:
    host, port = address_of(parts)
    authority = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    lines = [f"CONNECT {authority} HTTP/1.1", f"Host: {authority}"]
    if proxy.username is not None:
        credentials = f"{unquote(proxy.username)}:{unquote(proxy.password or '')}".encode()
        lines.append(f"Proxy-Authorization: Basic {base64.b64encode(credentials).decode()}")
    _send(sock, "\r\n".join([*lines, "", ""]).encode(), deadline)
    status = _begun(_Reader(_Incoming(sock, deadline)), "CONNECT").status
    if status >= 300:
        raise ConnectionError(f"proxy: HTTP {status}")


def _connect(
    host: str, port: int, deadline: Deadline, look_up: LookUp, make: Callable[..., socket.socket] = socket.socket
) -> socket.socket:
    """Connect to the first of a name's addresses that answers.

    Each gets a third of what is left at least, so that a dead one leaves time for the next.
    """
    addresses = _addresses(host, port, deadline, look_up)
    failure = OSError("no address")
    for index, (family, kind, protocol, _, address) in enumerate(addresses):
        sock = None
        try:
            seconds = deadline.remaining() / min(len(addresses) - index, 3)
            sock = make(family, kind, protocol)
            sock.settimeout(seconds)
            sock.connect(address)
        except OSError as error:
            failure = error
            if sock is not None:
                sock.close()
        else:
            return sock
    raise failure


def _addresses(host: str, port: int, deadline: Deadline, look_up: LookUp) -> list[tuple[Any, ...]]:
    """What a name stands for, looked up in a thread: the resolver has time-outs of 5 s a try (``resolv.conf(5)``)."""
    outcome: list[list[tuple[Any, ...]] | Exception] = []

    def run() -> None:
        try:
            outcome.append(look_up(host, port, type=socket.SOCK_STREAM))
        except Exception as error:  # noqa: BLE001  # raised below
            outcome.append(error)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    thread.join(deadline.remaining())
    if not outcome:
        raise TimeoutError("timed out")
    if isinstance(outcome[0], Exception):
        raise outcome[0]
    return outcome[0]
