"""One HTTP connection to DynamoDB that is kept, in the place of botocore's pool of them.

A Lambda instance serves one request at a time, so one connection is all that it needs; the pool, and urllib3 below it,
take a quarter of the CPU time of a warm create, and read the file of root certificates again for each connection.
Signing, retries and errors stay botocore's: it emits an event before each request goes out ("before-send", which moto
is built on too), and takes the reply that a handler returns, or the exception that it raises, for those of its own
HTTP session. Where there is a proxy to go through, that session sends the request.
"""

from __future__ import annotations

import http.client
import select
import socket
import ssl
import threading
import weakref
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import SplitResult, urlsplit
from urllib.request import getproxies

from botocore.awsrequest import AWSResponse
from botocore.exceptions import (
    ConnectionClosedError,
    ConnectTimeoutError,
    EndpointConnectionError,
    ReadTimeoutError,
    SSLError,
)

if TYPE_CHECKING:
    from botocore.awsrequest import AWSPreparedRequest


_PORTS: Final = {"https": 443, "http": 80}


class _Body:
    """A body that has been read, in the form in which botocore reads one."""

    def __init__(self, content: bytes) -> None:
        self._content = content

    def stream(self) -> Iterator[bytes]:
        """All of it."""
        yield self._content


class _Channel:
    """An open connection to one origin, closed when nobody has it any more."""

    def __init__(self, origin: tuple[str, str], sock: socket.socket) -> None:
        self.origin = origin
        self.sock = sock
        weakref.finalize(self, sock.close)

    @property
    def is_dropped(self) -> bool:
        """Whether the other side has closed it, while the instance was frozen say.

        Then it can be read from, and what is read is its end; no reply is due between two requests.
        """
        readable, _, _ = select.select([self.sock], [], [], 0)
        return bool(readable)


class Connection:
    """Sends requests to one endpoint at a time, each thread over a connection of its own."""

    def __init__(self, trust: str | None, *, connect_timeout: float, read_timeout: float) -> None:
        """Make one; it connects with the first request.

        Args:
            trust: PEM file of the root certificates; None for an endpoint without TLS.
            connect_timeout: Seconds.
            read_timeout: Seconds between two parts of a reply.
        """
        # Made once: the roots are parsed here, at initialisation, and not with each connection.
        self._tls = None if trust is None else ssl.create_default_context(cafile=trust)
        self._has_proxy = bool(getproxies())
        self._connect_timeout = connect_timeout
        self._read_timeout = read_timeout
        self._local = threading.local()

    def send(self, request: AWSPreparedRequest, **_: object) -> AWSResponse | None:
        """Send a request and read the whole reply; a handler of ``before-send``.

        Returns:
            The reply; None for botocore to send the request itself: through a proxy, or otherwise than was foreseen.

        Raises:
            HTTPClientError: one of botocore's own, as its session would raise it.
        """
        url, body, parts = request.url, request.body, urlsplit(request.url)
        if self._has_proxy or not isinstance(body, bytes) or (parts.scheme == "https") != (self._tls is not None):
            return None
        channel = self._channel(parts)
        self._local.channel = None
        try:
            # In one piece, which is one packet and one record of TLS less.
            channel.sock.sendall(_head(request, parts) + body)
            with http.client.HTTPResponse(channel.sock, method=request.method) as response:
                response.begin()
                content = response.read()
        except TimeoutError as error:
            raise ReadTimeoutError(endpoint_url=url, error=error) from error
        except (OSError, http.client.HTTPException) as error:
            raise ConnectionClosedError(endpoint_url=url, error=error) from error
        if not response.will_close:
            self._local.channel = channel
        # A plain dict: taking over an email.message.Message means a search through it for each name.
        headers: Any = dict(response.getheaders())
        return AWSResponse(url, response.status, headers, _Body(content))

    def _channel(self, parts: SplitResult) -> _Channel:
        """An open connection to a URL's origin: the one that there is, or a new one."""
        origin = (parts.scheme, parts.netloc)
        channel: _Channel | None = getattr(self._local, "channel", None)
        if channel is None or channel.origin != origin or channel.is_dropped:
            channel = _Channel(origin, self._connect(parts))
        return channel

    def _connect(self, parts: SplitResult) -> socket.socket:
        host, url = parts.hostname or "", parts.geturl()
        try:
            sock = socket.create_connection((host, parts.port or _PORTS[parts.scheme]), timeout=self._connect_timeout)
        except TimeoutError as error:
            raise ConnectTimeoutError(endpoint_url=url, error=error) from error
        except OSError as error:
            raise EndpointConnectionError(endpoint_url=url, error=error) from error
        try:
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
            if self._tls is not None:
                sock = self._tls.wrap_socket(sock, server_hostname=host)
        except TimeoutError as error:
            sock.close()
            raise ConnectTimeoutError(endpoint_url=url, error=error) from error
        except OSError as error:  # ssl.SSLError is one
            sock.close()
            raise SSLError(endpoint_url=url, error=error) from error
        sock.settimeout(self._read_timeout)
        return sock


def _head(request: Any, parts: SplitResult) -> bytes:
    """The request line and the headers, which botocore has made and signed, some of them bytes."""
    target = parts.path or "/"
    lines = [
        f"{request.method} {target}?{parts.query} HTTP/1.1" if parts.query else f"{request.method} {target} HTTP/1.1"
    ]
    # Those that urllib3 adds, unless they are there: the AWS Common Runtime's signer, where that is installed, adds the
    # host itself, and a request with two hosts is refused (RFC 9112 section 3.2).
    for name, value in (("Host", parts.netloc), ("Accept-Encoding", "identity")):
        if name not in request.headers:
            lines.append(f"{name}: {value}")
    for name, value in request.headers.items():
        lines.append(f"{name}: {value.decode('latin-1') if isinstance(value, bytes) else value}")
    return "\r\n".join([*lines, "", ""]).encode("latin-1")
