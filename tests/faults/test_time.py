"""Time: limits that an operation keeps however DynamoDB behaves, and clocks that disagree."""

from __future__ import annotations

import random
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pytest

from taskapi import uuid7
from taskapi.dynamo.client import CLIENT_CONFIG
from taskapi.dynamo.entity import Key
from taskapi.tasks.task import TaskContent
from tests.engines.engine import Engine
from tests.engines.items import read_one
from tests.faults.instance import FUNCTION_SECONDS, Instance, Reply, impatient_client, patient_client, unchanged_client
from tests.faults.proxy import Exchange, Fault, FaultProxy
from tests.faults.scenarios import EVERY_OPERATION, Check, Scenario
from tests.faults.upstream import upstream_of
from tests.support.fixed_clocks import NOON, FixedClock
from tests.support.tasks import task_key

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

DAY_MS = 24 * 3600 * 1000
FOR_GOOD = {"permanent": ["true"]}


@pytest.fixture
def key(owner: str) -> Key:
    return task_key(owner, uuid7.mint(NOON - 1_000))


@pytest.mark.slow
def test_no_operation_waits_longer_than_its_function_may(engine: Engine) -> None:
    """With the functions' own time-outs: all of a call's replies come too late, and then those of the next call.

    In between, one request passes and is refused, as it is with a toggle of a completed task, or meets a conflict:
    what makes an operation begin another call.
    """
    longest = (CLIENT_CONFIG.connect_timeout, CLIENT_CONFIG.read_timeout)  # type: ignore[attr-defined]
    late, passes, conflict = Fault.SLOW_REPLY, None, Fault.CONFLICT
    scripts: dict[str, list[Fault | None]] = {
        "late": [late] * 100,
        "late, then passes": [late, late, passes] * 30,
        "late, then a conflict": [late, late, conflict] * 30,
    }
    done = TaskContent(title="Old", completed=True)

    def plan(exchange: Exchange) -> Fault | None:
        script = scripts.get(exchange.tag.partition("/")[0])
        return script[exchange.attempt] if script else None

    with FaultProxy(upstream_of(engine), plan, hold_seconds=sum(longest) + 1) as proxy:
        # Clients, too, are made before any time counts: making one takes a good part of a second.
        def prepared(script: str, scenario: Scenario) -> Callable[[], tuple[str, Reply]]:
            name, instance = f"{script}/{scenario.request.name}", Instance(unchanged_client(proxy.endpoint))
            event = scenario.prepare(patient, name)
            if scenario.operation == "toggle_task":
                patient.store.replace(task_key(name, event["task_id"]), done)
            return lambda: (name, scenario.run(instance, event, tag=name))

        patient = Instance(patient_client(proxy.endpoint))
        ended: dict[str, Reply] = {}
        for script in scripts:
            scenarios = [each for each in EVERY_OPERATION if not (each.is_read and "conflict" in script)]
            cases = [prepared(script, each) for each in scenarios]
            with ThreadPoolExecutor(len(cases)) as pool:
                ended |= dict(pool.map(lambda case: case(), cases))

    assert {name: reply.seconds for name, reply in ended.items() if reply.seconds >= FUNCTION_SECONDS} == {}
    for name, reply in ended.items():
        if name.startswith("late/"):
            assert (reply.status, reply.code) == (503, "store_unavailable"), name


def test_an_engine_that_is_not_there_is_a_503_at_once_or_nearly(owner: str) -> None:
    instance = Instance(impatient_client("http://127.0.0.1:9", pauses=False))
    reply = instance.call("create_task", sub=owner, body={"title": "A"})

    assert (reply.status, reply.code) == (503, "store_unavailable")
    assert int(reply.headers["Retry-After"]) >= 1


@pytest.mark.parametrize("seed", range(2))
def test_clocks_that_jump_never_turn_a_tasks_time_back(
    proxy: FaultProxy, key: Key, seed: int, check_partition: Check
) -> None:
    """Each write comes from an instance whose clock is up to a day off, either way."""
    dice = random.Random(seed)
    client = patient_client(proxy.endpoint)
    times, versions = [], []
    calls: list[tuple[str, dict[str, Any]]] = [
        ("replace_task", {"body": {"title": "Put"}}),
        ("update_task", {"body": {"title": "Patched", "due": "2026-12-01"}}),
        ("toggle_task", {}),
        ("toggle_task", {"body": {"completed": True}}),
        ("move_task", {}),
        ("restore_task", {}),
    ]
    for number in range(25):
        instance = Instance(client, now_ms=FixedClock(NOON + dice.randint(-DAY_MS, DAY_MS)))
        operation, event = calls[0] if number == 0 else dice.choice(calls)
        if operation == "restore_task":
            instance.call("delete_task", sub=key.owner, task_id=key.id)
        document = instance.call(operation, sub=key.owner, task_id=key.id, **event).document
        times.append(document["updated_at"])
        versions.append(document["version"])
        assert document["completed_at"] is None or document["completed_at"] <= document["updated_at"]

    assert times == sorted(times)
    assert versions == sorted(versions)
    check_partition(key.owner)


@pytest.mark.parametrize("days", [0, 31])
def test_a_tombstone_is_gone_before_and_after_its_time_whether_ttl_has_removed_it_or_not(
    proxy: FaultProxy, key: Key, days: int, direct_client: DynamoDBClient, check_partition: Check
) -> None:
    clock = FixedClock()
    instance = Instance(patient_client(proxy.endpoint), now_ms=clock)
    event: dict[str, Any] = {"sub": key.owner, "task_id": key.id}
    instance.call("replace_task", body={"title": "Old"}, **event)
    instance.call("delete_task", query=FOR_GOOD, **event)
    clock.advance(days * DAY_MS)

    item = read_one(direct_client, key)
    assert item is not None
    assert int(item["expires_at"]["N"]) == NOON // 1000 + 30 * 86_400
    assert instance.call("get_task", **event).status == 404
    assert instance.call("update_task", body={"title": "New"}, **event).status == 404
    assert instance.call("toggle_task", **event).status == 404
    assert instance.call("restore_task", **event).status == 404
    assert instance.call("move_task", **event).status == 404
    assert instance.call("delete_task", **event).status == 404
    assert instance.call("delete_task", query=FOR_GOOD, **event).status == 404
    assert instance.call("list_tasks", sub=key.owner).document["items"] == []
    assert instance.call("list_tasks", sub=key.owner, query={"sort": ["updated_at"]}).document["items"] == []
    assert instance.call("replace_task", body={"title": "New"}, headers={"If-Match": "*"}, **event).status == 412
    again = instance.call("replace_task", body={"title": "New"}, headers={"If-None-Match": "*"}, **event)
    assert (again.status, again.document["version"]) == (201, 3)
    check_partition(key.owner)
    item = read_one(direct_client, key)
    assert item is not None
    assert "expires_at" not in item, "TTL would remove a live task"


def test_once_ttl_has_removed_a_tombstone_the_task_begins_anew(
    proxy: FaultProxy, key: Key, direct_client: DynamoDBClient, check_partition: Check
) -> None:
    instance = Instance(patient_client(proxy.endpoint))
    event: dict[str, Any] = {"sub": key.owner, "task_id": key.id}
    instance.call("replace_task", body={"title": "Old"}, **event)
    instance.call("delete_task", query=FOR_GOOD, **event)
    direct_client.delete_item(TableName="tasks", Key=key.as_item())

    assert instance.call("get_task", **event).status == 404
    reply = instance.call("replace_task", body={"title": "New"}, **event)
    assert (reply.status, reply.document["version"]) == (201, 1)
    check_partition(key.owner)
