"""DynamoDB's attribute values, and the keys of the one table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Final, TypeAlias

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.type_defs import AttributeValueTypeDef

Item: TypeAlias = Mapping[str, "AttributeValueTypeDef"]
"""A DynamoDB item, attribute name to typed value: ``{"title": {"S": "Pay rent"}}``."""
Value: TypeAlias = "str | bool | int | Sequence[Value] | Mapping[str, Value]"

PARTITION_KEY: Final = "pk"
SORT_KEY: Final = "sk"
BY_PLACE: Final = "open-by-place"
"""The index of what is ordered by hand, by its attribute ``place``."""


def partition(owner: str) -> str:
    """The partition key of everything that belongs to ``owner``, the ``sub`` of a verified token."""
    return f"USER#{owner}"


def attribute(value: Value) -> AttributeValueTypeDef:
    """A value's DynamoDB form: S, BOOL, N, M, or L (a set would lose the order)."""
    if isinstance(value, bool):  # before int: a bool is one
        return {"BOOL": value}
    if isinstance(value, int):
        return {"N": str(value)}
    if isinstance(value, str):
        return {"S": value}
    if isinstance(value, Mapping):
        return {"M": {name: attribute(member) for name, member in value.items()}}
    return {"L": [attribute(member) for member in value]}


def attributes(members: Mapping[str, Value | None]) -> dict[str, AttributeValueTypeDef]:
    """The attributes of an item's members; null and empty ones have none."""
    return {name: attribute(value) for name, value in members.items() if value is not None and value != ()}
