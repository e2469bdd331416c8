"""What each operation does to a task, from its creation to its tombstone and beyond."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest

from taskapi import clock as wall_clock
from taskapi import positions, uuid7
from taskapi.dynamo.entity import Key
from taskapi.errors import TaskNotFound
from taskapi.tasks.query import ListQuery
from taskapi.tasks.task import INDEXED, ChecklistEntry, Task, TaskContent
from tests.contract.ticking_clock import START_MS, Clock
from tests.engines.items import read_one
from tests.support.tasks import Tasks, task_key

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

FULL = TaskContent(
    title="Pay rent",
    description="Landlord's new account:\n\t<b>DE02…</b> 🏠",
    due="2026-12-01",
    priority="high",
    tags=("Home", "money"),
    list_id="01939f6e-8c1b-7a30-9c9e-2f6f1f0a7b10",
    position="a0V",
    checklist=(ChecklistEntry("1", "Ask the bank"), ChecklistEntry("2", "Sign <b>🏠</b>", completed=True)),
)
BARE = TaskContent(title="Call home")
CONTENT = frozenset(TaskContent._fields)
OF_STATE = frozenset(INDEXED) | {"completed_at"}
"""Attributes that an open task or a completed one has, and not the other."""


def key_of(task: Task) -> Key:
    return task_key(task.user_id, task.id)


class TestCreate:
    def test_the_task_has_what_was_given_and_the_clock_s_time(self, store: Tasks, owner: str, clock: Clock) -> None:
        task = store.create(owner, FULL)

        assert _fields_of_content(task) == FULL._asdict()
        now = wall_clock.timestamp(clock.ms)
        assert (task.user_id, task.created_at, task.updated_at, task.version) == (owner, now, now, 1)
        assert task.completed_at is None
        assert uuid7.milliseconds(task.id) == clock.ms

    def test_what_was_left_out_has_its_default(self, store: Tasks, owner: str) -> None:
        task = store.create(owner, BARE)

        assert (task.description, task.due, task.priority, task.tags, task.completed) == (None, None, "none", (), False)
        assert (task.list_id, task.checklist) == (None, ())
        assert task.position == positions.at(uuid7.milliseconds(task.id))

    def test_a_task_can_be_born_completed(self, store: Tasks, owner: str) -> None:
        task = store.create(owner, TaskContent(title="Done already", completed=True, due="2026-12-01"))

        assert task.completed
        assert task.completed_at == task.created_at

    @pytest.mark.parametrize("content", [FULL, BARE], ids=["full", "bare"])
    def test_reading_gives_what_creating_answered(self, store: Tasks, owner: str, content: TaskContent) -> None:
        task = store.create(owner, content)

        assert store.get(key_of(task)) == task

    def test_no_two_tasks_share_an_id(self, store: Tasks, owner: str, clock: Clock) -> None:
        clock.tick = 0

        assert len({store.create(owner, BARE).id for _ in range(20)}) == 20


class TestGet:
    def test_nothing_there(self, store: Tasks, key: Key) -> None:
        with pytest.raises(TaskNotFound):
            store.get(key)

    def test_deleted(self, store: Tasks, owner: str) -> None:
        key = key_of(store.create(owner, FULL))
        store.delete(key, permanent=True)

        with pytest.raises(TaskNotFound):
            store.get(key)


class TestReplace:
    def test_where_there_was_nothing_it_creates(self, store: Tasks, key: Key, clock: Clock) -> None:
        task, created = store.replace(key, FULL)

        assert created
        assert (task.version, task.updated_at) == (1, wall_clock.timestamp(clock.ms))
        assert store.get(key) == task

    def test_created_at_is_the_instant_in_the_id(self, store: Tasks, owner: str) -> None:
        """An offline client minted it days ago; its place in the list is where the user put it."""
        minted = START_MS - 3 * 86_400_000
        task, _ = store.replace(task_key(owner, uuid7.mint(minted)), BARE)

        assert task.created_at == wall_clock.timestamp(minted)

    @pytest.mark.parametrize("ahead_ms", [60_000, 23 * 3_600_000], ids=["a minute", "most of a day"])
    def test_an_id_of_a_clock_that_is_ahead_has_one_place_in_all_lists(
        self, store: Tasks, owner: str, ahead_ms: int
    ) -> None:
        ahead, _ = store.replace(task_key(owner, uuid7.mint(START_MS + ahead_ms)), BARE)
        later = store.create(owner, BARE)
        store.toggle(key_of(ahead))
        reopened = store.toggle(key_of(ahead))

        assert reopened.created_at == ahead.created_at == wall_clock.timestamp(START_MS + ahead_ms)
        for status in ("all", "open"):
            listed = store.list(owner, ListQuery.from_parameters({"status": [status]})).tasks
            assert [task.id for task in listed] == [ahead.id, later.id], status

    def test_where_there_is_one_it_replaces_all_that_its_owner_writes(self, store: Tasks, owner: str) -> None:
        before = store.create(owner, FULL)
        after, created = store.replace(key_of(before), BARE)

        assert not created
        at_the_end = positions.at(uuid7.milliseconds(before.id))
        assert _fields_of_content(after) == BARE._replace(position=at_the_end)._asdict()
        assert (after.created_at, after.version) == (before.created_at, 2)
        assert after.updated_at > before.updated_at
        assert store.get(key_of(before)) == after

    def test_twice_the_same_is_one_task_two_versions_on(self, store: Tasks, key: Key) -> None:
        first, created = store.replace(key, FULL)
        second, created_again = store.replace(key, FULL)

        assert (created, created_again) == (True, False)
        assert (first.version, second.version) == (1, 2)

    def test_completing_by_replacement_and_back(self, store: Tasks, key: Key) -> None:
        store.replace(key, FULL)
        done, _ = store.replace(key, TaskContent(title="Done", completed=True, due="2026-12-05"))
        still, _ = store.replace(key, TaskContent(title="Done, really", completed=True))
        again, _ = store.replace(key, TaskContent(title="Not done", due="2026-12-06"))

        assert done.completed_at == done.updated_at
        assert still.completed_at == done.completed_at, "the time of completion is that of the first one"
        assert (again.completed, again.completed_at) == (False, None)

    def test_over_a_tombstone_it_creates_and_counts_on(self, store: Tasks, client: DynamoDBClient, key: Key) -> None:
        first, _ = store.replace(key, FULL)
        store.delete(key, permanent=True)
        second, created = store.replace(key, BARE)

        assert created
        assert (first.version, second.version) == (1, 3), "an old entity tag must not match the new task"
        assert second.created_at == first.created_at
        item = read_one(client, key)
        assert item is not None
        assert not item.keys() & {"deleted_at", "expires_at"}


class TestUpdate:
    def test_what_the_patch_has_not_is_left_alone(self, store: Tasks, owner: str) -> None:
        before = store.create(owner, FULL)
        after = store.update(key_of(before), {"title": "Pay the rent"})

        assert after == _changed(before, after, title="Pay the rent")
        assert after.version == 2
        assert after.updated_at > before.updated_at
        assert store.get(key_of(before)) == after

    @pytest.mark.parametrize(
        ("changes", "member", "expected"),
        [
            ({"description": None}, "description", None),
            ({"due": None}, "due", None),
            ({"tags": ()}, "tags", ()),
            ({"tags": ("b", "a")}, "tags", ("b", "a")),
            ({"priority": "low"}, "priority", "low"),
            ({"position": "a0"}, "position", "a0"),
            ({"list_id": FULL.list_id}, "list_id", FULL.list_id),
            ({"checklist": ()}, "checklist", ()),
            ({"checklist": FULL.checklist[::-1]}, "checklist", FULL.checklist[::-1]),
            ({"due": "2027-01-01T08:00:00.000Z"}, "due", "2027-01-01T08:00:00.000Z"),
        ],
    )
    def test_each_member(
        self, store: Tasks, owner: str, changes: dict[str, object], member: str, expected: object
    ) -> None:
        before = store.create(owner, FULL)
        after = store.update(key_of(before), changes)

        assert after == _changed(before, after, **{member: expected})

    def test_everything_at_once(self, store: Tasks, owner: str) -> None:
        before = store.create(owner, BARE)
        changes = FULL._asdict() | {"completed": True}
        after = store.update(key_of(before), changes)

        assert _fields_of_content(after) == changes
        assert after.completed_at == after.updated_at

    @pytest.mark.parametrize("due", ["2026-12-24", None])
    @pytest.mark.parametrize("completed", [True, False])
    @pytest.mark.parametrize("was_completed", [True, False])
    def test_due_and_completion_together_and_apart(
        self, store: Tasks, owner: str, due: str | None, completed: bool, was_completed: bool
    ) -> None:
        """Every way into and out of the indexes; the fixtures check the items when the test is over."""
        for changes in ({"due": due}, {"completed": completed}, {"due": due, "completed": completed}):
            before = store.create(owner, TaskContent(title="A", due="2026-12-01", completed=was_completed))
            after = store.update(key_of(before), changes)

            assert after.due == changes.get("due", "2026-12-01")
            assert after.completed == changes.get("completed", was_completed)
            assert (after.completed_at is not None) == after.completed
            if was_completed and after.completed:
                assert after.completed_at == before.completed_at

    @pytest.mark.parametrize("was_deleted", [False, True])
    def test_not_there(self, store: Tasks, key: Key, client: DynamoDBClient, was_deleted: bool) -> None:
        if was_deleted:
            store.replace(key, FULL)
            store.delete(key, permanent=True)
        before = read_one(client, key)

        with pytest.raises(TaskNotFound):
            store.update(key, {"title": "Ghost"})
        assert read_one(client, key) == before, "what is refused leaves nothing behind"


class TestToggle:
    def test_without_a_state_it_flips(self, store: Tasks, owner: str) -> None:
        task = store.create(owner, FULL)
        done = store.toggle(key_of(task))
        open_again = store.toggle(key_of(task))

        assert (done.completed, done.completed_at, done.version) == (True, done.updated_at, 2)
        assert (open_again.completed, open_again.completed_at, open_again.version) == (False, None, 3)
        assert open_again.due == FULL.due

    @pytest.mark.parametrize("completed", [True, False])
    def test_with_a_state_it_sets_once(self, store: Tasks, owner: str, completed: bool) -> None:
        task = store.create(owner, TaskContent(title="A", completed=not completed))
        once = store.toggle(key_of(task), completed)
        twice = store.toggle(key_of(task), completed)

        assert (once.completed, once.version) == (completed, 2)
        assert twice == once, "a retry is harmless"

    @pytest.mark.parametrize("completed", [True, False, None])
    def test_not_there(self, store: Tasks, key: Key, completed: bool | None) -> None:
        with pytest.raises(TaskNotFound):
            store.toggle(key, completed)
        store.replace(key, FULL)
        store.delete(key, permanent=True)
        with pytest.raises(TaskNotFound):
            store.toggle(key, completed)


COMPLETIONS: dict[str, Callable[[Tasks, Key], object]] = {
    "toggle": lambda store, key: store.toggle(key),
    "toggle with a state": lambda store, key: store.toggle(key, completed=True),
    "update": lambda store, key: store.update(key, {"completed": True}),
    "update of the due date, too": lambda store, key: store.update(key, {"completed": True, "due": "2027-01-01"}),
    "replace": lambda store, key: store.replace(key, FULL._replace(completed=True)),
}
REOPENINGS: dict[str, Callable[[Tasks, Key], object]] = {
    "toggle": lambda store, key: store.toggle(key),
    "toggle with a state": lambda store, key: store.toggle(key, completed=False),
    "update": lambda store, key: store.update(key, {"completed": False}),
    "update of the due date, too": lambda store, key: store.update(key, {"completed": False, "due": FULL.due}),
    "replace": lambda store, key: store.replace(key, FULL),
}


class TestIndexAttributes:
    """An index has exactly the items that have its sort key, so these attributes are the lists."""

    @pytest.mark.parametrize("complete", COMPLETIONS.values(), ids=COMPLETIONS)
    def test_completing_removes_those_of_open_tasks(
        self, store: Tasks, client: DynamoDBClient, key: Key, complete: Callable[[Tasks, Key], object]
    ) -> None:
        store.replace(key, FULL)
        complete(store, key)

        item = read_one(client, key)
        assert item is not None
        assert item.keys() & OF_STATE == {"completed_at", "closed"}
        assert item["closed"] == item["completed_at"]

    @pytest.mark.parametrize("reopen", REOPENINGS.values(), ids=REOPENINGS)
    def test_reopening_brings_them_back(
        self, store: Tasks, client: DynamoDBClient, key: Key, reopen: Callable[[Tasks, Key], object]
    ) -> None:
        store.replace(key, FULL._replace(completed=True))
        reopen(store, key)

        item = read_one(client, key)
        assert item is not None
        assert item.keys() & OF_STATE == {"open_since", "open_due", "place"}
        assert (item["open_since"], item["open_due"]) == (item["created_at"], {"S": FULL.due})
        assert item["place"] == {"S": f"{FULL.list_id}#{FULL.position}#{key.id}"}


class TestDelete:
    """For good; what comes before it is in test_trash.py."""

    @pytest.mark.parametrize("completed", [True, False])
    def test_only_a_tombstone_is_left(
        self, store: Tasks, client: DynamoDBClient, owner: str, clock: Clock, completed: bool
    ) -> None:
        task = store.create(owner, FULL._replace(completed=completed))
        store.delete(key_of(task), permanent=True)

        item = read_one(client, key_of(task))
        assert item is not None
        assert not item.keys() & (CONTENT | OF_STATE | {"home"})
        assert item["version"]["N"] == "2"
        assert item["deleted_at"]["S"] == wall_clock.timestamp(clock.ms)
        assert int(item["expires_at"]["N"]) == clock.ms // 1000 + 30 * 86_400

    def test_a_second_time_it_is_not_there(self, store: Tasks, client: DynamoDBClient, owner: str) -> None:
        key = key_of(store.create(owner, FULL))
        store.delete(key, permanent=True)
        tombstone = read_one(client, key)

        for permanent in (True, False):
            with pytest.raises(TaskNotFound):
                store.delete(key, permanent=permanent)
        assert read_one(client, key) == tombstone

    def test_nothing_there(self, store: Tasks, client: DynamoDBClient, key: Key) -> None:
        with pytest.raises(TaskNotFound):
            store.delete(key, permanent=True)
        assert read_one(client, key) is None


def test_versions_count_every_change_by_one(store: Tasks, key: Key) -> None:
    versions = [
        store.replace(key, FULL)[0].version,
        store.update(key, {"title": "B"}).version,
        store.toggle(key).version,
        store.toggle(key).version,
        store.toggle(key, completed=False).version,  # it is: nothing changes
        store.replace(key, BARE)[0].version,
    ]
    store.delete(key)
    store.delete(key)  # it is there: nothing changes
    versions.append(store.restore(key).version)
    store.delete(key)
    versions.append(store.replace(key, FULL)[0].version)
    store.delete(key)
    store.delete(key, permanent=True)
    versions.append(store.replace(key, FULL)[0].version)

    assert versions == [1, 2, 3, 4, 4, 5, 7, 9, 12]
    assert store.get(key).version == 12


def test_text_is_stored_as_it_was_written(store: Tasks, owner: str) -> None:
    content = TaskContent(
        title="<script>alert('ü')</script> & \"quotes\" \\ 🏠 👩‍👩‍👧",
        description="\u202eright to left\u202c\n\u00a0line",
        tags=("#pk", "USER#x", ":v0", "attribute_not_exists(pk)"),
        position="a0",
        checklist=(ChecklistEntry("#~!", '<i>"\\\u202e'), ChecklistEntry("'", "🏠 👩‍👩‍👧", completed=True)),
    )

    assert _fields_of_content(store.create(owner, content)) == content._asdict()


def _fields_of_content(task: Task) -> dict[str, object]:
    return {name: getattr(task, name) for name in CONTENT}


def _changed(before: Task, after: Task, **members: Any) -> Task:
    """The task before, with these members, and with what every change changes."""
    return before._replace(version=after.version, updated_at=after.updated_at, etag=after.etag, **members)
