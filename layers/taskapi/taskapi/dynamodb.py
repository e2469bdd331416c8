"""The one place that builds a DynamoDB client, and that turns what DynamoDB says into the API's errors."""

from __future__ import annotations

import json
import math
import random
import time
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final, NamedTuple, TypeVar

import botocore
from botocore.config import Config
from botocore.exceptions import (
    ChecksumError,
    ClientError,
    CredentialRetrievalError,
    HTTPClientError,
    IncompleteReadError,
)
from botocore.exceptions import ConnectionError as NoConnection
from botocore.handlers import BUILTIN_HANDLERS
from botocore.parsers import ResponseParserError
from botocore.session import Session

from taskapi.connection import use_own_connection
from taskapi.errors import StorageFull, StoreUnavailable, TooManyRequests

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_dynamodb.type_defs import AttributeValueTypeDef

    from taskapi.expressions import Update
    from taskapi.task import Item

_Response = TypeVar("_Response", bound=Mapping[str, Any])

# Seconds until a connection stands, and until the whole reply is there: in taskapi.connection each is a deadline, and
# no pause between two reads. botocore's defaults are 60 each; a function has 10. See also time_limit.
_CONNECT_TIMEOUT: Final = 1.0
_READ_TIMEOUT: Final = 1.5
CLIENT_CONFIG: Final = Config(
    retries={"mode": "standard", "total_max_attempts": 3},
    connect_timeout=_CONNECT_TIMEOUT,
    read_timeout=_READ_TIMEOUT,
    tcp_keepalive=True,
    # What the client is given is made here and in taskapi.expressions, of checked types, and DynamoDB checks it anyway.
    parameter_validation=False,
    # botocore would otherwise put its own together anew, twice a request.
    user_agent=f"Botocore/{botocore.__version__} task-api",
)
_LONGEST_BACK_OFF: Final = 2.0
"""Seconds that botocore waits at most before its third try ("Retries", boto3 documentation: 2 to the power of the
retry, with jitter); it begins the pause only after the second try has failed."""
LONGEST_REQUEST: Final = _CONNECT_TIMEOUT + _READ_TIMEOUT + _LONGEST_BACK_OFF
"""Seconds that a request to DynamoDB takes at most, whatever the other side does, with the pause after it."""


class OutOfTime(Exception):
    """Another request to DynamoDB may not end within the function's time."""


_latest_start: ContextVar[tuple[float, Callable[[], float]]] = ContextVar(
    "latest_start", default=(math.inf, time.monotonic)
)
"""In seconds, and the clock that tells them."""

# "Error handling with DynamoDB", Amazon DynamoDB Developer Guide; botocore retries them before we see them.
_THROTTLES: Final = frozenset(
    {"ProvisionedThroughputExceededException", "RequestLimitExceeded", "ThrottlingException", "Throttling"}
)
# Another transaction holds an item at this moment. botocore does not retry these; we do, see Table._call.
_CONFLICTS: Final = frozenset({"TransactionConflictException", "TransactionInProgressException"})
_CANCELED_BY_THROTTLE: Final = frozenset({"ProvisionedThroughputExceeded", "ThrottlingError"})
_DAMAGED: Final = "TaskApiDamaged"
CONFLICT_ATTEMPTS: Final = 8
LONGEST_PAUSE: Final = 0.4
"""Seconds between two tries that met others at work on the same item."""
# No connection, no reply in time, half a reply, a damaged one, or no credentials to be had at the moment.
_UNREACHABLE: Final = (
    NoConnection,
    HTTPClientError,
    ResponseParserError,
    IncompleteReadError,
    ChecksumError,
    CredentialRetrievalError,
    OutOfTime,
)


class Put(NamedTuple):
    """One item of a transaction and the condition under which it may be written.

    Attributes:
        condition: A condition expression.
        arguments: Its placeholders, as boto3 names them.
    """

    item: Item
    condition: str = "attribute_not_exists(pk)"
    arguments: Mapping[str, Any] = MappingProxyType({})


class Conflict(Exception):
    """Another transaction is at work on an item of this request.

    Attributes:
        was_resent: As in :class:`ConditionFailed`.
    """

    def __init__(self, *, was_resent: bool) -> None:
        self.was_resent = was_resent


class TransactionRefused(Exception):
    """A condition of a transaction did not hold, and nothing of it was written.

    Attributes:
        items: For each put in order: the item that is there, None where its condition held or there is none.
    """

    def __init__(self, items: Sequence[Item | None]) -> None:
        super().__init__()  # without the items, which would be part of its text otherwise
        self.items = items


class ConditionFailed(Exception):
    """A write's condition did not hold.

    Attributes:
        item: The item as it is, None when there is none (``ReturnValuesOnConditionCheckFailure``).
        was_resent: Whether the request had been sent before, so that it may have been applied then.
    """

    def __init__(self, item: Item | None, *, was_resent: bool = False) -> None:
        super().__init__()  # as above
        self.item = item
        self.was_resent = was_resent


class QueryResult(NamedTuple):
    """One Query call's answer.

    Attributes:
        items: In the index's order.
        last_key: Where to go on; None at the end of the partition.
        read_units: Read capacity units that the call consumed.
    """

    items: list[Item]
    last_key: Item | None
    read_units: float


def create_client(endpoint: str | None = None, config: Config = CLIENT_CONFIG) -> DynamoDBClient:
    """A low-level client (15 to 20 % less CPU a call than the Table resource), over a connection of our own.

    Args:
        endpoint: URL of another engine, None for AWS in the region of the environment.
        config: Time-outs and retries.
    """
    # boto3.client would make the same one of the same class, after it has imported S3's transfer manager.
    session = _session()
    client: Any = session.create_client("dynamodb", endpoint_url=endpoint, config=config)
    client.meta.events.register("before-parse.dynamodb", _read_body)
    client.meta.events.register_first("before-send.dynamodb", _refuse_when_late)
    use_own_connection(client, session)
    made: DynamoDBClient = client
    return made


def _session() -> Session:
    """A session with those of botocore's own event handlers that concern DynamoDB, which are fewer than one in ten.

    To register the others, for S3 and the like, and to copy them for the client, takes a twentieth of a function's
    initialisation. botocore lists them by event and service: ``before-call``, ``before-call.s3.PutObject``.
    """
    ours = [spec for spec in BUILTIN_HANDLERS if _concerns_us(*spec[0].split("."))]
    if any(len(spec) != 2 for spec in ours):  # one that wants a place of its own in the order
        return Session()
    session = Session(include_builtin_handlers=False)
    for event, handler in ours:
        session.register(event, handler)
    return session


def _concerns_us(event: str, service: str = "*", *_: str) -> bool:
    return service in ("*", "dynamodb") and event != "docs"


@contextmanager
def time_limit(seconds: float, monotonic: Callable[[], float] = time.monotonic) -> Iterator[None]:
    """Begin no request to DynamoDB, retries included, that may not end within so many seconds from now.

    So the caller gets our 503, which says when to try again, and not the gateway's 504 after Lambda ended the function.

    Args:
        seconds: From now.
        monotonic: The clock, in seconds.
    """
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
    """Check a reply's body, and decode it where it is a success's.

    Damage: where the body is not the one that its ``x-amz-crc32`` was made for, mark it. botocore retries on it, but
    takes the last attempt's reply for what it is: half of a GetItem's would read as "there is no such item". So would a
    success that is no JSON object, and is not DynamoDB's: botocore takes what it can't read for a message.

    Decoding: what botocore's parser makes of a success is what ``json.loads`` makes of it, as long as no attribute is
    binary, and none of ours is; but it walks through the model for each value, which takes two thirds of the CPU time
    of a page of 50 tasks. So the body is decoded here, and the parser is left with an empty one. Whatever is no success
    goes to the parser as it came, and so does everything should botocore stop calling this.

    The event is one that botocore documents for the purpose ("Extensibility guide", boto3 documentation).
    """
    body = response_dict["body"]
    checksum = response_dict["headers"].get("x-amz-crc32")
    if checksum is not None and str(zlib.crc32(body)) != checksum:
        customized_response_dict[_DAMAGED] = True
    elif response_dict["status_code"] == 200:
        response_dict["body"] = b"{}"
        try:
            decoded = json.loads(body)
        except (ValueError, RecursionError):
            decoded = None
        if isinstance(decoded, dict):
            customized_response_dict.update(decoded)
        else:
            customized_response_dict[_DAMAGED] = True


class Table:
    """One DynamoDB table, in the terms that the store needs. Every method is one round trip.

    Raises (all methods):
        StorageFull: a write, and the item collection has reached 10 GB.
        TooManyRequests: throttled through all retries.
        StoreUnavailable: not reached, or failing, through all retries.
    """

    def __init__(self, client: DynamoDBClient, name: str, *, sleep: Callable[[float], None] = time.sleep) -> None:
        """Make a table.

        Args:
            client: See :func:`create_client`.
            name: The table's name.
            sleep: Waits so many seconds between tries that met a conflict.
        """
        self._client = client
        self._name = name
        self._sleep = sleep

    def get(self, key: Mapping[str, AttributeValueTypeDef]) -> Item | None:
        """GetItem, strongly consistent."""
        response = self._call(lambda: self._client.get_item(TableName=self._name, Key=key, ConsistentRead=True))
        return response.get("Item")

    def put_new(self, item: Item) -> None:
        """PutItem where there is none of that key.

        Raises:
            ConditionFailed: there is one.
        """
        self._call(
            lambda: self._client.put_item(
                TableName=self._name,
                Item=item,
                ConditionExpression="attribute_not_exists(pk)",
                ReturnValuesOnConditionCheckFailure="ALL_OLD",
            )
        )

    def put_all(self, puts: Sequence[Put]) -> None:
        """TransactWriteItems: all of the items or none.

        botocore gives the call a ClientRequestToken, so that its own retry of a transaction that was applied though
        the reply was lost is a success and not a refusal ("TransactWriteItems", DynamoDB API Reference).

        Raises:
            TransactionRefused: a condition did not hold.
        """
        items: Any = [
            {
                "Put": {
                    "TableName": self._name,
                    "Item": put.item,
                    "ConditionExpression": put.condition,
                    "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
                    **put.arguments,
                }
            }
            for put in puts
        ]
        self._call(lambda: self._client.transact_write_items(TransactItems=items))

    def update(self, key: Mapping[str, AttributeValueTypeDef], update: Update) -> Item:
        """UpdateItem; the item as it is afterwards.

        Raises:
            ConditionFailed: the update's condition did not hold.
        """
        response = self._call(
            lambda: self._client.update_item(
                TableName=self._name,
                Key=key,
                ReturnValues="ALL_NEW",
                ReturnValuesOnConditionCheckFailure="ALL_OLD",
                **update.as_arguments(),
            )
        )
        return response["Attributes"]

    def query(self, index: str | None, limit: int, start_key: Item | None, **arguments: Any) -> QueryResult:
        """Query of the table or a local index, strongly consistent.

        Args:
            index: None for the table.
            limit: Items to read at most.
            start_key: The key to go on after.
            arguments: Key condition, placeholders and direction, as boto3 names them.
        """
        if index is not None:
            arguments["IndexName"] = index
        if start_key is not None:
            arguments["ExclusiveStartKey"] = start_key
        response = self._call(
            lambda: self._client.query(
                TableName=self._name,
                Limit=limit,
                ConsistentRead=True,
                ReturnConsumedCapacity="TOTAL",
                **arguments,
            )
        )
        return QueryResult(
            items=list(response["Items"]),
            last_key=response.get("LastEvaluatedKey") or None,
            read_units=response.get("ConsumedCapacity", {}).get("CapacityUnits", 0.0),
        )

    def pause(self, attempt: int) -> None:
        """Give way to others before attempt number ``attempt``: longer each time, with full jitter."""
        self._sleep(random.uniform(0, min(LONGEST_PAUSE, 0.025 * 2**attempt)))  # noqa: S311

    def _call(self, call: Callable[[], _Response]) -> _Response:
        """Make a call; again while other transactions are in its way, with full jitter between tries."""
        was_resent = False
        for attempt in range(CONFLICT_ATTEMPTS):
            if attempt:
                self.pause(attempt)
            try:
                with _translated_errors():
                    response = call()
            except Conflict as conflict:
                last = conflict
                was_resent = was_resent or conflict.was_resent
                continue
            except ConditionFailed as failed:
                failed.was_resent = failed.was_resent or was_resent
                raise
            if _DAMAGED in response:
                raise StoreUnavailable
            return response
        raise StoreUnavailable("Other requests keep changing the same items.") from last


@contextmanager
def _translated_errors() -> Iterator[None]:
    """Answers of DynamoDB that another try may cure become StoreErrors.

    The rest (a missing permission or table, an expression that we built wrongly) is a fault of ours and passes through,
    to be logged and answered as a 500.
    """
    try:
        yield
    except ClientError as error:
        # Any: botocore parses the returned items as any other, but the type stubs don't know of them.
        answer: Any = error.response
        code = answer["Error"]["Code"]
        was_resent = answer["ResponseMetadata"].get("RetryAttempts", 0) > 0
        if _DAMAGED in answer:
            raise StoreUnavailable from error
        if code == "ConditionalCheckFailedException":
            raise ConditionFailed(answer.get("Item"), was_resent=was_resent) from None
        if code == "ItemCollectionSizeLimitExceededException":
            raise StorageFull from None
        if code == "TransactionCanceledException":
            _raise_cancellation(answer["CancellationReasons"], error, was_resent=was_resent)
        if code in _CONFLICTS:
            raise Conflict(was_resent=was_resent) from error
        if code in _THROTTLES:
            raise TooManyRequests from error
        # A bare number is botocore's code for an error whose body it could not read: damaged, or not DynamoDB's.
        if answer["ResponseMetadata"]["HTTPStatusCode"] >= 500 or code.isdigit():
            raise StoreUnavailable from error
        raise
    except _UNREACHABLE as error:
        raise StoreUnavailable from error


def _raise_cancellation(reasons: Sequence[Mapping[str, Any]], error: ClientError, *, was_resent: bool) -> None:
    """A refusal, a full partition, a conflict or a throttle, in this order: what is final before what may pass."""
    codes = {reason["Code"] for reason in reasons}
    if "ConditionalCheckFailed" in codes:
        raise TransactionRefused([reason.get("Item") for reason in reasons]) from None
    if "ItemCollectionSizeLimitExceeded" in codes:
        raise StorageFull from None
    if "TransactionConflict" in codes:
        raise Conflict(was_resent=was_resent) from error
    if codes & _CANCELED_BY_THROTTLE:
        raise TooManyRequests from error
