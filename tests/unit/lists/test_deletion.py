"""ListDeletion against a scripted DynamoDB; on real engines in tests/contract/test_delete_list.py."""

from __future__ import annotations

from typing import Any

import pytest

from taskapi import uuid7
from taskapi.dynamo.table import Table
from taskapi.errors import PreconditionFailed
from taskapi.lists.deletion import Deletion, ListDeletion
from taskapi.preconditions import EntityTags, Precondition
from tests.support import tasks
from tests.support.fixed_clocks import NOON, FixedClock, RecordingSleep
from tests.support.lists import a_list, item_of, list_key
from tests.support.proxy_events import OWNER, TASK_ID
from tests.support.recording_dynamodb import RecordingDynamoDB, condition_failed

KEY = list_key(OWNER, TASK_ID)
THERE = {"Item": item_of(a_list())}
GONE: dict[str, Any] = {"Attributes": {**tasks.tombstone(), "sk": KEY.as_item()["sk"]}}
ONE, OTHER = (tasks.item_of(tasks.task(id=uuid7.mint(NOON + n), list_id=TASK_ID)) for n in range(2))
BOTH = {"Items": [ONE, OTHER]}
NONE: dict[str, Any] = {"Items": []}


def deletion(dynamodb: RecordingDynamoDB, *times: float) -> ListDeletion:
    """At noon, on a clock that shows these seconds, the last of them for ever."""
    shown = iter(times)
    table = Table(dynamodb.client, "tasks", now_ms=FixedClock(), sleep=RecordingSleep())
    return ListDeletion(table, lambda: next(shown, times[-1]))


def test_its_tasks_one_by_one_and_it_last() -> None:
    dynamodb = RecordingDynamoDB(THERE, BOTH, {"Attributes": ONE}, {"Attributes": OTHER}, NONE, GONE)
    assert deletion(dynamodb, 0.0).delete(KEY) == Deletion(2, is_done=True)
    written = [arguments["Key"]["sk"] for name, arguments in dynamodb.calls if name == "update_item"]
    assert written == [ONE["sk"], OTHER["sk"], KEY.as_item()["sk"]]


def test_what_there_is_no_time_for_is_left() -> None:
    # Given a function that has worked for six seconds when the second task is due
    dynamodb = RecordingDynamoDB(THERE, BOTH, {"Attributes": ONE})
    assert deletion(dynamodb, 0.0, 1.0, 6.0).delete(KEY) == Deletion(1, is_done=False)
    assert dynamodb.is_spent


def test_a_task_that_has_changed_is_looked_up_anew() -> None:
    changed = tasks.item_of(tasks.task(etag="1a9f4d1b8a8Trt6AEJz", version=7))
    dynamodb = RecordingDynamoDB(THERE, {"Items": [ONE]}, condition_failed(changed), NONE, GONE)
    assert deletion(dynamodb, 0.0).delete(KEY) == Deletion(0, is_done=True)


def test_a_stale_entity_tag_is_told_before_anything_is_done() -> None:
    dynamodb = RecordingDynamoDB(THERE)
    with pytest.raises(PreconditionFailed):
        deletion(dynamodb, 0.0).delete(KEY, Precondition(match=EntityTags(etags=("9",))))
    assert dynamodb.names == ["get_item"]
