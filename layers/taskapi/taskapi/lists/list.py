"""What a list is, as the contract shows it and as its owner writes it; without pydantic, which only bodies need."""

from __future__ import annotations

import json
from json.encoder import encode_basestring as _text
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from taskapi import positions
from taskapi.dynamo.entity import Entity, id_of
from taskapi.dynamo.stamp import ETAG
from taskapi.errors import ListNotFound

if TYPE_CHECKING:
    from taskapi.dynamo.attributes import Item

LONGEST_TITLE: Final = 200
"""Characters, after trimming and normalising."""
MOST_LISTS: Final = 500
"""Of one user, who gets them all in one answer."""

GROUP: Final = "lists"
"""What every list's ``place`` begins with. Places of tasks begin with a list's id or ``inbox``."""


class ListContent(NamedTuple):
    """The members of a list that its owner writes, validated and normalised.

    Attributes:
        title: 1 to 200 characters.
        color: ``#rrggbb`` in lower case, or None.
        position: A key of taskapi.positions; None is the place at the end that the list's id gives.
    """

    title: str
    color: str | None = None
    position: str | None = None


class List(NamedTuple):
    """The resource, member by member (``TaskList`` in docs/openapi.yaml). Timestamps are RFC 3339, UTC."""

    id: str
    user_id: str
    title: str
    color: str | None
    position: str
    created_at: str
    updated_at: str
    version: int
    etag: str

    @classmethod
    def from_item(cls, item: Item, owner: str) -> List:
        """The list in a live item of ``owner``'s partition."""
        return cls(**json.loads(_json(item, owner)))

    def as_json(self) -> dict[str, Any]:
        """As the contract shows it."""
        return self._asdict()


def place(position: str | None, list_id: str) -> str:
    """Where a list stands among its user's lists."""
    return positions.place(GROUP, position, list_id)


def _json(item: Item, owner: str) -> str:
    _, position, _ = item["place"]["S"].split("#")
    return (
        f'{{"id":{_text(id_of(item))},"user_id":{_text(owner)},"title":{_text(item["title"]["S"])}'
        f',"color":{_text(item["color"]["S"]) if "color" in item else "null"},"position":"{position}"'
        f',"created_at":{_text(item["created_at"]["S"])},"updated_at":{_text(item["updated_at"]["S"])}'
        f',"version":{item["version"]["N"]},"etag":{_text(item[ETAG]["S"])}}}'
    )


LIST: Final = Entity(
    noun="list",
    prefix="LIST#",
    parameter="list_id",
    bad_id="invalid_list_id",
    id_ahead="list_id_ahead",
    not_found=ListNotFound,
    content=("title", "color", "place"),
    json=_json,
    shown=("title", "color", "place", "created_at", "updated_at", "version", ETAG),
)
