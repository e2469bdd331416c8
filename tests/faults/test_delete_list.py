"""Deleting a list under every fault at each of its requests: whatever is left of it, the same request does."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import pytest

from tests.engines.engine import Engine
from tests.engines.items import RawItem, read_all
from tests.faults.fault_plans import FOR_EVER
from tests.faults.instance import Instance, Reply, impatient_client, patient_client
from tests.faults.proxy import Exchange, Fault, FaultProxy
from tests.faults.scenarios import Check
from tests.faults.upstream import upstream_of
from tests.support.task_model import Call, TaskState

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

_TASKS: Final = (
    {"title": "Pack", "due": "2026-12-01", "position": "a1", "tags": ["move"]},
    {"title": "Lend the drill", "position": "a0", "checklist": [{"id": "1", "title": "Find it"}]},
    {"title": "Hand over the keys", "priority": "high"},
)
_REQUESTS: Final = 4 + len(_TASKS)
"""Of an undisturbed deletion: tests/contract/test_delete_list.py knows which."""
_MOST_REPEATS: Final = 3
_THREADS: Final = 7
_READ_TIMEOUT: Final = 1.0  # generous: with so many at once, an answer may take its time without any fault
_SLOW: Final = (Fault.SLOW_REQUEST, Fault.SLOW_REPLY)
_QUICK: Final = (Fault.RESET, Fault.REPLY_DROPPED)
"""Those that every run looks at: before and after it is applied."""


@dataclass(frozen=True)
class Disturbed:
    """A deletion of which the fault meets one request, by its place, and so many of those that follow it."""

    fault: Fault
    place: int
    count: int

    def __str__(self) -> str:
        return f"{self.fault.name}-{self.place}-{self.count}".lower()

    def __call__(self, exchange: Exchange) -> Fault | None:
        return self.fault if self.place <= exchange.attempt < self.place + self.count else None


@pytest.fixture
def faulty_proxy(engine: Engine, fault: Fault) -> Iterator[FaultProxy]:
    plans = {str(each): each for each in _deletions(fault)}

    def plan(exchange: Exchange) -> Fault | None:
        return plans[exchange.tag](exchange) if exchange.tag else None

    with FaultProxy(upstream_of(engine), plan, hold_seconds=_READ_TIMEOUT * 1.5) as proxy:
        yield proxy


def _deletions(fault: Fault) -> list[Disturbed]:
    return [Disturbed(fault, place, count) for place in range(_REQUESTS) for count in (1, FOR_EVER)]


def _prepare(instance: Instance, owner: str) -> str:
    """A list with open tasks, and a completed one; and a task elsewhere."""

    def create(operation: str, body: dict[str, Any]) -> str:
        reply = instance.call(operation, sub=owner, body=body)
        assert reply.status == 201, reply.document
        made: str = reply.document["id"]
        return made

    list_id = create("create_list", {"title": "Moving house"})
    for task in (*_TASKS, {"title": "Call a van", "completed": True}):
        create("create_task", {**task, "list_id": list_id})
    create("create_task", {"title": "Buy milk"})
    return list_id


def _tasks(client: DynamoDBClient, owner: str) -> dict[str, RawItem]:
    return {item["sk"]["S"]: item for item in read_all(client, owner) if item["sk"]["S"].startswith("TASK#")}


@pytest.mark.parametrize(
    "fault",
    [pytest.param(fault, id=fault.name.lower(), marks=() if fault in _QUICK else pytest.mark.slow) for fault in Fault],
)
def test_the_same_request_again_deletes_what_is_left(
    faulty_proxy: FaultProxy, fault: Fault, direct_client: DynamoDBClient, check_partition: Check
) -> None:
    undisturbed = Instance(patient_client(faulty_proxy.endpoint))
    timeout = _READ_TIMEOUT if fault in _SLOW else 20.0  # those that need none may take as long as the engine does
    client = impatient_client(faulty_proxy.endpoint, read_timeout=timeout, pauses=False)
    disturbed = Instance(client, sleep=lambda _seconds: None)

    def run(deletion: Disturbed) -> tuple[str, str, dict[str, RawItem], list[Reply]]:
        # Given a list with tasks
        owner = f"auth0|delete-list-{deletion}"
        list_id = _prepare(undisturbed, owner)
        before = _tasks(direct_client, owner)
        # When it is deleted, and again where that fails
        event = {"sub": owner, "task_id": list_id}
        replies = [disturbed.call("delete_list", tag=str(deletion), **event)]
        while replies[-1].status not in (204, 404) and len(replies) <= _MOST_REPEATS:
            replies.append(undisturbed.call("delete_list", **event))
        return owner, list_id, before, replies

    deletions = _deletions(fault)
    with ThreadPoolExecutor(_THREADS) as pool:
        ended = list(pool.map(run, deletions))
    faulty_proxy.settle()

    for deletion, (owner, list_id, before, replies) in zip(deletions, ended, strict=True):
        assert faulty_proxy.exchanges(str(deletion))[deletion.place].fault is fault, deletion
        # Then the request failed as the contract says, or had an effect, and the same one again comes to its end
        failed = [reply.status for reply in replies[:-1]]
        assert set(failed) <= {200, 429, 503}, deletion
        assert failed or deletion.count == 1, deletion
        assert replies[-1].status in ((204, 404) if failed else (204,)), deletion
        # And what was open in the list is in the trash, once and whole; nothing else is
        after = _tasks(direct_client, owner)
        assert after.keys() == before.keys(), deletion
        for name, item in before.items():
            state = TaskState.left_by(item)
            assert state.content is not None
            if state.content.list_id == list_id and not state.content.completed:
                assert TaskState.left_by(after[name]) == state.after(Call("delete_task")), deletion
            else:
                assert after[name] == item, deletion
        check_partition(owner)
        assert undisturbed.call("get_list", sub=owner, task_id=list_id).status == 404, deletion
