"""The claims of a token, to the second; what tokens are made of otherwise is in ``test_verifier``."""

from __future__ import annotations

from typing import Any

import pytest

from taskapi.settings import TokenSettings
from taskapi.tokens.claims import Identity, identity
from taskapi.tokens.errors import InvalidToken, TooEarly

NOW = 1_800_000_000
SETTINGS = TokenSettings("prod", "https://issuer.example.com", ("api",), "aud", ("EdDSA",), leeway=5)


def judged(settings: TokenSettings = SETTINGS, **changes: Any) -> Identity | str:
    """The identity in claims that are good but for these, or why there is none."""
    claims = {"iss": "https://issuer.example.com", "aud": "api", "sub": "alice", "exp": NOW + 600}
    try:
        return identity(claims | changes, settings, NOW)
    except InvalidToken as invalid:
        return invalid.reason
    except TooEarly as early:
        return f"{early.reason}: {early}"


def test_what_they_say() -> None:
    assert judged(exp=NOW + 600.75, scope="a b") == Identity("alice", NOW + 600, "a b")
    assert judged() == Identity("alice", NOW + 600, None)


@pytest.mark.parametrize(
    ("client", "found"),
    [
        ("api", Identity("alice", NOW + 600)),
        ("other", "wrong_audience"),
        (7, "wrong_audience"),
        (None, "missing_claim"),
    ],
)
def test_whose_client_they_are_of(client: object, found: Identity | str) -> None:
    settings = SETTINGS._replace(audience_claim="client_id")
    assert judged(settings, client_id=client) == found


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        # With five seconds of leeway
        ({"exp": NOW - 4}, None),
        ({"exp": NOW - 5}, "expired"),
        ({"exp": 2**53 - 1}, None),
        ({"exp": 2**53}, "malformed"),
        ({"nbf": 1 - 2**53}, None),
        ({"nbf": -(2**53)}, "malformed"),
        # A minute is how long a denial may be held against a token
        ({"nbf": NOW + 5}, None),
        ({"iat": NOW + 5}, None),
        ({"nbf": NOW + 5.001}, "too_early: nbf or iat is seconds ahead"),
        ({"iat": NOW + 6, "nbf": NOW}, "too_early: nbf or iat is seconds ahead"),
        ({"iat": NOW, "nbf": NOW + 65}, "too_early: nbf or iat is seconds ahead"),
        ({"nbf": NOW + 65.001}, "not_yet_valid"),
        # What will have expired by then is denied
        ({"nbf": NOW + 20, "exp": NOW + 11}, "too_early: nbf or iat is seconds ahead"),
        ({"nbf": NOW + 20, "exp": NOW + 10}, "not_yet_valid"),
        ({"sub": "x" * 256}, None),
        ({"sub": "x" * 257}, "bad_subject"),
        ({"sub": ""}, "bad_subject"),
        ({"jti": "x"}, None),
        ({"jti": 7}, "malformed"),
    ],
)
def test_to_the_last_second_and_character(changes: dict[str, Any], why: str | None) -> None:
    found = judged(**changes)
    assert found == why if why else isinstance(found, Identity)
