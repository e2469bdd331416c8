"""A user's lists in their order. A store of its own, so that listing does not load how a list is written."""

from __future__ import annotations

from itertools import accumulate
from typing import TYPE_CHECKING, Any, Final

from taskapi.dynamo.attributes import BY_PLACE, PARTITION_KEY, SORT_KEY, partition
from taskapi.dynamo.expressions import Placeholders
from taskapi.lists.list import GROUP, LIST, MOST_LISTS

if TYPE_CHECKING:
    from taskapi.dynamo.table import Table

_SHOWN: Final = (SORT_KEY, *LIST.shown)


class ListIndex:
    """The lists of all users, read off the index; raises :class:`~taskapi.errors.StoreError`."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def all(self, owner: str) -> list[str]:
        """All lists of a user as JSON, by position, equal ones by id.

        One Query, but where DynamoDB ends it at 1 MB. Racing creates may have made a few more than there may be.
        """
        # Twice as many as there may be: a limit that is reached would take another Query to see the end.
        results = self._table.query_on(BY_PLACE, 2 * MOST_LISTS, **_arguments(owner, _SHOWN))
        return [LIST.json(item, owner) for result in results for item in result.items]

    def is_full(self, owner: str) -> bool:
        """Whether a user has as many lists as there may be."""
        counts = (result.counted for result in self._table.query_on(BY_PLACE, MOST_LISTS, **_arguments(owner)))
        return any(count >= MOST_LISTS for count in accumulate(counts))


def _arguments(owner: str, read: tuple[str, ...] = ()) -> dict[str, Any]:
    """Of a Query of a user's lists that reads some attributes, or counts."""
    placeholders = Placeholders()
    user = placeholders.equal(PARTITION_KEY, partition(owner))
    group = f"begins_with({placeholders.name('place')}, {placeholders.value(f'{GROUP}#')})"
    return {
        "KeyConditionExpression": f"{user} AND {group}",
        **({"ProjectionExpression": placeholders.projection(read)} if read else {"Select": "COUNT"}),
        **placeholders.as_arguments(),
    }
