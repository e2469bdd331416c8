"""The functions: code, runtime, environment, logs, and the parameters that feed them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import product

import pytest

from local.paths import ROOT
from local.template.operations import OPERATIONS
from taskapi.settings import Settings, TokenSettings
from tests.infrastructure.deployment import decided
from tests.infrastructure.intrinsics import evaluate
from tests.infrastructure.template import FUNCTIONS, Document, logical_id

POWERTOOLS = {"POWERTOOLS_SERVICE_NAME": "x", "POWERTOOLS_METRICS_NAMESPACE": "x", "POWERTOOLS_LOG_LEVEL": "INFO"}
KEY_SOURCES = ("JwtJwks", "JwtJwksUrl", "JwtSecretArn")


class ReadVariables(Mapping[str, str]):
    """An environment that remembers which of its variables were asked for."""

    def __init__(self, variables: Mapping[str, str]) -> None:
        self._variables = variables
        self.read: set[str] = set()

    def __getitem__(self, name: str) -> str:
        self.read.add(name)
        return self._variables[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._variables)

    def __len__(self) -> int:
        return len(self._variables)


def variables(deployed: Document, function: str) -> set[str]:
    """The names of a function's environment variables."""
    return set(deployed.properties(logical_id(function))["Environment"]["Variables"])


@pytest.mark.parametrize("function", FUNCTIONS)
def test_a_function_runs_its_folder_on_the_current_python(written: Document, deployed: Document, function: str) -> None:
    # Given the function, as written and as deployed
    properties = deployed.properties(logical_id(function))

    # When its code is looked up, then it is its operation's
    assert ROOT / written.properties(logical_id(function))["CodeUri"] == ROOT / "functions"
    assert (ROOT / "functions" / function / "app.py").is_file()
    assert properties["Handler"] == f"{function}.app.handler"
    assert properties["Runtime"] == "python3.13"
    assert properties["Architectures"] == [{"Ref": "Architecture"}]


@pytest.mark.parametrize("function", FUNCTIONS)
def test_a_function_gives_up_before_the_gateway_does(deployed: Document, function: str) -> None:
    # 29 s: "Amazon API Gateway quotas", integration timeout.
    assert deployed.properties(logical_id(function))["Timeout"] < 29


@pytest.mark.parametrize("function", FUNCTIONS)
def test_a_function_is_traced(deployed: Document, function: str) -> None:
    assert deployed.properties(logical_id(function))["TracingConfig"] == {"Mode": "Active"}


@pytest.mark.parametrize("function", FUNCTIONS)
def test_operations_log_to_one_group_and_the_authorizer_to_another(deployed: Document, function: str) -> None:
    group = deployed.properties(logical_id(function))["LoggingConfig"]["LogGroup"]["Ref"]

    assert group == ("AuthorizerLogs" if function == "authorizer" else "OperationLogs")
    assert "RetentionInDays" in deployed.properties(group)


@pytest.mark.parametrize(
    ("parameters", "days"),
    [
        ({"Environment": "dev"}, 7),
        ({"Environment": "staging"}, 30),
        ({"Environment": "prod"}, 90),
        ({"Environment": "prod", "LogRetentionDays": "365"}, "365"),
    ],
)
def test_every_log_group_forgets_after_the_days_of_its_stage(
    deployed: Document, parameters: dict[str, str], days: object
) -> None:
    resources = decided(deployed.body, parameters)["Resources"].values()
    groups = [each["Properties"] for each in resources if each["Type"] == "AWS::Logs::LogGroup"]

    assert [group.get("RetentionInDays") for group in groups] == [days] * 3


def test_an_operation_is_given_the_variables_that_its_settings_read(deployed: Document) -> None:
    # Given the variables that the settings ask the environment for
    environment = ReadVariables({"ENVIRONMENT": "dev", "TABLE_NAME": "tasks", "ALLOWED_ORIGINS": "*", **POWERTOOLS})
    Settings.from_environment(environment)

    # When the operations' variables are listed, then they are those
    for operation in OPERATIONS:
        assert variables(deployed, operation) == environment.read | POWERTOOLS.keys(), operation


def test_the_authorizer_is_given_the_variables_that_its_settings_read(deployed: Document) -> None:
    # Given the variables that the settings ask the environment for
    environment = ReadVariables(
        {
            "ENVIRONMENT": "dev",
            "JWT_ISSUER": "https://issuer.example",
            "JWT_AUDIENCE": "task-api",
            "JWT_ALGORITHMS": "EdDSA",
            "JWT_JWKS_URL": "https://issuer.example/jwks",
            **POWERTOOLS,
        }
    )
    TokenSettings.from_environment(environment)

    # When its variables are listed, then they are those
    assert variables(deployed, "authorizer") == environment.read | POWERTOOLS.keys()


def test_the_default_parameters_are_settings_that_the_code_accepts(written: Document) -> None:
    # Given the template's defaults, and a value where there is none
    parameters = {
        name: str(declaration.get("Default", "EdDSA")) for name, declaration in written.body["Parameters"].items()
    }
    parameters |= {"JwtJwksUrl": "https://issuer.example/jwks", "TasksTable": "tasks"}

    # When the functions read them
    def environment(function: str) -> dict[str, str]:
        given = written.body["Globals"]["Function"]["Environment"]["Variables"]
        own = written.properties(logical_id(function))["Environment"]["Variables"]
        return {name: evaluate(value, parameters) for name, value in (given | own).items()}

    # Then nothing is wrong with them, and the read budget is the one that the code has by itself
    settings = Settings.from_environment(environment("list_tasks"))
    assert settings == Settings(environment="dev", table_name="tasks", allowed_origins=("*",))
    assert TokenSettings.from_environment(environment("authorizer")).leeway == 5


@pytest.mark.parametrize("given", list(product([False, True], repeat=3)))
def test_a_deployment_needs_exactly_one_key_source(written: Document, given: tuple[bool, ...]) -> None:
    # Given the rule that CloudFormation checks before it changes anything
    [assertion] = written.body["Rules"]["ExactlyOneKeySource"]["Assertions"]

    # When some of the key sources are given
    parameters = {name: "given" if is_given else "" for name, is_given in zip(KEY_SOURCES, given, strict=True)}

    # Then only one alone is accepted
    assert evaluate(assertion["Assert"], parameters) is (sum(given) == 1)


def test_every_parameter_says_what_it_is_for(written: Document) -> None:
    assert [
        name for name, declaration in written.body["Parameters"].items() if not declaration.get("Description")
    ] == []


def test_the_functions_share_the_two_layers(deployed: Document, written: Document) -> None:
    # Given the layers, as written
    layers = written.of_type("AWS::Serverless::LayerVersion")
    assert set(layers) == {"TaskApiLayer", "DependenciesLayer"}

    # When a function's are looked up, then they are these, for the function's Python
    for function in FUNCTIONS:
        [ours, theirs] = [layer["Ref"] for layer in deployed.properties(logical_id(function))["Layers"]]
        assert ours.startswith("TaskApiLayer")  # SAM adds a hash
        assert theirs.startswith("DependenciesLayer")
    assert all(layer["CompatibleRuntimes"] == ["python3.13"] for layer in layers.values())
