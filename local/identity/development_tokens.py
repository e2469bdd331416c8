"""The local identity provider: one Ed25519 key pair of this checkout, and access tokens signed with it."""

from __future__ import annotations

import base64
import hashlib
import json
import os
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import jwt
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)

from local.errors import LocalError
from local.identity import ISSUER
from local.paths import BUILD

KEY_FILE: Final = BUILD / "local" / "development-key.pem"
ALGORITHM: Final = "EdDSA"
LIFETIME_SECONDS: Final = 12 * 3600
LONGEST_USER: Final = 256


@dataclass(frozen=True, slots=True)
class DevelopmentIssuer:
    """Issues tokens as an OIDC provider would."""

    private_key: Ed25519PrivateKey

    @classmethod
    def load(cls, path: Path = KEY_FILE) -> DevelopmentIssuer:
        """This checkout's issuer; its key pair is generated at first use.

        Raises:
            LocalError: the file is there but no Ed25519 key.
        """
        if not path.exists():
            _write_new_key(path)
        try:
            key = load_pem_private_key(path.read_bytes(), password=None)
        except (ValueError, TypeError, UnsupportedAlgorithm) as error:
            raise LocalError(f"{path} is no private key; delete it to get a new one") from error
        if not isinstance(key, Ed25519PrivateKey):
            raise LocalError(f"{path} is no Ed25519 key; delete it to get a new one")
        return cls(key)

    @property
    def public_jwk(self) -> dict[str, str]:
        """The public key as a JSON Web Key (RFC 8037); ``kid`` is its thumbprint (RFC 7638)."""
        x = _base64url(self.private_key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw))
        required = {"crv": "Ed25519", "kty": "OKP", "x": x}
        canonical = json.dumps(required, separators=(",", ":"), sort_keys=True)
        thumbprint = _base64url(hashlib.sha256(canonical.encode()).digest())
        return {**required, "kid": thumbprint, "alg": ALGORITHM, "use": "sig"}

    @property
    def jwks(self) -> str:
        """The key set that verifies the tokens, as JSON."""
        return json.dumps({"keys": [self.public_jwk]}, separators=(",", ":"))

    def token(self, user: str, lifetime: int = LIFETIME_SECONDS, now: float | None = None) -> str:
        """An access token.

        Args:
            user: The ``sub``.
            lifetime: Seconds until it expires; negative for one that has.
            now: Unix seconds; the clock by default.
        """
        issued_at = int(time.time() if now is None else now)
        # One that has expired was issued before it did.
        claims: dict[str, Any] = {
            "iss": ISSUER,
            "aud": ISSUER,
            "sub": user,
            "iat": min(issued_at, issued_at + lifetime - 1),
            "exp": issued_at + lifetime,
        }
        return jwt.encode(claims, self.private_key, algorithm=ALGORITHM, headers={"kid": self.public_jwk["kid"]})


def what_is_wrong_with(user: str) -> tuple[str, str] | None:
    """Why the API would refuse a user's tokens: its code for that, and a sentence; None where it would not."""
    if not user.strip():
        return "blank", "A name must have a character."
    if len(user) > LONGEST_USER:
        return "too_long", f"A name may have {LONGEST_USER} characters at most."
    if "#" in user:
        return "unacceptable_text", "A name may not contain '#', which separates the parts of the API's keys."
    if not user.isprintable():
        return "unacceptable_text", "A name may not contain control characters or others that can't be seen."
    return None


def _write_new_key(path: Path) -> None:
    """Several processes may get here at once: each writes its own file whole, and the first to link it wins."""
    pem = Ed25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, draft = tempfile.mkstemp(dir=path.parent)  # mode 0600
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(pem)
            os.link(draft, path)
        except FileExistsError:
            pass
        finally:
            Path(draft).unlink()
    except OSError as error:
        raise LocalError(f"the development key can't be written: {error}") from error


def _base64url(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
