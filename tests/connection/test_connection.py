"""The one connection to DynamoDB: what botocore makes of it, against servers on the loopback interface."""

from __future__ import annotations

import contextlib
import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest
from botocore.awsrequest import AWSPreparedRequest, HeadersDict
from botocore.config import Config
from botocore.exceptions import (
    ClientError,
    ConnectionClosedError,
    ConnectTimeoutError,
    EndpointConnectionError,
    ReadTimeoutError,
    SSLError,
)
from botocore.httpsession import get_cert_path
from botocore.session import Session

from taskapi.dynamo.client import CLIENT_CONFIG, _read_body, create_client
from taskapi.dynamo.connection import Connection

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

ONCE = Config(retries={"mode": "standard", "total_max_attempts": 1}, connect_timeout=5, read_timeout=5)
KEY: Any = {"pk": {"S": "USER#alice"}, "sk": {"S": "TASK#1"}}
ITEM = {**KEY, "title": {"S": "Pay rent"}, "completed": {"BOOL": False}, "tags": {"L": [{"S": "a"}]}}


def reply(document: object, status: str = "200 OK", *more: str) -> bytes:
    """An HTTP response."""
    body = json.dumps(document).encode()
    lines = [f"HTTP/1.1 {status}", "Content-Type: application/x-amz-json-1.0", f"Content-Length: {len(body)}", *more]
    return "\r\n".join([*lines, "", ""]).encode() + body


FOUND = reply({"Item": ITEM})


QUIETLY_CLOSED = b"closed"
"""After an answer: the server closes the connection, and the client is not told."""


class Server:
    """Answers request after request with what it is given; None closes the connection instead of answering.

    Attributes:
        requests: What came in.
        connections: How many there were.
    """

    def __init__(self, *answers: bytes | None) -> None:
        self._answers = list(answers)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        self.requests: list[bytes] = []
        self.connections = 0
        self._open: list[socket.socket] = [self._listener]
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def _serve(self) -> None:
        self._listener.settimeout(5)
        while self._answers:
            try:
                connection, _ = self._listener.accept()
                self.connections += 1
                self._open.append(connection)
                with connection, connection.makefile("rb") as stream:
                    connection.settimeout(5)
                    self._answer(connection, stream)
            except OSError:  # closed from the other side, or nobody comes
                return

    def _answer(self, connection: socket.socket, stream: Any) -> None:
        """Answer a connection's requests, until it is closed."""
        while self._answers and (head := self._head(stream)):
            self.requests.append(head + stream.read(self._length(head)))
            answer = self._answers.pop(0) if self._answers else None  # closed meanwhile
            if answer is None:
                return
            connection.sendall(answer)
            if self._answers[:1] == [QUIETLY_CLOSED]:
                del self._answers[0]
                return

    @staticmethod
    def _head(stream: Any) -> bytes:
        lines: list[bytes] = []
        while not lines or lines[-1] not in (b"\r\n", b""):
            lines.append(stream.readline(4_096))
        return b"".join(lines)

    @staticmethod
    def _length(head: bytes) -> int:
        lines = [line for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:")]
        return int(lines[0].partition(b":")[2]) if lines else 0

    def close(self) -> None:
        """Stop listening, and wait for the end."""
        self._answers.clear()
        for each in self._open:
            with contextlib.suppress(OSError):  # closed already
                each.shutdown(socket.SHUT_RDWR)  # ends a wait for what comes in, which close does not
        self._listener.close()
        self._thread.join(timeout=10)


@contextmanager
def served(*answers: bytes | None, patience: float = 5.0) -> Iterator[tuple[Server, DynamoDBClient]]:
    """A server and a client of it that waits so many seconds for a reply."""
    server = Server(*answers)
    try:
        yield server, create_client(server.url, ONCE.merge(Config(read_timeout=patience)))
    finally:
        server.close()


def get(client: DynamoDBClient) -> Any:
    return client.get_item(TableName="tasks", Key=KEY)


def test_requests_share_a_connection() -> None:
    with served(FOUND, FOUND, FOUND) as (server, client):
        assert [get(client)["Item"] for _ in range(3)] == [ITEM] * 3
    assert server.connections == 1


def test_it_is_what_botocore_would_send() -> None:
    # Given one request over the connection and one by a client as botocore makes it, when both have been sent
    server = Server(FOUND)
    get(create_client(server.url))
    server.close()
    with_pool = Server(FOUND)
    pool_client: Any = Session().create_client("dynamodb", endpoint_url=with_pool.url, config=CLIENT_CONFIG)
    get(pool_client)
    pool_client.close()
    with_pool.close()
    # Then they differ in nothing but what differs from request to request
    assert _lines(server.requests[0]) == _lines(with_pool.requests[0])


@pytest.mark.parametrize("already", [(), ("host",), ("Host", "accept-encoding")])
def test_every_header_is_there_once(already: tuple[str, ...]) -> None:
    # Given a signer that adds some of the headers which every request has (AWS's Common Runtime adds the host)
    with served(FOUND) as (server, client):
        address = server.url.removeprefix("http://")

        def add(request: Any, **_: object) -> None:
            for name in [name for name in request.headers if name.lower() in ("host", "accept-encoding")]:
                del request.headers[name]
            for name in already:
                request.headers[name] = address if name.lower() == "host" else "identity"

        client.meta.events.register_first("before-send.dynamodb", add)
        get(client)
    # Then the request has each once
    names = [line.partition(b":")[0].lower() for line in server.requests[0].split(b"\r\n")[1:] if b":" in line]
    assert sorted(names) == sorted(set(names))
    assert {b"host", b"accept-encoding", b"content-length"} <= set(names)


def _lines(request: bytes) -> set[str]:
    varying = ("host:", "authorization:", "x-amz-date:", "amz-sdk-invocation-id:")
    return {line for line in request.decode().lower().split("\r\n") if not line.startswith(varying)}


def test_a_connection_that_was_closed_meanwhile_is_replaced() -> None:
    with served(FOUND, QUIETLY_CLOSED, FOUND) as (server, client):
        get(client)
        # As on Lambda, where an instance may be frozen for minutes between two requests
        time.sleep(0.1)
        assert get(client)["ResponseMetadata"]["RetryAttempts"] == 0
        assert server.connections == 2


@pytest.mark.parametrize(("body", "sent"), [(None, b""), ("\u00fc", b"\xc3\xbc"), (b"\xff", b"\xff")])
def test_a_body_of_any_kind(body: str | bytes | None, sent: bytes) -> None:
    with served(FOUND) as (server, _):
        headers: Any = HeadersDict({"Content-Length": str(len(sent))})
        connection = Connection(str(get_cert_path(verify=True)), connect_timeout=5, reply_timeout=5)
        connection.send(AWSPreparedRequest("POST", server.url, headers, body, stream_output=False))
        connection.close()
    assert server.requests[0].partition(b"\r\n\r\n")[2] == sent


def test_the_server_may_close_after_a_reply() -> None:
    closing = reply({"Item": ITEM}, "200 OK", "Connection: close")
    with served(closing, FOUND) as (server, client):
        assert get(client)["Item"] == ITEM
        assert server.connections == 1


def test_an_error_of_the_service() -> None:
    refusal = {"__type": "com.amazonaws.dynamodb.v20120810#ConditionalCheckFailedException", "Item": ITEM}
    with served(reply(refusal, "400 Bad Request")) as (_, client), pytest.raises(ClientError) as failed:
        get(client)
    assert failed.value.response["Error"]["Code"] == "ConditionalCheckFailedException"
    assert failed.value.response["Item"] == ITEM  # type: ignore[typeddict-item]


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        pytest.param(None, ConnectionClosedError, id="no reply"),
        pytest.param(FOUND[:-10], ReadTimeoutError, id="half a reply, and silence"),
        pytest.param(b"HTTP/1.1", ReadTimeoutError, id="less than half"),
        pytest.param(b"hello\r\n\r\n", ConnectionClosedError, id="not HTTP"),
    ],
)
def test_what_goes_wrong_is_botocores_error(answer: bytes | None, error: type[Exception]) -> None:
    patience = 0.3 if error is ReadTimeoutError else 5.0
    with served(answer, FOUND, patience=patience) as (_, client), pytest.raises(error):
        get(client)


def test_after_an_error_comes_a_new_connection() -> None:
    with served(None, FOUND) as (server, client):
        with pytest.raises(ConnectionClosedError):
            get(client)
        assert get(client)["Item"] == ITEM
        assert server.connections == 2


def test_a_client_that_is_closed_opens_another_connection() -> None:
    with served(FOUND, FOUND) as (server, client):
        get(client)
        client.close()
        assert get(client)["Item"] == ITEM
        assert server.connections == 2


def test_nobody_there() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    client = create_client(url, ONCE)
    with pytest.raises(EndpointConnectionError):
        get(client)


def test_botocore_tries_again() -> None:
    twice = Config(retries={"mode": "standard", "total_max_attempts": 2}, connect_timeout=5, read_timeout=5)
    server = Server(None, FOUND)
    response: Any = get(create_client(server.url, twice))
    server.close()
    assert (response["Item"], response["ResponseMetadata"]["RetryAttempts"]) == (ITEM, 1)


def test_nothing_is_sent_to_a_server_that_speaks_no_tls() -> None:
    # Given a server without TLS, when it is asked over TLS, then it gets no request
    server = Server(FOUND)
    client = create_client(server.url.replace("http", "https"), ONCE.merge(Config(connect_timeout=1)))
    with pytest.raises((SSLError, ConnectTimeoutError)):
        get(client)
    server.close()
    assert not any(b"GetItem" in request for request in server.requests)


def test_through_a_proxy_botocore_sends_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    # Given a proxy in the environment, when a request is made, then the proxy gets it, with the whole URL in it
    proxy = Server(FOUND)
    monkeypatch.setenv("http_proxy", proxy.url)
    monkeypatch.setenv("no_proxy", "")
    client = create_client("http://dynamodb.example.com", ONCE)
    get(client)
    client.close()
    proxy.close()
    assert proxy.requests[0].startswith(b"POST http://dynamodb.example.com/ ")


DOCUMENTS: dict[str, Callable[[DynamoDBClient], Any]] = {
    "Item": get,
    "Attributes": lambda client: client.update_item(TableName="tasks", Key=KEY, ReturnValues="ALL_NEW"),
    "Items": lambda client: client.query(TableName="tasks", KeyConditionExpression="pk = :pk"),
}


@pytest.mark.parametrize("member", DOCUMENTS)
def test_a_decoded_reply_is_what_botocores_parser_makes_of_it(member: str) -> None:
    # Given a reply, when it is read with our handler of before-parse and without it
    document = {member: [ITEM] if member == "Items" else ITEM, "ConsumedCapacity": {"CapacityUnits": 6.0}}
    with served(reply(document)) as (_, client):
        ours = DOCUMENTS[member](client)
    with served(reply(document)) as (_, client):
        client.meta.events.unregister("before-parse.dynamodb", _read_body)
        botocores = DOCUMENTS[member](client)
    # Then both are the same
    assert _without_metadata(ours) == _without_metadata(botocores)
    assert ours[member] == document[member]


def _without_metadata(response: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in response.items() if name != "ResponseMetadata"}
