"""The one DynamoDB table, in the terms that the rest of the package needs."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final, NamedTuple, TypeVar

from taskapi import clock
from taskapi.dynamo.client import DAMAGED
from taskapi.dynamo.failures import ConditionFailed, Conflict, translated_errors
from taskapi.errors import StoreUnavailable

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_dynamodb.type_defs import AttributeValueTypeDef

    from taskapi.dynamo.attributes import Item
    from taskapi.dynamo.expressions import Update

_Response = TypeVar("_Response", bound=Mapping[str, Any])

CONFLICT_ATTEMPTS: Final = 8
LONGEST_PAUSE: Final = 0.4
"""Seconds between two tries that met others at work on the same item."""


class Put(NamedTuple):
    """An item of a transaction, its condition, and the condition's placeholders."""

    item: Item
    condition: str = "attribute_not_exists(pk)"
    arguments: Mapping[str, Any] = MappingProxyType({})


class QueryResult(NamedTuple):
    """One Query's answer: ``last_key`` is None at the end, ``read_units`` are capacity units.

    ``counted`` is how many items there are, also where the query asks for the count alone and ``items`` is empty.
    """

    items: list[Item]
    last_key: Item | None
    read_units: float
    counted: int = 0


class ReadBudget(NamedTuple):
    """What one page of a list may cost before it is returned short, with a cursor.

    Attributes:
        units: Read capacity units (4 KB each, strongly consistent). 256 are 1 MB, the most that one Query reads,
            and keep a page below Lambda's 6 MB response limit, however its JSON is escaped.
        milliseconds: Time after which no further Query is begun.
    """

    units: float = 256
    milliseconds: int = 2_000


class Table:
    """Every method is one round trip, or as many as are asked of it.

    All methods raise:
        StorageFull: a write, and the item collection has reached 10 GB.
        TooManyRequests: throttled through all retries.
        StoreUnavailable: not reached, or failing, through all retries.
    """

    def __init__(
        self,
        client: DynamoDBClient,
        name: str,
        read_budget: ReadBudget = ReadBudget(),  # noqa: B008
        *,
        now_ms: Callable[[], int] = clock.now_ms,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._client = client
        self._name = name
        self.read_budget = read_budget
        self.now_ms = now_ms
        self._sleep = sleep

    def get(self, key: Mapping[str, AttributeValueTypeDef]) -> Item | None:
        """GetItem, strongly consistent."""
        response = self._call(lambda: self._client.get_item(TableName=self._name, Key=key, ConsistentRead=True))
        return response.get("Item")

    def put_new(self, item: Item) -> None:
        """PutItem where there is none of that key; raises ConditionFailed."""
        self._call(
            lambda: self._client.put_item(
                TableName=self._name,
                Item=item,
                ConditionExpression="attribute_not_exists(pk)",
                ReturnValuesOnConditionCheckFailure="ALL_OLD",
            )
        )

    def put_all(self, puts: Sequence[Put]) -> None:
        """TransactWriteItems: all of the items or none; raises TransactionRefused.

        botocore gives the call a ClientRequestToken, so that its own retry of a transaction that was applied though
        the reply was lost is a success and not a refusal ("TransactWriteItems", DynamoDB API Reference).
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
        """UpdateItem; the item as it is afterwards. Raises ConditionFailed."""
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
        """Query, strongly consistent, of a local index or the table (None); ``arguments`` are named as by boto3."""
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
            items=list(response.get("Items", ())),
            last_key=response.get("LastEvaluatedKey") or None,
            read_units=response.get("ConsumedCapacity", {}).get("CapacityUnits", 0.0),
            counted=response.get("Count", 0),
        )

    def query_on(self, index: str | None, limit: int, **arguments: Any) -> Iterator[QueryResult]:
        """One :meth:`query` after another, each from where the last was ended, while the caller goes on."""
        start_key: Item | None = None
        while True:
            result = self.query(index, limit, start_key, **arguments)
            yield result
            start_key = result.last_key
            if start_key is None:
                return

    def pause(self, attempt: int) -> None:
        """Give way to others before attempt number ``attempt``: longer each time, with full jitter."""
        self._sleep(random.uniform(0, min(LONGEST_PAUSE, 0.025 * 2**attempt)))  # noqa: S311

    def _call(self, call: Callable[[], _Response]) -> _Response:
        """Make a call; again while other transactions are in its way."""
        was_resent = False
        for attempt in range(CONFLICT_ATTEMPTS):
            if attempt:
                self.pause(attempt)
            try:
                with translated_errors():
                    response = call()
            except Conflict as conflict:
                last = conflict
                was_resent = was_resent or conflict.was_resent
                continue
            except ConditionFailed as failed:
                failed.was_resent = failed.was_resent or was_resent
                raise
            if DAMAGED in response:
                raise StoreUnavailable
            return response
        raise StoreUnavailable("Other requests keep changing the same items.") from last
