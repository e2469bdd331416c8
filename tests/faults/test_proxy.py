"""The proxy itself: what each of its faults looks like to botocore, and what its journal tells."""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest
from botocore.config import Config
from botocore.exceptions import ClientError, ConnectionClosedError, HTTPClientError, ReadTimeoutError

from taskapi.dynamo.client import CLIENT_CONFIG, create_client
from tests.engines.engine import TABLE_NAME, Engine
from tests.faults.fault_plans import ByChance, FirstRequests, Script, evenly
from tests.faults.instance import MOST_TRIES, READ_TIMEOUT, Instance, impatient_client
from tests.faults.proxy import TAG_HEADER, Exchange, Fault, FaultProxy
from tests.faults.upstream import upstream_of

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

KEY: dict[str, Any] = {"pk": {"S": "USER#proxy"}, "sk": {"S": "TASK#1"}}


@pytest.fixture
def client(proxy: FaultProxy, direct_client: DynamoDBClient) -> Iterator[DynamoDBClient]:
    """A client that tries once, whose every request is tagged, and that waits for as long as an engine takes."""
    yield _client_that_tries_once(proxy, read_timeout=20.0)
    direct_client.delete_item(TableName=TABLE_NAME, Key=KEY)


def _client_that_tries_once(proxy: FaultProxy, read_timeout: float) -> DynamoDBClient:
    once = Config(retries={"mode": "standard", "total_max_attempts": 1}, read_timeout=read_timeout)
    client = create_client(proxy.endpoint, CLIENT_CONFIG.merge(once))

    def tag(params: dict[str, Any], **_: Any) -> None:
        params["headers"][TAG_HEADER] = "tagged"

    client.meta.events.register("before-call.dynamodb", tag)
    return client


def _count(client: DynamoDBClient) -> int:
    item = client.get_item(TableName=TABLE_NAME, Key=KEY, ConsistentRead=True).get("Item", {})
    return int(item.get("count", {"N": "0"})["N"])


def _increment(client: DynamoDBClient) -> Any:
    add = {":one": {"N": "1"}}
    return client.update_item(
        TableName=TABLE_NAME,
        Key=KEY,
        UpdateExpression="ADD #count :one",
        ExpressionAttributeNames={"#count": "count"},
        ExpressionAttributeValues=add,
        ReturnValues="ALL_NEW",
    )


ERRORS: dict[Fault, tuple[type[Exception], str]] = {
    Fault.THROUGHPUT_EXCEEDED: (ClientError, "ProvisionedThroughputExceededException"),
    Fault.THROTTLED: (ClientError, "ThrottlingException"),
    Fault.INTERNAL_ERROR: (ClientError, "InternalServerError"),
    Fault.INTERNAL_ERROR_AFTER: (ClientError, "InternalServerError"),
    Fault.UNAVAILABLE: (ClientError, "ServiceUnavailable"),
    Fault.CONFLICT: (ClientError, "TransactionConflictException"),
    Fault.RESET: (HTTPClientError, "onnection"),
    Fault.REPLY_DROPPED: (HTTPClientError, "onnection"),
    Fault.HALF_REPLY: (HTTPClientError, "onnection"),
    Fault.SLOW_REPLY: (ReadTimeoutError, "timeout"),
    Fault.SLOW_REQUEST: (ReadTimeoutError, "timeout"),
}


@pytest.mark.parametrize("fault", ERRORS, ids=lambda fault: fault.name.lower())
def test_a_fault_is_what_its_name_says(
    fault: Fault, proxy: FaultProxy, client: DynamoDBClient, direct_client: DynamoDBClient
) -> None:
    proxy.plan = FirstRequests(fault)
    error, words = ERRORS[fault]
    if error is ReadTimeoutError:
        client = _client_that_tries_once(proxy, READ_TIMEOUT)
    with pytest.raises((error, ConnectionClosedError), match=words):
        _increment(client)
    proxy.settle()

    assert _count(direct_client) == (1 if fault.is_applied else 0)
    (exchange,) = proxy.journal
    assert (exchange.operation, exchange.fault, exchange.was_applied) == ("UpdateItem", fault, fault.is_applied)


def test_a_damaged_reply_has_the_checksum_of_the_whole_one(
    proxy: FaultProxy, client: DynamoDBClient, direct_client: DynamoDBClient
) -> None:
    """botocore takes the last try's reply as it is, and JSON that it can't read for an answer without members."""
    replies: list[tuple[bytes, str]] = []

    def on_reply(response_dict: Any, **_: Any) -> None:
        replies.append((response_dict["body"], response_dict["headers"]["x-amz-crc32"]))

    client.meta.events.register_first("before-parse.dynamodb", on_reply)
    proxy.plan = Script([Fault.DAMAGED_REPLY, None])
    _increment(client)
    _increment(client)

    (spoilt, its_checksum), (whole, checksum) = replies
    assert str(zlib.crc32(spoilt)) != its_checksum
    assert str(zlib.crc32(whole)) == checksum
    assert _count(direct_client) == 2


def test_an_undisturbed_request_is_passed_as_it_is(proxy: FaultProxy, client: DynamoDBClient) -> None:
    answer = _increment(client)

    (exchange,) = proxy.journal
    assert answer["Attributes"] == {**KEY, "count": {"N": "1"}} == exchange.reply["Attributes"]
    assert (exchange.tag, exchange.attempt, exchange.fault, exchange.status) == ("tagged", 0, None, 200)
    assert exchange.request["Key"] == KEY


def test_a_refusal_of_the_engine_is_no_fault(proxy: FaultProxy, client: DynamoDBClient) -> None:
    with pytest.raises(ClientError, match="ConditionalCheckFailed"):
        client.put_item(TableName=TABLE_NAME, Item=KEY, ConditionExpression="attribute_exists(pk)")

    (exchange,) = proxy.journal
    assert (exchange.status, exchange.fault, exchange.was_applied) == (400, None, False)


def test_a_conflicting_transaction_is_cancelled_with_its_reasons(proxy: FaultProxy, client: DynamoDBClient) -> None:
    proxy.plan = FirstRequests(Fault.CONFLICT)
    with pytest.raises(ClientError) as caught:
        client.transact_write_items(TransactItems=[{"Put": {"TableName": TABLE_NAME, "Item": KEY}}] * 2)

    answer: Any = caught.value.response
    assert [reason["Code"] for reason in answer["CancellationReasons"]] == ["None", "TransactionConflict"]


def test_the_functions_client_tries_as_often_as_the_tests_think(engine: Engine, owner: str) -> None:
    with FaultProxy(upstream_of(engine), FirstRequests(Fault.RESET, 100)) as proxy:
        for pauses in (True, False):
            instance = Instance(impatient_client(proxy.endpoint, pauses=pauses))
            instance.call("create_task", tag=f"{pauses}", sub=owner, body={"title": "A"})

            exchanges = proxy.exchanges(f"{pauses}")
            assert len(exchanges) == MOST_TRIES
            assert len({exchange.call for exchange in exchanges}) == 1


def _exchange(tag: str, attempt: int) -> Exchange:
    return Exchange(number=0, tag=tag, operation="GetItem", call="", attempt=attempt, request=None, arrived=0)


def test_chance_depends_on_the_seed_the_tag_and_the_attempt_alone() -> None:
    cases = [(f"operation-{number}", attempt) for number in range(2_000) for attempt in range(3)]
    plans = [ByChance(seed, evenly(0.24)) for seed in (1, 1, 2)]
    first, again, other = ([plan(_exchange(*case)) for case in cases] for plan in plans)
    backwards = [plans[0](_exchange(*case)) for case in reversed(cases)]

    assert first == again == list(reversed(backwards))
    assert first != other
    share = sum(fault is not None for fault in first) / len(cases)
    assert 0.2 < share < 0.28
    assert set(first) == {None, *Fault}
    assert plans[0](_exchange("", 0)) is None


def test_a_journal_is_json_of_what_was_sent(proxy: FaultProxy, client: DynamoDBClient) -> None:
    client.put_item(TableName=TABLE_NAME, Item={**KEY, "text": {"S": "é"}})

    assert json.loads(json.dumps(proxy.journal[0].request))["Item"]["text"] == {"S": "é"}
