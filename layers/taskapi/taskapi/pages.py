"""Pages of a user's tasks: one Query each where an index alone decides, and never more than the read budget."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Final, NamedTuple

from taskapi import cursor
from taskapi.cursor import Position
from taskapi.dynamodb import QueryResult, Table
from taskapi.expressions import Placeholders
from taskapi.task import PARTITION_KEY, SORT_KEY, TASK_PREFIX, Item, Task, TaskKey, is_tombstone, partition, task_id_of

if TYPE_CHECKING:
    from taskapi.budget import ReadBudget
    from taskapi.query import ListQuery

MOST_CHARACTERS: Final = 1_400_000
"""Characters of tasks on one page. A character is at most 4 bytes of the response that Lambda hands to the gateway (in
UTF-8, or escaped in JSON within JSON), and that response may be 6 MB ("Lambda quotas", AWS Lambda Developer Guide)."""
MOST_READ_AT_ONCE: Final = 1_000
"""Items that one Query of a filtered page asks for; DynamoDB itself ends a Query at 1 MB."""


class Page(NamedTuple):
    """A page of a list.

    Attributes:
        tasks: Up to the query's limit; fewer, even none, when the read budget was used up.
        next_cursor: None exactly when nothing follows.
    """

    tasks: list[Task]
    next_cursor: str | None


def read_page(
    table: Table, owner: str, query: ListQuery, budget: ReadBudget, monotonic: Callable[[], float] = time.monotonic
) -> Page:
    """One page of a user's tasks.

    Reads one item more than the page holds, to know whether another follows. Where the index alone decides, that
    is one Query; what it can't leave out (tombstones in lists of all tasks, filters) is made up for by further
    ones, within the read budget.

    Raises:
        InvalidCursor: the query's cursor is not one of this query.
    """
    after = cursor.decode(query.cursor, query) if query.cursor is not None else None
    deadline = monotonic() + budget.milliseconds / 1000
    found: list[tuple[Task, Item]] = []
    limit, units, characters = query.limit + 1, 0.0, 0
    while True:
        result = _query(table, owner, query, after, limit)
        units += result.read_units
        for item in result.items:
            if not is_tombstone(item):
                task = Task.from_item(item, owner)
                if (query.status != "open" or not task.completed) and query.includes(task):
                    characters += _characters(task)
                    if characters > MOST_CHARACTERS:
                        found = found[: query.limit]
                        return _page(found, _position(found[-1][1], query), query)
                    found.append((task, item))
        if len(found) > query.limit:
            return _page(found[: query.limit], _position(found[query.limit - 1][1], query), query)
        if result.last_key is None:
            return _page(found, None, query)
        after = _position(result.last_key, query)
        if units >= budget.units or monotonic() >= deadline:
            return _page_cut_short(found, after, query)
        limit = min(limit * 2, MOST_READ_AT_ONCE)


def _query(table: Table, owner: str, query: ListQuery, after: Position | None, limit: int) -> QueryResult:
    path = query.access_path
    placeholders = Placeholders()
    condition = f"{placeholders.name(PARTITION_KEY)} = {placeholders.value(partition(owner))}"
    if path.index is None:
        prefix = placeholders.value(TASK_PREFIX)
        condition += f" AND begins_with({placeholders.name(SORT_KEY)}, {prefix})"
    elif query.due_range is not None:
        low, high = placeholders.value(query.due_range.low), placeholders.value(query.due_range.high)
        condition += f" AND {placeholders.name(path.sort_attribute)} BETWEEN {low} AND {high}"
    start_key = None
    if after is not None:
        start_key = TaskKey(owner, after.task_id).as_item()
        if after.sort_value is not None:
            start_key[path.sort_attribute] = {"S": after.sort_value}
    return table.query(
        path.index,
        limit,
        start_key,
        KeyConditionExpression=condition,
        ScanIndexForward=query.ascending,
        **placeholders.as_arguments(),
    )


def _characters(task: Task) -> int:
    """About how many characters of JSON a task is, its quotation marks and keys included."""
    return 200 + len(task.title) + len(task.description or "") + sum(map(len, task.tags))


def _position(item: Item, query: ListQuery) -> Position:
    """The place of an item, or of a ``LastEvaluatedKey``, in the order of the query's index."""
    path = query.access_path
    return Position(task_id_of(item), None if path.index is None else item[path.sort_attribute]["S"])


def _page(found: list[tuple[Task, Item]], last: Position | None, query: ListQuery) -> Page:
    return Page([task for task, _ in found], cursor.encode(last, query) if last is not None else None)


def _page_cut_short(found: list[tuple[Task, Item]], reached: Position, query: ListQuery) -> Page:
    """A page that the read budget ended.

    Whether anything follows ``reached`` is not known. Where nothing is filtered and there are tasks to spare, the last
    one is kept back for the next page: then something does follow, and the cursor is no false promise.
    """
    if not query.filters and len(found) > 1:
        return _page(found[:-1], _position(found[-2][1], query), query)
    return _page(found, reached, query)
