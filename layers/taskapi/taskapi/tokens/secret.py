"""One HS256 secret, from AWS Secrets Manager.

Of the two stages that a rotation leaves behind, AWSCURRENT and AWSPREVIOUS, both are accepted: tokens signed just
before a rotation stay good until they expire ("Rotate AWS Secrets Manager secrets", AWS Secrets Manager User Guide).
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, Final

from taskapi.errors import ConfigurationError, ConfigurationFault
from taskapi.observability import logger
from taskapi.tokens.errors import KeysUnavailable
from taskapi.tokens.refresh_schedule import RefreshSchedule

if TYPE_CHECKING:
    from mypy_boto3_secretsmanager import SecretsManagerClient

FRESH_SECONDS: Final = 300
LEAST_BYTES: Final = 32
"""RFC 7518 section 3.2: a key of at least the hash's size."""

FetchSecret = Callable[[str, str], str | None]
"""From ARN and stage to the secret; None where the secret has no such stage; raises OSError when unreachable."""


def fetch_secret(arn: str, stage: str) -> str | None:
    """GetSecretValue; raises OSError. botocore doubles the start-up, and only this key source needs it."""
    import botocore.session  # noqa: PLC0415
    from botocore.config import Config  # noqa: PLC0415
    from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415

    from taskapi.dynamo.connection import use_own_connection  # noqa: PLC0415

    # One try: a refresh asks twice, a request waits for it, and the next is tried within seconds (RefreshSchedule).
    config = Config(retries={"mode": "standard", "total_max_attempts": 1}, connect_timeout=1, read_timeout=1.5)
    session: Any = botocore.session.get_session()  # whose stubs know no service's client
    client: SecretsManagerClient = session.create_client("secretsmanager", config=config)
    use_own_connection(client, session)
    try:
        secret: str = client.get_secret_value(SecretId=arn, VersionStage=stage).get("SecretString", "")
    except client.exceptions.ResourceNotFoundException:
        return None
    except (BotoCoreError, ClientError) as error:
        raise OSError(type(error).__qualname__) from error
    return secret


class SharedSecret:
    """A key source over a secret; kept through an outage of Secrets Manager."""

    def __init__(
        self, arn: str, *, fetch: FetchSecret = fetch_secret, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self._arn = arn
        self._fetch = fetch
        self._schedule = RefreshSchedule(FRESH_SECONDS, monotonic)
        self._secrets: list[str] = []

    def candidates(self, _kid: str | None, _algorithm: str, /) -> Sequence[str]:
        """See :class:`~taskapi.tokens.keys.KeySource`; a shared secret has no ``kid`` to go by."""
        if self._schedule.is_stale():
            self._refresh()
        if not self._secrets:
            raise KeysUnavailable("the secret could not be read, or has no value")
        return self._secrets

    def _refresh(self) -> None:
        if not self._schedule.begin(has_keys=bool(self._secrets)):
            return
        try:
            stages = self._fetch(self._arn, "AWSCURRENT"), self._fetch(self._arn, "AWSPREVIOUS")
        except OSError as error:
            logger.warning("secret not refreshed", extra={"exception": str(error)})
        else:
            self._secrets = _checked(*stages)
            if self._secrets:  # none is not fresh for minutes: somebody may be about to write it
                self._schedule.succeeded()


def _checked(current: str | None, previous: str | None) -> list[str]:
    """The secrets to verify with; a previous one that is too short was never good, and is no reason to stop."""
    if current is not None and len(current.encode()) < LEAST_BYTES:
        raise ConfigurationError([ConfigurationFault("JWT_SECRET_ARN", f"is shorter than {LEAST_BYTES} bytes")])
    return [secret for secret in (current, previous) if secret is not None and len(secret.encode()) >= LEAST_BYTES]
