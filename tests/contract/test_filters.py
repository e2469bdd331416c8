"""``priority``, ``tag`` and ``q``: which tasks they let through, in every list."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

from taskapi.tasks.query import ACCESS_PATHS, ListQuery, Sort, Status
from taskapi.tasks.task import ChecklistEntry, Task
from tests.contract.ticking_clock import START_MS
from tests.engines.items import task_item, write_all
from tests.engines.walks import walk
from tests.support.tasks import Tasks

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

TITLES = ["Pay rent", "Buy STRASSE map", "Buy straße map", "İstanbul trip", "Call home"]
DESCRIPTIONS = [None, "the Rent is due", "100% _sure_ .* (really)"]
TAGS: list[tuple[str, ...]] = [(), ("Home",), ("home", "Money"), ("MONEY", "Straße")]
PRIORITIES = ["none", "low", "high"]
LIST_ID = "01939f6e-8c1b-7a30-9c9e-2f6f1f0a7b10"
CHECKLISTS = [(), (ChecklistEntry("1", "Weigh it"), ChecklistEntry("2", "The rent, on a STRASSE", completed=True))]


@pytest.fixture
def filled(client: DynamoDBClient, owner: str) -> None:
    """Tasks of every mixture, open and completed, in the trash and not."""
    # Every pair of values; every triple would be thrice as many and show no more.
    mixtures = [
        (TITLES[(first + second) % len(TITLES)], DESCRIPTIONS[first % 3], TAGS[second])
        for first, second in itertools.product(range(6), range(len(TAGS)))
    ]
    write_all(
        client,
        [
            task_item(
                owner,
                START_MS - 100_000 + number,
                completed_ms=START_MS - 1_000 + number if number % 2 else None,
                trashed_ms=trashed_ms and trashed_ms + number,
                title=title,
                description=description,
                tags=tags,
                checklist=CHECKLISTS[number // 4 % 2],
                list_id=LIST_ID if number // 2 % 2 else None,
                priority=PRIORITIES[number % 3],
                due=f"2026-12-{number + 1:02}",
            )
            for trashed_ms in (None, START_MS - 500)
            for number, (title, description, tags) in enumerate(mixtures)
        ],
    )


def texts(task: Task) -> list[str]:
    return [task.title, task.description or "", *task.tags, *(entry.title for entry in task.checklist)]


Case = tuple[dict[str, list[str]], Callable[[Task], bool]]
CASES: dict[str, Case] = {
    "priority": ({"priority": ["high"]}, lambda task: task.priority == "high"),
    "priority none": ({"priority": ["none"]}, lambda task: task.priority == "none"),
    "tag": ({"tag": ["HOME"]}, lambda task: any(tag.lower() == "home" for tag in task.tags)),
    "tags, all of them": (
        {"tag": ["money", "home"]},
        lambda task: {"money", "home"} <= {tag.lower() for tag in task.tags},
    ),
    "a tag is a whole one": ({"tag": ["hom"]}, lambda _task: False),
    "tag with sharp s": ({"tag": ["STRASSE"]}, lambda task: "Straße" in task.tags),
    "q in title": ({"q": ["CALL"]}, lambda task: task.title == "Call home"),
    "q in any text": ({"q": ["rent"]}, lambda task: any("rent" in text.lower() for text in texts(task))),
    "q in a tag": ({"q": ["mone"]}, lambda task: any("mone" in text.lower() for text in texts(task))),
    "q in an entry of the checklist": ({"q": ["WEIGH"]}, lambda task: bool(task.checklist)),
    "q is text, no pattern": ({"q": [".*"]}, lambda task: any(".*" in text for text in texts(task))),
    "q with sharp s": ({"q": ["strasse"]}, lambda task: any("strasse" in text.casefold() for text in texts(task))),
    "list": ({"list": [LIST_ID]}, lambda task: task.list_id == LIST_ID),
    "list in upper case": ({"list": [LIST_ID.upper()]}, lambda task: task.list_id == LIST_ID),
    "inbox": ({"list": ["inbox"]}, lambda task: task.list_id is None),
    "a list without tasks": ({"list": [LIST_ID[:-1] + "f"]}, lambda _task: False),
    "list and priority": (
        {"list": [LIST_ID], "priority": ["high"]},
        lambda task: task.list_id == LIST_ID and task.priority == "high",
    ),
    "all of them": (
        {"q": ["rent"], "tag": ["home"], "priority": ["high"]},
        lambda task: (
            any("rent" in text.lower() for text in texts(task))
            and any(tag.lower() == "home" for tag in task.tags)
            and task.priority == "high"
        ),
    ),
}


@pytest.mark.usefixtures("filled")
@pytest.mark.parametrize(("status", "sort"), ACCESS_PATHS)
def test_a_filtered_list_is_the_list_without_the_rest(store: Tasks, owner: str, status: Status, sort: Sort) -> None:
    up: dict[str, list[str]] = {"status": [status], "sort": [sort], "order": ["asc"]}
    # Only in a list is there an order by position.
    bases = [{**up, "list": [within]} for within in ("inbox", LIST_ID)] if sort == "position" else [up]
    for base in bases:
        whole = walk(store, owner, ListQuery.from_parameters(base))
        for number, (name, (parameters, matches)) in enumerate(CASES.items()):
            if "list" in base and "list" in parameters:
                continue
            order, limit = (("asc", "3"), ("desc", "4"))[number % 2]
            query = ListQuery.from_parameters({**base, **parameters, "order": [order], "limit": [limit]})
            expected = [task for task in whole if matches(task)]
            assert walk(store, owner, query) == (expected if order == "asc" else expected[::-1]), name


@pytest.mark.usefixtures("filled")
def test_each_case_tells_some_from_others(store: Tasks, owner: str) -> None:
    """Else the test above could not fail."""
    whole = walk(store, owner, ListQuery())
    for name, (_, matches) in CASES.items():
        matching = sum(map(matches, whole))
        assert name in ("a tag is a whole one", "a list without tasks") or 0 < matching < len(whole), name


@pytest.mark.usefixtures("filled")
def test_a_page_is_filled_before_it_is_returned(store: Tasks, owner: str) -> None:
    """The limit counts tasks that pass the filter, not tasks that are read."""
    page = store.list(owner, ListQuery(priority="high", limit=6))

    assert len(page.tasks) == 6
    assert page.next_cursor is not None


@pytest.mark.usefixtures("filled")
def test_with_a_due_range(store: Tasks, owner: str) -> None:
    parameters = {"status": ["open"], "sort": ["due"], "due_from": ["2026-12-05"], "due_before": ["2026-12-20"]}
    whole = walk(store, owner, ListQuery.from_parameters({"status": ["open"], "sort": ["due"]}))
    expected = [
        task
        for task in whole
        if task.due is not None and "2026-12-05" <= task.due < "2026-12-20" and task.priority == "low"
    ]

    assert expected
    for limit in ("1", "4", "100"):
        query = ListQuery.from_parameters({**parameters, "priority": ["low"], "limit": [limit]})
        assert walk(store, owner, query) == expected
