"""One user never reaches another's tasks, whatever their names and cursors look like."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from taskapi.dynamo.entity import Key
from taskapi.errors import TaskNotFound
from taskapi.tasks.query import ACCESS_PATHS, ListQuery, Sort, Status
from taskapi.tasks.task import TaskContent
from tests.contract.ticking_clock import START_MS
from tests.engines.items import check_items, listed_since, read_all, task_item, write_all
from tests.engines.walks import served, walk_ids
from tests.support.tasks import Tasks, task_key

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

CONTENT = TaskContent(title="Mine", due="2026-12-01")
NEIGHBOURS = ["{}", "{}1", "{}:TASK", "{} ", "{}~", "{}/..", "{}%23", "{}é", "{}e\u0301", "{}🏠", "{}\ufffd"]
"""Subs that are prefixes of one another, or look alike."""


def test_neighbours_see_their_own_only(store: Tasks, client: DynamoDBClient, owner: str) -> None:
    subs = [pattern.format(owner) for pattern in NEIGHBOURS]
    ids = {sub: store.create(sub, CONTENT).id for sub in subs}

    for sub in subs:
        for status, sort in ACCESS_PATHS:
            expected = [] if status in ("completed", "trashed") else [ids[sub]]
            assert walk_ids(store, sub, served(status, sort, limit=1)) == expected
        check_items(client, sub)


def test_another_s_task_is_not_found(store: Tasks, client: DynamoDBClient, owner: str) -> None:
    stranger = f"{owner}-stranger"
    task = store.create(owner, CONTENT)
    key = task_key(stranger, task.id)

    for attempt in (
        lambda: store.get(key),
        lambda: store.update(key, {"title": "Theirs"}),
        lambda: store.toggle(key),
        lambda: store.delete(key),
        lambda: store.delete(key, permanent=True),
        lambda: store.restore(key),
    ):
        with pytest.raises(TaskNotFound):
            attempt()
    assert store.get(task_key(owner, task.id)) == task
    assert list(read_all(client, stranger)) == []


def test_one_id_can_be_two_users_tasks(store: Tasks, owner: str, key: Key) -> None:
    """Ids are minted by clients; that another one has used it must not show."""
    other = task_key(f"{owner}-other", key.id)
    store.replace(key, CONTENT)
    task, created = store.replace(other, TaskContent(title="Theirs"))

    assert created
    assert task.version == 1
    store.delete(other)
    store.delete(other, permanent=True)
    assert store.get(key).title == "Mine"


@pytest.mark.parametrize(("status", "sort"), ACCESS_PATHS)
def test_another_s_cursor_reads_one_s_own_tasks(
    store: Tasks, client: DynamoDBClient, owner: str, status: Status, sort: Sort
) -> None:
    stranger = f"{owner}-stranger"
    own = [task_item(owner, START_MS + n, **listed_since(status, START_MS + n)) for n in (1, 3)]
    theirs = [task_item(stranger, START_MS + n, **listed_since(status, START_MS + n)) for n in (0, 2)]
    own_ids = write_all(client, own)
    write_all(client, theirs)
    query = served(status, sort, ascending=True, limit=1)
    cursor = store.list(stranger, query).next_cursor
    assert cursor is not None

    read = walk_ids(store, owner, served(status, sort, ascending=True, limit=1, cursor=cursor))

    if sort == "due":  # all undated: which come after the cursor is the engine's order among equals
        assert set(read) <= set(own_ids)
    else:
        assert read == own_ids


def test_the_longest_sub(store: Tasks) -> None:
    sub = "🏠" * 256
    task = store.create(sub, CONTENT)

    assert store.get(task_key(sub, task.id)) == task
    assert [found.id for found in store.list(sub, ListQuery(status="open", sort="due", limit=100)).tasks][-1:] == [
        task.id
    ]
