"""The record that makes ``Idempotency-Key`` on create hold ("The Idempotency-Key HTTP Header Field", IETF draft).

One record a key and user, written in the same transaction as the task: either both are there or neither. It keeps the
task as first answered, so that a replay is exact even when the task has changed or gone since.
"""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from taskapi.task import PARTITION_KEY, SORT_KEY, Item, Task, TaskContent, partition

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.type_defs import AttributeValueTypeDef

KEPT_SECONDS: Final = 24 * 3600
"""How long a key is remembered."""


def fingerprint(content: TaskContent) -> str:
    """Tells bodies apart after validation, so that white space or the order of members make no difference."""
    canonical = json.dumps(content._asdict(), sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()


class IdempotencyRecord(NamedTuple):
    """What is remembered of a create request.

    Attributes:
        owner: The authenticated user; a key of one user never meets another's.
        key: The header's value.
        fingerprint: Of the body that the key was first used with.
        write_id: Of the write that made the record.
        expires_at: Unix seconds; a record past it counts as gone, though TTL may remove it days later.
        answer: The task's item as first answered.
    """

    owner: str
    key: str
    fingerprint: str
    write_id: str
    expires_at: int
    answer: Item

    def as_item(self) -> dict[str, AttributeValueTypeDef]:
        """The record's item; the key is hashed, since a client may put anything into it, at any length up to 255."""
        answer: Any = {name: value for name, value in self.answer.items() if name != PARTITION_KEY}
        return {
            PARTITION_KEY: {"S": partition(self.owner)},
            SORT_KEY: {"S": "IDEMPOTENCY#" + hashlib.sha256(self.key.encode()).hexdigest()},
            "fingerprint": {"S": self.fingerprint},
            "write_id": {"S": self.write_id},
            "expires_at": {"N": str(self.expires_at)},
            "answer": {"M": answer},
        }


def first_answer(record: Item, owner: str) -> Task:
    """The task as it was first answered."""
    return Task.from_item(record["answer"]["M"], owner)
