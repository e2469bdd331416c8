"""TaskMoves against a scripted DynamoDB: which calls it makes, and what it does when others are at work.

What becomes of the order is the business of tests/contract/test_move_task.py, on real engines.
"""

from __future__ import annotations

from typing import Any

import pytest

from taskapi import positions, uuid7
from taskapi.dynamo.table import Table
from taskapi.errors import StoreUnavailable, TaskTrashed, ValidationFailed
from taskapi.tasks.moves import TaskMoves
from taskapi.tasks.plain_bodies import TaskMove
from tests.support import tasks
from tests.support.fixed_clocks import NOON, FixedClock, RecordingSleep
from tests.support.proxy_events import OWNER, TASK_ID
from tests.support.recording_dynamodb import Answer, RecordingDynamoDB, condition_failed

KEY = tasks.task_key(OWNER, TASK_ID)
MOVED = tasks.task()
A, B, C = (uuid7.mint(NOON + n) for n in range(3))
DONE: dict[str, Any] = {"Attributes": tasks.item_of(MOVED)}
END = TaskMove()


def item(task_id: str, position: str, **members: Any) -> dict[str, Any]:
    """An open task in the inbox."""
    return tasks.item_of(tasks.task(id=task_id, position=position, **members))


def there(task: dict[str, Any]) -> dict[str, Any]:
    """The answer to a GetItem."""
    return {"Item": task}


def found(*items: dict[str, Any], **more: Any) -> dict[str, Any]:
    """The answer to a Query."""
    return {"Items": list(items), **more}


def moves(dynamodb: RecordingDynamoDB) -> TaskMoves:
    """At noon."""
    return TaskMoves(Table(dynamodb.client, "tasks", now_ms=FixedClock(), sleep=RecordingSleep()))


def places(dynamodb: RecordingDynamoDB) -> list[tuple[str, str]]:
    """Which tasks were written, and the positions that they were given."""
    written = []
    for name, arguments in dynamodb.calls:
        if name == "update_item":
            values = [value.get("S", "") for value in arguments["ExpressionAttributeValues"].values()]
            home = next(value for value in values if value.count("#") == 2)
            written.append((arguments["Key"]["sk"]["S"].removeprefix("TASK#"), home.split("#")[1]))
    return written


def test_to_the_end_of_an_empty_list_is_by_the_time() -> None:
    dynamodb = RecordingDynamoDB(there(tasks.item_of(MOVED)), found(), DONE)
    moves(dynamodb).move(KEY, END)
    assert places(dynamodb) == [(TASK_ID, positions.at(NOON))]


def test_to_the_end_is_behind_the_last() -> None:
    # The task itself, where it is the last, is no neighbour
    dynamodb = RecordingDynamoDB(there(tasks.item_of(MOVED)), found(tasks.item_of(MOVED), item(A, "a7")), DONE)
    moves(dynamodb).move(KEY, END)
    asked = dynamodb.calls[1][1]
    assert places(dynamodb) == [(TASK_ID, "a8")]
    assert (asked["IndexName"], asked["ScanIndexForward"], asked["ConsistentRead"]) == ("open-by-place", False, True)


@pytest.mark.parametrize(
    ("to", "neighbours", "expected"),
    [
        (TaskMove(before=A), [item(A, "a1"), item(B, "a0")], "a0V"),
        (TaskMove(before=A), [item(A, "a1")], "a0"),
        (TaskMove(after=A), [item(A, "a1"), item(B, "a2")], "a1V"),
        (TaskMove(after=A), [item(A, "a1")], "a2"),
    ],
)
def test_beside_another(to: TaskMove, neighbours: list[dict[str, Any]], expected: str) -> None:
    dynamodb = RecordingDynamoDB(there(tasks.item_of(MOVED)), there(neighbours[0]), found(*neighbours), DONE)
    moves(dynamodb).move(KEY, to)
    assert places(dynamodb) == [(TASK_ID, expected)]
    assert dynamodb.calls[2][1]["ScanIndexForward"] is (to.after is not None)


@pytest.mark.parametrize(
    "beside",
    [
        None,
        tasks.item_of(tasks.task(id=A, completed=True, completed_at=tasks.CREATED)),
        item(A, "a0", list_id=B),
        tasks.tombstone(task_id=A),
    ],
)
def test_beside_none(beside: dict[str, Any] | None) -> None:
    answer = {} if beside is None else there(beside)
    dynamodb = RecordingDynamoDB(there(tasks.item_of(MOVED)), answer)
    with pytest.raises(ValidationFailed) as failed:
        moves(dynamodb).move(KEY, TaskMove(after=A))
    assert [(each.code, each.at) for each in failed.value.violations] == [("not_a_neighbour", "/after")]


def test_beside_itself() -> None:
    with pytest.raises(ValidationFailed):
        moves(RecordingDynamoDB(there(tasks.item_of(MOVED)))).move(KEY, TaskMove(before=TASK_ID))


def test_out_of_the_trash() -> None:
    trashed = tasks.task(trashed_at=tasks.CREATED)
    with pytest.raises(TaskTrashed) as failed:
        moves(RecordingDynamoDB(there(tasks.item_of(trashed)))).move(KEY, END)
    assert failed.value.current == trashed.as_json()


def test_a_neighbour_that_moves_away_is_looked_up_anew() -> None:
    dynamodb = RecordingDynamoDB(
        there(tasks.item_of(MOVED)),
        there(item(A, "a1")),
        found(item(B, "a2")),
        there(tasks.item_of(MOVED)),
        there(item(A, "a5")),
        found(item(A, "a5")),
        DONE,
    )
    moves(dynamodb).move(KEY, TaskMove(after=A))
    assert places(dynamodb) == [(TASK_ID, "a6")]


def test_between_equal_ones_those_behind_make_room_the_last_first() -> None:
    first, second, third = item(A, "a0"), item(B, "a0"), item(C, "a1")
    dynamodb = RecordingDynamoDB(
        there(tasks.item_of(MOVED)),
        there(second),
        found(second, first),
        found(second, third),
        {"Attributes": third},
        {"Attributes": second},
        DONE,
    )
    moves(dynamodb).move(KEY, TaskMove(before=B))
    assert places(dynamodb) == [(C, "a4"), (B, "a3"), (TASK_ID, "a2")]


def test_where_there_is_no_room_behind_those_before_make_it() -> None:
    last = "z" * 255
    first, second = item(A, last), item(B, last)
    dynamodb = RecordingDynamoDB(
        there(tasks.item_of(MOVED)),
        there(second),
        found(second, first),
        found(second),
        found(first),
        {"Attributes": first},
        DONE,
    )
    moves(dynamodb).move(KEY, TaskMove(before=B))
    (other, below), (moved, between) = places(dynamodb)
    assert (other, moved) == (A, TASK_ID)
    assert below < between < last


def test_neighbours_that_keep_changing_are_a_503() -> None:
    first, second = item(A, "a0"), item(B, "a0")
    changed = condition_failed(item(B, "a0", etag="1a9f4d1b8a8Trt6AEJz", version=7))
    attempt: list[Answer] = [there(tasks.item_of(MOVED)), there(second), found(second, first), found(second), changed]
    dynamodb = RecordingDynamoDB(*attempt * 8)
    with pytest.raises(StoreUnavailable, match="keep moving"):
        moves(dynamodb).move(KEY, TaskMove(before=B))
    assert dynamodb.is_spent


def test_a_page_of_neighbours_that_dynamodb_cuts_short_is_read_on() -> None:
    goes_on = {"pk": {"S": "USER#alice"}, "sk": {"S": f"TASK#{A}"}, "place": {"S": f"inbox#a0#{A}"}}
    dynamodb = RecordingDynamoDB(
        there(tasks.item_of(MOVED)), found(LastEvaluatedKey=goes_on), found(item(A, "a0")), DONE
    )
    moves(dynamodb).move(KEY, END)
    assert dynamodb.calls[2][1]["ExclusiveStartKey"] == goes_on
    assert places(dynamodb) == [(TASK_ID, "a1")]
