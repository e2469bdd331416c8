"""``Idempotency-Key``: one task, one answer, however often and however concurrently a create is sent."""

from __future__ import annotations

import random
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pytest

from tests.engines.engine import Capability
from tests.faults.fault_plans import ByChance, evenly
from tests.faults.instance import Instance, Reply, impatient_client, patient_client
from tests.faults.proxy import Exchange, Fault, FaultProxy
from tests.faults.scenarios import Check, Partition
from tests.support.fixed_clocks import FixedClock

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

BODY = {"title": "Pay rent", "due": "2026-12-01", "tags": ["home", "money"], "priority": "high"}
DAY_MS = 24 * 3600 * 1000
DUPLICATES = 64


def create(instance: Instance, owner: str, key: str = "key-1", body: Any = None, tag: str = "", **event: Any) -> Reply:
    headers = {"Idempotency-Key": key, "Content-Type": "application/json"}
    return instance.call("create_task", tag=tag, sub=owner, headers=headers, body=body or BODY, **event)


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock()


@pytest.fixture
def timed(proxy: FaultProxy, clock: FixedClock) -> Instance:
    """An instance whose clock a test sets."""
    return Instance(patient_client(proxy.endpoint), now_ms=clock)


@pytest.mark.parametrize("meanwhile", ["nothing", "changed", "completed", "in the trash", "deleted", "put again"])
def test_a_replay_is_exactly_the_first_answer(instance: Instance, owner: str, meanwhile: str) -> None:
    first = create(instance, owner)
    task_id = first.document["id"]
    match meanwhile:
        case "changed":
            instance.call("update_task", sub=owner, task_id=task_id, body={"title": "Other", "tags": None})
        case "completed":
            instance.call("toggle_task", sub=owner, task_id=task_id)
        case "in the trash":
            instance.call("delete_task", sub=owner, task_id=task_id)
        case "deleted":
            instance.call("delete_task", sub=owner, task_id=task_id, query={"permanent": ["true"]})
        case "put again":
            instance.call("delete_task", sub=owner, task_id=task_id, query={"permanent": ["true"]})
            instance.call("replace_task", sub=owner, task_id=task_id, body={"title": "Other"})
    replay = create(instance, owner)

    assert first.status == replay.status == 201
    assert "Idempotency-Replayed" not in first.headers
    assert replay.headers == {**first.headers, "Idempotency-Replayed": "true"}
    assert replay.headers["ETag"] == f'"{first.document["etag"]}"'
    assert replay.document == first.document


def test_nothing_is_added_by_a_replay(instance: Instance, owner: str, direct_client: DynamoDBClient) -> None:
    create(instance, owner)
    before = Partition.read(direct_client, owner)
    create(instance, owner)

    assert Partition.read(direct_client, owner) == before
    assert (len(before.tasks), len(before.records)) == (1, 1)


def test_the_same_task_written_differently_is_a_replay(instance: Instance, owner: str) -> None:
    first = create(instance, owner)
    replay = create(instance, owner, body={"completed": False, "description": None, **dict(reversed(BODY.items()))})

    assert (replay.status, replay.document) == (201, first.document)


@pytest.mark.parametrize("change", [{"title": "Pay tax"}, {"tags": ["money", "home"]}, {"completed": True}], ids=str)
def test_another_body_is_refused(
    instance: Instance, owner: str, change: dict[str, Any], direct_client: DynamoDBClient
) -> None:
    create(instance, owner)
    reply = create(instance, owner, body={**BODY, **change})

    assert (reply.status, reply.code) == (422, "idempotency_key_reused")
    assert len(Partition.read(direct_client, owner).tasks) == 1


def test_keys_of_users_do_not_meet(instance: Instance, owner: str) -> None:
    first, other = create(instance, owner), create(instance, f"{owner}-other", body={"title": "Mine"})

    assert (first.status, other.status) == (201, 201)
    assert "Idempotency-Replayed" not in other.headers
    assert other.document["user_id"] != first.document["user_id"]


def test_another_key_makes_another_task(instance: Instance, owner: str) -> None:
    ids = {create(instance, owner, key).document["id"] for key in ("a", "A", "a ".strip() + "b", "~" * 255)}

    assert len(ids) == 4


def test_a_record_counts_for_24_hours_and_not_longer(
    timed: Instance, owner: str, clock: FixedClock, direct_client: DynamoDBClient
) -> None:
    """DynamoDB's TTL removes records days late; the tests' engines never do."""
    first = create(timed, owner)
    clock.advance(DAY_MS - 1)
    assert create(timed, owner).document == first.document
    clock.advance(1)
    second = create(timed, owner, body={"title": "Another body"})

    assert (second.status, second.document["title"]) == (201, "Another body")
    assert "Idempotency-Replayed" not in second.headers
    assert create(timed, owner, body={"title": "Another body"}).document == second.document
    partition = Partition.read(direct_client, owner)
    assert (len(partition.tasks), len(partition.records)) == (2, 1)
    assert int(partition.records[0]["expires_at"]["N"]) == clock.ms // 1000 + DAY_MS // 1000


def test_after_an_unknown_end_the_same_request_tells(
    proxy: FaultProxy, instance: Instance, owner: str, direct_client: DynamoDBClient
) -> None:
    """All replies of the first call are lost, which is a 503; the client's own retry gets the task that was made."""
    proxy.plan = lambda exchange: Fault.REPLY_DROPPED if exchange.tag == "lost" else None
    lost = create(instance, owner, tag="lost")
    retried = create(instance, owner)

    assert (lost.status, retried.status) == (503, 201)
    assert retried.headers["Idempotency-Replayed"] == "true"
    assert [item["sk"]["S"] for item in Partition.read(direct_client, owner).tasks] == [
        f"TASK#{retried.document['id']}"
    ]


def _at_once(proxy: FaultProxy, owner: str, seed: int, tries: int) -> list[Reply]:
    """Send the same request from many instances at once; each goes on until it is answered for good."""
    barrier = threading.Barrier(DUPLICATES)
    clients = [impatient_client(proxy.endpoint, connections=16, read_timeout=5.0) for _ in range(8)]

    def run(number: int) -> Reply:
        instance = Instance(clients[number % len(clients)])
        barrier.wait(30)
        for attempt in range(tries):
            reply = create(instance, owner, tag=f"{seed}/{number}/{attempt}")
            if reply.status not in (429, 503):
                break
        return reply

    with ThreadPoolExecutor(DUPLICATES) as pool:
        return list(pool.map(run, range(DUPLICATES)))


def _check_one_task(replies: list[Reply], owner: str, client: DynamoDBClient, check_partition: Check) -> None:
    partition = Partition.read(client, owner)
    assert (len(partition.tasks), len(partition.records)) == (1, 1)
    assert {reply.status for reply in replies} == {201}, [reply.document for reply in replies if reply.status != 201]
    assert all(reply.document == replies[0].document for reply in replies)
    assert f"TASK#{replies[0].document['id']}" == partition.tasks[0]["sk"]["S"]
    check_partition(owner)


@pytest.mark.requires(Capability.ATOMIC_WRITES)
@pytest.mark.dynamodb_local
@pytest.mark.parametrize("seed", range(3))
def test_concurrent_duplicates_make_one_task(
    proxy: FaultProxy, owner: str, seed: int, direct_client: DynamoDBClient, check_partition: Check
) -> None:
    replies = _at_once(proxy, owner, seed, tries=1)

    _check_one_task(replies, owner, direct_client, check_partition)
    assert sum("Idempotency-Replayed" not in reply.headers for reply in replies) == 1


@pytest.mark.requires(Capability.ATOMIC_WRITES)
@pytest.mark.dynamodb_local
@pytest.mark.parametrize("seed", range(3))
def test_concurrent_duplicates_under_faults_make_one_task(
    proxy: FaultProxy, owner: str, seed: int, direct_client: DynamoDBClient, check_partition: Check
) -> None:
    quick = [fault for fault in Fault if fault not in (Fault.SLOW_REPLY, Fault.SLOW_REQUEST)]
    proxy.plan = ByChance(seed, evenly(0.3, quick))
    replies = _at_once(proxy, owner, seed, tries=8)
    proxy.settle()

    _check_one_task(replies, owner, direct_client, check_partition)


@pytest.mark.requires(Capability.ATOMIC_WRITES)
@pytest.mark.dynamodb_local
def test_concurrent_requests_of_different_bodies_agree_on_one(
    proxy: FaultProxy, owner: str, direct_client: DynamoDBClient
) -> None:
    client = patient_client(proxy.endpoint, connections=DUPLICATES)
    barrier = threading.Barrier(DUPLICATES)

    def run(number: int) -> Reply:
        barrier.wait(30)
        return create(Instance(client), owner, body={"title": f"Task {number % 4}"})

    order = list(range(DUPLICATES))
    random.Random(1).shuffle(order)
    with ThreadPoolExecutor(DUPLICATES) as pool:
        replies = list(pool.map(run, order))

    created = [reply for reply in replies if reply.status == 201]
    refused = [reply for reply in replies if reply.code == "idempotency_key_reused"]
    assert (len(created), len(refused)) == (DUPLICATES // 4, DUPLICATES * 3 // 4)
    assert len({reply.document["id"] for reply in created}) == 1
    assert len(Partition.read(direct_client, owner).tasks) == 1


def test_conflicts_are_tried_again_within_the_functions_time(proxy: FaultProxy, owner: str) -> None:
    pauses: list[float] = []
    instance = Instance(patient_client(proxy.endpoint), sleep=pauses.append)

    def conflicts(exchange: Exchange) -> Fault | None:
        return Fault.CONFLICT if exchange.tag and exchange.attempt < 7 else None

    proxy.plan = conflicts
    assert create(instance, owner, tag="conflicting").status == 201
    assert len(pauses) == 7
    assert all(0 <= pause <= 0.4 for pause in pauses)
