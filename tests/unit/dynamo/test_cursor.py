"""Cursors: opaque, bound to their query, and never able to raise anything but InvalidCursor."""

from __future__ import annotations

import base64
import json
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from taskapi import clock, positions, uuid7
from taskapi.dynamo import cursor
from taskapi.dynamo.cursor import Position
from taskapi.errors import InvalidCursor
from taskapi.tasks.query import ListQuery

TASK_ID = "019a9f6e-8c1b-7a30-9c9e-2f6f1f0a7b11"
LIST_ID = "01939f6e-8c1b-7a30-9c9e-2f6f1f0a7b10"
BASE64URL = string.ascii_letters + string.digits + "-_"

QUERIES = [
    ListQuery.from_parameters({name: [value] for name, value in values.items()})
    for values in (
        {},
        {"order": "asc"},
        {"sort": "updated_at"},
        {"status": "open"},
        {"status": "open", "sort": "due"},
        {"status": "open", "sort": "due", "order": "desc"},
        {"status": "open", "sort": "due", "due_from": "1970-01-01", "due_before": "9999-12-31"},
        {"status": "completed"},
        {"status": "completed", "q": "rent"},
        {"status": "open", "sort": "position", "list": "inbox"},
        {"status": "open", "sort": "position", "list": LIST_ID, "order": "desc"},
        {"status": "completed", "list": LIST_ID},
    )
]

TIMESTAMPS = st.integers(min_value=0, max_value=clock.LATEST_MS - 86_400_000).map(clock.timestamp)
POSITIONS = st.sampled_from(["Zz", "a0", "a0V", "h0V33llDX", "a0" + "V" * (positions.LONGEST - 2)])
TASK_IDS = st.integers(min_value=0, max_value=clock.LATEST_MS).map(uuid7.mint)


@st.composite
def places(draw: st.DrawFn) -> tuple[ListQuery, Position]:
    """A query, and a position in the order of its index."""
    query = draw(st.sampled_from(QUERIES))
    if query.access_path.index is None:
        return query, Position(draw(TASK_IDS), None)
    if query.sort == "position":
        task_id = draw(TASK_IDS)
        return query, Position(task_id, f"{query.within}{draw(POSITIONS)}#{task_id}")
    values = TIMESTAMPS
    if query.sort == "due":
        values |= TIMESTAMPS.map(lambda instant: instant[:10])
        if query.key_range is None:
            values |= st.just("~")
    return query, Position(draw(TASK_IDS), draw(values))


def as_text(*parts: object) -> str:
    """A cursor of any parts."""
    return base64.urlsafe_b64encode(json.dumps(parts, separators=(",", ":")).encode()).rstrip(b"=").decode()


@given(places())
def test_a_cursor_leads_back_to_its_place(place: tuple[ListQuery, Position]) -> None:
    # Given a place in a list, when it is made a cursor
    query, position = place
    text = cursor.encode(position, query)
    # Then it is safe in a URL, of bounded length, and is read back as the same place
    assert set(text) <= set(BASE64URL)
    assert len(text) <= 800
    assert cursor.decode(text, query) == position


@given(places(), st.sampled_from(QUERIES))
def test_another_querys_cursor_is_refused(place: tuple[ListQuery, Position], other: ListQuery) -> None:
    query, position = place
    if other is not query:
        with pytest.raises(InvalidCursor):
            cursor.decode(cursor.encode(position, query), other)


@given(places(), st.data())
def test_a_changed_cursor_is_refused_or_is_that_of_another_place(
    place: tuple[ListQuery, Position], data: st.DataObject
) -> None:
    # Given a good cursor in which something was changed, dropped or added
    query, position = place
    text = cursor.encode(position, query)
    at = data.draw(st.integers(min_value=0, max_value=len(text)))
    dropped = data.draw(st.integers(min_value=0, max_value=3))
    added = data.draw(st.text(st.sampled_from(BASE64URL + "=+/ \n\u00e9"), max_size=3))
    changed = text[:at] + added + text[at + dropped :]
    try:
        found = cursor.decode(changed, query)
    except InvalidCursor:
        return
    # Then, where it is read at all, it is the cursor of what it is read as
    assert cursor.encode(found, query) == changed


@given(st.sampled_from(QUERIES), st.text(max_size=60) | st.text(st.sampled_from(BASE64URL), max_size=220))
def test_junk_is_an_invalid_cursor_and_nothing_else(query: ListQuery, text: str) -> None:
    with pytest.raises(InvalidCursor):
        cursor.decode(text, query)


@given(st.sampled_from(QUERIES), st.lists(st.none() | st.integers() | st.text(max_size=40), max_size=4))
def test_forged_parts_are_refused(query: ListQuery, parts: list[object]) -> None:
    with pytest.raises(InvalidCursor):
        cursor.decode(as_text(query.fingerprint(), *parts), query)


TABLE, INDEX, DUE, RANGE, INBOX, LIST = (QUERIES[number] for number in (0, 2, 4, 6, 9, 10))
OTHER_ID = TASK_ID[:-1] + "2"


@pytest.mark.parametrize(
    ("query", "parts"),
    [
        pytest.param(TABLE, (TASK_ID, "2026-11-20T09:30:00.123Z"), id="a sort value where there is no index"),
        pytest.param(INDEX, (TASK_ID,), id="no sort value where there is one"),
        pytest.param(INDEX, (TASK_ID, None), id="null as sort value"),
        pytest.param(INDEX, (TASK_ID, ""), id="an empty sort value, which DynamoDB refuses as a key"),
        pytest.param(INDEX, (TASK_ID, "x" * 100), id="a sort value of another form"),
        pytest.param(INDEX, (TASK_ID, "2026-11-20T09:30:00.123Z\n"), id="a newline after it"),
        pytest.param(INDEX, (TASK_ID, "2026-11-20T09:30:00Z"), id="a timestamp that this API does not write"),
        pytest.param(INDEX, (TASK_ID, "\u0662026-11-20"), id="Arabic digits"),
        pytest.param(TABLE, ("",), id="no task id"),
        pytest.param(TABLE, (TASK_ID.upper(),), id="a task id that is not canonical"),
        pytest.param(TABLE, ("019a9f6e-8c1b-4a30-9c9e-2f6f1f0a7b11",), id="a UUID of version 4"),
        pytest.param(TABLE, ("TASK#" + TASK_ID,), id="a key instead of an id"),
        pytest.param(TABLE, (7,), id="a number"),
        pytest.param(TABLE, ([TASK_ID],), id="an array"),
        pytest.param(RANGE, (TASK_ID, "~"), id="undated, in a due range"),
        pytest.param(RANGE, (TASK_ID, "1969-12-31"), id="below the due range"),
        pytest.param(RANGE, (TASK_ID, "9999-12-31"), id="above the due range"),
        pytest.param(DUE, (TASK_ID, "~~"), id="more than undated"),
        pytest.param(INBOX, (TASK_ID,), id="no place"),
        pytest.param(INBOX, (TASK_ID, "2026-11-20T09:30:00.123Z"), id="a timestamp as a place"),
        pytest.param(INBOX, (TASK_ID, f"inbox#a0#{OTHER_ID}"), id="a place of another task"),
        pytest.param(INBOX, (TASK_ID, f"inbox#a0{TASK_ID}"), id="a place without an id of its own"),
        pytest.param(INBOX, (TASK_ID, f"inbox##{TASK_ID}"), id="a place without a position"),
        pytest.param(INBOX, (TASK_ID, f"inbox#a00#{TASK_ID}"), id="a place with a position that is none"),
        pytest.param(INBOX, (TASK_ID, f"inbox#a0#a0#{TASK_ID}"), id="a place of more parts"),
        pytest.param(INBOX, (TASK_ID, f"{LIST_ID}#a0#{TASK_ID}"), id="a place in another list"),
        pytest.param(LIST, (TASK_ID, f"inbox#a0#{TASK_ID}"), id="a place in the inbox"),
        pytest.param(INBOX, (TASK_ID, f"inbox#a0#{TASK_ID}\n"), id="a newline after a place"),
        pytest.param(INBOX, (TASK_ID, f"inbox$#{TASK_ID}"), id="the end of the range, and an id"),
        pytest.param(
            INBOX, (TASK_ID, f"inbox#a{'x' * 1_024}#{TASK_ID}"), id="a place that is longer than a key of DynamoDB"
        ),
    ],
)
def test_what_dynamodb_would_refuse_of_a_start_key_is_refused_first(
    query: ListQuery, parts: tuple[object, ...]
) -> None:
    with pytest.raises(InvalidCursor):
        cursor.decode(as_text(query.fingerprint(), *parts), query)


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"{}",
        b"null",
        b'"x"',
        b"[NaN]",
        b"[" * 100_000,
        b"\xff\xfe",
        b"9" * 5_000,
        b"\xef\xbb\xbf[]",
        '["x"]'.encode("utf-16"),
    ],
)
def test_other_json_is_refused(raw: bytes) -> None:
    with pytest.raises(InvalidCursor):
        cursor.decode(base64.urlsafe_b64encode(raw).rstrip(b"=").decode(), TABLE)


def test_a_position_has_one_cursor() -> None:
    # Given a good cursor, when it is spelt otherwise, with padding, white space, the other alphabet or trailing bits
    text = cursor.encode(Position(TASK_ID, None), TABLE)
    raw = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    spaced = base64.urlsafe_b64encode(json.dumps(json.loads(raw)).encode()).decode().rstrip("=")
    utf16 = base64.urlsafe_b64encode(raw.decode().encode("utf-16"))[:200].decode().rstrip("=")
    for other in (text + "=", text + "\n", " " + text, spaced, utf16, text.replace("-", "+") + "AA"):
        # Then it is refused
        with pytest.raises(InvalidCursor):
            cursor.decode(other, TABLE)


def test_a_cursor_holds_neither_user_nor_text() -> None:
    query = ListQuery.from_parameters({"q": ["secret"], "tag": ["private"]})
    raw = base64.urlsafe_b64decode(cursor.encode(Position(TASK_ID, None), query) + "==")
    assert json.loads(raw) == [query.fingerprint(), TASK_ID]
