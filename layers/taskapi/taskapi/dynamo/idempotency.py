"""The record that makes ``Idempotency-Key`` on create hold ("The Idempotency-Key HTTP Header Field", IETF draft).

One record a key and user, written in one transaction with the item. It keeps the item as first answered, so that a
replay is exact even when the item has changed or gone since.
"""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from taskapi.dynamo.attributes import PARTITION_KEY, SORT_KEY, Item, attribute, partition
from taskapi.dynamo.entity import EXPIRY, is_gone
from taskapi.dynamo.expressions import Placeholders
from taskapi.dynamo.failures import TransactionRefused
from taskapi.dynamo.table import Put
from taskapi.errors import IdempotencyKeyReused, StoreUnavailable

if TYPE_CHECKING:
    from taskapi.dynamo.stamp import Stamp
    from taskapi.dynamo.table import Table

KEPT_SECONDS: Final = 24 * 3600
"""How long a key is remembered."""
PREFIX: Final = "IDEMPOTENCY#"


def fingerprint(content: object) -> str:
    """Tells bodies apart after validation, so that white space or the order of members make no difference."""
    canonical = json.dumps(content, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()


class Once(NamedTuple):
    """A client's ``Idempotency-Key``, and the validated content (JSON) that came with it."""

    key: str
    content: object

    @classmethod
    def of(cls, key: str, content: Any) -> Once:
        """Of a NamedTuple, without defaults: a member that a later release adds changes no fingerprint."""
        defaults = content._field_defaults
        given = {name: value for name, value in content._asdict().items() if value != defaults.get(name, ...)}
        return cls(key, given)

    @property
    def sort_key(self) -> str:
        """Of the record; hashed, since a client may put anything into a key."""
        return PREFIX + hashlib.sha256(self.key.encode()).hexdigest()


def answered_before(table: Table, owner: str, prefix: str, once: Once) -> Item | None:
    """The item as first answered to an earlier request of the key, None where there was none in the last 24 hours.

    A Query of one item, which needs no permission beyond those of who counts before it creates.

    Raises:
        IdempotencyKeyReused: the key was used for other content.
    """
    placeholders = Placeholders()
    user = placeholders.equal(PARTITION_KEY, partition(owner))
    condition = f"{user} AND {placeholders.equal(SORT_KEY, once.sort_key)}"
    found = table.query(None, 1, None, KeyConditionExpression=condition, **placeholders.as_arguments()).items
    if not found or is_gone(found[0], table.now_ms()):
        return None
    return _answer(found[0], once, prefix)


def _answer(record: Item, once: Once, prefix: str) -> Item:
    """Of a record, where it is of such a content and of an item with such a sort key: a title may be all of either."""
    answer = record["answer"]["M"]
    if record["fingerprint"]["S"] != fingerprint(once.content) or not answer[SORT_KEY]["S"].startswith(prefix):
        raise IdempotencyKeyReused
    return answer


def put_once(table: Table, owner: str, once: Once, stamp: Stamp, item: Item) -> tuple[Item, bool]:
    """Put a new item and the record of its key; the item as first answered, and whether an earlier request put it.

    Raises:
        IdempotencyKeyReused: the key was used for other content.
    """
    now = stamp.ms // 1000
    answer: Any = {name: value for name, value in item.items() if name != PARTITION_KEY}
    record: Item = {
        PARTITION_KEY: {"S": partition(owner)},
        SORT_KEY: {"S": once.sort_key},
        "fingerprint": {"S": fingerprint(once.content)},
        "write_id": {"S": stamp.write_id},
        EXPIRY: {"N": str(now + KEPT_SECONDS)},
        "answer": {"M": answer},
    }
    # TTL removes a record up to days late: one that has expired is overwritten.
    unused = "attribute_not_exists(pk) OR expires_at <= :now"
    try:
        table.put_all([Put(item), Put(record, unused, {"ExpressionAttributeValues": {":now": attribute(now)}})])
    except TransactionRefused as refused:
        existing = refused.items[1]
        if existing is None:  # two equal ids of 74 random bits: not in this world's lifetime
            raise StoreUnavailable from refused
        prefix, _, _ = item[SORT_KEY]["S"].partition("#")
        return _answer(existing, once, prefix), existing["write_id"]["S"] != stamp.write_id
    return item, False
