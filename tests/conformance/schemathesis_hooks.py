"""What Schemathesis can't know of the API, since JSON Schema has no words for it.

It generates requests that the document allows, which the API must accept, and requests that it does not allow, which
the API must refuse. Where the contract's prose goes beyond the schemas, such an expectation is wrong; each kind is
recognised here by the request itself, and only then let pass.
"""

from __future__ import annotations

import contextlib
import json
import re
import secrets
import unicodedata
from collections.abc import Callable, Iterator, Mapping
from datetime import date
from typing import Any, Final, TypeAlias

import schemathesis
from schemathesis import Case, HookContext
from schemathesis.core.failures import AcceptedNegativeData, Failure
from schemathesis.core.transport import Response
from schemathesis.openapi.checks import RejectedPositiveData, UseAfterFree

from local.contract import Operation
from taskapi import clock, uuid7
from taskapi.tasks.query import ACCESS_PATHS
from taskapi.text import WHITE_SPACE, is_blank
from tests.conformance.document import load

AnyCase: TypeAlias = "Case[Any]"

_DATE: Final = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
EXAMPLE_KEY: Final = load().content["components"]["parameters"]["IdempotencyKey"]["example"]


@schemathesis.hook
def before_call(context: HookContext, case: AnyCase, kwargs: dict[str, Any]) -> None:
    """Let a request get past the first check, so that it tells something of what comes after."""
    if case.headers and case.headers.get("Idempotency-Key") == EXAMPLE_KEY:
        case.headers["Idempotency-Key"] = secrets.token_hex(8)  # the example's would be answered with its first task
    if case.meta is None or case.meta.generation.mode.is_negative:
        return
    for name in _undocumented_headers(case):
        del case.headers[name]
    if case.operation.definition.raw["operationId"] == "list_tasks":
        for name in _not_served(case):
            del case.query[name]
        if _query(case).get("sort") == "position":
            case.query.setdefault("list", "inbox")
        if _query(case).get("cursor") == "":  # what its coverage phase sends whenever it wants any text
            del case.query["cursor"]


@schemathesis.hook
def filter_failure(context: HookContext, failure: Failure, case: AnyCase, response: Response) -> bool:
    """Whether a failure counts."""
    if isinstance(failure, RejectedPositiveData):
        return not (_undocumented_headers(case) or _is_explained(case, response))
    if isinstance(failure, AcceptedNegativeData):
        return not (_is_allowed_once_trimmed(case) or _is_null_for_no_body(case))
    return not isinstance(failure, UseAfterFree) or _owned(case, response) in _gone


_gone: Final[set[tuple[str, str]]] = set()
"""Whose tasks and lists, of which ids, were deleted for good and not put since.

Schemathesis takes a task in the trash for one that is gone. So it does with one that was deleted and put again, when
the path of the PUT spells the user otherwise: ``me``.
"""


_lists: Final[list[Response]] = []
"""The answers that made a list, of all users."""
MOST_LISTS: Final = 500


@schemathesis.hook
def after_call(context: HookContext, case: AnyCase, response: Response) -> None:
    """Remember what was made, deleted for good and put again."""
    operation = case.operation.definition.raw.get("operationId")
    if operation in ("create_list", "replace_list") and response.status_code == 201:
        _lists.append(response)
    if operation in ("replace_task", "replace_list") and response.status_code in (200, 201):
        _gone.discard(_owned(case, response))
    elif response.status_code == 204 and (
        operation == "delete_list"
        or (operation == "delete_task" and str(_query(case).get("permanent")).lower() == "true")
    ):
        _gone.add(_owned(case, response))


def _owned(case: AnyCase, response: Response) -> tuple[str, str]:
    """Whose, by their token, and the id of the task or list in the path."""
    return str(response.request.headers.get("Authorization")), _id(case)


def _id(case: AnyCase) -> str:
    """Of the task or list in the path."""
    ids = [str(value).lower() for name, value in (case.path_parameters or {}).items() if name != "user_id"]
    return ids[0] if ids else ""


def _operation(case: AnyCase) -> Operation:
    return load().operation(case.operation.definition.raw["operationId"])


def _undocumented_headers(case: AnyCase) -> list[str]:
    """Headers with values that the document does not allow.

    Schemathesis' coverage phase has no values for patterns with quotes, and sends 0.
    """
    parameters = load().parameters(_operation(case), "header")
    return [
        name
        for name, value in (case.headers or {}).items()
        if name in parameters and not load().validator(parameters[name]["schema"]).is_valid(str(value))
    ]


def _is_explained(case: AnyCase, response: Response) -> bool:
    """Whether the request breaks the very rules that the problem names, and these are rules of the prose."""
    problem = json.loads(response.content)
    if problem["code"] == "idempotency_key_reused":
        return "Idempotency-Key" in (case.headers or {})
    if problem["code"] == "invalid_cursor":
        return "cursor" in _query(case)
    if problem["code"] in ("task_trashed", "task_not_trashed"):
        return bool((problem["current"]["trashed_at"] is None) == (problem["code"] == "task_not_trashed"))
    if problem["code"] == "too_many_lists":
        return len(_lists) >= MOST_LISTS
    violations = problem.get("errors", [])
    return bool(violations) and all(
        violation["code"] in _RULES and _RULES[violation["code"]](case) for violation in violations
    )


def _query(case: AnyCase) -> Mapping[str, Any]:
    return case.query or {}


def _not_served(case: AnyCase) -> list[str]:
    """Parameters of a list that no index serves beside its ``status``, which is the caller's to choose."""
    query = _query(case)
    status = query.get("status", "all")
    served = [sort for of_status, sort in ACCESS_PATHS if of_status == status]
    refused = [name for name in ("sort",) if query.get(name, served[0]) not in served]
    if query.get("sort") != "due" or refused:
        refused += [name for name in ("due_from", "due_before") if name in query]
    return refused


def _strings(value: object) -> Iterator[str]:
    match value:
        case str():
            yield value
        case dict():
            for key, member in value.items():
                yield key
                yield from _strings(member)
        case list():
            for member in value:
                yield from _strings(member)


def _sent(case: AnyCase) -> list[str]:
    return [*_strings(case.body), *_strings(dict(_query(case)))]


def _has_invisible_text(case: AnyCase) -> bool:
    return any(is_blank(text) for text in _sent(case))


def _has_unacceptable_text(case: AnyCase) -> bool:
    """Surrogates, noncharacters beyond the BMP, and marks: what the document's patterns have no words for."""
    codes = [ord(character) for text in _sent(case) for character in text]
    marks = max((sum(map(bool, map(unicodedata.combining, text))) for text in _sent(case)), default=0)
    return marks > 30 or any(0xD800 <= code <= 0xDFFF or code & 0xFFFE == 0xFFFE for code in codes)


def _has_equal_tags(case: AnyCase) -> bool:
    body: Any = case.body
    tags = [unicodedata.normalize("NFC", tag.strip(WHITE_SPACE)).casefold() for tag in body.get("tags") or ()]
    return len(set(tags)) < len(tags)


def _has_equal_entry_ids(case: AnyCase) -> bool:
    body: Any = case.body
    ids = [entry["id"] for entry in body.get("checklist") or ()]
    return len(set(ids)) < len(ids)


def _beside(case: AnyCase) -> set[str]:
    """How a move names its neighbours."""
    return {"before", "after"} & set(case.body if isinstance(case.body, dict) else ())


def _is_longer_than_it_looks(case: AnyCase) -> bool:
    """Texts that normalisation makes longer, or of too many bytes."""
    return any(
        len(unicodedata.normalize("NFC", text)) > len(text) or len(text.encode(errors="surrogatepass")) > 32_768
        for text in _sent(case)
    )


def _has_odd_date(case: AnyCase) -> bool:
    """The 30th of February, a second 60, which may be no leap second, or an instant beyond the years 1 to 9999."""
    return any(
        _DATE.match(text) and (text[17:19] == "60" or text[:4] in ("0001", "9999") or not _is_date(text[:10]))
        for text in _sent(case)
    )


def _is_date(text: str) -> bool:
    with contextlib.suppress(ValueError):
        date.fromisoformat(text)
        return True
    return False


_RULES: Final[Mapping[str, Callable[[AnyCase], bool]]] = {
    "unsupported_combination": lambda case: bool(_not_served(case)),
    "empty_range": lambda case: {"due_from", "due_before"} <= _query(case).keys(),
    "blank": _has_invisible_text,
    "out_of_range": _has_invisible_text,
    "unacceptable_text": _has_unacceptable_text,
    "duplicate_tag": _has_equal_tags,
    "duplicate_entry_id": _has_equal_entry_ids,
    "not_a_neighbour": lambda case: bool(_beside(case)),
    "not_allowed": lambda case: len(_beside(case)) > 1,
    "too_long": _is_longer_than_it_looks,
    "invalid_due": _has_odd_date,
    "invalid_position": lambda case: f"A{'0' * 26}" in _sent(case),
    "task_id_ahead": lambda case: uuid7.milliseconds(_id(case)) > clock.now_ms() + 24 * 3_600_000,
    "list_id_ahead": lambda case: uuid7.milliseconds(_id(case)) > clock.now_ms() + 24 * 3_600_000,
}
"""Rules of the prose, by the code of their violation: whether a request breaks them."""


def _is_allowed_once_trimmed(case: AnyCase) -> bool:
    """Whether the document allows the request without the white space around its texts, which the API cuts off."""
    operation = _operation(case)
    query, headers, path = (load().parameters(operation, place) for place in ("query", "header", "path"))
    if _query(case).keys() - query.keys():
        return False
    sent = [(query[name]["schema"], value) for name, value in _query(case).items()]
    sent += [(path[name]["schema"], value) for name, value in (case.path_parameters or {}).items()]
    sent += [(headers[name]["schema"], str(value)) for name, value in (case.headers or {}).items() if name in headers]
    if isinstance(case.body, (dict, list, str)):
        content = operation.definition["requestBody"]["content"]
        sent.append((content[str(case.media_type)]["schema"], case.body))
    return all(load().validator(schema).is_valid(_trimmed(value)) for schema, value in sent)


def _is_null_for_no_body(case: AnyCase) -> bool:
    """Whether the body is null where one may be left out, which is taken like none."""
    return _operation(case).name in ("toggle_task", "move_task") and case.body is None and not _query(case)


def _trimmed(value: Any) -> Any:
    match value:
        case str():
            return unicodedata.normalize("NFC", value.replace("\r\n", "\n").strip(WHITE_SPACE))
        case dict():
            return {name: _trimmed(member) for name, member in value.items()}
        case list():
            return [_trimmed(member) for member in value]
    return value
