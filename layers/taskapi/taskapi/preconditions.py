"""Conditional requests (RFC 9110 section 13) as values."""

from __future__ import annotations

import re
from typing import Final, NamedTuple

from taskapi.errors import ValidationFailed, Violation

_ENTITY_TAG = re.compile(r'(?P<weak>W/)?"(?P<opaque>[\x21\x23-\x7e\x80-\xff]*)"')
# A list may have empty members, which are ignored (RFC 9110 section 5.6.1.2).
_SEPARATOR = re.compile(r"[ \t]*,[ \t,]*")
NEVER_MATCHES: Final = "-"
"""In place of an entity tag that can't match, so that the list is not empty."""
MOST_ENTITY_TAGS: Final = 50
"""Of one header; DynamoDB's IN takes 100 operands."""


class EntityTags(NamedTuple):
    """A parsed ``If-Match`` or ``If-None-Match``: ``*``, or the entity tags in it, without their quotes."""

    any: bool = False
    etags: tuple[str, ...] = ()

    def includes(self, etag: str) -> bool:
        """Whether something that exists under this ``etag`` is among those named."""
        return self.any or etag in self.etags


class Precondition(NamedTuple):
    """What must hold before a write: ``If-Match`` and ``If-None-Match``, None where the request does not ask."""

    match: EntityTags | None = None
    none_match: EntityTags | None = None

    def holds_for(self, etag: str | None) -> bool:
        """Whether it holds for a resource with this ``etag``, None when there is none."""
        if etag is None:
            return self.match is None
        return (self.match is None or self.match.includes(etag)) and (
            self.none_match is None or not self.none_match.includes(etag)
        )


UNCONDITIONAL: Final = Precondition()


def parse_entity_tags(value: str, header: str, *, weak: bool) -> EntityTags:
    """Parse ``If-Match`` or ``If-None-Match``.

    Args:
        value: The field value; several fields are joined by commas first.
        header: The field's name, for the error.
        weak: Whether ``W/"a"`` counts as ``"a"`` (RFC 9110 section 8.8.3.2): for If-None-Match alone.

    Raises:
        ValidationFailed: not ``*`` nor a list of entity tags, or more than :data:`MOST_ENTITY_TAGS`.
    """
    value = value.strip(" \t")
    if value == "*":
        return EntityTags(any=True)
    etags: list[str] = []
    position, separated = 0, True
    while position < len(value):
        if found := _SEPARATOR.match(value, position):
            separated = True
        elif (found := _ENTITY_TAG.match(value, position)) and separated and len(etags) < MOST_ENTITY_TAGS:
            separated = False
            opaque = found["opaque"] if weak or not found["weak"] else ""
            etags.append(opaque or NEVER_MATCHES)
        else:
            break
        position = found.end()
    if position < len(value) or not etags:
        raise ValidationFailed([Violation("invalid_entity_tag", _DETAIL, header, "header")])
    return EntityTags(etags=tuple(etags))


_DETAIL = f"Must be * or up to {MOST_ENTITY_TAGS} comma-separated entity tags, each in double quotes."
