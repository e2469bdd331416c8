"""What each write leaves on a task beside its own changes, so that a write that is sent again is known.

botocore sends a request again when the reply was lost, and the first one may have been applied. So a task remembers
its last writes, and each write is later than the one before, by condition: one that is sent again is always refused,
whatever others wrote in between, and the item that comes back with the refusal tells what became of it.
"""

from __future__ import annotations

import itertools
import secrets
from typing import TYPE_CHECKING, Final, NamedTuple

from taskapi import clock
from taskapi.errors import StoreUnavailable

if TYPE_CHECKING:
    from taskapi.expressions import Update
    from taskapi.task import Item

WRITE_IDS: Final = ("write_id", "write_id_1", "write_id_2", "write_id_3")
"""Attributes that hold the ids of a task's last writes, the newest first.

More than one, since others may write between a write whose reply was lost and its retry.
"""

_NO_WRITE: Final = "-"
"""Stands for a write that there never was; sorts before every id."""


class Stamp(NamedTuple):
    """One attempt at a write.

    Attributes:
        ms: The time of the write, in Unix milliseconds.
        write_id: That time in 11 hexadecimal digits, and 48 random bits. Short, since every index holds it too; and
            ids sort as their writes do.
    """

    ms: int
    write_id: str

    @classmethod
    def at(cls, ms: int) -> Stamp:
        """A stamp of its own for an instant in Unix milliseconds."""
        return cls(ms, f"{ms:011x}{secrets.token_urlsafe(6)}")

    @property
    def time(self) -> str:
        """The instant as the contract writes it."""
        return clock.timestamp(self.ms)

    def put_on(self, update: Update) -> None:
        """Add the time, the counted version and the ids, under the condition that the task was last written before."""
        update.set("updated_at", self.time)
        update.increment("version")
        # From the oldest on: DynamoDB reads all before it writes any, but moto, which tests use, goes one by one.
        for older, newer in itertools.pairwise(reversed(WRITE_IDS)):
            update.copy_or_set(older, newer, _NO_WRITE)
        update.set(WRITE_IDS[0], self.write_id)
        update.require_absent_or_below("updated_at", self.time)

    def was_applied_to(self, item: Item, *, was_resent: bool) -> bool:
        """Whether a write that was refused had been applied before.

        Args:
            item: What came back with the refusal.
            was_resent: Whether the request was sent more than once.

        Raises:
            StoreUnavailable: nobody can tell any more: all writes that the item remembers are later.
        """
        if any(name in item and item[name]["S"] == self.write_id for name in WRITE_IDS):
            return True
        if was_resent and WRITE_IDS[-1] in item and item[WRITE_IDS[-1]]["S"] > self.write_id:
            raise StoreUnavailable("The store did not answer in time, and others have changed the task since.")
        return False
