"""The write loop: one DynamoDB round trip for each write of an item, of any entity.

Nothing is read before it is written. A write's condition says what it assumes; when that is wrong, the refusal brings
the item (``ReturnValuesOnConditionCheckFailure``), and the write is built anew from it.
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Final, NamedTuple

from taskapi import clock, uuid7
from taskapi.dynamo.attributes import Item, Value, attributes
from taskapi.dynamo.entity import (
    EXPIRY,
    KEPT_SECONDS,
    TOMBSTONE_MARK,
    Entity,
    Key,
    created_at,
    is_gone,
    is_tombstone,
)
from taskapi.dynamo.expressions import Update
from taskapi.dynamo.failures import ConditionFailed
from taskapi.dynamo.idempotency import Once, put_once
from taskapi.dynamo.stamp import ETAG, Stamp
from taskapi.errors import PreconditionFailed, StateError, StoreUnavailable
from taskapi.preconditions import UNCONDITIONAL, Precondition

if TYPE_CHECKING:
    from taskapi.dynamo.table import Table

MOST_ATTEMPTS: Final = 16
"""Times that a write is built before it gives up on an item that others keep changing."""

Change = Callable[[Update, Stamp, "Item | None"], None]
"""Adds an operation's clauses to an update, given its stamp and the item as last seen (None: not seen)."""


class Write(NamedTuple):
    """One operation's write of one item.

    Attributes:
        reads: Whether what it changes depends on the item, so that it takes a read first.
        creates: Whether an item that is not there (or deleted) may come to be.
        deletes: Whether it is no failure when the item is a tombstone afterwards.
        is_done: Whether a live item that meets the precondition needs no write at all.
        refusal: The error of a live item in a state in which it can't be written so; None of any other.
    """

    change: Change
    reads: bool = False
    creates: bool = False
    deletes: bool = False
    is_done: Callable[[Item], bool] = lambda _item: False
    refusal: Callable[[Item], type[StateError] | None] = lambda _item: None


class Written(NamedTuple):
    """What a write comes to: the item afterwards, and whether this write made it, maybe over a tombstone."""

    item: Item
    was_created: bool


class VersionedItems:
    """The items of one entity, of all users. All methods raise :class:`~taskapi.errors.StoreError`."""

    def __init__(self, table: Table, entity: Entity) -> None:
        self._table = table
        self._entity = entity

    def get(self, key: Key) -> Item:
        """Read an item; raises the entity's ``not_found``."""
        item = self._table.get(key.as_item())
        if item is None or is_gone(item, self._table.now_ms()):
            raise self._entity.not_found
        return item

    def require(self, key: Key, precondition: Precondition) -> None:
        """Check that there is an item and that it meets a precondition; raises as a write of it does."""
        item = self.get(key)
        if not precondition.holds_for(item[ETAG]["S"]):
            raise self._precondition_failed(precondition, item, key.owner)

    def create(
        self, owner: str, members: Callable[[Stamp, str], Mapping[str, Value | None]], once: Once | None = None
    ) -> tuple[Item, bool]:
        """Add an item under a new id, or find that the same request did so in the last 24 hours.

        Args:
            owner: The user.
            members: From the stamp and the id to the item's own members.
            once: Of a request that has an Idempotency-Key; raises IdempotencyKeyReused.

        Returns:
            The item as first answered, and whether this is a replay.
        """
        stamp = Stamp.at(self._table.now_ms())
        key = Key(self._entity, owner, uuid7.mint(stamp.ms))
        item = key.as_item() | attributes(
            {
                **members(stamp, key.id),
                "created_at": stamp.time,
                "updated_at": stamp.time,
                "version": 1,
                ETAG: stamp.write_id,
                "created_write_id": stamp.write_id,
            }
        )
        if once is not None:
            return put_once(self._table, owner, once, stamp, item)
        # Under an id of 74 fresh random bits there is only what a first attempt has put there whose reply was lost.
        with contextlib.suppress(ConditionFailed):
            self._table.put_new(item)
        return item, False

    def replace(self, key: Key, change: Change, precondition: Precondition = UNCONDITIONAL) -> Written:
        """Create an item, or change all of it: ``created_at`` stays and ``version`` goes on, over a tombstone too."""

        def whole(update: Update, stamp: Stamp, seen: Item | None) -> None:
            change(update, stamp, seen)
            if seen is None or not is_tombstone(seen):
                update.require_absent_or_above(EXPIRY, stamp.ms // 1000)
            update.set_if_absent("created_at", created_at(key.id))
            update.set_if_absent("created_write_id", stamp.write_id)
            update.remove(TOMBSTONE_MARK, EXPIRY)

        return self.write(key, Write(whole, creates=True), precondition)

    def delete(self, key: Key, precondition: Precondition = UNCONDITIONAL) -> None:
        """Make a tombstone of an item: its content is gone, its version goes on, TTL removes it after 30 days."""

        def change(update: Update, stamp: Stamp, _seen: Item | None) -> None:
            update.require_absent_or_above(EXPIRY, stamp.ms // 1000)
            self._bury(update, stamp)

        self.write(key, Write(change, deletes=True), precondition)

    def _bury(self, update: Update, stamp: Stamp) -> None:
        update.set(TOMBSTONE_MARK, stamp.time)
        update.set(EXPIRY, stamp.ms // 1000 + KEPT_SECONDS)
        update.remove(*self._entity.content, "created_write_id")

    def write(self, key: Key, write: Write, precondition: Precondition = UNCONDITIONAL) -> Written:
        """Apply a write under its own and the client's conditions, as the two above do.

        Raises:
            PreconditionFailed: the precondition does not hold.
            RequestError: the entity's ``not_found``: no live item, and the write does not create one.
            StoreUnavailable: also where others kept changing the item through all attempts, and where a reply was lost
                and nobody can tell any more whether the write was applied.
        """
        seen: Item | None = self.get(key) if write.reads else None
        for attempt in range(MOST_ATTEMPTS):
            if attempt > 1:  # The second is for what the first learnt of the item. After that, others are racing us.
                self._table.pause(attempt)
            # Another may have written in this very millisecond, or with a clock that is ahead of ours.
            earliest = 0 if seen is None else clock.milliseconds(seen["updated_at"]["S"]) + 1
            stamp = Stamp.at(max(self._table.now_ms(), earliest))
            try:
                item: Item | None = self._table.update(key.as_item(), self._update(write, stamp, seen, precondition))
            except ConditionFailed as failed:
                seen = failed.item
                item = self._item_after_refusal(failed, write, stamp, precondition, key.owner)
                if item is None and seen is not None and is_gone(seen, stamp.ms):
                    seen = self._buried(key, seen)
            if item is not None:
                # Holds the id of the write that the item came to be with, the first one or one over a tombstone.
                return Written(item, write.creates and item["created_write_id"]["S"] == stamp.write_id)
        raise StoreUnavailable(f"Other requests keep changing the {self._entity.noun}.")

    def _buried(self, key: Key, gone: Item) -> Item | None:
        """The tombstone that is there, or that this makes of what TTL is to remove: a new item can be put over it."""
        if is_tombstone(gone):
            return gone
        update = Update()
        stamp = Stamp.at(max(self._table.now_ms(), clock.milliseconds(gone["updated_at"]["S"]) + 1))
        self._bury(update, stamp)
        stamp.put_on(update)
        update.require_equal(ETAG, gone[ETAG]["S"])
        try:
            return self._table.update(key.as_item(), update)
        except ConditionFailed as failed:
            return failed.item

    def _update(self, write: Write, stamp: Stamp, seen: Item | None, precondition: Precondition) -> Update:
        update = Update()
        write.change(update, stamp, seen)
        stamp.put_on(update)
        live, match, none_match = self._entity.live, precondition.match, precondition.none_match
        if match is not None or not write.creates:
            update.require_existing(live)
        if match is not None and not match.any:
            update.require_one_of(ETAG, match.etags)
        if none_match is not None:
            if none_match.any:
                update.require_absent(live)
            else:
                update.require_absent_or_none_of(live, ETAG, none_match.etags)
        return update

    def _item_after_refusal(
        self, failed: ConditionFailed, write: Write, stamp: Stamp, precondition: Precondition, owner: str
    ) -> Item | None:
        """The item, where the write was applied before or has nothing to do; None where it is to be tried again."""
        noun = self._entity.noun
        live = failed.item if failed.item is not None and not is_gone(failed.item, stamp.ms) else None
        if failed.item is not None and stamp.was_applied_to(failed.item):
            if live is None and not write.deletes:
                raise StoreUnavailable(f"The store did not answer in time, and the {noun} was deleted since.")
            return failed.item  # as this write left it, or those of others since
        if failed.item is not None and failed.was_resent and stamp.may_be_forgotten_by(failed.item):
            raise StoreUnavailable(f"The store did not answer in time, and others have changed the {noun} since.")
        if live is None and not write.creates:
            raise self._entity.not_found
        if live is not None and (refusal := write.refusal(live)) is not None:
            # Before the precondition, which is ignored where the answer is not 2xx anyway (RFC 9110 section 13.2.1).
            raise refusal(None, json.loads(self._entity.json(live, owner)), live[ETAG]["S"])
        if not precondition.holds_for(None if live is None else live[ETAG]["S"]):
            raise self._precondition_failed(precondition, live, owner)
        return live if live is not None and write.is_done(live) else None

    def _precondition_failed(self, precondition: Precondition, live: Item | None, owner: str) -> PreconditionFailed:
        noun = self._entity.noun
        if live is None:
            return PreconditionFailed(f"There is no {noun} with this id.")
        etag, match, none_match = live[ETAG]["S"], precondition.match, precondition.none_match
        if match is not None and not match.includes(etag):
            detail = f"The {noun} has changed since the one that If-Match names."
        elif none_match is not None and none_match.any:
            detail = f"There is a {noun} with this id already."
        else:
            detail = f"The {noun} is one that If-None-Match names."
        return PreconditionFailed(detail, json.loads(self._entity.json(live, owner)), etag)
