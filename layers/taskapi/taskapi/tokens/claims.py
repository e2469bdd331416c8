"""What the claims of an access token (RFC 7519 section 4.1) have to say."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final, NamedTuple

from taskapi import text
from taskapi.settings import TokenSettings
from taskapi.tokens.errors import InvalidToken, TooEarly

LONGEST_SUBJECT: Final = 256
DENIAL_SECONDS: Final = 60
"""How long API Gateway may hold a denial against a token: ``ReauthorizeEvery`` of template.yaml."""
_LATEST: Final = 2**53
"""Times beyond are none: not every JSON parser reads larger numbers exactly (RFC 8259 section 6)."""
# '#' separates the parts of our keys; controls, surrogates and noncharacters have no business in an identity.
_FORBIDDEN_IN_SUBJECT = re.compile(rf"[{text.FORBIDDEN}\t\n#]")


class Identity(NamedTuple):
    """What a verified token says: ``sub``, ``exp`` in Unix seconds, and ``scope`` (RFC 8693 section 4.2)."""

    subject: str
    expires: int
    scope: str | None = None


def identity(claims: Mapping[str, Any], settings: TokenSettings, now: float) -> Identity:
    """The identity in a token's claims, whether its signature is good or not.

    Raises:
        InvalidToken: they are not those of a token for us, or not at ``now`` (Unix seconds) any more.
        TooEarly: they will be, before a denial would have left API Gateway's cache.
    """
    _check_form(claims, settings)
    expires = int(claims["exp"])
    if expires + settings.leeway <= now:
        raise InvalidToken("expired")
    if claims["iss"] != settings.issuer:
        raise InvalidToken("wrong_issuer")
    _check_audience(claims, settings)
    subject = claims["sub"]
    if not isinstance(subject, str) or not 1 <= len(subject) <= LONGEST_SUBJECT:
        raise InvalidToken("bad_subject")
    if _FORBIDDEN_IN_SUBJECT.search(subject):
        raise InvalidToken("bad_subject")
    begins = max(claims.get("nbf", 0), claims.get("iat", 0)) - settings.leeway
    if begins > now:
        if begins > now + DENIAL_SECONDS or begins >= expires + settings.leeway:
            raise InvalidToken("not_yet_valid")
        raise TooEarly("nbf or iat is seconds ahead")
    scope = claims.get("scope")
    return Identity(subject, expires, scope if isinstance(scope, str) else None)


def _check_form(claims: Mapping[str, Any], settings: TokenSettings) -> None:
    for name in ("exp", "iss", "sub", settings.audience_claim):
        if claims.get(name) is None:
            raise InvalidToken("missing_claim")
    for name in ("exp", "nbf", "iat"):  # RFC 7519 section 2 wants a JSON number
        if name in claims and not _is_time(claims[name]):
            raise InvalidToken("malformed")
    if "jti" in claims and not isinstance(claims["jti"], str):
        raise InvalidToken("malformed")


def _check_audience(claims: Mapping[str, Any], settings: TokenSettings) -> None:
    if settings.audience_claim == "client_id":
        client = claims["client_id"]
        if not isinstance(client, str) or client not in settings.audiences:
            raise InvalidToken("wrong_audience")
    # Beside a client_id, too: an aud that is there and does not name us is for somebody else (section 4.1.3).
    if "aud" in claims and not _is_for_us(claims["aud"], settings):
        raise InvalidToken("wrong_audience")


def _is_time(value: object) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and -_LATEST < value < _LATEST


def _is_for_us(audience: object, settings: TokenSettings) -> bool:
    named = [audience] if isinstance(audience, str) else audience
    if not isinstance(named, list):
        named = []
    return all(isinstance(each, str) for each in named) and any(each in settings.audiences for each in named)
