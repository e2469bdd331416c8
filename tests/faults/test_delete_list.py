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
from tests.faults.instance import READ_TIMEOUT, Instance, Reply, impatient_client, patient_client
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
_REQUESTS: Final = ("GetItem", "Query", *["UpdateItem"] * len(_TASKS), "Query", "UpdateItem")
_MOST_REPEATS: Final = 3
_SLOW: Final = (Fault.SLOW_REQUEST, Fault.SLOW_REPLY)


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

    with FaultProxy(upstream_of(engine), plan, hold_seconds=READ_TIMEOUT * 2) as proxy:
        yield proxy


def _deletions(fault: Fault) -> list[Disturbed]:
    return [Disturbed(fault, place, count) for place in range(len(_REQUESTS)) for count in (1, FOR_EVER)]


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


@pytest.mark.parametrize("fault", Fault, ids=lambda fault: fault.name.lower())
def test_the_same_request_again_deletes_what_is_left(
    faulty_proxy: FaultProxy, fault: Fault, direct_client: DynamoDBClient, check_partition: Check
) -> None:
    undisturbed = Instance(patient_client(faulty_proxy.endpoint))
    timeout = READ_TIMEOUT if fault in _SLOW else 20.0  # those that need none may take as long as the engine does
    disturbed = Instance(impatient_client(faulty_proxy.endpoint, read_timeout=timeout), sleep=lambda _seconds: None)

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
    with ThreadPoolExecutor(len(deletions)) as pool:
        ended = list(pool.map(run, deletions))
    faulty_proxy.settle()

    for deletion, (owner, list_id, before, replies) in zip(deletions, ended, strict=True):
        exchanges = faulty_proxy.exchanges(str(deletion))
        assert exchanges[deletion.place].fault is fault, deletion
        assert exchanges[deletion.place].operation == _REQUESTS[deletion.place], deletion
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
