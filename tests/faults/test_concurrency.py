"""Many writers of one task at once, on an engine whose conditional writes are atomic."""

from __future__ import annotations

import random
import threading
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pytest

from taskapi import uuid7
from taskapi.dynamo.entity import Key
from taskapi.http.response import quoted
from taskapi.tasks.task import TaskContent
from tests.engines.engine import Capability, Engine
from tests.engines.items import RawItem, read_one
from tests.faults.instance import Instance, Reply, patient_client
from tests.faults.proxy import FaultProxy
from tests.faults.scenarios import Check, Partition
from tests.faults.upstream import upstream_of
from tests.support.fixed_clocks import NOON
from tests.support.tasks import task_key

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

WRITERS = 64
SEEDS = range(4)

pytestmark = [pytest.mark.requires(Capability.ATOMIC_WRITES), pytest.mark.dynamodb_local]

Writer = Callable[[Instance], Reply]


@pytest.fixture
def key(owner: str) -> Key:
    return task_key(owner, uuid7.mint(NOON))


@pytest.fixture
def instances(engine: Engine) -> list[Instance]:
    """Instances with clients of their own, straight to the engine."""
    assert engine.endpoint is not None
    return [Instance(patient_client(engine.endpoint, connections=16)) for _ in range(8)]


def at_once(instances: Sequence[Instance], writers: Sequence[Writer], seed: int) -> list[Reply]:
    """Let all writers go at the same moment, in an order by chance; their replies in the order of ``writers``."""
    barrier = threading.Barrier(len(writers))
    order = list(range(len(writers)))
    random.Random(seed).shuffle(order)
    replies: dict[int, Reply] = {}

    def run(place: int) -> None:
        barrier.wait(30)
        replies[place] = writers[place](instances[place % len(instances)])

    with ThreadPoolExecutor(len(writers)) as pool:
        list(pool.map(run, order))
    return [replies[place] for place in range(len(writers))]


def current(client: DynamoDBClient, key: Key) -> RawItem:
    item = read_one(client, key)
    assert item is not None
    return item


@pytest.mark.parametrize("seed", SEEDS)
def test_of_writers_with_one_entity_tag_exactly_one_wins(
    instances: list[Instance], key: Key, seed: int, direct_client: DynamoDBClient, check_partition: Check
) -> None:
    old, _ = instances[0].store.replace(key, TaskContent(title="Old"))
    event: dict[str, Any] = {"sub": key.owner, "task_id": key.id, "headers": {"If-Match": quoted(old.etag)}}

    def writer(number: int) -> Writer:
        if number % 4 == 0:
            return lambda instance: instance.call("replace_task", body={"title": f"By {number}"}, **event)
        if number % 4 == 1:
            return lambda instance: instance.call("toggle_task", **event)
        return lambda instance: instance.call("update_task", body={"title": f"By {number}"}, **event)

    replies = at_once(instances, [writer(number) for number in range(WRITERS)], seed)

    assert Counter(reply.status for reply in replies) == {200: 1, 412: WRITERS - 1}
    winner = next(reply for reply in replies if reply.status == 200)
    assert winner.document["version"] == 2
    for reply in replies:
        assert reply.headers["ETag"] == winner.headers["ETag"]
        if reply is not winner:
            assert reply.document["current"] == winner.document
    assert instances[0].call("get_task", sub=key.owner, task_id=key.id).document == winner.document
    check_partition(key.owner)


@pytest.mark.parametrize("seed", SEEDS)
def test_blind_toggles_add_up(
    instances: list[Instance], key: Key, seed: int, direct_client: DynamoDBClient, check_partition: Check
) -> None:
    instances[0].store.replace(key, TaskContent(title="Old"))
    flip = [lambda instance: instance.call("toggle_task", sub=key.owner, task_id=key.id)] * (WRITERS + seed)
    replies = at_once(instances, flip, seed)

    assert {reply.status for reply in replies} == {200}, Counter(reply.code for reply in replies)
    item = current(direct_client, key)
    assert item["completed"]["BOOL"] is (len(replies) % 2 == 1)
    assert sorted(reply.document["version"] for reply in replies) == list(range(2, 2 + len(replies)))
    assert all(reply.document["completed"] is (reply.document["version"] % 2 == 0) for reply in replies)
    check_partition(key.owner)


@pytest.mark.parametrize("seed", SEEDS)
def test_updates_without_a_precondition_all_count(
    instances: list[Instance], key: Key, seed: int, direct_client: DynamoDBClient
) -> None:
    instances[0].store.replace(key, TaskContent(title="Old"))

    def writer(number: int) -> Writer:
        body = {"title": f"By {number}"}
        return lambda instance: instance.call("update_task", sub=key.owner, task_id=key.id, body=body)

    replies = at_once(instances, [writer(number) for number in range(WRITERS)], seed)

    assert {reply.status for reply in replies} == {200}, Counter(reply.code for reply in replies)
    by_version = {reply.document["version"]: reply.document for reply in replies}
    assert sorted(by_version) == list(range(2, WRITERS + 2))
    assert current(direct_client, key)["title"]["S"] == by_version[WRITERS + 1]["title"]
    times = [by_version[version]["updated_at"] for version in sorted(by_version)]
    assert times == sorted(times)


@pytest.mark.parametrize("seed", SEEDS)
def test_toggles_that_set_change_once(
    instances: list[Instance], key: Key, seed: int, direct_client: DynamoDBClient
) -> None:
    instances[0].store.replace(key, TaskContent(title="Old"))
    event: dict[str, Any] = {"sub": key.owner, "task_id": key.id, "body": {"completed": True}}
    replies = at_once(instances, [lambda instance: instance.call("toggle_task", **event)] * WRITERS, seed)

    assert {(reply.status, reply.document["version"]) for reply in replies} == {(200, 2)}
    assert current(direct_client, key)["version"] == {"N": "2"}


@pytest.mark.parametrize("seed", SEEDS)
def test_puts_that_create_only_create_once(instances: list[Instance], key: Key, seed: int) -> None:
    def writer(number: int) -> Writer:
        event: dict[str, Any] = {"body": {"title": f"By {number}"}, "headers": {"If-None-Match": "*"}}
        return lambda instance: instance.call("replace_task", sub=key.owner, task_id=key.id, **event)

    replies = at_once(instances, [writer(number) for number in range(WRITERS)], seed)

    assert Counter(reply.status for reply in replies) == {201: 1, 412: WRITERS - 1}
    winner = next(reply for reply in replies if reply.status == 201)
    assert all(reply.document["current"] == winner.document for reply in replies if reply is not winner)


@pytest.mark.parametrize("seed", SEEDS)
def test_deletes_delete_once(instances: list[Instance], key: Key, seed: int, direct_client: DynamoDBClient) -> None:
    instances[0].store.replace(key, TaskContent(title="Old"))
    event: dict[str, Any] = {"sub": key.owner, "task_id": key.id}
    replies = at_once(instances, [lambda instance: instance.call("delete_task", **event)] * WRITERS, seed)

    assert Counter(reply.status for reply in replies) == {204: WRITERS}
    assert current(direct_client, key)["version"] == {"N": "2"}

    event["query"] = {"permanent": ["true"]}
    replies = at_once(instances, [lambda instance: instance.call("delete_task", **event)] * WRITERS, seed)

    assert Counter(reply.status for reply in replies) == {204: 1, 404: WRITERS - 1}


@pytest.mark.parametrize("seed", SEEDS)
def test_restores_restore_once(
    instances: list[Instance], key: Key, seed: int, direct_client: DynamoDBClient, check_partition: Check
) -> None:
    instances[0].store.replace(key, TaskContent(title="Old"))
    instances[0].store.delete(key)
    event: dict[str, Any] = {"sub": key.owner, "task_id": key.id}
    replies = at_once(instances, [lambda instance: instance.call("restore_task", **event)] * WRITERS, seed)

    assert Counter((reply.status, reply.code) for reply in replies) == {
        (200, None): 1, (409, "task_not_trashed"): WRITERS - 1,
    }  # fmt: skip
    winner = next(reply for reply in replies if reply.status == 200)
    assert all(reply.document["current"] == winner.document for reply in replies if reply is not winner)
    check_partition(key.owner)


@pytest.mark.parametrize("seed", SEEDS)
def test_create_replace_and_delete_racing_on_one_id_reconcile(
    instances: list[Instance], key: Key, seed: int, direct_client: DynamoDBClient, check_partition: Check
) -> None:
    event: dict[str, Any] = {"sub": key.owner, "task_id": key.id}
    kinds: list[Writer] = [
        lambda instance: instance.call("replace_task", body={"title": "Put"}, **event),
        lambda instance: instance.call("replace_task", body={"title": "New"}, headers={"If-None-Match": "*"}, **event),
        lambda instance: instance.call("delete_task", query={"permanent": ["true"]}, **event),
        lambda instance: instance.call("update_task", body={"title": "Patched"}, **event),
    ]
    replies = at_once(instances, [kinds[number % 4] for number in range(WRITERS)], seed)

    statuses = Counter(reply.status for reply in replies)
    assert set(statuses) <= {200, 201, 204, 404, 412}, statuses
    item = current(direct_client, key)
    exists = "deleted_at" not in item
    assert statuses[201] - statuses[204] == exists
    assert int(item["version"]["N"]) == statuses[200] + statuses[201] + statuses[204]
    versions = [reply.document["version"] for reply in replies if reply.status in (200, 201)]
    assert len(set(versions)) == len(versions)
    check_partition(key.owner)


def test_creates_do_not_meet(
    instances: list[Instance], owner: str, direct_client: DynamoDBClient, check_partition: Check
) -> None:
    replies = at_once(
        instances, [lambda instance: instance.call("create_task", sub=owner, body={"title": "A"})] * WRITERS, seed=1
    )

    assert {reply.status for reply in replies} == {201}
    assert {f"TASK#{reply.document['id']}" for reply in replies} == {
        item["sk"]["S"] for item in Partition.read(direct_client, owner).tasks
    }
    assert len(Partition.read(direct_client, owner).tasks) == WRITERS
    check_partition(owner)


def test_the_proxy_passes_the_same_traffic(engine: Engine, key: Key) -> None:
    """With no fault in its plan, the proxy under all other tests of this suite changes nothing about the above."""
    with FaultProxy(upstream_of(engine)) as proxy:
        instances = [Instance(patient_client(proxy.endpoint, connections=16)) for _ in range(8)]
        old, _ = instances[0].store.replace(key, TaskContent(title="Old"))
        event: dict[str, Any] = {
            "sub": key.owner,
            "task_id": key.id,
            "headers": {"If-Match": quoted(old.etag)},
            "body": {"title": "New"},
        }
        replies = at_once(instances, [lambda instance: instance.call("update_task", **event)] * WRITERS, seed=1)

    assert Counter(reply.status for reply in replies) == {200: 1, 412: WRITERS - 1}
    assert len([exchange for exchange in proxy.journal if exchange.was_applied]) == 2
