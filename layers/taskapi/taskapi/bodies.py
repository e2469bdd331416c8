"""The request bodies as pydantic models; imported only by the operations that read one.

Absent is not null: a member that a merge patch leaves out is left alone, one that is null is cleared (RFC 7396).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any, ClassVar, Self

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, ValidationError
from pydantic_core import PydanticCustomError

from taskapi import due, text
from taskapi.errors import ValidationFailed, Violation, pointer
from taskapi.task import Priority, TaskContent

READ_ONLY = frozenset({"id", "user_id", "completed_at", "created_at", "updated_at", "version"})
"""Members of a task that the API alone writes."""

MOST_TAGS = 20
MOST_VIOLATIONS = 50
"""Violations reported at once: a body of 128 KiB can hold tens of thousands, and nobody reads those."""


def _cleaned(clean: Callable[[str], str]) -> Callable[[str], str]:
    def validate(value: str) -> str:
        try:
            return clean(value)
        except text.UnacceptableText:
            raise PydanticCustomError(
                "unacceptable_text",
                "Must not contain control characters, lone surrogates or noncharacters.",
            ) from None

    return validate


def _visible(value: str) -> str:
    if text.is_blank(value):
        raise PydanticCustomError("blank", "Must contain at least one visible character.")
    return value


def _within(most: int) -> Callable[[str], str]:
    """Counts after trimming and normalising, as the contract does; pydantic's own max_length would count before."""

    def validate(value: str) -> str:
        if len(value) > most:
            raise PydanticCustomError("too_long", f"Must be at most {most:,} characters long.")
        return value

    return validate


def _due(value: str) -> str:
    try:
        return due.parse(value)
    except ValueError:
        raise PydanticCustomError(
            "invalid_due",
            "Must be a date such as 2026-12-01, or an instant with an offset such as 2026-12-01T09:30:00+01:00.",
        ) from None


def _unique(tags: tuple[str, ...]) -> tuple[str, ...]:
    if len({text.fold(tag) for tag in tags}) != len(tags):
        raise PydanticCustomError("duplicate_tag", "Tags must differ from one another by more than case.")
    return tags


def _json_array(value: object) -> object:
    if not isinstance(value, list):
        return value
    if len(value) > MOST_TAGS:
        raise PydanticCustomError("too_many", f"Must have at most {MOST_TAGS} members.")
    return tuple(value)  # in strict mode a tuple field refuses the list that a JSON array decodes to


_Line = AfterValidator(_cleaned(text.one_line))
Title = Annotated[str, _Line, AfterValidator(_visible), AfterValidator(_within(500))]
Description = Annotated[str, AfterValidator(_cleaned(text.lines)), AfterValidator(_within(16_384))]
Due = Annotated[str, AfterValidator(_due)]
Tag = Annotated[str, _Line, AfterValidator(_visible), AfterValidator(_within(50))]
Tags = Annotated[tuple[Tag, ...], BeforeValidator(_json_array), AfterValidator(_unique)]


class _Body(BaseModel):
    # hide_input_in_errors: a traceback that reaches the log must not quote a user's text.
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, hide_input_in_errors=True)

    @classmethod
    def from_decoded(cls, value: object) -> Self:
        """Validate a decoded JSON value.

        Raises:
            ValidationFailed: with one violation, and its JSON Pointer, for everything that is wrong.
        """
        try:
            return cls.model_validate(value)
        except ValidationError as invalid:
            errors = invalid.errors(include_url=False, include_input=False)[:MOST_VIOLATIONS]
            raise ValidationFailed([_violation(error) for error in errors]) from None


class NewTask(_Body):
    """Body of ``POST …/tasks``."""

    title: Title
    description: Description | None = None
    due: Due | None = None
    priority: Priority = "none"
    tags: Tags = ()
    completed: bool = False

    def content(self) -> TaskContent:
        """The task that the body describes; an empty description is none."""
        return TaskContent(
            title=self.title,
            description=self.description or None,
            due=self.due,
            priority=self.priority,
            tags=self.tags,
            completed=self.completed,
        )


class TaskReplacement(NewTask):
    """Body of ``PUT …/tasks/{task_id}``: the whole task; a member left out takes its default, as in a new task."""


class TaskPatch(_Body):
    """Body of ``PATCH …/tasks/{task_id}``: a JSON Merge Patch (RFC 7396).

    ``title`` and ``completed`` can't be cleared; clearing ``priority`` or ``tags`` gives their defaults.
    """

    _CLEARED: ClassVar[dict[str, Any]] = {"priority": "none", "tags": ()}

    title: Title = ""
    description: Description | None = None
    due: Due | None = None
    priority: Priority | None = None
    tags: Tags | None = None
    completed: bool = False

    @classmethod
    def from_decoded(cls, value: object) -> Self:
        """As for every body; besides, an empty patch is refused.

        Raises:
            ValidationFailed: something is wrong, or there is nothing to change.
        """
        patch = super().from_decoded(value)
        if not patch.model_fields_set:
            raise ValidationFailed([Violation("empty_patch", "The patch must have at least one member.")])
        return patch

    def changes(self) -> dict[str, Any]:
        """Member name to new value, for the members that the patch has; None means: remove it."""
        changes = {}
        for name in self.model_fields_set:
            value = getattr(self, name)
            changes[name] = self._CLEARED.get(name) if value in (None, "") else value
        return changes


# pydantic's error types are many and may grow; the contract's codes are few and stable.
_CODES = {
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
