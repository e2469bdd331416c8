"""Walks a list page by page, as a client does."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from taskapi.tasks import place
from taskapi.tasks.query import ListQuery, Sort, Status
from taskapi.tasks.task import Task
from tests.support.tasks import Listed, Tasks

MOST_PAGES = 20_000
"""A walk that is longer than this goes in circles."""


def served(status: Status, sort: Sort, **more: Any) -> ListQuery:
    """A list of the contract, of the inbox where it is the order of one list; ``more`` are members of the query."""
    return ListQuery(
        status=status, sort=sort, **{"within": place.in_list(None) if sort == "position" else None, **more}
    )


def pages(store: Tasks, owner: str, query: ListQuery) -> Iterator[Listed]:
    """The pages of a list, each read when it is asked for.

    Raises:
        AssertionError: a page is larger than asked for, or the walk does not end.
    """
    for _ in range(MOST_PAGES):
        page = store.list(owner, query)
        assert len(page.tasks) <= query.limit
        yield page
        if page.next_cursor is None:
            return
        query = replace(query, cursor=page.next_cursor)
    raise AssertionError(f"the walk has not ended after {MOST_PAGES} pages")


def walk(store: Tasks, owner: str, query: ListQuery) -> list[Task]:
    """All tasks of a list, in its order."""
    return [task for page in pages(store, owner, query) for task in page.tasks]


def walk_ids(store: Tasks, owner: str, query: ListQuery) -> list[str]:
    """The ids of all tasks of a list, in its order."""
    return [task.id for task in walk(store, owner, query)]
