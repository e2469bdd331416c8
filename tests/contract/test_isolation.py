"""One user never reaches another's tasks, whatever their names and cursors look like."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from taskapi.errors import TaskNotFound
from taskapi.query import ACCESS_PATHS, ListQuery, Sort, Status
from taskapi.store import TaskStore
from taskapi.task import TaskContent, TaskKey
from tests.contract.ticking_clock import START_MS
from tests.engines.items import check_items, read_all, task_item, write_all
from tests.engines.walks import walk_ids

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

CONTENT = TaskContent(title="Mine", due="2026-12-01")
NEIGHBOURS = ["{}", "{}1", "{}:TASK", "{} ", "{}~", "{}/..", "{}%23", "{}é", "{}e\u0301", "{}🏠", "{}\ufffd"]
"""Subs that are prefixes of one another, or look alike."""


def test_neighbours_see_their_own_only(store: TaskStore, client: DynamoDBClient, owner: str) -> None:
    subs = [pattern.format(owner) for pattern in NEIGHBOURS]
    ids = {sub: store.create(sub, CONTENT).task_id for sub in subs}

    for sub in subs:
        for status, sort in ACCESS_PATHS:
            expected = [] if status == "completed" else [ids[sub]]
            assert walk_ids(store, sub, ListQuery(status=status, sort=sort, limit=1)) == expected
        check_items(client, sub)


def test_another_s_task_is_not_found(store: TaskStore, client: DynamoDBClient, owner: str) -> None:
    stranger = f"{owner}-stranger"
    task = store.create(owner, CONTENT)
    key = TaskKey(stranger, task.task_id)

    for attempt in (
        lambda: store.get(key),
        lambda: store.update(key, {"title": "Theirs"}),
        lambda: store.toggle(key),
        lambda: store.delete(key),
    ):
        with pytest.raises(TaskNotFound):
            attempt()
    assert store.get(TaskKey(owner, task.task_id)) == task
    assert list(read_all(client, stranger)) == []


def test_one_id_can_be_two_users_tasks(store: TaskStore, owner: str, key: TaskKey) -> None:
    """Ids are minted by clients; that another one has used it must not show."""
    other = TaskKey(f"{owner}-other", key.task_id)
    store.replace(key, CONTENT)
    task, created = store.replace(other, TaskContent(title="Theirs"))

    assert created
    assert task.version == 1
    store.delete(other)
    assert store.get(key).title == "Mine"


@pytest.mark.parametrize(("status", "sort"), ACCESS_PATHS)
def test_another_s_cursor_reads_one_s_own_tasks(
    store: TaskStore, client: DynamoDBClient, owner: str, status: Status, sort: Sort
) -> None:
    stranger = f"{owner}-stranger"
    own = [task_item(owner, START_MS + n, completed_ms=START_MS + n if status == "completed" else None) for n in (1, 3)]
    theirs = [
        task_item(stranger, START_MS + n, completed_ms=START_MS + n if status == "completed" else None) for n in (0, 2)
    ]
    own_ids = write_all(client, own)
    write_all(client, theirs)
    query = ListQuery(status=status, sort=sort, ascending=True, limit=1)
    cursor = store.list(stranger, query).next_cursor
    assert cursor is not None

    read = walk_ids(store, owner, ListQuery(status=status, sort=sort, ascending=True, limit=1, cursor=cursor))

    if sort == "due":  # all undated: which come after the cursor is the engine's order among equals
        assert set(read) <= set(own_ids)
    else:
        assert read == own_ids


def test_the_longest_sub(store: TaskStore) -> None:
    sub = "🏠" * 256
    task = store.create(sub, CONTENT)

    assert store.get(TaskKey(sub, task.task_id)) == task
    assert [found.task_id for found in store.list(sub, ListQuery(status="open", sort="due", limit=100)).tasks][-1:] == [
        task.task_id
    ]
