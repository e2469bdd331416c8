"""Getting the issuer's key set."""

from __future__ import annotations

import inspect
import socket
import ssl
import tomllib
from collections.abc import Callable
from http.client import BadStatusLine, HTTPException
from pathlib import Path

import pytest

from taskapi.tokens.fetch import USER_AGENT, _reason, fetch
from tests.connection.servers import Behaviour, Server, Visit, serving, tunnelling
from tests.connection.test_deadlines import DRIPS, ends_soon
from tests.support.certificates import Certificates

MOST_BYTES = 262_144

PYPROJECT = Path(__file__).resolve().parents[2] / "pyproject.toml"


def answering(status: str, body: bytes, *headers: str) -> Behaviour:
    """A server that answers one request like this."""
    head = "\r\n".join([f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", *headers, "", ""]).encode()

    def behave(visit: Visit) -> None:
        visit.request()
        visit.sock.sendall(head + body)

    return behave


def trusting(certificates: Certificates) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=certificates.authority)


def fetched(server: Server, certificates: Certificates, path: str = "/jwks.json", timeout: float = 10) -> str:
    return fetch(f"https://{server.address}{path}", tls=trusting(certificates), timeout=timeout)


def test_a_document_and_how_it_is_asked_for(good: Certificates) -> None:
    requests: list[bytes] = []

    def behave(visit: Visit) -> None:
        requests.append(visit.request())
        visit.sock.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n\xc3\xbc")

    with serving(behave, good) as server:
        assert fetched(server, good, "/a/jwks?b=c%20d#e") == "\u00fc"
    assert requests[0].decode().split("\r\n") == [
        "GET /a/jwks?b=c%20d HTTP/1.1",
        f"Host: {server.address}",
        "Accept: application/jwk-set+json, application/json, */*;q=0.1",
        "Accept-Encoding: identity",
        f"User-Agent: {USER_AGENT}",
        "Connection: close",
        "",
        "",
    ]


@pytest.mark.parametrize(("path", "target"), [("", "/"), ("?a=b", "/?a=b"), ("/jwks", "/jwks")])
def test_the_path_of_it(path: str, target: str, good: Certificates) -> None:
    requests: list[bytes] = []

    def behave(visit: Visit) -> None:
        requests.append(visit.request())
        visit.sock.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}")

    with serving(behave, good) as server:
        fetched(server, good, path)
    assert requests[0].startswith(f"GET {target} HTTP/1.1\r\n".encode())


def test_it_says_that_it_speaks_http_1_1() -> None:
    hellos: list[bytes] = []
    with serving(lambda visit: hellos.append(visit.sock.recv(65_536))) as server, pytest.raises(OSError, match="TLS"):
        fetch(f"https://{server.address}", timeout=10)
    assert b"\x08http/1.1" in hellos[0]


def test_the_name_is_the_projects_with_its_version() -> None:
    assert f"task-api/{tomllib.loads(PYPROJECT.read_text('utf-8'))['project']['version']}" == USER_AGENT


@pytest.mark.parametrize("what", DRIPS)
def test_a_document_that_drips_is_too_late(what: str, good: Certificates) -> None:
    with serving(DRIPS[what], good) as server, ends_soon(), pytest.raises(OSError, match=r"^timed out$"):
        fetched(server, good, timeout=0.4)


def test_so_is_a_handshake() -> None:
    with (
        serving(lambda visit: visit.drip(b"\x16\x03\x03\x40\x00" + b"\x02" * 5_000)) as server,
        ends_soon(),
        pytest.raises(OSError, match=r"^timed out$"),
    ):
        fetch(f"https://{server.address}", timeout=0.4)


def test_it_is_waited_for_no_longer_than_is_documented() -> None:
    assert inspect.signature(fetch).parameters["timeout"].default == 1.5


@pytest.mark.parametrize("headers", [(), ("Connection: close",)])
def test_as_large_as_it_may_be(headers: tuple[str, ...], good: Certificates) -> None:
    with serving(answering("200 OK", b"x" * MOST_BYTES, *headers), good) as server:
        assert len(fetched(server, good)) == MOST_BYTES


def test_one_that_is_larger(good: Certificates) -> None:
    with (
        serving(answering("200 OK", b"x" * (MOST_BYTES + 1)), good) as server,
        pytest.raises(OSError, match="too large"),
    ):
        fetched(server, good)


def test_one_that_is_not_utf_8(good: Certificates) -> None:
    with serving(answering("200 OK", b"\xff"), good) as server, pytest.raises(UnicodeDecodeError):
        fetched(server, good)


@pytest.mark.parametrize("status", ["204 No Content", "304 Not Modified", "403 Forbidden", "404 Not Found", "503 X"])
def test_any_other_status_is_the_reason(status: str, good: Certificates) -> None:
    with serving(answering(status, b""), good) as server, pytest.raises(OSError, match=f"^HTTP {status[:3]}$"):
        fetched(server, good)


@pytest.mark.parametrize("code", [301, 302, 303, 307, 308])
@pytest.mark.parametrize("location", ["/other", "https://other.example.com/jwks", "http://169.254.169.254/"])
def test_a_redirect_is_not_followed(code: int, location: str, good: Certificates) -> None:
    with serving(answering(f"{code} Moved", b"{}", f"Location: {location}"), good) as server:
        with pytest.raises(OSError, match=f"^HTTP {code}$"):
            fetched(server, good)
        assert server.visits == 1


@pytest.mark.parametrize(
    "url",
    [
        "http://issuer.example.com/jwks",
        "file:///etc/passwd",
        "ftp://x/y",
        "",
        "HTTPS://x",
        "https://",
        "https:///jwks",
        "https://x/ HTTP/1.1",
        "https://x/a\r\nHost: y",
        "https://x/\u00fc",
        "https://x:port/",
    ],
)
def test_nothing_but_https(url: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011
        fetch(url)


@pytest.mark.parametrize(
    ("reply", "reason"),
    [
        (b"SSH-2.0-secret\r\n", "BadStatusLine"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{}", "IncompleteRead"),
        (b"HTTP/1.1 200 OK\r\nX: " + b"x" * 70_000 + b"\r\n\r\n", "LineTooLong"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nno\r\n", "IncompleteRead"),
        (b"", "Remote end closed connection without response"),
    ],
)
def test_a_reply_that_is_none_has_a_reason_that_quotes_nothing(reply: bytes, reason: str, good: Certificates) -> None:
    def behave(visit: Visit) -> None:
        visit.request()
        visit.sock.sendall(reply)

    with serving(behave, good) as server, pytest.raises(OSError, match=f"^{reason}$"):
        fetched(server, good)


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (TimeoutError("x"), "timed out"),
        (socket.gaierror(-2, "Name or service not known"), "name not resolved"),
        (ConnectionResetError(104, "Connection reset by peer"), "Connection reset by peer"),
        (OSError("no address"), "no address"),
        (HTTPException("the reply is too large"), "the reply is too large"),
        (BadStatusLine("secret"), "BadStatusLine"),
    ],
    ids=lambda value: type(value).__name__,
)
def test_in_a_few_words(error: OSError | HTTPException, reason: str) -> None:
    assert _reason(error) == reason


def test_nobody_there() -> None:
    with serving(Visit.wait) as server:
        pass
    with pytest.raises(OSError, match=r"^Connection refused$"):
        fetch(f"https://{server.address}")


@pytest.mark.parametrize(
    ("host", "days", "reason"),
    [("localhost", 1, "IP address mismatch"), ("127.0.0.1", -1, "certificate has expired")],
)
def test_a_certificate_that_is_not_good(host: str, days: int, reason: str, issue: Callable[..., Certificates]) -> None:
    certificates = issue(host, days)
    with (
        serving(answering("200 OK", b"{}"), certificates) as server,
        pytest.raises(OSError, match=f"^TLS: certificate verify failed: .*{reason}"),
    ):
        fetched(server, certificates)


def test_an_authority_that_the_system_does_not_know(good: Certificates) -> None:
    with (
        serving(answering("200 OK", b"{}"), good) as server,
        pytest.raises(OSError, match=r"^TLS: certificate verify failed"),
    ):
        fetch(f"https://{server.address}", timeout=10)


def test_an_authority_that_it_knows(good: Certificates, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(good.authority))
    with serving(answering("200 OK", b"{}"), good) as server:
        assert fetch(f"https://{server.address}", timeout=10) == "{}"
        with pytest.raises(OSError, match=r"^TLS: certificate verify failed: Hostname mismatch"):
            fetch(f"https://localhost:{server.port}", timeout=10)


def test_no_tls_at_all() -> None:
    with (
        serving(lambda visit: visit.sock.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")) as server,
        pytest.raises(OSError, match=r"^TLS: wrong version number$"),
    ):
        fetch(f"https://{server.address}", timeout=10)


@pytest.mark.parametrize(("name", "host"), [("issuer.example.com", "issuer.example.com"), ("::1", "[::1]")])
def test_through_a_proxy(
    name: str, host: str, issue: Callable[..., Certificates], monkeypatch: pytest.MonkeyPatch
) -> None:
    certificates, got = issue(name), []

    def behave(visit: Visit) -> None:
        got.append(visit.request())
        visit.sock.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}")

    with serving(behave, certificates) as server, tunnelling(server.port) as (proxy, requests):
        monkeypatch.setenv("https_proxy", f"http://{proxy.address}")
        assert fetch(f"https://{host}/jwks", tls=trusting(certificates), timeout=10) == "{}"
    # The proxy is told the port, and the issuer is not told the one that https has anyway
    assert requests == [f"CONNECT {host}:443 HTTP/1.1\r\nHost: {host}:443\r\n\r\n".encode()]
    assert f"\r\nHost: {host}\r\n".encode() in got[0]


@pytest.mark.parametrize(
    ("url", "user", "expected"),
    [
        ("https://[::1]/", "", [b"CONNECT [::1]:443 HTTP/1.1", b"Host: [::1]:443"]),
        (
            "https://issuer.example.com:8443/",
            "user@",
            [
                b"CONNECT issuer.example.com:8443 HTTP/1.1",
                b"Host: issuer.example.com:8443",
                b"Proxy-Authorization: Basic dXNlcjo=",
            ],
        ),
    ],
)
def test_what_a_proxy_is_asked_for(url: str, user: str, expected: list[bytes], monkeypatch: pytest.MonkeyPatch) -> None:
    requests: list[bytes] = []

    def behave(visit: Visit) -> None:
        requests.append(visit.request())
        visit.sock.sendall(b"HTTP/1.1 300 Multiple Choices\r\nContent-Length: 0\r\n\r\n")

    with serving(behave) as proxy:
        monkeypatch.setenv("https_proxy", f"http://{user}{proxy.address}")
        with pytest.raises(OSError, match=r"^proxy: HTTP 300$"):
            fetch(url, timeout=10)
    assert requests[0].split(b"\r\n") == [*expected, b"", b""]


def test_a_proxy_that_refuses(monkeypatch: pytest.MonkeyPatch) -> None:
    with serving(answering("407 Proxy Authentication Required", b"")) as proxy:
        monkeypatch.setenv("https_proxy", f"http://{proxy.address}")
        with pytest.raises(OSError, match=r"^proxy: HTTP 407$"):
            fetch("https://issuer.example.com/jwks", timeout=10)


def test_a_proxy_of_another_kind(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("https_proxy", "socks5://127.0.0.1:1080")
    with pytest.raises(OSError, match=r"^proxy: not an http URL$"):
        fetch("https://issuer.example.com/jwks")
