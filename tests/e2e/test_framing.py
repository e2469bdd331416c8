"""Requests whose framing can be read in more than one way (RFC 9112), over a socket and by themselves."""

from __future__ import annotations

import http.client
import io
import json
import time

import pytest

from local.gateway.access_log import without_secrets
from local.gateway.framing import fault
from local.gateway.server import _unfolded
from tests.e2e.serving import ISSUER, RunningApi, status_of

UNCLEAR = [
    (b"", "Host"),
    (b"Host: a\r\nHost: a\r\n", "Host"),
    (b"Host: a\r\nhost: b\r\n", "Host"),
    (b"Host: a b\r\n", "Host"),
    (b"Host: a/b\r\n", "Host"),
    (b"Host: user@a\r\n", "Host"),
    (b"Host: \xfe\r\n", "Host"),
    (b"Host: a:b\r\n", "Host"),
    (b"Host: x\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n", "both"),
    (b"Host: x\r\nTransfer-Encoding: chunked\r\nContent-Length: 0\r\n", "both"),
    (b"Host: x\r\nContent-Length: 2\r\nContent-Length: 3\r\n", "several"),
    (b"Host: x\r\nContent-Length: 2, 3\r\n", "several"),
    (b"Host: x\r\nContent-Length: 2\r\nContent-Length: 02\r\n", "several"),
    (b"Host: x\r\nContent-Length: two\r\n", "number"),
    (b"Host: x\r\nContent-Length: -2\r\n", "number"),
    (b"Host: x\r\nContent-Length: +2\r\n", "number"),
    (b"Host: x\r\nContent-Length: 0x2\r\n", "number"),
    (b"Host: x\r\nContent-Length: 2_0\r\n", "number"),
    (b"Host: x\r\nContent-Length: \xb2\r\n", "number"),
    (b"Host: x\r\nContent-Length:\r\n", "number"),
    (b"Host: x\r\nContent-Length: 2,\r\n", "number"),
    (b"Host: x\r\nContent-Length: " + b"9" * 5_000 + b"\r\n", "number"),
    (b"Host: x\r\nTransfer-Encoding: gzip\r\n", "other than chunked"),
    (b"Host: x\r\nTransfer-Encoding: gzip, chunked\r\n", "other than chunked"),
    (b"Host: x\r\nTransfer-Encoding: chunked, chunked\r\n", "other than chunked"),
    (b"Host: x\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n", "other than chunked"),
    (b"Host: x\r\nTransfer-Encoding: identity\r\n", "other than chunked"),
    (b"Host: x\r\nTransfer-Encoding:\r\n", "other than chunked"),
    (b"Host: x\r\nTransfer-Encoding: \x0bchunked\r\n", "other than chunked"),
    (b"Host : x\r\nHost: x\r\n", "no field"),
    (b" Host: x\r\nHost: x\r\n", "no field"),
    (b"Host: x\r\nno colon\r\n", "no field"),
    (b"Host: x\r\n: nameless\r\n", "no field"),
]
CLEAR = [
    b"Host: x\r\n",
    b"host: \t x \t\r\n",
    b"Host:\r\n",
    b"Host: localhost:3000\r\n",
    b"Host: [::1]:3000\r\n",
    b"Host: x\r\nContent-Length: 2\r\nContent-Length: 2\r\n",
    b"Host: x\r\nContent-Length: 2, 2\r\n",
    b"Host: x\r\nTransfer-Encoding: Chunked\r\n",
    b"Host: x\r\nContent-Type: multipart/form-data\r\n",
    b"Host: x\r\nX: a\r\n b\r\n",
]


def read(fields: bytes) -> http.client.HTTPMessage:
    """The header section of these lines."""
    return http.client.parse_headers(io.BytesIO(fields + b"\r\n"))


@pytest.mark.parametrize(("fields", "words"), UNCLEAR)
def test_what_is_unclear_is_told(fields: bytes, words: str) -> None:
    assert words in (fault("HTTP/1.1", read(fields)) or "")


@pytest.mark.parametrize("fields", CLEAR)
def test_what_is_clear_passes(fields: bytes) -> None:
    assert fault("HTTP/1.1", read(fields)) is None


def test_http_1_0_has_no_host_and_no_transfer_coding() -> None:
    assert fault("HTTP/1.0", read(b"")) is None
    assert fault("HTTP/1.0", read(b"Host: a\r\nHost: b\r\n")) is not None
    assert fault("HTTP/1.0", read(b"Transfer-Encoding: chunked\r\n")) is not None


# One of each kind: that all that is served asks `fault`.
@pytest.mark.parametrize(("fields", "words"), {words: (fields, words) for fields, words in UNCLEAR}.values())
@pytest.mark.parametrize("target", ["POST /users/me/tasks", "GET /app/", "POST /dev/token"])
def test_an_unclear_request_is_a_bad_one_for_all_that_is_served(
    api: RunningApi, target: str, fields: bytes, words: str
) -> None:
    response = api.raw(target.encode() + b" HTTP/1.1\r\n" + fields + b"\r\n")

    assert status_of(response) == 400
    document = json.loads(response.rpartition(b"\r\n\r\n")[2])
    assert (document["code"], document["instance"]) == ("bad_request", target.split()[1])


def test_a_length_that_is_repeated_counts_once(api: RunningApi) -> None:
    # Given a body of which the length is told twice
    body = b'{"user": "alice"}'
    length = f"{len(body)}, {len(body)}".encode()
    fields = b"Host: localhost\r\nContent-Type: application/json\r\nContent-Length: " + length + b"\r\n\r\n"

    # When it is sent, then it is read
    assert status_of(api.raw(b"POST /dev/token HTTP/1.1\r\n" + fields + body)) == 200


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("a", "a"),
        ("\t a b \t", "a b"),
        ("a\r\n b", "a b"),
        ("a \r\n \r\n\t b", "a b"),
        ("a\r\n \r\n", "a"),
        ("voil\xc3\xa0", "voil\xc3\xa0"),  # à in UTF-8 ends with a byte that is a space in Latin-1
    ],
)
def test_a_value_is_one_line(value: str, expected: str) -> None:
    assert _unfolded(value) == expected


TOKEN = ISSUER.token("alice")
NAMES = [
    *(b"Accept", b"Authorization", b"Content-Encoding", b"Content-Type", b"Cookie", b"Expect", b"Host"),
    *(b"Idempotency-Key", b"If-Match", b"If-None-Match", b"Origin", b"X", b"X-Correlation-Id", b"X-Forwarded-For"),
]
HOSTILE = [
    b"a" + b" " * 60_000 + b"b",
    b"a" + b"\t " * 30_000 + b"b",
    b" " * 60_000,
    b"eyJ" * 20_000,
    b"token" * 12_000,
    b"/" * 60_000,
    b"%" * 60_000,
    b"%25" * 20_000,
    b"a," * 30_000,
    b'"' * 60_000,
    b"\\" * 60_000,
    b"=" * 60_000,
    b"a=b&" * 15_000,
    b"." * 60_000,
    b"[" * 60_000,
    b";q=" * 20_000,
    b"\xa0" * 60_000,
]


@pytest.mark.parametrize("value", HOSTILE, ids=[repr(value[:5]) for value in HOSTILE])
@pytest.mark.parametrize("route", ["GET /", "POST /users/me/tasks", "POST /dev/token"])
def test_no_header_takes_long(api: RunningApi, route: str, value: bytes) -> None:
    sent = {b"Host": b"localhost", b"Authorization": f"Bearer {TOKEN}".encode(), b"Content-Type": b"application/json"}

    for name in NAMES:
        started = time.process_time()
        fields = b"".join(key + b": " + text + b"\r\n" for key, text in (sent | {name: value}).items())
        api.raw(route.encode() + b" HTTP/1.1\r\n" + fields + b"\r\n")

        assert time.process_time() - started < 3, name


@pytest.mark.parametrize("value", HOSTILE, ids=[repr(value[:5]) for value in HOSTILE])
@pytest.mark.parametrize("prefix", [b"/", b"/app/", b"/users/me/tasks?", b"/users/me/tasks/"])
def test_no_target_takes_long(api: RunningApi, prefix: bytes, value: bytes) -> None:
    target = prefix + value.replace(b" ", b"+").replace(b"\t", b"+").replace(b"\xa0", b"+")

    started = time.process_time()
    api.raw(b"GET " + target + f" HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {TOKEN}\r\n\r\n".encode())

    assert time.process_time() - started < 3


@pytest.mark.parametrize("value", HOSTILE, ids=[repr(value[:5]) for value in HOSTILE])
def test_no_line_of_the_log_takes_long(value: bytes) -> None:
    started = time.process_time()
    without_secrets("/?a=" + value.decode("latin-1"))

    assert time.process_time() - started < 1
