"""The local gateway over real HTTP, with the API's functions or with others in their place."""

from __future__ import annotations

import contextlib
import functools
import re
import socket
import ssl
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, cast
from urllib.parse import quote

import httpx

from local.functions.in_process import FunctionRaised, Functions
from local.gateway.request import GatewayRequest
from local.gateway.server import BufferingMiddleware, Server
from local.gateway.service import Gateway
from local.identity.development_tokens import DevelopmentIssuer
from local.listener import listen
from local.paths import TEMPLATE
from local.settings import LocalSettings
from local.template.loading import Template, load_template
from tests.conformance.response_validator import ResponseValidator
from tests.support.signing_keys import signing_key

ALLOWED_ORIGIN = "https://app.example.com"
OTHER_ALLOWED_ORIGIN = "http://localhost:5173"
SETTINGS = LocalSettings(port=0, allowed_origins=f"{ALLOWED_ORIGIN},{OTHER_ALLOWED_ORIGIN}")
ISSUER = DevelopmentIssuer(signing_key("Ed25519", "local").private)


# httpx reads the machine's certificates for each client otherwise, which takes longer than most tests.
_NO_TLS = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


def http_client(url: str, headers: Mapping[str, str]) -> httpx.Client:
    """A client that sends these headers with each request."""
    return httpx.Client(base_url=url, headers=dict(headers), trust_env=False, timeout=20, verify=_NO_TLS)


@functools.cache
def template() -> Template:
    """The real one; reading it takes a while."""
    return load_template(TEMPLATE, SETTINGS.parameters(ISSUER.jwks))


@dataclass
class Served:
    """Requests that a server has told of: method, path, status."""

    requests: list[tuple[str, str, int]] = field(default_factory=list)

    def __call__(self, request: GatewayRequest, status: int, _milliseconds: float) -> None:
        self.requests.append((request.method, request.path, status))


@contextlib.contextmanager
def running(server: Server) -> Iterator[None]:
    """Serve in a thread."""
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        thread.join(timeout=10)


Function = Callable[[dict[str, Any]], Any]


class OtherFunctions:
    """Functions of a test in the place of the template's; an authorizer among them lets everyone in by default."""

    def __init__(self, function: Function, authorizer: Function | None = None) -> None:
        self.function = function
        self.authorizer = authorizer or allow
        self.events: list[dict[str, Any]] = []
        self.authorizer_events: list[dict[str, Any]] = []

    def invoke(self, logical_id: str, event: Mapping[str, Any]) -> Any:
        events, function = self.events, self.function
        if logical_id == "AuthorizerFunction":
            events, function = self.authorizer_events, self.authorizer
        events.append(dict(event))
        try:
            return function(dict(event))
        except Exception as error:
            raise FunctionRaised(error) from error


def policy(effect: str, event: Mapping[str, Any], **context: Any) -> dict[str, Any]:
    """An authorizer's answer for the whole stage."""
    statement = {
        "Action": "execute-api:Invoke",
        "Effect": effect,
        "Resource": "/".join(event["methodArn"].split("/")[:2]) + "/*",
    }
    document = {"Version": "2012-10-17", "Statement": [statement]}
    return {"principalId": "someone", "policyDocument": document, "context": context}


def allow(event: Mapping[str, Any]) -> dict[str, Any]:
    """The answer of an authorizer that knows alice in everyone."""
    return policy("Allow", event, sub="alice")


@contextlib.contextmanager
def serving(functions: OtherFunctions) -> Iterator[httpx.Client]:
    """The gateway over a test's own functions, with a token that passes the ValidationExpression."""
    gateway = Gateway(template(), cast("Functions", functions))
    with listen(0) as listener:
        server = Server(listener, BufferingMiddleware(gateway, concurrent=False, on_served=Served()))
        headers = {"Authorization": "Bearer a.b.c"}
        with running(server), http_client(server.url, headers) as client:
            yield client


@dataclass(frozen=True)
class Caller:
    """A user with a client.

    Attributes:
        user: Their ``sub``.
        http: Sends their token with each request.
    """

    user: str
    http: httpx.Client

    def path(self, *segments: str, user: str = "me") -> str:
        """The path of the tasks, or of what is below them, by unencoded segments."""
        return "/" + "/".join(quote(segment, safe="") for segment in ("users", user, "tasks", *segments))

    def create(self, **members: Any) -> dict[str, Any]:
        """A new task."""
        response = self.http.post(self.path(), json={"title": "Pay rent", **members})
        assert response.status_code == 201, response.text
        return cast("dict[str, Any]", response.json())


class LocalValidator(ResponseValidator):
    """Holds what a local run answers against the document; its pages and tokens are beside the API and not in it.

    What the tokens' path refuses is refused as the document says of ``create_task``, which takes a body, too.
    """

    _PAGES = re.compile(r"/+(?:$|app$|app/|docs$|docs/)")
    _TOKENS = re.compile(r"/+dev/token/*$")

    def check(self, method: str, path: str, status: int, headers: Iterable[tuple[str, str]], body: bytes) -> None:
        """Validate a response."""
        is_token = self._TOKENS.match(path) and method == "POST"
        if status < 400 and (is_token or self._PAGES.match(path)):
            return
        if is_token:
            path = "/users/me/tasks"
        super().check(method, path, status, headers, body)


@dataclass(frozen=True)
class RunningApi:
    """The whole API on a port of this machine.

    Attributes:
        url: Without a slash at the end.
        served: What it was asked.
    """

    url: str
    served: Served

    def client(self, token: str | None = None, **headers: str) -> httpx.Client:
        """An HTTP client, with a bearer token if given; each response must be as docs/openapi.yaml says."""
        if token is not None:
            headers["Authorization"] = f"Bearer {token}"
        client = http_client(self.url, headers)
        client.event_hooks = {"response": [LocalValidator().on_response]}
        return client

    @contextlib.contextmanager
    def caller(self, user: str) -> Iterator[Caller]:
        """A user of the API."""
        with self.client(ISSUER.token(user)) as http:
            yield Caller(user, http)

    def connection(self) -> socket.socket:
        """A TCP connection."""
        host, _, port = self.url.removeprefix("http://").partition(":")
        return socket.create_connection((host, int(port)), timeout=10)

    def raw(self, request: bytes) -> bytes:
        """What comes back for bytes that an HTTP client would not send; empty when hung up on.

        As docs/openapi.yaml says, too, if the bytes are a request.
        """
        with self.connection() as connection:
            connection.sendall(request)
            connection.shutdown(socket.SHUT_WR)
            received = b""
            while part := connection.recv(65536):
                received += part
        LocalValidator().check_raw(request, received)
        return received


def status_of(response: bytes) -> int:
    """The status code of a raw response, an interim one skipped."""
    while response.startswith(b"HTTP/1.1 100"):
        response = response.partition(b"\r\n\r\n")[2]
    return int(response.split(b" ", 2)[1])
