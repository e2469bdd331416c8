"""``If-Match`` and ``If-None-Match`` (RFC 9110 section 13) on every operation that writes."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

from taskapi.errors import PreconditionFailed, TaskNotFound
from taskapi.preconditions import EntityTags, Precondition
from taskapi.store import TaskStore
from taskapi.task import Task, TaskContent, TaskKey
from tests.contract.ticking_clock import START_MS
from tests.engines.items import read_one, task_item, write_all

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

CONTENT = TaskContent(title="Pay rent", due="2026-12-01", tags=("home",))

ANY = EntityTags(any=True)


def tags(*versions: int) -> EntityTags:
    return EntityTags(versions=versions)


Write = Callable[[TaskStore, TaskKey, Precondition], Task | None]

WRITES: dict[str, Write] = {
    "replace": lambda store, key, condition: store.replace(key, TaskContent(title="New"), condition)[0],
    "update": lambda store, key, condition: store.update(key, {"title": "New"}, condition),
    "toggle": lambda store, key, condition: store.toggle(key, None, condition),
    "complete": lambda store, key, condition: store.toggle(key, completed=True, precondition=condition),
    "reopen": lambda store, key, condition: store.toggle(key, completed=False, precondition=condition),
    "delete": lambda store, key, condition: store.delete(key, condition),
}
ALL_WRITES = pytest.mark.parametrize("write", WRITES.values(), ids=WRITES)
NEEDING_A_TASK = pytest.mark.parametrize(
    "write", [write for name, write in WRITES.items() if name != "replace"], ids=[n for n in WRITES if n != "replace"]
)


@pytest.fixture(params=["open", "completed"])
def task(request: pytest.FixtureRequest, client: DynamoDBClient, store: TaskStore, owner: str) -> Task:
    """A task at version 3, in either state."""
    completed_ms = START_MS - 500 if request.param == "completed" else None
    item = task_item(owner, START_MS - 1_000, completed_ms=completed_ms, title="Pay rent", due="2026-12-01")
    [task_id] = write_all(client, [{**item, "version": {"N": "3"}}])
    return store.get(TaskKey(owner, task_id))


@pytest.fixture
def task_key(task: Task) -> TaskKey:
    """That task's key."""
    return TaskKey(task.owner, task.task_id)


@ALL_WRITES
@pytest.mark.parametrize(
    "condition",
    [
        Precondition(match=tags(3)),
        Precondition(match=tags(1, 2, 3)),
        Precondition(match=tags(-1, 3)),
        Precondition(match=ANY),
        Precondition(none_match=tags(2)),
        Precondition(none_match=tags(-1)),
        Precondition(match=tags(3), none_match=tags(1, 2, 4)),
    ],
    ids=str,
)
def test_one_that_holds_lets_the_write_through(
    store: TaskStore, task_key: TaskKey, task: Task, write: Write, condition: Precondition
) -> None:
    write(store, task_key, condition)

    try:
        now = store.get(task_key)
    except TaskNotFound:
        return
    # A task that is in the state that is asked for stays as it is.
    assert now == task or now.version == task.version + 1


@ALL_WRITES
@pytest.mark.parametrize(
    "condition",
    [
        Precondition(match=tags(2)),
        Precondition(match=tags(4)),
        Precondition(match=tags(1, 2, 4, 30)),
        Precondition(match=tags(-1)),
        Precondition(none_match=ANY),
        Precondition(none_match=tags(3)),
        Precondition(none_match=tags(1, 3)),
        Precondition(match=ANY, none_match=tags(3)),
        Precondition(match=tags(2), none_match=tags(1)),
    ],
    ids=str,
)
def test_one_that_fails_changes_nothing_and_tells_the_current_task(
    store: TaskStore, client: DynamoDBClient, task_key: TaskKey, task: Task, write: Write, condition: Precondition
) -> None:
    before = read_one(client, task_key)

    with pytest.raises(PreconditionFailed) as failed:
        write(store, task_key, condition)

    assert failed.value.current == task
    assert read_one(client, task_key) == before


@NEEDING_A_TASK
@pytest.mark.parametrize("condition", [Precondition(match=ANY), Precondition(match=tags(1)), Precondition()], ids=str)
@pytest.mark.parametrize("was_deleted", [False, True])
def test_a_task_that_is_not_there_is_not_found_whatever_is_asked(
    store: TaskStore, key: TaskKey, write: Write, condition: Precondition, was_deleted: bool
) -> None:
    if was_deleted:
        store.replace(key, CONTENT)
        store.delete(key)

    with pytest.raises(TaskNotFound):
        write(store, key, condition)


@pytest.mark.parametrize("was_deleted", [False, True])
class TestReplacingNothing:
    @pytest.fixture(autouse=True)
    def _tombstone(self, store: TaskStore, key: TaskKey, was_deleted: bool) -> None:
        if was_deleted:
            store.replace(key, CONTENT)
            store.delete(key)

    @pytest.mark.parametrize("condition", [Precondition(none_match=ANY), Precondition(none_match=tags(1, 2))], ids=str)
    def test_if_none_match_creates(self, store: TaskStore, key: TaskKey, condition: Precondition) -> None:
        _, created = store.replace(key, CONTENT, condition)

        assert created

    @pytest.mark.parametrize(
        "condition",
        [Precondition(match=ANY), Precondition(match=tags(1)), Precondition(match=tags(2))],
        ids=str,
    )
    def test_if_match_refuses(
        self, store: TaskStore, client: DynamoDBClient, key: TaskKey, condition: Precondition
    ) -> None:
        """Version 2 is the tombstone's own: even that must not count as the task's."""
        before = read_one(client, key)

        with pytest.raises(PreconditionFailed) as failed:
            store.replace(key, CONTENT, condition)

        assert failed.value.current is None
        assert read_one(client, key) == before


def test_of_two_writers_with_one_entity_tag_the_second_loses(store: TaskStore, key: TaskKey) -> None:
    version = store.replace(key, CONTENT)[0].version
    winner = store.update(key, {"title": "First"}, Precondition(match=tags(version)))

    with pytest.raises(PreconditionFailed) as failed:
        store.update(key, {"title": "Second"}, Precondition(match=tags(version)))
    assert failed.value.current == winner


def test_as_many_entity_tags_as_a_header_may_list(store: TaskStore, key: TaskKey) -> None:
    store.replace(key, CONTENT)
    many = tuple(range(2, 51))

    store.update(key, {"title": "B"}, Precondition(match=tags(*many, 1), none_match=tags(*many)))
    with pytest.raises(PreconditionFailed):
        store.update(key, {"title": "C"}, Precondition(match=tags(*range(3, 53))))
