"""Identity-based IAM policies, evaluated: whether a role's statements allow a request.

"Policy evaluation logic", "IAM JSON policy elements: Condition operators" and "Set operators for multi-valued context
keys", AWS IAM User Guide; of it what the template uses. moto's own enforcement knows no condition of a policy.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final


@dataclass(frozen=True)
class AccessRequest:
    """What a principal asks for.

    Attributes:
        action: As in a policy, ``dynamodb:GetItem``.
        resource: The ARN that it is done to.
        context: Condition keys and their values; a key that the request doesn't have is not in it.
    """

    action: str
    resource: str
    context: Mapping[str, Sequence[str]] = field(default_factory=dict)


def is_allowed(statements: Iterable[Mapping[str, Any]], request: AccessRequest) -> bool:
    """Whether a statement allows the request and none denies it.

    Raises:
        ValueError: a statement has an element or an operator that is not known here.
    """
    effects = {statement["Effect"] for statement in statements if _applies(statement, request)}
    return "Allow" in effects and "Deny" not in effects


def _applies(statement: Mapping[str, Any], request: AccessRequest) -> bool:
    if unknown := statement.keys() - {"Sid", "Effect", "Action", "Resource", "Condition"}:
        raise ValueError(f"not known here: {sorted(unknown)}")
    return (
        any(_is_like(pattern.lower(), request.action.lower()) for pattern in each_of(statement["Action"]))
        and any(_is_like(pattern, request.resource) for pattern in each_of(statement["Resource"]))
        and all(
            _holds(operator, key, each_of(wanted), request.context)
            for operator, conditions in statement.get("Condition", {}).items()
            for key, wanted in conditions.items()
        )
    )


def _holds(operator: str, key: str, wanted: Sequence[str], context: Mapping[str, Sequence[str]]) -> bool:
    values = context.get(key)
    if operator == "Null":
        return [str(values is None).lower()] == [word.lower() for word in wanted]
    quantifier, _, plain = operator.rpartition(":")
    if plain not in _MATCHES or quantifier not in ("", "ForAllValues"):
        raise ValueError(f"not known here: {operator}")
    matches = _MATCHES[plain]
    if quantifier == "ForAllValues":
        # True of a request without the key, as IAM has it.
        return all(any(matches(pattern, value) for pattern in wanted) for value in values or ())
    return values is not None and any(matches(pattern, value) for pattern in wanted for value in values)


def _is_like(pattern: str, text: str) -> bool:
    """IAM's wildcards: ``*`` any characters, ``?`` one."""
    expression = "".join({"*": ".*", "?": "."}.get(character, re.escape(character)) for character in pattern)
    return re.fullmatch(expression, text, re.DOTALL) is not None


_MATCHES: Final[Mapping[str, Callable[[str, str], bool]]] = {
    "StringEquals": lambda wanted, value: wanted == value,
    "StringLike": _is_like,
}


def each_of(value: str | Sequence[str]) -> Sequence[str]:
    """What a policy may write as one text or as several."""
    return [value] if isinstance(value, str) else value
