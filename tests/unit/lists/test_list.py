"""A list as item and as JSON."""

from __future__ import annotations

import json

import pytest

from taskapi.lists.list import LIST, List, place
from tests.support.lists import a_list, item_of
from tests.support.proxy_events import OWNER, TASK_ID

MEMBERS = ["id", "user_id", "title", "color", "position", "created_at", "updated_at", "version", "etag"]


@pytest.mark.parametrize(
    "stored",
    [a_list(), a_list(title='"\\\u2028\U0001f600', color="#2f6fed", position="Zz", version=7)],
    ids=["plain", "full"],
)
def test_an_item_is_the_list(stored: List) -> None:
    item = item_of(stored)

    assert List.from_item(item, OWNER) == stored
    assert json.loads(LIST.json(item, OWNER)) == stored.as_json()
    # What a listing reads of an item is enough
    assert LIST.json({name: item[name] for name in ("sk", *LIST.shown) if name in item}, OWNER) == LIST.json(
        item, OWNER
    )


def test_the_members_come_in_the_contracts_order() -> None:
    assert list(json.loads(LIST.json(item_of(a_list()), OWNER))) == MEMBERS == list(a_list().as_json())


def test_another_owners_name_is_escaped() -> None:
    assert List.from_item(item_of(a_list()), 'a"b').user_id == 'a"b'


def test_a_place_is_among_lists() -> None:
    # Below those of tasks in lists and in the inbox no place begins so
    assert place("a1", TASK_ID) == f"lists#a1#{TASK_ID}"
    assert place(None, TASK_ID) == f"lists#{a_list().position}#{TASK_ID}"
