"""ListStore and ListIndex against a scripted DynamoDB: which calls they make, and what they do with rare answers.

What the expressions do to items is the business of tests/contract/test_user_lists.py, on real engines.
"""

from __future__ import annotations

from typing import Any

import pytest

from taskapi.dynamo.idempotency import Once, fingerprint
from taskapi.dynamo.table import Table
from taskapi.errors import IdempotencyKeyReused, ListNotFound, PreconditionFailed, StoreUnavailable, TooManyLists
from taskapi.lists.index import ListIndex
from taskapi.lists.list import List, ListContent
from taskapi.lists.store import ListStore
from taskapi.preconditions import EntityTags, Precondition
from tests.support import tasks
from tests.support.fixed_clocks import NOON, FixedClock, RecordingSleep
from tests.support.lists import a_list, item_of, list_key
from tests.support.proxy_events import OWNER, TASK_ID
from tests.support.recording_dynamodb import RecordingDynamoDB, client_error, condition_failed

KEY = list_key(OWNER, TASK_ID)
CONTENT = ListContent("Moving house", "#2f6fed")
THERE = a_list(version=3)
GOES_ON = {"pk": {"S": "USER#alice"}, "sk": {"S": "LIST#1"}, "place": {"S": "lists#a1#1"}}
NONE_OF_THEM: dict[str, Any] = {"Count": 0, "ScannedCount": 0}
ALL_OF_THEM: dict[str, Any] = {"Count": 500, "ScannedCount": 500, "LastEvaluatedKey": GOES_ON}


def table(dynamodb: RecordingDynamoDB) -> Table:
    """At noon."""
    return Table(dynamodb.client, "tasks", now_ms=FixedClock(), sleep=RecordingSleep())


def made(arguments: dict[str, Any]) -> dict[str, Any]:
    """Answers an UpdateItem with an item that it has made."""
    written = next(
        value["S"] for value in arguments["ExpressionAttributeValues"].values() if len(value.get("S", "")) == 19
    )
    return {"Attributes": item_of(THERE._replace(etag=written), created_write_id=written)}


class TestIndex:
    """All of a user's lists."""

    def test_one_query_of_what_is_shown(self) -> None:
        dynamodb = RecordingDynamoDB({"Items": [item_of(THERE)], "Count": 1})
        [text] = ListIndex(table(dynamodb)).all(OWNER)
        [(name, asked)] = dynamodb.calls

        assert '"title":"Moving house"' in text
        assert (name, asked["IndexName"], asked["ConsistentRead"]) == ("query", "open-by-place", True)
        assert asked["KeyConditionExpression"] == "#pk = :v0 AND begins_with(#place, :v1)"
        assert asked["ExpressionAttributeValues"] == {":v0": {"S": "USER#alice"}, ":v1": {"S": "lists#"}}
        assert "Select" not in asked
        # A limit that is reached would be another Query, only to see that nothing follows
        assert asked["Limit"] > 510

    def test_it_goes_on_where_dynamodb_stopped(self) -> None:
        second = a_list(title="The second")
        dynamodb = RecordingDynamoDB(
            {"Items": [item_of(THERE)], "LastEvaluatedKey": GOES_ON}, {"Items": []  , "LastEvaluatedKey": GOES_ON},
            {"Items": [item_of(second)]},
        )  # fmt: skip

        assert len(ListIndex(table(dynamodb)).all(OWNER)) == 2
        assert dynamodb.calls[2][1]["ExclusiveStartKey"] == GOES_ON

    @pytest.mark.parametrize(
        ("counts", "expected"),
        [([0], False), ([499], False), ([500], True), ([300, 199], False), ([300, 200], True), ([499, 0, 1], True)],
    )
    def test_counting_ends_at_the_limit(self, counts: list[int], *, expected: bool) -> None:
        # Given as many answers as it takes; one call more would fail
        answers = [{"Count": count, "LastEvaluatedKey": GOES_ON} for count in counts]
        if not expected:
            del answers[-1]["LastEvaluatedKey"]
        dynamodb = RecordingDynamoDB(*answers)

        assert ListIndex(table(dynamodb)).is_full(OWNER) is expected

        assert dynamodb.is_spent
        assert [asked["Select"] for _, asked in dynamodb.calls] == ["COUNT"] * len(counts)
        assert dynamodb.calls[0][1]["Limit"] == 500
        assert all("ProjectionExpression" not in asked for _, asked in dynamodb.calls)


class TestCreate:
    """With room, and without."""

    def test_the_count_comes_first(self) -> None:
        dynamodb = RecordingDynamoDB(NONE_OF_THEM, {})
        created, was_replayed = ListStore(table(dynamodb)).create_once(OWNER, CONTENT, None)
        assert (dynamodb.names, was_replayed) == (["query", "put_item"], False)
        assert (created.title, created.color, created.version) == ("Moving house", "#2f6fed", 1)

    def test_no_room(self) -> None:
        dynamodb = RecordingDynamoDB(ALL_OF_THEM)
        with pytest.raises(TooManyLists):
            ListStore(table(dynamodb)).create_once(OWNER, CONTENT, None)

    def record(self, *, content: ListContent = CONTENT, seconds: int = 60) -> dict[str, Any]:
        """Of an idempotency key that expires in so many seconds."""
        return {
            "fingerprint": {"S": fingerprint(Once.of("key-1", content).content)},
            "expires_at": {"N": str(NOON // 1000 + seconds)},
            "answer": {"M": item_of(THERE)},
        }

    def test_no_room_for_a_request_that_made_the_last_one(self) -> None:
        dynamodb = RecordingDynamoDB(ALL_OF_THEM, {"Items": [self.record()]})
        assert ListStore(table(dynamodb)).create_once(OWNER, CONTENT, "key-1") == (THERE, True)
        assert "IndexName" not in dynamodb.calls[1][1]

    @pytest.mark.parametrize("seconds", [0, -1])
    def test_no_room_and_a_record_that_has_expired(self, seconds: int) -> None:
        dynamodb = RecordingDynamoDB(ALL_OF_THEM, {"Items": [self.record(seconds=seconds)]})
        with pytest.raises(TooManyLists):
            ListStore(table(dynamodb)).create_once(OWNER, CONTENT, "key-1")

    def test_no_room_and_no_record(self) -> None:
        with pytest.raises(TooManyLists):
            ListStore(table(RecordingDynamoDB(ALL_OF_THEM, {"Items": []}))).create_once(OWNER, CONTENT, "key-1")

    def test_no_room_and_a_key_of_another_content(self) -> None:
        dynamodb = RecordingDynamoDB(ALL_OF_THEM, {"Items": [self.record(content=ListContent("Other"))]})
        with pytest.raises(IdempotencyKeyReused):
            ListStore(table(dynamodb)).create_once(OWNER, CONTENT, "key-1")


class TestReplace:
    """A PUT, which assumes that there is the list."""

    def test_what_is_there_takes_one_call(self) -> None:
        dynamodb = RecordingDynamoDB({"Attributes": item_of(THERE)})
        assert ListStore(table(dynamodb)).replace(KEY, CONTENT) == (THERE, False)
        assert "attribute_exists(#title)" in dynamodb.calls[0][1]["ConditionExpression"]

    @pytest.mark.parametrize("item", [None, tasks.tombstone()], ids=["nothing", "a tombstone"])
    def test_what_is_not_there_is_counted_and_made(self, item: dict[str, Any] | None) -> None:
        dynamodb = RecordingDynamoDB(condition_failed(item), NONE_OF_THEM, made)
        _, was_created = ListStore(table(dynamodb)).replace(KEY, CONTENT)

        assert was_created
        assert dynamodb.names == ["update_item", "query", "update_item"]
        assert "attribute_exists(#title)" not in dynamodb.calls[2][1]["ConditionExpression"]

    def test_no_room(self) -> None:
        with pytest.raises(TooManyLists):
            ListStore(table(RecordingDynamoDB(condition_failed(None), ALL_OF_THEM))).replace(KEY, CONTENT)

    def test_one_that_another_made_meanwhile_is_replaced(self) -> None:
        # Given that another request makes the list between the count and the write, later than this one's clock
        later = item_of(THERE._replace(updated_at="2099-01-01T00:00:00.000Z"))
        dynamodb = RecordingDynamoDB(
            condition_failed(None), NONE_OF_THEM, condition_failed(later), {"Attributes": item_of(THERE)}
        )

        # When it is refused, then the list is replaced, without another count
        assert ListStore(table(dynamodb)).replace(KEY, CONTENT) == (THERE, False)
        assert dynamodb.names == ["update_item", "query", "update_item", "update_item"]
        assert "attribute_exists(#title)" in dynamodb.calls[3][1]["ConditionExpression"]

    def test_a_precondition_that_fails_is_told_before_the_count(self) -> None:
        dynamodb = RecordingDynamoDB(condition_failed(None))
        with pytest.raises(PreconditionFailed):
            ListStore(table(dynamodb)).replace(KEY, CONTENT, Precondition(match=EntityTags(any=True)))

    def test_a_store_that_fails_while_it_counts(self) -> None:
        dynamodb = RecordingDynamoDB(condition_failed(None), client_error("InternalServerError", 500))
        with pytest.raises(StoreUnavailable):
            ListStore(table(dynamodb)).replace(KEY, CONTENT)


class TestUpdate:
    """A PATCH."""

    def test_a_position_is_a_place(self) -> None:
        dynamodb = RecordingDynamoDB({"Attributes": item_of(THERE)})
        ListStore(table(dynamodb)).update(KEY, {"position": "a1", "color": None})
        [(_, asked)] = dynamodb.calls

        assert {"S": f"lists#a1#{TASK_ID}"} in asked["ExpressionAttributeValues"].values()
        assert asked["UpdateExpression"].endswith("REMOVE #color")
        assert "position" not in asked["ExpressionAttributeNames"].values()

    def test_one_that_is_not_there(self) -> None:
        with pytest.raises(ListNotFound):
            ListStore(table(RecordingDynamoDB(condition_failed(None)))).update(KEY, {"title": "B"})

    def test_a_stale_etag_brings_the_list(self) -> None:
        dynamodb = RecordingDynamoDB(condition_failed(item_of(THERE)))
        with pytest.raises(PreconditionFailed, match="The list has changed") as failed:
            ListStore(table(dynamodb)).update(KEY, {"title": "B"}, Precondition(match=EntityTags(etags=("x",))))
        assert failed.value.current == List.as_json(THERE)
