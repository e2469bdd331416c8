"""What each engine can and can't do is as tests/engines says, so that no test is left out for a reason that is gone."""

from __future__ import annotations

import contextlib
import socket
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest
from botocore.exceptions import ClientError

from taskapi.dynamo.attributes import partition
from taskapi.dynamo.entity import Key
from taskapi.errors import PreconditionFailed
from taskapi.preconditions import EntityTags, Precondition
from taskapi.tasks.task import Task, TaskContent
from tests.contract.ticking_clock import START_MS
from tests.engines.engine import TABLE_NAME, Capability, Engine
from tests.engines.items import task_item, write_all
from tests.support.tasks import Tasks, task_key

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


def query(client: DynamoDBClient, owner: str, **arguments: Any) -> Any:
    return client.query(
        TableName=TABLE_NAME,
        KeyConditionExpression=arguments.pop("condition", "pk = :pk"),
        ExpressionAttributeValues={":pk": {"S": partition(owner)}, **arguments.pop("values", {})},
        **arguments,
    )


def is_refused(call: Callable[[], object]) -> bool:
    try:
        call()
    except ClientError as error:
        return error.response["Error"]["Code"] == "ValidationException"
    return False


def refuses_ranges_the_wrong_way_round(client: DynamoDBClient, owner: str) -> bool:
    arguments: dict[str, Any] = {
        "condition": "pk = :pk AND open_due BETWEEN :low AND :high",
        "values": {":low": {"S": "2"}, ":high": {"S": "1"}},
        "IndexName": "open-by-due",
    }
    return is_refused(lambda: query(client, owner, **arguments))


def refuses_start_keys_outside_of_the_range(client: DynamoDBClient, owner: str) -> bool:
    start = {**task_key(owner, "01939f6e-8c1b-7a30-9c9e-2f6f1f0a7b11").as_item(), "open_due": {"S": "3"}}
    arguments: dict[str, Any] = {
        "condition": "pk = :pk AND open_due BETWEEN :low AND :high",
        "values": {":low": {"S": "1"}, ":high": {"S": "2"}},
        "IndexName": "open-by-due",
        "ExclusiveStartKey": start,
    }
    return is_refused(lambda: query(client, owner, **arguments))


def honours_transaction_tokens(client: DynamoDBClient, owner: str) -> bool:
    put: Any = {"TableName": TABLE_NAME, "Item": task_item(owner, START_MS)}
    put["ConditionExpression"] = "attribute_not_exists(pk)"
    client.transact_write_items(TransactItems=[{"Put": put}], ClientRequestToken="the-same-token")
    try:
        client.transact_write_items(TransactItems=[{"Put": put}], ClientRequestToken="the-same-token")
    except client.exceptions.TransactionCanceledException:
        return False
    return True


def reports_capacity_by_size(client: DynamoDBClient, owner: str) -> bool:
    write_all(client, [task_item(owner, START_MS + number, description="x" * 4_000) for number in range(10)])
    consumed = [
        query(client, owner, Limit=limit, ConsistentRead=True, ReturnConsumedCapacity="TOTAL")["ConsumedCapacity"]
        for limit in (1, 10)
    ]
    units = [capacity["CapacityUnits"] for capacity in consumed]
    return bool(units[1] > 5 * units[0])


# The others are properties of how an engine is built: a probe may see one hold, but not that it always does.
PROBES: dict[Capability, Callable[[DynamoDBClient, str], bool]] = {
    Capability.KEY_CONDITIONS: refuses_ranges_the_wrong_way_round,
    Capability.START_KEY_BOUNDS: refuses_start_keys_outside_of_the_range,
    Capability.TRANSACTION_TOKENS: honours_transaction_tokens,
    Capability.CAPACITY: reports_capacity_by_size,
}


@pytest.mark.parametrize("capability", PROBES, ids=lambda capability: capability.name)
def test_a_capability_is_there_or_its_lack_is_named(
    engine: Engine, client: DynamoDBClient, owner: str, capability: Capability
) -> None:
    assert PROBES[capability](client, owner) == (capability not in engine.lacks)


@pytest.mark.requires(Capability.ATOMIC_WRITES)
def test_of_many_writers_with_one_entity_tag_exactly_one_wins(store: Tasks, key: Key) -> None:
    for round_number in range(5):
        etag = store.replace(key, TaskContent(title="Contested"))[0].etag
        condition = Precondition(match=EntityTags(etags=(etag,)))

        def attempt(number: int, condition: Precondition = condition) -> Task | None:
            with contextlib.suppress(PreconditionFailed):
                return store.update(key, {"title": f"Writer {number}"}, condition)
            return None

        with ThreadPoolExecutor(16) as pool:
            winners = [task for task in pool.map(attempt, range(16)) if task is not None]
        assert winners == [store.get(key)], f"round {round_number}"


@pytest.mark.allow_hosts(["127.0.0.1", "127.0.0.2"])
def test_an_engine_of_its_own_process_listens_on_the_loopback_address_only(engine: Engine) -> None:
    if engine.endpoint is None:
        assert engine.client().meta.endpoint_url.startswith("https://dynamodb."), "it answers in this process"
        return
    address = urlsplit(engine.endpoint)
    assert address.hostname == "127.0.0.1"
    # Whoever listens on every address of the machine also listens on this one.
    with socket.socket() as connection:
        connection.settimeout(2)
        assert connection.connect_ex(("127.0.0.2", address.port or 0)) != 0
