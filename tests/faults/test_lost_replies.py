"""A write that was applied though its reply was lost, with other writers in between it and botocore's retry.

The plain cases (no other writer) are cells of test_faults.py.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest

from taskapi import uuid7
from taskapi.dynamo.entity import Key
from taskapi.http.response import quoted
from taskapi.tasks.task import Task, TaskContent
from tests.engines.items import read_one
from tests.faults.instance import Instance, Reply, patient_client
from tests.faults.proxy import Exchange, Fault, FaultProxy
from tests.faults.scenarios import Check
from tests.support.fixed_clocks import NOON, FixedClock
from tests.support.tasks import task_key

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

Other = Callable[[Instance, str, str], Reply]


def _rename(instance: Instance, owner: str, task_id: str) -> Reply:
    return instance.call("update_task", sub=owner, task_id=task_id, body={"title": "By the other"})


def _flip(instance: Instance, owner: str, task_id: str) -> Reply:
    return instance.call("toggle_task", sub=owner, task_id=task_id)


def _put(instance: Instance, owner: str, task_id: str) -> Reply:
    return instance.call("replace_task", sub=owner, task_id=task_id, body={"title": "By the other"})


@dataclass(frozen=True)
class Between:
    """What comes between a lost reply and the retry: so many writes of another instance, its clock so far off."""

    writes: int
    clock_ms: int


@pytest.fixture(params=[Between(1, 0), Between(2, 60_000), Between(3, -60_000)], ids=str)
def between(request: pytest.FixtureRequest) -> Between:
    between: Between = request.param
    return between


@pytest.fixture
def others(between: Between) -> int:
    """How many writes of others come in between."""
    return between.writes


@pytest.fixture
def other_clock(between: Between) -> FixedClock:
    """The other instance's clock."""
    return FixedClock(NOON + between.clock_ms)


@pytest.fixture
def key(owner: str) -> Key:
    return task_key(owner, uuid7.mint(NOON - 1_000))


Interposed = Callable[..., Reply]


@pytest.fixture
def interposed(proxy: FaultProxy, key: Key, others: int, other_clock: FixedClock) -> Interposed:
    """Runs an operation whose first reply is lost, and another one before its retry."""
    client = patient_client(proxy.endpoint, pauses=False)
    mine, other = Instance(client, now_ms=FixedClock()), Instance(client, now_ms=other_clock)

    def run(by_other: Other, operation: str, **event: Any) -> Reply:
        writes: list[Exchange] = []

        def plan(exchange: Exchange) -> Fault | None:
            if exchange.tag != "mine" or not exchange.is_write:
                return None
            writes.append(exchange)
            if len(writes) == 1:
                return Fault.REPLY_DROPPED
            if len(writes) == 2:
                for _ in range(others):
                    assert by_other(other, key.owner, key.id).status in (200, 201)
            return None

        proxy.plan = plan
        reply = mine.call(operation, tag="mine", sub=key.owner, task_id=key.id, **event)
        assert writes[0].was_applied
        return reply

    return run


@pytest.fixture
def task(proxy: FaultProxy, key: Key) -> Task:
    """A task of version 1."""
    earlier = Instance(patient_client(proxy.endpoint, pauses=False), now_ms=FixedClock(NOON - 2))
    return earlier.store.replace(key, TaskContent(title="Old"))[0]


@pytest.mark.usefixtures("task")
def test_a_blind_toggle_flips_once(
    interposed: Interposed, key: Key, others: int, direct_client: DynamoDBClient, check_partition: Check
) -> None:
    reply = interposed(_rename, "toggle_task")

    item = read_one(direct_client, key)
    assert item is not None
    assert (reply.status, item["completed"]["BOOL"], int(item["version"]["N"])) == (200, True, 2 + others)
    check_partition(key.owner)


@pytest.mark.usefixtures("task")
def test_an_update_is_applied_once_and_does_not_undo_the_other(
    interposed: Interposed, key: Key, others: int, direct_client: DynamoDBClient
) -> None:
    reply = interposed(_rename, "update_task", body={"title": "Mine"})

    item = read_one(direct_client, key)
    assert item is not None
    assert (reply.status, item["title"]["S"], int(item["version"]["N"])) == (200, "By the other", 2 + others)


@pytest.mark.parametrize("operation", ["update_task", "replace_task", "toggle_task", "delete_task", "move_task"])
def test_a_matching_write_is_not_refused(
    interposed: Interposed, key: Key, task: Task, others: int, operation: str, direct_client: DynamoDBClient
) -> None:
    body = {"body": {"title": "Mine"}} if operation in ("update_task", "replace_task") else {}
    by_other = _put if operation == "delete_task" else _rename
    reply = interposed(by_other, operation, headers={"If-Match": quoted(task.etag)}, **body)

    item = read_one(direct_client, key)
    assert item is not None
    assert reply.status in (200, 204), reply.document
    if reply.document is not None:  # the etag of what is shown
        assert reply.document["etag"] == item["write_id"]["S"]
    assert (item["title"]["S"], int(item["version"]["N"])) == ("By the other", 2 + others)


@pytest.mark.usefixtures("task")
@pytest.mark.parametrize("query", [{}, {"permanent": ["true"]}], ids=["into the trash", "for good"])
def test_a_delete_does_not_delete_what_came_after_it(
    interposed: Interposed,
    key: Key,
    others: int,
    query: dict[str, list[str]],
    direct_client: DynamoDBClient,
    check_partition: Check,
) -> None:
    reply = interposed(_put, "delete_task", query=query)

    item = read_one(direct_client, key)
    assert item is not None
    assert (reply.status, int(item["version"]["N"])) == (204, 2 + others)
    assert not item.keys() & {"deleted_at", "trashed_at"}
    check_partition(key.owner)


@pytest.mark.usefixtures("task")
def test_a_restore_is_done_though_others_wrote_since(
    interposed: Interposed,
    proxy: FaultProxy,
    key: Key,
    others: int,
    direct_client: DynamoDBClient,
    check_partition: Check,
) -> None:
    Instance(patient_client(proxy.endpoint, pauses=False), now_ms=FixedClock(NOON - 1)).store.delete(key)
    reply = interposed(_rename, "restore_task")

    item = read_one(direct_client, key)
    assert item is not None
    assert (reply.status, item["title"]["S"], int(item["version"]["N"])) == (200, "By the other", 3 + others)
    assert not item.keys() & {"trashed_at", "expires_at"}
    check_partition(key.owner)


def test_a_replace_that_created_says_so(
    interposed: Interposed, key: Key, others: int, direct_client: DynamoDBClient
) -> None:
    reply = interposed(_rename, "replace_task", body={"title": "Mine"}, headers={"If-None-Match": "*"})

    item = read_one(direct_client, key)
    assert item is not None
    assert (reply.status, item["title"]["S"], int(item["version"]["N"])) == (201, "By the other", 1 + others)
    assert reply.headers["Location"].endswith(key.id)


@pytest.mark.usefixtures("task")
def test_flips_of_both_count(interposed: Interposed, key: Key, others: int, direct_client: DynamoDBClient) -> None:
    reply = interposed(_flip, "toggle_task")

    item = read_one(direct_client, key)
    assert item is not None
    assert reply.status == 200
    assert item["completed"]["BOOL"] is (others % 2 == 0)
    assert int(item["version"]["N"]) == 2 + others


def test_a_create_is_found_though_it_was_changed_meanwhile(
    proxy: FaultProxy, owner: str, direct_client: DynamoDBClient
) -> None:
    """The id is in nobody's hands yet but a list's: whoever reads that can change the task before the retry."""
    client = patient_client(proxy.endpoint, pauses=False)
    mine, other = Instance(client), Instance(client)

    def plan(exchange: Exchange) -> Fault | None:
        if exchange.tag == "mine" and exchange.attempt == 1:
            listed = other.call("list_tasks", sub=owner).document["items"]
            other.call("update_task", sub=owner, task_id=listed[0]["id"], body={"title": "By the other"})
        return Fault.REPLY_DROPPED if exchange.tag == "mine" and exchange.attempt == 0 else None

    proxy.plan = plan
    reply = mine.call("create_task", tag="mine", sub=owner, body={"title": "Mine"})

    assert reply.status == 201
    item = read_one(direct_client, task_key(owner, reply.document["id"]))
    assert item is not None
    assert item["title"]["S"] == "By the other"
