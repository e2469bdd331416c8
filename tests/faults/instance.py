"""The functions as one Lambda instance runs them, over a DynamoDB client that can be disturbed on the wire."""

from __future__ import annotations

import contextvars
import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from botocore.config import Config
from botocore.exceptions import HTTPClientError

from local.template.operations import OPERATIONS
from taskapi import clock
from taskapi.dynamo.client import CLIENT_CONFIG, create_client
from taskapi.dynamo.table import Table
from taskapi.http import Operation
from taskapi.settings import Settings
from tests.engines.engine import TABLE_NAME
from tests.faults.proxy import TAG_HEADER
from tests.support.function_modules import load_operation
from tests.support.proxy_events import FakeContext, proxy_event
from tests.support.tasks import Tasks

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

READ_TIMEOUT: Final = 0.3
"""Seconds that an impatient client waits for a reply; the functions' own wait for 2."""

FUNCTION_SECONDS: Final = 10.0
"""The functions' time-out in template.yaml."""

MOST_TRIES: Final = 3
"""Requests that one call of botocore may take, as CLIENT_CONFIG says; test_proxy.py holds them together."""

_SETTINGS: Final = Settings(environment="dev", table_name=TABLE_NAME, allowed_origins=("*",))
_tag: contextvars.ContextVar[str] = contextvars.ContextVar("tag", default="")


@dataclass(frozen=True)
class Reply:
    """What the frontend gets.

    Attributes:
        headers: As sent.
        document: The decoded body; None when it is empty.
        started, ended: ``time.monotonic()`` around the call.
    """

    status: int
    headers: Mapping[str, str]
    document: Any
    started: float
    ended: float

    @property
    def seconds(self) -> float:
        """How long it took."""
        return self.ended - self.started

    @property
    def shown(self) -> Mapping[str, Any] | None:
        """The task in it, be it a problem's ``current``; None when there is none. Of a list, all of it."""
        shown: Mapping[str, Any] | None = self.document
        return shown.get("current") if self.status >= 400 and shown else shown

    @property
    def code(self) -> str | None:
        """The problem's code, None where the reply is no problem."""
        return self.document["code"] if self.status >= 400 else None


def unchanged_client(endpoint: str) -> DynamoDBClient:
    """A client with the functions' own settings; its requests carry the tag of the operation that sends them."""
    return _tagging_client(endpoint, CLIENT_CONFIG)


def patient_client(endpoint: str, *, connections: int = 10, pauses: bool = True) -> DynamoDBClient:
    """As :func:`unchanged_client`, but waits for as long as an engine may take on a machine that is busy."""
    return impatient_client(endpoint, connections=connections, read_timeout=20.0, pauses=pauses)


def impatient_client(
    endpoint: str, *, connections: int = 10, read_timeout: float = READ_TIMEOUT, pauses: bool = True
) -> DynamoDBClient:
    """As :func:`unchanged_client`, but soon done with waiting.

    Args:
        endpoint: The proxy's.
        connections: To keep open.
        read_timeout: Seconds to wait for a reply, or for a connection.
        pauses: Whether botocore pauses (up to a second) before it tries again after a connection failed or a reply did
            not come in time. The number of tries is the functions' own in any case.
    """
    config = Config(connect_timeout=read_timeout, read_timeout=read_timeout, max_pool_connections=connections)
    client = _tagging_client(endpoint, CLIENT_CONFIG.merge(config))
    if not pauses:
        client.meta.events.register_first("needs-retry.dynamodb", _retry_at_once)  # type: ignore[arg-type]
    return client


def _retry_at_once(attempts: int, caught_exception: Exception | None, **_: Any) -> float | None:
    """The pause in seconds, in the place of botocore's; None leaves the decision to botocore."""
    return 0.0 if isinstance(caught_exception, HTTPClientError) and attempts < MOST_TRIES else None


def _tagging_client(endpoint: str, config: Config) -> DynamoDBClient:
    client = create_client(endpoint, config)

    def add_tag(params: dict[str, Any], **_: Any) -> None:
        if tag := _tag.get():
            params["headers"][TAG_HEADER] = tag

    client.meta.events.register("before-call.dynamodb", add_tag)
    return client


class Instance:
    """One instance of each function, sharing a client."""

    def __init__(
        self,
        client: DynamoDBClient,
        *,
        now_ms: Callable[[], int] = clock.now_ms,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        """Make an instance.

        Args:
            client: One of the above.
            now_ms: The instance's clock, in Unix milliseconds.
            sleep: Waits between tries that met a conflict.
        """
        table = Table(client, TABLE_NAME, now_ms=now_ms, sleep=sleep)
        self.store = Tasks(table)
        self._operations: dict[str, Operation] = {
            name: load_operation(name).over(_SETTINGS, table) for name in OPERATIONS
        }

    def call(self, operation: str, *, tag: str = "", **event: Any) -> Reply:
        """Serve one request.

        Args:
            operation: One of the contract's.
            tag: Carried by every request that this sends to DynamoDB.
            event: For :func:`tests.support.proxy_events.proxy_event`.
        """
        request = proxy_event(operation, **event)
        token = _tag.set(tag)
        started = time.monotonic()
        try:
            answer = self._operations[operation](request, FakeContext())
        finally:
            ended = time.monotonic()
            _tag.reset(token)
        return Reply(
            status=answer["statusCode"],
            headers=answer["headers"],
            document=json.loads(answer["body"]) if answer["body"] else None,
            started=started,
            ended=ended,
        )
