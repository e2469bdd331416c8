"""Small bodies without pydantic, which would triple these functions' share of initialisation."""

from __future__ import annotations

from typing import Any, NamedTuple, Self

from taskapi import uuid7
from taskapi.errors import ValidationFailed, Violation, ViolationCode, pointer


class TaskCompletion(NamedTuple):
    """Body of ``POST …/toggle``: ``{"completed": true|false}``, the state to set, so that a retry is harmless.

    None flips.
    """

    completed: bool | None = None

    @classmethod
    def from_decoded(cls, value: object) -> Self:
        """Validate a decoded JSON value; raises ValidationFailed."""
        members, violations = _members(value, {"completed"})
        if not isinstance(members.get("completed", True), bool):
            violations.append(Violation("wrong_type", "Must be true or false.", pointer("completed")))
        if violations:
            raise ValidationFailed(violations)
        return cls(members.get("completed"))


class TaskMove(NamedTuple):
    """Body of ``POST …/move``: where to.

    Attributes:
        changes_list: Whether it names a list; else the task stays in its own.
        list_id: A UUIDv7; None is the inbox.
        before, after: The id of a task, one of them at most; with neither the task moves to the end.
    """

    changes_list: bool = False
    list_id: str | None = None
    before: str | None = None
    after: str | None = None

    @classmethod
    def from_decoded(cls, value: object) -> Self:
        """Validate a decoded JSON value; raises ValidationFailed."""
        known = ("list_id", "before", "after")
        members, violations = _members(value, {*known})
        ids = {name: _id(name, members[name], violations) for name in known if name in members}
        if "before" in ids and "after" in ids:
            violations.append(Violation("not_allowed", "Give before or after, not both.", pointer("after")))
        if violations:
            raise ValidationFailed(violations)
        return cls(changes_list="list_id" in members, **ids)


def _members(value: object, known: set[str]) -> tuple[dict[str, Any], list[Violation]]:
    # Clients made by a generator send one of these where their caller gives no body: axios {}, Go null.
    if value is None:
        return {}, []
    if not isinstance(value, dict):
        raise ValidationFailed([Violation("wrong_type", "The body must be a JSON object.")])
    unknown = sorted(value.keys() - known)[:50]
    return value, [
        Violation("unknown_member", "The contract has no such member here.", pointer(name)) for name in unknown
    ]


def _id(name: str, value: object, violations: list[Violation]) -> str | None:
    if value is None and name == "list_id":
        return None
    if not isinstance(value, str):
        violations.append(Violation("wrong_type", "Must be a string.", pointer(name)))
        return None
    uuid = uuid7.parse(value)
    if uuid is None:
        code: ViolationCode = "invalid_list_id" if name == "list_id" else "invalid_task_id"
        violations.append(Violation(code, "Must be a UUID of version 7 (RFC 9562).", pointer(name)))
    return uuid
