"""The chaos run in small, and its audit, which must notice what is done to its books."""

from __future__ import annotations

import contextlib
import copy
import dataclasses
import random
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import pytest

from taskapi import uuid7
from taskapi.dynamo.entity import Entity
from taskapi.lists.list import LIST
from taskapi.tasks.task import TASK
from tests.engines.engine import TABLE_NAME, Capability, Engine
from tests.faults import chaos
from tests.faults.audit import Audit, Entry, Kind
from tests.faults.fault_plans import ByChance
from tests.faults.instance import Instance, patient_client
from tests.faults.proxy import Exchange, Fault, FaultProxy
from tests.faults.upstream import upstream_of
from tests.support.fixed_clocks import NOON

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

_FAULTS = {Fault.REPLY_DROPPED: 0.1, Fault.RESET: 0.1, Fault.CONFLICT: 0.1}
"""Those that cost no time when botocore does not pause."""


@dataclasses.dataclass
class Books:
    """What one run of one client left behind."""

    entries: list[Entry]
    journal: list[Exchange]
    client: DynamoDBClient

    def audit(self) -> tuple[dict[Kind, int], list[str]]:
        audit = Audit(self.entries, self.journal, self.client)
        counts = audit.run()
        return dict(counts), [finding.what for finding in audit.findings]

    def entry(self, fits: Callable[[Entry], bool]) -> Entry:
        return next(entry for entry in self.entries if fits(entry))

    def replace(self, entry: Entry, **changes: Any) -> None:
        reply = dataclasses.replace(entry.reply, **changes)
        self.entries[self.entries.index(entry)] = dataclasses.replace(entry, reply=reply)

    @contextlib.contextmanager
    def without(self, key: Any) -> Iterator[None]:
        """Take an item out of the table for a while."""
        item = self.client.get_item(TableName=TABLE_NAME, Key=key)["Item"]
        self.client.delete_item(TableName=TABLE_NAME, Key=key)
        try:
            yield
        finally:
            self.client.put_item(TableName=TABLE_NAME, Item=item)

    def applied(self, tag: str) -> Exchange:
        return next(exchange for exchange in self.journal if exchange.tag == tag and exchange.was_applied)


@pytest.fixture(scope="module")
def true_books(engine: Engine, direct_client: DynamoDBClient) -> Books:
    """300 operations of one client, so that moto can serve them, under faults."""
    with FaultProxy(upstream_of(engine), ByChance(1, _FAULTS)) as proxy:
        frontend = chaos.Frontend(
            "books",
            Instance(patient_client(proxy.endpoint, pauses=False), sleep=lambda _seconds: None),
            [("chaos-books", uuid7.mint(NOON + number)) for number in range(3)],
            [("chaos-books", uuid7.mint(NOON))],
            random.Random(1),
            chaos.Progress(300),
        )
        entries = frontend.work()
        proxy.settle()
    return Books(entries, proxy.journal, direct_client)


@pytest.fixture
def books(true_books: Books) -> Books:
    """A copy to tamper with."""
    return Books(list(true_books.entries), copy.deepcopy(true_books.journal), true_books.client)


def test_true_books_have_no_findings(books: Books) -> None:
    assert books.audit() == ({}, [])
    assert len(books.entries) == 300
    assert {entry.call.operation for entry in books.entries} == {
        "create_task", "list_tasks", "get_task", "replace_task", "update_task", "delete_task", "toggle_task",
        "restore_task", "move_task", "create_list", "list_lists", "get_list", "replace_list", "update_list",
        "delete_list",
    }  # fmt: skip
    assert sum(exchange.fault is not None for exchange in books.journal) > 20
    assert any("Idempotency-Replayed" in entry.reply.headers for entry in books.entries)


def _updated(entry: Entry) -> bool:
    return entry.call.operation == "update_task" and entry.succeeded


def test_an_acknowledged_write_that_is_not_there_is_lost(books: Books) -> None:
    books.journal.remove(books.applied(books.entry(_updated).tag))

    assert books.audit()[0][Kind.LOST] >= 1


def test_a_refused_write_that_is_there_is_lost(books: Books) -> None:
    refusal = {"code": "precondition_failed", "detail": ""}
    books.replace(books.entry(_updated), status=412, document=refusal)

    assert books.audit()[0] == {Kind.LOST: 1}


def test_an_answer_that_shows_what_never_was_is_lost(books: Books) -> None:
    for fits in (_updated, lambda entry: entry.call.operation == "get_task" and entry.succeeded):
        entry = books.entry(fits)
        books.replace(entry, document={**entry.reply.document, "title": "Never was"})

    assert books.audit()[0] == {Kind.LOST: 2}


def test_an_etag_of_two_writes_is_lost(books: Books) -> None:
    one, other = [entry for entry in books.entries if _updated(entry)][:2]
    books.replace(one, document={**one.reply.document, "etag": other.reply.document["etag"]})

    assert books.audit()[0][Kind.LOST] >= 1


def test_a_stale_read_is_lost(books: Books) -> None:
    read = books.entry(
        lambda entry: (
            entry.call.operation == "get_task" and entry.succeeded and entry.reply.document["version"] > 1
            and any(_updated(other) and other.task_id == entry.task_id
                    and other.reply.document["version"] == entry.reply.document["version"] for other in books.entries)
        )
    )  # fmt: skip
    older = next(
        entry.reply.document
        for entry in books.entries
        if entry.task_id == read.task_id
        and entry.succeeded
        and entry.reply.document
        and entry.reply.document["version"] < read.reply.document["version"]
    )
    books.replace(read, document=older)

    assert books.audit()[0] == {Kind.LOST: 1}


@pytest.mark.parametrize("entity", [TASK, LIST], ids=lambda entity: entity.noun)
def test_an_item_that_vanished_is_lost(books: Books, entity: Entity) -> None:
    created = books.entry(lambda entry: entry.call.operation == f"create_{entity.noun}" and entry.key is None)
    key = {"pk": {"S": f"USER#{created.owner}"}, "sk": {"S": f"{entity.prefix}{created.task_id}"}}

    with books.without(key):
        assert books.audit()[0][Kind.LOST] >= 1


def test_a_write_that_took_effect_twice_is_doubled(books: Books) -> None:
    entry = books.entry(_updated)
    books.journal.append(dataclasses.replace(books.applied(entry.tag)))

    assert books.audit()[0] == {Kind.DOUBLED: 1}


def test_a_key_with_two_answers_is_doubled(books: Books) -> None:
    replayed = books.entry(lambda entry: "Idempotency-Replayed" in entry.reply.headers)
    other = books.entry(lambda entry: entry.call.operation == "create_task" and entry.task_id != replayed.task_id)
    books.replace(replayed, document=other.reply.document)

    assert books.audit()[0][Kind.DOUBLED] == 1


def test_a_key_without_its_record_is_half_applied(books: Books) -> None:
    put = next(exchange for exchange in books.journal if exchange.operation == "TransactWriteItems")
    record = put.request["TransactItems"][1]["Put"]["Item"]

    with books.without({"pk": record["pk"], "sk": record["sk"]}):
        assert books.audit()[0] == {Kind.HALF_APPLIED: 1}


def test_an_item_in_a_wrong_index_is_half_applied(books: Books) -> None:
    completed = next(
        exchange
        for exchange in reversed(books.journal)
        if exchange.was_applied
        and exchange.operation == "UpdateItem"
        and "completed_at" in exchange.reply["Attributes"]
    )
    completed.reply["Attributes"]["open_since"] = completed.reply["Attributes"]["created_at"]

    assert books.audit()[0][Kind.HALF_APPLIED] >= 1


def test_a_create_that_made_another_task_than_was_asked_is_half_applied(books: Books) -> None:
    created = books.entry(lambda entry: entry.call.operation == "create_task" and entry.key is None)
    books.applied(created.tag).request["Item"]["description"] = {"S": "Nobody asked for it"}

    assert books.audit()[0][Kind.HALF_APPLIED] >= 1


@pytest.fixture
def deletion(books: Books) -> tuple[Entry, Exchange]:
    """A deletion of a list, and the write of it that trashed a task."""
    return next(
        (entry, exchange)
        for entry in books.entries
        if entry.call.operation == "delete_list" and entry.reply.status == 204
        for exchange in books.journal
        if exchange.tag == entry.tag and exchange.was_applied and "trashed_at" in exchange.reply["Attributes"]
    )


def test_a_deleted_list_of_which_a_task_is_left_is_half_applied(books: Books, deletion: tuple[Entry, Exchange]) -> None:
    entry, trashing = deletion
    shortly_before = trashing.arrived - 1e-6
    books.replace(entry, started=shortly_before, ended=shortly_before)

    counts, findings = books.audit()
    assert set(counts) == {Kind.HALF_APPLIED}
    assert any(f"left {trashing.request['Key']['sk']['S']} open in it" in what for what in findings)


def test_a_task_that_is_not_as_it_was_before_it_was_trashed_is_half_applied(
    books: Books, deletion: tuple[Entry, Exchange]
) -> None:
    deletion[1].reply["Attributes"]["title"] = {"S": "Nobody asked for it"}

    assert books.audit()[0][Kind.HALF_APPLIED] >= 1


def test_a_task_that_was_trashed_with_another_list_is_lost(books: Books, deletion: tuple[Entry, Exchange]) -> None:
    other = dataclasses.replace(deletion[0], task_id=uuid7.mint(NOON - 1))
    books.entries[books.entries.index(deletion[0])] = other

    assert any("not open in" in what for what in books.audit()[1])


def test_a_deletion_that_trashed_other_tasks_than_it_says_is_lost(
    books: Books, deletion: tuple[Entry, Exchange]
) -> None:
    books.replace(deletion[0], status=200, document={"trashed": 99, "done": False})

    assert any("told {'trashed': 99" in what for what in books.audit()[1])


@pytest.mark.parametrize("status", [429, 500, 503])
def test_a_failure_without_a_fault_is_unexplained(books: Books, status: int) -> None:
    undisturbed = {exchange.tag for exchange in books.journal} - {
        exchange.tag for exchange in books.journal if exchange.fault is not None
    }
    read = books.entry(lambda entry: entry.call.operation == "get_task" and entry.tag in undisturbed)
    books.replace(read, status=status, document={"code": "internal_error", "detail": ""})

    assert books.audit()[0] == {Kind.UNEXPLAINED: 1}


@pytest.mark.requires(Capability.ATOMIC_WRITES)
@pytest.mark.dynamodb_local
@pytest.mark.parametrize("seed", [1, 2])
def test_a_run_with_several_clients(engine: Engine, seed: int, capsys: pytest.CaptureFixture[str]) -> None:
    assert chaos.run(chaos.Options(operations=600, seed=seed), engine)

    last = capsys.readouterr().out.splitlines()[-1]
    assert last == f"chaos: operations=600 lost=0 doubled=0 half_applied=0 unexplained_5xx=0 seed={seed}"
