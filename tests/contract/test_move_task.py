"""Moving a task: the order is what was asked for, and there is always room."""

from __future__ import annotations

import os
import random
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest

from taskapi import positions, uuid7
from taskapi.dynamo.table import Table
from taskapi.errors import TaskNotFound, TaskTrashed, ValidationFailed
from taskapi.tasks.moves import TaskMoves
from taskapi.tasks.plain_bodies import TaskMove
from taskapi.tasks.query import ListQuery
from taskapi.tasks.task import Task, TaskContent
from tests.contract.ticking_clock import START_MS
from tests.engines.calls import counted
from tests.engines.engine import TABLE_NAME, Capability, Engine
from tests.engines.items import check_indexes, check_items, task_item, write_all
from tests.support.tasks import Tasks, task_key

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

LIST = "019aa0b6-3d6b-7c40-9d53-4a1f0c8e2b17"
OTHER_LIST = "019aa0b6-3d6b-7c40-9d53-4a1f0c8e2b18"
END = TaskMove()


@pytest.fixture
def moves(client: DynamoDBClient) -> TaskMoves:
    return TaskMoves(Table(client, TABLE_NAME))


def made(client: DynamoDBClient, owner: str, count: int, position: str | None = None) -> list[str]:
    """Open tasks of the list, in their order."""
    items = (task_item(owner, START_MS - 10_000 + n, list_id=LIST, position=position) for n in range(count))
    return write_all(client, sorted(items, key=lambda item: item["place"]["S"]))


def listed(store: Tasks, owner: str, list_id: str = LIST) -> list[Task]:
    """All of a list's open tasks, in their order."""
    query = ListQuery(status="open", sort="position", ascending=True, within=f"{list_id}#", limit=100)
    tasks: list[Task] = []
    for _ in range(1_000):
        page = store.list(owner, query)
        tasks += page.tasks
        if page.next_cursor is None:
            return tasks
        query = ListQuery(**{**query.__dict__, "cursor": page.next_cursor})
    raise AssertionError("the walk does not end")


def ids(store: Tasks, owner: str, list_id: str = LIST) -> list[str]:
    return [task.id for task in listed(store, owner, list_id)]


class TestWhere:
    def test_before_another(self, store: Tasks, client: DynamoDBClient, owner: str, moves: TaskMoves) -> None:
        a, b, c = made(client, owner, 3)
        moves.move(task_key(owner, c), TaskMove(before=b))
        assert ids(store, owner) == [a, c, b]
        moves.move(task_key(owner, b), TaskMove(before=a))
        assert ids(store, owner) == [b, a, c]

    def test_behind_another(self, store: Tasks, client: DynamoDBClient, owner: str, moves: TaskMoves) -> None:
        a, b, c = made(client, owner, 3)
        moves.move(task_key(owner, a), TaskMove(after=b))
        assert ids(store, owner) == [b, a, c]
        moves.move(task_key(owner, b), TaskMove(after=c))
        assert ids(store, owner) == [a, c, b]

    def test_to_the_end(self, store: Tasks, client: DynamoDBClient, owner: str, moves: TaskMoves) -> None:
        a, b, c = made(client, owner, 3)
        moves.move(task_key(owner, a), END)
        assert ids(store, owner) == [b, c, a]
        moves.move(task_key(owner, a), END)
        assert ids(store, owner) == [b, c, a]

    def test_where_it_is_already(self, store: Tasks, client: DynamoDBClient, owner: str, moves: TaskMoves) -> None:
        a, b, c = made(client, owner, 3)
        moves.move(task_key(owner, b), TaskMove(before=c))
        moves.move(task_key(owner, b), TaskMove(after=a))
        assert ids(store, owner) == [a, b, c]

    def test_into_another_list(self, store: Tasks, client: DynamoDBClient, owner: str, moves: TaskMoves) -> None:
        a, b, c = made(client, owner, 3)
        moves.move(task_key(owner, a), TaskMove(changes_list=True, list_id=OTHER_LIST))
        moves.move(task_key(owner, b), TaskMove(changes_list=True, list_id=OTHER_LIST))
        task = moves.move(task_key(owner, c), TaskMove(changes_list=True, list_id=OTHER_LIST, after=a))
        assert (task.list_id, ids(store, owner), ids(store, owner, OTHER_LIST)) == (OTHER_LIST, [], [a, c, b])

    def test_into_the_inbox(self, store: Tasks, client: DynamoDBClient, owner: str, moves: TaskMoves) -> None:
        (a,) = made(client, owner, 1)
        assert moves.move(task_key(owner, a), TaskMove(changes_list=True)).list_id is None
        assert ids(store, owner, "inbox") == [a]

    def test_what_is_created_next_comes_last(
        self, store: Tasks, client: DynamoDBClient, owner: str, moves: TaskMoves
    ) -> None:
        a, b = made(client, owner, 2)
        moves.move(task_key(owner, a), END)
        new = store.create(owner, TaskContent("New", list_id=LIST))
        assert ids(store, owner) == [b, a, new.id]

    def test_a_completed_task_keeps_its_new_place(
        self, store: Tasks, client: DynamoDBClient, owner: str, moves: TaskMoves
    ) -> None:
        a, b, c = made(client, owner, 3)
        store.toggle(task_key(owner, c))
        assert moves.move(task_key(owner, c), TaskMove(before=b)).completed
        assert ids(store, owner) == [a, b]
        store.toggle(task_key(owner, c))
        assert ids(store, owner) == [a, c, b]


class TestRefusals:
    @pytest.fixture
    def refused(self, store: Tasks, client: DynamoDBClient, owner: str) -> Iterator[dict[str, str]]:
        """Tasks by what they are; afterwards nothing may have changed."""
        a, b, completed, trashed = made(client, owner, 4)
        store.toggle(task_key(owner, completed))
        store.delete(task_key(owner, trashed))
        other = store.create(owner, TaskContent("Other", list_id=OTHER_LIST))
        foreign = store.create(f"{owner}-2", TaskContent("Foreign", list_id=LIST))
        before = [store.get(task_key(owner, each)) for each in (a, b, completed, trashed, other.id)]
        yield {
            "itself": a,
            "completed": completed,
            "trashed": trashed,
            "other list": other.id,
            "other user": foreign.id,
            "nothing": uuid7.mint(START_MS),
        }
        assert [store.get(task_key(owner, task.id)) for task in before] == before

    @pytest.mark.parametrize("what", ["itself", "completed", "trashed", "other list", "other user", "nothing"])
    @pytest.mark.parametrize("side", ["before", "after"])
    def test_no_neighbour(self, owner: str, moves: TaskMoves, refused: dict[str, str], what: str, side: str) -> None:
        to = TaskMove(before=refused[what]) if side == "before" else TaskMove(after=refused[what])
        with pytest.raises(ValidationFailed) as failed:
            moves.move(task_key(owner, refused["itself"]), to)
        (violation,) = failed.value.violations
        assert (violation.code, violation.at) == ("not_a_neighbour", f"/{side}")

    def test_a_task_in_the_trash(self, owner: str, moves: TaskMoves, refused: dict[str, str]) -> None:
        with pytest.raises(TaskTrashed) as failed:
            moves.move(task_key(owner, refused["trashed"]), END)
        assert failed.value.current is not None
        assert failed.value.current["id"] == refused["trashed"]

    def test_no_task(self, owner: str, moves: TaskMoves, refused: dict[str, str]) -> None:
        with pytest.raises(TaskNotFound):
            moves.move(task_key(owner, refused["nothing"]), END)


class TestRoom:
    @pytest.mark.parametrize("position", ["a0", "z" * 255, "A" + "0" * 253 + "1", "a0" + "V" * 253])
    @pytest.mark.parametrize("count", [2, 3, 60])
    def test_between_equal_ones(
        self, store: Tasks, client: DynamoDBClient, owner: str, moves: TaskMoves, position: str, count: int
    ) -> None:
        first = made(client, owner, count, position)
        middle, last = count // 2, first[-1]
        moved = store.create(owner, TaskContent("Moved", list_id=OTHER_LIST)).id
        for where in (first[middle], first[0], last):
            to = TaskMove(changes_list=True, list_id=LIST, before=where)
            moves.move(task_key(owner, moved), to)
            expected = [each for each in first if each != moved]
            expected.insert(expected.index(where), moved)
            assert ids(store, owner) == expected
        moves.move(task_key(owner, moved), END)
        assert ids(store, owner) == [*first, moved]
        assert all(positions.is_valid(task.position) for task in listed(store, owner))

    def test_the_order_holds_at_every_moment(
        self, store: Tasks, client: DynamoDBClient, owner: str, moves: TaskMoves
    ) -> None:
        tied = made(client, owner, 20, "a0")
        moved = store.create(owner, TaskContent("Moved", list_id=OTHER_LIST)).id
        seen: list[list[str]] = []

        def look(**_: object) -> None:
            if len(seen) < 100:
                seen.append([])
                seen[-1] = ids(store, owner)

        client.meta.events.register("before-call.dynamodb.UpdateItem", look)
        moves.move(task_key(owner, moved), TaskMove(changes_list=True, list_id=LIST, after=tied[3]))
        client.meta.events.unregister("before-call.dynamodb.UpdateItem", look)
        assert len(seen) > 10
        assert all(order == tied for order in seen)
        assert ids(store, owner) == [*tied[:4], moved, *tied[4:]]

    @pytest.mark.parametrize("into", ["the top", "one gap"])
    def test_a_thousand_moves(
        self, engine: Engine, store: Tasks, client: DynamoDBClient, owner: str, moves: TaskMoves, into: str
    ) -> None:
        few = Capability.LARGE_PARTITIONS in engine.lacks
        order = made(client, owner, 12)
        dice = random.Random(7)
        for _ in range(60 if few else 1_000):
            pinned = order[0] if into == "the top" else order[6]
            moved = dice.choice([each for each in order if each != pinned])
            task = moves.move(task_key(owner, moved), TaskMove(before=pinned))
            assert len(task.position) <= 255
            order.remove(moved)
            order.insert(order.index(pinned), moved)
        assert ids(store, owner) == order

    def test_moves_from_four_devices(self, engine: Engine, client: DynamoDBClient, owner: str) -> None:
        """Each has tasks of its own, behind one that nobody moves: there the order is what it asked for.

        ``MOVES`` sets how many.
        """
        few = Capability.LARGE_PARTITIONS in engine.lacks
        rounds = int(os.environ.get("MOVES") or (60 if few else 1_600)) // 4
        order = made(client, owner, 44)
        blocks = [order[n * 11 : n * 11 + 11] for n in range(4)]

        def work(block: list[str]) -> list[str]:
            device = TaskMoves(Table(engine.client(), TABLE_NAME))
            dice = random.Random(block[0])
            mark, own = block[0], block[1:]
            for _ in range(rounds):
                moved = dice.choice(own)
                own.remove(moved)
                at = dice.randint(0, len(own))
                to = (
                    TaskMove(before=own[at])
                    if at < len(own) and dice.random() < 0.5
                    else TaskMove(after=[mark, *own][at])
                )
                device.move(task_key(owner, moved), to)
                own.insert(at, moved)
            return [mark, *own]

        with ThreadPoolExecutor(4) as pool:
            expected = [each for block in pool.map(work, blocks) for each in block]
        store = Tasks(Table(client, TABLE_NAME))
        assert ids(store, owner) == expected
        assert max(len(task.position) for task in listed(store, owner)) <= 255
        items = check_items(client, owner)
        if Capability.STORED_INDEXES not in engine.lacks:
            check_indexes(client, owner, items)


def test_round_trips(client: DynamoDBClient, owner: str, moves: TaskMoves) -> None:
    a, b, _ = made(client, owner, 3)
    with counted(client) as to_the_end:
        moves.move(task_key(owner, a), END)
    with counted(client) as beside:
        moves.move(task_key(owner, a), TaskMove(before=b))
    assert to_the_end.operations == ["GetItem", "Query", "UpdateItem"]
    assert beside.operations == ["GetItem", "GetItem", "Query", "UpdateItem"]
