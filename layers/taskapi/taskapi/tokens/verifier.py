"""Verifies access tokens: PyJWT for the cryptography, and here and in ``claims`` what it leaves open.

RFC 8725 (JWT Best Current Practices) is the checklist: the algorithm is ours to choose and not the token's, keys serve
one algorithm, and nothing in a token's header is ever followed.
"""

from __future__ import annotations

import base64
import binascii
import re
import time
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

from jwt import PyJWS
from jwt.algorithms import OKPAlgorithm
from jwt.exceptions import InvalidSignatureError, PyJWTError

from taskapi import strict_json
from taskapi.errors import MalformedJson
from taskapi.settings import TokenSettings
from taskapi.tokens.claims import Identity, identity
from taskapi.tokens.errors import InvalidToken, Undecided
from taskapi.tokens.keys import KeySource

LONGEST_TOKEN: Final = 8_192
_COMPACT = re.compile(r"([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]+)\.[A-Za-z0-9_-]+")

_JWS: Final = PyJWS(options={"verify_signature": True, "enforce_minimum_key_length": True})
for _name in ("Ed25519", "Ed448"):  # the names of RFC 9864, which PyJWT doesn't know
    _JWS.register_algorithm(_name, OKPAlgorithm())


class TokenVerifier:
    """Verifies the tokens of one issuer."""

    def __init__(self, settings: TokenSettings, keys: KeySource, now: Callable[[], float] = time.time) -> None:
        self._settings = settings
        self._keys = keys
        self._now = now
        self._key_algorithms = _key_algorithms(settings.algorithms)

    def verify(self, token: str) -> Identity:
        """Verify a compact JWS (RFC 7515 section 7.1); raises InvalidToken or Undecided."""
        header, claims = _decoded_parts(token)
        algorithm = header.get("alg")
        if not isinstance(algorithm, str) or algorithm not in self._key_algorithms:
            raise InvalidToken("wrong_algorithm")
        if "crit" in header:  # RFC 7515 section 4.1.11: extensions that we don't understand make it invalid
            raise InvalidToken("critical_header")
        kid = header.get("kid")
        if kid is not None and not isinstance(kid, str):
            raise InvalidToken("malformed")
        try:
            _check_signature(token, self._keys.candidates(kid, self._key_algorithms[algorithm]), algorithm)
        except Undecided:
            identity(claims, self._settings, self._now())  # what no key can make good is denied all the same
            raise
        return identity(claims, self._settings, self._now())


def _key_algorithms(accepted: Iterable[str]) -> Mapping[str, str]:
    """From the ``alg`` of each token that is accepted to the algorithm that its key has to serve.

    RFC 9864 renames EdDSA by curve. An issuer may change the name while the setting stays, or the other way round; a
    setting that names a curve holds both to it.
    """
    wanted = {name: name for name in accepted}
    curves = {"Ed25519", "Ed448"}
    if "EdDSA" in wanted:
        wanted |= {curve: curve for curve in curves}
    elif named := curves & wanted.keys():
        wanted["EdDSA"] = "EdDSA" if named == curves else min(named)
    return wanted


def _check_signature(token: str, keys: Iterable[Any], algorithm: str) -> None:
    for key in keys:
        try:
            _JWS.decode(token, key, [algorithm])
        except InvalidSignatureError:
            continue
        except PyJWTError:
            raise InvalidToken("invalid") from None
        except (ValueError, TypeError, OverflowError, RecursionError):  # header members of types that PyJWT can't take
            raise InvalidToken("malformed") from None
        return
    raise InvalidToken("wrong_signature")


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
