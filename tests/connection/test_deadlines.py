"""A remote call ends in time, whatever the other side does, and its reply is never another's."""

from __future__ import annotations

import contextlib
import io
import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest
from botocore.config import Config
from botocore.exceptions import ConnectionClosedError, ConnectTimeoutError, ReadTimeoutError, SSLError

from taskapi.dynamo.client import create_client
from taskapi.tokens.secret import fetch_secret
from tests.connection.servers import Behaviour, Visit, serving, tunnelling
from tests.support.certificates import Certificates

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

SOON = 4.0
"""Seconds: well above the time-outs below, for a busy machine, and well below that for which servers drip."""
KEY: Any = {"pk": {"S": "USER#alice"}, "sk": {"S": "TASK#1"}}
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/x-amz-json-1.0\r\n"


def client_of(url: str, *, connect: float = 10.0, reply: float = 10.0) -> DynamoDBClient:
    """A client that tries once."""
    retries: Any = {"mode": "standard", "total_max_attempts": 1}
    return create_client(url, Config(retries=retries, connect_timeout=connect, read_timeout=reply))


def get(client: DynamoDBClient, user: str = "alice") -> Any:
    key: Any = {"pk": {"S": f"USER#{user}"}, "sk": {"S": "TASK#1"}}
    return client.get_item(TableName="tasks", Key=key).get("Item")


def whole_reply(document: object, *headers: str) -> bytes:
    """An HTTP response."""
    body = json.dumps(document).encode()
    return HEAD + "\r\n".join([*headers, f"Content-Length: {len(body)}", "", ""]).encode() + body


def reply_for(request: bytes) -> bytes:
    """What was asked for."""
    return whole_reply({"Item": json.loads(request.partition(b"\r\n\r\n")[2])["Key"]})


def after_the_request(begun: bytes, then: bytes, piece: int = 1) -> Behaviour:
    """A server that reads a request, begins a reply, and never comes to its end."""

    def behave(visit: Visit) -> None:
        visit.request()
        visit.sock.sendall(begun)
        visit.drip(then, piece=piece)

    return behave


DRIPS = {
    "the status line": after_the_request(b"", b"HTTP/1.1 200 OK" + b"!" * 500),
    "a header": after_the_request(HEAD + b"X-Long: ", b"a"),
    "headers": after_the_request(HEAD, b"A: b\r\n"),
    "the body": after_the_request(HEAD + b"Content-Length: 5000\r\n\r\n", b" "),
    "the body up to the end": after_the_request(HEAD + b"Connection: close\r\n\r\n", b" "),
    "a chunk's size": after_the_request(HEAD + b"Transfer-Encoding: chunked\r\n\r\n1;", b"a"),
    "chunks": after_the_request(HEAD + b"Transfer-Encoding: chunked\r\n\r\n", b"1\r\n \r\n"),
    "trailers": after_the_request(HEAD + b"Transfer-Encoding: chunked\r\n\r\n0\r\n", b"A: b\r\n"),
    "that it goes on": after_the_request(b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
    "that it goes on, quickly": after_the_request(b"", b"HTTP/1.1 100 Continue\r\n\r\n" * 400, piece=10_000),
    "hints": after_the_request(b"", b"HTTP/1.1 103 Early Hints\r\n\r\n"),
    "nothing": Visit.wait,
}


@contextmanager
def ends_soon() -> Iterator[None]:
    started = time.monotonic()
    yield
    assert time.monotonic() - started < SOON


@pytest.fixture(params=["tcp", "tls"])
def certificates(request: pytest.FixtureRequest, good: Certificates, monkeypatch: pytest.MonkeyPatch) -> Any:
    """None without TLS; with it, what the server has and the client trusts."""
    if request.param == "tcp":
        return None
    monkeypatch.setenv("AWS_CA_BUNDLE", str(good.authority))
    return good


def url_of(address: str, certificates: Certificates | None) -> str:
    return f"http://{address}" if certificates is None else f"https://{address}"


@pytest.mark.parametrize("what", DRIPS)
def test_a_reply_that_drips_is_too_late(what: str, certificates: Certificates | None) -> None:
    # Given a server that sends a little at a time, each within the time-out
    with serving(DRIPS[what], certificates) as server:
        client = client_of(url_of(server.address, certificates), reply=0.3)
        # When DynamoDB is asked, then that is over after the time for a whole reply
        with ends_soon(), pytest.raises(ReadTimeoutError):
            get(client)


@pytest.mark.parametrize("reads", [Visit.sip, Visit.wait], ids=["a little", "nothing"])
def test_a_request_that_is_not_taken_is_too_late(
    reads: Callable[[Visit], None], certificates: Certificates | None
) -> None:
    large: Any = {**KEY, "title": {"S": "x" * 32_000_000}}
    with serving(reads, certificates) as server:
        client = client_of(url_of(server.address, certificates), reply=1.0)
        with ends_soon(), pytest.raises(ReadTimeoutError):
            client.put_item(TableName="tasks", Item=large)


def test_a_handshake_that_drips_is_too_late() -> None:
    # Given a server that begins a record of TLS's largest size
    with serving(lambda visit: visit.drip(b"\x16\x03\x03\x40\x00" + b"\x02" * 5_000)) as server:
        client = client_of(f"https://{server.address}", connect=0.3)
        with ends_soon(), pytest.raises(ConnectTimeoutError):
            get(client)


@pytest.mark.parametrize("reply", [b"HTTP/1.1 200 OK" + b"!" * 500, b"HTTP/1.1 100 Continue\r\n\r\n"])
def test_a_proxy_that_drips_is_too_late(reply: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    with serving(after_the_request(b"", reply)) as proxy:
        monkeypatch.setenv("https_proxy", f"http://{proxy.address}")
        client = client_of("https://dynamodb.example.com", connect=0.3)
        with ends_soon(), pytest.raises(ConnectTimeoutError):
            get(client)


def test_the_time_for_a_reply_is_not_that_for_a_connection(good: Certificates) -> None:
    # Given a server that takes connections and says nothing, when it is asked, then each time-out has its own turn
    with serving(lambda visit: visit.wait()) as server:
        with ends_soon(), pytest.raises(ReadTimeoutError):
            get(client_of(f"http://{server.address}", connect=10, reply=0.2))
        with ends_soon(), pytest.raises(ConnectTimeoutError):
            get(client_of(f"https://{server.address}", connect=0.2, reply=10))


def test_every_request_has_all_the_time(certificates: Certificates | None) -> None:
    # Given replies that each take more than half of the time
    def behave(visit: Visit) -> None:
        while request := visit.request():
            time.sleep(0.6)
            visit.sock.sendall(reply_for(request))

    with serving(behave, certificates) as server:
        client = client_of(url_of(server.address, certificates), reply=1.0)
        # When there are several over one connection, then none is late
        assert [get(client) for _ in range(3)] == [KEY] * 3
        assert server.visits == 1


@pytest.mark.parametrize("when", ["before the next request", "after it"])
@pytest.mark.parametrize("begun", [0, 20], ids=["nothing came", "a part came"])
def test_a_late_reply_is_nobody_elses(when: str, begun: int, certificates: Certificates | None) -> None:
    # Given a server that answers on a connection, and alice on the same one too late: before the next request, or after
    sent, asked = threading.Event(), threading.Event()
    first: list[Visit] = []
    late: list[bytes] = []

    def behave(visit: Visit) -> None:
        while request := visit.request():
            if b"USER#alice" in request:
                first.append(visit)
                reply = reply_for(request)
                visit.sock.sendall(reply[:begun])
                late.append(reply[begun:])
                if when == "before the next request":
                    asked.wait(5)
                    with contextlib.suppress(OSError):
                        visit.sock.sendall(late.pop())
                    sent.set()
                continue
            if late:
                with contextlib.suppress(OSError):  # the client has left it
                    first[0].sock.sendall(late.pop())
            visit.sock.sendall(reply_for(request))

    with serving(behave, certificates) as server:
        client = client_of(url_of(server.address, certificates), reply=0.6)
        get(client, "carol")
        with pytest.raises(ReadTimeoutError):
            get(client, "alice")
        asked.set()
        assert when == "after it" or sent.wait(5)
        # When bob asks next, then he gets his own
        assert get(client, "bob")["pk"] == {"S": "USER#bob"}
        assert server.visits == 2


def padded(reply: bytes, size: int) -> bytes:
    """A reply with as much white space at its end as makes it so large in all."""
    head, _, body = reply.partition(b"\r\n\r\n")
    head = head.partition(b"Content-Length")[0]
    rest = size - len(head) - len(b"Content-Length: 0000000\r\n\r\n")
    return head + b"Content-Length: %07d\r\n\r\n" % rest + body.ljust(rest)


EVES = whole_reply({"Item": {"pk": {"S": "USER#eve"}}})
UNASKED: dict[str, Callable[[bytes], bytes]] = {
    "with the reply": lambda reply: reply + EVES,
    "after an interim one": lambda reply: b"HTTP/1.1 103 Early Hints\r\n\r\n" + reply,
    # Of one record of TLS, which is decrypted whole: here the reader has taken the reply, and not what follows
    "behind as much as is read at once": lambda reply: padded(reply, io.DEFAULT_BUFFER_SIZE) + EVES,
    "after a reply of no length": lambda reply: (
        reply.replace(b"Content-Length", b"X-Length")
        .replace(HEAD, HEAD + b"Transfer-Encoding: chunked\r\n")
        .replace(b"\r\n\r\n", b"\r\n\r\n%x\r\n" % len(reply.partition(b"\r\n\r\n")[2]))
        + b"\r\n0\r\n\r\n"
        + EVES
    ),
}


@pytest.mark.parametrize("what", UNASKED)
def test_what_nobody_asked_for_answers_nothing(what: str, certificates: Certificates | None) -> None:
    # Given a server that sends more than the reply, in one piece with it
    def behave(visit: Visit) -> None:
        while request := visit.request():
            reply = reply_for(request)
            visit.sock.sendall(UNASKED[what](reply) if visit.number == 0 else reply)

    with serving(behave, certificates) as server:
        client = client_of(url_of(server.address, certificates))
        # When there are several requests, then each gets its own reply
        for user in ("alice", "bob", "carol"):
            assert get(client, user)["pk"] == {"S": f"USER#{user}"}
        assert server.visits == (1 if what == "after an interim one" else 2)


def test_a_connection_that_the_server_means_to_close_is_not_used_again(certificates: Certificates | None) -> None:
    # Given a server that says so with each reply, and does not do it yet
    def behave(visit: Visit) -> None:
        while request := visit.request():
            visit.sock.sendall(reply_for(request).replace(HEAD, HEAD + b"Connection: close\r\n"))

    with serving(behave, certificates) as server:
        client = client_of(url_of(server.address, certificates))
        assert [get(client) for _ in range(3)] == [KEY] * 3
        assert server.visits == 3


@pytest.mark.parametrize(
    "reply",
    [
        HEAD + b"Content-Length: 1000000000000\r\n\r\n",
        HEAD + b"Transfer-Encoding: chunked\r\n\r\nffffffffff\r\n" + b" " * 17 * 1024 * 1024,
        HEAD + b"Connection: close\r\n\r\n" + b" " * 17 * 1024 * 1024,
    ],
    ids=["by its length", "by a chunk", "up to its end"],
)
def test_a_reply_that_is_too_large_is_not_read_to_its_end(reply: bytes) -> None:
    with serving(after_the_request(reply, b" ")) as server:
        client = client_of(f"http://{server.address}", reply=10)
        with pytest.raises(ConnectionClosedError) as raised:
            get(client)
    assert "too large" in str(raised.value.__cause__)


@pytest.mark.parametrize("surplus", [0, 1])
def test_nor_one_of_a_byte_more_than_16_mib(surplus: int) -> None:
    # Given a reply of just as much as is read, with white space at its end, or of a byte more
    body = json.dumps({"Item": KEY}).encode().ljust(16_777_216 + surplus)
    head = HEAD + b"Content-Length: %d\r\n\r\n" % len(body)
    with serving(after_the_request(head + body, b"")) as server:
        client = client_of(f"http://{server.address}", reply=10)
        if surplus:
            with pytest.raises(ConnectionClosedError):
                get(client)
        else:
            assert get(client) == KEY


def test_through_a_tunnel_the_name_that_is_checked_is_the_endpoints(
    issue: Callable[..., Certificates], monkeypatch: pytest.MonkeyPatch
) -> None:
    # Given a proxy, and behind it what has the certificate of a name that only the proxy can find
    certificates = issue("dynamodb.example.com")
    monkeypatch.setenv("AWS_CA_BUNDLE", str(certificates.authority))
    with (
        serving(lambda visit: visit.sock.sendall(reply_for(visit.request())), certificates) as server,
        tunnelling(server.port) as (proxy, requests),
    ):
        monkeypatch.setenv("https_proxy", f"http://user:p%40ss@{proxy.address}")
        # When the name is asked for, then it is reached, by its own port; another name is refused
        assert get(client_of("https://dynamodb.example.com")) == KEY
        with pytest.raises(SSLError, match="Hostname mismatch"):
            get(client_of("https://other.example.com"))
    assert [request.split(b"\r\n")[0] for request in requests] == [
        b"CONNECT dynamodb.example.com:443 HTTP/1.1",
        b"CONNECT other.example.com:443 HTTP/1.1",
    ]
    assert b"Proxy-Authorization: Basic dXNlcjpwQHNz\r\n" in requests[0]
    assert b"USER#alice" not in b"".join(requests)


@pytest.mark.parametrize("what", ["the body", "nothing"])
def test_secrets_manager_is_waited_for_no_longer(what: str, monkeypatch: pytest.MonkeyPatch) -> None:
    # Given a Secrets Manager whose reply does not end
    with serving(DRIPS[what]) as server:
        monkeypatch.setenv("AWS_ENDPOINT_URL_SECRETS_MANAGER", f"http://{server.address}")
        # When the secret is fetched, then that is an outage after the time for one reply
        with ends_soon(), pytest.raises(OSError, match="ReadTimeoutError"):
            fetch_secret("arn:aws:secretsmanager:eu-central-1:123456789012:secret:jwt-AbCdEf", "AWSCURRENT")
        assert server.visits == 1
