"""Histories of concurrent operations on one task, held against the sequential model, with and without faults."""

from __future__ import annotations

import math
import random
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace

import pytest

from taskapi import uuid7
from tests.engines.engine import Capability, Engine
from tests.faults.fault_plans import ByChance, evenly
from tests.faults.histories import Operation, linearise
from tests.faults.instance import Instance, impatient_client, patient_client
from tests.faults.proxy import Fault, FaultProxy, Plan
from tests.faults.scenarios import Check
from tests.faults.upstream import upstream_of
from tests.support.task_model import NOTHING, Call, Result, TaskState, step

CLIENTS = 8
CALLS_EACH = 12

pytestmark = [pytest.mark.requires(Capability.ATOMIC_WRITES), pytest.mark.dynamodb_local]

History = list[Operation[Call, Result]]


@dataclass
class Client:
    """A frontend that works on the task, by dice: it remembers the task as it saw it last."""

    instance: Instance
    owner: str
    task_id: str
    name: str
    dice: random.Random
    version: int = -1
    etag: str = "none-yet"

    def work(self) -> History:
        history: History = []
        for number in range(CALLS_EACH):
            history += self._send(self._choose(f"{self.name}-{number}"))
        return history

    def _choose(self, title: str) -> Call:
        """The next call; its requests carry the title as their tag."""
        match = self.version if self.dice.random() < 0.3 else None
        kinds = [
            Call("get_task"),
            Call("replace_task", {"title": title, "completed": self.dice.random() < 0.5}, match=match),
            Call("replace_task", {"title": title}, must_not_exist=True),
            Call("update_task", {"title": title}, match=match),
            Call("update_task", {"title": title, "completed": self.dice.random() < 0.5}),
            Call("toggle_task", match=match),
            Call("toggle_task", {"completed": self.dice.random() < 0.5}),
            Call("delete_task", match=match),
            Call("restore_task", match=match),
            Call("restore_task"),
            Call("delete_task", permanent=True),
        ]
        weights = [3, 2, 1, 3, 2, 4, 2, 2, 1, 2, 0.7]
        return replace(self.dice.choices(kinds, weights=weights)[0], tag=title, etag=self.etag)

    def _send(self, call: Call) -> History:
        reply = self.instance.call(call.operation, tag=call.tag, sub=self.owner, task_id=self.task_id, **call.event)
        assert reply.status != 500, reply.document
        result = Result.of(reply.status, reply.shown)
        if result is None:
            # A read that failed tells nothing; a write may take effect at any time from its start on, or never.
            return [] if call.operation == "get_task" else [Operation(call, None, reply.started, math.inf)]
        if result.task is not None:
            self.version, self.etag = result.task.version, (reply.shown or {})["etag"]
        return [Operation(call, result, reply.started, reply.ended)]


def record(proxy: FaultProxy, clients: list[Client]) -> History:
    with ThreadPoolExecutor(len(clients)) as pool:
        histories = list(pool.map(Client.work, clients))
    proxy.settle()
    return [operation for history in histories for operation in history]


def clients_of(proxy: FaultProxy, owner: str, seed: int, read_timeout: float | None = None) -> list[Client]:
    task_id = uuid7.mint(1_795_166_000_000)
    return [
        Client(
            Instance(
                patient_client(proxy.endpoint)
                if read_timeout is None
                else impatient_client(proxy.endpoint, read_timeout=read_timeout)
            ),
            owner,
            task_id,
            f"{seed}-{number}",
            random.Random(f"{seed}-{number}"),
        )
        for number in range(CLIENTS)
    ]


@pytest.mark.parametrize("seed", range(6))
def test_without_faults(proxy: FaultProxy, owner: str, seed: int, check_partition: Check) -> None:
    history = record(proxy, clients_of(proxy, owner, seed))

    assert not any(operation.is_ambiguous for operation in history)
    assert linearise(history, NOTHING, step) is not None
    check_partition(owner)


def with_what_the_engine_knows(history: History, proxy: FaultProxy) -> History:
    """Add what the journal tells of writes whose replies were disturbed.

    Where a write was applied, its reply lost, and others wrote before botocore's retry, the retry finds that it was
    applied, and answers with the task as it is by then: so the answer to a write that was sent more than once counts as
    two operations, the write as the engine applied it the first time, and after it a read (which finds nothing, if one
    of the others was a delete). A write that ended in a 503 was applied as the journal says, or never. Had any been
    applied twice, no order could explain the versions.
    """
    informed: History = []
    for operation in history:
        exchanges = [exchange for exchange in proxy.exchanges(operation.call.tag) if exchange.is_write]
        applied = [exchange for exchange in exchanges if exchange.was_applied]
        status = operation.result and operation.result.status
        if status == 412 or (not operation.is_ambiguous and (len(exchanges) < 2 or not applied)):
            informed.append(operation)
        elif applied:
            left = Result(None, TaskState.left_by(applied[0].reply["Attributes"]))
            informed.append(replace(operation, result=left))
            if operation.result is not None and status != 204:
                seen = Result(200 if operation.result.task else 404, operation.result.task)
                read = replace(operation, call=Call("get_task"), result=seen, after=len(informed) - 1)
                informed.append(read)
    return informed


@pytest.mark.parametrize("seed", range(6))
def test_with_faults(engine: Engine, owner: str, seed: int, check_partition: Check) -> None:
    plan: Plan = ByChance(seed, evenly(0.25, [fault for fault in Fault if not fault.is_throttle]))
    with FaultProxy(upstream_of(engine), plan, hold_seconds=1.5) as proxy:
        history = record(proxy, clients_of(proxy, owner, seed, read_timeout=1.0))

        assert any(exchange.fault for exchange in proxy.journal)
        assert linearise(with_what_the_engine_knows(history, proxy), NOTHING, step) is not None
        check_partition(owner)
