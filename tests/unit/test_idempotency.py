"""The record behind Idempotency-Key."""

from __future__ import annotations

import hashlib
from typing import Any

import pytest

from taskapi import idempotency
from taskapi.idempotency import IdempotencyRecord
from taskapi.task import TaskContent
from tests.support import tasks

CONTENT = TaskContent("Pay rent", "By transfer", "2026-12-01", "high", ("home", "money"), False)


def record(**changes: Any) -> IdempotencyRecord:
    """A record of the default owner's task."""
    plain = IdempotencyRecord(
        owner="alice",
        key="key-1",
        fingerprint="f",
        write_id="w",
        expires_at=1_800_000_000,
        answer=tasks.item_of(tasks.task(tags=("a",))),
    )
    return plain._replace(**changes)


@pytest.mark.parametrize(
    "change",
    [
        {"title": "Pay the rent"},
        {"description": None},
        {"due": None},
        {"priority": "low"},
        {"tags": ("money", "home")},
        {"completed": True},
    ],
)
def test_any_other_content_has_another_fingerprint(change: dict[str, Any]) -> None:
    assert idempotency.fingerprint(CONTENT._replace(**change)) != idempotency.fingerprint(CONTENT)


def test_equal_content_has_the_same_fingerprint() -> None:
    assert idempotency.fingerprint(CONTENT._replace()) == idempotency.fingerprint(CONTENT)


def test_a_record_of_the_day_before_is_understood() -> None:
    # Another release must not take a request that is sent again for another one
    assert idempotency.fingerprint(CONTENT) == "da8cee69ee0596f7fe2058c9f61ad54d590c95f99024e496286277fea24afd29"


def test_the_record_lives_in_its_users_partition_under_the_hash_of_the_key() -> None:
    item = record().as_item()
    assert item["pk"] == {"S": "USER#alice"}
    assert item["sk"] == {"S": "IDEMPOTENCY#" + hashlib.sha256(b"key-1").hexdigest()}
    assert item["expires_at"] == {"N": "1800000000"}


def test_keys_of_different_users_never_meet() -> None:
    one, other = (record(owner=owner).as_item() for owner in ("alice", "bob"))
    assert one["pk"] != other["pk"]


@pytest.mark.parametrize("index_attribute", ["open_since", "open_due", "completed_at", "updated_at", "title"])
def test_the_record_is_in_no_index_and_is_no_task(index_attribute: str) -> None:
    assert index_attribute not in record().as_item()


def test_the_answer_is_kept_as_it_was() -> None:
    kept = tasks.task(tags=("a",))
    assert idempotency.first_answer(record().as_item(), "alice") == kept
