"""What request bodies as pydantic models share. Imported only by the operations that read one."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from itertools import islice
from typing import Annotated, Any, ClassVar, Self

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, ValidationError
from pydantic_core import PydanticCustomError

from taskapi import positions, text
from taskapi.errors import ValidationFailed, Violation, ViolationCode, pointer

MOST_VIOLATIONS = 50
"""Violations reported at once: a body of 128 KiB can hold tens of thousands, and nobody reads those."""


def refused(code: ViolationCode, detail: str) -> PydanticCustomError:
    """A violation on its way through pydantic, for which any text will do as a code."""
    return PydanticCustomError(code, detail)


def cleaned(clean: Callable[[str, int], str], most: int) -> AfterValidator:
    """Counts after trimming and normalising, as the contract does; pydantic's own max_length would count before."""

    def validate(value: str) -> str:
        try:
            return clean(value, most)
        except text.TooLong:
            raise refused("too_long", f"Must be at most {most:,} characters long.") from None
        except text.UnacceptableText as unacceptable:
            raise refused("unacceptable_text", str(unacceptable)) from None

    return AfterValidator(validate)


def _visible(value: str) -> str:
    if text.is_blank(value):
        raise refused("blank", "Must contain at least one visible character.")
    return value


VISIBLE = AfterValidator(_visible)
"""Text in which a reader sees something."""


def _position(value: str) -> str:
    if not positions.is_valid(value):
        raise refused(
            "invalid_position", "Must be a key as fractional-indexing makes them, of at most 255 letters and digits."
        )
    return value


Position = Annotated[str, AfterValidator(_position)]


def array(most: int) -> BeforeValidator:
    """A JSON array of at most so many members, as a tuple."""

    def validate(value: object) -> object:
        if not isinstance(value, list):
            return value
        if len(value) > most:
            raise refused("too_many", f"Must have at most {most} members.")
        return tuple(value)  # in strict mode a tuple field refuses the list that a JSON array decodes to

    return BeforeValidator(validate)


def few_unknown(value: object, known: Iterable[str]) -> object:
    """An object without most of its unknown members, where they are many: pydantic would make an error of each."""
    if not isinstance(value, dict) or len(value) <= MOST_VIOLATIONS:
        return value
    kept = {name: value[name] for name in known if name in value}
    return dict(islice(value.items(), MOST_VIOLATIONS + len(kept))) | kept


class Body(BaseModel):
    """What every body is: a JSON object of the members that the contract names, of exactly their types.

    Attributes:
        READ_ONLY: Members of the resource that the API alone writes.
    """

    # hide_input_in_errors: a traceback that reaches the log must not quote a user's text.
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, hide_input_in_errors=True)

    READ_ONLY: ClassVar[frozenset[str]] = frozenset()

    @classmethod
    def from_decoded(cls, value: object) -> Self:
        """Validate a decoded JSON value.

        Raises:
            ValidationFailed: with one violation, and its JSON Pointer, for everything that is wrong.
        """
        try:
            return cls.model_validate(few_unknown(value, cls.model_fields))
        except ValidationError as invalid:
            errors = invalid.errors(include_url=False, include_input=False)[:MOST_VIOLATIONS]
            raise ValidationFailed([cls._violation(error) for error in errors]) from None

    @classmethod
    def _violation(cls, error: Any) -> Violation:
        """The contract's words for one of pydantic's error details (``{"type", "loc", "msg", "ctx", …}``)."""
        at = pointer(*error["loc"])
        if error["type"] == "extra_forbidden":
            if error["loc"][0] in cls.READ_ONLY:
                return Violation("read_only", "This member is set by the API and can't be written.", at)
            return Violation("unknown_member", "The contract has no such member here.", at)
        if error["type"] == "literal_error":
            choices = error["ctx"]["expected"].replace("'", "").replace(" or ", " and ")
            return Violation("not_allowed", f"Must be one of {choices}.", at)
        if error["type"] == "model_type" and at:
            return Violation("wrong_type", "Must be a JSON object.", at)
        code, detail = _CODES.get(error["type"], (error["type"], error["msg"]))
        return Violation(code, detail, at)


class Patch(Body):
    """A JSON Merge Patch (RFC 7396): a member left out is left alone, one that is null is cleared.

    Attributes:
        CLEARED: What clearing a member gives, where that is not None.
    """

    CLEARED: ClassVar[Mapping[str, Any]] = {}

    @classmethod
    def from_decoded(cls, value: object) -> Self:
        """As for every body; besides, an empty patch is refused."""
        patch = super().from_decoded(value)
        if not patch.model_fields_set:
            raise ValidationFailed([Violation("empty_patch", "The patch must have at least one member.")])
        return patch

    def changes(self) -> dict[str, Any]:
        """Member name to new value, for the members that the patch has; None means: remove it."""
        values = {name: getattr(self, name) for name in self.model_fields_set}
        return {name: self.CLEARED.get(name) if value in (None, "") else value for name, value in values.items()}


# pydantic's error types are many and may grow; the contract's codes are few and stable.
_CODES: dict[str, tuple[ViolationCode, str]] = {
    "missing": ("required", "This member is required."),
    "model_type": ("wrong_type", "The body must be a JSON object."),
    "string_type": ("wrong_type", "Must be a string."),
    "string_unicode": ("unacceptable_text", "Must not contain lone surrogates."),
    "bool_type": ("wrong_type", "Must be true or false."),
    "tuple_type": ("wrong_type", "Must be an array."),
}
