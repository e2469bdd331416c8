"""What each write leaves on an item beside its own changes, so that a write that is sent again is known.

An item remembers its last writes, and each is later than the one before, by condition: when botocore sends one again
whose reply was lost, it is refused, and the item that comes back tells whether it had been applied.
"""

from __future__ import annotations

import itertools
import secrets
from typing import TYPE_CHECKING, Final, NamedTuple

from taskapi import clock

if TYPE_CHECKING:
    from taskapi.dynamo.attributes import Item
    from taskapi.dynamo.expressions import Update

WRITE_IDS: Final = ("write_id", "write_id_1", "write_id_2", "write_id_3")
"""Attributes of the last writes' ids, newest first: others may write between one whose reply was lost and its retry."""
ETAG: Final = WRITE_IDS[0]
"""The entity tag is the id of the last write, which no other write of any item has."""

_NO_WRITE: Final = "-"
"""Sorts before every id."""


class Stamp(NamedTuple):
    """One attempt at a write, at an instant in Unix milliseconds."""

    ms: int
    write_id: str

    @classmethod
    def at(cls, ms: int) -> Stamp:
        """A new one. Its id is the time in 11 hexadecimal digits and 48 random bits, so that ids sort as writes do."""
        return cls(ms, f"{ms:011x}{secrets.token_urlsafe(6)}")

    @property
    def time(self) -> str:
        """The instant as the contract writes it."""
        return clock.timestamp(self.ms)

    def put_on(self, update: Update) -> None:
        """Add the time, the counted version and the ids, under the condition that the last write was before."""
        update.set("updated_at", self.time)
        update.increment("version")
        # From the oldest on: DynamoDB reads all before it writes any, but moto, which tests use, goes one by one.
        for older, newer in itertools.pairwise(reversed(WRITE_IDS)):
            update.copy_or_set(older, newer, _NO_WRITE)
        update.set(ETAG, self.write_id)
        update.require_absent_or_below("updated_at", self.time)

    def was_applied_to(self, item: Item) -> bool:
        """Whether it is among the last writes of an item."""
        return any(name in item and item[name]["S"] == self.write_id for name in WRITE_IDS)

    def may_be_forgotten_by(self, item: Item) -> bool:
        """Whether all writes that the item remembers are later."""
        return WRITE_IDS[-1] in item and item[WRITE_IDS[-1]]["S"] > self.write_id
