"""The list parameters: what is served, what is refused, and what due bounds mean."""

from __future__ import annotations

import contextlib
import itertools
from collections.abc import Mapping, Sequence
from dataclasses import FrozenInstanceError
from datetime import datetime, timedelta, timezone
from typing import get_args

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from taskapi import due, text
from taskapi.dynamo.paging import AccessPath, KeyRange
from taskapi.errors import ValidationFailed
from taskapi.tasks.bodies import WholeTask
from taskapi.tasks.query import ACCESS_PATHS, PARAMETERS, DueBound, ListQuery, Sort, Status
from taskapi.tasks.task import ChecklistEntry
from tests.support.tasks import item_of, task

SERVED = {
    # status and sort (None: not given) to the sort that is meant, the index and its sort key
    ("all", None): ("created_at", None, "sk"),
    ("all", "created_at"): ("created_at", None, "sk"),
    ("all", "updated_at"): ("updated_at", "by-updated", "updated_at"),
    ("open", None): ("created_at", "open-by-created", "open_since"),
    ("open", "created_at"): ("created_at", "open-by-created", "open_since"),
    ("open", "due"): ("due", "open-by-due", "open_due"),
    ("open", "position"): ("position", "open-by-place", "place"),
    ("completed", None): ("completed_at", "closed", "closed"),
    ("completed", "completed_at"): ("completed_at", "closed", "closed"),
    ("trashed", None): ("trashed_at", "closed", "closed"),
    ("trashed", "trashed_at"): ("trashed_at", "closed", "closed"),
}
"""The list table of the contract."""

NAMED = {
    "all": ["created_at", "updated_at"],
    "open": ["created_at", "due", "position"],
    "completed": ["completed_at"],
    "trashed": ["trashed_at"],
}

LIST_ID = "01939f6e-8c1b-7a30-9c9e-2f6f1f0a7b10"
OFFSETS = st.integers(min_value=-14 * 4, max_value=14 * 4).map(
    lambda quarters: timezone(timedelta(minutes=15 * quarters))
)
# A few days are enough to meet every border; hypothesis would rarely hit the same day twice in 10,000 years.
DATES = st.integers(min_value=1, max_value=6).map(lambda day: f"2026-12-0{day}")
INSTANTS = st.datetimes(min_value=datetime(2026, 12, 1), max_value=datetime(2026, 12, 6), timezones=OFFSETS).map(  # noqa: DTZ001
    lambda instant: instant.isoformat(timespec="milliseconds")
)
DUES = DATES | INSTANTS


def parameters(**values: str | Sequence[str] | None) -> dict[str, list[str]]:
    """Query parameters as a request has them; None leaves one out."""
    return {
        name: [value] if isinstance(value, str) else list(value) for name, value in values.items() if value is not None
    }


def parsed(**values: str | Sequence[str] | None) -> ListQuery:
    """The query of these parameters."""
    return ListQuery.from_parameters(parameters(**values))


def within(sort: str | None) -> str | None:
    """A list, where an order is that of one."""
    return "inbox" if sort == "position" else None


def between(start: str | None, end: str | None) -> ListQuery | None:
    """The list of open tasks due between two bounds; None when it is refused."""
    try:
        return parsed(status="open", sort="due", due_from=start, due_before=end)
    except ValidationFailed:
        return None


def violations(values: Mapping[str, Sequence[str]]) -> list[tuple[str, str, str]]:
    """Name, code and detail of everything wrong."""
    with pytest.raises(ValidationFailed) as raised:
        ListQuery.from_parameters(values)
    assert all(violation.source == "parameter" for violation in raised.value.violations)
    return [(violation.at, violation.code, violation.detail) for violation in raised.value.violations]


class TestCombinations:
    """Status and sort."""

    def test_no_parameters_at_all(self) -> None:
        assert ListQuery.from_parameters({}) == ListQuery(
            status="all", sort="created_at", ascending=False, limit=50, cursor=None
        )

    @pytest.mark.parametrize(("status", "sort"), SERVED)
    def test_what_is_served(self, status: str, sort: str | None) -> None:
        # Given a row of the contract's table, when it is asked for
        query = parsed(status=status, sort=sort, list=within(sort))
        # Then it is read from its index
        assert (query.sort, query.access_path.index, query.access_path.sort_attribute) == SERVED[status, sort]

    @pytest.mark.parametrize(
        ("status", "sort"),
        [pair for pair in itertools.product(get_args(Status), get_args(Sort)) if pair not in SERVED],
    )
    def test_what_is_not_served_is_refused_by_naming_what_is(self, status: str, sort: str) -> None:
        [(name, code, detail)] = violations(parameters(status=status, sort=sort))
        assert (name, code) == ("sort", "unsupported_combination")
        assert all(served in detail for served in NAMED[status])
        assert not any(other in detail for other in set(get_args(Sort)) - set(NAMED[status]))

    def test_the_table_is_complete(self) -> None:
        assert {pair for pair in SERVED if pair[1]} == set(ACCESS_PATHS)

    @pytest.mark.parametrize(("status", "sort"), [pair for pair in SERVED if pair[1]])
    @pytest.mark.parametrize(("order", "ascending"), [("asc", True), ("desc", False)])
    def test_either_order(self, status: str, sort: str, order: str, ascending: bool) -> None:
        assert parsed(status=status, sort=sort, order=order, list=within(sort)).ascending is ascending

    @pytest.mark.parametrize(("status", "sort"), SERVED)
    def test_the_newest_come_first_unless_sorted_by_due_date_or_by_hand(self, status: str, sort: str | None) -> None:
        assert parsed(status=status, sort=sort, list=within(sort)).ascending is (sort in ("due", "position"))


@pytest.mark.parametrize("value", [ACCESS_PATHS["all", "created_at"], KeyRange("0", ":"), ListQuery()])
def test_what_a_list_is_read_by_stays_as_it_is(value: AccessPath | KeyRange | ListQuery) -> None:
    with pytest.raises(FrozenInstanceError):
        value.low = "1"  # type: ignore[misc, union-attr]


class TestValues:
    """Each parameter's own values."""

    @pytest.mark.parametrize(("limit", "expected"), [("1", 1), ("2", 2), ("99", 99), ("100", 100)])
    def test_limit(self, limit: str, expected: int) -> None:
        assert parsed(limit=limit).limit == expected

    @pytest.mark.parametrize("priority", ["none", "low", "medium", "high"])
    def test_priority(self, priority: str) -> None:
        assert parsed(priority=priority).priority == priority

    def test_tags_are_folded_and_repeated_ones_count_once(self) -> None:
        assert parsed(tag=["Home", " HOME ", "Caf\u00e9", "cafe\u0301"]).tags == ("home", "caf\u00e9")

    def test_q_is_folded(self) -> None:
        assert parsed(q=" Rent ").q == "rent"

    @pytest.mark.parametrize(
        "tag",
        ["x" * 50, "\u00df" * 50, "\u0130" * 50, "\U0001f600" * 50, "e\u0301" * 50, "\u03b1\u0345\u0301"],
        ids=lambda tag: ascii(tag[:3]),
    )
    def test_a_tag_that_a_task_may_have_can_be_asked_for(self, tag: str) -> None:
        # Given a tag at its limit, whatever it is when case-folded
        content = WholeTask.from_decoded({"title": "a", "tags": [tag]}).content()
        # When one asks for it, then the task is found
        assert parsed(tag=tag).includes(item_of(task(tags=content.tags)))

    @pytest.mark.parametrize("q", ["x" * 200, "\u00df" * 200], ids=lambda q: ascii(q[:1]))
    def test_q_is_measured_as_it_is_written(self, q: str) -> None:
        assert parsed(q=q).includes(item_of(task(title=q)))

    @pytest.mark.parametrize(
        ("values", "name", "code"),
        [
            ({"status": "done"}, "status", "not_allowed"),
            ({"status": ""}, "status", "not_allowed"),
            ({"status": "Open"}, "status", "not_allowed"),
            ({"sort": "title"}, "sort", "not_allowed"),
            ({"order": "up"}, "order", "not_allowed"),
            ({"order": "ASC"}, "order", "not_allowed"),
            ({"limit": "0"}, "limit", "out_of_range"),
            ({"limit": "101"}, "limit", "out_of_range"),
            ({"limit": ""}, "limit", "out_of_range"),
            ({"limit": "-1"}, "limit", "out_of_range"),
            ({"limit": "+1"}, "limit", "out_of_range"),
            ({"limit": "1.0"}, "limit", "out_of_range"),
            ({"limit": "1e1"}, "limit", "out_of_range"),
            ({"limit": " 1"}, "limit", "out_of_range"),
            ({"limit": "050"}, "limit", "out_of_range"),
            ({"limit": "00"}, "limit", "out_of_range"),
            ({"limit": "5 "}, "limit", "out_of_range"),
            ({"limit": "5_0"}, "limit", "out_of_range"),
            ({"limit": "\u0665"}, "limit", "out_of_range"),
            ({"limit": "\u00b2"}, "limit", "out_of_range"),
            ({"limit": "9" * 5_000}, "limit", "out_of_range"),
            ({"priority": "urgent"}, "priority", "not_allowed"),
            ({"tag": ""}, "tag", "out_of_range"),
            ({"tag": " "}, "tag", "out_of_range"),
            ({"tag": "x" * 51}, "tag", "out_of_range"),
            ({"tag": [str(number) for number in range(21)]}, "tag", "out_of_range"),
            ({"q": ""}, "q", "out_of_range"),
            ({"q": "  "}, "q", "out_of_range"),
            ({"q": "x" * 201}, "q", "out_of_range"),
            ({"q": "e" + "\u0301" * 3_000 + "\u0316" * 3_000}, "q", "out_of_range"),
            ({"q": "e" + "\u0316" * 31}, "q", "unacceptable_text"),
            ({"q": "caf\ufffd"}, "q", "unacceptable_text"),
            ({"q": "a\x1c"}, "q", "unacceptable_text"),
            ({"q": "a\rb"}, "q", "unacceptable_text"),
            ({"tag": "caf\ufffd"}, "tag", "unacceptable_text"),
            ({"tag": "e" + "\u0316" * 31}, "tag", "unacceptable_text"),
            ({"tag": "a\nb"}, "tag", "unacceptable_text"),
            ({"tag": "a\u2028"}, "tag", "unacceptable_text"),
            ({"tag": ["\ufffd"] * 21}, "tag", "out_of_range"),
            ({"status": "open", "sort": "due", "due_from": "today"}, "due_from", "invalid_due"),
            # What becomes of an offset's + that was not sent as %2B
            ({"status": "open", "sort": "due", "due_from": "2026-12-01T00:00:00 01:00"}, "due_from", "invalid_due"),
            ({"status": "open", "sort": "due", "due_before": ""}, "due_before", "invalid_due"),
            ({"status": "open", "sort": "due", "due_before": "2026-12-01T24:00:00Z"}, "due_before", "invalid_due"),
            ({"status": "open", "sort": "due", "due_from": "2026-12-01T12:00:60Z"}, "due_from", "invalid_due"),
            ({"status": "open", "due_from": "2026-12-01"}, "due_from", "unsupported_combination"),
            ({"due_before": "2026-12-01"}, "due_before", "unsupported_combination"),
            (
                {"status": "open", "sort": "position", "list": "inbox", "due_before": "2026-12-01"},
                "due_before",
                "unsupported_combination",
            ),
            ({"status": "open", "sort": "position"}, "list", "required"),
            ({"status": "all", "sort": "position"}, "sort", "unsupported_combination"),
            ({"status": "completed", "sort": "position", "list": "inbox"}, "sort", "unsupported_combination"),
            *(
                ({"list": value} | more, "list", "invalid_list_id")
                for more in ({}, {"status": "open", "sort": "position"})
                for value in (
                    "",
                    "Inbox",
                    "null",
                    " inbox",
                    "01939f6e-8c1b-4a30-9c9e-2f6f1f0a7b10",
                    "inbox#",
                    "x" * 5_000,
                    "01939f6e8c1b7a309c9e2f6f1f0a7b10",
                    "{01939f6e-8c1b-7a30-9c9e-2f6f1f0a7b10}",
                )
            ),
        ],
    )
    def test_a_wrong_value_is_refused(self, values: dict[str, str | list[str]], name: str, code: str) -> None:
        assert [(at, found) for at, found, _ in violations(parameters(**values))] == [(name, code)]

    @pytest.mark.parametrize("more", [{}, {"status": "open", "sort": "position"}, {"status": "completed"}])
    def test_a_list_is_named_by_its_id_in_either_case_or_as_the_inbox(self, more: dict[str, str]) -> None:
        assert parsed(list=LIST_ID, **more) == parsed(list=LIST_ID.upper(), **more)
        assert parsed(list=LIST_ID, **more).within == f"{LIST_ID}#"
        assert parsed(list="inbox", **more).within == "inbox#"

    def test_twenty_tags_can_be_asked_for(self) -> None:
        names = tuple(f"tag{number}" for number in range(20))
        assert parsed(tag=names).tags == names
        assert violations(parameters(tag=[*names, "tag0"])) == [
            ("tag", "out_of_range", "Must be 1 to 50 characters long, at most 20 times.")
        ]

    @pytest.mark.parametrize(
        ("values", "expected"),
        [
            ({"status": "done"}, ("status", "not_allowed", "Must be one of all, open, completed, trashed.")),
            (
                {"sort": "title"},
                (
                    "sort",
                    "not_allowed",
                    "Must be one of created_at, updated_at, due, position, completed_at, trashed_at.",
                ),
            ),
            ({"order": "up"}, ("order", "not_allowed", "Must be one of asc, desc.")),
            ({"priority": "urgent"}, ("priority", "not_allowed", "Must be one of none, low, medium, high.")),
            ({"limit": "101"}, ("limit", "out_of_range", "Must be a whole number from 1 to 100.")),
            ({"limit": ["1", "2"]}, ("limit", "repeated", "This parameter can be given once.")),
            ({"q": ""}, ("q", "out_of_range", "Must be 1 to 200 characters long.")),
            ({"tag": ""}, ("tag", "out_of_range", "Must be 1 to 50 characters long, at most 20 times.")),
            ({"tag": "a\nb"}, ("tag", "unacceptable_text", "Must be one line, without tabs.")),
            (
                {"q": "\ufffd"},
                (
                    "q",
                    "unacceptable_text",
                    "Must not contain control characters, lone surrogates, noncharacters or U+FFFD.",
                ),
            ),
            (
                {"status": "open", "sort": "updated_at"},
                ("sort", "unsupported_combination", "status=open is served with sort=created_at, due, position."),
            ),
            (
                {"due_from": "2026-12-01"},
                ("due_from", "unsupported_combination", "Served with status=open and sort=due only."),
            ),
            (
                {"status": "open", "sort": "due", "due_before": "today"},
                (
                    "due_before",
                    "invalid_due",
                    (
                        "Must be a date such as 2026-12-01, or an instant such as 2026-12-01T00:00:00+01:00 "
                        "(+ sent as %2B)."
                    ),
                ),
            ),
            (
                {"status": "open", "sort": "position"},
                ("list", "required", "sort=position is served with list=inbox or a list's id."),
            ),
            (
                {"list": "x"},
                ("list", "invalid_list_id", "Must be inbox, or a UUID of version 7 (RFC 9562)."),
            ),
            (
                {"status": "open", "sort": "due", "due_from": "2026-12-02", "due_before": "2026-12-01"},
                ("due_before", "empty_range", "Must not be before due_from."),
            ),
        ],
    )
    def test_what_a_refusal_says(self, values: dict[str, str], expected: tuple[str, str, str]) -> None:
        assert violations(parameters(**values)) == [expected]

    @pytest.mark.parametrize("name", sorted(PARAMETERS - {"tag"}))
    def test_only_tag_can_be_repeated(self, name: str) -> None:
        good = {"status": "open", "sort": "due"} if name.startswith("due_") else {}
        value = {
            "status": "all",
            "sort": "created_at",
            "order": "asc",
            "limit": "1",
            "list": "inbox",
            "priority": "low",
            "due_from": "2026-12-01",
            "due_before": "2026-12-01",
        }.get(name, "x")
        found = violations(parameters(**good, **{name: [value, value]}))
        assert [(at, code) for at, code, _ in found] == [(name, "repeated")]

    def test_everything_wrong_is_said_at_once(self) -> None:
        found = violations(parameters(status="x", order="x", limit="x", priority="x", q=""))
        assert {at for at, _, _ in found} == {"status", "order", "limit", "priority", "q"}

    def test_a_cursor_is_taken_as_it_comes(self) -> None:
        assert parsed(cursor="anything").cursor == "anything"

    @given(st.dictionaries(st.sampled_from(sorted(PARAMETERS)), st.lists(st.text(max_size=30), max_size=2), max_size=4))
    def test_junk_raises_nothing_but_validation_failed(self, values: dict[str, list[str]]) -> None:
        with contextlib.suppress(ValidationFailed):
            ListQuery.from_parameters(values)


class TestFilters:
    """Priority, tags and words."""

    @pytest.mark.parametrize(
        ("values", "members", "expected"),
        [
            ({}, {}, True),
            ({"priority": "high"}, {"priority": "high"}, True),
            ({"priority": "high"}, {"priority": "low"}, False),
            ({"priority": "none"}, {}, True),
            ({"tag": "HOME"}, {"tags": ("Home", "x")}, True),
            ({"tag": "hom"}, {"tags": ("home",)}, False),
            ({"tag": ["a", "b"]}, {"tags": ("B", "c", "A")}, True),
            ({"tag": ["a", "b"]}, {"tags": ("a",)}, False),
            ({"tag": "a"}, {}, False),
            ({"q": "RENT"}, {"title": "Pay rent"}, True),
            ({"q": "pay rent"}, {"title": "Pay rent"}, True),
            ({"q": "rent"}, {"title": "x", "description": "the Rent"}, True),
            ({"q": "rent"}, {"title": "x", "tags": ("Rental",)}, True),
            ({"q": "rent"}, {"title": "x", "checklist": (ChecklistEntry("1", "x"), ChecklistEntry("2", "RENT"))}, True),
            ({"q": "rent"}, {"title": "x", "checklist": (ChecklistEntry("rent", "x"),)}, False),
            ({"q": "rent"}, {"title": "x"}, False),
            ({"list": "inbox"}, {}, True),
            ({"list": "inbox"}, {"list_id": LIST_ID}, False),
            ({"list": LIST_ID}, {"list_id": LIST_ID}, True),
            ({"list": LIST_ID}, {}, False),
            ({"list": LIST_ID, "status": "completed"}, {"list_id": LIST_ID, "completed": True}, True),
            ({"list": LIST_ID, "priority": "high"}, {"list_id": LIST_ID}, False),
            # Line ends as in a description, whatever the client's are
            ({"q": "one\r\ntwo"}, {"title": "x", "description": "One\nTwo"}, True),
            ({"q": "one\u2028two"}, {"title": "x", "description": "One\u2028Two"}, True),
            ({"q": "strasse"}, {"title": "Hauptstra\u00dfe"}, True),
            ({"q": "cafe\u0301"}, {"title": "CAF\u00c9"}, True),
            # Members are searched one by one, never across
            ({"q": "ab"}, {"title": "a", "description": "b"}, False),
            ({"q": ".*"}, {"title": "anything"}, False),
            ({"q": "rent", "priority": "high"}, {"title": "rent"}, False),
            (
                {"q": "rent", "tag": "a", "priority": "high"},
                {"title": "rent", "tags": ("a",), "priority": "high"},
                True,
            ),
        ],
    )
    def test_which_tasks_they_let_through(
        self, values: dict[str, str], members: dict[str, object], expected: bool
    ) -> None:
        assert parsed(**values).includes(item_of(task(**members))) is expected

    @pytest.mark.parametrize(
        ("values", "filters"),
        [
            ({}, False),
            ({"status": "open", "sort": "due", "due_from": "2026-12-01"}, False),
            ({"priority": "none"}, True),
            ({"tag": "a"}, True),
            ({"q": "a"}, True),
        ],
    )
    def test_whether_a_list_is_filtered_beyond_its_index(self, values: dict[str, str], filters: bool) -> None:
        assert parsed(**values).filters is filters

    @given(
        st.lists(st.text(st.characters(exclude_categories=["C", "Z"]), min_size=1, max_size=20), min_size=1, max_size=5)
    )
    def test_a_task_is_found_by_all_of_its_tags_in_any_case(self, tags: list[str]) -> None:
        stored = [text.one_line(tag, 50) for tag in tags]
        assume(len({text.fold(tag) for tag in stored}) == len(stored))
        query = parsed(tag=[tag.swapcase() for tag in stored if text.fold(tag.swapcase()) == text.fold(tag)] or stored)
        assert query.includes(item_of(task(tags=tuple(stored))))


class TestDueBounds:
    """Dates are whole days in the bound's own offset; instants are instants."""

    @pytest.mark.parametrize(
        ("bound", "stored", "is_before"),
        [
            # A date as bound: everything of the days before it
            ("2026-12-01", "2026-11-30", True),
            ("2026-12-01", "2026-12-01", False),
            ("2026-12-01", "2026-11-30T23:59:59.999Z", True),
            ("2026-12-01", "2026-12-01T00:00:00.000Z", False),
            # Midnight in Berlin, which is 23:00 UTC the day before: the date of the task is compared with Berlin's day
            ("2026-12-01T00:00:00+01:00", "2026-11-30", True),
            ("2026-12-01T00:00:00+01:00", "2026-12-01", False),
            ("2026-12-01T00:00:00+01:00", "2026-11-30T22:59:59.999Z", True),
            ("2026-12-01T00:00:00+01:00", "2026-11-30T23:00:00.000Z", False),
            # Midnight in Los Angeles, 08:00 UTC the same day
            ("2026-12-01T00:00:00-08:00", "2026-11-30", True),
            ("2026-12-01T00:00:00-08:00", "2026-12-01", False),
            ("2026-12-01T00:00:00-08:00", "2026-12-01T07:59:59.999Z", True),
            ("2026-12-01T00:00:00-08:00", "2026-12-01T08:00:00.000Z", False),
            # Noon: the day itself has begun and is not over
            ("2026-12-01T12:00:00+01:00", "2026-12-01", False),
            ("2026-12-01T12:00:00+01:00", "2026-12-01T10:59:59.999Z", True),
            ("2026-12-01T12:00:00+01:00", "2026-12-01T11:00:00.000Z", False),
            # Kiribati and Baker Island: the bound's day lies one before or after the one in UTC
            ("2026-12-02T00:00:00+14:00", "2026-12-01", True),
            ("2026-12-02T00:00:00+14:00", "2026-12-01T10:00:00.000Z", False),
            ("2026-11-30T23:00:00-12:00", "2026-11-30", False),
            ("2026-11-30T23:00:00-12:00", "2026-11-29", True),
            ("2026-11-30T23:00:00-12:00", "2026-12-01T10:59:59.999Z", True),
            # The two midnights around Berlin's change to winter time: the day has 25 hours
            ("2026-10-25T00:00:00+02:00", "2026-10-24T21:59:59.999Z", True),
            ("2026-10-26T00:00:00+01:00", "2026-10-25T22:59:59.999Z", True),
            ("2026-10-26T00:00:00+01:00", "2026-10-25", True),
            # The same instant in other words is the same for instants, though it may name another day
            ("2026-12-01T00:00:00z", "2026-11-30T23:59:59.999Z", True),
            ("2026-11-30T19:00:00-05:00", "2026-11-30", False),
            ("2026-12-01T00:00:00.0001Z", "2026-12-01T00:00:00.000Z", False),
        ],
    )
    def test_what_lies_before_a_bound(self, bound: str, stored: str, is_before: bool) -> None:
        assert DueBound.parse(bound).is_after(stored) is is_before
        # due_before lets through exactly what due_from of the same bound does not
        tasks = task(due=stored)
        assert parsed(status="open", sort="due", due_before=bound).includes(item_of(tasks)) is is_before
        assert parsed(status="open", sort="due", due_from=bound).includes(item_of(tasks)) is not is_before

    @pytest.mark.parametrize(
        ("bound", "expected"),
        [
            ("2026-12-01", DueBound("2026-12-01", "2026-12-01")),
            ("2026-12-01T00:30:00+01:00", DueBound("2026-11-30T23:30:00.000Z", "2026-12-01")),
            ("2026-12-01t00:30:00.1234567890z", DueBound("2026-12-01T00:30:00.123Z", "2026-12-01")),
            ("2026-12-31T18:59:60-05:00", DueBound("2026-12-31T23:59:59.999Z", "2026-12-31")),
            ("2027-01-01T05:29:60+05:30", DueBound("2026-12-31T23:59:59.999Z", "2027-01-01")),
            ("0001-01-01T00:00:00-01:00", DueBound("0001-01-01T01:00:00.000Z", "0001-01-01")),
            ("9999-12-31T23:59:59+01:00", DueBound("9999-12-31T22:59:59.000Z", "9999-12-31")),
        ],
    )
    def test_a_bound_has_an_instant_and_a_day(self, bound: str, expected: DueBound) -> None:
        assert DueBound.parse(bound) == expected

    def test_an_undated_task_is_in_no_due_range(self) -> None:
        assert not parsed(status="open", sort="due", due_from="2026-12-01").includes(item_of(task(due=None)))
        assert not parsed(status="open", sort="due", due_before="2026-12-01").includes(item_of(task(due=None)))
        assert parsed(status="open", sort="due").includes(item_of(task(due=None)))

    def test_no_bounds_no_range(self) -> None:
        assert parsed(status="open", sort="due").key_range is None

    @pytest.mark.parametrize("name", ["due_from", "due_before"])
    @pytest.mark.parametrize("bound", ["0001-01-01", "2026-12-01", "9999-12-31", "2026-12-01T00:00:00Z", "2026-10-10"])
    def test_a_range_holds_no_undated_tasks(self, name: str, bound: str) -> None:
        query = parsed(status="open", sort="due", **{name: bound})
        assert query.key_range is not None
        assert "~" not in query.key_range

    @given(st.none() | DUES, st.none() | DUES, DUES)
    def test_the_range_read_holds_everything_that_is_let_through(
        self, start: str | None, end: str | None, due_date: str
    ) -> None:
        # Given any bounds that are served, and any task
        query = between(start, end)
        stored = due.parse(due_date)
        # When it is let through, then it is in the range that is read
        if query is not None and query.key_range is not None and query.includes(item_of(task(due=stored))):
            assert stored in query.key_range

    @given(st.none() | DUES, st.none() | DUES, DUES)
    def test_the_range_read_holds_at_most_a_day_more(self, start: str | None, end: str | None, due_date: str) -> None:
        query = between(start, end)
        stored = due.parse(due_date)
        if query is None or query.key_range is None or query.includes(item_of(task(due=stored))):
            return
        if stored in query.key_range:
            bounds = [DueBound.parse(bound) for bound in (start, end) if bound]
            days = [datetime.fromisoformat(day[:10]) for bound in bounds for day in (bound.instant, bound.day)]
            assert min(abs(datetime.fromisoformat(stored[:10]) - day) for day in days) <= timedelta(days=1)

    @given(DUES, DUES)
    def test_dynamodb_takes_every_range_that_is_served(self, start: str, end: str) -> None:
        # BETWEEN refuses an upper end below the lower one with a ValidationException, which would be a 500
        query = between(start, end)
        if query is not None:
            assert query.key_range is not None
            assert query.key_range.low <= query.key_range.high

    @given(DUES, DUES, DUES)
    def test_a_range_that_is_refused_could_not_hold_anything(self, start: str, end: str, due_date: str) -> None:
        if between(start, end) is None:
            query = ListQuery(status="open", sort="due", due_from=DueBound.parse(start), due_before=DueBound.parse(end))
            assert not query.includes(item_of(task(due=due.parse(due_date))))

    @pytest.mark.parametrize(
        ("start", "end"), [("2026-12-02", "2026-12-01"), ("2026-12-02T00:00:00Z", "2026-12-01T00:00:00Z")]
    )
    def test_a_range_that_ends_before_it_begins_is_refused(self, start: str, end: str) -> None:
        found = violations(parameters(status="open", sort="due", due_from=start, due_before=end))
        assert [(name, code) for name, code, _ in found] == [("due_before", "empty_range")]

    def test_one_that_ends_as_it_begins_is_empty(self) -> None:
        query = between("2026-12-01", "2026-12-01")
        assert query is not None
        assert not query.includes(item_of(task(due="2026-12-01")))

    @given(DUES, DUES)
    def test_no_due_date_stands_on_an_end_of_the_range(self, start: str, end: str) -> None:
        # DynamoDB refuses a start key that equals an end of BETWEEN in one of the directions
        query = between(start, end)
        if query is not None:
            assert query.key_range is not None
            for value in (query.key_range.low, query.key_range.high):
                with pytest.raises(ValueError):  # noqa: PT011
                    due.parse(value)


class TestFingerprint:
    """What a cursor is bound to."""

    VARIANTS: tuple[dict[str, str | list[str]], ...] = (
        {},
        {"order": "asc"},
        {"sort": "updated_at"},
        {"status": "open"},
        {"status": "open", "sort": "due"},
        {"status": "open", "sort": "due", "order": "desc"},
        {"status": "completed"},
        {"status": "open", "sort": "due", "due_from": "2026-12-01"},
        {"status": "open", "sort": "due", "due_before": "2026-12-01"},
        {"status": "open", "sort": "due", "due_from": "2026-12-01T00:00:00Z"},
        {"status": "open", "sort": "due", "due_from": "2026-12-01T01:00:00+01:00"},
        {"status": "open", "sort": "due", "due_from": "2026-11-30T23:00:00-01:00"},
        {"priority": "none"},
        {"priority": "high"},
        {"tag": "a"},
        {"tag": ["a", "b"]},
        {"q": "a"},
        {"q": "b"},
        {"list": "inbox"},
        {"list": LIST_ID},
        {"status": "open", "list": "inbox"},
        {"status": "open", "sort": "position", "list": "inbox"},
        {"status": "open", "sort": "position", "list": "inbox", "order": "desc"},
        {"status": "open", "sort": "position", "list": LIST_ID},
    )

    def test_queries_that_order_or_choose_otherwise_differ(self) -> None:
        by_print: dict[str, list[object]] = {}
        for values in self.VARIANTS:
            by_print.setdefault(parsed(**values).fingerprint(), []).append(values)
        # The one pair that means the same: midnight UTC, spelt in two offsets that agree on the day
        assert [same for same in by_print.values() if len(same) > 1] == [[self.VARIANTS[9], self.VARIANTS[10]]]

    @pytest.mark.parametrize(
        ("one", "other"),
        [
            ({"limit": "1"}, {"limit": "100"}),
            ({"cursor": "a"}, {}),
            ({"status": "all", "sort": "created_at", "order": "desc"}, {}),
            ({"tag": ["a", "b"]}, {"tag": ["B", "A"]}),
            ({"q": "Rent"}, {"q": "rENT"}),
        ],
    )
    def test_the_same_list_in_other_words_has_the_same(self, one: dict[str, str], other: dict[str, str]) -> None:
        assert parsed(**one).fingerprint() == parsed(**other).fingerprint()
