"""Every error that the API answers with, as one tree; ``taskapi.http.problem.PROBLEMS`` has the statuses."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Literal, NamedTuple, TypeAlias

ViolationCode: TypeAlias = Literal[
    "blank",
    "duplicate_entry_id",
    "duplicate_tag",
    "empty_patch",
    "empty_range",
    "invalid_color",
    "invalid_due",
    "invalid_entity_tag",
    "invalid_entry_id",
    "invalid_idempotency_key",
    "invalid_list_id",
    "invalid_position",
    "invalid_task_id",
    "list_id_ahead",
    "not_a_neighbour",
    "not_allowed",
    "out_of_range",
    "read_only",
    "repeated",
    "required",
    "task_id_ahead",
    "too_long",
    "too_many",
    "unacceptable_text",
    "unknown_member",
    "unknown_parameter",
    "unsupported_combination",
    "wrong_type",
]
"""docs/openapi.yaml says what each means."""


class Violation(NamedTuple):
    """A member of a 422's ``errors``.

    Attributes:
        detail: One English sentence for a developer; never quotes the input.
        at: A JSON Pointer (RFC 6901) into the body such as ``/tags/3``, or the name of a parameter or header.
    """

    code: ViolationCode
    detail: str
    at: str = ""
    source: Literal["pointer", "parameter", "header"] = "pointer"

    def as_json(self) -> dict[str, str]:
        """``{"pointer"|"parameter"|"header": at, "code": …, "detail": …}``."""
        return {self.source: self.at, "code": self.code, "detail": self.detail}


def pointer(*tokens: object) -> str:
    """A JSON Pointer of these reference tokens (RFC 6901 section 3): ``/tags/3``; empty for the whole document."""
    return "".join("/" + str(token).replace("~", "~0").replace("/", "~1") for token in tokens)


class TaskApiError(Exception):
    """Root of everything the API answers with on purpose.

    Attributes:
        code: Of the problem document; stable.
        detail: One sentence on this occurrence, free of secrets and of the caller's text.
    """

    code: ClassVar[str] = "internal_error"
    default_detail: ClassVar[str] = "Something went wrong on our side."

    def __init__(self, detail: str | None = None) -> None:
        self.detail = self.default_detail if detail is None else detail
        super().__init__(self.detail)


class RequestError(TaskApiError):
    """The request can't be served as it is; sending it again unchanged won't help."""


class MalformedJson(RequestError):
    """The body is not one JSON text (RFC 8259), or is ambiguous."""

    code = "malformed_json"
    default_detail = "The request body is not valid JSON."


class InvalidCursor(RequestError):
    """The ``cursor`` was not issued by this API, or belongs to another query."""

    code = "invalid_cursor"
    default_detail = "The cursor is not one that this query returned. Start again without it."


class Unauthorized(RequestError):
    """The token was good when the gateway looked, but has expired since (its verdict is cached)."""

    code = "unauthorized"
    default_detail = "The access token has expired."


class Forbidden(RequestError):
    """The path names another user's partition."""

    code = "forbidden"
    default_detail = "The path names a user other than the one the token was issued to."


class TaskNotFound(RequestError):
    """The caller has no task with this id (any more)."""

    code = "task_not_found"
    default_detail = "You have no task with this id."


class ListNotFound(RequestError):
    """The caller has no list with this id."""

    code = "list_not_found"
    default_detail = "You have no list with this id."


class TooManyLists(RequestError):
    """The caller has as many lists as one user may have."""

    code = "too_many_lists"
    default_detail = "You have as many lists as one user may have: 500."


class StateError(RequestError):
    """The request does not fit the state of the resource.

    Attributes:
        current: The resource as it is now, None when there is none.
        etag: Its entity tag, without quotes.
    """

    def __init__(
        self, detail: str | None = None, current: Mapping[str, Any] | None = None, etag: str | None = None
    ) -> None:
        super().__init__(detail)
        self.current = current
        self.etag = etag


class PreconditionFailed(StateError):
    """``If-Match`` or ``If-None-Match`` does not hold (RFC 9110 section 13)."""

    code = "precondition_failed"


class TaskTrashed(StateError):
    """A write that a task in the trash does not take."""

    code = "task_trashed"
    default_detail = "The task is in the trash. Restore it first."


class TaskNotTrashed(StateError):
    """A task that is not in the trash can't be restored."""

    code = "task_not_trashed"
    default_detail = "The task is not in the trash."


class PayloadTooLarge(RequestError):
    """The body is over the limit."""

    code = "payload_too_large"
    default_detail = "The request body is larger than 128 KiB."


class UnsupportedMediaType(RequestError):
    """The body's media type or coding is not one that the operation reads."""

    code = "unsupported_media_type"
    default_detail = "The request body's Content-Type is not supported here."


class ValidationFailed(RequestError):
    """The request breaks rules of the contract: ``violations`` are all that were found, at least one."""

    code = "validation_failed"
    default_detail = "The request has invalid values; see errors."

    def __init__(self, violations: Sequence[Violation], detail: str | None = None) -> None:
        super().__init__(detail)
        self.violations = tuple(violations)


class IdempotencyKeyReused(RequestError):
    """The ``Idempotency-Key`` was used for another request body before."""

    code = "idempotency_key_reused"
    default_detail = "The Idempotency-Key was used with another request body in the last 24 hours."


class StorageFull(RequestError):
    """The user's tasks take up all the space that DynamoDB has for one partition key with local indexes."""

    code = "storage_full"
    default_detail = (
        "Your tasks take up all the space that one user has. Delete some for good, or make this one smaller."
    )


class StoreError(TaskApiError):
    """DynamoDB did not serve the request; the same request may succeed after ``retry_after`` seconds."""

    retry_after: ClassVar[int] = 1


class TooManyRequests(StoreError):
    """DynamoDB throttled the request for longer than the retries last."""

    code = "too_many_requests"
    default_detail = "Too many requests at the moment. Try again after the time in Retry-After."


class StoreUnavailable(StoreError):
    """DynamoDB could not be reached, or kept failing through the bounded retries."""

    code = "store_unavailable"
    default_detail = "The task store is not available at the moment. Try again after the time in Retry-After."
    retry_after = 2


class ConfigurationFault(NamedTuple):
    """One wrong or missing setting."""

    variable: str
    problem: str


class ConfigurationError(Exception):
    """The environment is unusable. Raised at initialisation, so that a bad deployment fails at once."""

    def __init__(self, faults: Sequence[ConfigurationFault]) -> None:
        super().__init__("; ".join(f"{fault.variable}: {fault.problem}" for fault in faults))
        self.faults = list(faults)
