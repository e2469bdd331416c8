"""Whom the connection trusts, and where it goes."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

import pytest
from botocore.exceptions import SSLError

from taskapi.dynamo.client import create_client
from taskapi.dynamo.connection import Connection
from taskapi.exchange import Deadline, address_of, open_socket
from taskapi.http.operation import _composition
from tests.connection.servers import Visit, serving
from tests.connection.test_deadlines import KEY, client_of, get, reply_for
from tests.support.certificates import Certificates

Issue = Callable[..., Certificates]


def ask(host: str, certificates: Certificates, monkeypatch: pytest.MonkeyPatch, trusted: Certificates | None) -> Any:
    """Ask a server that has some certificates; with the requests that it got, it must be trusted."""
    requests: list[bytes] = []

    def behave(visit: Visit) -> None:
        while request := visit.request():
            requests.append(request)
            visit.sock.sendall(reply_for(request))

    if trusted is not None:
        monkeypatch.setenv("AWS_CA_BUNDLE", str(trusted.authority))
    with serving(behave, certificates) as server:
        try:
            return get(client_of(f"https://{host}:{server.port}"))
        except SSLError:
            assert requests == []
            raise


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_a_certificate_of_the_operators_own_authority(host: str, issue: Issue, monkeypatch: pytest.MonkeyPatch) -> None:
    certificates = issue(host)
    assert ask(host, certificates, monkeypatch, trusted=certificates) == KEY


def test_an_authority_that_nobody_named(good: Certificates, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AWS_CA_BUNDLE", raising=False)
    with pytest.raises(SSLError, match="unable to get local issuer certificate"):
        ask("127.0.0.1", good, monkeypatch, trusted=None)


def test_another_authority_than_the_one_that_was_named(
    good: Certificates, issue: Issue, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(SSLError, match="certificate verify failed"):
        ask("127.0.0.1", good, monkeypatch, trusted=issue("localhost"))


def test_a_certificate_for_another_name(issue: Issue, monkeypatch: pytest.MonkeyPatch) -> None:
    certificates = issue("localhost")
    with pytest.raises(SSLError, match="IP address mismatch"):
        ask("127.0.0.1", certificates, monkeypatch, trusted=certificates)


def test_a_certificate_that_has_ended(issue: Issue, monkeypatch: pytest.MonkeyPatch) -> None:
    certificates = issue(days=-1)
    with pytest.raises(SSLError, match="certificate has expired"):
        ask("127.0.0.1", certificates, monkeypatch, trusted=certificates)


@pytest.mark.parametrize(
    ("url", "address"),
    [
        ("https://dynamodb.eu-central-1.amazonaws.com", ("dynamodb.eu-central-1.amazonaws.com", 443)),
        ("http://engine.example.com/", ("engine.example.com", 80)),
        ("http://127.0.0.1:8000", ("127.0.0.1", 8000)),
        ("https://[::1]:8443/path", ("::1", 8443)),
    ],
)
def test_the_port_is_the_urls_or_its_schemes(url: str, address: tuple[str, int]) -> None:
    assert address_of(urlsplit(url)) == address


def test_a_connection_sends_at_once_and_is_kept_alive() -> None:
    with serving(Visit.wait) as server:
        url = urlsplit(f"http://{server.address}")
        with open_socket(url, ssl.create_default_context(), Deadline(5)) as sock:
            assert sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
            assert sock.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE)


@pytest.mark.parametrize("endpoint", ["", "http://127.0.0.1:8000"])
def test_the_functions_send_over_it(endpoint: str, monkeypatch: pytest.MonkeyPatch) -> None:
    # Given the environment of a function, when it is put together, then its requests go over our connection
    monkeypatch.setenv("DYNAMODB_ENDPOINT", endpoint)
    _, table = _composition.__wrapped__()
    client: Any = table._client
    assert isinstance(client._endpoint.http_session, Connection)


@pytest.mark.parametrize(
    ("endpoint", "variable", "proxy", "is_ours"),
    [
        ("https://dynamodb.example.com", "https_proxy", "http://127.0.0.1:3128", True),
        ("https://dynamodb.example.com", "https_proxy", "127.0.0.1:3128", True),
        ("https://dynamodb.example.com", "https_proxy", "https://127.0.0.1:3128", False),
        ("http://engine.example.com", "http_proxy", "http://127.0.0.1:3128", False),
        ("https://dynamodb.example.com", "http_proxy", "https://127.0.0.1:3128", True),
    ],
)
def test_what_is_left_to_botocores_session(
    endpoint: str, variable: str, proxy: str, is_ours: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(variable, proxy)
    client: Any = create_client(endpoint)
    assert isinstance(client._endpoint.http_session, Connection) is is_ours


def test_no_proxy_is_heeded(good: Certificates, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("https_proxy", "http://127.0.0.1:9")
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    assert ask("127.0.0.1", good, monkeypatch, trusted=good) == KEY
