"""What a developer can choose about a local run, and the values that the template's parameters get from it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from local.gateway.origins import Origins
from local.identity import ISSUER
from local.identity.own_issuer import OwnIssuer
from local.make_variables import whole_number

DEFAULT_PORT: Final = 3000
DEFAULT_ORIGINS: Final = ",".join(
    f"http://{host}:{port}"
    for port in (3000, 3001, 4200, 5173, 8080)  # this server, and what Next, Angular, Vite and Vue serve on
    for host in ("localhost", "127.0.0.1")
)


@dataclass(frozen=True, slots=True)
class LocalSettings:
    """A local run's settings.

    Attributes:
        port: To serve on; 0 picks a free one.
        allowed_origins: Comma-separated origins, or ``*``; None is any port of this machine.
        dynamodb_endpoint: URL of a DynamoDB engine; None is moto in this process.
        log_level: Of the functions.
        show_logs: Show all that functions log, not only what belongs to a failure.
        own_issuer: Whose tokens are accepted; None is those of the development issuer.
    """

    port: int = DEFAULT_PORT
    allowed_origins: str | None = None
    dynamodb_endpoint: str | None = None
    log_level: str = "INFO"
    show_logs: bool = False
    own_issuer: OwnIssuer | None = None

    @classmethod
    def from_environment(cls, variables: Mapping[str, str]) -> LocalSettings:
        """Read PORT, ALLOWED_ORIGINS, DYNAMODB_ENDPOINT, LOG_LEVEL and LOGS.

        Raises:
            LocalError: PORT is not a port.
        """
        return cls(
            port=parse_port(variables.get("PORT", "").strip() or str(DEFAULT_PORT)),
            allowed_origins=variables.get("ALLOWED_ORIGINS", "").strip() or None,
            dynamodb_endpoint=variables.get("DYNAMODB_ENDPOINT", "").strip() or None,
            log_level=variables.get("LOG_LEVEL", "").strip().upper() or "INFO",
            show_logs=variables.get("LOGS", "").strip().lower() not in ("", "0", "false", "no"),
        )

    @property
    def origins(self) -> Origins:
        """The origins that browsers may call from."""
        listed = tuple((self.allowed_origins or DEFAULT_ORIGINS).split(","))
        return Origins(listed, any_local=self.allowed_origins is None)

    def parameters(self, jwks: str) -> dict[str, str]:
        """Values of the template's parameters, with the key set of development tokens."""
        return {
            "Environment": "dev",
            "AllowedOrigins": self.allowed_origins or DEFAULT_ORIGINS,
            "LogLevel": self.log_level,
            "DynamoDbEndpoint": self.dynamodb_endpoint or "",
            "JwtIssuer": ISSUER,
            "JwtAudience": ISSUER,
            "JwtAudienceClaim": "aud",
            "JwtAlgorithms": "EdDSA",
            "JwtJwks": jwks,
            "JwtJwksUrl": "",
            "JwtSecretArn": "",
            **({} if self.own_issuer is None else self.own_issuer.parameters),
        }


def parse_port(text: str) -> int:
    """A TCP port, 0 for any free one.

    Raises:
        LocalError: it is none.
    """
    return whole_number("PORT", text, 0, 65535)
