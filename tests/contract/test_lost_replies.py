"""A write that was applied though its reply was lost, and that botocore then sends again."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from taskapi.dynamo.entity import Key
from taskapi.preconditions import EntityTags, Precondition
from taskapi.tasks.task import Task, TaskContent
from tests.contract.ticking_clock import Clock
from tests.engines.calls import counted, first_reply_lost
from tests.engines.items import read_all, read_one
from tests.support.tasks import Tasks, task_key

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

CONTENT = TaskContent(title="Pay rent", due="2026-12-01")


CONDITIONAL = pytest.mark.parametrize("conditional", [False, True])


def on(task: Task, conditional: bool) -> Precondition:
    return Precondition(match=EntityTags(etags=(task.etag,))) if conditional else Precondition()


def test_create_adds_one_task(store: Tasks, client: DynamoDBClient, owner: str) -> None:
    with counted(client) as calls, first_reply_lost(client):
        task = store.create(owner, CONTENT)

    assert calls.operations == ["PutItem", "PutItem"]
    assert [item["sk"]["S"] for item in read_all(client, owner)] == [f"TASK#{task.id}"]
    assert store.get(task_key(owner, task.id)) == task


def test_create_with_an_idempotency_key_adds_one_task_and_is_no_replay(
    store: Tasks, client: DynamoDBClient, owner: str
) -> None:
    with counted(client) as calls, first_reply_lost(client):
        task, was_replayed = store.create_once(owner, CONTENT, "key-1")

    assert calls.operations == ["TransactWriteItems"] * 2
    assert not was_replayed
    assert sum(item["sk"]["S"].startswith("TASK#") for item in read_all(client, owner)) == 1
    assert store.create_once(owner, CONTENT, "key-1") == (task, True)


@pytest.mark.parametrize("condition", [Precondition(), Precondition(none_match=EntityTags(any=True))], ids=str)
def test_replace_says_created(store: Tasks, client: DynamoDBClient, key: Key, condition: Precondition) -> None:
    with first_reply_lost(client):
        task, created = store.replace(key, CONTENT, condition)

    assert (task.version, created) == (1, True)
    assert store.get(key) == task


@CONDITIONAL
def test_replace_says_replaced(store: Tasks, client: DynamoDBClient, key: Key, conditional: bool) -> None:
    before, _ = store.replace(key, CONTENT)
    with first_reply_lost(client):
        task, created = store.replace(key, TaskContent(title="Other"), on(before, conditional))

    assert (task.title, task.version, created) == ("Other", 2, False)


def test_replace_over_a_tombstone_says_created(store: Tasks, client: DynamoDBClient, key: Key) -> None:
    store.replace(key, CONTENT)
    store.delete(key, permanent=True)
    with first_reply_lost(client):
        task, created = store.replace(key, CONTENT)

    assert (task.version, created) == (3, True)


@CONDITIONAL
def test_update_is_applied_once(store: Tasks, client: DynamoDBClient, key: Key, conditional: bool) -> None:
    before, _ = store.replace(key, CONTENT)
    with first_reply_lost(client):
        task = store.update(key, {"title": "Other"}, on(before, conditional))

    assert (task.title, task.version) == ("Other", 2)
    assert store.get(key) == task


@pytest.mark.parametrize("state", [None, True, False])
@pytest.mark.parametrize("was_completed", [False, True])
@CONDITIONAL
def test_toggle_flips_once(
    store: Tasks,
    client: DynamoDBClient,
    key: Key,
    state: bool | None,
    was_completed: bool,
    conditional: bool,
) -> None:
    before, _ = store.replace(key, TaskContent(title="A", completed=was_completed))
    with first_reply_lost(client):
        task = store.toggle(key, state, on(before, conditional))

    assert task.completed == (state if state is not None else not was_completed)
    assert task.version == (1 if state is was_completed else 2)
    assert store.get(key) == task


@CONDITIONAL
@pytest.mark.parametrize("permanent", [False, True])
def test_delete_is_done(store: Tasks, client: DynamoDBClient, key: Key, conditional: bool, permanent: bool) -> None:
    before, _ = store.replace(key, CONTENT)
    with first_reply_lost(client):
        store.delete(key, on(before, conditional), permanent=permanent)

    item = read_one(client, key)
    assert item is not None
    assert (item["version"]["N"], "deleted_at" in item, "trashed_at" in item) == ("2", permanent, not permanent)


def test_behind_a_clock_that_was_ahead_the_second_try_counts_once_too(
    store: Tasks, client: DynamoDBClient, key: Key, clock: Clock
) -> None:
    """Refused for its time, built anew, applied, and only that reply is lost."""
    clock.ms += 60_000
    store.replace(key, CONTENT)
    clock.ms -= 120_000

    with counted(client) as calls, first_reply_lost(client):
        task = store.update(key, {"title": "Other"})

    assert len(calls) >= 3
    assert (task.title, task.version) == ("Other", 2)
    assert store.get(key) == task
