"""The one place that builds a DynamoDB client, and that turns what DynamoDB says into the API's errors."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import boto3
from botocore.config import Config
from botocore.exceptions import (
    ChecksumError,
    ClientError,
    CredentialRetrievalError,
    HTTPClientError,
    IncompleteReadError,
)
from botocore.exceptions import ConnectionError as NoConnection
from botocore.parsers import ResponseParserError

from taskapi.errors import StoreUnavailable, TooManyRequests

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_dynamodb.type_defs import AttributeValueTypeDef

    from taskapi.expressions import Update
    from taskapi.task import Item

# Three attempts of at most 1 s + 2 s, and the back-off between them, end within the function's 10 s, so that the
# caller gets our 503 and not the gateway's 504. botocore's defaults are 60 s each.
CLIENT_CONFIG: Final = Config(
    retries={"mode": "standard", "total_max_attempts": 3},
    connect_timeout=1,
    read_timeout=2,
    tcp_keepalive=True,
)

# "Error handling with DynamoDB", Amazon DynamoDB Developer Guide; botocore retries them before we see them.
_THROTTLES: Final = frozenset(
    {"ProvisionedThroughputExceededException", "RequestLimitExceeded", "ThrottlingException", "Throttling"}
)
_CONFLICTS: Final = frozenset({"TransactionConflictException", "TransactionInProgressException"})
# No connection, no reply in time, half a reply, a damaged one, or no credentials to be had at the moment.
_UNREACHABLE: Final = (
    NoConnection,
    HTTPClientError,
    ResponseParserError,
    IncompleteReadError,
    ChecksumError,
    CredentialRetrievalError,
)


class ConditionFailed(Exception):
    """A write's condition did not hold.

    Attributes:
        item: The item as it is, None when there is none (``ReturnValuesOnConditionCheckFailure``).
    """

    def __init__(self, item: Item | None) -> None:
        super().__init__("the condition did not hold")
        self.item = item


@dataclass(frozen=True, slots=True)
class QueryResult:
    """One Query call's answer.

    Attributes:
        items: In the index's order.
        last_key: Where to go on; None at the end of the partition.
        read_units: Read capacity units that the call consumed.
    """

    items: list[Item]
    last_key: Item | None
    read_units: float


def create_client(endpoint: str | None = None) -> DynamoDBClient:
    """A low-level client (15 to 20 % less CPU a call than the Table resource).

    Args:
        endpoint: URL of another engine, None for AWS in the region of the environment.
    """
    return boto3.client("dynamodb", endpoint_url=endpoint, config=CLIENT_CONFIG)


class Table:
    """One DynamoDB table, in the terms that the store needs. Every method is one round trip.

    Raises (all methods):
        TooManyRequests: throttled through all retries.
        StoreUnavailable: not reached, or failing, through all retries.
    """

    def __init__(self, client: DynamoDBClient, name: str) -> None:
        self._client = client
        self._name = name

    def get(self, key: Mapping[str, AttributeValueTypeDef]) -> Item | None:
        """GetItem, strongly consistent."""
        with _translated_errors():
            return self._client.get_item(TableName=self._name, Key=key, ConsistentRead=True).get("Item")

    def put_new(self, item: Item) -> None:
        """PutItem where there is none of that key.

        Raises:
            ConditionFailed: there is one.
        """
        with _translated_errors():
            self._client.put_item(
                TableName=self._name,
                Item=item,
                ConditionExpression="attribute_not_exists(pk)",
                ReturnValuesOnConditionCheckFailure="ALL_OLD",
            )

    def update(self, key: Mapping[str, AttributeValueTypeDef], update: Update) -> Item:
        """UpdateItem; the item as it is afterwards.

        Raises:
            ConditionFailed: the update's condition did not hold.
        """
        with _translated_errors():
            response = self._client.update_item(
                TableName=self._name,
                Key=key,
                ReturnValues="ALL_NEW",
                ReturnValuesOnConditionCheckFailure="ALL_OLD",
                **update.as_arguments(),
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
        with _translated_errors():
            response = self._client.query(
                TableName=self._name,
                Limit=limit,
                ConsistentRead=True,
                ReturnConsumedCapacity="TOTAL",
                **arguments,
            )
        return QueryResult(
            items=list(response["Items"]),
            last_key=response.get("LastEvaluatedKey"),
            read_units=response.get("ConsumedCapacity", {}).get("CapacityUnits", 0.0),
        )


@contextmanager
def _translated_errors() -> Iterator[None]:
    """Answers of DynamoDB that another try may cure become StoreErrors; the rest (a missing permission or table, an
    expression that we built wrongly) is a fault of ours and passes through, to be logged and answered as a 500."""
    try:
        yield
    except ClientError as error:
        code = error.response["Error"]["Code"]
        if code == "ConditionalCheckFailedException":
            item: Any = error.response.get("Item")  # botocore parses it as any other item, but the stubs don't know it
            raise ConditionFailed(item) from None
        if code in _THROTTLES:
            raise TooManyRequests from error
        if code in _CONFLICTS or error.response["ResponseMetadata"]["HTTPStatusCode"] >= 500:
            raise StoreUnavailable from error
        raise
    except _UNREACHABLE as error:
        raise StoreUnavailable from error
