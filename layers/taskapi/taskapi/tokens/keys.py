"""JSON Web Key Sets (RFC 7517): a key serves only what it says it is for.

What can't be used is left out, and what does not belong to a key is ignored (sections 4 and 5). A null is a member that
is not there: some serialisers write every member that they know.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from itertools import islice
from typing import TYPE_CHECKING, Any, Final, NamedTuple, Protocol

from cryptography.exceptions import UnsupportedAlgorithm
from jwt import PyJWK
from jwt.exceptions import PyJWTError

from taskapi.tokens.errors import InvalidToken

if TYPE_CHECKING:
    from jwt.algorithms import AllowedPublicKeys

MOST_CANDIDATES: Final = 4
"""Keys tried for one token at most: each costs a verification, and anybody can ask for it."""
LEAST_RSA_BITS: Final = 2048
"""RFC 7518 section 3.3."""
LONGEST_KID: Final = 64
"""Characters of a ``kid`` in logs and error texts."""

# RFC 7518 section 3.1, RFC 8037 section 3.1 and RFC 9864 section 2.2: what the keys of each type and curve can verify.
_SERVED: Final[Mapping[tuple[str, str | None], frozenset[str]]] = {
    ("RSA", None): frozenset(f"{family}{bits}" for family in ("RS", "PS") for bits in (256, 384, 512)),
    ("EC", "P-256"): frozenset({"ES256"}),
    ("EC", "P-384"): frozenset({"ES384"}),
    ("EC", "P-521"): frozenset({"ES512"}),
    ("OKP", "Ed25519"): frozenset({"EdDSA", "Ed25519"}),
    ("OKP", "Ed448"): frozenset({"EdDSA", "Ed448"}),
}
_PUBLIC: Final = {"RSA": ("n", "e"), "EC": ("crv", "x", "y"), "OKP": ("crv", "x")}
"""What a public key is made of besides ``kty`` (RFC 7518 sections 6.2.1 and 6.3.1, RFC 8037 section 2)."""
_SECRET: Final = {
    "RSA": ("d", "p", "q", "dp", "dq", "qi", "oth"),
    "EC": ("d",),
    "OKP": ("d",),
    "AKP": ("priv",),
    "oct": ("k",),
}
"""Members that nobody but the signer may know."""


class InvalidKeySet(ValueError):
    """The document is no key set to verify with; ``has_secrets`` where it holds what only the signer may know."""

    def __init__(self, text: str, *, has_secrets: bool = False) -> None:
        super().__init__(text)
        self.has_secrets = has_secrets


class KeySource(Protocol):
    """Where verification keys come from."""

    def candidates(self, kid: str | None, algorithm: str, /) -> Iterable[Any]:
        """The keys that may have signed such a token, for PyJWT's ``decode``.

        Raises, maybe after keys that have to be tried first:
            InvalidToken: there is none.
            KeysUnavailable: can't tell at the moment.
        """


class LeftOut(NamedTuple):
    """A member of a key set that is not used, and why."""

    kid: str | None
    why: str
    is_secret: bool = False

    def __str__(self) -> str:
        return f"{'a key without kid' if self.kid is None else self.kid[:LONGEST_KID]}: {self.why}"


class _Unusable(Exception):
    pass


class Key(NamedTuple):
    """A key that can verify signatures of some algorithms."""

    kid: str | None
    algorithms: frozenset[str]
    public: AllowedPublicKeys


class KeySet(NamedTuple):
    """A parsed key set."""

    keys: tuple[Key, ...]
    left_out: tuple[LeftOut, ...]

    @classmethod
    def parse(cls, text: str) -> KeySet:
        """Read a JWK Set; raises InvalidKeySet where it is none, or has no usable key."""
        try:
            members = json.loads(text)["keys"]
        except (ValueError, TypeError, KeyError, RecursionError):
            raise InvalidKeySet("not a JSON Web Key Set") from None
        if not isinstance(members, list):
            raise InvalidKeySet("not a JSON Web Key Set")
        read = [_read(member) for member in members]
        keys = tuple(each for each in read if isinstance(each, Key))
        left_out = tuple(each for each in read if isinstance(each, LeftOut))
        if not keys:
            why = "; ".join(map(str, left_out[:5])) or "empty"
            has_secrets = any(each.is_secret for each in left_out)
            raise InvalidKeySet(f"no key to verify signatures with ({why})", has_secrets=has_secrets)
        return cls(keys, left_out)

    def find(self, kid: str | None, algorithm: str) -> list[AllowedPublicKeys]:
        """The keys that may have signed a token with such a header; a ``kid`` need not be unique (section 4.5)."""
        suiting = (key for key in self.keys if algorithm in key.algorithms and (kid is None or key.kid == kid))
        return [key.public for key in islice(suiting, MOST_CANDIDATES)]

    @property
    def secrets(self) -> tuple[LeftOut, ...]:
        """Left out as nobody but the signer may know them."""
        return tuple(each for each in self.left_out if each.is_secret)


class InlineKeys(NamedTuple):
    """A key set given as a setting: nothing is ever fetched."""

    key_set: KeySet

    @classmethod
    def parse(cls, text: str, algorithms: Collection[str]) -> InlineKeys:
        """Read a JWK Set; raises InvalidKeySet where no key serves one of the ``algorithms``, or one is secret."""
        key_set = KeySet.parse(text)
        if key_set.secrets:
            raise InvalidKeySet(f"only public keys, please ({'; '.join(map(str, key_set.secrets[:5]))})")
        if not any(key.algorithms & set(algorithms) for key in key_set.keys):
            raise InvalidKeySet(f"no key for {', '.join(algorithms)}")
        return cls(key_set)

    def candidates(self, kid: str | None, algorithm: str, /) -> Sequence[AllowedPublicKeys]:
        """See :class:`KeySource`."""
        keys = self.key_set.find(kid, algorithm)
        if not keys:
            raise InvalidToken("unknown_key")
        return keys


def _read(member: object) -> Key | LeftOut:
    if not isinstance(member, dict):
        return LeftOut(None, "not an object")
    members = {name: value for name, value in member.items() if value is not None}
    kty = members.get("kty")
    if isinstance(kty, str) and any(members.get(name) for name in _SECRET.get(kty, ())):
        return LeftOut(_kid(members), "a symmetric key" if kty == "oct" else "a private key", is_secret=True)
    try:
        algorithms = _algorithms(members)
        return Key(_kid(members), algorithms, _public_key(members, min(algorithms)))
    except _Unusable as unusable:
        return LeftOut(_kid(members), str(unusable))


def _public_key(members: Mapping[str, Any], algorithm: str) -> Any:
    """Load a key whose type, curve and algorithm are known to go together."""
    public = {name: members.get(name) for name in ("kty", *_PUBLIC[members["kty"]])}
    if not all(isinstance(value, str) for value in public.values()):
        raise _Unusable("its members are no key")
    try:
        # PyJWT doesn't know EdDSA by the names of RFC 9864; the key is the same.
        key = PyJWK(public, algorithm="EdDSA" if members["kty"] == "OKP" else algorithm).key
    except (PyJWTError, ValueError, TypeError, KeyError, UnsupportedAlgorithm):
        raise _Unusable("its members are no key") from None
    if members["kty"] == "RSA" and key.key_size < LEAST_RSA_BITS:
        raise _Unusable(f"an RSA key below {LEAST_RSA_BITS} bits")
    return key


def _kid(members: Mapping[str, Any]) -> str | None:
    kid = members.get("kid")
    return kid if isinstance(kid, str) else None


def _algorithms(members: Mapping[str, Any]) -> frozenset[str]:
    """What a key may verify by its own account; at least one."""
    kty, curve, algorithm = members.get("kty"), members.get("crv"), members.get("alg")
    if not isinstance(kty, str) or kty not in _PUBLIC:
        raise _Unusable("a key type that is not verified with")
    operations = members.get("key_ops", ["verify"])
    if members.get("use", "sig") != "sig" or not isinstance(operations, list) or "verify" not in operations:
        raise _Unusable("not for verifying signatures")
    if kty == "RSA":  # which has no curve, whatever stands there
        curve = None
    elif not isinstance(curve, str) or (kty, curve) not in _SERVED:
        raise _Unusable("a curve that is not verified with")
    served = _SERVED[kty, curve]
    if algorithm is None:
        return served
    if not isinstance(algorithm, str) or algorithm not in served:
        raise _Unusable("an algorithm that is not verified with, or not by such a key")
    # EdDSA and the name of the curve are the same algorithm (RFC 9864 section 2.2).
    return served if kty == "OKP" else frozenset({algorithm})
