"""The body of ``POST …/toggle``; without pydantic, which would triple that function's share of initialisation."""

from __future__ import annotations

from typing import NamedTuple, Self

from taskapi.errors import ValidationFailed, Violation, pointer


class TaskCompletion(NamedTuple):
    """``{"completed": true|false}``: the state to set, so that a retry is harmless; None flips."""

    completed: bool | None = None

    @classmethod
    def from_decoded(cls, value: object) -> Self:
        """Validate a decoded JSON value; raises ValidationFailed."""
        # Clients made by a generator send one of these where their caller gives no body: axios {}, Go null.
        if value is None:
            return cls()
        if not isinstance(value, dict):
            raise ValidationFailed([Violation("wrong_type", "The body must be a JSON object.")])
        violations = [
            Violation("unknown_member", "The contract has no such member here.", pointer(name))
            for name in sorted(value.keys() - {"completed"})[:50]
        ]
        if not isinstance(value.get("completed", True), bool):
            violations.append(Violation("wrong_type", "Must be true or false.", pointer("completed")))
        if violations:
            raise ValidationFailed(violations)
        return cls(value.get("completed"))
