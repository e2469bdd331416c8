"""A request, off the event ("Lambda proxy integrations in API Gateway: input format", API Gateway Developer Guide)."""

from __future__ import annotations

import base64
import math
import re
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, NamedTuple, Protocol, Self, TypeVar
from urllib.parse import quote, unquote

from taskapi import clock, strict_json, subject, uuid7
from taskapi.dynamo.entity import Entity, Key
from taskapi.errors import (
    Forbidden,
    MalformedJson,
    PayloadTooLarge,
    Unauthorized,
    UnsupportedMediaType,
    ValidationFailed,
    Violation,
)
from taskapi.preconditions import EntityTags, Precondition, parse_entity_tags

MOST_BODY_BYTES: Final = 128 * 1024
MOST_AHEAD_MS: Final = 24 * 3600 * 1000
"""How far ahead the time in a client's id may be, since it heads the lists until then."""
ME: Final = "me"
JSON: Final = ("application/json",)
MERGE_PATCH: Final = ("application/merge-patch+json", "application/json")

# What may stand around a field's value (RFC 9110 section 5.6.3); str.strip by itself takes all white space of Unicode.
_OWS = " \t"
LONGEST_IDEMPOTENCY_KEY: Final = 255
_IDEMPOTENCY_KEY = re.compile(rf"[\x21-\x7e]{{1,{LONGEST_IDEMPOTENCY_KEY}}}")
# What a client may choose here ends up in the logs, so it must not be able to forge or flood them.
_CORRELATION_ID = re.compile(r"[A-Za-z0-9._:/+=@-]{1,128}")


class Body(Protocol):
    """A request body's model."""

    @classmethod
    def from_decoded(cls, value: object) -> Self:
        """Validate decoded JSON; raises ValidationFailed."""


BodyT = TypeVar("BodyT", bound=Body)


class Request(NamedTuple):
    """One request.

    Attributes:
        owner: The token's ``sub``; empty only when no authorizer ran, which :meth:`check_identity` refuses.
        expires: The token's ``exp``, Unix seconds; None when the authorizer did not say.
        path: As the client sees it, percent-encoded.
        resource: The route, ``/users/{user_id}/tasks`` say.
        base_path: What comes before the route in the path: the stage, or a custom domain's base path.
        path_parameters: Decoded once; None for what is not percent-encoded UTF-8.
        query: Parameter to values, decoded.
        headers: Lower-case name to values.
        body: Text or None; a hand-written event may hold anything.
        request_id: The gateway's.
        correlation_id: The client's ``X-Correlation-Id`` where acceptable, else the request id.
    """

    owner: str
    expires: float | None
    path: str
    resource: str
    base_path: str
    path_parameters: Mapping[str, str | None]
    query: Mapping[str, Sequence[str]]
    headers: Mapping[str, Sequence[str]]
    body: object
    body_is_base64: bool
    request_id: str
    correlation_id: str

    @classmethod
    def from_event(cls, event: object) -> Request:
        """Read a proxy event, trusting nothing but the authorizer's context.

        What is missing or of another type than API Gateway's counts as empty, so any JSON value is a request.
        """
        members = _members(event)
        context = _members(members.get("requestContext"))
        authorizer = _members(context.get("authorizer"))
        headers = _several(_members(members.get("multiValueHeaders")) or _members(members.get("headers")), str.lower)
        request_id = _text(context.get("requestId"))
        wanted = headers.get("x-correlation-id", [""])[0]
        resource, raw_path = _text(members.get("resource")), _text(members.get("path")) or "/"
        path = _text(context.get("path")) or raw_path
        if path == resource:  # what `sam local start-api` puts there, with {…} for the values
            path = raw_path
        return cls(
            owner=_owner(authorizer),
            expires=_number(authorizer.get("exp")),
            path=path,
            resource=resource,
            base_path="/".join(path.rstrip("/").split("/")[: -len(_segments(resource))]),
            path_parameters=_path_parameters(resource, raw_path),
            query=_several(
                _members(members.get("multiValueQueryStringParameters"))
                or _members(members.get("queryStringParameters"))
            ),
            headers=headers,
            body=members.get("body"),
            body_is_base64=members.get("isBase64Encoded") is True,
            request_id=request_id,
            correlation_id=wanted if _CORRELATION_ID.fullmatch(wanted) else request_id,
        )

    def check_identity(self, now: float | None = None) -> None:
        """Check that the request is its bearer's own, at ``now`` (Unix seconds).

        Raises:
            Unauthorized: nobody is authenticated, or the token has expired while the authorizer's verdict was cached.
            Forbidden: the path names someone else.
        """
        if not self.owner:
            raise Unauthorized("The request carries no verified identity.")
        # Not "<=": no time is past a NaN.
        if self.expires is not None and not self.expires > (time.time() if now is None else now):
            raise Unauthorized
        if self.path_parameters.get("user_id") not in (self.owner, ME):
            raise Forbidden

    def check_query(self, known: frozenset[str]) -> None:
        """Raise ValidationFailed where there are query parameters that the operation does not have."""
        if unknown := sorted(self.query.keys() - known)[:50]:
            detail = "The operation has no such query parameter."
            raise ValidationFailed([Violation("unknown_parameter", detail, name, "parameter") for name in unknown])

    def flag(self, name: str) -> bool:
        """A query parameter that is ``true`` or ``false``, which it is when left out; raises ValidationFailed."""
        values = self.query.get(name, ("false",))
        if len(values) > 1:
            raise ValidationFailed([Violation("repeated", "This parameter can be given once.", name, "parameter")])
        if values[0] not in ("true", "false"):
            raise ValidationFailed([Violation("not_allowed", "Must be one of true, false.", name, "parameter")])
        return values[0] == "true"

    def key(self, entity: Entity) -> Key:
        """The key that the path names, in the caller's own partition; raises the entity's ``not_found``."""
        uuid = self._id(entity)
        if uuid is None:
            raise entity.not_found
        return Key(entity, self.owner, uuid)

    def new_key(self, entity: Entity) -> Key:
        """As :meth:`key`, for an id of the client's; raises ValidationFailed where that is none, or far ahead."""
        uuid = self._id(entity)
        if uuid is None:
            detail = "Must be a UUID of version 7 (RFC 9562)."
            raise ValidationFailed([Violation(entity.bad_id, detail, entity.parameter, "parameter")])
        if uuid7.milliseconds(uuid) > clock.now_ms() + MOST_AHEAD_MS:
            detail = "The time in the id is more than 24 hours ahead: the clock that it was made by is wrong."
            raise ValidationFailed([Violation(entity.id_ahead, detail, entity.parameter, "parameter")])
        return Key(entity, self.owner, uuid)

    def json(self, model: type[BodyT], media_types: Sequence[str] = JSON) -> BodyT:
        """The body; raises UnsupportedMediaType, PayloadTooLarge, MalformedJson or ValidationFailed, in this order."""
        self._check_media_type(media_types)
        return model.from_decoded(strict_json.decode(self._body_bytes()))

    def optional_json(self, model: type[BodyT]) -> BodyT:
        """As :meth:`json`; no body is null."""
        return self.json(model) if self._body_bytes() else model.from_decoded(None)

    def precondition(self) -> Precondition:
        """What ``If-Match`` and ``If-None-Match`` ask of a write; raises ValidationFailed."""
        return Precondition(self._entity_tags("If-Match", weak=False), self._entity_tags("If-None-Match", weak=True))

    def idempotency_key(self) -> str | None:
        """The ``Idempotency-Key``, None when there is none; raises ValidationFailed."""
        values = self.headers.get("idempotency-key")
        if values is None:
            return None
        if len(values) != 1 or not _IDEMPOTENCY_KEY.fullmatch(key := values[0].strip(_OWS)):
            detail = "Must be given once, as 1 to 255 visible ASCII characters."
            raise ValidationFailed([Violation("invalid_idempotency_key", detail, "Idempotency-Key", "header")])
        return key

    def known_etags(self) -> EntityTags | None:
        """What a reader has already, by ``If-None-Match``; raises ValidationFailed."""
        return self._entity_tags("If-None-Match", weak=True)

    def collection_path(self) -> str:
        """The path of the collection that the request is about, the user spelt as there (``me`` or the ``sub``)."""
        segments = _segments(self.resource)
        if segments[-1].startswith("{"):
            segments.pop()
        filled = [quote(self._parameter(each[1:-1]), safe="") if each.startswith("{") else each for each in segments]
        return "/".join([self.base_path, *filled])

    def _id(self, entity: Entity) -> str | None:
        return uuid7.parse(self._parameter(entity.parameter))

    def _parameter(self, name: str) -> str:
        return self.path_parameters.get(name) or ""

    def _entity_tags(self, header: str, *, weak: bool) -> EntityTags | None:
        values = self.headers.get(header.lower())
        return parse_entity_tags(",".join(values), header, weak=weak) if values else None

    def _check_media_type(self, accepted: Sequence[str]) -> None:
        media_type = ",".join(self.headers.get("content-type", ())).partition(";")[0].strip(_OWS).lower()
        if media_type not in accepted:
            raise UnsupportedMediaType(f"Send the body as {' or '.join(accepted)}.")
        coding = ",".join(self.headers.get("content-encoding", ())).strip(_OWS).lower()
        if coding not in ("", "identity"):
            raise UnsupportedMediaType("Send the body without a Content-Encoding.")

    def _body_bytes(self) -> bytes:
        if self.body is None:
            return b""
        if not isinstance(self.body, str):
            raise MalformedJson("The event's body is not a string, in which API Gateway hands over the JSON text.")
        try:
            raw = (
                base64.b64decode(self.body, validate=True)
                if self.body_is_base64
                else self.body.encode("utf-8", "surrogatepass")
            )
        except ValueError:  # binascii.Error is one, and characters beyond ASCII raise it themselves
            raise MalformedJson from None
        if len(raw) > MOST_BODY_BYTES:
            raise PayloadTooLarge
        return raw


def _members(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _several(given: Mapping[str, Any], spelling: Callable[[str], str] = str) -> dict[str, list[str]]:
    """Names to their values, at least one, off a map of values or of lists of values.

    What is no text is read as empty and not left out: a precondition that can't be read has to be refused.
    """
    several: dict[str, list[str]] = {}
    for name, value in given.items():
        if type(value) is list and len(value) == 1 and type(value[0]) is str:  # nearly always
            texts = value
        else:
            values = value if isinstance(value, list) else [value]
            texts = [each if isinstance(each, str) else "" for each in values if each is not None]
        if texts:
            spelt = spelling(name)
            several[spelt] = [*several[spelt], *texts] if spelt in several else texts
    return several


def _path_parameters(resource: str, path: str) -> dict[str, str | None]:
    """The values of ``{…}`` in the resource, off the path's segments.

    REST APIs hand over ``path`` percent-encoded for certain; of ``pathParameters`` nothing is promised
    (docs/decisions/0006). Aligned at the end, since a custom domain's base path may come first.
    """
    pairs = zip(reversed(_segments(resource)), reversed(_segments(path)), strict=False)
    return {name[1:-1]: _decoded(segment) for name, segment in pairs if name.startswith("{")}


def _segments(path: str) -> list[str]:
    return path.strip("/").split("/")


def _owner(authorizer: Mapping[str, Any]) -> str:
    """The verified ``sub``; empty, which nobody's is, where the context does not come from our authorizer."""
    try:
        return subject.decode(_text(authorizer.get("sub")))
    except UnicodeDecodeError:
        return ""


def _decoded(segment: str) -> str | None:
    try:
        return unquote(segment, errors="strict")
    except UnicodeDecodeError:
        return None


def _number(value: object) -> float | None:
    """The authorizer's numbers arrive as strings; None for what is no number."""
    try:
        return float(value) if isinstance(value, (str, int, float)) else None
    except ValueError:
        return None
    except OverflowError:  # an int beyond all floats
        return math.inf
