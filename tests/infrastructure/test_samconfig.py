"""samconfig.toml: the commands' settings for each environment."""

from __future__ import annotations

import tomllib
from typing import Any

import pytest

from local.paths import ROOT
from tests.infrastructure.template import Document

ENVIRONMENTS = {"default": "dev", "dev": "dev", "staging": "staging", "prod": "prod"}


@pytest.fixture(scope="module")
def config() -> dict[str, Any]:
    return tomllib.loads((ROOT / "samconfig.toml").read_text(encoding="utf-8"))


def overrides(config: dict[str, Any], section: str) -> dict[str, str]:
    """The template parameters that a deployment is given."""
    return dict(each.split("=", 1) for each in config[section]["deploy"]["parameters"]["parameter_overrides"])


@pytest.mark.parametrize(("section", "environment"), ENVIRONMENTS.items())
def test_a_deployment_is_of_its_environment(config: dict[str, Any], section: str, environment: str) -> None:
    assert overrides(config, section)["Environment"] == environment
    assert config[section]["global"]["parameters"]["stack_name"] == f"task-api-{environment}"
    # Without it SAM CLI leaves the template's loops alone, and finds no functions.
    assert config[section]["global"]["parameters"]["language_extensions"] is True


@pytest.mark.parametrize("section", ENVIRONMENTS)
def test_a_deployment_gives_parameters_that_the_template_takes(
    config: dict[str, Any], written: Document, section: str
) -> None:
    # Given the template's parameters
    parameters = written.body["Parameters"]

    # When a deployment's are looked up there, then they are declared, and their values allowed
    for name, value in overrides(config, section).items():
        allowed = parameters[name].get("AllowedValues")
        assert allowed is None or value in map(str, allowed), name


@pytest.mark.parametrize("section", ENVIRONMENTS)
def test_a_person_sees_the_changes_before_they_are_made(config: dict[str, Any], section: str) -> None:
    deploy = config[section]["deploy"]["parameters"]

    assert deploy["confirm_changeset"] is True
    # The least that creating unnamed roles needs.
    assert deploy["capabilities"] == "CAPABILITY_IAM"


@pytest.mark.parametrize("section", ["staging", "prod"])
def test_only_named_origins_may_call_what_others_use(config: dict[str, Any], section: str) -> None:
    assert "*" not in overrides(config, section)["AllowedOrigins"]
