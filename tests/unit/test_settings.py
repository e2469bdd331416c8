"""The environment as settings, and every way in which it can be wrong."""

from __future__ import annotations

import pytest

from taskapi.errors import ConfigurationError
from taskapi.settings import Settings, TokenSettings

POWERTOOLS = {"POWERTOOLS_SERVICE_NAME": "task-api", "POWERTOOLS_METRICS_NAMESPACE": "TaskApi"}
TASKS = {"ENVIRONMENT": "prod", "TABLE_NAME": "tasks", "ALLOWED_ORIGINS": "https://app.example.com", **POWERTOOLS}
TOKENS = {
    **POWERTOOLS,
    "ENVIRONMENT": "prod",
    "JWT_ISSUER": "https://issuer.example.com/",
    "JWT_AUDIENCE": "https://api.example.com",
    "JWT_ALGORITHMS": "RS256",
    "JWT_JWKS": '{"keys": []}',
}
SECRET = {
    "JWT_JWKS": "",
    "JWT_SECRET_ARN": "arn:aws:secretsmanager:eu-central-1:1:secret:jwt",
    "JWT_ALGORITHMS": "HS256",
}


def faults_of(error: ConfigurationError) -> set[str]:
    """The variables that the error names."""
    return {fault.variable for fault in error.faults}


def test_task_settings_with_their_defaults() -> None:
    # Given only what is required, when read, then the rest has the documented defaults
    assert Settings.from_environment(TASKS) == Settings(
        environment="prod",
        table_name="tasks",
        allowed_origins=("https://app.example.com",),
        dynamodb_endpoint=None,
        list_read_units=256,
        list_milliseconds=2_000,
    )


def test_task_settings_in_full() -> None:
    settings = Settings.from_environment(
        TASKS
        | {
            "ALLOWED_ORIGINS": " https://app.example.com , http://localhost:5173,",
            "DYNAMODB_ENDPOINT": "http://127.0.0.1:8000",
            "LIST_READ_UNITS": "1",
            "LIST_MILLISECONDS": "8000",
        }
    )
    assert settings.allowed_origins == ("https://app.example.com", "http://localhost:5173")
    assert settings.dynamodb_endpoint == "http://127.0.0.1:8000"
    assert (settings.list_read_units, settings.list_milliseconds) == (1, 8_000)


@pytest.mark.parametrize("origins", ["*", " * "])
def test_every_origin_may_be_allowed(origins: str) -> None:
    assert Settings.from_environment(TASKS | {"ALLOWED_ORIGINS": origins}).allowed_origins == ("*",)


@pytest.mark.parametrize("empty", ["", "  "])
def test_an_empty_endpoint_means_aws(empty: str) -> None:
    assert Settings.from_environment(TASKS | {"DYNAMODB_ENDPOINT": empty}).dynamodb_endpoint is None


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("ENVIRONMENT", ""),
        ("ENVIRONMENT", "production"),
        ("TABLE_NAME", " "),
        ("POWERTOOLS_SERVICE_NAME", ""),
        ("POWERTOOLS_METRICS_NAMESPACE", " "),
        ("ALLOWED_ORIGINS", ""),
        ("ALLOWED_ORIGINS", ","),
        ("ALLOWED_ORIGINS", "*,https://app.example.com"),
        ("ALLOWED_ORIGINS", "https://app.example.com/"),
        ("ALLOWED_ORIGINS", "https://app.example.com/path"),
        ("ALLOWED_ORIGINS", "https://app.example.com?query"),
        ("ALLOWED_ORIGINS", "app.example.com"),
        ("ALLOWED_ORIGINS", "ftp://app.example.com"),
        ("ALLOWED_ORIGINS", "https://"),
        ("ALLOWED_ORIGINS", "http://["),
        ("ALLOWED_ORIGINS", "null"),
        ("LIST_READ_UNITS", "0"),
        ("LIST_READ_UNITS", "257"),
        ("LIST_READ_UNITS", "many"),
        ("LIST_READ_UNITS", "1.5"),
        ("LIST_READ_UNITS", "-1"),
        ("LIST_READ_UNITS", "\u0665"),
        ("LIST_READ_UNITS", "050"),
        ("LIST_READ_UNITS", "+5"),
        ("LIST_READ_UNITS", " 5"),
        ("LIST_READ_UNITS", " "),
        ("LIST_MILLISECONDS", "99"),
        ("LIST_MILLISECONDS", "8001"),
        ("LIST_MILLISECONDS", "9" * 5_000),
    ],
)
def test_a_wrong_task_setting_is_named(variable: str, value: str) -> None:
    with pytest.raises(ConfigurationError) as raised:
        Settings.from_environment(TASKS | {variable: value})
    assert faults_of(raised.value) == {variable}


def test_all_faults_are_named_at_once() -> None:
    with pytest.raises(ConfigurationError) as raised:
        Settings.from_environment({"LIST_READ_UNITS": "x"})
    assert faults_of(raised.value) == {"ENVIRONMENT", "TABLE_NAME", "ALLOWED_ORIGINS", "LIST_READ_UNITS", *POWERTOOLS}


def test_token_settings_with_their_defaults() -> None:
    assert TokenSettings.from_environment(TOKENS) == TokenSettings(
        environment="prod",
        issuer="https://issuer.example.com/",
        audiences=("https://api.example.com",),
        audience_claim="aud",
        algorithms=("RS256",),
        leeway=5,
        jwks='{"keys": []}',
        jwks_url=None,
        secret_arn=None,
    )


def test_what_need_not_be_given() -> None:
    settings = TokenSettings("prod", "https://issuer.example.com/", ("api",), "aud", ("RS256",))
    assert (settings.leeway, settings.jwks, settings.jwks_url, settings.secret_arn) == (5, None, None, None)


@pytest.mark.parametrize(
    "algorithm",
    ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA", "Ed25519", "Ed448"],
)
def test_every_asymmetric_algorithm_goes_with_a_key_set(algorithm: str) -> None:
    assert TokenSettings.from_environment(TOKENS | {"JWT_ALGORITHMS": algorithm}).algorithms == (algorithm,)


@pytest.mark.parametrize("claim", ["aud", "client_id"])
def test_the_claim_that_names_the_audience(claim: str) -> None:
    assert TokenSettings.from_environment(TOKENS | {"JWT_AUDIENCE_CLAIM": claim}).audience_claim == claim


def test_a_shared_secret_goes_with_hs256() -> None:
    settings = TokenSettings.from_environment(TOKENS | SECRET)
    assert (settings.algorithms, settings.secret_arn) == (("HS256",), SECRET["JWT_SECRET_ARN"])


@pytest.mark.parametrize(
    ("changes", "variable"),
    [
        ({"ENVIRONMENT": ""}, "ENVIRONMENT"),
        ({"ENVIRONMENT": "Prod"}, "ENVIRONMENT"),
        ({"POWERTOOLS_SERVICE_NAME": ""}, "POWERTOOLS_SERVICE_NAME"),
        ({"POWERTOOLS_METRICS_NAMESPACE": ""}, "POWERTOOLS_METRICS_NAMESPACE"),
        ({"JWT_ISSUER": ""}, "JWT_ISSUER"),
        ({"JWT_AUDIENCE": ""}, "JWT_AUDIENCE"),
        ({"JWT_AUDIENCE": " , "}, "JWT_AUDIENCE"),
        ({"JWT_AUDIENCE_CLAIM": "azp"}, "JWT_AUDIENCE_CLAIM"),
        ({"JWT_ALGORITHMS": ""}, "JWT_ALGORITHMS"),
        ({"JWT_ALGORITHMS": ","}, "JWT_ALGORITHMS"),
        ({"JWT_ALGORITHMS": "none"}, "JWT_ALGORITHMS"),
        ({"JWT_ALGORITHMS": "RS256,HS256"}, "JWT_ALGORITHMS"),
        ({"JWT_ALGORITHMS": "rs256"}, "JWT_ALGORITHMS"),
        (SECRET | {"JWT_ALGORITHMS": "RS256"}, "JWT_ALGORITHMS"),
        (SECRET | {"JWT_ALGORITHMS": "HS512"}, "JWT_ALGORITHMS"),
        ({"JWT_LEEWAY_SECONDS": "61"}, "JWT_LEEWAY_SECONDS"),
        ({"JWT_LEEWAY_SECONDS": "-1"}, "JWT_LEEWAY_SECONDS"),
        ({"JWT_LEEWAY_SECONDS": "00"}, "JWT_LEEWAY_SECONDS"),
        ({"JWT_JWKS": "", "JWT_JWKS_URL": "http://issuer.example.com/jwks"}, "JWT_JWKS_URL"),
        ({"JWT_JWKS": "", "JWT_JWKS_URL": "file:///etc/passwd"}, "JWT_JWKS_URL"),
        ({"JWT_JWKS": ""}, "JWT_JWKS, JWT_JWKS_URL, JWT_SECRET_ARN"),
        ({"JWT_JWKS_URL": "https://issuer.example.com/jwks"}, "JWT_JWKS, JWT_JWKS_URL, JWT_SECRET_ARN"),
        (SECRET | {"JWT_JWKS": "{}"}, "JWT_JWKS, JWT_JWKS_URL, JWT_SECRET_ARN"),
    ],
)
def test_a_wrong_token_setting_is_named(changes: dict[str, str], variable: str) -> None:
    with pytest.raises(ConfigurationError) as raised:
        TokenSettings.from_environment(TOKENS | changes)
    assert faults_of(raised.value) == {variable}


@pytest.mark.parametrize(
    ("kind", "variables", "message"),
    [
        (
            Settings,
            {},
            (
                "ENVIRONMENT: is required; TABLE_NAME: is required; ALLOWED_ORIGINS: is required; "
                "POWERTOOLS_SERVICE_NAME: is required; POWERTOOLS_METRICS_NAMESPACE: is required"
            ),
        ),
        (
            Settings,
            TASKS | {"ENVIRONMENT": "production", "ALLOWED_ORIGINS": ",", "LIST_READ_UNITS": "0"},
            (
                "ALLOWED_ORIGINS: has no members; LIST_READ_UNITS: must be a whole number from 1 to 256; "
                "ENVIRONMENT: must be one of dev, staging, prod"
            ),
        ),
        (
            Settings,
            TASKS | {"LIST_MILLISECONDS": "99", "ALLOWED_ORIGINS": "https://app.example.com/"},
            (
                "LIST_MILLISECONDS: must be a whole number from 100 to 8000; "
                "ALLOWED_ORIGINS: must be * or origins such as https://app.example.com, no path or slash"
            ),
        ),
        (
            TokenSettings,
            TOKENS | {"JWT_LEEWAY_SECONDS": "61", "JWT_AUDIENCE_CLAIM": "azp", "JWT_ALGORITHMS": "RS256,HS256,none"},
            (
                "JWT_LEEWAY_SECONDS: must be a whole number from 0 to 60; "
                "JWT_AUDIENCE_CLAIM: must be aud or client_id; "
                "JWT_ALGORITHMS: not usable with a key set: HS256, none"
            ),
        ),
        (
            TokenSettings,
            TOKENS | SECRET | {"JWT_ALGORITHMS": "RS256", "JWT_JWKS_URL": "http://issuer.example.com/jwks"},
            (
                "JWT_JWKS, JWT_JWKS_URL, JWT_SECRET_ARN: exactly one of them must be set; "
                "JWT_JWKS_URL: must be an https URL; JWT_ALGORITHMS: not usable with a shared secret: RS256"
            ),
        ),
    ],
)
def test_what_is_wrong_is_said(kind: type[Settings | TokenSettings], variables: dict[str, str], message: str) -> None:
    with pytest.raises(ConfigurationError) as raised:
        kind.from_environment(variables)
    assert str(raised.value) == message


@pytest.mark.parametrize(("value", "expected"), [("1", 1), ("256", 256)])
def test_a_whole_number_within_its_bounds(value: str, expected: int) -> None:
    assert Settings.from_environment(TASKS | {"LIST_READ_UNITS": value}).list_read_units == expected


@pytest.mark.parametrize(("value", "expected"), [("0", 0), ("60", 60)])
def test_the_leeway_that_may_be_set(value: str, expected: int) -> None:
    assert TokenSettings.from_environment(TOKENS | {"JWT_LEEWAY_SECONDS": value}).leeway == expected
