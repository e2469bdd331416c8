"""Page cursors: where a list goes on, as an opaque string.

A cursor is base64url of ``[query fingerprint, id, index sort-key value?]``. It holds no secret and grants nothing:
the partition key is rebuilt from the caller's token for every page, so another user's cursor reads one's own items.
"""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING, NamedTuple

from taskapi import uuid7
from taskapi.errors import InvalidCursor

if TYPE_CHECKING:
    from taskapi.dynamo.paging import Query


class Position(NamedTuple):
    """A place in a list, just after an item; ``sort_value`` is None where the list is the table itself."""

    id: str
    sort_value: str | None


def encode(position: Position, query: Query) -> str:
    """The cursor for the page of ``query`` that follows ``position``: at most 800 characters of base64url."""
    parts = [query.fingerprint(), position.id]
    if position.sort_value is not None:
        parts.append(position.sort_value)
    return base64.urlsafe_b64encode(json.dumps(parts, separators=(",", ":")).encode()).rstrip(b"=").decode()


def decode(text: str, query: Query) -> Position:
    """The position in a cursor; raises InvalidCursor for whatever DynamoDB would refuse as a start key."""
    try:
        parts = json.loads(base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True))
    except (ValueError, RecursionError):  # of base64, UTF-8 and JSON
        raise InvalidCursor from None
    expected = 2 if query.access_path.index is None else 3
    if not isinstance(parts, list) or len(parts) != expected or not all(isinstance(part, str) for part in parts):
        raise InvalidCursor
    fingerprint, uuid, *rest = parts
    position = Position(uuid, rest[0] if rest else None)
    valid = (
        fingerprint == query.fingerprint()
        and uuid7.parse(uuid) == uuid
        and (position.sort_value is None or query.can_continue_at(position.sort_value, uuid))
        and encode(position, query) == text  # one position has one cursor
    )
    if not valid:
        raise InvalidCursor
    return position
