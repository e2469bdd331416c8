"""A user's lists in their order. A store of its own, so that listing does not load how a list is written."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from taskapi.dynamo.attributes import PARTITION_KEY, SORT_KEY, partition
from taskapi.dynamo.expressions import Placeholders
from taskapi.lists.list import GROUP, LIST, MOST_LISTS

if TYPE_CHECKING:
    from taskapi.dynamo.attributes import Item
    from taskapi.dynamo.table import Table

INDEX: Final = "open-by-place"
_SHOWN: Final = (SORT_KEY, *LIST.shown)


class ListIndex:
    """The lists of all users, read off the index; raises :class:`~taskapi.errors.StoreError`."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def all(self, owner: str) -> list[str]:
        """All lists of a user as JSON, by position, equal ones by id.

        One Query, but where DynamoDB ends it at 1 MB. Racing creates may have made a few more than there may be.
        """
        found: list[Item] = []
        start_key = None
        while True:
            # Twice as many as there may be: a limit that is reached would take another Query to see the end.
            result = self._table.query(INDEX, 2 * MOST_LISTS, start_key, **_arguments(owner, _SHOWN))
            found += result.items
            start_key = result.last_key
            if start_key is None:
                return [LIST.json(item, owner) for item in found]

    def is_full(self, owner: str) -> bool:
        """Whether a user has as many lists as there may be."""
        count, start_key = 0, None
        while True:
            result = self._table.query(INDEX, MOST_LISTS - count, start_key, **_arguments(owner))
            count += result.counted
            start_key = result.last_key
            if start_key is None or count >= MOST_LISTS:
                return count >= MOST_LISTS


def _arguments(owner: str, read: tuple[str, ...] = ()) -> dict[str, Any]:
    """Of a Query of a user's lists that reads some attributes, or counts."""
    placeholders = Placeholders()
    user = f"{placeholders.name(PARTITION_KEY)} = {placeholders.value(partition(owner))}"
    group = f"begins_with({placeholders.name('place')}, {placeholders.value(f'{GROUP}#')})"
    projection = ", ".join([placeholders.name(each) for each in read])
    return {
        "KeyConditionExpression": f"{user} AND {group}",
        **({"ProjectionExpression": projection} if read else {"Select": "COUNT"}),
        **placeholders.as_arguments(),
    }
