"""How a deployment reaches users: by versions behind an alias, gradually, watched, and with a way back."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from tests.infrastructure.deployment import concrete, decided
from tests.infrastructure.template import FUNCTIONS, Document, logical_id, source, transformed_of


def version_of(template: dict[str, Any], function: str) -> tuple[str, dict[str, Any]]:
    """Logical id and resource of a function's version; CloudFormation publishes another when either changes."""
    prefix = f"{logical_id(function)}Version"
    [found] = [(name, each) for name, each in template["Resources"].items() if name.startswith(prefix)]
    return found


@pytest.mark.parametrize("function", FUNCTIONS)
def test_callers_go_by_the_alias_of_the_newest_version(deployed: Document, function: str) -> None:
    name, version = version_of(dict(deployed.body), function)
    alias = deployed.properties(f"{logical_id(function)}Aliaslive")

    assert alias["Name"] == "live"
    assert alias["FunctionVersion"] == {"Fn::GetAtt": [name, "Version"]}
    assert version["Properties"]["FunctionName"] == {"Ref": logical_id(function)}


@pytest.mark.parametrize("function", FUNCTIONS)
def test_earlier_versions_are_kept_to_return_to(deployed: Document, function: str) -> None:
    _, version = version_of(dict(deployed.body), function)

    assert version["DeletionPolicy"] == "Retain"


def test_earlier_layers_are_kept_to_return_to(deployed: Document) -> None:
    layers = [each for each in deployed.body["Resources"].values() if each["Type"] == "AWS::Lambda::LayerVersion"]

    assert [layer["DeletionPolicy"] for layer in layers] == ["Retain", "Retain"]


@pytest.mark.parametrize("layer", ["TaskApiLayer", "DependenciesLayer"])
def test_a_changed_layer_publishes_every_function(deployed: Document, layer: str) -> None:
    # Given a template whose layer alone has been changed
    changed = source()
    changed["Resources"][layer]["Properties"]["Description"] = "another"

    # When it is transformed, then each function's version is another
    after = transformed_of(changed)
    for function in FUNCTIONS:
        assert version_of(after, function)[0] != version_of(dict(deployed.body), function)[0], function


def test_a_changed_property_publishes_its_function_and_no_other(deployed: Document) -> None:
    changed = source()
    changed["Resources"]["GetTaskFunction"]["Properties"]["MemorySize"] = 1024

    after = transformed_of(changed)

    published = {each for each in FUNCTIONS if version_of(after, each) != version_of(dict(deployed.body), each)}
    assert published == {"get_task"}


@pytest.mark.parametrize("function", FUNCTIONS)
def test_another_release_publishes_every_function(deployed: Document, function: str) -> None:
    # Given that the text, by which SAM tells versions apart, doesn't show a parameter's value
    name, _ = version_of(dict(deployed.body), function)

    # When a stack gets another Release, then the version's description is another, which CloudFormation must replace
    releases = [decided(deployed.body, {"Release": text})["Resources"][name]["Properties"] for text in ("one", "two")]
    assert [each["Description"] for each in releases] == ["one", "two"]


@pytest.mark.parametrize(
    ("environment", "expected"),
    [("dev", "AllAtOnce"), ("staging", "Canary10Percent5Minutes"), ("prod", "Canary10Percent5Minutes")],
)
@pytest.mark.parametrize("function", FUNCTIONS)
def test_traffic_moves_as_the_environment_wants_it(
    deployed: Document, function: str, environment: str, expected: str
) -> None:
    resources = decided(deployed.body, {"Environment": environment})["Resources"]
    group = concrete(resources[f"{logical_id(function)}DeploymentGroup"]["Properties"], {})

    assert group["DeploymentConfigName"] == f"CodeDeployDefault.Lambda{expected}"


@pytest.mark.parametrize("function", FUNCTIONS)
def test_a_function_that_fails_is_rolled_back(deployed: Document, function: str) -> None:
    # Given the function's deployments
    group = deployed.properties(f"{logical_id(function)}DeploymentGroup")
    update = deployed.body["Resources"][f"{logical_id(function)}Aliaslive"]["UpdatePolicy"]

    # When its own alarm goes off, then the deployment is stopped and undone
    assert update["CodeDeployLambdaAliasUpdate"]["DeploymentGroupName"] == {
        "Ref": f"{logical_id(function)}DeploymentGroup"
    }
    watch = {"Name": {"Ref": logical_id(function).removesuffix("Function") + "Failing"}}
    assert group["AlarmConfiguration"] == {"Enabled": True, "Alarms": [watch]}
    assert group["AutoRollbackConfiguration"]["Enabled"] is True
    assert "DEPLOYMENT_STOP_ON_ALARM" in group["AutoRollbackConfiguration"]["Events"]


def test_an_alarm_of_a_deployment_speaks_while_the_deployment_lasts(deployed: Document) -> None:
    # A canary lasts five minutes.
    watches = {name: each for name, each in deployed.of_type("AWS::CloudWatch::Alarm").items() if "Failing" in name}

    assert len(watches) == len(FUNCTIONS)
    for properties in watches.values():
        periods = {each["MetricStat"]["Period"] for each in properties["Metrics"] if "MetricStat" in each}
        assert periods == {60}
        assert (properties["EvaluationPeriods"], properties["DatapointsToAlarm"]) == (5, 2)
        assert properties["Threshold"] == 1


@pytest.mark.parametrize("function", FUNCTIONS)
def test_concurrency_is_reserved_only_when_it_is_asked_for(deployed: Document, function: str) -> None:
    given = {"ReservedConcurrency": "20", "AuthorizerReservedConcurrency": "40"}
    name = logical_id(function)

    reserved = decided(deployed.body, given)["Resources"][name]["Properties"]
    unreserved = decided(deployed.body, {})["Resources"][name]["Properties"]

    assert reserved["ReservedConcurrentExecutions"] == ("40" if function == "authorizer" else "20")
    assert "ReservedConcurrentExecutions" not in unreserved


def test_the_transform_leaves_its_input_alone() -> None:
    written = source()
    before = copy.deepcopy(written)
    transformed_of(written)

    assert written == before
