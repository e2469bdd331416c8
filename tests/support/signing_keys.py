"""Key pairs of every kind that tokens may be signed with, and their JSON Web Keys (RFC 7517)."""

from __future__ import annotations

import functools
import json
from dataclasses import dataclass
from typing import Any, Final

from cryptography.hazmat.primitives.asymmetric import ec, ed448, ed25519, rsa
from jwt.algorithms import ECAlgorithm, OKPAlgorithm, RSAAlgorithm

ALGORITHM_KINDS: Final = {
    **{f"{family}{bits}": "RSA" for family in ("RS", "PS") for bits in (256, 384, 512)},
    "ES256": "P-256",
    "ES384": "P-384",
    "ES512": "P-521",
    "EdDSA": "Ed25519",
}
"""Every asymmetric algorithm of the contract, and a kind of key that it takes."""

_CURVES: Final[dict[str, type[ec.EllipticCurve]]] = {
    "P-256": ec.SECP256R1,
    "P-384": ec.SECP384R1,
    "P-521": ec.SECP521R1,
    "secp256k1": ec.SECP256K1,
}


@dataclass(frozen=True)
class SigningKey:
    """A key pair.

    Attributes:
        private: The private key, for PyJWT's ``encode``.
        public_jwk: The public key's members; without ``kid``, ``use`` and ``alg``.
    """

    private: Any
    public_jwk: dict[str, Any]

    def jwk(self, **members: Any) -> dict[str, Any]:
        """The public key as a JWK with these members besides."""
        return {**self.public_jwk, **members}


@functools.cache
def signing_key(kind: str, name: str = "first") -> SigningKey:
    """A key pair of a kind (``RSA``, ``RSA-1024``, a curve's name); the same one for the same name in one process."""
    private: Any
    public: Any
    if kind.startswith("RSA"):
        size = int(kind.partition("-")[2] or 2048)
        private = rsa.generate_private_key(public_exponent=65537, key_size=size)
        public = RSAAlgorithm.to_jwk(private.public_key())
    elif kind in _CURVES:
        private = ec.generate_private_key(_CURVES[kind]())
        public = ECAlgorithm.to_jwk(private.public_key())
    elif kind == "Ed448":
        private = ed448.Ed448PrivateKey.generate()
        public = OKPAlgorithm.to_jwk(private.public_key())
    else:
        private = ed25519.Ed25519PrivateKey.generate()
        public = OKPAlgorithm.to_jwk(private.public_key())
    members = json.loads(public)
    members.pop("key_ops", None)
    return SigningKey(private, members)


def key_set(*keys: dict[str, Any]) -> str:
    """A JWK Set document."""
    return json.dumps({"keys": list(keys)})
