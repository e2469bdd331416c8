"""Conditional requests (RFC 9110 section 13) as values that the store can turn into a DynamoDB condition."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from taskapi.errors import ValidationFailed, Violation

# Our entity tags are versions; one of another form is legal and simply never matches.
_ENTITY_TAG = re.compile(r'\s*(?P<weak>W/)?"(?P<opaque>[\x21\x23-\x7e\x80-\xff]*)"\s*')
_VERSION = re.compile(r"[1-9][0-9]{0,15}")
MOST_TAGS: Final = 50
"""Entity tags that one header may list. DynamoDB's IN takes 100 operands; nobody holds that many versions."""


@dataclass(frozen=True, slots=True)
class EntityTags:
    """A parsed ``If-Match`` or ``If-None-Match``: ``*``, or the versions that its entity tags name."""

    any: bool = False
    versions: tuple[int, ...] = ()

    def name(self, version: int) -> bool:
        """Whether an existing task of this version is among those named."""
        return self.any or version in self.versions


@dataclass(frozen=True, slots=True)
class Precondition:
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
    if value.strip() == "*":
        return EntityTags(any=True)
    versions: list[int] = []
    position = 0
    while True:
        found = _ENTITY_TAG.match(value, position)
        if found is None or len(versions) == MOST_TAGS:
            raise ValidationFailed([Violation("invalid_entity_tag", _DETAIL, header, "header")])
        # -1 stands for a tag that no version of ours has; it keeps the list from being empty, which would match all.
        matches = _VERSION.fullmatch(found["opaque"]) and (weak or not found["weak"])
        versions.append(int(found["opaque"]) if matches else -1)
        position = found.end()
        if position == len(value):
            return EntityTags(versions=tuple(versions))
        if value[position] != ",":
            raise ValidationFailed([Violation("invalid_entity_tag", _DETAIL, header, "header")])
        position += 1


_DETAIL = f'Must be * or up to {MOST_TAGS} comma-separated entity tags, each in double quotes, such as "3".'
