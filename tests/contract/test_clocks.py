"""Functions run on many machines, whose clocks differ; within a task, time must not go back all the same."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from taskapi.clock import milliseconds, timestamp
from taskapi.dynamo.entity import Key
from taskapi.errors import PreconditionFailed
from taskapi.preconditions import EntityTags, Precondition
from taskapi.tasks.query import ListQuery
from taskapi.tasks.task import TaskContent
from tests.contract.ticking_clock import Clock
from tests.engines.items import read_one
from tests.support.tasks import Tasks

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

HOUR_MS = 3_600_000


@pytest.fixture
def ahead(store: Tasks, key: Key, clock: Clock) -> str:
    """A task that was last written by a clock an hour ahead; the earliest time of the next change."""
    clock.ms += HOUR_MS
    task, _ = store.replace(key, TaskContent(title="From the future", due="2026-12-01"))
    clock.ms -= HOUR_MS
    return later(task.updated_at)


def later(time: str) -> str:
    """The next millisecond."""
    return timestamp(milliseconds(time) + 1)


def test_update(store: Tasks, key: Key, ahead: str) -> None:
    task = store.update(key, {"title": "Now"})

    assert (task.title, task.version, task.updated_at) == ("Now", 2, ahead)


@pytest.mark.parametrize("state", [None, True])
def test_complete(store: Tasks, key: Key, ahead: str, state: bool | None) -> None:
    task = store.toggle(key, state)

    assert (task.completed, task.version) == (True, 2)
    assert task.updated_at == task.completed_at == ahead


@pytest.mark.parametrize("state", [None, False])
def test_reopen(store: Tasks, key: Key, clock: Clock, ahead: str, state: bool | None) -> None:
    store.toggle(key)
    task = store.toggle(key, state)

    assert (task.completed, task.version, task.updated_at) == (False, 3, later(ahead))


def test_replace(store: Tasks, key: Key, ahead: str) -> None:
    task, created = store.replace(key, TaskContent(title="Now"))

    assert (created, task.version, task.updated_at) == (False, 2, ahead)


def test_delete(store: Tasks, key: Key, ahead: str) -> None:
    store.delete(key)

    task = store.get(key)
    assert task.trashed_at == task.updated_at == ahead


def test_restore(store: Tasks, key: Key, ahead: str) -> None:
    store.delete(key)

    assert store.restore(key).updated_at == later(ahead)


def test_delete_for_good(store: Tasks, key: Key, client: DynamoDBClient, ahead: str) -> None:
    store.delete(key, permanent=True)

    item = read_one(client, key)
    assert item is not None
    assert item["deleted_at"]["S"] == item["updated_at"]["S"] == ahead


def test_replace_over_a_tombstone(store: Tasks, key: Key, ahead: str) -> None:
    store.delete(key, permanent=True)
    task, created = store.replace(key, TaskContent(title="Again"))

    assert (created, task.version, task.updated_at) == (True, 3, later(ahead))


def test_a_precondition_still_counts(store: Tasks, key: Key, ahead: str) -> None:
    with pytest.raises(PreconditionFailed):
        store.update(key, {"title": "Now"}, Precondition(match=EntityTags(etags=("1",))))
    current = Precondition(match=EntityTags(etags=(store.get(key).etag,)))
    assert store.update(key, {"title": "Now"}, current).updated_at == ahead


def test_a_change_is_listed_as_no_older_than_the_one_before_it(store: Tasks, owner: str, key: Key, ahead: str) -> None:
    store.update(key, {"title": "Now"})
    other = store.create(owner, TaskContent(title="Other"))

    page = store.list(owner, ListQuery(sort="updated_at", ascending=True))
    assert [task.id for task in page.tasks] == [other.id, key.id]


def test_a_tombstone_past_its_time_that_ttl_has_not_removed_is_still_gone(store: Tasks, key: Key, clock: Clock) -> None:
    """TTL deletes days late; the version counts on even then."""
    store.replace(key, TaskContent(title="A"))
    store.delete(key, permanent=True)
    clock.ms += 40 * 24 * HOUR_MS

    assert store.list(key.owner, ListQuery()).tasks == []
    task, created = store.replace(key, TaskContent(title="B"))
    assert (created, task.version) == (True, 3)
