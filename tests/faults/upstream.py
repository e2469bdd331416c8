"""Where the proxy passes requests on to: an engine behind a URL, or moto in this process."""

from __future__ import annotations

import http.client
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar, Final, Protocol
from urllib.parse import urlsplit

from tests.engines.engine import Engine

_IDLE_SECONDS: Final = 5.0
"""Engines close connections that idle for long; one about to be closed must not be mistaken for a fault."""


@dataclass(frozen=True)
class Answer:
    """An HTTP answer in DynamoDB's wire format."""

    status: int
    body: bytes


class Upstream(Protocol):
    """Passes requests to an engine."""

    def send(self, body: bytes, headers: Mapping[str, str]) -> Answer:
        """Send one request; blocks until its answer is there."""

    def close(self) -> None:
        """Give back what is held open."""


class HttpUpstream:
    """An engine behind a URL, over connections that are kept open."""

    def __init__(self, endpoint: str) -> None:
        address = urlsplit(endpoint)
        self._host, self._port = address.hostname or "", address.port
        self._idle: list[tuple[float, http.client.HTTPConnection]] = []
        self._lock = threading.Lock()

    def send(self, body: bytes, headers: Mapping[str, str]) -> Answer:
        connection = self._take()
        try:
            connection.request("POST", "/", body, dict(headers))
            response = connection.getresponse()
            answer = Answer(response.status, response.read())
        except BaseException:
            connection.close()
            raise
        if response.will_close:
            connection.close()
        else:
            with self._lock:
                self._idle.append((time.monotonic(), connection))
        return answer

    def close(self) -> None:
        with self._lock:
            for _, connection in self._idle:
                connection.close()
            self._idle.clear()

    def _take(self) -> http.client.HTTPConnection:
        with self._lock:
            while self._idle:
                since, connection = self._idle.pop()
                if time.monotonic() - since < _IDLE_SECONDS:
                    return connection
                connection.close()
        return http.client.HTTPConnection(self._host, self._port, timeout=30)


class MotoUpstream:
    """moto as it is active in this process; one request at a time, since its writes are not atomic across threads."""

    _lock: ClassVar = threading.Lock()

    def __init__(self) -> None:
        import requests  # type: ignore[import-untyped,unused-ignore]  # noqa: PLC0415  # moto answers it in the place of AWS

        self._session = requests.Session()
        self._session.trust_env = False

    def send(self, body: bytes, headers: Mapping[str, str]) -> Answer:
        with self._lock:
            url = "https://dynamodb.eu-central-1.amazonaws.com/"
            response = self._session.post(url, data=body, headers=dict(headers))
            return Answer(response.status_code, response.content)

    def close(self) -> None:
        self._session.close()


def upstream_of(engine: Engine) -> Upstream:
    """The way to an engine."""
    return MotoUpstream() if engine.endpoint is None else HttpUpstream(engine.endpoint)
