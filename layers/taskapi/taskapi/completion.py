"""The body of ``POST …/toggle``; without pydantic, which would triple that function's share of initialisation."""

from __future__ import annotations

from typing import NamedTuple, Self

from taskapi.errors import ValidationFailed, Violation, pointer


class TaskCompletion(NamedTuple):
    """``{"completed": true|false}``: the state to set, so that a retry is harmless."""

    completed: bool

    @classmethod
    def from_decoded(cls, value: object) -> Self:
        """Validate a decoded JSON value.

        Raises:
            ValidationFailed: it is not an object with just a boolean ``completed``.
        """
        if not isinstance(value, dict):
            raise ValidationFailed([Violation("wrong_type", "The body must be a JSON object.")])
        violations = [
            Violation("unknown_member", "The contract has no such member here.", pointer(name))
            for name in sorted(value.keys() - {"completed"})[:50]
        ]
        completed = value.get("completed")
        if "completed" not in value:
            violations.append(Violation("required", "This member is required.", pointer("completed")))
        elif not isinstance(completed, bool):
            violations.append(Violation("wrong_type", "Must be true or false.", pointer("completed")))
        if violations or not isinstance(completed, bool):
            raise ValidationFailed(violations)
        return cls(completed)
