"""A list's open tasks in their order by hand, as what moves or trashes them needs them."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from taskapi.dynamo.attributes import PARTITION_KEY, SORT_KEY, partition
from taskapi.dynamo.entity import id_of
from taskapi.dynamo.expressions import Placeholders
from taskapi.dynamo.stamp import ETAG
from taskapi.tasks import place

if TYPE_CHECKING:
    from taskapi.dynamo.attributes import Item
    from taskapi.dynamo.table import Table


class Standing(NamedTuple):
    """An open task where it stands."""

    id: str
    position: str
    etag: str

    @classmethod
    def of(cls, item: Item) -> Standing:
        """Read one off its item."""
        return cls(id_of(item), place.list_and_position(item)[1], item[ETAG]["S"])


class ListOrder:
    """The order of one list, None being the inbox, of one user."""

    def __init__(self, table: Table, owner: str, list_id: str | None) -> None:
        self._table = table
        self._owner = owner
        self._within = place.in_list(list_id)

    def read(
        self, count: int, start: str | None = None, *, ascending: bool = True, without: str | None = None
    ) -> list[Standing]:
        """Up to so many open tasks; raises :class:`~taskapi.errors.StoreError`.

        Args:
            count: The most.
            start: The place of the first one; None is an end of the list.
            ascending: The direction.
            without: The id of one to leave out.
        """
        placeholders = Placeholders()
        low, high = self._within, f"{self._within[:-1]}$"  # '$' follows '#'
        if start is not None:
            low, high = (start, high) if ascending else (low, start)
        bounds = f"{placeholders.value(low)} AND {placeholders.value(high)}"
        arguments = {
            "KeyConditionExpression": f"{placeholders.name(PARTITION_KEY)} = "
            f"{placeholders.value(partition(self._owner))} AND {placeholders.name('place')} BETWEEN {bounds}",
            "ProjectionExpression": ", ".join([placeholders.name(each) for each in (SORT_KEY, "home", ETAG)]),
            "ScanIndexForward": ascending,
            **placeholders.as_arguments(),
        }
        found: list[Standing] = []
        start_key: Item | None = None
        while True:
            result = self._table.query("open-by-place", count + 1, start_key, **arguments)
            found += [Standing.of(item) for item in result.items if id_of(item) != without]
            start_key = result.last_key
            if start_key is None or len(found) >= count:
                return found[:count]
