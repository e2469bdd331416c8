"""Access tokens: good ones by PyJWT, and forged ones put together by hand."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import time
from collections.abc import Mapping
from typing import Any, Final

import jwt

ISSUER: Final = "https://issuer.example.com/"
AUDIENCE: Final = "https://api.example.com"
SHARED_SECRET: Final = "correct horse battery staple, and then some more"


def claims(**changes: Any) -> dict[str, Any]:
    """The claims of a good token; a change to ``...`` (Ellipsis) leaves the claim out."""
    now = int(time.time())
    good = {"iss": ISSUER, "aud": AUDIENCE, "sub": "alice", "iat": now - 10, "exp": now + 600}
    return {name: value for name, value in (good | changes).items() if value is not ...}


def token(key: Any, algorithm: str, content: Mapping[str, Any] | None = None, **header: Any) -> str:
    """A token signed as it should be.

    Args:
        key: For PyJWT's ``encode``.
        algorithm: Of the header, and signed with.
        content: The claims; those of :func:`claims` by default.
        header: Further header members.
    """
    return jwt.encode(dict(claims() if content is None else content), key, algorithm=algorithm, headers=header)


def base64url(raw: bytes) -> str:
    """Without padding, as in RFC 7515 section 2."""
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def from_base64url(text: str) -> bytes:
    """The inverse of :func:`base64url`."""
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def compact(header: Mapping[str, Any] | bytes, payload: Mapping[str, Any] | bytes, signature: bytes) -> str:
    """A compact JWS of any three parts; bytes are taken as they are."""
    parts = [part if isinstance(part, bytes) else json.dumps(part).encode() for part in (header, payload)]
    return ".".join(base64url(part) for part in (*parts, signature))


def hmac_signed(header: Mapping[str, Any] | bytes, payload: Mapping[str, Any] | bytes, secret: bytes) -> str:
    """A compact JWS of any header and payload with a genuine HMAC-SHA-256, whatever the header says."""
    signing_input = compact(header, payload, b"").rpartition(".")[0]
    signature = hmac.new(secret, signing_input.encode(), hashlib.sha256).digest()
    return f"{signing_input}.{base64url(signature)}"


def private_key_signed(header: Mapping[str, Any] | bytes, payload: Mapping[str, Any] | bytes, private: Any) -> str:
    """A compact JWS of any header and payload with a genuine Ed25519 signature, whatever they say."""
    signing_input = compact(header, payload, b"").rpartition(".")[0]
    return f"{signing_input}.{base64url(private.sign(signing_input.encode()))}"
