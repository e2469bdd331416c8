"""The HTTP side: sockets, request lines and bodies, one request at a time behind them."""

from __future__ import annotations

import contextlib
import dataclasses
import io
import re
import socket
import threading
import time
from collections.abc import Callable, Iterable
from typing import Any, Final
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from werkzeug.exceptions import ClientDisconnected
from werkzeug.serving import ThreadedWSGIServer, WSGIRequestHandler
from werkzeug.wrappers import Response
from werkzeug.wsgi import get_input_stream

from local.gateway import framing
from local.gateway.origins import Origins
from local.gateway.request import GatewayRequest, split_target
from local.gateway.responses import Refusal
from local.gateway.service import MOST_BODY_BYTES, REQUEST, Gateway
from local.listener import HOST

IDLE_SECONDS: Final = 15
"""A client that sends nothing for so long is hung up on. Browsers open connections on speculation."""

_HEADERS: Final = "local.headers"
_FAULT: Final = "local.fault"
_LINE_ENDS: Final = re.compile(r"[\r\n]+")
_NO_ORIGINS: Final = Origins(())
_ALLOWED: Final = "access-control-allow-origin"

OnServed = Callable[[GatewayRequest, int, float], None]
"""Told of each request, its status and the milliseconds that it took, in the thread that served it."""


class BufferingMiddleware:
    """WSGI middleware around the gateway: reads whole requests, as they were sent, and lets them in one by one."""

    def __init__(
        self, gateway: Gateway, *, concurrent: bool, on_served: OnServed, origins: Origins = _NO_ORIGINS
    ) -> None:
        """Wrap a gateway.

        Args:
            gateway: Serves the requests.
            concurrent: Serve several at a time; the embedded store can't.
            on_served: Called after each.
            origins: Those that the gateway knows, and who may go by them.
        """
        self.gateway = gateway
        self._turn: contextlib.AbstractContextManager[Any] = (
            contextlib.nullcontext() if concurrent else threading.Lock()
        )
        self._on_served = on_served
        self._origins = origins

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Serve one request. Its body is read before its turn comes, so that no client makes the others wait."""
        status = 500

        def started(line: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Any:
            nonlocal status
            status = int(line.split(maxsplit=1)[0])
            if inside is not None:
                own = received.header("Origin") or ""
                headers = [(name, own if name.lower() == _ALLOWED else value) for name, value in headers]
            return start_response(line, headers, exc_info)

        arrived = time.perf_counter()
        received, problem = _receive(environ)
        inside = self._origins.inside(received)
        request = received if inside is None else _from_origin(received, inside)
        with self._turn:
            if problem is not None:
                answer = self.gateway.refuse(problem, request)
                application: WSGIApplication = Response(answer.body, answer.status, dict(answer.headers))
            else:
                environ[REQUEST] = request
                environ["wsgi.input"] = io.BytesIO()
                application = self.gateway.application
            response = application(environ, started)
            body = list(response)
            if hasattr(response, "close"):
                response.close()
            self._on_served(received, status, (time.perf_counter() - arrived) * 1000)
        return body


def _from_origin(request: GatewayRequest, origin: str) -> GatewayRequest:
    headers = [(name, origin if name.lower() == "origin" else value) for name, value in request.headers]
    return dataclasses.replace(request, headers=headers)


def _receive(environ: WSGIEnvironment) -> tuple[GatewayRequest, Refusal | None]:
    fault: str | None = environ[_FAULT]
    problem = None if fault is None else Refusal("DEFAULT_4XX", message=fault)
    body = b""
    try:
        body = b"" if fault else _read_body(environ)
    except TimeoutError:
        fault = f"the body did not come within {IDLE_SECONDS} s"
        problem = Refusal("DEFAULT_4XX", status=408, message="Request Timeout")
    except (ClientDisconnected, OSError):
        fault = "the body is shorter than announced, or not chunked as announced"
        problem = Refusal("BAD_REQUEST_BODY")
    path, query = split_target(environ["REQUEST_URI"])
    headers: list[tuple[str, str]] = environ[_HEADERS]
    received = GatewayRequest(
        method=environ["REQUEST_METHOD"],
        path=path,
        query=query,
        headers=headers,
        body=body,
        source_ip=environ["REMOTE_ADDR"],
        protocol=environ["SERVER_PROTOCOL"],
        host=environ.get("HTTP_HOST") or f"{HOST}:{environ['SERVER_PORT']}",
        fault=fault,
    )
    return received, problem


def _read_body(environ: WSGIEnvironment) -> bytes:
    """The body, or just over the limit of it where it is too large."""
    stream = get_input_stream(environ)
    body = bytearray()
    while len(body) <= MOST_BODY_BYTES and (part := stream.read(1024 * 1024)):
        body += part
    return bytes(body)


def _unfolded(value: str) -> str:
    """A field's value on one line (RFC 9112 section 5.2), without the spaces around it."""
    return " ".join(filter(None, (line.strip(" \t") for line in _LINE_ENDS.split(value))))


class RequestHandler(WSGIRequestHandler):
    """Reads a connection's one request; werkzeug closes the connection after the response."""

    timeout = IDLE_SECONDS
    protocol_version = "HTTP/1.1"
    server: Server

    def make_environ(self) -> WSGIEnvironment:
        """The request in WSGI terms, but with the path not decoded.

        WSGI servers decode the path, which makes ``a%2Fb`` two segments. API Gateway routes on the path as sent. It
        also lets slashes at its end pass, which are in the event's path all the same.
        """
        # Unusual targets would make werkzeug raise.
        path, query = split_target(self.path)
        self.path = f"{path}?{query}" if query else path
        environ = super().make_environ()
        environ["PATH_INFO"] = path.rstrip("/") or "/"
        environ[_HEADERS] = [(name, _unfolded(value)) for name, value in self.headers.items()]
        if "HTTP_ACCEPT" in environ:  # werkzeug's parser takes ten seconds for 60,000 spaces
            environ["HTTP_ACCEPT"] = " ".join(environ["HTTP_ACCEPT"].split())
        environ[_FAULT] = framing.fault(self.request_version, self.headers)
        if lengths := framing.content_lengths(self.headers):
            environ["CONTENT_LENGTH"] = lengths[0]  # repeated, it is the same
        return environ

    def handle_expect_100(self) -> bool:
        """Leave the ``100 Continue`` to werkzeug, which sends it, too."""
        return True

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:  # noqa: ARG002
        """What is no HTTP request gets the gateway's answer as well.

        ``http.server`` knows 505 and the like; to its client it is all the same a bad request.
        """
        status = code if code < 500 else 400
        received = GatewayRequest(method="GET", path="/")
        answer = self.server.front_door.gateway.refuse(Refusal("DEFAULT_4XX", status=status, message=message), received)
        body = answer.body.encode()
        self.close_connection = True
        # The request's own version may be what is wrong; without one http.server would send no headers at all.
        self.request_version = self.protocol_version
        self.send_response(answer.status)
        for name, value in {**answer.headers, "Content-Length": str(len(body)), "Connection": "close"}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log(self, type: str, message: str, *args: Any) -> None:  # noqa: A002  # werkzeug's name
        """Nothing: requests are told to ``on_served``, and what is no request interests nobody."""


class Server(ThreadedWSGIServer):
    """A thread for each connection; whether they serve at the same time is up to the front door."""

    daemon_threads = True

    def __init__(
        self, listener: socket.socket, front_door: BufferingMiddleware, application: WSGIApplication | None = None
    ) -> None:
        """Serve on a socket that is bound and listens.

        Args:
            listener: The socket.
            front_door: The API.
            application: What stands in front of it; by default nothing does.
        """
        self.front_door = front_door
        self._application = application or front_door
        host, port = listener.getsockname()[:2]
        super().__init__(host, port, self._admit, RequestHandler, fd=listener.fileno())

    def _admit(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Nothing in front of the API gets to see a request of which nobody can tell what it is."""
        application = self._application if environ[_FAULT] is None else self.front_door
        return application(environ, start_response)

    @property
    def url(self) -> str:
        """Without a slash at the end."""
        return f"http://{self.host}:{self.port}"
