"""Verifies access tokens: PyJWT for the cryptography and the registered claims, and here what it leaves open.

RFC 8725 (JWT Best Current Practices) is the checklist: the algorithm is ours to choose and not the token's, keys serve
one algorithm, and nothing in a token's header is ever followed.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Mapping
from typing import Any, Final, NamedTuple

import jwt
from jwt.exceptions import PyJWTError

from taskapi import strict_json, text
from taskapi.errors import MalformedJson
from taskapi.settings import TokenSettings
from taskapi.tokens.errors import InvalidToken
from taskapi.tokens.keys import KeySource

LONGEST_TOKEN: Final = 8_192
LONGEST_SUBJECT: Final = 256
# '#' separates the parts of our keys; controls, surrogates and noncharacters have no business in an identity.
_FORBIDDEN_IN_SUBJECT = re.compile(rf"[{text.FORBIDDEN}\t\n#]")
_COMPACT = re.compile(r"([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]+)\.[A-Za-z0-9_-]+")

# From PyJWT's exception types to the reasons in logs and metrics; a subclass stands before its base.
_REASONS: Final = (
    (jwt.ExpiredSignatureError, "expired"),
    (jwt.ImmatureSignatureError, "not_yet_valid"),
    (jwt.InvalidIssuerError, "wrong_issuer"),
    (jwt.InvalidAudienceError, "wrong_audience"),
    (jwt.MissingRequiredClaimError, "missing_claim"),
    (jwt.InvalidSignatureError, "wrong_signature"),
)


class Identity(NamedTuple):
    """What a verified token says.

    Attributes:
        subject: ``sub``: the user.
        expires: ``exp``, Unix seconds.
        scope: ``scope`` (RFC 8693 section 4.2), None when absent.
    """

    subject: str
    expires: int
    scope: str | None = None


class TokenVerifier:
    """Verifies the tokens of one issuer."""

    def __init__(self, settings: TokenSettings, keys: KeySource) -> None:
        self._settings = settings
        self._keys = keys

    def verify(self, token: str) -> Identity:
        """Verify a compact JWS (RFC 7515 section 7.1).

        Raises:
            InvalidToken: it is not good.
            KeysUnavailable: that can't be told at the moment.
        """
        header, claims = _decoded_parts(token)
        algorithm = header.get("alg")
        if algorithm not in self._settings.algorithms:
            raise InvalidToken("wrong_algorithm")
        if "crit" in header:  # RFC 7515 section 4.1.11: extensions that we don't understand make it invalid
            raise InvalidToken("critical_header")
        kid = header.get("kid")
        if kid is not None and not isinstance(kid, str):
            raise InvalidToken("malformed")
        keys = self._keys.candidates(kid, algorithm)
        for key in keys[:-1]:
            try:
                self._check_signature_and_claims(token, key, algorithm)
                break
            except InvalidToken as invalid:
                if invalid.reason != "wrong_signature":
                    raise
        else:
            self._check_signature_and_claims(token, keys[-1], algorithm)
        return self._identity(claims)

    def _check_signature_and_claims(self, token: str, key: Any, algorithm: str) -> None:
        by_aud = self._settings.audience_claim == "aud"
        try:
            jwt.decode(
                token,
                key,
                algorithms=[algorithm],
                issuer=self._settings.issuer,
                audience=self._settings.audiences if by_aud else None,
                leeway=self._settings.leeway,
                options={
                    "require": ["exp", "iss", "sub", self._settings.audience_claim],
                    "verify_aud": by_aud,
                    "enforce_minimum_key_length": True,
                },
            )
        except PyJWTError as error:
            raise InvalidToken(next((r for kind, r in _REASONS if isinstance(error, kind)), "invalid")) from None
        except (ValueError, TypeError, OverflowError, RecursionError):  # claims of types that PyJWT doesn't expect
            raise InvalidToken("malformed") from None

    def _identity(self, claims: Mapping[str, Any]) -> Identity:
        """The identity in claims whose signature has been checked."""
        for name in ("exp", "nbf", "iat"):  # PyJWT takes "1" for 1; RFC 7519 section 2 wants a JSON number
            if name in claims and (isinstance(claims[name], bool) or not isinstance(claims[name], (int, float))):
                raise InvalidToken("malformed")
        if self._settings.audience_claim == "client_id" and claims["client_id"] not in self._settings.audiences:
            raise InvalidToken("wrong_audience")
        subject = claims["sub"]
        if not isinstance(subject, str) or not 1 <= len(subject) <= LONGEST_SUBJECT:
            raise InvalidToken("bad_subject")
        if _FORBIDDEN_IN_SUBJECT.search(subject):
            raise InvalidToken("bad_subject")
        scope = claims.get("scope")
        return Identity(subject, int(claims["exp"]), scope if isinstance(scope, str) else None)


def _decoded_parts(token: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """Header and claims, not yet verified, read strictly: PyJWT would take UTF-16, a BOM and duplicate members."""
    parts = _COMPACT.fullmatch(token) if len(token) <= LONGEST_TOKEN else None
    if parts is None:
        raise InvalidToken("malformed")
    try:
        header, claims = (strict_json.decode(_base64url(part)) for part in parts.groups())
    except (MalformedJson, binascii.Error):
        raise InvalidToken("malformed") from None
    if not isinstance(header, dict) or not isinstance(claims, dict):
        raise InvalidToken("malformed")
    return header, claims


def _base64url(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
