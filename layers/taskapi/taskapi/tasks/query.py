"""The parameters of ``GET …/tasks``: which combinations are served, by which index, and what they mean.

No list reads a user's whole history to answer: each served pair of ``status`` and ``sort`` is one index (or the table
itself) that already holds exactly those tasks in that order. Everything else is refused, with what is served.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Final, Literal, NamedTuple, get_args

from taskapi import due, positions, text, uuid7
from taskapi.dynamo.attributes import BY_PLACE
from taskapi.dynamo.paging import AccessPath, KeyRange
from taskapi.http.parameters import DEFAULT_LIMIT, Parameters
from taskapi.tasks import place
from taskapi.tasks.task import LONGEST_TAG, MOST_TAGS, TRASH_MARK, TRASHED, UNDATED, Priority

if TYPE_CHECKING:
    from taskapi.dynamo.attributes import Item

Status = Literal["all", "open", "completed", "trashed"]
Sort = Literal["created_at", "updated_at", "due", "position", "completed_at", "trashed_at"]

PARAMETERS: Final = frozenset(
    {"status", "sort", "order", "limit", "cursor", "list", "due_from", "due_before", "priority", "tag", "q"}
)
REPEATABLE: Final = frozenset({"tag"})
LONGEST_Q: Final = 200

ACCESS_PATHS: Final[Mapping[tuple[Status, Sort], AccessPath]] = {
    ("all", "created_at"): AccessPath(None, "sk"),
    ("all", "updated_at"): AccessPath("by-updated", "updated_at"),
    ("open", "created_at"): AccessPath("open-by-created", "open_since"),
    ("open", "due"): AccessPath("open-by-due", "open_due"),
    ("open", "position"): AccessPath(BY_PLACE, "place"),
    ("completed", "completed_at"): AccessPath("closed", "closed"),
    ("trashed", "trashed_at"): AccessPath("closed", "closed"),
}
"""The served lists; of the pairs of one status, the first has its default sort."""

# Every index but that of places sorts by a timestamp or a due date (`open_due`), in the forms that this API writes.
_SORT_VALUE = re.compile(rf"\d{{4}}-\d\d-\d\d(T\d\d:\d\d:\d\d\.\d{{3}}Z)?|{re.escape(UNDATED)}", re.ASCII)


class DueBound(NamedTuple):
    """One end of a due range: ``2026-12-01T10:00:00.000Z`` (or a date) for instants, ``2026-12-01`` for dates.

    A date is a day wherever its owner is, so it is compared with the day that the bound falls on *in the bound's own
    offset*: that is how a frontend tells us its user's day.
    """

    instant: str
    day: str

    @classmethod
    def parse(cls, value: str) -> DueBound:
        """Read a date or an RFC 3339 instant; raises ValueError."""
        return cls(due.parse(value), value[: len("2026-12-01")])

    def is_after(self, value: str) -> bool:
        """Whether a stored due date is before it."""
        return value < (self.day if len(value) == len(self.day) else self.instant)


@dataclass(frozen=True)
class ListQuery:
    """A validated list request: a :class:`~taskapi.dynamo.paging.Query`.

    Attributes:
        limit: 1 to 100 items a page.
        within: What the home of each task begins with; None for those of all lists.
        tags: In their case-folded form; a task must have all of them.
        q: Case-folded; must occur in the title, the description, a tag or the title of an entry.
    """

    status: Status = "all"
    sort: Sort = "created_at"
    ascending: bool = False
    limit: int = DEFAULT_LIMIT
    cursor: str | None = None
    within: str | None = None
    due_from: DueBound | None = None
    due_before: DueBound | None = None
    priority: Priority | None = None
    tags: tuple[str, ...] = ()
    q: str | None = None

    @classmethod
    def from_parameters(cls, values: Mapping[str, Sequence[str]]) -> ListQuery:
        """Read the query string's decoded values by name; raises ValidationFailed."""
        parameters = Parameters(values, REPEATABLE)
        status: Status = parameters.choice("status", get_args(Status)) or "all"
        served = [sort for served_status, sort in ACCESS_PATHS if served_status == status]
        sort: Sort = parameters.choice("sort", get_args(Sort)) or served[0]
        if sort not in served:
            detail = f"status={status} is served with sort={', '.join(served)}."
            parameters.refuse("sort", "unsupported_combination", detail)
        order = parameters.choice("order", ("asc", "desc")) or ("asc" if sort in ("due", "position") else "desc")
        query = cls(
            status=status,
            sort=sort,
            ascending=order == "asc",
            limit=parameters.limit(),
            cursor=parameters.single("cursor"),
            within=_within(parameters, is_required=sort == "position" and sort in served),
            due_from=_due_bound(parameters, "due_from", sort),
            due_before=_due_bound(parameters, "due_before", sort),
            priority=parameters.choice("priority", get_args(Priority)),
            tags=_tags(parameters),
            q=_q(parameters),
        )
        if query.due_range is not None and query.due_range.low > query.due_range.high:
            parameters.refuse("due_before", "empty_range", "Must not be before due_from.")
        parameters.check()
        return query

    @property
    def access_path(self) -> AccessPath:
        """The index or table that serves this list."""
        return ACCESS_PATHS[self.status, self.sort]

    @cached_property
    def _includes_all(self) -> bool:
        return not self.filters and self.due_range is None

    @property
    def filters(self) -> bool:
        """Whether tasks are left out beyond what the index leaves out."""
        is_in_all = self.within is None or self.sort == "position"
        return not is_in_all or self.priority is not None or bool(self.tags) or self.q is not None

    @property
    def key_range(self) -> KeyRange | None:
        """The part of the index to read."""
        if self.sort == "position" and self.within is not None:
            return KeyRange(*place.ends(self.within))
        if self.status == "completed":
            return KeyRange("0", TRASHED)
        if self.status == "trashed":
            return KeyRange(TRASHED, "U")
        return self.due_range

    @property
    def due_range(self) -> KeyRange | None:
        """The part of ``open-by-due`` to read; it may hold up to a day more than :meth:`includes` lets through."""
        if self.due_from is None and self.due_before is None:
            return None
        low = _before(min(self.due_from)) if self.due_from else "0"
        # ':' follows '9', so undated tasks ('~') are not in a range without an end.
        high = _before(max(self.due_before)) if self.due_before else ":"
        return KeyRange(low, high)

    def can_continue_at(self, sort_value: str, task_id: str) -> bool:
        """Whether this task can have this value in the index."""
        if self.key_range is not None and sort_value not in self.key_range:
            return False
        if self.sort == "position":
            position = sort_value.removeprefix(self.within or "").removesuffix(f"#{task_id}")
            return positions.is_valid(position) and sort_value == f"{self.within}{position}#{task_id}"
        return bool(_SORT_VALUE.fullmatch(sort_value.removeprefix(TRASHED) if self.status == "trashed" else sort_value))

    def includes(self, item: Item) -> bool:
        """Whether the list holds a task that the index returned."""
        if (TRASH_MARK in item) is not (self.status == "trashed"):
            return False
        if self._includes_all:
            return True
        tags = [tag["S"] for tag in item["tags"]["L"]] if "tags" in item else []
        return (
            (self.within is None or item["home"]["S"].startswith(self.within))
            and (self.priority is None or item["priority"]["S"] == self.priority)
            and self._is_due(item["due"]["S"] if "due" in item else None)
            and (not self.tags or set(self.tags) <= {text.fold(tag) for tag in tags})
            and (self.q is None or any(self.q in text.fold(part) for part in (*_texts(item), *tags)))
        )

    def _is_due(self, value: str | None) -> bool:
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
            self.within,
            self.due_from,
            self.due_before,
            self.priority,
            sorted(self.tags),
            self.q,
        ]
        return hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:16]


def _texts(item: Item) -> Iterator[str]:
    yield item["title"]["S"]
    if "description" in item:
        yield item["description"]["S"]
    for entry in item["checklist"]["L"] if "checklist" in item else ():
        yield entry["M"]["title"]["S"]


def _before(bound: str) -> str:
    """A string between ``bound`` and every due date below it, and that is no due date itself.

    BETWEEN includes its ends, and DynamoDB refuses a start key that equals one in one of the two directions.
    """
    return bound[:-1] + chr(ord(bound[-1]) - 1) + "~"


def _within(parameters: Parameters, is_required: bool) -> str | None:
    value = parameters.single("list")
    if value is None:
        if is_required:
            parameters.refuse("list", "required", "sort=position is served with list=inbox or a list's id.")
        return None
    list_id = uuid7.parse(value)
    if list_id is None and value != place.INBOX:
        parameters.refuse("list", "invalid_list_id", "Must be inbox, or a UUID of version 7 (RFC 9562).")
    return place.in_list(list_id)


def _due_bound(parameters: Parameters, name: str, sort: Sort) -> DueBound | None:
    value = parameters.single(name)
    if value is None:
        return None
    if sort != "due":
        parameters.refuse(name, "unsupported_combination", "Served with status=open and sort=due only.")
        return None
    try:
        return DueBound.parse(value)
    except ValueError:
        detail = "Must be a date such as 2026-12-01, or an instant such as 2026-12-01T00:00:00+01:00 (+ sent as %2B)."
        parameters.refuse(name, "invalid_due", detail)
        return None


def _tags(parameters: Parameters) -> tuple[str, ...]:
    values = parameters.all("tag")
    detail = f"Must be 1 to {LONGEST_TAG} characters long, at most {MOST_TAGS} times."
    if len(values) > MOST_TAGS:
        parameters.refuse("tag", "out_of_range", detail)
        return ()
    tags = [parameters.text("tag", value, text.one_line, LONGEST_TAG, detail) for value in values]
    return tuple(dict.fromkeys(tags))


def _q(parameters: Parameters) -> str | None:
    value = parameters.single("q")
    if value is None:
        return None
    # Lines, since that is what it may be found in.
    return parameters.text("q", value, text.lines, LONGEST_Q, f"Must be 1 to {LONGEST_Q} characters long.")
