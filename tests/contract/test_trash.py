"""The trash: what is put there can be taken out for 30 days, and until then is in no list but its own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from taskapi import clock as wall_clock
from taskapi import positions, uuid7
from taskapi.dynamo.cursor import Position, encode
from taskapi.dynamo.entity import Key
from taskapi.dynamo.table import Table
from taskapi.errors import InvalidCursor, PreconditionFailed, StateError, TaskNotFound, TaskNotTrashed, TaskTrashed
from taskapi.preconditions import UNCONDITIONAL, EntityTags, Precondition
from taskapi.tasks.moves import TaskMoves
from taskapi.tasks.plain_bodies import TaskMove
from taskapi.tasks.query import ACCESS_PATHS, ListQuery, Sort, Status
from taskapi.tasks.task import ChecklistEntry, Task, TaskContent
from tests.contract.ticking_clock import START_MS, Clock
from tests.engines.calls import counted, first_reply_lost
from tests.engines.engine import TABLE_NAME, Capability, Engine
from tests.engines.items import RawItem, delete_all, read_one, task_item, write_all
from tests.engines.walks import served, walk_ids
from tests.support.tasks import Tasks, task_key

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

DAY_MS = 24 * 3600 * 1000
KEPT_SECONDS = 30 * 86_400
KEPT_MS = KEPT_SECONDS * 1000
LIST_ID = "01939f6e-8c1b-7a30-9c9e-2f6f1f0a7b10"
FULL = TaskContent(
    title="Pay rent",
    description="By transfer",
    due="2026-12-01",
    priority="high",
    tags=("Home", "money"),
    list_id=LIST_ID,
    position="a0V",
    checklist=(ChecklistEntry("1", "Ask the bank"), ChecklistEntry("2", "Sign", completed=True)),
)
CONTENTS = {
    "full": FULL,
    "bare": TaskContent("Call home"),
    "completed": FULL._replace(completed=True),
    "completed, undated": TaskContent("Done", completed=True),
}
ANY = EntityTags(any=True)
NEVER = EntityTags(etags=("never",))


def matching(task: Task) -> Precondition:
    return Precondition(match=EntityTags(etags=(task.etag,)))


@pytest.fixture
def thrown_away(store: Tasks, key: Key) -> Task:
    """An open task, before it was put into the trash."""
    task, _ = store.replace(key, FULL)
    store.delete(key)
    return task


class TestPuttingThere:
    @pytest.mark.parametrize("content", CONTENTS.values(), ids=CONTENTS)
    def test_the_task_is_as_it_was_but_for_its_time_there(self, store: Tasks, key: Key, content: TaskContent) -> None:
        before, _ = store.replace(key, content)
        store.delete(key)

        after = store.get(key)
        assert after.trashed_at == after.updated_at > before.updated_at
        assert after == before._replace(
            trashed_at=after.trashed_at, updated_at=after.updated_at, version=2, etag=after.etag
        )
        assert after.etag != before.etag

    @pytest.mark.usefixtures("thrown_away")
    def test_once_more_writes_nothing(self, store: Tasks, client: DynamoDBClient, key: Key, clock: Clock) -> None:
        item = read_one(client, key)
        clock.ms += 20 * DAY_MS
        with counted(client) as calls:
            store.delete(key)

        assert read_one(client, key) == item, "its 30 days do not begin anew"
        assert calls.operations == ["UpdateItem"]

    @pytest.mark.usefixtures("thrown_away")
    def test_a_precondition_counts_there_too(self, store: Tasks, key: Key) -> None:
        current = store.get(key)
        for stale in (Precondition(match=NEVER), Precondition(none_match=ANY)):
            with pytest.raises(PreconditionFailed) as failed:
                store.delete(key, stale)
            assert failed.value.current == current.as_json()
        store.delete(key, matching(current))
        store.delete(key, Precondition(match=ANY))
        assert store.get(key) == current

    def test_what_is_not_there_is_not_put_there(self, store: Tasks, client: DynamoDBClient, key: Key) -> None:
        with pytest.raises(TaskNotFound):
            store.delete(key)
        assert read_one(client, key) is None


class TestTakingOut:
    @pytest.mark.parametrize("content", CONTENTS.values(), ids=CONTENTS)
    def test_the_task_is_exactly_as_it_was(self, store: Tasks, key: Key, content: TaskContent, clock: Clock) -> None:
        before, _ = store.replace(key, content)
        store.delete(key)
        clock.ms += 29 * DAY_MS
        after = store.restore(key)

        assert after == before._replace(updated_at=after.updated_at, version=3, etag=after.etag)
        assert after.updated_at == wall_clock.timestamp(clock.ms)
        assert store.get(key) == after

    @pytest.mark.parametrize("content", CONTENTS.values(), ids=CONTENTS)
    def test_it_stands_in_its_lists_as_before(
        self, store: Tasks, owner: str, client: DynamoDBClient, content: TaskContent
    ) -> None:
        first = store.create(owner, content)
        task = store.create(owner, content)
        store.create(owner, content)
        before = {parameters: ids_of(store, owner, *parameters) for parameters in ACCESS_PATHS}
        item = read_one(client, task_key(owner, task.id))
        store.delete(task_key(owner, task.id))
        store.restore(task_key(owner, task.id))

        moved: tuple[Status, Sort] = ("all", "updated_at")
        after = {parameters: ids_of(store, owner, *parameters) for parameters in ACCESS_PATHS}
        assert {name: ids for name, ids in after.items() if name != moved} == {
            name: ids for name, ids in before.items() if name != moved
        }
        assert after[moved][0] == task.id != first.id
        restored = read_one(client, task_key(owner, task.id))
        assert item is not None
        assert restored is not None
        of_writes = {"updated_at", "version", "write_id", "write_id_1", "write_id_2", "write_id_3"}
        assert {name: value for name, value in restored.items() if name not in of_writes} == {
            name: value for name, value in item.items() if name not in of_writes
        }

    def test_what_is_not_in_the_trash(self, store: Tasks, client: DynamoDBClient, key: Key) -> None:
        task, _ = store.replace(key, FULL)
        for precondition in (UNCONDITIONAL, Precondition(match=NEVER), matching(task)):
            with counted(client) as calls, pytest.raises(TaskNotTrashed) as failed:
                store.restore(key, precondition)
            assert (failed.value.current, failed.value.etag) == (task.as_json(), task.etag)
            assert calls.operations == ["UpdateItem"]
        assert store.get(key) == task

    def test_a_second_time_it_says_that_it_is_out(self, store: Tasks, key: Key, thrown_away: Task) -> None:
        restored = store.restore(key)
        with pytest.raises(TaskNotTrashed) as failed:
            store.restore(key)
        assert failed.value.current == restored.as_json()
        assert restored.title == thrown_away.title

    @pytest.mark.usefixtures("thrown_away")
    def test_a_precondition_is_of_the_task_in_the_trash(self, store: Tasks, key: Key, thrown_away: Task) -> None:
        current = store.get(key)
        for stale in (matching(thrown_away), Precondition(match=NEVER), Precondition(none_match=ANY)):
            with pytest.raises(PreconditionFailed) as failed:
                store.restore(key, stale)
            assert failed.value.current == current.as_json()
        assert store.restore(key, matching(current)).trashed_at is None

    @pytest.mark.parametrize("was_deleted", [False, True])
    def test_what_there_is_none_of(self, store: Tasks, client: DynamoDBClient, key: Key, was_deleted: bool) -> None:
        if was_deleted:
            store.replace(key, FULL)
            store.delete(key, permanent=True)
        before = read_one(client, key)
        with pytest.raises(TaskNotFound):
            store.restore(key)
        assert read_one(client, key) == before

    @pytest.mark.parametrize("completed", [False, True])
    @pytest.mark.parametrize("conditional", [False, True])
    def test_a_lost_reply_is_a_success(
        self, store: Tasks, client: DynamoDBClient, key: Key, completed: bool, conditional: bool
    ) -> None:
        store.replace(key, FULL._replace(completed=completed))
        store.delete(key)
        precondition = matching(store.get(key)) if conditional else UNCONDITIONAL
        with first_reply_lost(client):
            task = store.restore(key, precondition)
        assert (task.trashed_at, task.version) == (None, 3)
        assert store.get(key) == task


REFUSED: dict[str, Callable[[Tasks, Key, Precondition], object]] = {
    "update": lambda store, key, given: store.update(key, {"title": "x"}, given),
    "update of the due date": lambda store, key, given: store.update(key, {"due": None}, given),
    "update of the list": lambda store, key, given: store.update(key, {"list_id": None}, given),
    "update of the position": lambda store, key, given: store.update(key, {"position": "a0"}, given),
    "update and complete": lambda store, key, given: store.update(key, {"completed": True}, given),
    "update and reopen": lambda store, key, given: store.update(key, {"completed": False}, given),
    "toggle": lambda store, key, given: store.toggle(key, None, given),
    "complete": lambda store, key, given: store.toggle(key, True, given),
    "reopen": lambda store, key, given: store.toggle(key, False, given),
}


class TestWhileItIsThere:
    @pytest.mark.parametrize("completed", [False, True])
    @pytest.mark.parametrize("write", REFUSED.values(), ids=REFUSED)
    def test_what_would_change_it_is_refused_whatever_the_precondition(
        self,
        store: Tasks,
        client: DynamoDBClient,
        key: Key,
        write: Callable[[Tasks, Key, Precondition], object],
        completed: bool,
    ) -> None:
        """RFC 9110 section 13.2.1: a precondition is ignored where the answer would not be 2xx anyway."""
        store.replace(key, FULL._replace(completed=completed))
        store.delete(key)
        task = store.get(key)
        item = read_one(client, key)
        for given in (UNCONDITIONAL, matching(task), Precondition(match=NEVER), Precondition(none_match=ANY)):
            with pytest.raises(TaskTrashed) as failed:
                write(store, key, given)
            assert (failed.value.current, failed.value.etag) == (task.as_json(), task.etag)
        assert read_one(client, key) == item

    @pytest.mark.parametrize("completed", [False, True])
    @pytest.mark.parametrize("was_completed", [False, True])
    def test_put_replaces_it(
        self, store: Tasks, client: DynamoDBClient, key: Key, clock: Clock, was_completed: bool, completed: bool
    ) -> None:
        before, _ = store.replace(key, FULL._replace(completed=was_completed))
        store.delete(key)
        clock.ms += 5_000
        with counted(client) as calls:
            after, was_created = store.replace(key, TaskContent("New", completed=completed))

        assert (was_created, calls.operations) == (False, ["UpdateItem"])
        assert (after.trashed_at, after.created_at, after.version) == (None, before.created_at, 3)
        assert (after.title, after.due, after.list_id) == ("New", None, None)
        expected = (before.completed_at if was_completed else after.updated_at) if completed else None
        assert after.completed_at == expected, "as with every replacement"
        assert store.get(key) == after
        status = "completed" if completed else "open"
        assert ids_of(store, key.owner, status) == [key.id]
        assert ids_of(store, key.owner, "trashed") == []

    @pytest.mark.usefixtures("thrown_away")
    def test_put_under_a_precondition(self, store: Tasks, key: Key, thrown_away: Task) -> None:
        current = store.get(key)
        for stale in (Precondition(none_match=ANY), matching(thrown_away)):
            with pytest.raises(PreconditionFailed) as failed:
                store.replace(key, FULL, stale)
            assert failed.value.current == current.as_json()
        task, was_created = store.replace(key, FULL, matching(current))
        assert (task.trashed_at, was_created) == (None, False)

    @pytest.mark.parametrize("was_completed", [False, True])
    def test_put_whose_reply_is_lost(self, store: Tasks, client: DynamoDBClient, key: Key, was_completed: bool) -> None:
        store.replace(key, FULL._replace(completed=was_completed))
        store.delete(key)
        with first_reply_lost(client):
            task, was_created = store.replace(key, FULL)
        assert (task.version, task.trashed_at, was_created) == (3, None, False)

    @pytest.mark.usefixtures("thrown_away")
    def test_a_move_is_refused(self, client: DynamoDBClient, key: Key, store: Tasks, clock: Clock) -> None:
        with pytest.raises(TaskTrashed) as failed:
            TaskMoves(Table(client, TABLE_NAME, now_ms=clock)).move(key, TaskMove(), Precondition(match=NEVER))
        assert failed.value.current == store.get(key).as_json()


class TestForGood:
    @pytest.mark.parametrize("content", CONTENTS.values(), ids=CONTENTS)
    @pytest.mark.parametrize("in_trash", [False, True])
    def test_it_leaves_a_tombstone_without_content(
        self, store: Tasks, client: DynamoDBClient, key: Key, clock: Clock, content: TaskContent, in_trash: bool
    ) -> None:
        store.replace(key, content)
        if in_trash:
            store.delete(key)
            clock.ms += 20 * DAY_MS
        with counted(client) as calls:
            store.delete(key, permanent=True)

        assert calls.operations == ["UpdateItem"]
        item = read_one(client, key)
        assert item is not None
        assert item.keys() - {"write_id_1", "write_id_2", "write_id_3"} == {
            "pk", "sk", "created_at", "updated_at", "version", "write_id", "deleted_at", "expires_at",
        }  # fmt: skip
        assert item["deleted_at"] == {"S": wall_clock.timestamp(clock.ms)}
        assert int(item["expires_at"]["N"]) == clock.ms // 1000 + KEPT_SECONDS
        self.check_it_is_not_there(store, key)

    def check_it_is_not_there(self, store: Tasks, key: Key) -> None:
        operations: list[Callable[[], object]] = [
            lambda: store.get(key),
            lambda: store.restore(key),
            lambda: store.delete(key),
            lambda: store.delete(key, permanent=True),
            *(lambda write=write: write(store, key, UNCONDITIONAL) for write in REFUSED.values()),
        ]
        for operation in operations:
            with pytest.raises(TaskNotFound):
                operation()
        for status, sort in ACCESS_PATHS:
            assert ids_of(store, key.owner, status, sort) == []

    @pytest.mark.parametrize("in_trash", [False, True])
    def test_a_precondition_counts(self, store: Tasks, key: Key, in_trash: bool) -> None:
        old, _ = store.replace(key, FULL)
        if in_trash:
            store.delete(key)
        else:
            store.update(key, {"title": "Changed since"})
        current = store.get(key)
        with pytest.raises(PreconditionFailed) as failed:
            store.delete(key, matching(old), permanent=True)
        assert failed.value.current == current.as_json()
        store.delete(key, matching(current), permanent=True)
        with pytest.raises(TaskNotFound):
            store.get(key)

    @pytest.mark.parametrize("in_trash", [False, True])
    @pytest.mark.parametrize("permanent", [False, True])
    def test_a_lost_reply_is_a_success(
        self, store: Tasks, client: DynamoDBClient, key: Key, in_trash: bool, permanent: bool
    ) -> None:
        store.replace(key, FULL)
        if in_trash:
            store.delete(key)
        with first_reply_lost(client):
            store.delete(key, permanent=permanent)
        item = read_one(client, key)
        assert item is not None
        assert ("deleted_at" in item) is permanent
        assert item["version"] == {"N": "3" if in_trash and permanent else "2"}


class TestAfterItsThirtyDays:
    """TTL removes an item days late: what is past its time counts as gone, item or not."""

    @pytest.fixture(params=["open", "completed"])
    def expired(self, store: Tasks, key: Key, clock: Clock, request: pytest.FixtureRequest) -> Task:
        """A task that is still in the table; as it was before it was put into the trash."""
        task, _ = store.replace(key, FULL._replace(completed=request.param == "completed"))
        store.delete(key)
        clock.ms += KEPT_MS + 1_000
        return task

    def test_until_the_last_second_it_is_there(self, store: Tasks, key: Key, clock: Clock) -> None:
        clock.tick = 0
        store.replace(key, FULL)
        clock.ms += 1
        store.delete(key)
        until = clock.ms // 1000 * 1000 + KEPT_MS
        clock.ms = until - 1
        assert store.get(key).trashed_at is not None
        assert ids_of(store, key.owner, "trashed") == [key.id]
        with pytest.raises(TaskTrashed):
            store.update(key, {"title": "x"})
        clock.ms = until
        with pytest.raises(TaskNotFound):
            store.get(key)
        assert ids_of(store, key.owner, "trashed") == []
        with pytest.raises(TaskNotFound):
            store.restore(key)
        clock.ms = until - 1
        assert store.restore(key).trashed_at is None

    @pytest.mark.usefixtures("expired")
    @pytest.mark.parametrize("given", [UNCONDITIONAL, Precondition(match=ANY), Precondition(none_match=ANY)], ids=str)
    def test_nothing_but_a_put_finds_it(
        self, store: Tasks, client: DynamoDBClient, key: Key, given: Precondition
    ) -> None:
        item = read_one(client, key)
        operations: list[Callable[[], object]] = [
            lambda: store.get(key),
            lambda: store.restore(key, given),
            lambda: store.delete(key, given),
            lambda: store.delete(key, given, permanent=True),
            *(lambda write=write: write(store, key, given) for write in REFUSED.values()),
        ]
        for operation in operations:
            with counted(client) as calls, pytest.raises(TaskNotFound):
                operation()
            assert len(calls) == 1
        assert read_one(client, key) == item
        for status, sort in ACCESS_PATHS:
            assert ids_of(store, key.owner, status, sort) == []

    @pytest.mark.parametrize("completed", [False, True])
    @pytest.mark.parametrize("given", [UNCONDITIONAL, Precondition(none_match=ANY)], ids=str)
    @pytest.mark.parametrize("lost", [False, True])
    def test_a_put_makes_a_new_one(
        self,
        store: Tasks,
        client: DynamoDBClient,
        key: Key,
        clock: Clock,
        expired: Task,
        completed: bool,
        given: Precondition,
        lost: bool,
    ) -> None:
        content = TaskContent("New", completed=completed)
        if lost:
            with first_reply_lost(client):
                task, was_created = store.replace(key, content, given)
        else:
            task, was_created = store.replace(key, content, given)

        assert was_created
        assert task.version > 2, "an old version must not come again"
        assert (task.trashed_at, task.created_at) == (None, expired.created_at)
        assert task.completed_at == (task.updated_at if completed else None), "completed by this write, not in the past"
        assert task.position == positions.at(uuid7.milliseconds(key.id))
        assert store.get(key) == task
        with pytest.raises(PreconditionFailed):
            store.replace(key, content, Precondition(none_match=ANY))
        assert store.replace(key, content)[1] is False

    @pytest.mark.usefixtures("expired")
    @pytest.mark.parametrize("which", ["any", "its last", "never"])
    def test_no_etag_matches_it(self, store: Tasks, client: DynamoDBClient, key: Key, which: str) -> None:
        item = read_one(client, key)
        assert item is not None
        match = {"any": ANY, "its last": EntityTags(etags=(item["write_id"]["S"],)), "never": NEVER}[which]
        with pytest.raises(PreconditionFailed) as failed:
            store.replace(key, FULL, Precondition(match=match))
        assert failed.value.current is None
        assert read_one(client, key) == item

    @pytest.mark.usefixtures("expired")
    def test_a_put_that_another_is_ahead_of(self, store: Tasks, client: DynamoDBClient, key: Key) -> None:
        """Between the refusal and the next write another PUT makes the task: this one replaces it."""
        others: list[bool] = []

        def put_by_another(**_: object) -> None:
            if not others:
                others.append(True)
                others[0] = store.replace(key, TaskContent("By the other"))[1]

        client.meta.events.register("after-call.dynamodb.UpdateItem", put_by_another)
        try:
            task, was_created = store.replace(key, TaskContent("Mine"))
        finally:
            client.meta.events.unregister("after-call.dynamodb.UpdateItem", put_by_another)
        assert (others, was_created, task.title) == ([True], False, "Mine")


class TestTheListOfTheTrash:
    @pytest.fixture
    def trashed(self, store: Tasks, owner: str) -> list[Task]:
        """Seven tasks in the trash, newest there first; beside them as many open and completed ones."""
        made = []
        for number in range(7):
            content = TaskContent(
                f"Trashed {number}",
                completed=number % 2 == 1,
                tags=("home",) if number % 3 == 0 else (),
                list_id=LIST_ID if number < 3 else None,
                checklist=(ChecklistEntry("1", "RENT"),) if number == 5 else (),
            )
            made.append(store.create(owner, content))
            store.create(owner, TaskContent(f"Open {number}", tags=("home",), list_id=LIST_ID))
            store.create(owner, TaskContent(f"Done {number}", completed=True, tags=("home",)))
        for task in (*made[3:], *made[:3]):
            store.delete(task_key(owner, task.id))
        return [store.get(task_key(owner, task.id)) for task in (*made[2::-1], *made[:2:-1])]

    def test_it_is_newest_first(self, store: Tasks, owner: str, trashed: list[Task]) -> None:
        query = ListQuery.from_parameters({"status": ["trashed"]})
        assert store.list(owner, query).tasks == trashed
        assert store.list(owner, replace(query, ascending=True)).tasks == trashed[::-1]
        explicit = ListQuery.from_parameters({"status": ["trashed"], "sort": ["trashed_at"], "order": ["desc"]})
        assert explicit == query

    @pytest.mark.parametrize("ascending", [True, False])
    @pytest.mark.parametrize("limit", [1, 2, 3, 6, 7])
    def test_a_walk_shows_each_once(
        self, store: Tasks, owner: str, trashed: list[Task], ascending: bool, limit: int
    ) -> None:
        expected = [task.id for task in (trashed[::-1] if ascending else trashed)]
        assert ids_of(store, owner, "trashed", "trashed_at", ascending=ascending, limit=limit) == expected

    @pytest.mark.parametrize(
        ("parameters", "titles"),
        [
            ({"tag": ["HOME"]}, ["Trashed 0", "Trashed 6", "Trashed 3"]),
            ({"list": [LIST_ID]}, ["Trashed 2", "Trashed 1", "Trashed 0"]),
            ({"list": ["inbox"]}, ["Trashed 6", "Trashed 5", "Trashed 4", "Trashed 3"]),
            ({"q": ["trashed 4"]}, ["Trashed 4"]),
            ({"q": ["rent"]}, ["Trashed 5"]),
            ({"tag": ["home"], "list": ["inbox"]}, ["Trashed 6", "Trashed 3"]),
            ({"priority": ["high"]}, []),
        ],
        ids=str,
    )
    @pytest.mark.usefixtures("trashed")
    def test_it_can_be_filtered(
        self, store: Tasks, owner: str, parameters: dict[str, list[str]], titles: list[str]
    ) -> None:
        query = ListQuery.from_parameters({"status": ["trashed"], **parameters})
        assert [task.title for task in store.list(owner, query).tasks] == titles

    @pytest.mark.parametrize(("status", "sort"), [path for path in ACCESS_PATHS if path[0] != "trashed"])
    def test_no_other_list_has_any(self, store: Tasks, owner: str, trashed: list[Task], status: Any, sort: Any) -> None:
        listed: list[str] = []
        for within in (LIST_ID, "inbox"):
            query = ListQuery.from_parameters({"status": [status], "sort": [sort], "list": [within], "limit": ["3"]})
            listed += walk_ids(store, owner, query)
        assert {*listed}.isdisjoint(task.id for task in trashed)
        assert len(listed) == {"all": 14, "open": 7, "completed": 7}[status]

    def test_a_cursor_is_of_its_own_list_alone(self, store: Tasks, owner: str, trashed: list[Task]) -> None:
        """Both lists are read from one index: a cursor of the one must not begin in the other's part."""
        there = ListQuery.from_parameters({"status": ["trashed"], "limit": ["2"]})
        done = ListQuery.from_parameters({"status": ["completed"], "limit": ["2"]})
        for one, other in ((there, done), (done, there)):
            cursor = store.list(owner, one).next_cursor
            assert cursor is not None
            assert store.list(owner, replace(one, cursor=cursor)).tasks
            with pytest.raises(InvalidCursor):
                store.list(owner, replace(other, cursor=cursor))
        time = trashed[0].trashed_at
        forged = [
            (done, f"T#{time}"),
            (there, time),
            (there, f"T#T#{time}"),
            (there, "T#"),
            (done, "T"),
        ]
        for query, sort_value in forged:
            for ascending in (True, False):
                forgery = replace(query, ascending=ascending)
                cursor = encode(Position(trashed[0].id, sort_value), forgery)
                with pytest.raises(InvalidCursor):
                    store.list(owner, replace(forgery, cursor=cursor))
        genuine = encode(Position(trashed[1].id, f"T#{trashed[1].trashed_at}"), there)
        assert store.list(owner, replace(there, cursor=genuine)).tasks == trashed[2:4]


class TestRoundTrips:
    @pytest.mark.parametrize("completed", [False, True])
    def test_into_the_trash_is_one(self, store: Tasks, client: DynamoDBClient, key: Key, completed: bool) -> None:
        store.replace(key, FULL._replace(completed=completed))
        with counted(client) as calls:
            store.delete(key)
        assert calls.operations == ["UpdateItem"]

    @pytest.mark.parametrize(("completed", "count"), [(False, 1), (True, 2)])
    def test_out_of_it_is_one_where_it_was_open(
        self, store: Tasks, client: DynamoDBClient, key: Key, completed: bool, count: int
    ) -> None:
        store.replace(key, FULL._replace(completed=completed))
        store.delete(key)
        with counted(client) as calls:
            store.restore(key)
        assert calls.operations == ["UpdateItem"] * count

    @pytest.mark.requires(Capability.CAPACITY)
    def test_write_units(self, store: Tasks, client: DynamoDBClient, key: Key) -> None:
        """Of a task below 1 KB: out of three indexes and into one, and back; a tombstone out of the trash."""
        store.replace(key, TaskContent(title="Pay rent", due="2026-12-01"))
        units = []
        for write in (store.delete, store.restore, store.delete, lambda key: store.delete(key, permanent=True)):
            with counted(client, measuring=True) as calls:
                write(key)
            units.append(sum(capacity["CapacityUnits"] for capacity in calls.capacity))
        assert units == [7, 7, 7, 4]


def live_ones(owner: str) -> list[RawItem]:
    """30 open tasks and 30 completed ones in turn, each due when it was created: no two stand at one place."""
    return [
        task_item(owner, ms, completed_ms=ms if ms % 2 else None, due=wall_clock.timestamp(ms))
        for ms in range(START_MS, START_MS + 60)
    ]


@pytest.fixture(scope="module")
def full_trash(engine: Engine, shared_client: DynamoDBClient) -> Iterator[tuple[str, list[str]]]:
    """A user with 30 open tasks, 30 completed ones, and a hundred times as many in the trash."""
    owner = "auth0|full-trash"
    count = 200 if Capability.LARGE_PARTITIONS in engine.lacks else 3_000
    live = live_ones(owner)
    trash = [task_item(owner, START_MS + 100 + n, trashed_ms=START_MS + 10_000 + n) for n in range(count)]
    ids = write_all(shared_client, [*live, *trash])
    yield owner, ids
    if Capability.LARGE_PARTITIONS in engine.lacks:
        delete_all(shared_client, [*live, *trash])


class TestManyThere:
    """Users who never empty it: the lists of open tasks cost what they cost without."""

    @pytest.mark.parametrize("path", [path for path in ACCESS_PATHS if path[0] in ("open", "completed")], ids=str)
    def test_a_page_of_live_ones_is_one_query(
        self, shared_client: DynamoDBClient, full_trash: tuple[str, list[str]], path: tuple[Any, Any]
    ) -> None:
        owner, ids = full_trash
        store = Tasks(Table(shared_client, TABLE_NAME, now_ms=lambda: START_MS + DAY_MS))
        with counted(shared_client) as calls:
            page = store.list(owner, served(*path, limit=100, ascending=True))
        assert calls.operations == ["Query"]
        assert [task.id for task in page.tasks] == ids[0 if path[0] == "open" else 1 : 60 : 2]
        assert page.next_cursor is None

    @pytest.mark.requires(Capability.CAPACITY)
    @pytest.mark.parametrize("path", [path for path in ACCESS_PATHS if path[0] in ("open", "completed")], ids=str)
    def test_and_costs_what_it_does_without(
        self, shared_client: DynamoDBClient, full_trash: tuple[str, list[str]], path: tuple[Any, Any]
    ) -> None:
        owner, _ = full_trash
        store = Tasks(Table(shared_client, TABLE_NAME, now_ms=lambda: START_MS + DAY_MS))
        tidy = "auth0|tidy"
        if not store.list(tidy, ListQuery(limit=1)).tasks:
            write_all(shared_client, live_ones(tidy))
        units = []
        for each in (tidy, owner):
            with counted(shared_client) as calls:
                store.list(each, served(*path, limit=25))
            units.append(sum(capacity["CapacityUnits"] for capacity in calls.capacity))
        assert units[0] == units[1]

    def test_the_trash_itself_is_walked_a_page_a_query(
        self, shared_client: DynamoDBClient, full_trash: tuple[str, list[str]]
    ) -> None:
        owner, ids = full_trash
        store = Tasks(Table(shared_client, TABLE_NAME, now_ms=lambda: START_MS + DAY_MS))
        with counted(shared_client) as calls:
            read = ids_of(store, owner, "trashed", limit=100)
        assert read == ids[:59:-1]
        assert calls.operations == ["Query"] * (len(read) // 100)


def test_no_state_error_is_without_the_task(store: Tasks, key: Key) -> None:
    """A client that is told 409 needs no GET to know why."""
    store.replace(key, FULL)
    with pytest.raises(StateError) as not_there:
        store.restore(key)
    store.delete(key)
    with pytest.raises(StateError) as there:
        store.toggle(key)
    for failed, is_trashed in ((not_there, False), (there, True)):
        assert failed.value.current is not None
        assert (failed.value.current["trashed_at"] is not None) is is_trashed
        assert failed.value.etag == failed.value.current["etag"]


def ids_of(store: Tasks, owner: str, status: Any, sort: Any = None, **more: Any) -> list[str]:
    """A whole list's ids, newest first; ``more`` are members of the query."""
    sort = sort or next(served_sort for served_status, served_sort in ACCESS_PATHS if served_status == status)
    return walk_ids(store, owner, served(status, sort, **more))
