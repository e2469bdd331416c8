"""Conditional requests (RFC 9110 section 13) as values that the store can turn into a DynamoDB condition."""

from __future__ import annotations

import re
from typing import Final, NamedTuple

from taskapi.errors import ValidationFailed, Violation

# Our entity tags are versions; one of another form is legal and simply never matches.
_ENTITY_TAG = re.compile(r'(?P<weak>W/)?"(?P<opaque>[\x21\x23-\x7e\x80-\xff]*)"')
# A list may have empty members, which are ignored (RFC 9110 section 5.6.1.2).
_SEPARATOR = re.compile(r"[ \t]*,[ \t,]*")
_VERSION = re.compile(r"[1-9][0-9]{0,15}")
NO_VERSION: Final = -1
"""Stands for an entity tag that is none of ours: it matches nothing, yet keeps the list from being empty."""
MOST_TAGS: Final = 50
"""Entity tags that one header may list. DynamoDB's IN takes 100 operands; nobody holds that many versions."""


class EntityTags(NamedTuple):
    """A parsed ``If-Match`` or ``If-None-Match``: ``*``, or the versions that its entity tags name."""

    any: bool = False
    versions: tuple[int, ...] = ()

    def name(self, version: int) -> bool:
        """Whether an existing task of this version is among those named."""
        return self.any or version in self.versions


class Precondition(NamedTuple):
    """What must hold before a write; None where the request does not ask.

    Attributes:
        match: ``If-Match``: the task must exist, at one of these versions.
        none_match: ``If-None-Match``: the task must not exist at any of these versions.
    """

    match: EntityTags | None = None
    none_match: EntityTags | None = None

    def holds_for(self, version: int | None) -> bool:
        """Whether it holds for the task's current version, None when there is no task."""
        if version is None:
            return self.match is None
        return (self.match is None or self.match.name(version)) and (
            self.none_match is None or not self.none_match.name(version)
        )


UNCONDITIONAL: Final = Precondition()


def parse_entity_tags(value: str, header: str, *, weak: bool) -> EntityTags:
    """Parse the value of ``If-Match`` or ``If-None-Match``.

    Args:
        value: The field value; several fields are joined by commas first.
        header: The field's name, for the error.
        weak: Compare weakly (RFC 9110 section 8.8.3.2): ``W/"3"`` counts as ``"3"``. If-None-Match does,
            If-Match must not.

    Raises:
        ValidationFailed: not ``*`` nor a list of entity tags, or more than :data:`MOST_TAGS`.
    """
    value = value.strip(" \t")
    if value == "*":
        return EntityTags(any=True)
    versions: list[int] = []
    position, separated = 0, True
    while position < len(value):
        if found := _SEPARATOR.match(value, position):
            separated = True
        elif (found := _ENTITY_TAG.match(value, position)) and separated and len(versions) < MOST_TAGS:
            separated = False
            matches = _VERSION.fullmatch(found["opaque"]) and (weak or not found["weak"])
            versions.append(int(found["opaque"]) if matches else NO_VERSION)
        else:
            break
        position = found.end()
    if position < len(value) or not versions:
        raise ValidationFailed([Violation("invalid_entity_tag", _DETAIL, header, "header")])
    return EntityTags(versions=tuple(versions))


_DETAIL = f'Must be * or up to {MOST_TAGS} comma-separated entity tags, each in double quotes, such as "3".'
