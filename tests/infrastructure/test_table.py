"""The table: the keys and indexes that the code reads and writes by."""

from __future__ import annotations

from typing import Any

import pytest

from taskapi.dynamo.attributes import PARTITION_KEY, SORT_KEY
from taskapi.tasks.query import ACCESS_PATHS
from tests.infrastructure.deployment import decided
from tests.infrastructure.intrinsics import evaluate
from tests.infrastructure.template import Document
from tests.support.tasks import tombstone


@pytest.fixture
def table(deployed: Document) -> dict[str, Any]:
    return deployed.properties("TasksTable")


def keys(schema: list[dict[str, str]]) -> dict[str, str]:
    """``{"HASH": name, "RANGE": name}``."""
    return {part["KeyType"]: part["AttributeName"] for part in schema}


def test_the_keys_are_those_of_the_code(table: dict[str, Any]) -> None:
    assert keys(table["KeySchema"]) == {"HASH": PARTITION_KEY, "RANGE": SORT_KEY}


def test_the_indexes_are_those_that_the_code_lists_by(table: dict[str, Any]) -> None:
    # Given the access paths of the list operation
    wanted = {path.index: path.sort_attribute for path in ACCESS_PATHS.values() if path.index is not None}
    assert len(wanted) == 5

    # When the table's indexes are read, then each is there with its sort key, within the user's partition
    indexes = {index["IndexName"]: keys(index["KeySchema"]) for index in table["LocalSecondaryIndexes"]}
    assert indexes == {name: {"HASH": PARTITION_KEY, "RANGE": attribute} for name, attribute in wanted.items()}


def test_an_index_holds_whole_tasks(table: dict[str, Any]) -> None:
    assert all(index["Projection"] == {"ProjectionType": "ALL"} for index in table["LocalSecondaryIndexes"])


def test_only_keys_are_declared_and_all_are_strings(table: dict[str, Any]) -> None:
    # Given every key of the table and its indexes
    schemas = [table["KeySchema"], *(index["KeySchema"] for index in table["LocalSecondaryIndexes"])]
    names = {name for schema in schemas for name in keys(schema).values()}

    # When the declared attributes are read, then they are these
    declared = {each["AttributeName"]: each["AttributeType"] for each in table["AttributeDefinitions"]}
    assert declared == dict.fromkeys(names, "S")


def test_dynamodb_removes_what_the_code_lets_expire(table: dict[str, Any]) -> None:
    # Given an item that the code lets expire
    item = tombstone()

    # When the table's time-to-live attribute is looked up in it, then it is the time in Unix seconds
    setting = table["TimeToLiveSpecification"]
    assert setting["Enabled"] is True
    assert item[setting["AttributeName"]] == {"N": "1766000000"}


def test_the_table_is_paid_by_request_and_can_be_restored(table: dict[str, Any]) -> None:
    assert table["BillingMode"] == "PAY_PER_REQUEST"
    assert table["PointInTimeRecoverySpecification"] == {"PointInTimeRecoveryEnabled": True}


def test_the_table_and_the_logs_are_encrypted_with_the_key_that_is_given(deployed: Document) -> None:
    # Given stacks with a key of the account's own and without
    key = "arn:aws:kms:eu-central-1:123456789012:key/1234abcd"
    with_key = decided(deployed.body, {"KmsKeyArn": key})["Resources"]
    without = decided(deployed.body, {})["Resources"]

    # When table and log groups are read, then all are encrypted with it; else with keys that AWS owns
    assert with_key["TasksTable"]["Properties"]["SSESpecification"] == {
        "SSEEnabled": True,
        "SSEType": "KMS",
        "KMSMasterKeyId": key,
    }
    assert "SSESpecification" not in without["TasksTable"]["Properties"]
    for resources, expected in ((with_key, key), (without, None)):
        groups = [each["Properties"] for each in resources.values() if each["Type"] == "AWS::Logs::LogGroup"]
        assert [group.get("KmsKeyId") for group in groups] == [expected] * 3


@pytest.mark.parametrize(("environment", "is_protected"), [("dev", False), ("staging", False), ("prod", True)])
def test_the_table_of_production_cannot_be_deleted(deployed: Document, environment: str, is_protected: bool) -> None:
    setting = deployed.properties("TasksTable")["DeletionProtectionEnabled"]

    assert evaluate(setting, {"Environment": environment}, deployed.body["Conditions"]) is is_protected


def test_the_table_outlives_its_stack(deployed: Document) -> None:
    resource = deployed.body["Resources"]["TasksTable"]

    assert resource["DeletionPolicy"] == "RetainExceptOnCreate"
    assert resource["UpdateReplacePolicy"] == "Retain"
