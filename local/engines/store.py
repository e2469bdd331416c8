"""The DynamoDB that local functions talk to: moto inside this process, or any engine by its URL."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from botocore.utils import is_valid_endpoint_url

from local.errors import LocalError

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

# CloudFormation's property names are CreateTable's parameter names, those here at least.
_CREATE_TABLE = (
    "AttributeDefinitions",
    "KeySchema",
    "BillingMode",
    "ProvisionedThroughput",
    "LocalSecondaryIndexes",
    "GlobalSecondaryIndexes",
)


@contextlib.contextmanager
def embedded_dynamodb() -> Iterator[None]:
    """Put moto's DynamoDB in the place of AWS's, for every client made inside; nothing leaves the process.

    It is for one request at a time: its conditional writes are not atomic across threads.
    """
    from moto import mock_aws  # noqa: PLC0415  # slow to import, and not needed with another engine

    with mock_aws():
        yield


def create_client(endpoint: str | None) -> DynamoDBClient:
    """A client that gives up soon: a local engine answers at once or is not there.

    Raises:
        LocalError: the endpoint is no URL.
    """
    if endpoint is not None:
        _check_url(endpoint)
    config = Config(connect_timeout=2, read_timeout=10, retries={"total_max_attempts": 1})
    return boto3.client("dynamodb", endpoint_url=endpoint, config=config)


def _check_url(endpoint: str) -> None:
    try:
        parts = urlsplit(endpoint)
        is_url = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
        if is_url and is_valid_endpoint_url(endpoint):
            return
    except ValueError:  # a port or an address in brackets that is none
        pass
    raise LocalError(f"DYNAMODB_ENDPOINT must be a URL such as http://127.0.0.1:8000, not {endpoint!r}")


def ensure_table(client: DynamoDBClient, name: str, properties: Mapping[str, Any]) -> bool:
    """Create the template's table unless it is there.

    Returns:
        Whether it was created.

    Raises:
        LocalError: the engine is not reachable, or refuses.
    """
    arguments: dict[str, Any] = {key: properties[key] for key in _CREATE_TABLE if key in properties}
    try:
        if _exists(client, name):
            return False
        client.create_table(TableName=name, **arguments)
        client.get_waiter("table_exists").wait(TableName=name, WaiterConfig={"Delay": 1, "MaxAttempts": 30})
    except (BotoCoreError, ClientError) as error:
        raise LocalError(f"no table in {client.meta.endpoint_url}: {error}") from error
    _set_time_to_live(client, name, properties.get("TimeToLiveSpecification"))
    return True


def _exists(client: DynamoDBClient, name: str) -> bool:
    try:
        client.describe_table(TableName=name)
    except client.exceptions.ResourceNotFoundException:
        return False
    return True


def _set_time_to_live(client: DynamoDBClient, name: str, specification: Any) -> None:
    if specification:
        # Not every engine has it, and none needs it: the API compares the time itself (TTL deletes late on AWS too).
        with contextlib.suppress(ClientError):
            client.update_time_to_live(TableName=name, TimeToLiveSpecification=specification)
