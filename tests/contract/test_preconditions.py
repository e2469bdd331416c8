"""``If-Match`` and ``If-None-Match`` (RFC 9110 section 13) on every operation that writes."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

from taskapi.dynamo.entity import Key
from taskapi.dynamo.stamp import Stamp
from taskapi.errors import PreconditionFailed, TaskNotFound
from taskapi.preconditions import NEVER_MATCHES, EntityTags, Precondition
from taskapi.tasks.query import ListQuery
from taskapi.tasks.task import Task, TaskContent
from tests.contract.ticking_clock import START_MS
from tests.engines.items import read_one, task_item, write_all
from tests.support.tasks import Tasks, task_key

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

CONTENT = TaskContent(title="Pay rent", due="2026-12-01", tags=("home",))

ANY = EntityTags(any=True)


A, B, NOW, C = (f"{START_MS - age:011x}Trt6AEJz" for age in (900, 800, 700, 600))
"""Etags of a task: of two writes before, of its last, and one that it never had."""


def tags(*etags: str) -> EntityTags:
    return EntityTags(etags=etags)


Write = Callable[[Tasks, Key, Precondition], Task | None]

WRITES: dict[str, Write] = {
    "replace": lambda store, key, condition: store.replace(key, TaskContent(title="New"), condition)[0],
    "update": lambda store, key, condition: store.update(key, {"title": "New"}, condition),
    "toggle": lambda store, key, condition: store.toggle(key, None, condition),
    "complete": lambda store, key, condition: store.toggle(key, completed=True, precondition=condition),
    "reopen": lambda store, key, condition: store.toggle(key, completed=False, precondition=condition),
    "delete": lambda store, key, condition: store.delete(key, condition),
    "delete for good": lambda store, key, condition: store.delete(key, condition, permanent=True),
}
ALL_WRITES = pytest.mark.parametrize("write", WRITES.values(), ids=WRITES)
NEEDING_A_TASK = pytest.mark.parametrize(
    "write", [write for name, write in WRITES.items() if name != "replace"], ids=[n for n in WRITES if n != "replace"]
)


@pytest.fixture(params=["open", "completed"])
def task(request: pytest.FixtureRequest, client: DynamoDBClient, store: Tasks, owner: str) -> Task:
    """A task whose last write was NOW, in either state, at version 3."""
    completed_ms = START_MS - 500 if request.param == "completed" else None
    item = task_item(owner, START_MS - 1_000, completed_ms=completed_ms, title="Pay rent", due="2026-12-01")
    [task_id] = write_all(client, [{**item, "version": {"N": "3"}, "write_id": {"S": NOW}}])
    return store.get(task_key(owner, task_id))


@pytest.fixture
def its_key(task: Task) -> Key:
    """That task's key."""
    return task_key(task.user_id, task.id)


@ALL_WRITES
@pytest.mark.parametrize(
    "condition",
    [
        Precondition(match=tags(NOW)),
        Precondition(match=tags(A, B, NOW)),
        Precondition(match=tags(NEVER_MATCHES, NOW)),
        Precondition(match=ANY),
        Precondition(none_match=tags(B)),
        Precondition(none_match=tags(NEVER_MATCHES)),
        Precondition(none_match=tags("3")),
        Precondition(match=tags(NOW), none_match=tags(A, B, C)),
    ],
    ids=str,
)
def test_one_that_holds_lets_the_write_through(
    store: Tasks, its_key: Key, task: Task, write: Write, condition: Precondition
) -> None:
    write(store, its_key, condition)

    try:
        now = store.get(its_key)
    except TaskNotFound:
        return
    # A task that is in the state that is asked for stays as it is.
    assert now == task or now.version == task.version + 1


@ALL_WRITES
@pytest.mark.parametrize(
    "condition",
    [
        Precondition(match=tags(B)),
        Precondition(match=tags(C)),
        Precondition(match=tags("3")),
        Precondition(match=tags(A, B, C, "\u00e9")),
        Precondition(match=tags(NEVER_MATCHES)),
        Precondition(none_match=ANY),
        Precondition(none_match=tags(NOW)),
        Precondition(none_match=tags(A, NOW)),
        Precondition(match=ANY, none_match=tags(NOW)),
        Precondition(match=tags(B), none_match=tags(A)),
    ],
    ids=str,
)
def test_one_that_fails_changes_nothing_and_tells_the_current_task(
    store: Tasks, client: DynamoDBClient, its_key: Key, task: Task, write: Write, condition: Precondition
) -> None:
    before = read_one(client, its_key)

    with pytest.raises(PreconditionFailed) as failed:
        write(store, its_key, condition)

    assert failed.value.current == task.as_json()
    assert read_one(client, its_key) == before


@NEEDING_A_TASK
@pytest.mark.parametrize("condition", [Precondition(match=ANY), Precondition(match=tags(A)), Precondition()], ids=str)
@pytest.mark.parametrize("was_deleted", [False, True])
def test_a_task_that_is_not_there_is_not_found_whatever_is_asked(
    store: Tasks, key: Key, write: Write, condition: Precondition, was_deleted: bool
) -> None:
    if was_deleted:
        store.replace(key, CONTENT)
        store.delete(key, permanent=True)

    with pytest.raises(TaskNotFound):
        write(store, key, condition)


@pytest.mark.parametrize("was_deleted", [False, True])
class TestReplacingNothing:
    @pytest.fixture(autouse=True)
    def _tombstone(self, store: Tasks, key: Key, was_deleted: bool) -> None:
        if was_deleted:
            store.replace(key, CONTENT)
            store.delete(key, permanent=True)

    @pytest.mark.parametrize("condition", [Precondition(none_match=ANY), Precondition(none_match=tags(A, B))], ids=str)
    def test_if_none_match_creates(self, store: Tasks, key: Key, condition: Precondition) -> None:
        _, created = store.replace(key, CONTENT, condition)

        assert created

    @pytest.mark.parametrize("match", [ANY, tags(A), "the tombstone's own"], ids=str)
    def test_if_match_refuses(self, store: Tasks, client: DynamoDBClient, key: Key, match: EntityTags | str) -> None:
        before = read_one(client, key)
        if isinstance(match, str):  # even that must not count as the task's
            match = tags(before["write_id"]["S"] if before else A)

        with pytest.raises(PreconditionFailed) as failed:
            store.replace(key, CONTENT, Precondition(match=match))

        assert failed.value.current is None
        assert read_one(client, key) == before


def test_of_two_writers_with_one_entity_tag_the_second_loses(store: Tasks, key: Key) -> None:
    etag = store.replace(key, CONTENT)[0].etag
    winner = store.update(key, {"title": "First"}, Precondition(match=tags(etag)))

    with pytest.raises(PreconditionFailed) as failed:
        store.update(key, {"title": "Second"}, Precondition(match=tags(etag)))
    assert failed.value.current == winner.as_json()


def test_as_many_entity_tags_as_a_header_may_list(store: Tasks, key: Key) -> None:
    etag = store.replace(key, CONTENT)[0].etag
    many = tuple(Stamp.at(START_MS + number).write_id for number in range(49))

    store.update(key, {"title": "B"}, Precondition(match=tags(*many, etag), none_match=tags(*many)))
    with pytest.raises(PreconditionFailed):
        store.update(key, {"title": "C"}, Precondition(match=tags(*many, etag)))


class TestWhatAnEtagNames:
    """One write of one task of one user, and nothing else."""

    def test_every_write_has_one_of_its_own(self, store: Tasks, owner: str, key: Key) -> None:
        created, _ = store.create_once(owner, CONTENT, "key-1")
        other = task_key(owner, created.id)
        written = [
            created,
            store.create(owner, CONTENT),
            store.replace(key, CONTENT)[0],
            store.replace(key, CONTENT)[0],
            store.update(key, {"title": "B"}),
            store.update(other, {"title": "B"}),
            store.toggle(key),
            store.toggle(key, completed=False),
        ]
        store.delete(key)
        written += [store.get(key), store.restore(key)]
        store.delete(key, permanent=True)
        written.append(store.replace(key, CONTENT)[0])

        assert len({task.etag for task in written}) == len(written)

    def test_the_same_id_and_content_of_two_users(self, store: Tasks, owner: str, key: Key) -> None:
        """A browser in which one signs in after the other must not take one's task for the other's."""
        one, _ = store.replace(key, CONTENT)
        other, _ = store.replace(task_key(f"{owner}-2", key.id), CONTENT)

        assert (one.version, one.updated_at) == (other.version, one.updated_at)
        assert one.etag != other.etag

    def test_after_a_restore_no_old_one_matches_a_new_write(
        self, store: Tasks, client: DynamoDBClient, key: Key
    ) -> None:
        store.replace(key, CONTENT)
        backup = read_one(client, key)
        assert backup is not None
        lost = store.update(key, {"title": "Lost with the restore"})
        write_all(client, [dict(backup)])

        restored = store.get(key)
        again = store.update(key, {"title": "Written after it"}, Precondition(match=tags(restored.etag)))

        assert again.version == lost.version == 2
        for write in WRITES.values():
            with pytest.raises(PreconditionFailed):
                write(store, key, Precondition(match=tags(lost.etag)))

    def test_reading_changes_nothing(self, store: Tasks, owner: str, key: Key) -> None:
        etag = store.replace(key, CONTENT)[0].etag

        assert store.get(key).etag == etag
        assert [task.etag for task in store.list(owner, ListQuery()).tasks] == [etag]

    def test_a_task_that_is_in_the_state_asked_for_keeps_it(self, store: Tasks, key: Key) -> None:
        etag = store.replace(key, CONTENT)[0].etag

        assert store.toggle(key, completed=False).etag == etag

    def test_a_replayed_create_shows_the_one_of_what_it_shows(self, store: Tasks, owner: str) -> None:
        first, _ = store.create_once(owner, CONTENT, "key-1")
        store.update(task_key(owner, first.id), {"title": "Changed since"})
        replay, was_replayed = store.create_once(owner, CONTENT, "key-1")

        assert was_replayed
        assert replay == first
