"""The record behind Idempotency-Key."""

from __future__ import annotations

import hashlib
from typing import Any, NamedTuple

import pytest

from taskapi.dynamo.idempotency import Once, fingerprint, put_once
from taskapi.dynamo.stamp import Stamp
from taskapi.dynamo.table import Table
from taskapi.tasks.task import INDEXED, ChecklistEntry, TaskContent
from tests.support import tasks
from tests.support.recording_dynamodb import RecordingDynamoDB

CONTENT = TaskContent("Pay rent", "By transfer", "2026-12-01", "high", ("home", "money"), False)
ITEM = tasks.item_of(tasks.task(tags=("a",)))


def record(owner: str = "alice") -> dict[str, Any]:
    """The record that is put with an item."""
    dynamodb = RecordingDynamoDB({})
    once = Once.of("key-1", CONTENT)
    assert put_once(Table(dynamodb.client, "tasks"), owner, once, Stamp(1_799_913_600_999, "w"), ITEM) == (ITEM, False)
    [(_, arguments)] = dynamodb.calls
    item: dict[str, Any] = arguments["TransactItems"][1]["Put"]["Item"]
    return item


@pytest.mark.parametrize(
    "change",
    [
        {"title": "Pay the rent"},
        {"description": None},
        {"due": None},
        {"priority": "low"},
        {"tags": ("money", "home")},
        {"completed": True},
        {"list_id": "01939f6e-8c1b-7a30-9c9e-2f6f1f0a7b10"},
        {"position": "a0"},
        {"checklist": (ChecklistEntry("1", "Ask the bank"),)},
    ],
)
def test_any_other_content_has_another_fingerprint(change: dict[str, Any]) -> None:
    assert fingerprint(Once.of("key-1", CONTENT._replace(**change)).content) != fingerprint(
        Once.of("key-1", CONTENT).content
    )


def test_equal_content_has_the_same_fingerprint() -> None:
    assert fingerprint(Once.of("key-1", CONTENT._replace()).content) == fingerprint(Once.of("key-1", CONTENT).content)


class Later(NamedTuple):
    """What a later release may take."""

    title: str
    color: str | None = None


class Earlier(NamedTuple):
    """What an earlier one took."""

    title: str


def test_a_member_that_is_added_later_changes_no_fingerprint() -> None:
    assert Once.of("key-1", Earlier("A")) == Once.of("key-1", Later("A"))
    assert Once.of("key-1", Earlier("A")) != Once.of("key-1", Later("A", "#2f6fed"))


def test_a_record_of_the_day_before_is_understood() -> None:
    # Another release must not take a request that is sent again for another one
    assert (
        fingerprint(Once.of("key-1", CONTENT).content)
        == "9453fe044eef9fb61b2bf53dc5e4321d1dc7aee2a5ce4e5110f522b18a19191a"
    )


def test_the_record_lives_in_its_users_partition_under_the_hash_of_the_key() -> None:
    item = record()
    assert item["pk"] == {"S": "USER#alice"}
    assert item["sk"] == {"S": "IDEMPOTENCY#" + hashlib.sha256(b"key-1").hexdigest()}
    assert item["expires_at"] == {"N": "1800000000"}


def test_keys_of_different_users_never_meet() -> None:
    assert record("alice")["pk"] != record("bob")["pk"]


@pytest.mark.parametrize("index_attribute", [*INDEXED, "updated_at", "title"])
def test_the_record_is_in_no_index_and_is_no_task(index_attribute: str) -> None:
    assert index_attribute not in record()


def test_the_answer_is_kept_as_it_was() -> None:
    assert record()["answer"] == {"M": {name: value for name, value in ITEM.items() if name != "pk"}}
