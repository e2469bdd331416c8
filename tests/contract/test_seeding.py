"""The items that tests and benchmarks write by the thousand are those that the store would have written."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from taskapi.dynamo.stamp import WRITE_IDS
from taskapi.tasks.task import ChecklistEntry, TaskContent
from tests.contract.ticking_clock import Clock
from tests.engines.items import RawItem, read_one, task_item, tombstone_item
from tests.support.tasks import Tasks, task_key

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

CONTENT = TaskContent(
    title="A",
    description="B",
    due="2026-12-01",
    priority="low",
    tags=("c", "d"),
    list_id="01939f6e-8c1b-7a30-9c9e-2f6f1f0a7b10",
    position="a0V",
    checklist=(ChecklistEntry("1", "E"), ChecklistEntry("2", "F", completed=True)),
)
_RANDOM = ("sk", "home", "place", *WRITE_IDS, "created_write_id")


def _comparable(item: RawItem | None) -> RawItem:
    """Ids, and what they are part of, replaced by their lengths, which is what they cost."""
    assert item is not None
    return {name: len(value["S"]) if name in _RANDOM else value for name, value in item.items()}


def test_an_open_task(store: Tasks, client: DynamoDBClient, owner: str, clock: Clock) -> None:
    cases: list[tuple[TaskContent, dict[str, Any]]] = [
        (CONTENT, {name: value for name, value in CONTENT._asdict().items() if name != "completed"}),
        (TaskContent(title="A task"), {}),
    ]
    for content, members in cases:
        task = store.create(owner, content)
        item = read_one(client, task_key(owner, task.id))
        assert _comparable(task_item(owner, clock.ms, **members)) == _comparable(item)


def test_a_completed_task(store: Tasks, client: DynamoDBClient, owner: str, clock: Clock) -> None:
    key = task_key(owner, store.create(owner, TaskContent(title="A task")).id)
    created_ms = clock.ms
    store.toggle(key)

    assert _comparable(task_item(owner, created_ms, completed_ms=clock.ms)) == _comparable(read_one(client, key))


def test_a_tombstone(store: Tasks, client: DynamoDBClient, owner: str, clock: Clock) -> None:
    key = task_key(owner, store.create(owner, CONTENT).id)
    created_ms = clock.ms
    store.delete(key, permanent=True)

    assert _comparable(tombstone_item(owner, created_ms, clock.ms)) == _comparable(read_one(client, key))


def test_a_task_in_the_trash(store: Tasks, client: DynamoDBClient, owner: str, clock: Clock) -> None:
    key = task_key(owner, store.create(owner, TaskContent(title="A task")).id)
    created_ms = clock.ms
    store.delete(key)

    assert _comparable(task_item(owner, created_ms, trashed_ms=clock.ms)) == _comparable(read_one(client, key))
