"""JSON Web Key Sets (RFC 7517), taken at their word: a key serves only what it says it is for."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple, Protocol

from jwt import PyJWK
from jwt.exceptions import PyJWTError

from taskapi.tokens.errors import InvalidToken

# RFC 7518 section 3.1 and RFC 8037 section 3.1: the key type of each algorithm, and the curves that it may be on.
_KEY_OF: Final[Mapping[str, tuple[str, frozenset[str | None]]]] = {
    **{f"{family}{bits}": ("RSA", frozenset({None})) for family in ("RS", "PS") for bits in (256, 384, 512)},
    "ES256": ("EC", frozenset({"P-256"})),
    "ES384": ("EC", frozenset({"P-384"})),
    "ES512": ("EC", frozenset({"P-521"})),
    "EdDSA": ("OKP", frozenset({"Ed25519", "Ed448"})),
}


class InvalidKeySet(ValueError):
    """The document is no key set to verify with."""


class KeySource(Protocol):
    """Where verification keys come from."""

    def candidates(self, kid: str | None, algorithm: str, /) -> Sequence[Any]:
        """The keys that may have signed such a token, for PyJWT's ``decode``; at least one.

        Raises:
            InvalidToken: there is none.
            KeysUnavailable: can't tell at the moment.
        """


class KeySet(NamedTuple):
    """A parsed key set.

    Attributes:
        keys: Its members that can verify signatures, as JSON objects.
    """

    keys: tuple[Mapping[str, Any], ...]

    @classmethod
    def parse(cls, text: str) -> KeySet:
        """Read a JWK Set.

        Keys for encryption, or of types that we don't verify with, are left out, as RFC 7517 section 5 asks.

        Raises:
            InvalidKeySet: not a key set, no usable key in it, two keys of one ``kid``, or a symmetric key among
                them: whoever can read such a set could sign.
        """
        try:
            members = json.loads(text)["keys"]
            usable = tuple(key for key in members if _verifies(key))
            kids = [key["kid"] for key in usable if "kid" in key]
        except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
            raise InvalidKeySet("not a JSON Web Key Set") from None
        if any(key.get("kty") == "oct" for key in members):
            raise InvalidKeySet("a symmetric key in a key set")
        if not usable:
            raise InvalidKeySet("no key to verify signatures with")
        if len({json.dumps(kid) for kid in kids}) != len(kids):
            raise InvalidKeySet("two keys of one kid")
        return cls(usable)

    def find(self, kid: str | None, algorithm: str) -> PyJWK | None:
        """The key of a token's header.

        A token without ``kid`` is taken only where the set has one key for its algorithm: trying key after key would
        let anyone make us work.
        """
        matching = [key for key in self.keys if _serves(key, algorithm) and (kid is None or key.get("kid") == kid)]
        if len(matching) != 1:
            return None
        try:
            return PyJWK(dict(matching[0]), algorithm=algorithm)
        except (PyJWTError, ValueError, TypeError, KeyError):
            return None


class InlineKeys(NamedTuple):
    """A key set given as a setting: nothing is ever fetched."""

    key_set: KeySet

    def candidates(self, kid: str | None, algorithm: str, /) -> Sequence[PyJWK]:
        """See :class:`KeySource`."""
        key = self.key_set.find(kid, algorithm)
        if key is None:
            raise InvalidToken("unknown_key")
        return [key]


def _verifies(key: Mapping[str, Any]) -> bool:
    return (
        key.get("kty") in ("RSA", "EC", "OKP")
        and key.get("use", "sig") == "sig"
        and ("key_ops" not in key or "verify" in key["key_ops"])
    )


def _serves(key: Mapping[str, Any], algorithm: str) -> bool:
    key_type, curves = _KEY_OF[algorithm]
    curve = key.get("crv")
    return (
        key["kty"] == key_type
        and (curve is None or isinstance(curve, str))
        and curve in curves
        and key.get("alg", algorithm) == algorithm
    )
