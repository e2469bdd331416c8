"""The DynamoDB client: botocore's, over our connection, within the function's time."""

from __future__ import annotations

import json
import math
import time
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any, Final

import botocore
from botocore.config import Config
from botocore.handlers import BUILTIN_HANDLERS
from botocore.session import Session

from taskapi.dynamo.connection import use_own_connection

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

# Seconds until a connection stands, and until the whole reply is there (taskapi.dynamo.connection). botocore's defaults
# are 60 each; a function has 10.
_CONNECT_TIMEOUT: Final = 1.0
_READ_TIMEOUT: Final = 1.5
CLIENT_CONFIG: Final = Config(
    retries={"mode": "standard", "total_max_attempts": 3},
    connect_timeout=_CONNECT_TIMEOUT,
    read_timeout=_READ_TIMEOUT,
    tcp_keepalive=True,
    # What the client is given is made in this package, of checked types, and DynamoDB checks it anyway.
    parameter_validation=False,
    # botocore would otherwise put its own together anew, twice a request.
    user_agent=f"Botocore/{botocore.__version__} task-api",
)
_LONGEST_BACK_OFF: Final = 2.0
"""Seconds before botocore's third try at most ("Retries", boto3 documentation: 2 to the power of the retry, with
jitter); it begins the pause only after the second try has failed."""
LONGEST_REQUEST: Final = _CONNECT_TIMEOUT + _READ_TIMEOUT + _LONGEST_BACK_OFF
"""Seconds that a request to DynamoDB takes at most, whatever the other side does, with the pause after it."""
DAMAGED: Final = "TaskApiDamaged"
"""Member of a parsed reply that is not what DynamoDB has sent."""


class OutOfTime(Exception):
    """Another request to DynamoDB may not end within the function's time."""


_latest_start: ContextVar[tuple[float, Callable[[], float]]] = ContextVar(
    "latest_start", default=(math.inf, time.monotonic)
)
"""In seconds, and the clock that tells them."""


def create_client(endpoint: str | None = None, config: Config = CLIENT_CONFIG) -> DynamoDBClient:
    """A low-level client (15 to 20 % less CPU a call than the Table resource), of AWS or another engine by its URL."""
    # boto3.client would make the same one of the same class, after it has imported S3's transfer manager.
    session = _session()
    client: Any = session.create_client("dynamodb", endpoint_url=endpoint, config=config)
    client.meta.events.register("before-parse.dynamodb", _read_body)
    client.meta.events.register_first("before-send.dynamodb", _refuse_when_late)
    use_own_connection(client, session)
    made: DynamoDBClient = client
    return made


def _session() -> Session:
    """A session with those of botocore's event handlers that concern DynamoDB, 9 of 127 (docs/performance.md).

    botocore lists them by event and service: ``before-call``, ``before-call.s3.PutObject``.
    """
    ours = [spec for spec in BUILTIN_HANDLERS if _concerns_us(*spec[0].split("."))]
    if any(len(spec) != 2 for spec in ours):  # with a place in the order
        return Session()
    session = Session(include_builtin_handlers=False)
    for event, handler in ours:
        session.register(event, handler)
    return session


def _concerns_us(event: str, service: str = "*", *_: str) -> bool:
    return service in ("*", "dynamodb") and event != "docs"


@contextmanager
def time_limit(seconds: float, monotonic: Callable[[], float] = time.monotonic) -> Iterator[None]:
    """Begin no request to DynamoDB that may not end within so many seconds: a 503 is better than a time-out."""
    # Half the time at least, or a function with little of it would never ask at all.
    token = _latest_start.set((monotonic() + max(seconds - LONGEST_REQUEST, seconds / 2), monotonic))
    try:
        yield
    finally:
        _latest_start.reset(token)


def _refuse_when_late(**_: object) -> None:
    """Raise instead of sending; botocore passes on what a ``before-send`` handler raises, without a retry."""
    latest, monotonic = _latest_start.get()
    if monotonic() > latest:
        raise OutOfTime


def _read_body(response_dict: Any, customized_response_dict: dict[str, Any], **_: object) -> None:
    """Check a reply's body, and decode a success's ("Extensibility guide", boto3 documentation).

    A body that does not match its ``x-amz-crc32`` is marked: botocore takes the last attempt's for what it is, and half
    of a GetItem's would read as "there is no such item". So is a success that is no JSON object.

    botocore's parser makes of a success without binary attributes what ``json.loads`` makes of it, at three times the
    CPU for a page of 50; so it gets an empty one.
    """
    body = response_dict["body"]
    checksum = response_dict["headers"].get("x-amz-crc32")
    if checksum is not None and str(zlib.crc32(body)) != checksum:
        customized_response_dict[DAMAGED] = True
    elif response_dict["status_code"] == 200:
        response_dict["body"] = b"{}"
        try:
            decoded = json.loads(body)
        except (ValueError, RecursionError):
            decoded = None
        if isinstance(decoded, dict):
            customized_response_dict.update(decoded)
        else:
            customized_response_dict[DAMAGED] = True
