"""DynamoDB expressions, with every name and value as a placeholder.

Names may be reserved ("Expression attribute names", DynamoDB Developer Guide); nothing of a user's text belongs there.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from taskapi.dynamo.attributes import Value, attribute

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.type_defs import AttributeValueTypeDef


class Placeholders:
    """Names and values of one request's expressions; equal names share a placeholder."""

    def __init__(self) -> None:
        self.names: dict[str, str] = {}
        self.values: dict[str, AttributeValueTypeDef] = {}

    def name(self, attribute_name: str) -> str:
        """``#title`` for ``title``."""
        placeholder = f"#{attribute_name}"
        self.names[placeholder] = attribute_name
        return placeholder

    def value(self, value: Value) -> str:
        """``:v0``, ``:v1`` … for the values in the order in which they come."""
        placeholder = f":v{len(self.values)}"
        self.values[placeholder] = attribute(value)
        return placeholder

    def equal(self, attribute_name: str, value: Value) -> str:
        """``#pk = :v0``."""
        return f"{self.name(attribute_name)} = {self.value(value)}"

    def projection(self, attribute_names: Iterable[str]) -> str:
        """``#sk, #title``: a ProjectionExpression."""
        return ", ".join([self.name(each) for each in attribute_names])

    def as_arguments(self) -> dict[str, Any]:
        """``ExpressionAttributeNames`` and ``…Values``, left out when empty: DynamoDB refuses empty maps."""
        arguments: dict[str, Any] = {}
        if self.names:
            arguments["ExpressionAttributeNames"] = self.names
        if self.values:
            arguments["ExpressionAttributeValues"] = self.values
        return arguments


class Update:
    """One UpdateItem's update and condition expressions.

    SET reads attributes as they were before ("Update expressions", DynamoDB Developer Guide): order does not matter.
    """

    def __init__(self) -> None:
        self._placeholders = Placeholders()
        self._sets: dict[str, str] = {}
        self._removes: set[str] = set()
        self._conditions: list[str] = []

    def set(self, name: str, value: Value) -> None:
        """``name = value``."""
        self._set(name, self._placeholders.value(value))

    def set_or_remove(self, name: str, value: Value | None) -> None:
        """``name = value``, or no such attribute where the value is None or has no members."""
        if value is None or value == ():
            self.remove(name)
        else:
            self.set(name, value)

    def set_if_absent(self, name: str, value: str | int) -> None:
        """Keep the attribute where there is one, else ``name = value``."""
        self.copy_or_set(name, name, value)

    def copy(self, name: str, source: str) -> None:
        """``name = source``'s value."""
        self._set(name, self._placeholders.name(source))

    def copy_or_set(self, name: str, source: str, value: str | int) -> None:
        """``name = source``'s value where there is one, else ``value``."""
        self._set(name, f"if_not_exists({self._placeholders.name(source)}, {self._placeholders.value(value)})")

    def increment(self, name: str) -> None:
        """``name`` plus one; 1 where there was none."""
        zero, one = self._placeholders.value(0), self._placeholders.value(1)
        self._set(name, f"if_not_exists({self._placeholders.name(name)}, {zero}) + {one}")

    def remove(self, *names: str) -> None:
        """No such attributes any more."""
        self._removes.update(self._placeholders.name(name) for name in names)

    def require_existing(self, name: str) -> None:
        """Condition: the item has the attribute."""
        self._conditions.append(f"attribute_exists({self._placeholders.name(name)})")

    def require_absent(self, name: str) -> None:
        """Condition: the item has no such attribute (or there is no item)."""
        self._conditions.append(f"attribute_not_exists({self._placeholders.name(name)})")

    def require_equal(self, name: str, value: str | bool | int) -> None:
        """Condition: ``name = value``."""
        self._conditions.append(self._placeholders.equal(name, value))

    def require_prefix(self, name: str, prefix: str) -> None:
        """Condition: ``name`` begins with a text."""
        self._conditions.append(f"begins_with({self._placeholders.name(name)}, {self._placeholders.value(prefix)})")

    def require_other_prefix(self, name: str, prefix: str) -> None:
        """Condition: ``name`` does not begin with a text."""
        self._conditions.append(f"NOT begins_with({self._placeholders.name(name)}, {self._placeholders.value(prefix)})")

    def require_absent_or_below(self, name: str, value: str) -> None:
        """Condition: ``name < value``, or there is no such attribute."""
        self._require_absent_or(name, "<", value)

    def require_absent_or_above(self, name: str, value: int) -> None:
        """Condition: ``name > value``, or there is no such attribute."""
        self._require_absent_or(name, ">", value)

    def require_one_of(self, name: str, values: Iterable[str]) -> None:
        """Condition: ``name`` is one of up to 100 values."""
        operands = ", ".join([self._placeholders.value(value) for value in values])
        self._conditions.append(f"{self._placeholders.name(name)} IN ({operands})")

    def require_absent_or_none_of(self, guard: str, name: str, values: Iterable[str]) -> None:
        """Condition: there is no attribute ``guard``, or ``name`` is none of up to 100 values."""
        operands = ", ".join([self._placeholders.value(value) for value in values])
        self._conditions.append(
            f"(attribute_not_exists({self._placeholders.name(guard)})"
            f" OR NOT {self._placeholders.name(name)} IN ({operands}))"
        )

    def as_arguments(self) -> dict[str, Any]:
        """The expression arguments of UpdateItem; raises ValueError where an attribute is both set and removed."""
        if overlap := self._removes & self._sets.keys():
            raise ValueError(f"both set and removed: {', '.join(sorted(overlap))}")
        clauses = []
        if self._sets:
            clauses.append("SET " + ", ".join(f"{name} = {value}" for name, value in self._sets.items()))
        if self._removes:
            clauses.append("REMOVE " + ", ".join(sorted(self._removes)))
        arguments = {"UpdateExpression": " ".join(clauses), **self._placeholders.as_arguments()}
        if self._conditions:
            arguments["ConditionExpression"] = " AND ".join(self._conditions)
        return arguments

    def _require_absent_or(self, name: str, comparator: str, value: str | int) -> None:
        placeholder = self._placeholders.name(name)
        operand = self._placeholders.value(value)
        self._conditions.append(f"(attribute_not_exists({placeholder}) OR {placeholder} {comparator} {operand})")

    def _set(self, name: str, expression: str) -> None:
        placeholder = self._placeholders.name(name)
        if placeholder in self._sets:
            raise ValueError(f"set twice: {name}")
        self._sets[placeholder] = expression
