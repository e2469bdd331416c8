"""The operations on one list."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from taskapi.dynamo.entity import is_tombstone
from taskapi.dynamo.idempotency import Once, answered_before
from taskapi.dynamo.versioned import VersionedItems, Write
from taskapi.errors import TooManyLists
from taskapi.lists.index import ListIndex
from taskapi.lists.list import LIST, List, ListContent, place
from taskapi.preconditions import UNCONDITIONAL, Precondition

if TYPE_CHECKING:
    from taskapi.dynamo.attributes import Item, Value
    from taskapi.dynamo.entity import Key
    from taskapi.dynamo.expressions import Update
    from taskapi.dynamo.stamp import Stamp
    from taskapi.dynamo.table import Table


class ListStore:
    """The lists of all users.

    Every method raises :class:`~taskapi.errors.StoreError` when DynamoDB does not serve it, and with a precondition
    ``PreconditionFailed``.
    """

    def __init__(self, table: Table) -> None:
        self._table = table
        self._items = VersionedItems(table, LIST)
        self._index = ListIndex(table)

    def create_once(self, owner: str, content: ListContent, idempotency_key: str | None) -> tuple[List, bool]:
        """Add a list under a new id, or find the one as first answered within 24 hours; whether it is that.

        Two round trips: the count comes first.

        Raises:
            TooManyLists: the user has as many as there may be. Requests that race may get past it.
            IdempotencyKeyReused: the key was used for another content.
        """
        once = None if idempotency_key is None else Once.of(idempotency_key, content)
        if self._index.is_full(owner):
            # The list that this very request has made may be the last that there was room for.
            answer = None if once is None else answered_before(self._table, owner, LIST.prefix, once)
            if answer is None:
                raise TooManyLists
            return List.from_item(answer, owner), True

        def members(_stamp: Stamp, list_id: str) -> Mapping[str, Value | None]:
            return {"title": content.title, "color": content.color, "place": place(content.position, list_id)}

        item, was_replayed = self._items.create(owner, members, once)
        return List.from_item(item, owner), was_replayed

    def get(self, key: Key) -> List:
        """Read a list; raises ListNotFound."""
        return List.from_item(self._items.get(key), key.owner)

    def replace(self, key: Key, content: ListContent, precondition: Precondition = UNCONDITIONAL) -> tuple[List, bool]:
        """Create the list, or replace all that its owner writes; whether it was created comes second.

        One round trip where there is the list, which is assumed; three where there is none, since the count is for
        those alone that come to be.

        Raises:
            TooManyLists: it would be one more than there may be.
        """
        is_assumed = True

        def change(update: Update, _stamp: Stamp, seen: Item | None) -> None:
            nonlocal is_assumed
            if is_assumed or (seen is not None and not is_tombstone(seen)):
                update.require_existing(LIST.live)
            elif self._index.is_full(key.owner):
                raise TooManyLists
            is_assumed = False
            update.set("title", content.title)
            update.set_or_remove("color", content.color)
            update.set("place", place(content.position, key.id))

        item, was_created = self._items.replace(key, change, precondition)
        return List.from_item(item, key.owner), was_created

    def update(self, key: Key, changes: Mapping[str, Any], precondition: Precondition = UNCONDITIONAL) -> List:
        """Change some members of :class:`ListContent`, None removes one; raises ListNotFound."""

        def change(update: Update, _stamp: Stamp, _seen: Item | None) -> None:
            for name, value in changes.items():
                if name == "position":
                    update.set("place", place(value, key.id))
                else:
                    update.set_or_remove(name, value)

        item, _ = self._items.write(key, Write(change), precondition)
        return List.from_item(item, key.owner)
