"""The request bodies of lists."""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import AfterValidator

from taskapi import text
from taskapi.http.body import VISIBLE, Body, Patch, Position, cleaned, refused
from taskapi.lists.list import LONGEST_TITLE, List, ListContent

_COLOR = re.compile(r"#[0-9A-Fa-f]{6}")


def _color(value: str) -> str:
    if not _COLOR.fullmatch(value):
        raise refused("invalid_color", "Must be # and six hexadecimal digits, such as #2f6fed.")
    return value.lower()


Title = Annotated[str, cleaned(text.one_line, LONGEST_TITLE), VISIBLE]
Color = Annotated[str, AfterValidator(_color)]

_READ_ONLY = frozenset(List._fields) - frozenset(ListContent._fields)


class WholeList(Body):
    """Body of ``POST …/lists`` and ``PUT …/lists/{list_id}``; a member left out takes its default."""

    READ_ONLY = _READ_ONLY

    title: Title
    color: Color | None = None
    position: Position | None = None

    def content(self) -> ListContent:
        """The list that the body describes."""
        return ListContent(**dict(self))


class ListPatch(Patch):
    """Body of ``PATCH …/lists/{list_id}``. ``title`` can't be cleared; clearing another gives its default."""

    READ_ONLY = _READ_ONLY

    title: Title = ""
    color: Color | None = None
    position: Position | None = None
