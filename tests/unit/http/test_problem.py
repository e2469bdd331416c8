"""Errors as problem documents: one table for all of them."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from taskapi import errors
from taskapi.http.problem import PROBLEMS, Problem, problem_response
from tests.support.tasks import task

DOCUMENTATION = (Path(__file__).resolve().parents[3] / "docs" / "task-api.md").read_text(encoding="utf-8")
VIOLATION = errors.Violation("required", "This member is required.", "/title")

CASES: list[tuple[errors.TaskApiError, int, str, dict[str, str]]] = [
    # An error, and the contract's status, code and headers for it
    (errors.MalformedJson(), 400, "malformed_json", {}),
    (errors.InvalidCursor(), 400, "invalid_cursor", {}),
    (errors.Unauthorized(), 401, "unauthorized", {}),
    (errors.Forbidden(), 403, "forbidden", {}),
    (errors.TaskNotFound(), 404, "task_not_found", {}),
    (errors.ListNotFound(), 404, "list_not_found", {}),
    (errors.TooManyLists(), 409, "too_many_lists", {}),
    (errors.TaskTrashed(None, {}, "a"), 409, "task_trashed", {"ETag": '"a"'}),
    (errors.TaskNotTrashed(None, {}, "a"), 409, "task_not_trashed", {"ETag": '"a"'}),
    (errors.PreconditionFailed("Why."), 412, "precondition_failed", {}),
    (errors.PreconditionFailed("Why.", {}, "a"), 412, "precondition_failed", {"ETag": '"a"'}),
    (errors.PayloadTooLarge(), 413, "payload_too_large", {}),
    (errors.UnsupportedMediaType(), 415, "unsupported_media_type", {}),
    (errors.ValidationFailed([VIOLATION]), 422, "validation_failed", {}),
    (errors.IdempotencyKeyReused(), 422, "idempotency_key_reused", {}),
    (errors.StorageFull(), 409, "storage_full", {}),
    (errors.TooManyRequests(), 429, "too_many_requests", {"Retry-After": "1"}),
    (errors.TaskApiError(), 500, "internal_error", {}),
    (errors.StoreUnavailable(), 503, "store_unavailable", {"Retry-After": "2"}),
]


def subclasses(kind: type[errors.TaskApiError]) -> set[type[errors.TaskApiError]]:
    """A type and all types below it."""
    return {kind}.union(*(subclasses(below) for below in kind.__subclasses__()))


def document_of(error: errors.TaskApiError) -> dict[str, Any]:
    """The problem document as it is sent."""
    response = problem_response(error, "/v1/users/me/tasks", "request-1")
    document: dict[str, Any] = json.loads(response.as_proxy({})["body"])
    return document


@pytest.mark.parametrize(("error", "status", "code", "headers"), CASES, ids=lambda value: type(value).__name__)
def test_each_error_has_its_row_in_the_contract(
    error: errors.TaskApiError, status: int, code: str, headers: dict[str, str]
) -> None:
    # Given an error, when it is answered
    response = problem_response(error, "/v1/users/me/tasks", "request-1")
    # Then status, code and headers are the contract's
    assert (response.status, response.code) == (status, code)
    assert response.headers == {
        "Content-Type": "application/problem+json",
        "Cache-Control": "no-store",
        **headers,
    }
    # And the document has RFC 9457's members and ours
    document = document_of(error)
    assert (
        document.items()
        >= {
            "type": f"/problems/{code}",
            "status": status,
            "detail": error.detail,
            "instance": "/v1/users/me/tasks",
            "code": code,
            "request_id": "request-1",
        }.items()
    )
    assert document["title"]
    assert document.keys() - {"errors", "current"} == {
        "type", "title", "status", "detail", "instance", "code", "request_id",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("make", "title", "detail"),
    [
        (errors.MalformedJson, "Malformed JSON", "The request body is not valid JSON."),
        (
            errors.InvalidCursor,
            "Invalid cursor",
            "The cursor is not one that this query returned. Start again without it.",
        ),
        (errors.Unauthorized, "Unauthorized", "The access token has expired."),
        (
            errors.Forbidden,
            "Forbidden",
            "The path names a user other than the one the token was issued to.",
        ),
        (errors.TaskNotFound, "Task not found", "You have no task with this id."),
        (errors.ListNotFound, "List not found", "You have no list with this id."),
        (errors.TooManyLists, "Too many lists", "You have as many lists as one user may have: 500."),
        (errors.TaskTrashed, "Task in the trash", "The task is in the trash. Restore it first."),
        (errors.TaskNotTrashed, "Task not in the trash", "The task is not in the trash."),
        (
            lambda: errors.PreconditionFailed("The task has changed."),
            "Precondition failed",
            "The task has changed.",
        ),
        (errors.PayloadTooLarge, "Payload too large", "The request body is larger than 128 KiB."),
        (
            errors.UnsupportedMediaType,
            "Unsupported media type",
            "The request body's Content-Type is not supported here.",
        ),
        (
            lambda: errors.ValidationFailed([VIOLATION]),
            "Validation failed",
            "The request has invalid values; see errors.",
        ),
        (
            errors.IdempotencyKeyReused,
            "Idempotency key reused",
            "The Idempotency-Key was used with another request body in the last 24 hours.",
        ),
        (
            errors.StorageFull,
            "Storage full",
            "Your tasks take up all the space that one user has. Delete some for good, or make this one smaller.",
        ),
        (
            errors.TooManyRequests,
            "Too many requests",
            "Too many requests at the moment. Try again after the time in Retry-After.",
        ),
        (errors.TaskApiError, "Internal error", "Something went wrong on our side."),
        (
            errors.StoreUnavailable,
            "Store unavailable",
            "The task store is not available at the moment. Try again after the time in Retry-After.",
        ),
    ],
)
def test_the_words_of_each_error(make: Callable[[], errors.TaskApiError], title: str, detail: str) -> None:
    error = make()
    document = document_of(error)
    assert (document["title"], document["detail"], str(error)) == (title, detail, detail)


def test_every_error_with_a_code_of_its_own_has_a_row() -> None:
    # Types that only group others have no code of their own and are never raised
    assert set(PROBLEMS) == {kind for kind in subclasses(errors.TaskApiError) if "code" in vars(kind)}
    assert set(PROBLEMS) == {type(error) for error, *_ in CASES}


def test_no_two_errors_share_a_code_or_a_title() -> None:
    assert (
        len({kind.code for kind in PROBLEMS}) == len({problem.title for problem in PROBLEMS.values()}) == len(PROBLEMS)
    )


@pytest.mark.parametrize(("kind", "problem"), PROBLEMS.items(), ids=lambda value: getattr(value, "__name__", None))
def test_every_code_is_documented_with_its_status(kind: type[errors.TaskApiError], problem: Problem) -> None:
    # Given the table of errors in the documentation, then it has a row of this status and code, and a section
    assert f"| {problem.status} | [{kind.code}](#{kind.code}) |" in DOCUMENTATION
    assert f"\n### {kind.code}\n" in DOCUMENTATION


def test_a_validation_error_lists_what_is_wrong() -> None:
    document = document_of(
        errors.ValidationFailed([VIOLATION, errors.Violation("repeated", "Once.", "limit", "parameter")])
    )
    assert document["errors"] == [
        {"pointer": "/title", "code": "required", "detail": "This member is required."},
        {"parameter": "limit", "code": "repeated", "detail": "Once."},
    ]


@pytest.mark.parametrize("kind", [errors.PreconditionFailed, errors.TaskTrashed, errors.TaskNotTrashed])
def test_what_does_not_fit_the_state_shows_the_current_task(kind: type[errors.StateError]) -> None:
    current = task(version=7, tags=("home",))
    assert document_of(kind("Why.", current.as_json(), current.etag))["current"] == json.loads(
        json.dumps(current.as_json())
    )


def test_where_there_is_none_it_shows_none() -> None:
    assert "current" not in document_of(errors.PreconditionFailed("Why."))


def test_a_pointer_at_a_name_that_is_no_unicode_can_be_sent() -> None:
    response = problem_response(errors.ValidationFailed([errors.Violation("unknown_member", "y", "/\ud800")]), "/", "r")
    body = response.as_proxy({})["body"]
    assert body.encode("utf-8").isascii()


def test_the_500_says_nothing_of_what_happened() -> None:
    assert document_of(errors.TaskApiError())["detail"] == "Something went wrong on our side."
