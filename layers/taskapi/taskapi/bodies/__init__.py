"""The request bodies as pydantic models: what they share. Imported only by the operations that read one.

A module each, since making a model takes a function a hundredth of its initialisation, and it needs its own alone.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import islice
from typing import Annotated, Any, Self

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, ValidationError
from pydantic_core import PydanticCustomError

from taskapi import due, text
from taskapi.errors import ValidationFailed, Violation, ViolationCode, pointer
from taskapi.task import LONGEST_DESCRIPTION, LONGEST_TAG, LONGEST_TITLE, MOST_TAGS

READ_ONLY = frozenset({"id", "user_id", "completed_at", "created_at", "updated_at", "version", "etag"})
"""Members of a task that the API alone writes."""

MOST_VIOLATIONS = 50
"""Violations reported at once: a body of 128 KiB can hold tens of thousands, and nobody reads those."""


def _refused(code: ViolationCode, detail: str) -> PydanticCustomError:
    """A violation on its way through pydantic, for which any text will do as a code."""
    return PydanticCustomError(code, detail)


def _cleaned(clean: Callable[[str, int], str], most: int) -> AfterValidator:
    """Counts after trimming and normalising, as the contract does; pydantic's own max_length would count before."""

    def validate(value: str) -> str:
        try:
            return clean(value, most)
        except text.TooLong:
            raise _refused("too_long", f"Must be at most {most:,} characters long.") from None
        except text.UnacceptableText as unacceptable:
            raise _refused("unacceptable_text", str(unacceptable)) from None

    return AfterValidator(validate)


def _visible(value: str) -> str:
    if text.is_blank(value):
        raise _refused("blank", "Must contain at least one visible character.")
    return value


def _due(value: str) -> str:
    try:
        return due.parse(value)
    except ValueError:
        raise _refused(
            "invalid_due",
            "Must be a date such as 2026-12-01, or an instant with an offset such as 2026-12-01T09:30:00+01:00.",
        ) from None


def _unique(tags: tuple[str, ...]) -> tuple[str, ...]:
    if len({text.fold(tag) for tag in tags}) != len(tags):
        raise _refused("duplicate_tag", "Tags must differ from one another by more than case.")
    return tags


def _json_array(value: object) -> object:
    if not isinstance(value, list):
        return value
    if len(value) > MOST_TAGS:
        raise _refused("too_many", f"Must have at most {MOST_TAGS} members.")
    return tuple(value)  # in strict mode a tuple field refuses the list that a JSON array decodes to


Title = Annotated[str, _cleaned(text.one_line, LONGEST_TITLE), AfterValidator(_visible)]
Description = Annotated[str, _cleaned(text.lines, LONGEST_DESCRIPTION)]
Due = Annotated[str, AfterValidator(_due)]
Tag = Annotated[str, _cleaned(text.one_line, LONGEST_TAG), AfterValidator(_visible)]
Tags = Annotated[tuple[Tag, ...], BeforeValidator(_json_array), AfterValidator(_unique)]


class Body(BaseModel):
    """What every body is: a JSON object of the members that the contract names, of exactly their types."""

    # hide_input_in_errors: a traceback that reaches the log must not quote a user's text.
    # defer_build: this is no body itself, nor is every class made of it; those that are build their validators.
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, hide_input_in_errors=True, defer_build=True)

    @classmethod
    def from_decoded(cls, value: object) -> Self:
        """Validate a decoded JSON value.

        Raises:
            ValidationFailed: with one violation, and its JSON Pointer, for everything that is wrong.
        """
        if isinstance(value, dict) and len(value) > MOST_VIOLATIONS:
            # pydantic would make an error of each of thousands of unknown members.
            known = {name: value[name] for name in cls.model_fields if name in value}
            value = dict(islice(value.items(), MOST_VIOLATIONS + len(known))) | known
        try:
            return cls.model_validate(value)
        except ValidationError as invalid:
            errors = invalid.errors(include_url=False, include_input=False)[:MOST_VIOLATIONS]
            raise ValidationFailed([_violation(error) for error in errors]) from None


# pydantic's error types are many and may grow; the contract's codes are few and stable.
_CODES: dict[str, tuple[ViolationCode, str]] = {
    "missing": ("required", "This member is required."),
    "literal_error": ("not_allowed", "Must be one of none, low, medium and high."),
    "model_type": ("wrong_type", "The body must be a JSON object."),
    "string_type": ("wrong_type", "Must be a string."),
    "string_unicode": ("unacceptable_text", "Must not contain lone surrogates."),
    "bool_type": ("wrong_type", "Must be true or false."),
    "tuple_type": ("wrong_type", "Must be an array of strings."),
}


def _violation(error: Any) -> Violation:
    """The contract's words for one of pydantic's error details (``{"type", "loc", "msg", …}``)."""
    at = pointer(*error["loc"])
    if error["type"] == "extra_forbidden":
        if error["loc"][0] in READ_ONLY:
            return Violation("read_only", "This member is set by the API and can't be written.", at)
        return Violation("unknown_member", "The contract has no such member here.", at)
    code, detail = _CODES.get(error["type"], (error["type"], error["msg"]))
    return Violation(code, detail, at)
