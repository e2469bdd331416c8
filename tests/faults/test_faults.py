"""Every operation under every fault: it ends as the contract says, in time, and never half-written.

All cells of the matrix run at once, since most of their time is botocore's pause before a retry; each has a user of its
own. ``outcomes`` runs them, the tests look at one cell each.
"""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from tests.engines.engine import Engine
from tests.faults.fault_plans import FOR_EVER, FirstRequests
from tests.faults.instance import FUNCTION_SECONDS, Instance, Reply, impatient_client, patient_client
from tests.faults.proxy import Exchange, Fault, FaultProxy
from tests.faults.scenarios import EVERY_OPERATION, PARTICULAR, Check, Partition, Scenario, differences
from tests.faults.upstream import upstream_of

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

_THREADS = 8
_READ_TIMEOUT = 1.0  # generous: with so many at once, an answer may take its time without any fault
_COUNTS = {"once": 1, "twice": 2, "for ever": FOR_EVER}


@dataclass(frozen=True)
class Cell:
    """One scenario under one fault, ``count`` times."""

    scenario: Scenario
    fault: Fault
    count: str

    def __str__(self) -> str:
        return f"{self.scenario.request.name}-{self.fault.name.lower()}-{self.count}".replace(" ", "_")

    @property
    def is_possible(self) -> bool:
        """A read never meets a conflict of transactions."""
        return not (self.scenario.is_read and self.fault is Fault.CONFLICT)

    @property
    def is_quick(self) -> bool:
        """Whether it is in the part of the matrix that every run looks at."""
        if self.count == "once":
            return self.scenario in EVERY_OPERATION or self.fault is Fault.REPLY_DROPPED
        return self.count == "for ever" and self.scenario.operation == "update_task"


CELLS = [
    pytest.param(cell, id=str(cell), marks=() if cell.is_quick else pytest.mark.slow)
    for cell in (
        *(Cell(scenario, fault, count) for scenario in EVERY_OPERATION for fault in Fault for count in _COUNTS),
        *(Cell(scenario, fault, "once") for scenario in PARTICULAR for fault in Fault if fault.is_applied),
        *(Cell(scenario, Fault.SLOW_REQUEST, "twice") for scenario in PARTICULAR),
    )
    if cell.is_possible
]


@dataclass(frozen=True)
class Outcome:
    """How a cell ended."""

    owner: str
    before: Partition
    reply: Reply
    exchanges: list[Exchange]
    after: Partition


@pytest.fixture(scope="module")
def outcomes(request: pytest.FixtureRequest, engine: Engine, direct_client: DynamoDBClient) -> Mapping[str, Outcome]:
    """The outcome of every cell that this run has selected, by the cell's name."""
    cells: list[Cell] = []
    for item in request.session.items:
        callspec = getattr(item, "callspec", None)  # not every test has parameters
        cell = callspec and callspec.params.get("cell")
        if isinstance(cell, Cell) and cell not in cells:
            cells.append(cell)
    plans = {str(cell): FirstRequests(cell.fault, _COUNTS[cell.count]) for cell in cells}

    def plan(exchange: Exchange) -> Fault | None:
        return plans[exchange.tag](exchange) if exchange.tag else None

    with FaultProxy(upstream_of(engine), plan, hold_seconds=_READ_TIMEOUT * 1.5) as proxy:
        # Clients of a few cells each: botocore gives up retrying when too many calls of one client fail.
        clients = [
            impatient_client(proxy.endpoint, connections=_THREADS, read_timeout=_READ_TIMEOUT)
            for _ in range(len(cells) // 20 + 1)
        ]

        undisturbed = Instance(patient_client(proxy.endpoint, connections=_THREADS))

        def run(number: int, cell: Cell) -> tuple[str, str, Partition, Reply]:
            instance, owner = Instance(clients[number % len(clients)]), f"auth0|{cell}"
            event = cell.scenario.prepare(undisturbed, owner)
            before = Partition.read(direct_client, owner)
            return str(cell), owner, before, cell.scenario.run(instance, event, tag=str(cell))

        with ThreadPoolExecutor(_THREADS) as pool:
            ended = list(pool.map(run, range(len(cells)), cells))
        proxy.settle()
        return {
            name: Outcome(owner, before, reply, proxy.exchanges(name), Partition.read(direct_client, owner))
            for name, owner, before, reply in ended
        }


@pytest.mark.parametrize("cell", CELLS)
def test_operation(cell: Cell, outcomes: Mapping[str, Outcome], check_partition: Check) -> None:
    outcome = outcomes[str(cell)]
    reply = outcome.reply

    assert outcome.exchanges[0].fault is cell.fault
    assert reply.seconds < FUNCTION_SECONDS
    if cell.count == "for ever":
        assert (reply.status, reply.code) == (
            (429, "too_many_requests") if cell.fault.is_throttle else (503, "store_unavailable")
        )
        assert reply.headers["Content-Type"] == "application/problem+json"
        assert 1 <= int(reply.headers["Retry-After"]) <= 60
    else:
        assert reply.status == cell.scenario.request.status, reply.document
        assert "Idempotency-Replayed" not in reply.headers

    check_partition(outcome.owner)
    applied = any(exchange.was_applied for exchange in outcome.exchanges)
    assert outcome.after.version == outcome.before.version + applied
    assert applied == (not cell.scenario.is_read) or reply.status >= 400
    if applied:
        assert list(differences(outcome.after.tasks[0], cell.scenario.request.changed)) == []
    else:
        assert outcome.after.tasks == outcome.before.tasks
    assert len(outcome.after.records) == int(applied and cell.scenario.has_key)
    if reply.document is not None and reply.status < 400 and not cell.scenario.is_read:
        assert reply.document["version"] == outcome.after.version
        assert reply.document["etag"] == outcome.after.tasks[0]["write_id"]["S"]
        assert reply.headers["ETag"] == f'"{reply.document["etag"]}"'
