"""Pages of a list: one Query each, whatever is left out made up for within the read budget."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest

from taskapi import uuid7
from taskapi.dynamo import cursor
from taskapi.dynamo.cursor import Position
from taskapi.dynamo.paging import read_page
from taskapi.dynamo.table import ReadBudget, Table
from taskapi.errors import InvalidCursor
from taskapi.tasks.query import ListQuery
from taskapi.tasks.task import TASK, Task
from tests.support import tasks
from tests.support.fixed_clocks import FixedMonotonic
from tests.support.proxy_events import OWNER, TASK_ID
from tests.support.recording_dynamodb import Answer, RecordingDynamoDB
from tests.support.tasks import Tasks, task_key

LIST_ID = "01939f6e-8c1b-7a30-9c9e-2f6f1f0a7b10"
NOW = "2026-11-20T12:00:00.000Z"
WHOLE = ReadBudget()


def store_over(dynamodb: RecordingDynamoDB, read_budget: ReadBudget = WHOLE) -> Tasks:
    """A store over a recording client."""
    return Tasks(Table(dynamodb.client, "tasks", read_budget))


def numbered(count: int, first: int = 0, **changes: Any) -> list[Task]:
    """Tasks with ids of successive milliseconds."""
    return [
        tasks.task(id=f"019a9f6e-{number >> 4:04x}-7a30-9c9e-{number:012x}", title=f"Task {number}", **changes)
        for number in range(first, first + count)
    ]


def page_answer(found: list[Task], *, more: bool = False, units: float = 0.5, index: str | None = None) -> Answer:
    """What Query returns for these tasks; ``index`` is the sort key that its LastEvaluatedKey has besides."""
    items = [tasks.item_of(one) for one in found]
    answer: dict[str, Any] = {"Items": items, "ConsumedCapacity": {"CapacityUnits": units}}
    if more:
        answer["LastEvaluatedKey"] = {name: items[-1][name] for name in ("pk", "sk", *([index] if index else []))}
    return answer


class TestList:
    """Pages."""

    @pytest.mark.parametrize(
        ("values", "index", "condition", "forward"),
        [
            ({}, None, "#pk = :v0 AND begins_with(#sk, :v1)", False),
            ({"order": "asc"}, None, "#pk = :v0 AND begins_with(#sk, :v1)", True),
            ({"sort": "updated_at"}, "by-updated", "#pk = :v0", False),
            ({"status": "open"}, "open-by-created", "#pk = :v0", False),
            ({"status": "open", "sort": "due"}, "open-by-due", "#pk = :v0", True),
            ({"status": "open", "sort": "due", "due_from": "2026-12-01"}, "open-by-due",
             "#pk = :v0 AND #open_due BETWEEN :v1 AND :v2", True),
            ({"status": "completed"}, "closed", "#pk = :v0 AND #closed BETWEEN :v1 AND :v2", False),
            ({"status": "trashed"}, "closed", "#pk = :v0 AND #closed BETWEEN :v1 AND :v2", False),
            ({"status": "open", "sort": "position", "list": "inbox"}, "open-by-place",
             "#pk = :v0 AND #place BETWEEN :v1 AND :v2", True),
            # A list is a filter of every other order: what is in it is not read apart
            ({"status": "open", "list": "inbox"}, "open-by-created", "#pk = :v0", False),
        ],
    )  # fmt: skip
    def test_one_query_of_the_owners_partition(
        self, values: dict[str, str], index: str | None, condition: str, forward: bool
    ) -> None:
        dynamodb = RecordingDynamoDB(page_answer([]))
        query = ListQuery.from_parameters({name: [value] for name, value in values.items()})
        page = store_over(dynamodb).list(OWNER, query)
        [(_, arguments)] = dynamodb.calls
        assert (page.tasks, page.next_cursor) == ([], None)
        assert arguments.get("IndexName") == index
        assert arguments["KeyConditionExpression"] == condition
        assert arguments["ScanIndexForward"] is forward
        assert arguments["ExpressionAttributeValues"][":v0"] == {"S": "USER#alice"}
        assert arguments["Limit"] == 51
        assert "ExclusiveStartKey" not in arguments
        assert "FilterExpression" not in arguments

    def test_only_what_is_shown_is_read(self) -> None:
        # Given a list by an index, when it is read, then no attribute comes that neither the page nor its cursor has
        dynamodb = RecordingDynamoDB(page_answer([]))
        store_over(dynamodb).list(OWNER, ListQuery.from_parameters({"status": ["open"]}))
        [(_, arguments)] = dynamodb.calls
        names = arguments["ExpressionAttributeNames"]
        read = {names[name] for name in arguments["ProjectionExpression"].split(", ")}
        assert read == {"sk", "open_since", "deleted_at", "expires_at", *TASK.shown}
        of_key_and_home = {"id", "user_id", "list_id", "position"}
        assert set(Task._fields) - of_key_and_home - {"etag"} | {"home", "write_id"} == set(TASK.shown)

    def test_one_more_than_the_page_tells_that_another_follows(self) -> None:
        three = numbered(3)
        query = ListQuery(limit=2)
        page = store_over(RecordingDynamoDB(page_answer(three, more=True))).list(OWNER, query)
        assert page.tasks == three[:2]
        assert page.next_cursor == cursor.encode(Position(three[1].id, None), query)

    def test_a_last_page_that_is_exactly_full_has_no_cursor(self) -> None:
        two = numbered(2)
        page = store_over(RecordingDynamoDB(page_answer(two))).list(OWNER, ListQuery(limit=2))
        assert (page.tasks, page.next_cursor) == (two, None)

    @pytest.mark.parametrize(
        ("values", "sort_value", "key"),
        [
            ({}, None, {}),
            ({"sort": "updated_at"}, NOW, {"updated_at": {"S": NOW}}),
            ({"status": "open", "sort": "due"}, "~", {"open_due": {"S": "~"}}),
            ({"status": "completed"}, NOW, {"closed": {"S": NOW}}),
            (
                {"status": "open", "sort": "position", "list": "inbox"},
                f"inbox#a0#{TASK_ID}",
                {"place": {"S": f"inbox#a0#{TASK_ID}"}},
            ),
        ],
    )
    def test_a_cursor_goes_on_in_the_callers_own_partition(
        self, values: dict[str, str], sort_value: str | None, key: dict[str, Any]
    ) -> None:
        # Given a cursor that another user was given
        plain = ListQuery.from_parameters({name: [value] for name, value in values.items()})
        text = cursor.encode(Position(TASK_ID, sort_value), plain)
        query = ListQuery.from_parameters({"cursor": [text], **{name: [value] for name, value in values.items()}})
        # When bob uses it, then bob's own partition is read
        dynamodb = RecordingDynamoDB(page_answer([]))
        store_over(dynamodb).list("bob", query)
        start = dynamodb.calls[0][1]["ExclusiveStartKey"]
        assert start == {**task_key("bob", TASK_ID).as_item(), **key}

    def test_a_cursor_that_is_none_is_refused_before_any_call(self) -> None:
        dynamodb = RecordingDynamoDB()
        with pytest.raises(InvalidCursor):
            store_over(dynamodb).list(OWNER, ListQuery(cursor="x"))
        assert dynamodb.calls == []

    def test_tombstones_are_left_out_and_made_up_for(self) -> None:
        # Given a table whose first read holds a deleted task
        first, second, third = numbered(3)
        dead = {"Items": [tasks.tombstone(), tasks.item_of(first)], "LastEvaluatedKey": first_key(first)}
        dynamodb = RecordingDynamoDB(dead, page_answer([second, third], more=True))
        # When a page of two is read, then it is full all the same
        page = store_over(dynamodb).list(OWNER, ListQuery(limit=2))
        assert page.tasks == [first, second]
        assert page.next_cursor is not None
        # And the second read went on where the first ended, for more at once
        assert dynamodb.calls[1][1]["ExclusiveStartKey"] == first_key(first)
        assert dynamodb.calls[1][1]["Limit"] == 6

    def test_another_entitys_items_of_a_shared_index_are_left_out(self) -> None:
        # Given an index that holds an item of another entity between two tasks, and it is the last that a Query reads
        first, second = numbered(2)
        other = {**first_key(first), "sk": {"S": f"NOTE#{TASK_ID}"}, "updated_at": {"S": tasks.CREATED}}
        read = {"Items": [tasks.item_of(first), other], "LastEvaluatedKey": other}
        dynamodb = RecordingDynamoDB(read, page_answer([second]))
        # When the list is read, then it has the tasks, and the second Query went on behind the other item
        page = store_over(dynamodb).list(OWNER, ListQuery(sort="updated_at", limit=2))
        assert (page.tasks, page.next_cursor) == ([first, second], None)
        assert dynamodb.calls[1][1]["ExclusiveStartKey"] == other

    @pytest.mark.parametrize(("prefix", "nearest"), [("NOTE#", uuid7.LOWEST), ("VIEW#", uuid7.HIGHEST)])
    def test_a_page_that_ends_at_another_entitys_item_goes_on_at_the_nearest_place(
        self, prefix: str, nearest: str
    ) -> None:
        # Given a read budget that ends at an item of another entity
        other = {"pk": {"S": "USER#alice"}, "sk": {"S": prefix + TASK_ID}, "updated_at": {"S": NOW}}
        dynamodb = RecordingDynamoDB({"Items": [other], "LastEvaluatedKey": other})
        query = ListQuery(sort="updated_at")
        # When a page is read, then its cursor is at the end of the tasks that is next to that item
        page = store_over(dynamodb, ReadBudget(units=0)).list(OWNER, query)
        assert page.tasks == []
        assert page.next_cursor == cursor.encode(Position(nearest, NOW), query)

    @pytest.mark.parametrize(("within", "end"), [("inbox", "inbox$"), (LIST_ID, f"{LIST_ID}$")])
    def test_a_list_by_position_is_the_part_of_the_index_that_begins_with_it(self, within: str, end: str) -> None:
        dynamodb = RecordingDynamoDB(page_answer([]))
        query = ListQuery.from_parameters({"status": ["open"], "sort": ["position"], "list": [within]})
        store_over(dynamodb).list(OWNER, query)
        values = dynamodb.calls[0][1]["ExpressionAttributeValues"]
        assert (values[":v1"], values[":v2"]) == ({"S": f"{within}#"}, {"S": end})

    def test_filters_leave_out(self) -> None:
        low, high = numbered(1, priority="low"), numbered(1, first=1, priority="high")
        dynamodb = RecordingDynamoDB(page_answer(low + high))
        page = store_over(dynamodb).list(OWNER, ListQuery(priority="high"))
        assert (page.tasks, page.next_cursor) == (high, None)

    def test_a_page_of_long_tasks_ends_before_it_is_too_large_for_lambda(self) -> None:
        # Given more text than a response may hold, all of it in one page's limit
        found = numbered(100, description="x" * 16_384)
        dynamodb = RecordingDynamoDB(page_answer(found[:60], more=True), page_answer(found[60:]))
        # When the page is read, then it ends early, and the next one begins behind it
        page = store_over(dynamodb).list(OWNER, ListQuery(limit=100))
        assert 50 < len(page.tasks) < 100
        assert page.tasks == found[: len(page.tasks)]
        size = sum(len(json.dumps(task.as_json())) for task in page.tasks)
        assert abs(size - 1_400_000) < 20_000
        assert page.next_cursor is not None
        assert cursor.decode(page.next_cursor, ListQuery()) == Position(page.tasks[-1].id, None)

    @pytest.mark.parametrize(("more", "expected"), [(0, 100), (1, 99)])
    def test_which_is_at_1_400_000_characters(self, more: int, expected: int) -> None:
        # Given 100 tasks of 14,000 characters of JSON in two Querys, and perhaps one character more
        found = [
            one._replace(description="x" * (14_000 + len("null") - len('""') - len(as_sent(one))))
            for one in numbered(100, tags=("home", "ab"))
        ]
        found[7] = found[7]._replace(title=found[7].title + "x" * more)
        dynamodb = RecordingDynamoDB(page_answer(found[:50], more=True), page_answer(found[50:]))
        # When a page of all of them is read, then the last one is on it if it may
        page = store_over(dynamodb).list(OWNER, ListQuery(limit=100))
        assert len(page.tasks) == expected

    def test_the_reads_of_one_page_are_bounded_in_size(self) -> None:
        dynamodb = RecordingDynamoDB(*[page_answer(numbered(1), more=True)] * 12, page_answer([]))
        store_over(dynamodb).list(OWNER, ListQuery(limit=1, priority="high"))
        assert [arguments["Limit"] for _, arguments in dynamodb.calls] == [
            2, 4, 8, 16, 32, 64, 128, 256, 512, 1000, 1000, 1000, 1000,
        ]  # fmt: skip


def as_sent(one: Task) -> str:
    """A task's JSON on a page."""
    return json.dumps(one.as_json(), ensure_ascii=False, separators=(",", ":"))


def first_key(one: Task) -> dict[str, Any]:
    """A LastEvaluatedKey of the table."""
    return task_key(one.user_id, one.id).as_item()


class TestReadBudget:
    """A page that costs too much is returned short."""

    def test_a_filtered_page_may_be_empty_with_a_cursor_to_where_the_reading_ended(self) -> None:
        # Given a budget of one unit, and tasks that the filter leaves out
        reads = numbered(3)
        dynamodb = RecordingDynamoDB(page_answer(reads, more=True, units=1))
        query = ListQuery(limit=2, q="nowhere")
        # When the page is read, then it ends after one call, at the last task read
        page = store_over(dynamodb, read_budget=ReadBudget(units=1)).list(OWNER, query)
        assert page.tasks == []
        assert page.next_cursor == cursor.encode(Position(reads[-1].id, None), query)

    def test_a_filtered_page_keeps_what_it_found(self) -> None:
        reads = numbered(1, priority="high") + numbered(2, first=1)
        dynamodb = RecordingDynamoDB(page_answer(reads, more=True, units=1))
        query = ListQuery(limit=2, priority="high")
        page = store_over(dynamodb, read_budget=ReadBudget(units=1)).list(OWNER, query)
        assert page.tasks == reads[:1]
        assert page.next_cursor == cursor.encode(Position(reads[-1].id, None), query)

    def test_an_unfiltered_page_keeps_one_back_so_that_its_cursor_is_no_false_promise(self) -> None:
        reads = numbered(3)
        dynamodb = RecordingDynamoDB(page_answer(reads, more=True, units=1))
        query = ListQuery(limit=50)
        page = store_over(dynamodb, read_budget=ReadBudget(units=1)).list(OWNER, query)
        assert page.tasks == reads[:2]
        assert page.next_cursor == cursor.encode(Position(reads[1].id, None), query)

    def test_within_the_budget_it_reads_on(self) -> None:
        dynamodb = RecordingDynamoDB(page_answer(numbered(3), more=True, units=1), page_answer(numbered(3, first=3)))
        page = store_over(dynamodb, read_budget=ReadBudget(units=1.5)).list(OWNER, ListQuery(q="nowhere"))
        assert page.next_cursor is None
        assert dynamodb.is_spent

    def test_time_is_a_budget_too(self) -> None:
        dynamodb = RecordingDynamoDB(page_answer(numbered(3), more=True, units=0))
        page = store_over(dynamodb, read_budget=ReadBudget(milliseconds=0)).list(OWNER, ListQuery(q="nowhere"))
        assert page.next_cursor is not None

    @pytest.mark.parametrize(("seconds", "calls"), [(1.999, 2), (2.0, 1)])
    def test_its_time_is_in_milliseconds(self, seconds: float, calls: int) -> None:
        # Given two seconds, and a first Query that takes so long
        clock = FixedMonotonic()

        def slow(_arguments: dict[str, Any]) -> Mapping[str, Any]:
            clock.advance(seconds)
            return {"Items": [], "LastEvaluatedKey": first_key(tasks.task())}

        dynamodb = RecordingDynamoDB(slow, page_answer([]))
        # When a page is read of which it holds nothing, then another Query is begun before the time is up
        table = Table(dynamodb.client, "tasks", ReadBudget(milliseconds=2_000))
        read_page(table, TASK, OWNER, ListQuery(q="nowhere"), clock)
        assert len(dynamodb.calls) == calls

    def test_the_cursor_of_an_index_has_its_sort_value(self) -> None:
        reads = numbered(2)
        dynamodb = RecordingDynamoDB(page_answer(reads, more=True, units=1, index="open_since"))
        query = ListQuery.from_parameters({"status": ["open"], "q": ["nowhere"]})
        page = store_over(dynamodb, read_budget=ReadBudget(units=1)).list(OWNER, query)
        assert page.next_cursor == cursor.encode(Position(reads[-1].id, tasks.CREATED), query)
