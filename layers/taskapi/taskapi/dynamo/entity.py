"""What the engine knows of an entity: a constant of the entity's package."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Final, NamedTuple

from taskapi import clock, uuid7
from taskapi.dynamo.attributes import PARTITION_KEY, SORT_KEY, Item, partition
from taskapi.errors import ViolationCode

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.type_defs import AttributeValueTypeDef

    from taskapi.errors import RequestError

TOMBSTONE_MARK: Final = "deleted_at"
"""An attribute of tombstones alone."""
EXPIRY: Final = "expires_at"
"""The attribute that DynamoDB's TTL goes by, Unix seconds: it removes an item days late, never early."""
KEPT_SECONDS: Final = 30 * 24 * 3600
"""How long a tombstone, and what a user has thrown away, stays."""


class Entity(NamedTuple):
    """One kind of item, under UUIDv7s in its user's partition.

    Attributes:
        noun: For sentences: ``task``.
        prefix: Of its sort keys: ``TASK#``.
        parameter: Of paths, in which its id stands: ``task_id``.
        bad_id: Violation of an id that is no UUIDv7.
        id_ahead: Violation of an id whose time is too far ahead.
        not_found: The error where there is none.
        content: Attributes that a deletion removes; the first is one that every live item has.
        json: From an item and its owner to the resource's JSON, as the contract shows it.
        shown: Attributes that it reads, besides the sort key.
    """

    noun: str
    prefix: str
    parameter: str
    bad_id: ViolationCode
    id_ahead: ViolationCode
    not_found: type[RequestError]
    content: tuple[str, ...]
    json: Callable[[Item, str], str]
    shown: tuple[str, ...]

    @property
    def live(self) -> str:
        """An attribute that every live item has and no tombstone has."""
        return self.content[0]


class Key(NamedTuple):
    """The primary key of one item: the authenticated user, and a UUIDv7 in canonical form."""

    entity: Entity
    owner: str
    id: str

    def as_item(self) -> dict[str, AttributeValueTypeDef]:
        """``{"pk": {"S": "USER#…"}, "sk": {"S": "TASK#…"}}``."""
        return {PARTITION_KEY: {"S": partition(self.owner)}, SORT_KEY: {"S": self.entity.prefix + self.id}}


def id_of(item: Item) -> str:
    """The id in an item's sort key."""
    return item[SORT_KEY]["S"].partition("#")[2]


def is_tombstone(item: Item) -> bool:
    """Whether the item stands for a deleted one. True also after its time."""
    return TOMBSTONE_MARK in item


def is_gone(item: Item, ms: int) -> bool:
    """Whether nobody is shown the item any more, at an instant in Unix milliseconds."""
    return TOMBSTONE_MARK in item or (EXPIRY in item and int(item[EXPIRY]["N"]) * 1000 <= ms)


def created_at(uuid: str) -> str:
    """When an item counts as created: the instant in its id, so that orders by id and by ``created_at`` agree."""
    return clock.timestamp(uuid7.milliseconds(uuid))
