"""The environment, read once into frozen settings that fail loudly when wrong (docs/configuration.md explains each)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple
from urllib.parse import urlsplit

from taskapi.errors import ConfigurationError, ConfigurationFault

ASYMMETRIC_ALGORITHMS = frozenset(
    {"RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA", "Ed25519", "Ed448"}
)
SYMMETRIC_ALGORITHMS = frozenset({"HS256"})
ENVIRONMENTS = ("dev", "staging", "prod")


class _Environment:
    """Reads variables and gathers everything that is wrong, so that one failed start names all of it."""

    def __init__(self, variables: Mapping[str, str]) -> None:
        self._variables = variables
        self.faults: list[ConfigurationFault] = []

    def fault(self, name: str, problem: str) -> None:
        self.faults.append(ConfigurationFault(name, problem))

    def optional(self, name: str) -> str | None:
        """The trimmed value; None when unset or empty (a CloudFormation parameter can't be left out, only empty)."""
        return self._variables.get(name, "").strip() or None

    def required(self, name: str) -> str:
        value = self.optional(name)
        if value is None:
            self.fault(name, "is required")
            return ""
        return value

    def words(self, name: str) -> tuple[str, ...]:
        """The comma-separated members of a required list."""
        value = self.required(name)
        words = tuple(word for part in value.split(",") if (word := part.strip()))
        if value and not words:
            self.fault(name, "has no members")
        return words

    def whole_number(self, name: str, default: int, least: int, most: int) -> int:
        """An optional whole number within bounds: digits alone, and no zero before others."""
        text = self._variables.get(name) or str(default)
        is_number = text.isascii() and text.isdigit() and len(text) <= len(str(most)) and text == str(int(text))
        if is_number and least <= int(text) <= most:
            return int(text)
        self.fault(name, f"must be a whole number from {least} to {most}")
        return default

    def raise_faults(self) -> None:
        if self.faults:
            raise ConfigurationError(self.faults)


def _is_web_origin(text: str) -> bool:
    """Whether ``text`` is an origin as browsers send it in ``Origin`` (RFC 6454 section 7): scheme://host[:port]."""
    try:
        parts = urlsplit(text)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.netloc) and text == f"{parts.scheme}://{parts.netloc}"


class Settings(NamedTuple):
    """What the operations need.

    Attributes:
        environment: ``dev``, ``staging`` or ``prod``; a dimension of every metric.
        allowed_origins: Origins that browsers may call from; ``("*",)`` allows every one.
        dynamodb_endpoint: URL of another DynamoDB-compatible engine, None for AWS.
        list_read_units: See :class:`~taskapi.dynamo.table.ReadBudget`; so for ``list_milliseconds``.
    """

    environment: str
    table_name: str
    allowed_origins: tuple[str, ...]
    dynamodb_endpoint: str | None = None
    list_read_units: int = 256
    list_milliseconds: int = 2_000

    @classmethod
    def from_environment(cls, variables: Mapping[str, str]) -> Settings:
        """Read the settings; raises ConfigurationError, naming every variable that is missing or wrong."""
        environment = _Environment(variables)
        settings = cls(
            environment=environment.required("ENVIRONMENT"),
            table_name=environment.required("TABLE_NAME"),
            allowed_origins=environment.words("ALLOWED_ORIGINS"),
            dynamodb_endpoint=environment.optional("DYNAMODB_ENDPOINT"),
            list_read_units=environment.whole_number("LIST_READ_UNITS", 256, 1, 256),
            list_milliseconds=environment.whole_number("LIST_MILLISECONDS", 2_000, 100, 8_000),
        )
        _check_environment(environment, settings.environment)
        if settings.allowed_origins != ("*",) and not all(map(_is_web_origin, settings.allowed_origins)):
            environment.fault(
                "ALLOWED_ORIGINS", "must be * or origins such as https://app.example.com, no path or slash"
            )
        environment.raise_faults()
        return settings


class TokenSettings(NamedTuple):
    """What the authorizer accepts.

    Attributes:
        issuer: The exact ``iss``.
        audiences: One of them must be in the token.
        audience_claim: ``aud``, or ``client_id`` for Cognito access tokens, which have no ``aud``.
        algorithms: The pinned ``alg`` values, all asymmetric or all symmetric.
        leeway: Clock skew allowed on ``exp``, ``nbf`` and ``iat``, in seconds.
        jwks: Inline JSON Web Key Set (RFC 7517).
        jwks_url: Where the issuer publishes its key set; HTTPS only.
        secret_arn: Of the Secrets Manager secret that holds the HS256 key.
    """

    environment: str
    issuer: str
    audiences: tuple[str, ...]
    audience_claim: str
    algorithms: tuple[str, ...]
    leeway: int = 5
    jwks: str | None = None
    jwks_url: str | None = None
    secret_arn: str | None = None

    @classmethod
    def from_environment(cls, variables: Mapping[str, str]) -> TokenSettings:
        """Read the settings.

        Raises:
            ConfigurationError: naming every variable that is missing or wrong, and key sources that are not exactly one
                or don't go with the algorithms.
        """
        environment = _Environment(variables)
        settings = cls(
            environment=environment.required("ENVIRONMENT"),
            issuer=environment.required("JWT_ISSUER"),
            audiences=environment.words("JWT_AUDIENCE"),
            audience_claim=environment.optional("JWT_AUDIENCE_CLAIM") or "aud",
            algorithms=environment.words("JWT_ALGORITHMS"),
            leeway=environment.whole_number("JWT_LEEWAY_SECONDS", 5, 0, 60),
            jwks=environment.optional("JWT_JWKS"),
            jwks_url=environment.optional("JWT_JWKS_URL"),
            secret_arn=environment.optional("JWT_SECRET_ARN"),
        )
        settings._check(environment)
        environment.raise_faults()
        return settings

    def _check(self, environment: _Environment) -> None:
        _check_environment(environment, self.environment)
        if self.audience_claim not in ("aud", "client_id"):
            environment.fault("JWT_AUDIENCE_CLAIM", "must be aud or client_id")
        if sum(source is not None for source in (self.jwks, self.jwks_url, self.secret_arn)) != 1:
            environment.fault("JWT_JWKS, JWT_JWKS_URL, JWT_SECRET_ARN", "exactly one of them must be set")
        if self.jwks_url and not self.jwks_url.startswith("https://"):
            environment.fault("JWT_JWKS_URL", "must be an https URL")
        family = SYMMETRIC_ALGORITHMS if self.secret_arn else ASYMMETRIC_ALGORITHMS
        if unknown := [name for name in self.algorithms if name not in family]:
            source = "a shared secret" if self.secret_arn else "a key set"
            environment.fault("JWT_ALGORITHMS", f"not usable with {source}: {', '.join(unknown)}")


def _check_environment(environment: _Environment, name: str) -> None:
    # Powertools reads them at each request, and raises where one is missing.
    for variable in ("POWERTOOLS_SERVICE_NAME", "POWERTOOLS_METRICS_NAMESPACE"):
        environment.required(variable)
    if name and name not in ENVIRONMENTS:
        environment.fault("ENVIRONMENT", f"must be one of {', '.join(ENVIRONMENTS)}")
