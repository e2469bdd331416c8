"""Headers of responses."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from local.openapi import examples
from local.openapi.json_types import JsonObject, ref
from taskapi.http.cors import EXPOSED, cors_headers

_TEXT: Final[JsonObject] = {"type": "string"}

HEADERS: Final[Mapping[str, tuple[str, JsonObject]]] = {
    "ETag": (
        "The task's `etag`, quoted. To be sent back in `If-Match` or `If-None-Match`.",
        {"type": "string", "pattern": '^"[^"]+"$', "examples": [f'"{examples.ETAG}"']},
    ),
    "Location": (
        "The path of the new task, with the stage.",
        {"type": "string", "format": "uri-reference", "examples": [f"/v1/users/me/tasks/{examples.TASK_ID}"]},
    ),
    "Link": (
        'The next page (RFC 8288): `<…>; rel="next"`. Left out on the last one.',
        {"type": "string", "pattern": '^<[^>]+>; rel="next"$'},
    ),
    "Idempotency-Replayed": (
        "There when this is the answer to an earlier request with the same `Idempotency-Key`.",
        {"type": "string", "const": "true"},
    ),
    "Retry-After": ("Seconds to wait before trying again.", {"type": "integer", "minimum": 1}),
    "WWW-Authenticate": (
        "The challenge (RFC 6750); `error` if a token came. Left out when one expires that the gateway remembers.",
        {"type": "string", "pattern": "^Bearer "},
    ),
    "Cache-Control": ("`no-store`, or `private, no-cache`: ask each time whether it is still current.", _TEXT),
    "X-Content-Type-Options": ("The body is what `Content-Type` says.", {"type": "string", "const": "nosniff"}),
    "Vary": ("CORS headers depend on the caller.", {"type": "string", "const": "Origin"}),
    "Access-Control-Allow-Origin": ("There when the request's `Origin` is allowed.", _TEXT),
    "Access-Control-Expose-Headers": ("The headers that scripts of other origins may read.", _TEXT),
    "Access-Control-Allow-Methods": ("The methods of the path.", _TEXT),
    "Access-Control-Allow-Headers": ("The headers that a request may have.", _TEXT),
    "Access-Control-Max-Age": ("Seconds that a browser may keep this answer.", {"type": "integer", "minimum": 0}),
}
"""Name to description and schema."""

_CORS: Final = tuple(cors_headers("https://app.example.com", ["*"]))
# The media type is the response's `content`.
_ELSEWHERE: Final = frozenset({"Content-Type"})


def components() -> dict[str, JsonObject]:
    """The header components: one for headers that are always there, one for those that may be."""
    if undescribed := set(EXPOSED.split(", ")) - HEADERS.keys():
        raise ValueError(f"exposed headers without a description: {sorted(undescribed)}")
    return {
        component_name(name, is_required=is_required): {
            "description": description,
            "schema": schema,
            **({"required": True} if is_required else {}),
        }
        for name, (description, schema) in HEADERS.items()
        for is_required in (True, False)
    }


def component_name(name: str, *, is_required: bool) -> str:
    """``ETag``, or ``OptionalETag``."""
    return name if is_required else f"Optional{name}"


def of_responses(alternatives: Iterable[Iterable[str]], optional: Sequence[str] = ()) -> JsonObject:
    """The ``headers`` of a response.

    Args:
        alternatives: Names of the headers of everything that may be answered with its status.
        optional: Names of those that may be there besides.
    """
    sets = [{"Vary", "X-Content-Type-Options", *names} - _ELSEWHERE for names in alternatives]
    always = set.intersection(*sets)
    sometimes = set.union(*sets, optional, _CORS) - always
    return {
        name: ref("headers", component_name(name, is_required=name in always))
        for name in HEADERS
        if name in always | sometimes
    }
