"""Query parameters, read one by one, with everything that is wrong gathered."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Final, TypeVar

from taskapi import text
from taskapi.errors import ValidationFailed, Violation, ViolationCode

DEFAULT_LIMIT: Final = 50
MOST_ITEMS: Final = 100
"""Of a page, of any list."""

_Choice = TypeVar("_Choice", bound=str)


class Parameters:
    """After a violation each method returns what an absent parameter gives; :meth:`check` raises them all."""

    def __init__(self, values: Mapping[str, Sequence[str]], repeatable: frozenset[str] = frozenset()) -> None:
        """Read decoded values by name; those that are ``repeatable`` may be given more than once."""
        self._values = values
        self._violations: list[Violation] = []
        for name in values:
            if len(values[name]) > 1 and name not in repeatable:
                self.refuse(name, "repeated", "This parameter can be given once.")

    def check(self) -> None:
        """Raise ValidationFailed where something was wrong."""
        if self._violations:
            raise ValidationFailed(self._violations)

    def refuse(self, name: str, code: ViolationCode, detail: str) -> None:
        """Add a violation."""
        self._violations.append(Violation(code, detail, name, "parameter"))

    def all(self, name: str) -> Sequence[str]:
        """All values."""
        return self._values.get(name, ())

    def single(self, name: str) -> str | None:
        """The value, None where there is none."""
        values = self._values.get(name)
        return values[0] if values else None

    def choice(self, name: str, choices: tuple[_Choice, ...]) -> _Choice | None:
        """One of several words."""
        value = self.single(name)
        for choice in choices:
            if value == choice:
                return choice
        if value is not None:
            self.refuse(name, "not_allowed", f"Must be one of {', '.join(choices)}.")
        return None

    def whole_number(self, name: str, default: int, most: int) -> int:
        """From 1 to ``most``: digits alone, and no zero before others."""
        value = self.single(name)
        if value is None:
            return default
        is_number = value.isascii() and value.isdigit() and len(value) <= len(str(most)) and value[0] != "0"
        if is_number and int(value) <= most:
            return int(value)
        self.refuse(name, "out_of_range", f"Must be a whole number from 1 to {most}.")
        return default

    def limit(self) -> int:
        """The most items that the page is to have."""
        return self.whole_number("limit", DEFAULT_LIMIT, MOST_ITEMS)

    def text(self, name: str, value: str, clean: Callable[[str, int], str], most: int, detail: str) -> str:
        """A value cleaned as stored texts are and case-folded, or it could match none; empty if refused."""
        try:
            cleaned = clean(value, most)
        except text.UnacceptableText as unacceptable:
            self.refuse(name, "unacceptable_text", str(unacceptable))
            return ""
        except text.TooLong:
            cleaned = ""
        if not cleaned:
            self.refuse(name, "out_of_range", detail)
        return text.fold(cleaned)
