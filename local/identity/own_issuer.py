"""A token issuer of the developer's for ``make run``, so that a frontend tries its real sign-in on this machine."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from local import listener
from local.errors import LocalError

DEFAULT_ALGORITHMS: Final = "EdDSA,ES256,RS256"
_SIGNS: Final = ("JWT_ISSUER", "JWT_AUDIENCE", "JWT_JWKS", "JWT_JWKS_URL")


@dataclass(frozen=True, slots=True)
class OwnIssuer:
    """Whose tokens a local run accepts in place of development tokens; each is the variable of that name."""

    issuer: str
    audience: str
    jwks: str = ""
    jwks_url: str = ""
    audience_claim: str = "aud"
    algorithms: str = DEFAULT_ALGORITHMS

    @classmethod
    def from_environment(cls, variables: Mapping[str, str]) -> OwnIssuer | None:
        """Read the variables; None where none names an issuer.

        Raises:
            LocalError: some are missing or wrong. What else is, the authorizer itself says when it starts.
        """
        given = {name: value.strip() for name, value in variables.items() if name.startswith("JWT_")}
        if not any(given.get(name) for name in _SIGNS):
            return None
        missing = [name for name in ("JWT_ISSUER", "JWT_AUDIENCE") if not given.get(name)]
        if bool(given.get("JWT_JWKS")) == bool(given.get("JWT_JWKS_URL")):
            missing.append("one of JWT_JWKS and JWT_JWKS_URL")
        if missing:
            raise LocalError(
                f"tokens of your own issuer need {', '.join(missing)}; unset all JWT_* for development tokens"
            )
        issuer = cls(
            given["JWT_ISSUER"],
            given["JWT_AUDIENCE"],
            given.get("JWT_JWKS", ""),
            given.get("JWT_JWKS_URL", ""),
            given.get("JWT_AUDIENCE_CLAIM") or "aud",
            given.get("JWT_ALGORITHMS") or DEFAULT_ALGORITHMS,
        )
        if issuer.jwks_url and not issuer.jwks_url.startswith("https://") and not issuer.is_here:
            raise LocalError("JWT_JWKS_URL must be an https URL, or an http URL on localhost or 127.0.0.1")
        return issuer

    @property
    def is_here(self) -> bool:
        """Whether the key set is at an http URL of this machine, which the deployed authorizer would not fetch."""
        try:
            parts = urlsplit(self.jwks_url)
        except ValueError:
            return False
        return parts.scheme == "http" and parts.hostname in listener.NAMES

    @property
    def parameters(self) -> dict[str, str]:
        """Values of the template's parameters, which take an https URL alone."""
        return {
            "JwtIssuer": self.issuer,
            "JwtAudience": self.audience,
            "JwtAudienceClaim": self.audience_claim,
            "JwtAlgorithms": self.algorithms,
            "JwtJwks": self.jwks,
            "JwtJwksUrl": self.jwks_url.replace("http:", "https:", 1) if self.is_here else self.jwks_url,
        }
