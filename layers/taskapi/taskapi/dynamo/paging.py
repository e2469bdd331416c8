"""Pages of a user's items: one Query each where an index alone decides, and never more than the read budget."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, NamedTuple, Protocol

from taskapi import uuid7
from taskapi.dynamo import cursor
from taskapi.dynamo.attributes import PARTITION_KEY, SORT_KEY, Item, partition
from taskapi.dynamo.cursor import Position
from taskapi.dynamo.entity import EXPIRY, TOMBSTONE_MARK, Entity, Key, id_of, is_gone
from taskapi.dynamo.expressions import Placeholders

if TYPE_CHECKING:
    from taskapi.dynamo.table import Table

MOST_CHARACTERS: Final = 1_400_000
"""Of JSON on one page. A character is at most 4 bytes of the response that Lambda hands to the gateway (in UTF-8, or
escaped in JSON within JSON), and that response may be 6 MB ("Lambda quotas", AWS Lambda Developer Guide)."""
MOST_READ_AT_ONCE: Final = 1_000
"""Items that one Query of a filtered page asks for; DynamoDB itself ends a Query at 1 MB."""


@dataclass(frozen=True)
class AccessPath:
    """How a list is read: by a local index, or by the table (None)."""

    index: str | None
    sort_attribute: str


@dataclass(frozen=True)
class KeyRange:
    """An inclusive range of an index's sort key."""

    low: str
    high: str

    def __contains__(self, value: str) -> bool:
        return self.low <= value <= self.high


class Query(Protocol):
    """What is asked for."""

    @property
    def access_path(self) -> AccessPath:
        """What serves it."""

    @property
    def key_range(self) -> KeyRange | None:
        """The part of the index to read; None is all of it."""

    @property
    def ascending(self) -> bool:
        """The direction."""

    @property
    def limit(self) -> int:
        """Items on a page."""

    @property
    def cursor(self) -> str | None:
        """As the client sent it; None for the first page."""

    @property
    def filters(self) -> bool:
        """Whether items are left out beyond what the index leaves out."""

    def includes(self, item: Item) -> bool:
        """Whether an item that was read belongs to the list."""

    def can_continue_at(self, sort_value: str, uuid: str) -> bool:
        """Whether an item of the list, under this id, can have this sort key."""

    def fingerprint(self) -> str:
        """Short; differs where other items follow one another, whatever the page size."""


class Page(NamedTuple):
    """Resources as JSON, fewer than asked for, even none, when the read budget was used up.

    ``next_cursor`` is None exactly when nothing follows.
    """

    items: list[str]
    next_cursor: str | None


_Found = list[tuple[str, Item]]


def read_page(
    table: Table, entity: Entity, owner: str, query: Query, monotonic: Callable[[], float] = time.monotonic
) -> Page:
    """One page of a user's items; raises InvalidCursor.

    Reads one item more than the page holds, to know whether another follows. What the index can't leave out
    (what is gone, items of other entities, filters) is made up for by further Querys, within the read budget.
    """
    after = cursor.decode(query.cursor, query) if query.cursor is not None else None
    arguments = _arguments(entity, owner, query)
    budget, now_ms = table.read_budget, table.now_ms()
    deadline = monotonic() + budget.milliseconds / 1000
    found: _Found = []
    start_key = None if after is None else _start_key(Key(entity, owner, after.id), after, query)
    limit, units, characters = query.limit + 1, 0.0, 0
    while True:
        result = table.query(query.access_path.index, limit, start_key, **arguments)
        units += result.read_units
        for item in result.items:
            if not item[SORT_KEY]["S"].startswith(entity.prefix) or is_gone(item, now_ms) or not query.includes(item):
                continue
            text = entity.json(item, owner)
            characters += len(text)
            if characters > MOST_CHARACTERS:
                found = found[: query.limit]
                return _page(found, _position(found[-1][1], query), query)
            found.append((text, item))
        if len(found) > query.limit:
            return _page(found[: query.limit], _position(found[query.limit - 1][1], query), query)
        if result.last_key is None:
            return _page(found, None, query)
        if units >= budget.units or monotonic() >= deadline:
            return _page_cut_short(found, _position(_within(entity, result.last_key), query), query)
        start_key = result.last_key
        limit = min(limit * 2, MOST_READ_AT_ONCE)


def _arguments(entity: Entity, owner: str, query: Query) -> dict[str, Any]:
    path, key_range = query.access_path, query.key_range
    placeholders = Placeholders()
    condition = placeholders.equal(PARTITION_KEY, partition(owner))
    if path.index is None:
        condition += f" AND begins_with({placeholders.name(SORT_KEY)}, {placeholders.value(entity.prefix)})"
    elif key_range is not None:
        low, high = placeholders.value(key_range.low), placeholders.value(key_range.high)
        condition += f" AND {placeholders.name(path.sort_attribute)} BETWEEN {low} AND {high}"
    # What the page does not show would be decoded for nobody.
    read = dict.fromkeys((SORT_KEY, path.sort_attribute, TOMBSTONE_MARK, EXPIRY, *entity.shown))
    return {
        "KeyConditionExpression": condition,
        "ProjectionExpression": placeholders.projection(read),
        "ScanIndexForward": query.ascending,
        **placeholders.as_arguments(),
    }


def _start_key(key: Key, after: Position, query: Query) -> Item:
    start_key = key.as_item()
    if after.sort_value is not None:
        start_key[query.access_path.sort_attribute] = {"S": after.sort_value}
    return start_key


def _within(entity: Entity, last_key: Item) -> Item:
    """A ``LastEvaluatedKey``; where it is another entity's, the end of this one's that is nearest to it.

    Items of one sort key stand in an index by the table's, so all of this entity's are on one side of it.
    """
    sort_key = last_key[SORT_KEY]["S"]
    if sort_key.startswith(entity.prefix):
        return last_key
    nearest = uuid7.LOWEST if sort_key < entity.prefix else uuid7.HIGHEST
    return {**last_key, SORT_KEY: {"S": entity.prefix + nearest}}


def _position(item: Item, query: Query) -> Position:
    """The place of an item, or of a ``LastEvaluatedKey``, in the order of the query's index."""
    path = query.access_path
    return Position(id_of(item), None if path.index is None else item[path.sort_attribute]["S"])


def _page(found: _Found, last: Position | None, query: Query) -> Page:
    return Page([text for text, _ in found], cursor.encode(last, query) if last is not None else None)


def _page_cut_short(found: _Found, reached: Position, query: Query) -> Page:
    """A page that the read budget ended; whether anything follows ``reached`` is not known.

    Where nothing is filtered, the last item is kept back for the next page, so that the cursor is no false promise.
    """
    if not query.filters and len(found) > 1:
        return _page(found[:-1], _position(found[-2][1], query), query)
    return _page(found, reached, query)
