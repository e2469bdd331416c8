"""One HTTP connection that is kept, in the place of botocore's pool (docs/decisions/0019).

A Lambda instance serves one request at a time. Signing, retries and errors stay botocore's: this takes the place of its
HTTP session, which gets each request that no handler of ``before-send`` has answered.
"""

from __future__ import annotations

import select
import socket
import ssl
import threading
import weakref
from collections.abc import Iterator
from http.client import HTTPException
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import SplitResult, urlsplit

from botocore.awsrequest import AWSResponse
from botocore.exceptions import (
    ConnectionClosedError,
    ConnectTimeoutError,
    EndpointConnectionError,
    ReadTimeoutError,
    SSLError,
)
from botocore.httpsession import get_cert_path

from taskapi.exchange import Deadline, exchange, open_socket, proxy_for

if TYPE_CHECKING:
    from botocore.awsrequest import AWSPreparedRequest
    from botocore.session import Session

MOST_BYTES: Final = 16 * 1024 * 1024
"""Of a reply: DynamoDB's are 1 MB of items for a query and 4 MB for a transaction, before they are JSON."""

_AMAZON_ROOTS: Final = Path(__file__).with_name("amazon_roots.pem")


def use_own_connection(client: Any, session: Session) -> None:
    """Have a client of botocore's send its requests over a :class:`Connection`, with its own time-outs.

    Through a proxy that is reached by TLS itself, or to an endpoint without TLS by way of one, botocore sends.
    """
    endpoint = client.meta.endpoint_url
    proxy = proxy_for(endpoint)
    if proxy is not None and (proxy.scheme, urlsplit(endpoint).scheme) != ("http", "https"):
        return
    # Not public, but botocore offers no other place that mocks of "before-send" come before.
    client._endpoint.http_session = Connection(
        trusted_roots(endpoint, session.get_config_variable("ca_bundle")),
        connect_timeout=client.meta.config.connect_timeout,
        reply_timeout=client.meta.config.read_timeout,
        proxy=proxy,
    )


def trusted_roots(endpoint: str, ca_bundle: str | None) -> str:
    """The file of root certificates for an endpoint's URL, or the operator's (``AWS_CA_BUNDLE`` say)."""
    if ca_bundle:
        return ca_bundle
    # AWS's certificates are by Amazon Trust Services ("Configure and verify Amazon Trust Services certificates",
    # DynamoDB Developer Guide; "How to Prepare for AWS's Move to Its Own Certificate Authority", AWS Security Blog),
    # whose five roots take a millisecond to read; all those of the web take 17.
    if (urlsplit(endpoint).hostname or "").endswith((".amazonaws.com", ".api.aws")):
        return str(_AMAZON_ROOTS)
    return str(get_cert_path(verify=True))


class _Body:
    """A body that has been read, as botocore reads one."""

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
        """Whether the other side has closed it, while the instance was frozen say: no reply is due between requests."""
        readable, _, _ = select.select([self.sock], [], [], 0)
        return bool(readable)


class Connection:
    """An HTTP session as botocore's client wants one; a connection a thread.

    A connection is kept only after a whole reply. After anything else the reply may still come, and would be taken for
    the one to the next request, which may be another user's.
    """

    def __init__(
        self, trust: str, *, connect_timeout: float, reply_timeout: float, proxy: SplitResult | None = None
    ) -> None:
        """Make one.

        Args:
            trust: PEM file of the root certificates.
            connect_timeout: Seconds until a new connection stands, from the look-up of the name to the TLS handshake.
            reply_timeout: Seconds in which a request is sent and its whole reply read.
            proxy: See :func:`~taskapi.exchange.open_socket`.
        """
        # Made once: the roots are parsed here, at initialisation, and not with each connection.
        self._tls = ssl.create_default_context(cafile=trust)
        self._proxy = proxy
        self._connect_timeout = connect_timeout
        self._reply_timeout = reply_timeout
        self._local = threading.local()

    def send(self, request: AWSPreparedRequest) -> AWSResponse:
        """Send a request and read the whole reply; raises botocore's errors, as its session would."""
        url, body, parts = request.url, request.body, urlsplit(request.url)
        channel = self._channel(parts)
        self._local.channel = None
        # In one piece, which is one packet and one record of TLS less.
        message = _head(request, parts) + (body if isinstance(body, bytes) else str(body or "").encode())
        try:
            reply = exchange(channel.sock, str(request.method), message, Deadline(self._reply_timeout), MOST_BYTES)
        except TimeoutError as error:
            raise ReadTimeoutError(endpoint_url=url, error=error) from error
        except (OSError, HTTPException) as error:
            raise ConnectionClosedError(endpoint_url=url, error=error) from error
        if not reply.is_last:
            self._local.channel = channel
        headers: Any = reply.headers
        return AWSResponse(url, reply.status, headers, _Body(reply.body))

    def close(self) -> None:
        """Close this thread's connection; another request opens a new one."""
        self._local.channel = None

    def _channel(self, parts: SplitResult) -> _Channel:
        origin = (parts.scheme, parts.netloc)
        channel: _Channel | None = getattr(self._local, "channel", None)
        if channel is None or channel.origin != origin or channel.is_dropped:
            channel = _Channel(origin, self._connect(parts))
        return channel

    def _connect(self, parts: SplitResult) -> socket.socket:
        url = parts.geturl()
        try:
            return open_socket(parts, self._tls, Deadline(self._connect_timeout), proxy=self._proxy)
        except TimeoutError as error:
            raise ConnectTimeoutError(endpoint_url=url, error=error) from error
        except ssl.SSLError as error:
            raise SSLError(endpoint_url=url, error=error) from error
        except (OSError, HTTPException) as error:
            raise EndpointConnectionError(endpoint_url=url, error=error) from error


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
