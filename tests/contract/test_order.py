"""The order by hand of the open tasks of a list: who stands where, and what moves them."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest

from taskapi import positions, uuid7
from taskapi.dynamo.entity import Key
from taskapi.tasks import place
from taskapi.tasks.task import Task, TaskContent
from tests.contract.ticking_clock import START_MS, Clock
from tests.engines.items import task_item, write_all
from tests.engines.walks import served, walk_ids
from tests.support.tasks import Tasks, task_key

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

LIST, OTHER = "01939f6e-8c1b-7a30-9c9e-2f6f1f0a7b10", "01939f6e-8c1b-7a30-9c9e-2f6f1f0a7b11"
LISTS = [None, LIST, OTHER]
CONTENT = TaskContent(title="A", due="2026-12-01")


def order(
    store: Tasks, owner: str, list_id: str | None = None, *, ascending: bool = True, limit: int = 50
) -> list[str]:
    """The ids of a list's open tasks."""
    query = served("open", "position", within=place.in_list(list_id), ascending=ascending, limit=limit)
    return walk_ids(store, owner, query)


def three(store: Tasks, owner: str, list_id: str | None = None) -> list[Key]:
    """Tasks that were added one after another."""
    tasks = [store.create(owner, CONTENT._replace(title=title, list_id=list_id)) for title in "abc"]
    return [task_key(owner, task.id) for task in tasks]


def ids(*keys: Key) -> list[str]:
    return [key.id for key in keys]


class TestOrder:
    @pytest.mark.parametrize("list_id", LISTS)
    def test_a_new_task_is_the_last(self, store: Tasks, owner: str, list_id: str | None) -> None:
        one, two, three_ = three(store, owner, list_id)

        assert order(store, owner, list_id) == ids(one, two, three_)
        assert order(store, owner, list_id, ascending=False) == ids(three_, two, one)
        for another in LISTS:
            assert another == list_id or order(store, owner, another) == []

    def test_it_is_by_code_point_whatever_the_length(self, store: Tasks, owner: str) -> None:
        """As the library compares: ``Zz``, ``a0``, ``a0V``, ``a1``. An appended task is behind what a client counts."""
        shuffled = ["a1", "b00", "a0V", "Zz", "a0", "zzzzzzzzzzzzzzzzzzzzzzzzzzz", "Z0", "aV", "az", "a0V1", "Yzz"]
        by_position = {
            position: store.create(owner, CONTENT._replace(position=position, list_id=LIST)).id for position in shuffled
        }
        appended = store.create(owner, CONTENT._replace(list_id=LIST))
        by_position[appended.position] = appended.id

        expected = [by_position[position] for position in sorted(by_position)]
        assert sorted(by_position)[-2] == appended.position
        for limit in (1, 4, 50):
            assert order(store, owner, LIST, limit=limit) == expected
            assert order(store, owner, LIST, ascending=False, limit=limit) == expected[::-1]

    def test_equal_positions_are_ordered_by_id(self, store: Tasks, owner: str, client: DynamoDBClient) -> None:
        tied = write_all(client, [task_item(owner, START_MS, position="a0") for _ in range(7)])

        for limit in (1, 3, 7):
            assert order(store, owner, limit=limit) == sorted(tied)
            assert order(store, owner, ascending=False, limit=limit) == sorted(tied, reverse=True)

    def test_a_list_whose_id_begins_as_another_s_is_apart(self, store: Tasks, owner: str) -> None:
        """Ids are of one length; this is about the range that is read, whose ends are no places."""
        neighbours = [LIST, OTHER, uuid7.LOWEST, uuid7.HIGHEST]
        found = {list_id: ids(*three(store, owner, list_id)) for list_id in neighbours}

        assert {list_id: order(store, owner, list_id, limit=2) for list_id in neighbours} == found


class TestMoves:
    def test_to_a_position(self, store: Tasks, owner: str) -> None:
        one, two, three_ = three(store, owner)
        before = store.get(three_)
        moved = store.update(three_, {"position": "a0"})

        assert order(store, owner) == ids(three_, one, two)
        assert moved == before._replace(position="a0", version=2, updated_at=moved.updated_at, etag=moved.etag), (
            "and nothing else has changed"
        )

    def test_back_to_the_place_by_its_id(self, store: Tasks, owner: str) -> None:
        one, two, three_ = three(store, owner)
        store.update(two, {"position": "a0"})
        back = store.update(two, {"position": None})

        assert back.position == positions.at(uuid7.milliseconds(two.id))
        assert order(store, owner) == ids(one, two, three_)

    def test_to_another_list_appends_there(self, store: Tasks, owner: str, clock: Clock) -> None:
        [moving, staying, _] = three(store, owner)
        there = three(store, owner, LIST)
        moved = store.update(moving, {"list_id": LIST})

        assert moved.position == positions.at(clock.ms), "the time of the write"
        assert order(store, owner, LIST) == ids(*there, moving)
        assert order(store, owner)[:1] == [staying.id]
        back = store.update(moving, {"list_id": None})
        assert order(store, owner)[-1] == moving.id
        assert back.position > moved.position

    @pytest.mark.parametrize("list_id", LISTS)
    @pytest.mark.parametrize("position", [None, "a0"])
    @pytest.mark.parametrize("completed", [True, False])
    def test_to_the_list_that_it_is_in_is_no_move(
        self, store: Tasks, key: Key, list_id: str | None, position: str | None, completed: bool
    ) -> None:
        before, _ = store.replace(key, CONTENT._replace(list_id=list_id, position=position, completed=completed))
        after = store.update(key, {"list_id": list_id, "title": "B"})

        assert (after.list_id, after.position, after.title, after.version) == (list_id, before.position, "B", 2)

    def test_to_a_position_in_another_list(self, store: Tasks, owner: str) -> None:
        [moving, *_] = three(store, owner)
        there = three(store, owner, LIST)
        between = store.get(there[0]).position + "V"
        store.update(moving, {"list_id": LIST, "position": between})

        assert order(store, owner, LIST) == ids(there[0], moving, *there[1:])
        assert store.update(moving, {"list_id": OTHER, "position": None}).position == positions.at(
            uuid7.milliseconds(moving.id)
        )

    @pytest.mark.parametrize(
        "changes",
        [{"title": "B"}, {"due": None}, {"checklist": ()}, {"priority": "high"}, {"completed": False}],
        ids=str,
    )
    def test_another_change_moves_nothing(self, store: Tasks, owner: str, changes: dict[str, Any]) -> None:
        keys = three(store, owner)
        store.update(keys[1], changes)

        assert order(store, owner) == ids(*keys)

    def test_a_repeated_put_moves_nothing(self, store: Tasks, owner: str) -> None:
        keys = three(store, owner)
        for _ in range(2):
            store.replace(keys[0], CONTENT)

        assert order(store, owner) == ids(*keys)

    def test_a_put_keeps_the_position_that_it_says(self, store: Tasks, owner: str) -> None:
        keys = three(store, owner)
        for _ in range(2):
            task, _ = store.replace(keys[2], CONTENT._replace(position="a0"))
            assert task.position == "a0"
        assert order(store, owner) == ids(keys[2], *keys[:2])

        store.replace(keys[2], CONTENT)
        assert order(store, owner) == ids(*keys), "a member left out takes its default"

    def test_a_task_that_comes_back_over_a_tombstone_stands_where_it_says(self, store: Tasks, owner: str) -> None:
        keys = three(store, owner)
        store.update(keys[1], {"position": "a0"})
        store.delete(keys[1], permanent=True)
        assert order(store, owner) == ids(keys[0], keys[2])

        store.replace(keys[1], CONTENT)
        assert order(store, owner) == ids(*keys)


WAYS: dict[str, tuple[Callable[[Tasks, Key], Task], Callable[[Tasks, Key], Task]]] = {
    "toggle": (lambda store, key: store.toggle(key), lambda store, key: store.toggle(key)),
    "toggle with a state": (lambda store, key: store.toggle(key, True), lambda store, key: store.toggle(key, False)),
    "update": (
        lambda store, key: store.update(key, {"completed": True}),
        lambda store, key: store.update(key, {"completed": False}),
    ),
    "update of more": (
        lambda store, key: store.update(key, {"completed": True, "due": "2027-01-01"}),
        lambda store, key: store.update(key, {"completed": False, "due": None}),
    ),
}


class TestCompleted:
    @pytest.mark.parametrize(("complete", "reopen"), WAYS.values(), ids=WAYS)
    @pytest.mark.parametrize("list_id", [None, LIST])
    def test_a_task_that_is_reopened_is_where_it_was(
        self,
        store: Tasks,
        owner: str,
        list_id: str | None,
        complete: Callable[[Tasks, Key], Task],
        reopen: Callable[[Tasks, Key], Task],
    ) -> None:
        keys = three(store, owner, list_id)
        for key, position in zip(keys, ["a2", "a1", "a0"], strict=True):
            store.update(key, {"position": position})
        done = complete(store, keys[1])

        assert (done.list_id, done.position) == (list_id, "a1")
        assert order(store, owner, list_id) == ids(keys[2], keys[0])
        reopen(store, keys[1])
        assert order(store, owner, list_id) == ids(keys[2], keys[1], keys[0])

    @pytest.mark.parametrize(
        ("changes", "list_id", "position"),
        [
            ({"position": "a0"}, None, "a0"),
            ({"list_id": LIST, "position": "a0"}, LIST, "a0"),
            ({"list_id": None, "position": "a0"}, None, "a0"),
        ],
    )
    @pytest.mark.parametrize("at_once", [True, False])
    def test_one_that_was_moved_meanwhile_comes_back_there(
        self, store: Tasks, key: Key, changes: dict[str, Any], list_id: str | None, position: str, at_once: bool
    ) -> None:
        store.replace(key, CONTENT._replace(completed=True))
        if at_once:
            back = store.update(key, {**changes, "completed": False})
        else:
            moved = store.update(key, changes)
            assert moved.completed
            assert all(order(store, key.owner, each) == [] for each in LISTS)
            back = store.toggle(key, False)

        assert (back.list_id, back.position, back.completed) == (list_id, position, False)
        assert order(store, key.owner, list_id) == [key.id]

    def test_one_that_was_moved_to_another_list_is_the_last_there(self, store: Tasks, owner: str) -> None:
        [moving, *_] = three(store, owner)
        there = three(store, owner, LIST)
        store.toggle(moving, True)
        store.update(moving, {"list_id": LIST})
        assert order(store, owner, LIST) == ids(*there)

        store.toggle(moving, False)
        assert order(store, owner, LIST) == ids(*there, moving)

    @pytest.mark.parametrize("completed", [True, False])
    @pytest.mark.parametrize("was_completed", [True, False])
    def test_moving_and_completing_at_once(
        self, store: Tasks, owner: str, completed: bool, was_completed: bool
    ) -> None:
        """Every way in and out of the index; the fixtures check the items when the test is over."""
        starts = [None, LIST]
        moves: list[dict[str, Any]] = [{"list_id": LIST}, {"position": "a0"}, {"list_id": LIST, "position": "a0"}]
        for start, move in itertools.product(starts, moves):
            task = store.create(owner, CONTENT._replace(completed=was_completed, list_id=start))
            after = store.update(task_key(owner, task.id), {**move, "completed": completed})

            expected = move.get("list_id", start)
            assert (after.list_id, after.completed) == (expected, completed)
            is_listed = after.id in order(store, owner, expected)
            assert is_listed is not completed
            if "position" in move:
                assert after.position == "a0"
            else:
                assert (after.position == task.position) is (start == LIST)
