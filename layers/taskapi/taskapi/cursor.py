"""Page cursors: where a list goes on, as an opaque string.

A cursor is base64url of ``[query fingerprint, task id, index sort-key value?]``. It holds no secret and grants nothing:
the partition key is rebuilt from the caller's token for every page, so another user's cursor reads one's own tasks.
"""

from __future__ import annotations

import base64
import json
import re
from typing import NamedTuple

from taskapi import uuid7
from taskapi.errors import InvalidCursor
from taskapi.query import ListQuery
from taskapi.task import UNDATED

# Every index sorts by a timestamp or a due date (`open_due`), in the forms that this API writes.
_SORT_VALUE = re.compile(rf"\d{{4}}-\d\d-\d\d(T\d\d:\d\d:\d\d\.\d{{3}}Z)?|{re.escape(UNDATED)}", re.ASCII)


class Position(NamedTuple):
    """A place in a list: just after this task.

    Attributes:
        task_id: The task's id.
        sort_value: Its value of the index's sort key; None where the list is the table itself.
    """

    task_id: str
    sort_value: str | None


def encode(position: Position, query: ListQuery) -> str:
    """The cursor for the page of ``query`` that follows ``position``: at most 200 characters of base64url."""
    parts = [query.fingerprint(), position.task_id]
    if position.sort_value is not None:
        parts.append(position.sort_value)
    return base64.urlsafe_b64encode(json.dumps(parts, separators=(",", ":")).encode()).rstrip(b"=").decode()


def decode(text: str, query: ListQuery) -> Position:
    """The position in a cursor.

    Everything is checked that DynamoDB would check of a start key, so that a forged cursor is the client's error.

    Raises:
        InvalidCursor: not a cursor of ours, or of another query.
    """
    try:
        parts = json.loads(base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True))
    except (ValueError, RecursionError):  # of base64, UTF-8 and JSON
        raise InvalidCursor from None
    expected = 2 if query.access_path.index is None else 3
    if not isinstance(parts, list) or len(parts) != expected or not all(isinstance(part, str) for part in parts):
        raise InvalidCursor
    fingerprint, task_id, *rest = parts
    position = Position(task_id, rest[0] if rest else None)
    valid = (
        fingerprint == query.fingerprint()
        and uuid7.parse(task_id) == task_id
        and (position.sort_value is None or _is_in_range(position.sort_value, query))
        and encode(position, query) == text  # one position has one cursor
    )
    if not valid:
        raise InvalidCursor
    return position


def _is_in_range(value: str, query: ListQuery) -> bool:
    due_range = query.due_range
    return bool(_SORT_VALUE.fullmatch(value)) and (due_range is None or value in due_range)
