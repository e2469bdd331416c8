"""A list's open tasks in their order by hand, as what moves or trashes them needs them."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from taskapi.dynamo.attributes import BY_PLACE, PARTITION_KEY, SORT_KEY, partition
from taskapi.dynamo.entity import id_of
from taskapi.dynamo.expressions import Placeholders
from taskapi.dynamo.stamp import ETAG
from taskapi.preconditions import EntityTags, Precondition
from taskapi.tasks import place

if TYPE_CHECKING:
    from taskapi.dynamo.attributes import Item
    from taskapi.dynamo.table import Table


class Standing(NamedTuple):
    """An open task where it stands."""

    id: str
    position: str
    etag: str

    @property
    def unchanged(self) -> Precondition:
        """That nobody has written it since."""
        return Precondition(match=EntityTags(etags=(self.etag,)))

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
        low, high = place.ends(self._within)
        if start is not None:
            low, high = (start, high) if ascending else (low, start)
        user = placeholders.equal(PARTITION_KEY, partition(self._owner))
        bounds = f"{placeholders.value(low)} AND {placeholders.value(high)}"
        arguments = {
            "KeyConditionExpression": f"{user} AND {placeholders.name('place')} BETWEEN {bounds}",
            "ProjectionExpression": placeholders.projection((SORT_KEY, "home", ETAG)),
            "ScanIndexForward": ascending,
            **placeholders.as_arguments(),
        }
        found: list[Standing] = []
        for result in self._table.query_on(BY_PLACE, count + 1, **arguments):
            found += [Standing.of(item) for item in result.items if id_of(item) != without]
            if len(found) >= count:
                break
        return found[:count]
