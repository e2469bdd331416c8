"""A fault-injecting proxy between boto3 and a DynamoDB engine, on the loopback interface.

It speaks DynamoDB's wire protocol: JSON 1.0 over HTTP, ``X-Amz-Target`` naming the operation, ``x-amz-crc32`` over the
reply's body ("DynamoDB low-level API", Amazon DynamoDB Developer Guide). The engine behind it sees only whole, correct
requests; everything that goes wrong goes wrong on the way. A journal of every request tells what really happened.
"""

from __future__ import annotations

import contextlib
import json
import socket
import struct
import sys
import threading
import time
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Final

from tests.faults.upstream import Answer, Upstream

TAG_HEADER: Final = "x-test-tag"
"""Names the test's own operation that a request belongs to; never sent on to the engine."""

_TARGET_PREFIX: Final = "DynamoDB_20120810."
_ERROR_PREFIX: Final = "com.amazonaws.dynamodb.v20120810#"
_WRITES: Final = frozenset({"PutItem", "UpdateItem", "DeleteItem", "TransactWriteItems"})


class Fault(Enum):
    """What happens to one request. A fault "after" lets the engine apply the request first."""

    THROUGHPUT_EXCEEDED = "ProvisionedThroughputExceededException"
    THROTTLED = "ThrottlingException"
    INTERNAL_ERROR = "500 InternalServerError, not applied"
    INTERNAL_ERROR_AFTER = "500 InternalServerError, applied all the same"
    UNAVAILABLE = "503 ServiceUnavailable"
    CONFLICT = "another transaction holds the item"
    RESET = "connection reset before the request"
    REPLY_DROPPED = "connection reset after the request was applied"
    SLOW_REPLY = "applied at once, answered after the client has given up"
    SLOW_REQUEST = "applied only after the client has given up"
    HALF_REPLY = "applied, and the connection lost in the middle of the reply"
    DAMAGED_REPLY = "applied, and a bit of the reply flipped"

    @property
    def is_applied(self) -> bool:
        """Whether the engine gets the request all the same."""
        return self in _APPLIED

    @property
    def is_throttle(self) -> bool:
        """Whether the client is told to slow down."""
        return self in (Fault.THROUGHPUT_EXCEEDED, Fault.THROTTLED)


_APPLIED: Final = frozenset(
    {
        Fault.INTERNAL_ERROR_AFTER,
        Fault.REPLY_DROPPED,
        Fault.SLOW_REPLY,
        Fault.SLOW_REQUEST,
        Fault.HALF_REPLY,
        Fault.DAMAGED_REPLY,
    }
)


@dataclass
class Exchange:
    """One request that reached the proxy, and what became of it.

    Attributes:
        number: Its place in the order of arrival, from 0.
        tag: The test's operation that it belongs to; empty when untagged.
        operation: ``UpdateItem`` and so on.
        call: botocore's id of the call (``amz-sdk-invocation-id``): the retries of a call share it.
        attempt: How many requests of this tag came before.
        request: The decoded body.
        fault: What was done to it; None passes it through.
        status: The engine's own answer, whatever the client saw of it; None when it did not get the request.
        reply: The engine's decoded answer.
        arrived: ``time.monotonic()`` of its arrival.
        answered: The same of the engine's answer; None when it did not get the request.
    """

    number: int
    tag: str
    operation: str
    call: str
    attempt: int
    request: Any
    arrived: float
    fault: Fault | None = None
    status: int | None = None
    reply: Any = None
    answered: float | None = None

    @property
    def is_write(self) -> bool:
        """Whether the operation changes anything."""
        return self.operation in _WRITES

    @property
    def was_applied(self) -> bool:
        """Whether the engine carried out this write."""
        return self.is_write and self.status == 200


Plan = Callable[[Exchange], Fault | None]
"""Decides what is done to a request."""


class FaultProxy:
    """The proxy; use it as a context manager.

    Attributes:
        plan: What is done to which request; change it at any time.
        journal: Every request so far, in order of arrival.
    """

    def __init__(self, upstream: Upstream, plan: Plan = lambda _exchange: None, *, hold_seconds: float = 1.0) -> None:
        """Make a proxy.

        Args:
            upstream: Where requests go; closed with the proxy.
            plan: What is done to which request.
            hold_seconds: How long a slow request or reply is kept; longer than the client's read time-out.
        """
        self.plan = plan
        self.journal: list[Exchange] = []
        self._upstream = upstream
        self._hold_seconds = hold_seconds
        self._lock = threading.Lock()
        self._idle = threading.Condition(self._lock)
        self._active = 0
        self._attempts: dict[str, int] = {}
        self._closing = threading.Event()
        self._server: _Server | None = None

    @property
    def endpoint(self) -> str:
        """Its URL."""
        assert self._server is not None, "not started"
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self) -> FaultProxy:
        self._server = _Server(self)
        threading.Thread(target=self._server.serve_forever, args=(0.05,), name="fault-proxy", daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        assert self._server is not None
        self._closing.set()  # whoever is held is let go
        self._server.shutdown()
        self._server.server_close()
        self._server.close_connections()
        self.settle()
        self._upstream.close()

    def settle(self, seconds: float = 30.0) -> None:
        """Wait until no request is on its way any more, late ones included.

        Raises:
            TimeoutError: one still is.
        """
        with self._idle:
            if not self._idle.wait_for(lambda: self._active == 0, seconds):
                raise TimeoutError("requests are still on their way")

    def exchanges(self, tag: str) -> list[Exchange]:
        """What the journal says of one tag."""
        with self._lock:
            return [exchange for exchange in self.journal if exchange.tag == tag]

    @contextlib.contextmanager
    def _entered(self, headers: Mapping[str, str], body: bytes) -> Iterator[Exchange]:
        tag = headers.get(TAG_HEADER, "")
        with self._lock:
            exchange = Exchange(
                number=len(self.journal),
                tag=tag,
                operation=headers.get("x-amz-target", "").removeprefix(_TARGET_PREFIX),
                call=headers.get("amz-sdk-invocation-id", ""),
                attempt=self._attempts.get(tag, 0),
                request=json.loads(body),
                arrived=time.monotonic(),
            )
            self._attempts[tag] = exchange.attempt + 1
            self.journal.append(exchange)
            self._active += 1
        try:
            exchange.fault = self.plan(exchange)
            yield exchange
        finally:
            with self._idle:
                self._active -= 1
                self._idle.notify_all()

    def _apply(self, exchange: Exchange, headers: Mapping[str, str], body: bytes) -> Answer:
        passed_on = {name: value for name, value in headers.items() if name not in _HOP_BY_HOP}
        answer = self._upstream.send(body, passed_on)
        exchange.reply = json.loads(answer.body) if answer.body else None
        exchange.status = answer.status
        exchange.answered = time.monotonic()
        return answer

    def _hold(self) -> None:
        self._closing.wait(self._hold_seconds)

    def serve(self, handler: _Handler, headers: Mapping[str, str], body: bytes) -> None:
        """Serve one request as the plan wants it."""
        with self._entered(headers, body) as exchange:
            fault = exchange.fault
            if fault is None:
                handler.reply(self._apply(exchange, headers, body))
            elif fault is Fault.RESET:
                handler.reset()
            elif not fault.is_applied:
                handler.reply(_error(fault, exchange))
            else:
                if fault is Fault.SLOW_REQUEST:
                    self._hold()
                answer = self._apply(exchange, headers, body)
                if fault is Fault.SLOW_REPLY:
                    self._hold()
                handler.spoil(fault, answer)


_HOP_BY_HOP: Final = frozenset({"host", "connection", "content-length", "transfer-encoding", "expect", TAG_HEADER})


def _error(fault: Fault, exchange: Exchange) -> Answer:
    """DynamoDB's answer ("Error handling with DynamoDB", Amazon DynamoDB Developer Guide)."""
    if fault is Fault.CONFLICT:
        return _conflict(exchange)
    status, code = {
        Fault.THROUGHPUT_EXCEEDED: (400, f"{_ERROR_PREFIX}ProvisionedThroughputExceededException"),
        Fault.THROTTLED: (400, "com.amazon.coral.availability#ThrottlingException"),
        Fault.INTERNAL_ERROR: (500, f"{_ERROR_PREFIX}InternalServerError"),
        Fault.INTERNAL_ERROR_AFTER: (500, f"{_ERROR_PREFIX}InternalServerError"),
        Fault.UNAVAILABLE: (503, "com.amazon.coral.availability#ServiceUnavailableException"),
    }[fault]
    return _error_document(status, code)


def _conflict(exchange: Exchange) -> Answer:
    """A transaction is cancelled with its reasons, a single write has an error of its own, a read never conflicts."""
    if exchange.operation == "TransactWriteItems":
        count = len(exchange.request["TransactItems"])
        reasons: Sequence[Mapping[str, str]] = [{"Code": "None"}] * (count - 1) + [
            {"Code": "TransactionConflict", "Message": "Transaction is ongoing for the item"}
        ]
        return _error_document(400, f"{_ERROR_PREFIX}TransactionCanceledException", CancellationReasons=reasons)
    if exchange.is_write:
        return _error_document(400, f"{_ERROR_PREFIX}TransactionConflictException")
    return _error_document(500, f"{_ERROR_PREFIX}InternalServerError")


def _error_document(status: int, code: str, **members: object) -> Answer:
    return Answer(status, json.dumps({"__type": code, "message": "Injected by a test.", **members}).encode())


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    # Nagle's algorithm would hold the body of a reply back until its head was acknowledged.
    disable_nagle_algorithm = True
    wbufsize = -1
    server: _Server

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("content-length", 0)))
        headers = {name.lower(): value for name, value in self.headers.items()}
        self.server.proxy.serve(self, headers, body)

    def reply(self, answer: Answer) -> None:
        """Send an answer, with the checksum that DynamoDB sends."""
        self._head(answer)
        self._send(answer.body)

    def spoil(self, fault: Fault, answer: Answer) -> None:
        """Send what is left of an answer to a request that was applied."""
        if fault is Fault.INTERNAL_ERROR_AFTER:
            self.reply(_error_document(500, f"{_ERROR_PREFIX}InternalServerError"))
        elif fault is Fault.HALF_REPLY:
            self._head(answer)
            self._send(answer.body[: len(answer.body) // 2])
            self.close_connection = True
        elif fault is Fault.DAMAGED_REPLY and answer.body:
            self._head(answer)
            middle = len(answer.body) // 2
            self._send(answer.body[:middle] + bytes([answer.body[middle] ^ 0x01]) + answer.body[middle + 1 :])
        else:
            self.reset()

    def reset(self) -> None:
        """End the connection with a RST, as a host does that knows nothing of it."""
        self.close_connection = True
        with contextlib.suppress(OSError):
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            # shutdown() would send a FIN first; the descriptor itself must go. socketserver closes it again, unharmed.
            self.connection.close()

    def _head(self, answer: Answer) -> None:
        with contextlib.suppress(OSError):
            self.send_response(answer.status)
            self.send_header("Content-Type", "application/x-amz-json-1.0")
            self.send_header("Content-Length", str(len(answer.body)))
            self.send_header("x-amz-crc32", str(zlib.crc32(answer.body)))
            self.end_headers()

    def _send(self, body: bytes) -> None:
        try:
            self.wfile.write(body)
            self.wfile.flush()
        except OSError:  # the client has given up meanwhile
            self.close_connection = True

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # the name in the standard library
        """Not on stderr."""


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    # Connections stay open as long as their clients keep them; closing must not wait for that.
    block_on_close = False
    request_queue_size = 256

    def __init__(self, proxy: FaultProxy) -> None:
        self.proxy = proxy
        self._connections: set[socket.socket] = set()
        self._lock = threading.Lock()
        super().__init__(("127.0.0.1", 0), _Handler)

    def process_request(self, request: Any, client_address: Any) -> None:
        with self._lock:
            self._connections.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        with self._lock:
            self._connections.discard(request)
        super().shutdown_request(request)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that went away is what this is about; anything else is a fault of the proxy."""
        if not isinstance(sys.exc_info()[1], OSError):
            super().handle_error(request, client_address)

    def close_connections(self) -> None:
        """End what clients still keep open."""
        with self._lock:
            connections = list(self._connections)
        for connection in connections:
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
