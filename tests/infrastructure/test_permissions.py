"""What each function may do: its own statement, and no more."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from local.paths import ROOT
from local.template.operations import OPERATIONS
from tests.infrastructure.deployment import decided
from tests.infrastructure.template import FUNCTIONS, Document, logical_id

TABLE = {"Fn::GetAtt": ["TasksTable", "Arn"]}
# What SAM attaches to a traced function: writing its own logs and traces.
MANAGED_POLICIES = [
    "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole",
    "arn:aws:iam::aws:policy/AWSXrayWriteOnlyAccess",
]


def role(deployed: Document, function: str) -> dict[str, Any]:
    """The properties of the role that a function runs under."""
    name, attribute = deployed.properties(logical_id(function))["Role"]["Fn::GetAtt"]
    assert attribute == "Arn"
    return deployed.properties(name)


OWN_PARTITION = {
    "ForAllValues:StringLike": {"dynamodb:LeadingKeys": "USER#*"},
    "Null": {"dynamodb:LeadingKeys": "false"},
}
KEY = "arn:aws:kms:eu-central-1:123456789012:key/1234abcd"
SECRET = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:task-api/jwt-AbCdEf"


def granted(deployed: Document, function: str, given: dict[str, str]) -> list[dict[str, Any]]:
    """The statements of a function's role, for some parameters."""
    [name] = [name for name in deployed.body["Resources"] if name == f"{logical_id(function)}Role"]
    policies = decided(deployed.body, given)["Resources"][name]["Properties"].get("Policies", [])
    return [statement for policy in policies for statement in policy["PolicyDocument"]["Statement"]]


@pytest.mark.parametrize("operation", OPERATIONS)
def test_an_operation_may_do_its_actions_on_users_partitions_and_nothing_else(
    deployed: Document, operation: str
) -> None:
    # Given the role of the function, when its statements are listed, then there is one, of the table's actions
    row = OPERATIONS[operation]
    indexes = {"Fn::Join": ["/index/", [TABLE, row.indexes]]}
    assert granted(deployed, operation, {}) == [
        {"Effect": "Allow", "Action": [*row.actions], "Resource": [TABLE, indexes], "Condition": OWN_PARTITION}
    ]


@pytest.mark.parametrize("operation", OPERATIONS)
def test_an_operation_may_decrypt_for_its_table_only_when_there_is_a_key(deployed: Document, operation: str) -> None:
    [_, statement] = granted(deployed, operation, {"KmsKeyArn": KEY})

    assert statement == {
        "Effect": "Allow",
        "Action": "kms:Decrypt",
        "Resource": KEY,
        "Condition": {
            "StringEquals": {
                "kms:ViaService": {"Fn::Sub": "dynamodb.${AWS::Region}.amazonaws.com"},
                "kms:EncryptionContext:aws:dynamodb:tableName": {"Ref": "TasksTable"},
            }
        },
    }


def test_the_authorizer_may_read_the_secret_only_when_there_is_one(deployed: Document) -> None:
    # When JwtSecretArn is given, then it may read that secret, and decrypt it where its key is given too
    read = {"Effect": "Allow", "Action": "secretsmanager:GetSecretValue", "Resource": SECRET}
    decrypt = {
        "Effect": "Allow",
        "Action": "kms:Decrypt",
        "Resource": KEY,
        "Condition": {
            "StringEquals": {
                "kms:ViaService": {"Fn::Sub": "secretsmanager.${AWS::Region}.amazonaws.com"},
                "kms:EncryptionContext:SecretARN": SECRET,
            }
        },
    }
    source = {"JwtSecretArn": SECRET, "JwtJwksUrl": ""}
    assert granted(deployed, "authorizer", source) == [read]
    assert granted(deployed, "authorizer", source | {"JwtSecretKmsKeyArn": KEY}) == [read, decrypt]

    # When not, then it may do nothing
    assert granted(deployed, "authorizer", {}) == []
    assert granted(deployed, "authorizer", {"JwtSecretKmsKeyArn": KEY, "KmsKeyArn": KEY}) == []


def test_every_function_has_a_role_of_its_own(deployed: Document) -> None:
    roles = [deployed.properties(logical_id(function))["Role"]["Fn::GetAtt"][0] for function in FUNCTIONS]

    assert len(set(roles)) == len(FUNCTIONS)


@pytest.mark.parametrize("function", FUNCTIONS)
def test_a_role_has_no_managed_policy_but_those_of_logs_and_traces(deployed: Document, function: str) -> None:
    assert role(deployed, function)["ManagedPolicyArns"] == MANAGED_POLICIES


def test_no_statement_has_a_wildcard_but_for_the_tables_indexes(deployed: Document) -> None:
    # Given every statement that a role can get
    given = {"KmsKeyArn": KEY, "JwtSecretArn": SECRET, "JwtSecretKmsKeyArn": KEY, "JwtJwksUrl": ""}
    found = [statement for function in FUNCTIONS for statement in granted(deployed, function, given)]

    # When their actions and resources are read, then each names one thing
    assert len(found) == 2 * len(FUNCTIONS)
    indexes = json.dumps({"Fn::Join": ["/index/", [TABLE, "*"]]})
    named = [json.dumps([each["Action"], each["Resource"]]).replace(indexes, "") for each in found]
    assert [each for each in named if "*" in each] == []


def test_nothing_may_scan_the_table(deployed: Document) -> None:
    assert "dynamodb:Scan" not in json.dumps(deployed.body)
    assert "dynamodb:*" not in json.dumps(deployed.body)


def test_nothing_scans_the_table() -> None:
    # Given the code that runs on Lambda
    sources = [path for folder in ("layers/taskapi/taskapi", "functions") for path in (ROOT / folder).rglob("*.py")]
    assert sources

    # When it is searched for the call, then there is none
    scanning = re.compile(r"\.scan\(|[\"']scan[\"']|get_paginator", re.IGNORECASE)
    assert [path.name for path in sources if scanning.search(path.read_text(encoding="utf-8"))] == []


@pytest.mark.parametrize("operation", OPERATIONS)
def test_only_its_own_route_may_invoke_an_operation(deployed: Document, operation: str) -> None:
    # Given everything that may invoke the function
    permissions = [
        permission
        for permission in deployed.of_type("AWS::Lambda::Permission").values()
        if logical_id(operation) in permission["FunctionName"]["Ref"]
    ]

    # When the grants are read, then there is one, for one method and path of this API
    route = OPERATIONS[operation]
    [permission] = permissions
    assert permission["FunctionName"] == {"Ref": f"{logical_id(operation)}Aliaslive"}
    assert permission["Principal"] == "apigateway.amazonaws.com"
    arn, names = permission["SourceArn"]["Fn::Sub"]
    assert arn.endswith(f"/{route.method}{re.sub('{[^}]*}', '*', route.path)}")
    assert names["__ApiId__"] == {"Ref": "TaskApi"}


def test_only_the_apis_authorizers_may_invoke_the_authorizer(deployed: Document) -> None:
    assert deployed.properties("AuthorizerPermission") == {
        "Action": "lambda:InvokeFunction",
        "FunctionName": {"Ref": "AuthorizerFunctionAliaslive"},
        "Principal": "apigateway.amazonaws.com",
        "SourceArn": {
            "Fn::Sub": "arn:${AWS::Partition}:execute-api:${AWS::Region}:${AWS::AccountId}:${TaskApi}/authorizers/*"
        },
    }


def test_only_cloudwatch_of_this_account_may_send_alarms(deployed: Document) -> None:
    [statement] = deployed.properties("AlarmTopicPolicy")["PolicyDocument"]["Statement"]

    assert statement == {
        "Effect": "Allow",
        "Principal": {"Service": "cloudwatch.amazonaws.com"},
        "Action": "sns:Publish",
        "Resource": {"Ref": "AlarmTopic"},
        "Condition": {"StringEquals": {"aws:SourceAccount": {"Ref": "AWS::AccountId"}}},
    }
