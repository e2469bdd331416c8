"""The lists of a user: how they are written, in which order they come, and how many there may be."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest

from taskapi import clock as clocks
from taskapi import positions, uuid7
from taskapi.dynamo.entity import Key
from taskapi.dynamo.stamp import Stamp
from taskapi.dynamo.table import Table
from taskapi.errors import IdempotencyKeyReused, ListNotFound, PreconditionFailed, TooManyLists
from taskapi.lists.list import List, ListContent
from taskapi.preconditions import EntityTags, Precondition
from taskapi.tasks import place
from taskapi.tasks.query import ACCESS_PATHS, ListQuery
from taskapi.tasks.task import TaskContent
from tests.contract.ticking_clock import START_MS, Clock
from tests.engines.calls import counted, first_reply_lost
from tests.engines.engine import TABLE_NAME
from tests.engines.items import RawItem, read_one, write_all
from tests.engines.walks import walk_ids
from tests.support.lists import Lists, a_list, item_of, list_key
from tests.support.tasks import Tasks, task_key

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

CONTENT = ListContent("Moving house", "#2f6fed")
STALE = Precondition(match=EntityTags(etags=("9",)))
ANY = Precondition(match=EntityTags(any=True))
NONE_YET = Precondition(none_match=EntityTags(any=True))
DAY_MS = 86_400_000


@pytest.fixture
def lists(client: DynamoDBClient, clock: Clock) -> Lists:
    """The store under test."""
    return Lists(Table(client, TABLE_NAME, now_ms=clock))


@pytest.fixture
def key(owner: str) -> Key:
    """A key of the user's under which there is nothing."""
    return list_key(owner, uuid7.mint(START_MS - 1_000))


def seeded(client: DynamoDBClient, owner: str, count: int, **members: Any) -> list[Key]:
    """So many lists of a user, as the store would have written them a day ago; their keys."""
    return [
        list_key(owner, each) for each in write_all(client, [_item(owner, number, members) for number in range(count)])
    ]


def _item(owner: str, number: int, members: dict[str, Any]) -> RawItem:
    ms = START_MS - DAY_MS + number
    created, write_id = clocks.timestamp(ms), Stamp.at(ms).write_id
    plain = a_list(
        id=uuid7.mint(ms),
        user_id=owner,
        position=positions.at(ms),
        created_at=created,
        updated_at=created,
        etag=write_id,
    )
    return item_of(plain._replace(**members), created_write_id=write_id)


class TestWriting:
    """What each operation makes of a list."""

    def test_a_new_one(self, lists: Lists, owner: str) -> None:
        made, was_replayed = lists.create_once(owner, CONTENT, None)

        assert (made.user_id, made.title, made.color, made.version, was_replayed) == (
            owner, "Moving house", "#2f6fed", 1, False,
        )  # fmt: skip
        assert made.position == positions.at(uuid7.milliseconds(made.id))
        assert made.created_at == made.updated_at == clocks.timestamp(uuid7.milliseconds(made.id))
        assert lists.get(list_key(owner, made.id)) == made

    def test_one_that_was_seeded_is_as_the_store_writes_it(
        self, lists: Lists, client: DynamoDBClient, owner: str
    ) -> None:
        [seed] = seeded(client, owner, 1, title="A", color="#2f6fed")
        written = list_key(owner, lists.create(owner, ListContent("A", "#2f6fed")).id)

        items = [read_one(client, each) for each in (seed, written)]
        assert items[0] is not None
        assert items[1] is not None
        assert items[0].keys() == items[1].keys()

    def test_a_put_makes_it_and_then_replaces_it(self, lists: Lists, key: Key, clock: Clock) -> None:
        made, was_created = lists.replace(key, CONTENT)
        assert (made.version, was_created) == (1, True)
        clock.ms += 5_000

        again, was_created = lists.replace(key, ListContent("The new flat", position="a1"))

        assert (again.title, again.color, again.position) == ("The new flat", None, "a1")
        assert (again.version, was_created, again.created_at) == (2, False, made.created_at)
        assert again.updated_at > made.updated_at
        # And one without a position puts it back to where its id says
        assert lists.replace(key, CONTENT)[0].position == made.position
        assert lists.get(key) == lists.all(key.owner)[0]

    @pytest.mark.parametrize(
        ("changes", "expected"),
        [
            ({"title": "The new flat"}, {"title": "The new flat"}),
            ({"color": "#000000"}, {"color": "#000000"}),
            ({"color": None}, {"color": None}),
            ({"position": "Zz"}, {"position": "Zz"}),
            ({"title": "B", "color": None, "position": "a0V"}, {"title": "B", "color": None, "position": "a0V"}),
        ],
    )
    def test_a_patch(self, lists: Lists, key: Key, changes: dict[str, Any], expected: dict[str, Any]) -> None:
        before, _ = lists.replace(key, CONTENT._replace(position="a5"))

        after = lists.update(key, changes)

        assert after == before._replace(**expected, version=2, updated_at=after.updated_at, etag=after.etag)
        assert after.etag != before.etag
        assert lists.get(key) == after

    def test_a_patch_that_clears_the_position(self, lists: Lists, key: Key) -> None:
        lists.replace(key, CONTENT._replace(position="a5"))

        assert lists.update(key, {"position": None}).position == positions.at(uuid7.milliseconds(key.id))

    def test_one_that_is_not_there(self, lists: Lists, key: Key) -> None:
        with pytest.raises(ListNotFound):
            lists.get(key)
        with pytest.raises(ListNotFound):
            lists.update(key, {"title": "B"})
        assert lists.all(key.owner) == []

    def test_another_users(self, lists: Lists, key: Key, owner: str) -> None:
        lists.replace(list_key("someone else", key.id), CONTENT)

        with pytest.raises(ListNotFound):
            lists.get(key)
        assert lists.all(owner) == []


class TestPreconditions:
    """If-Match and If-None-Match."""

    @pytest.mark.parametrize(
        "operate",
        [
            lambda lists, key, condition: lists.replace(key, CONTENT, condition),
            lambda lists, key, condition: lists.update(key, {"title": "B"}, condition),
        ],
        ids=["replace", "update"],
    )
    def test_a_stale_one_brings_the_list(
        self, lists: Lists, key: Key, operate: Callable[[Lists, Key, Precondition], object]
    ) -> None:
        there, _ = lists.replace(key, CONTENT)

        for condition in (STALE, NONE_YET):
            with pytest.raises(PreconditionFailed) as failed:
                operate(lists, key, condition)
            assert (failed.value.current, failed.value.etag) == (there.as_json(), there.etag)
        assert lists.get(key) == there

    def test_one_that_holds(self, lists: Lists, key: Key) -> None:
        made, was_created = lists.replace(key, CONTENT, NONE_YET)
        assert was_created
        changed = lists.update(key, {"title": "B"}, Precondition(match=EntityTags(etags=(made.etag,))))
        assert lists.replace(key, CONTENT, Precondition(match=EntityTags(etags=(changed.etag,))))[0].version == 3

    def test_replacing_only_what_is_there(self, lists: Lists, key: Key) -> None:
        with pytest.raises(PreconditionFailed) as failed:
            lists.replace(key, CONTENT, ANY)
        assert failed.value.current is None


class TestOrder:
    """The list of lists."""

    def test_by_position_and_then_by_id(self, lists: Lists, owner: str, clock: Clock) -> None:
        made: list[List] = []
        for position in ("a1", "Zz", None, "a1V", "a1", "b00", "aZ", None, "az", "a0"):
            made.append(lists.create(owner, ListContent("A", position=position)))
            clock.ms += 1_000

        listed = lists.all(owner)

        assert listed == sorted(made, key=lambda each: (each.position, each.id))
        assert [each.position for each in listed[:7]] == ["Zz", "a0", "a1", "a1", "a1V", "aZ", "az"]

    def test_without_positions_by_creation_and_offline_ones_by_their_ids(self, lists: Lists, owner: str) -> None:
        now = [lists.create(owner, ListContent(title)) for title in "ab"]
        offline, _ = lists.replace(list_key(owner, uuid7.mint(START_MS - DAY_MS)), CONTENT)

        assert lists.all(owner) == [offline, *now]

    def test_a_list_is_moved_by_one_write(self, lists: Lists, owner: str) -> None:
        first, second = (lists.create(owner, ListContent(title, position=f"a{title}")) for title in "12")

        moved = lists.update(list_key(owner, first.id), {"position": "a3"})

        assert lists.all(owner) == [second, moved]

    def test_tasks_are_no_lists_and_lists_no_tasks(self, lists: Lists, store: Tasks, owner: str) -> None:
        a_list_, _ = lists.create_once(owner, CONTENT, "key-1")
        task = store.create(owner, TaskContent("In it", list_id=a_list_.id))
        loose = store.create(owner, TaskContent("In none"))

        assert lists.all(owner) == [a_list_]
        for status, sort in ACCESS_PATHS:
            within = place.in_list(a_list_.id) if sort == "position" else None
            found = walk_ids(store, owner, ListQuery(status=status, sort=sort, within=within))
            if status in ("completed", "trashed"):
                assert found == []
            else:
                assert {*found} == ({task.id, loose.id} if within is None else {task.id})

    def test_an_id_that_a_task_and_a_list_share(self, lists: Lists, store: Tasks, key: Key) -> None:
        lists.replace(key, CONTENT)
        store.replace(task_key(key.owner, key.id), TaskContent("A"))
        store.delete(task_key(key.owner, key.id))

        assert lists.get(key).title == "Moving house"


@pytest.mark.parametrize("is_full", [False, True])
def test_a_key_of_a_task_is_none_of_a_list(
    lists: Lists, store: Tasks, client: DynamoDBClient, owner: str, *, is_full: bool
) -> None:
    # Given a task and a list under keys, each with a title and nothing else
    store.create_once(owner, TaskContent("A"), "of the task")
    lists.create_once(owner, ListContent("A"), "of the list")
    seeded(client, owner, 499 if is_full else 0)

    # When each key comes with the other's request, then it was used for another one
    with pytest.raises(IdempotencyKeyReused):
        lists.create_once(owner, ListContent("A"), "of the task")
    with pytest.raises(IdempotencyKeyReused):
        store.create_once(owner, TaskContent("A"), "of the list")


class TestLimit:
    """500 lists."""

    def test_no_more_than_500(self, lists: Lists, client: DynamoDBClient, owner: str, key: Key) -> None:
        # Given one less than the limit, then there is room for one
        keys = seeded(client, owner, 499)
        last, _ = lists.create_once(owner, CONTENT, "key-1")

        # And for no other
        with pytest.raises(TooManyLists):
            lists.create(owner, CONTENT)
        with pytest.raises(TooManyLists):
            lists.create_once(owner, CONTENT, "key-2")
        for condition in (Precondition(), NONE_YET, STALE._replace(match=None)):
            with pytest.raises(TooManyLists):
                lists.replace(key, CONTENT, condition)
        with pytest.raises(PreconditionFailed):
            lists.replace(key, CONTENT, ANY)
        with pytest.raises(ListNotFound):
            lists.get(key)

        # And those that are there can be changed, and asked for again
        assert lists.replace(keys[0], CONTENT)[1] is False
        assert lists.update(keys[1], {"position": "a0"}).version == 2
        with pytest.raises(PreconditionFailed):
            lists.replace(keys[0], CONTENT, NONE_YET)
        assert lists.create_once(owner, CONTENT, "key-1") == (last, True)
        with pytest.raises(IdempotencyKeyReused):
            lists.create_once(owner, CONTENT._replace(color=None), "key-1")
        assert len(lists.all(owner)) == 500

    def test_a_key_is_forgotten_after_a_day_with_500_lists_too(
        self, lists: Lists, client: DynamoDBClient, owner: str, clock: Clock
    ) -> None:
        seeded(client, owner, 499)
        lists.create_once(owner, CONTENT, "key-1")
        clock.ms += DAY_MS + 1_000

        with pytest.raises(TooManyLists):
            lists.create_once(owner, CONTENT, "key-1")

    def test_another_users_lists_do_not_count(self, lists: Lists, client: DynamoDBClient, owner: str, key: Key) -> None:
        seeded(client, "someone with all lists", 500)

        assert lists.create(owner, CONTENT).version == 1
        assert lists.replace(key, CONTENT)[1] is True

    def test_lists_of_more_than_a_megabyte(self, lists: Lists, client: DynamoDBClient) -> None:
        # Given as many and as large lists as there may be, of the longest user
        owner = "\U0001f600" * 256
        keys = seeded(client, owner, 500, title="\U0001f600" * 200, color="#2f6fed", position="a" * 255)

        # When they are listed, then DynamoDB needs two Querys, and all are there
        with counted(client) as calls:
            listed = lists.all(owner)
        assert [each.id for each in listed] == [each.id for each in keys]
        assert calls.operations == ["Query"] * 2
        # And all are counted
        with pytest.raises(TooManyLists):
            lists.create(owner, CONTENT)


OPERATIONS: dict[str, tuple[Callable[[Lists, Key], object], list[str]]] = {
    "create": (lambda lists, key: lists.create(key.owner, CONTENT), ["Query", "PutItem"]),
    "create with Idempotency-Key": (
        lambda lists, key: lists.create_once(key.owner, CONTENT, "k"),
        ["Query", "TransactWriteItems"],
    ),
    "list": (lambda lists, key: lists.all(key.owner), ["Query"]),
    "get": (lambda lists, key: lists.get(key), ["GetItem"]),
    "replace": (lambda lists, key: lists.replace(key, CONTENT), ["UpdateItem"]),
    "replace that creates": (
        lambda lists, key: lists.replace(list_key(key.owner, uuid7.mint(START_MS)), CONTENT),
        ["UpdateItem", "Query", "UpdateItem"],
    ),
    "update": (lambda lists, key: lists.update(key, {"title": "B"}), ["UpdateItem"]),
    "move": (lambda lists, key: lists.update(key, {"position": "a1"}), ["UpdateItem"]),
}


@pytest.mark.parametrize(("operate", "expected"), OPERATIONS.values(), ids=OPERATIONS)
def test_round_trips(
    lists: Lists, client: DynamoDBClient, key: Key, operate: Callable[[Lists, Key], object], expected: list[str]
) -> None:
    lists.replace(key, CONTENT)
    with counted(client) as calls:
        operate(lists, key)

    assert calls.operations == expected


@pytest.mark.parametrize("operation", ["create", "create with Idempotency-Key", "replace", "update", "move"])
def test_a_reply_that_is_lost(lists: Lists, client: DynamoDBClient, key: Key, operation: str) -> None:
    before, _ = lists.replace(key, CONTENT)
    operate, _ = OPERATIONS[operation]

    with first_reply_lost(client):
        operate(lists, key)

    if operation.startswith("create"):
        assert [each.version for each in lists.all(key.owner)] == [1, 1]
    else:
        assert lists.get(key).version == before.version + 1
