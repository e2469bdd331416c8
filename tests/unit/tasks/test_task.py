"""The task, its key, and its item and JSON forms."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from taskapi import clock, uuid7
from taskapi.dynamo.attributes import Value, attribute, partition
from taskapi.dynamo.entity import created_at, id_of, is_tombstone
from taskapi.http.response import quoted
from taskapi.tasks.task import ChecklistEntry, Task
from tests.support import tasks
from tests.support.proxy_events import OWNER, TASK_ID
from tests.support.tasks import task_key

LIST_ID = "01939f6e-8c1b-7a30-9c9e-2f6f1f0a7b10"
SUBS = st.text(min_size=1, max_size=20).filter(lambda sub: "#" not in sub)
TEXTS = st.text(min_size=1, max_size=20)
TIMES = st.integers(min_value=0, max_value=clock.LATEST_MS).map(clock.timestamp)

TASKS = st.builds(
    Task,
    id=st.integers(min_value=0, max_value=clock.LATEST_MS).map(uuid7.mint),
    user_id=SUBS,
    title=TEXTS,
    description=st.none() | TEXTS,
    completed=st.booleans(),
    completed_at=st.none() | TIMES,
    due=st.none() | st.dates().map(str),
    priority=st.sampled_from(["none", "low", "medium", "high"]),
    tags=st.lists(TEXTS, max_size=4).map(tuple),
    list_id=st.none() | st.integers(min_value=0, max_value=clock.LATEST_MS).map(uuid7.mint),
    position=st.sampled_from(["Zz", "a0", "a0V", tasks.POSITION]),
    checklist=st.lists(st.builds(ChecklistEntry, TEXTS, TEXTS, st.booleans()), max_size=3).map(tuple),
    trashed_at=st.none() | TIMES,
    created_at=TIMES,
    updated_at=TIMES,
    version=st.integers(min_value=1, max_value=10**15),
    etag=st.text("0123456789abcdefXYZ-_", min_size=19, max_size=19),
)


def test_the_key_is_the_owner_and_the_id() -> None:
    assert task_key("auth0|alice", TASK_ID).as_item() == {
        "pk": {"S": "USER#auth0|alice"},
        "sk": {"S": f"TASK#{TASK_ID}"},
    }


@given(SUBS, SUBS)
def test_no_two_owners_share_a_partition(one: str, other: str) -> None:
    assert (partition(one) == partition(other)) == (one == other)


@given(TASKS)
def test_a_task_comes_back_from_its_item(stored: Task) -> None:
    assert Task.from_item(tasks.item_of(stored), stored.user_id) == stored


@given(TASKS)
def test_the_item_of_a_task_is_no_tombstone(stored: Task) -> None:
    assert not is_tombstone(tasks.item_of(stored))
    assert id_of(tasks.item_of(stored)) == stored.id


def test_a_tombstone_is_one() -> None:
    assert is_tombstone(tasks.tombstone())


def test_the_owner_is_the_callers_and_not_the_items() -> None:
    # Given an item, when it is read for its owner, then the owner is the one who was authenticated
    item = tasks.item_of(tasks.task()) | {"user_id": {"S": "mallory"}}
    assert Task.from_item(item, OWNER).user_id == OWNER


def test_the_resource_has_the_contracts_members_in_its_order() -> None:
    # Given a task that has everything, when it is shown, then it is as in the contract
    shown = tasks.task(
        description="By transfer",
        completed=True,
        completed_at="2026-11-21T08:00:00.000Z",
        due="2026-12-01",
        priority="high",
        tags=("home", "money"),
        list_id=LIST_ID,
        position="a0V",
        checklist=(ChecklistEntry("1", "Ask the bank", completed=True), ChecklistEntry("2", "Sign")),
        trashed_at="2026-11-22T08:00:00.000Z",
        version=3,
    ).as_json()
    assert json.loads(json.dumps(shown)) == {
        "id": TASK_ID,
        "user_id": OWNER,
        "title": "Pay rent",
        "description": "By transfer",
        "completed": True,
        "completed_at": "2026-11-21T08:00:00.000Z",
        "due": "2026-12-01",
        "priority": "high",
        "tags": ["home", "money"],
        "list_id": LIST_ID,
        "position": "a0V",
        "checklist": [
            {"id": "1", "title": "Ask the bank", "completed": True},
            {"id": "2", "title": "Sign", "completed": False},
        ],
        "trashed_at": "2026-11-22T08:00:00.000Z",
        "created_at": tasks.CREATED,
        "updated_at": tasks.CREATED,
        "version": 3,
        "etag": tasks.EARLIER_WRITE,
    }
    assert list(shown) == [
        "id", "user_id", "title", "description", "completed", "completed_at", "due", "priority", "tags", "list_id",
        "position", "checklist", "trashed_at", "created_at", "updated_at", "version", "etag",
    ]  # fmt: skip


def test_what_is_absent_is_null_or_empty() -> None:
    shown = tasks.task().as_json()
    assert (shown["description"], shown["completed_at"], shown["due"], shown["tags"]) == (None, None, None, [])
    assert (shown["list_id"], shown["checklist"]) == (None, [])


def test_the_entity_tag_is_the_etag_quoted() -> None:
    assert quoted(tasks.task(etag="019f4d1b8a8Trt6AEJz").etag) == '"019f4d1b8a8Trt6AEJz"'


@pytest.mark.parametrize("minted", ["2026-11-20T09:30:00.123Z", "1970-01-01T00:00:00.000Z", "9999-12-31T23:59:59.999Z"])
def test_a_task_counts_as_created_when_its_id_was_made(minted: str) -> None:
    assert created_at(uuid7.mint(clock.milliseconds(minted))) == minted


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("x", {"S": "x"}),
        ("", {"S": ""}),
        (True, {"BOOL": True}),
        (False, {"BOOL": False}),
        (0, {"N": "0"}),
        (7, {"N": "7"}),
        ((), {"L": []}),
        (("b", "a"), {"L": [{"S": "b"}, {"S": "a"}]}),
        ({}, {"M": {}}),
        (({"b": 1, "a": True},), {"L": [{"M": {"b": {"N": "1"}, "a": {"BOOL": True}}}]}),
    ],
)
def test_attribute(value: Value, expected: object) -> None:
    assert attribute(value) == expected
