"""The table: what is asked of DynamoDB, and what its answers become."""

from __future__ import annotations

import io
import json
import random
import zlib
from collections.abc import Callable, Iterator
from typing import Any

import botocore
import botocore.handlers
import pytest
from botocore.awsrequest import AWSResponse, HeadersDict
from botocore.config import Config
from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    ConnectionClosedError,
    ConnectTimeoutError,
    CredentialRetrievalError,
    EndpointConnectionError,
    IncompleteReadError,
    NoCredentialsError,
    ParamValidationError,
    ReadTimeoutError,
)
from botocore.parsers import ResponseParserError
from botocore.session import Session

from taskapi.dynamo import client
from taskapi.dynamo.client import CLIENT_CONFIG, create_client, time_limit
from taskapi.dynamo.expressions import Update
from taskapi.dynamo.failures import ConditionFailed, TransactionRefused
from taskapi.dynamo.table import Put, QueryResult, Table
from taskapi.errors import StorageFull, StoreUnavailable, TooManyRequests
from tests.support import tasks
from tests.support.fixed_clocks import FixedMonotonic, RecordingSleep
from tests.support.proxy_events import OWNER, TASK_ID
from tests.support.recording_dynamodb import (
    RecordingDynamoDB,
    client_error,
    condition_failed,
    transaction_canceled,
)
from tests.support.tasks import task_key

KEY = task_key(OWNER, TASK_ID).as_item()
ITEM = tasks.item_of(tasks.task())
URL = "https://dynamodb.eu-central-1.amazonaws.com"


def an_update() -> Update:
    """Some update."""
    update = Update()
    update.set("title", "x")
    return update


CALLS = {
    "get_item": lambda table: table.get(KEY),
    "put_item": lambda table: table.put_new(ITEM),
    "transact_write_items": lambda table: table.put_all([Put(ITEM)]),
    "update_item": lambda table: table.update(KEY, an_update()),
    "query": lambda table: table.query(None, 10, None),
}
"""Each method of Table, by the DynamoDB operation that it is."""


def table_of(dynamodb: RecordingDynamoDB, sleep: RecordingSleep | None = None) -> Table:
    """A table over a recording client."""
    return Table(dynamodb.client, "tasks", sleep=sleep or RecordingSleep())


@pytest.mark.parametrize(
    "refusal", [ConditionFailed({"title": {"S": "x"}}), TransactionRefused([{"title": {"S": "x"}}])]
)
def test_what_a_refusal_brings_back_is_not_in_its_text(refusal: Exception) -> None:
    assert (str(refusal), refusal.args) == ("", ())


class TestRequests:
    """What is sent."""

    def test_get_is_strongly_consistent(self) -> None:
        dynamodb = RecordingDynamoDB({"Item": ITEM})
        assert table_of(dynamodb).get(KEY) == ITEM
        assert dynamodb.calls == [("get_item", {"TableName": "tasks", "Key": KEY, "ConsistentRead": True})]

    def test_get_of_nothing(self) -> None:
        assert table_of(RecordingDynamoDB({})).get(KEY) is None

    def test_put_new_never_overwrites(self) -> None:
        dynamodb = RecordingDynamoDB({})
        table_of(dynamodb).put_new(ITEM)
        [(_, arguments)] = dynamodb.calls
        assert arguments == {
            "TableName": "tasks",
            "Item": ITEM,
            "ConditionExpression": "attribute_not_exists(pk)",
            "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
        }

    def test_put_all_is_one_transaction(self) -> None:
        dynamodb = RecordingDynamoDB({})
        values = {"ExpressionAttributeValues": {":now": {"N": "1"}}}
        table_of(dynamodb).put_all([Put(ITEM), Put(KEY, "expires_at <= :now", values)])
        [(name, arguments)] = dynamodb.calls
        assert name == "transact_write_items"
        assert arguments["TransactItems"] == [
            {
                "Put": {
                    "TableName": "tasks",
                    "Item": ITEM,
                    "ConditionExpression": "attribute_not_exists(pk)",
                    "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
                }
            },
            {
                "Put": {
                    "TableName": "tasks",
                    "Item": KEY,
                    "ConditionExpression": "expires_at <= :now",
                    "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
                    **values,
                }
            },
        ]

    def test_update_asks_for_the_item_either_way(self) -> None:
        dynamodb = RecordingDynamoDB({"Attributes": ITEM})
        assert table_of(dynamodb).update(KEY, an_update()) == ITEM
        [(_, arguments)] = dynamodb.calls
        assert arguments == {
            "TableName": "tasks",
            "Key": KEY,
            "ReturnValues": "ALL_NEW",
            "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
            **an_update().as_arguments(),
        }

    def test_query_of_the_table(self) -> None:
        dynamodb = RecordingDynamoDB({"Items": [ITEM], "ConsumedCapacity": {"CapacityUnits": 1.5}})
        result = table_of(dynamodb).query(None, 10, None, KeyConditionExpression="k", ScanIndexForward=True)
        assert result == QueryResult([ITEM], None, 1.5)
        [(_, arguments)] = dynamodb.calls
        assert arguments == {
            "TableName": "tasks",
            "Limit": 10,
            "ConsistentRead": True,
            "ReturnConsumedCapacity": "TOTAL",
            "KeyConditionExpression": "k",
            "ScanIndexForward": True,
        }

    def test_query_of_an_index_from_a_key_on(self) -> None:
        dynamodb = RecordingDynamoDB({"Items": [], "LastEvaluatedKey": KEY})
        assert table_of(dynamodb).query("by-updated", 10, KEY) == QueryResult([], KEY, 0.0)
        [(_, arguments)] = dynamodb.calls
        assert (arguments["IndexName"], arguments["ExclusiveStartKey"]) == ("by-updated", KEY)
        assert arguments["ConsistentRead"] is True

    def test_an_empty_key_to_go_on_after_is_the_end(self) -> None:
        dynamodb = RecordingDynamoDB({"Items": [ITEM], "LastEvaluatedKey": {}})
        assert table_of(dynamodb).query(None, 10, None).last_key is None


class TestErrors:
    """What a call that fails becomes."""

    @pytest.mark.parametrize("name", CALLS)
    @pytest.mark.parametrize(
        "code",
        [
            "ProvisionedThroughputExceededException",
            "RequestLimitExceeded",
            "ThrottlingException",
            "Throttling",
        ],
    )
    def test_a_throttle(self, name: str, code: str) -> None:
        dynamodb = RecordingDynamoDB(client_error(code))
        with pytest.raises(TooManyRequests):
            CALLS[name](table_of(dynamodb))
        assert dynamodb.names == [name]

    @pytest.mark.parametrize("name", CALLS)
    @pytest.mark.parametrize(
        "error",
        [
            client_error("InternalServerError", 500),
            client_error("ServiceUnavailable", 503),
            client_error("anything", 504),
            EndpointConnectionError(endpoint_url=URL),
            ConnectTimeoutError(endpoint_url=URL),
            ReadTimeoutError(endpoint_url=URL),
            ConnectionClosedError(endpoint_url=URL),
            IncompleteReadError(actual_bytes=1, expected_bytes=2),
            ResponseParserError("half a document"),
            CredentialRetrievalError(provider="container-role", error_msg="x"),
        ],
        ids=lambda error: type(error).__name__,
    )
    def test_an_outage(self, name: str, error: Exception) -> None:
        dynamodb = RecordingDynamoDB(error)
        with pytest.raises(StoreUnavailable) as raised:
            CALLS[name](table_of(dynamodb))
        assert raised.value.__cause__ is error
        assert dynamodb.names == [name]

    @pytest.mark.parametrize("name", CALLS)
    @pytest.mark.parametrize(
        "error",
        [
            client_error("AccessDeniedException"),
            client_error("ResourceNotFoundException"),
            client_error("ValidationException"),
            NoCredentialsError(),
            ParamValidationError(report="x"),
        ],
        ids=lambda error: type(error).__name__,
    )
    def test_a_fault_of_ours_passes_through(self, name: str, error: Exception) -> None:
        with pytest.raises((ClientError, BotoCoreError)) as raised:
            CALLS[name](table_of(RecordingDynamoDB(error)))
        assert raised.value is error

    @pytest.mark.parametrize(
        ("name", "error"),
        [
            ("put_item", client_error("ItemCollectionSizeLimitExceededException")),
            ("update_item", client_error("ItemCollectionSizeLimitExceededException")),
            ("transact_write_items", transaction_canceled("ItemCollectionSizeLimitExceeded", "None")),
        ],
    )
    def test_a_users_partition_is_full(self, name: str, error: Exception) -> None:
        with pytest.raises(StorageFull):
            CALLS[name](table_of(RecordingDynamoDB(error)))

    @pytest.mark.parametrize("name", ["put_item", "update_item"])
    @pytest.mark.parametrize("item", [None, ITEM], ids=["nothing there", "an item there"])
    def test_a_failed_condition_brings_the_item_back(self, name: str, item: dict[str, Any] | None) -> None:
        with pytest.raises(ConditionFailed) as raised:
            CALLS[name](table_of(RecordingDynamoDB(condition_failed(item))))
        assert raised.value.item == item

    def test_a_refused_transaction_says_which_items_are_there(self) -> None:
        canceled = transaction_canceled("None", {"Code": "ConditionalCheckFailed", "Item": ITEM})
        with pytest.raises(TransactionRefused) as raised:
            table_of(RecordingDynamoDB(canceled)).put_all([Put(ITEM)])
        assert raised.value.items == [None, ITEM]

    @pytest.mark.parametrize("reason", ["ProvisionedThroughputExceeded", "ThrottlingError"])
    def test_a_transaction_canceled_by_a_throttle(self, reason: str) -> None:
        with pytest.raises(TooManyRequests):
            table_of(RecordingDynamoDB(transaction_canceled("None", reason))).put_all([])

    def test_a_transaction_canceled_for_a_fault_of_ours(self) -> None:
        error = transaction_canceled("None", "ValidationError")
        with pytest.raises(ClientError) as raised:
            table_of(RecordingDynamoDB(error)).put_all([])
        assert raised.value is error

    def test_a_refusal_outweighs_a_conflict(self) -> None:
        dynamodb = RecordingDynamoDB(transaction_canceled("TransactionConflict", "ConditionalCheckFailed"))
        with pytest.raises(TransactionRefused):
            table_of(dynamodb).put_all([])
        assert dynamodb.is_spent


class TestConflicts:
    """Another transaction is at work on the same item."""

    CONFLICTS = (
        client_error("TransactionConflictException"),
        client_error("TransactionInProgressException"),
        transaction_canceled("None", "TransactionConflict"),
    )

    @pytest.mark.parametrize("name", ["put_item", "transact_write_items", "update_item"])
    @pytest.mark.parametrize("conflict", CONFLICTS, ids=["conflict", "in progress", "canceled"])
    def test_it_is_tried_again(self, name: str, conflict: ClientError) -> None:
        # Given a conflict that is over at the third try, when a write meets it, then it succeeds, after two pauses
        sleep = RecordingSleep()
        dynamodb = RecordingDynamoDB(conflict, conflict, {"Attributes": ITEM})
        CALLS[name](table_of(dynamodb, sleep))
        assert dynamodb.names == [name] * 3
        assert len(sleep.pauses) == 2

    def test_though_not_for_ever(self) -> None:
        # Given a conflict that does not end, when writes meet it, then each gives up after eight tries
        random.seed(0)
        rounds = []
        for _ in range(100):
            sleep = RecordingSleep()
            dynamodb = RecordingDynamoDB(*[self.CONFLICTS[0]] * 8)
            with pytest.raises(StoreUnavailable, match="Other requests keep changing the same items"):
                table_of(dynamodb, sleep).put_new(ITEM)
            assert dynamodb.is_spent
            rounds.append(sleep.pauses)
        # And the pauses between them, which are anything up to a bound that doubles, last two seconds at most
        bounds = [0.05, 0.1, 0.2, 0.4, 0.4, 0.4, 0.4]
        for pauses, bound in zip(zip(*rounds, strict=True), bounds, strict=True):
            assert 0 <= min(pauses) < bound / 5
            assert bound * 4 / 5 < max(pauses) <= bound
        assert sum(bounds) < 2

    @pytest.mark.parametrize(("before", "after"), [(0, 0), (1, 0), (0, 1), (1, 1)])
    @pytest.mark.parametrize("code", ["TransactionConflictException", "TransactionCanceledException"])
    def test_what_comes_after_a_conflict_counts(self, before: int, after: int, code: str) -> None:
        # Given a conflict and then a refusal, where botocore had sent one of the requests again or none
        conflict = client_error(code, retries=before, CancellationReasons=[{"Code": "TransactionConflict"}])
        dynamodb = RecordingDynamoDB(conflict, self.CONFLICTS[0], condition_failed(ITEM, retries=after))
        # When a write meets them, then it is told whether any of its requests may have been applied
        with pytest.raises(ConditionFailed) as refused:
            table_of(dynamodb).put_new(ITEM)
        assert refused.value.was_resent is (before + after > 0)


class RawReply(io.BytesIO):
    """The body of a reply, in the way that botocore reads it."""

    def stream(self) -> Iterator[bytes]:
        """All of it."""
        yield self.getvalue()


class TestDamage:
    """A reply that is not the one that DynamoDB made its checksum of."""

    WHOLE = json.dumps({"Item": ITEM}).encode()
    REFUSAL = b'{"__type": "com.amazonaws.dynamodb.v20120810#ConditionalCheckFailedException"}'

    def reply(self, raw: bytes, *, of: bytes | None, status: int = 200) -> Table:
        """A table whose every call gets this reply, with the checksum of ``of``; None sends no checksum."""
        client = create_client(config=Config(retries={"mode": "standard", "total_max_attempts": 1}))
        headers: Any = HeadersDict({"Content-Type": "application/x-amz-json-1.0"})
        if of is not None:
            headers["x-amz-crc32"] = str(zlib.crc32(of))

        def answer(**_: object) -> Any:  # the stubs don't know that a handler may answer
            return AWSResponse(URL, status, headers, RawReply(raw))

        client.meta.events.register("before-send.dynamodb", answer)
        return Table(client, "tasks")

    @pytest.mark.parametrize("of", [WHOLE, None], ids=["with its checksum", "without one"])
    def test_a_whole_reply(self, of: bytes | None) -> None:
        assert self.reply(self.WHOLE, of=of).get(KEY) == ITEM

    @pytest.mark.parametrize("raw", [b"{}", b"", WHOLE[:-3], WHOLE.replace(b"rent", b"lent")])
    def test_a_damaged_one_is_an_outage_and_not_an_empty_result(self, raw: bytes) -> None:
        with pytest.raises(StoreUnavailable):
            self.reply(raw, of=self.WHOLE).get(KEY)

    def test_a_refusal_in_a_damaged_reply_is_not_believed(self) -> None:
        with pytest.raises(ConditionFailed):
            self.reply(self.REFUSAL, of=self.REFUSAL, status=400).put_new(ITEM)
        with pytest.raises(StoreUnavailable):
            self.reply(self.REFUSAL, of=b"another", status=400).put_new(ITEM)

    @pytest.mark.parametrize("checked", [True, False])
    @pytest.mark.parametrize("raw", [b"<html>", b'{"Item":', b"", b"null", b"[]", b"[" * 100_000, b"\xff"])
    def test_a_success_that_is_no_json_object_is_an_outage_and_not_an_empty_result(
        self, raw: bytes, checked: bool
    ) -> None:
        with pytest.raises(StoreUnavailable):
            self.reply(raw, of=raw if checked else None).get(KEY)

    def test_an_error_that_can_not_be_read_is_an_outage(self) -> None:
        with pytest.raises(StoreUnavailable):
            self.reply(b"<html>", of=None, status=400).get(KEY)


class TestTimeLimit:
    """No request is begun that may not end within the function's time."""

    @pytest.fixture
    def sent(self) -> list[str]:
        """The requests that were sent."""
        return []

    @pytest.fixture
    def table(self, sent: list[str]) -> Table:
        """A table that is never reached, and that every request is tried for twice."""
        client = create_client(config=Config(retries={"mode": "standard", "total_max_attempts": 2}))

        def fail(request: Any, **_: object) -> None:
            sent.append(request.url)
            raise EndpointConnectionError(endpoint_url=request.url)

        client.meta.events.register("before-send.dynamodb", fail)
        return Table(client, "tasks")

    def test_within_it_requests_are_sent(self, table: Table, sent: list[str]) -> None:
        with time_limit(10), pytest.raises(StoreUnavailable):
            table.get(KEY)
        assert len(sent) == 2

    def test_a_function_with_little_time_asks_all_the_same(self, table: Table, sent: list[str]) -> None:
        with time_limit(4.5 / 2), pytest.raises(StoreUnavailable):
            table.get(KEY)
        assert sent

    def test_its_last_moment_is_part_of_it(self, table: Table, sent: list[str]) -> None:
        # Of ten seconds, a request and the pause after it may take four and a half
        for seconds, tries in ((5.5, 2), (5.5 + 2**-10, 0)):
            sent.clear()
            clock = FixedMonotonic()
            with time_limit(10, clock):
                clock.advance(seconds)
                with pytest.raises(StoreUnavailable):
                    table.get(KEY)
            assert len(sent) == tries

    def test_after_it_none_is_and_that_is_an_outage(self, table: Table, sent: list[str]) -> None:
        with time_limit(0), pytest.raises(StoreUnavailable):
            table.get(KEY)
        assert sent == []

    def test_it_ends_with_its_block(self, table: Table, sent: list[str]) -> None:
        with time_limit(0):
            pass
        with pytest.raises(StoreUnavailable):
            table.get(KEY)
        assert sent


class TestHandlers:
    """The client has those of botocore's own event handlers that concern it, and no others."""

    @pytest.fixture
    def called(self, monkeypatch: pytest.MonkeyPatch) -> list[str]:
        """The events for which a handler of botocore's was called."""
        called: list[str] = []

        def noting(event: str, handler: Callable[..., object], *order: object) -> tuple[object, ...]:
            def note(**arguments: object) -> object:
                called.append(event)
                return handler(**arguments)

            return event, note, *order

        self.list_handlers([noting(*spec) for spec in botocore.handlers.BUILTIN_HANDLERS], monkeypatch)
        return called

    def list_handlers(self, handlers: list[Any], monkeypatch: pytest.MonkeyPatch) -> None:
        """Have botocore list these as its own."""
        monkeypatch.setattr(botocore.handlers, "BUILTIN_HANDLERS", handlers)
        monkeypatch.setattr(client, "BUILTIN_HANDLERS", handlers)

    def use(self, client: Any) -> None:
        """Do with a client all that the store does, each with a good end and with a bad one."""
        request = {"TableName": "tasks", "Key": KEY}
        replies = iter([(200, b"{}"), (400, TestDamage.REFUSAL), (500, b"{}")] * 5)

        def answer(**_: object) -> AWSResponse:
            status, raw = next(replies)
            return AWSResponse(URL, status, HeadersDict({}), RawReply(raw))  # type: ignore[arg-type]

        client.meta.events.register("before-send.dynamodb", answer)
        for call, arguments in (
            (client.get_item, request),
            (client.put_item, {"TableName": "tasks", "Item": ITEM}),
            (client.update_item, request),
            (client.query, {"TableName": "tasks"}),
            (client.transact_write_items, {"TransactItems": [{"Put": {"TableName": "tasks", "Item": ITEM}}]}),
        ):
            call(**arguments)
            for _ in range(2):
                with pytest.raises(ClientError):
                    call(**arguments)
        assert next(replies, None) is None

    def test_those_that_a_client_with_all_of_them_calls(self, called: list[str]) -> None:
        # Given a client with all handlers, and what it calls
        config = Config(retries={"mode": "standard", "total_max_attempts": 1}, parameter_validation=False)
        self.use(Session().create_client("dynamodb", config=config))
        by_all = list(called)
        assert {"before-call", "request-created", "choose-signer"} <= set(by_all)
        # When ours is used in the same way, then it calls the same in the same order
        called.clear()
        self.use(create_client(config=config))
        assert called == by_all

    def test_those_of_other_services_are_not_there(self, monkeypatch: pytest.MonkeyPatch) -> None:
        registered: list[str] = []
        monkeypatch.setattr(Session, "register", lambda _self, event, _handler: registered.append(event))
        create_client()
        assert 5 < len(registered) < 20
        assert not any("s3" in event for event in registered)

    def test_all_are_there_where_one_wants_a_place_in_the_order(self, monkeypatch: pytest.MonkeyPatch) -> None:
        # Given a handler of botocore's for every service that is to be called first
        called: list[str] = []
        first = ("before-call", lambda **_: called.append("first"), botocore.handlers.REGISTER_FIRST)
        second = ("before-call.dynamodb", lambda **_: called.append("second"))
        self.list_handlers([second, first, *botocore.handlers.BUILTIN_HANDLERS], monkeypatch)
        # When the client is used, then botocore has put them in order
        self.use(create_client(config=Config(retries={"mode": "standard", "total_max_attempts": 1})))
        assert set(called) == {"first", "second"}


class TestClient:
    """The client itself."""

    def test_all_tries_end_within_the_functions_ten_seconds(self) -> None:
        options: Any = CLIENT_CONFIG
        attempts = options.retries["total_max_attempts"]
        assert options.retries["mode"] == "standard"
        assert attempts == 3
        assert (options.connect_timeout, options.read_timeout) == (1.0, 1.5)
        assert attempts * (options.connect_timeout + options.read_timeout) < 10
        assert options.tcp_keepalive

    def test_what_it_says_of_itself(self) -> None:
        options: Any = CLIENT_CONFIG
        assert options.user_agent == f"Botocore/{botocore.__version__} task-api"
        assert options.parameter_validation is False

    def test_another_engine_by_its_url(self) -> None:
        assert create_client("http://127.0.0.1:8000").meta.endpoint_url == "http://127.0.0.1:8000"

    def test_aws_without_one(self) -> None:
        assert create_client().meta.endpoint_url == URL
