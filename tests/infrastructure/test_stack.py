"""The template deployed: what there is then is what the code needs."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import boto3
import pytest

from local.template.operations import OPERATIONS
from taskapi.dynamo.attributes import PARTITION_KEY, SORT_KEY
from taskapi.settings import Settings, TokenSettings
from taskapi.tasks.query import ACCESS_PATHS
from tests.infrastructure.deployment import REGION, concrete, decided, deployed_stack
from tests.infrastructure.template import FUNCTIONS, Document, logical_id

PROD = {"Environment": "prod", "AllowedOrigins": "https://app.example.com", "AlarmEmail": "on-call@example.com"}


@pytest.fixture(scope="module")
def stack(deployed: Document) -> Iterator[dict[str, str]]:
    with deployed_stack(deployed.body, PROD) as ids:
        yield ids


@pytest.fixture(scope="module")
def table(stack: dict[str, str]) -> dict[str, Any]:
    described = boto3.client("dynamodb", region_name=REGION).describe_table(TableName=stack["TasksTable"])
    return dict(described["Table"])


def variables(stack: dict[str, str], function: str) -> dict[str, str]:
    functions = boto3.client("lambda", region_name=REGION)
    deployed = functions.get_function_configuration(FunctionName=stack[logical_id(function)])
    return deployed["Environment"]["Variables"]


def test_the_table_has_the_keys_and_indexes_of_the_code(table: dict[str, Any]) -> None:
    def keys(schema: list[dict[str, str]]) -> dict[str, str]:
        return {each["KeyType"]: each["AttributeName"] for each in schema}

    assert keys(table["KeySchema"]) == {"HASH": PARTITION_KEY, "RANGE": SORT_KEY}
    wanted = {path.index: path.sort_attribute for path in ACCESS_PATHS.values() if path.index is not None}
    assert {index["IndexName"]: keys(index["KeySchema"]) for index in table["LocalSecondaryIndexes"]} == {
        name: {"HASH": PARTITION_KEY, "RANGE": attribute} for name, attribute in wanted.items()
    }
    assert table["BillingModeSummary"]["BillingMode"] == "PAY_PER_REQUEST"


def test_the_table_of_production_is_protected(table: dict[str, Any]) -> None:
    assert table["DeletionProtectionEnabled"] is True


@pytest.mark.parametrize("operation", OPERATIONS)
def test_an_operation_finds_the_table_in_its_environment(stack: dict[str, str], operation: str) -> None:
    settings = Settings.from_environment(variables(stack, operation))

    assert settings.table_name == stack["TasksTable"]
    assert settings.environment == "prod"
    assert settings.allowed_origins == ("https://app.example.com",)
    assert settings.dynamodb_endpoint is None


def test_the_authorizer_finds_its_issuer_in_its_environment(stack: dict[str, str]) -> None:
    settings = TokenSettings.from_environment(variables(stack, "authorizer"))

    assert settings.issuer == "https://issuer.example"
    assert settings.jwks_url == "https://issuer.example/jwks"


@pytest.mark.parametrize("function", FUNCTIONS)
def test_a_function_runs_under_a_role_that_lambda_alone_can_take(stack: dict[str, str], function: str) -> None:
    role = boto3.client("iam", region_name=REGION).get_role(RoleName=stack[f"{logical_id(function)}Role"])["Role"]
    configuration = boto3.client("lambda", region_name=REGION).get_function_configuration(
        FunctionName=stack[logical_id(function)]
    )

    document: Any = role["AssumeRolePolicyDocument"]
    [statement] = document["Statement"]
    assert statement["Principal"] == {"Service": ["lambda.amazonaws.com"]}
    assert configuration["Role"] == role["Arn"]
    assert configuration["Runtime"] == "python3.13"


def test_the_routes_are_those_that_api_gateway_reads_in_the_document(deployed: Document, stack: dict[str, str]) -> None:
    # Given the API's OpenAPI document with the names of the deployed stack
    properties = decided(deployed.body, PROD)["Resources"]["TaskApi"]["Properties"]
    body = concrete(properties["Body"], stack)
    # CloudFormation's own property, where moto looks for it in the document.
    body["info"]["description"] = properties["Description"]

    # moto knows no mock integrations, which answer the preflights; test_preflight reads those.
    for methods in body["paths"].values():
        del methods["options"]

    # When API Gateway imports it
    gateway = boto3.client("apigateway", region_name=REGION)
    api = gateway.import_rest_api(body=json.dumps(body).encode())["id"]
    resources = gateway.get_resources(restApiId=api, limit=500, embed=["methods"])["items"]

    # Then it has the contract's routes
    found = {
        (method.lower(), resource["path"]) for resource in resources for method in resource.get("resourceMethods", {})
    }
    assert found == {(each.method.lower(), each.path) for each in OPERATIONS.values()}


@pytest.mark.parametrize("operation", OPERATIONS)
def test_a_route_calls_the_deployed_functions_alias(deployed: Document, operation: str) -> None:
    resources = decided(deployed.body, PROD)["Resources"]
    route = OPERATIONS[operation]

    methods = resources["TaskApi"]["Properties"]["Body"]["paths"][route.path]
    integration = methods[route.method.lower()]["x-amazon-apigateway-integration"]

    # An alias is referred to by its ARN.
    assert concrete(integration["uri"], {}).endswith(f"/functions/{logical_id(operation)}Aliaslive/invocations")
