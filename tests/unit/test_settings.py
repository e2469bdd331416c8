"""The environment as settings, and every way in which it can be wrong."""

from __future__ import annotations

import pytest

from taskapi.errors import ConfigurationError
from taskapi.settings import ASYMMETRIC_ALGORITHMS, Settings, TokenSettings

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


@pytest.mark.parametrize("algorithm", sorted(ASYMMETRIC_ALGORITHMS))
def test_every_asymmetric_algorithm_goes_with_a_key_set(algorithm: str) -> None:
    assert TokenSettings.from_environment(TOKENS | {"JWT_ALGORITHMS": algorithm}).algorithms == (algorithm,)


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
