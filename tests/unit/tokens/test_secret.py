"""The shared secret: both stages of a rotation, and kept through an outage."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from moto import mock_aws

from taskapi.errors import ConfigurationError
from taskapi.tokens.errors import KeysUnavailable
from taskapi.tokens.secret import SharedSecret, fetch_secret
from tests.support.fixed_clocks import FixedMonotonic
from tests.support.standard_output import StandardOutput

FRESH_SECONDS, RETRY_SECONDS, FIRST_RETRY_SECONDS = 300, 30, 5
LEAST_BYTES = 32
ARN = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:jwt-AbCdEf"
FIRST = "first-" + "x" * LEAST_BYTES
SECOND = "second-" + "x" * LEAST_BYTES


class SecretsManager:
    """Holds a secret's stages, or is down.

    Attributes:
        stages: Stage to secret.
        error: What every call raises.
        calls: ARN and stage of the calls so far.
    """

    def __init__(self, **stages: str) -> None:
        self.stages = stages
        self.error: Exception | None = None
        self.calls: list[tuple[str, str]] = []

    def __call__(self, arn: str, stage: str) -> str | None:
        self.calls.append((arn, stage))
        if self.error:
            raise self.error
        return self.stages.get(stage)


class Setup:
    """A shared secret with its manager and its clock."""

    def __init__(self, **stages: str) -> None:
        self.manager = SecretsManager(**stages)
        self.clock = FixedMonotonic()
        self.secret = SharedSecret(ARN, fetch=self.manager, monotonic=self.clock)

    def candidates(self) -> list[str]:
        """What may have signed a token."""
        return list(self.secret.candidates("any", "HS256"))


def test_nothing_is_fetched_before_the_first_token() -> None:
    setup = Setup(AWSCURRENT=FIRST)
    assert setup.manager.calls == []
    assert setup.candidates() == [FIRST]
    assert setup.manager.calls == [(ARN, "AWSCURRENT"), (ARN, "AWSPREVIOUS")]


def test_after_a_rotation_both_are_good_the_current_one_first() -> None:
    # Given a secret that was fetched and then rotated
    setup = Setup(AWSCURRENT=FIRST)
    setup.candidates()
    setup.manager.stages = {"AWSCURRENT": SECOND, "AWSPREVIOUS": FIRST}
    # When it is no longer fresh, then tokens of before and after are good
    setup.clock.advance(FRESH_SECONDS - 1)
    assert setup.candidates() == [FIRST]
    setup.clock.advance(1)
    assert setup.candidates() == [SECOND, FIRST]


def test_a_fresh_one_is_not_fetched_again() -> None:
    setup = Setup(AWSCURRENT=FIRST)
    for _ in range(5):
        setup.candidates()
    assert len(setup.manager.calls) == 2


def test_it_is_kept_through_an_outage(output: StandardOutput) -> None:
    setup = Setup(AWSCURRENT=FIRST)
    setup.candidates()
    setup.manager.error = OSError("EndpointConnectionError")
    setup.clock.advance(FRESH_SECONDS * 10)
    assert setup.candidates() == [FIRST]
    assert [(line["level"], line["message"]) for line in output.logs] == [("WARNING", "secret not refreshed")]
    assert FIRST not in output.text


def test_in_an_outage_few_requests_wait_for_it() -> None:
    # Given a secret that is no longer fresh, and a Secrets Manager that takes its time to fail
    setup = Setup(AWSCURRENT=FIRST)
    setup.candidates()
    setup.manager.error = OSError("ConnectTimeoutError")
    setup.clock.advance(FRESH_SECONDS)
    setup.manager.calls.clear()
    # When request after request comes in, then the first alone asks, until some time has passed
    for _ in range(RETRY_SECONDS):
        assert setup.candidates() == [FIRST]
        assert len(setup.manager.calls) == 1
        setup.clock.advance(1)
    setup.manager.error = None
    setup.manager.stages = {"AWSCURRENT": SECOND}
    assert setup.candidates() == [SECOND]


def test_before_the_first_fetch_nothing_can_be_told(output: StandardOutput) -> None:
    # Given no secret yet and an outage, when requests come in, then one asks and all fail
    setup = Setup()
    setup.manager.error = OSError("EndpointConnectionError")
    for _ in range(FIRST_RETRY_SECONDS):
        with pytest.raises(KeysUnavailable):
            setup.candidates()
        setup.clock.advance(1)
    assert len(setup.manager.calls) == 1
    assert [line["exception"] for line in output.logs] == ["EndpointConnectionError"]
    # When it is over, then soon they don't
    setup.manager.error = None
    setup.manager.stages = {"AWSCURRENT": FIRST}
    assert setup.candidates() == [FIRST]


def test_a_secret_without_a_value_is_soon_looked_at_again() -> None:
    # Given a secret that has been created and not been written yet
    setup = Setup()
    with pytest.raises(KeysUnavailable, match=r"^the secret could not be read, or has no value$"):
        setup.candidates()
    # When it has been, then seconds later tokens are good
    setup.manager.stages = {"AWSCURRENT": FIRST}
    setup.clock.advance(FIRST_RETRY_SECONDS)
    assert setup.candidates() == [FIRST]


@pytest.mark.parametrize("short", ["", "x" * (LEAST_BYTES - 1)])
def test_one_that_is_too_short_to_be_safe(short: str) -> None:
    with pytest.raises(ConfigurationError, match=r"^JWT_SECRET_ARN: is shorter than 32 bytes$") as raised:
        Setup(AWSCURRENT=short).candidates()
    assert not short or short not in str(raised.value)


@pytest.mark.parametrize("enough", ["x" * LEAST_BYTES, "\u00fc" * (LEAST_BYTES // 2)])
def test_one_that_is_just_long_enough_in_bytes(enough: str) -> None:
    assert Setup(AWSCURRENT=enough).candidates() == [enough]


def test_a_previous_one_that_is_too_short_was_never_good() -> None:
    assert Setup(AWSCURRENT=FIRST, AWSPREVIOUS="x" * (LEAST_BYTES - 1)).candidates() == [FIRST]


class TestFetch:
    """GetSecretValue, against moto."""

    @pytest.fixture
    def manager(self) -> Iterator[Any]:
        """A Secrets Manager with nothing in it."""
        with mock_aws():
            yield boto3.client("secretsmanager")

    def test_the_stages_of_a_rotation(self, manager: Any) -> None:
        arn = manager.create_secret(Name="jwt", SecretString=FIRST)["ARN"]
        assert fetch_secret(arn, "AWSCURRENT") == FIRST
        assert fetch_secret(arn, "AWSPREVIOUS") is None
        manager.put_secret_value(SecretId=arn, SecretString=SECOND)
        assert (fetch_secret(arn, "AWSCURRENT"), fetch_secret(arn, "AWSPREVIOUS")) == (SECOND, FIRST)

    def test_no_such_secret(self, manager: Any) -> None:
        assert fetch_secret(ARN, "AWSCURRENT") is None
        assert manager.list_secrets()["SecretList"] == []

    def test_one_that_is_being_deleted(self, manager: Any) -> None:
        arn = manager.create_secret(Name="jwt", SecretString=FIRST)["ARN"]
        manager.delete_secret(SecretId=arn)
        with pytest.raises(OSError, match="InvalidRequestException"):
            fetch_secret(arn, "AWSCURRENT")

    def test_one_that_is_binary_is_a_misconfiguration_or_an_outage_but_no_crash(self, manager: Any) -> None:
        arn = manager.create_secret(Name="jwt", SecretBinary=FIRST.encode())["ARN"]
        source = SharedSecret(arn)
        with pytest.raises((ConfigurationError, KeysUnavailable)):
            source.candidates(None, "HS256")
