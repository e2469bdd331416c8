"""The parameters of ``GET …/tasks``: which combinations are served, by which index, and what they mean.

No list reads a user's whole history to answer: each served pair of ``status`` and ``sort`` is one index (or the table
itself) that already holds exactly those tasks in that order. Everything else is refused, with what is served.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal, NamedTuple, TypeVar, get_args

from taskapi import due, text
from taskapi.errors import ValidationFailed, Violation, ViolationCode
from taskapi.task import LONGEST_TAG, MOST_TAGS, Priority, Task

Status = Literal["all", "open", "completed"]
Sort = Literal["created_at", "updated_at", "due", "completed_at"]

_Choice = TypeVar("_Choice", bound=str)

PARAMETERS: Final = frozenset(
    {"status", "sort", "order", "limit", "cursor", "due_from", "due_before", "priority", "tag", "q"}
)
REPEATABLE: Final = frozenset({"tag"})
DEFAULT_LIMIT: Final = 50
MOST_ITEMS: Final = 100
LONGEST_Q: Final = 200


@dataclass(frozen=True)
class AccessPath:
    """How a list is read.

    Attributes:
        index: The local secondary index, None for the table.
        sort_attribute: The index's sort key; for the table, ``sk``, whose task id sorts by creation.
    """

    index: str | None
    sort_attribute: str


ACCESS_PATHS: Final[Mapping[tuple[Status, Sort], AccessPath]] = {
    ("all", "created_at"): AccessPath(None, "sk"),
    ("all", "updated_at"): AccessPath("by-updated", "updated_at"),
    ("open", "created_at"): AccessPath("open-by-created", "open_since"),
    ("open", "due"): AccessPath("open-by-due", "open_due"),
    ("completed", "completed_at"): AccessPath("completed", "completed_at"),
}
"""The served lists; of the pairs of one status, the first has its default sort."""


class DueBound(NamedTuple):
    """One end of a due range, for both kinds of due date.

    An instant is compared as an instant. A date is a whole day wherever its owner is, so it is compared with the
    day that the bound falls on *in the bound's own offset*: that is how a frontend tells us its user's day.

    Attributes:
        instant: ``2026-12-01T10:00:00.000Z``, or the date itself when the bound is a date.
        day: ``2026-12-01``.
    """

    instant: str
    day: str

    @classmethod
    def parse(cls, value: str) -> DueBound:
        """Read a date or an RFC 3339 instant.

        Raises:
            ValueError: neither.
        """
        return cls(due.parse(value), value[: len("2026-12-01")])

    def is_after(self, value: str) -> bool:
        """Whether a stored due date lies before this bound."""
        return value < (self.day if len(value) == len(self.day) else self.instant)


@dataclass(frozen=True)
class KeyRange:
    """An inclusive range of an index's sort key."""

    low: str
    high: str

    def __contains__(self, value: str) -> bool:
        return self.low <= value <= self.high


@dataclass(frozen=True)
class ListQuery:
    """A validated list request.

    Attributes:
        limit: 1 to 100 items a page.
        cursor: As the client sent it; None for the first page.
        tags: In their case-folded form; a task must have all of them.
        q: Case-folded; must occur in the title, the description or a tag.
    """

    status: Status = "all"
    sort: Sort = "created_at"
    ascending: bool = False
    limit: int = DEFAULT_LIMIT
    cursor: str | None = None
    due_from: DueBound | None = None
    due_before: DueBound | None = None
    priority: Priority | None = None
    tags: tuple[str, ...] = ()
    q: str | None = None

    @classmethod
    def from_parameters(cls, parameters: Mapping[str, Sequence[str]]) -> ListQuery:
        """Read the query string.

        Args:
            parameters: Name to values, percent-decoded, in the order of the request.

        Raises:
            ValidationFailed: with a violation for every parameter that is unknown, repeated or wrong, or for a
                combination that is not served.
        """
        return _Parser(parameters).parse()

    @property
    def access_path(self) -> AccessPath:
        """The index or table that serves this list."""
        return ACCESS_PATHS[self.status, self.sort]

    @property
    def filters(self) -> bool:
        """Whether tasks are left out beyond what the index leaves out."""
        return self.priority is not None or bool(self.tags) or self.q is not None

    @property
    def due_range(self) -> KeyRange | None:
        """The part of ``open-by-due`` to read; it may hold up to a day more than :meth:`includes` lets through."""
        if self.due_from is None and self.due_before is None:
            return None
        low = _before(min(self.due_from.instant, self.due_from.day)) if self.due_from else "0"
        # ':' follows '9', so undated tasks ('~') are not in a range that has no end of its own.
        high = _before(max(self.due_before.instant, self.due_before.day)) if self.due_before else ":"
        return KeyRange(low, high)

    def includes(self, task: Task) -> bool:
        """Whether the filters and due bounds let a task through that the index returned."""
        return (
            (self.priority is None or task.priority == self.priority)
            and self._due_within(task.due)
            and (not self.tags or set(self.tags) <= {text.fold(tag) for tag in task.tags})
            and (
                self.q is None
                or any(self.q in text.fold(part) for part in (task.title, task.description or "", *task.tags))
            )
        )

    def _due_within(self, value: str | None) -> bool:
        if value is None:
            return self.due_from is None and self.due_before is None
        return (self.due_from is None or not self.due_from.is_after(value)) and (
            self.due_before is None or self.due_before.is_after(value)
        )

    def fingerprint(self) -> str:
        """What a cursor is bound to: everything that decides which tasks follow which; not the page size."""
        parts = [
            self.status,
            self.sort,
            self.ascending,
            self.due_from,
            self.due_before,
            self.priority,
            sorted(self.tags),
            self.q,
        ]
        return hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:16]


def _before(bound: str) -> str:
    """A string between ``bound`` and every due date below it, and that is no due date itself.

    BETWEEN includes its ends, and a key condition can't exclude one. Besides, DynamoDB refuses a start key that equals
    an end in one of the two directions, so no cursor may stand on one.
    """
    return bound[:-1] + chr(ord(bound[-1]) - 1) + "~"


class _Parser:
    """Reads parameters one by one and gathers the violations."""

    def __init__(self, parameters: Mapping[str, Sequence[str]]) -> None:
        self._parameters = parameters
        self._violations: list[Violation] = []

    def parse(self) -> ListQuery:
        for name, values in self._parameters.items():
            if len(values) > 1 and name not in REPEATABLE:
                self._violation(name, "repeated", "This parameter can be given once.")
        status: Status = self._choice("status", get_args(Status)) or "all"
        served = [sort for served_status, sort in ACCESS_PATHS if served_status == status]
        sort: Sort = self._choice("sort", get_args(Sort)) or served[0]
        if sort not in served:
            self._violation(
                "sort", "unsupported_combination", f"status={status} is served with sort={', '.join(served)}."
            )
        order = self._choice("order", ("asc", "desc")) or ("asc" if sort == "due" else "desc")
        query = ListQuery(
            status=status,
            sort=sort,
            ascending=order == "asc",
            limit=self._limit(),
            cursor=self._single("cursor"),
            due_from=self._due_bound("due_from", sort),
            due_before=self._due_bound("due_before", sort),
            priority=self._choice("priority", get_args(Priority)),
            tags=self._tags(),
            q=self._q(),
        )
        if query.due_range is not None and query.due_range.low > query.due_range.high:
            self._violation("due_before", "empty_range", "Must not be before due_from.")
        if self._violations:
            raise ValidationFailed(self._violations)
        return query

    def _violation(self, name: str, code: ViolationCode, detail: str) -> None:
        self._violations.append(Violation(code, detail, name, "parameter"))

    def _single(self, name: str) -> str | None:
        values = self._parameters.get(name)
        return values[0] if values else None

    def _choice(self, name: str, choices: tuple[_Choice, ...]) -> _Choice | None:
        value = self._single(name)
        for choice in choices:
            if value == choice:
                return choice
        if value is not None:
            self._violation(name, "not_allowed", f"Must be one of {', '.join(choices)}.")
        return None

    def _limit(self) -> int:
        value = self._single("limit")
        if value is None:
            return DEFAULT_LIMIT
        is_number = value.isascii() and value.isdigit() and len(value) <= len(str(MOST_ITEMS)) and value[0] != "0"
        if is_number and int(value) <= MOST_ITEMS:
            return int(value)
        self._violation("limit", "out_of_range", f"Must be a whole number from 1 to {MOST_ITEMS}.")
        return DEFAULT_LIMIT

    def _due_bound(self, name: str, sort: Sort) -> DueBound | None:
        value = self._single(name)
        if value is None:
            return None
        if sort != "due":
            self._violation(name, "unsupported_combination", "Served with status=open and sort=due only.")
            return None
        try:
            return DueBound.parse(value)
        except ValueError:
            detail = (
                "Must be a date such as 2026-12-01, or an instant such as 2026-12-01T00:00:00+01:00 (+ sent as %2B)."
            )
            self._violation(name, "invalid_due", detail)
            return None

    def _tags(self) -> tuple[str, ...]:
        values = self._parameters.get("tag", ())
        detail = f"Must be 1 to {LONGEST_TAG} characters long, at most {MOST_TAGS} times."
        if len(values) > MOST_TAGS:
            self._violation("tag", "out_of_range", detail)
            return ()
        tags = [self._text("tag", value, text.one_line, LONGEST_TAG, detail) for value in values]
        return tuple({text.fold(tag): None for tag in tags})

    def _q(self) -> str | None:
        value = self._single("q")
        if value is None:
            return None
        # Lines, since that is what it may be found in.
        return text.fold(self._text("q", value, text.lines, LONGEST_Q, f"Must be 1 to {LONGEST_Q} characters long."))

    def _text(self, name: str, value: str, clean: Callable[[str, int], str], most: int, detail: str) -> str:
        """A value as the texts of tasks are, which it could not match otherwise; empty after a violation.

        Measured before it is folded, which makes some texts longer.
        """
        try:
            cleaned = clean(value, most)
        except text.UnacceptableText as unacceptable:
            self._violation(name, "unacceptable_text", str(unacceptable))
            return ""
        except text.TooLong:
            cleaned = ""
        if not cleaned:
            self._violation(name, "out_of_range", detail)
        return cleaned
