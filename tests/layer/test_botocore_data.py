"""botocore's data as trimmed for the layer: what our clients do with it is what they do with all of it."""

from __future__ import annotations

import ast
import itertools
import json
import re
import shutil
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import botocore
import pytest
from botocore.awsrequest import AWSResponse
from botocore.compat import HTTPHeaders
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from botocore.loaders import Loader
from botocore.session import Session

from local.errors import LocalError
from local.layer_build.botocore_data import OPERATIONS, trim, trim_endpoints, trim_model
from local.paths import ROOT
from tests.infrastructure.template import Document

ORIGINAL = Path(botocore.__file__).parent / "data"
FOLDERS = (*OPERATIONS, "s3")


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of what botocore ships, one foreign service in the place of all, trimmed."""
    folder = tmp_path_factory.mktemp("botocore") / "data"
    folder.mkdir()
    for path in ORIGINAL.glob("*.json"):
        shutil.copy(path, folder)
    for service in FOLDERS:
        shutil.copytree(ORIGINAL / service, folder / service)
    trim(folder)
    return folder


def session(data: Path) -> Session:
    """A session that takes a folder for the one that botocore ships."""

    class InPlace(Loader):
        BUILTIN_DATA_PATH = str(data)

        def __init__(self) -> None:
            super().__init__([str(data)], include_default_search_paths=False)

    made = Session()
    made.register_component("data_loader", InPlace())
    made.set_credentials("AKIDEXAMPLE", "secret")
    return made


@pytest.fixture(scope="module")
def whole() -> Session:
    return session(ORIGINAL)


@pytest.fixture(scope="module")
def trimmed(data: Path) -> Session:
    return session(data)


def regions() -> list[str]:
    """Every region and pseudo-region that ``endpoints.json`` has for our services, and some that it doesn't know."""
    names: set[str] = {"us-west-9", "eusc-de-west-9"}
    for partition in json.loads((ORIGINAL / "endpoints.json").read_text("utf-8"))["partitions"]:
        names |= partition["regions"].keys()
        for service in OPERATIONS:
            names |= partition["services"].get(service, {}).get("endpoints", {}).keys()
    return sorted(names)


KEY = {"pk": {"S": "USER#alice"}, "sk": {"S": "TASK#1"}}


class Sent(Exception):
    """Raised in the place of sending."""


def endpoint(session: Session, service: str, region: str, fips: bool, dualstack: bool) -> Any:
    """What a client of the region calls, and how it signs; or how it fails."""
    config = Config(use_fips_endpoint=fips, use_dualstack_endpoint=dualstack)
    sent: list[Any] = []

    def look(request: Any, **_: object) -> None:
        # …Credential=AKIDEXAMPLE/20261120/us-east-1/dynamodb/aws4_request, SignedHeaders=…
        credential = str(request.headers["Authorization"]).split(",")[0].split("/")
        sent.append((request.url, credential[2:]))
        raise Sent

    try:
        client: Any = session.create_client(service, region_name=region, config=config)
        client.meta.events.register("before-send", look)
        if service == "dynamodb":
            client.get_item(TableName="tasks", Key=KEY)
        else:
            client.get_secret_value(SecretId="name")
    except BotoCoreError as error:
        return type(error), str(error)
    except Sent:
        pass
    return sent, client.meta.config.signature_version, client.meta.partition, client.meta.region_name


def variants(service: str, region: str) -> list[tuple[bool, bool]]:
    """FIPS and dual stack or not; without rules there is no dual stack in two partitions, nor a refusal for "local"."""
    if service == "dynamodb" and region == "local":
        return [(False, False)]
    if service == "dynamodb" and region.startswith(("us-iso-", "us-isob-")):
        return [(False, False), (True, False)]
    return [(False, False), (True, False), (False, True), (True, True)]


@pytest.mark.parametrize("service", OPERATIONS)
@pytest.mark.parametrize("region", regions())
def test_every_region_resolves_as_before(whole: Session, trimmed: Session, service: str, region: str) -> None:
    for fips, dualstack in variants(service, region):
        assert endpoint(trimmed, service, region, fips, dualstack) == endpoint(whole, service, region, fips, dualstack)


def test_dynamodb_has_no_rules_to_evaluate_with_each_request(data: Path) -> None:
    assert not list(data.glob("dynamodb/*/endpoint-rule-set-1*"))
    assert list(data.glob("secretsmanager/*/endpoint-rule-set-1*"))


CALLS: Mapping[str, tuple[str, Mapping[str, Any]]] = {
    "GetItem": ("dynamodb", {"TableName": "tasks", "Key": KEY, "ConsistentRead": True}),
    "PutItem": (
        "dynamodb",
        {
            "TableName": "tasks",
            "Item": {**KEY, "tags": {"L": [{"S": "a"}]}, "completed": {"BOOL": False}, "note": {"NULL": True}},
            "ConditionExpression": "attribute_not_exists(pk)",
            "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
        },
    ),
    "UpdateItem": (
        "dynamodb",
        {
            "TableName": "tasks",
            "Key": KEY,
            "UpdateExpression": "SET #t = :t ADD version :one",
            "ExpressionAttributeNames": {"#t": "title"},
            "ExpressionAttributeValues": {":t": {"S": "x"}, ":one": {"N": "1"}},
            "ReturnValues": "ALL_NEW",
        },
    ),
    "Query": (
        "dynamodb",
        {
            "TableName": "tasks",
            "IndexName": "by-updated",
            "KeyConditionExpression": "pk = :pk",
            "ExpressionAttributeValues": {":pk": KEY["pk"]},
            "ExclusiveStartKey": KEY,
            "Limit": 51,
            "ReturnConsumedCapacity": "TOTAL",
        },
    ),
    "TransactWriteItems": (
        "dynamodb",
        {
            "ClientRequestToken": "b2f1",
            "TransactItems": [
                {"Put": {"TableName": "tasks", "Item": KEY, "ConditionExpression": "attribute_not_exists(pk)"}}
            ],
        },
    ),
    "GetSecretValue": ("secretsmanager", {"SecretId": "name", "VersionStage": "AWSPREVIOUS"}),
}
"""A call of each operation: its service and its arguments."""
ANSWERS: Mapping[str, Mapping[str, Any]] = {
    "GetItem": {"Item": KEY},
    "PutItem": {},
    "UpdateItem": {"Attributes": KEY},
    "Query": {"Items": [KEY], "LastEvaluatedKey": KEY, "ConsumedCapacity": {"CapacityUnits": 0.5}},
    "TransactWriteItems": {},
    "GetSecretValue": {"SecretString": "s", "CreatedDate": 1795220000.5, "VersionStages": ["AWSCURRENT"]},
}


class Body:
    """A reply's body, as urllib3 gives it."""

    def __init__(self, content: bytes) -> None:
        self._content = content

    def stream(self, amt: int = 0, decode_content: bool | None = None) -> Iterator[bytes]:
        yield self._content


def exchange(session: Session, operation: str, status: int, answer: Mapping[str, Any]) -> Any:
    """What a call sends, and what it returns or raises, when the service answers so."""
    service, arguments = CALLS[operation]
    config = Config(retries={"total_max_attempts": 1})
    client: Any = session.create_client(service, region_name="eu-central-1", config=config)
    sent: list[Any] = []

    def answer_it(request: Any, **_: object) -> AWSResponse:
        unsigned = {name: value for name, value in request.headers.items() if name.startswith(("X-Amz-T", "Content-"))}
        sent.append((request.method, request.url, unsigned, request.body))
        return AWSResponse(request.url, status, HTTPHeaders(), Body(json.dumps(answer).encode()))

    client.meta.events.register("before-send", answer_it)
    method: Callable[..., Any] = {name: getattr(client, attribute) for attribute, name in _methods(client).items()}[
        operation
    ]
    try:
        result = method(**arguments)
    except ClientError as error:
        result = (type(error).__name__, error.response, str(error))
    return sent, result


def _methods(client: Any) -> Mapping[str, str]:
    methods: Mapping[str, str] = client.meta.method_to_api_mapping
    return methods


def test_there_is_a_call_here_of_each_operation() -> None:
    assert {(service, name) for service, names in OPERATIONS.items() for name in names} == {
        (service, name) for name, (service, _) in CALLS.items()
    }


@pytest.mark.parametrize("operation", CALLS)
def test_a_call_sends_and_returns_the_same_as_before(whole: Session, trimmed: Session, operation: str) -> None:
    sent, result = exchange(trimmed, operation, 200, ANSWERS[operation])

    assert sent
    assert ANSWERS[operation].keys() <= result.keys()
    assert (sent, result) == exchange(whole, operation, 200, ANSWERS[operation])


@pytest.mark.parametrize("operation", CALLS)
def test_every_error_is_raised_as_before(whole: Session, trimmed: Session, operation: str) -> None:
    # Given all errors that the service has, and one that it doesn't name
    model: Any = whole.get_service_model(CALLS[operation][0])
    codes = [shape.error_code for shape in model.error_shapes]
    assert len(codes) > 5

    for code in [*codes, "ThrottlingException", "Unheard"]:
        answer = {
            "__type": f"com.amazonaws#{code}",
            "message": "no",
            "Item": KEY,
            "CancellationReasons": [{"Code": "None"}],
        }
        raised = exchange(trimmed, operation, 400, answer)
        assert raised[1][1]["Error"]["Code"] == code
        assert raised == exchange(whole, operation, 400, answer)


def test_nothing_else_is_left(data: Path) -> None:
    assert {path.name for path in data.iterdir() if path.is_dir()} == OPERATIONS.keys()
    assert "documentation" not in json.loads(next(data.glob("dynamodb/*/service-2.json")).read_text("utf-8"))
    size = sum(path.stat().st_size for path in data.rglob("*.json"))
    assert size < 400_000


def test_our_code_calls_these_operations_alone(whole: Session) -> None:
    # Given the names of all methods of the clients of these services
    operations = {
        attribute: name
        for service in OPERATIONS
        for attribute, name in _methods(whole.create_client(service, region_name="eu-central-1")).items()
    }

    # When the package is searched for calls of them on a client
    called = set()
    for path in (ROOT / "layers" / "taskapi").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Attribute) and ast.unparse(node.value) in ("client", "self._client"):
                called.add(node.attr)

    # Then the calls are those that the layer's clients have, and a client has nothing else that we name
    assert {operations[name] for name in called - {"meta", "exceptions", "_endpoint"}} == {
        *itertools.chain(*OPERATIONS.values())
    }


def test_the_functions_may_call_no_other_operation(written: Document) -> None:
    # Given the actions that the template's policies allow; a transaction's are those of its parts
    text = json.dumps(written.body)
    for service, operations in OPERATIONS.items():
        allowed = set(re.findall(rf'"{service}:([A-Za-z*]+)"', text))
        assert {name for name in allowed if not name.startswith(("EnclosingOperation", "LeadingKeys"))} == (
            operations - {"TransactWriteItems"}
        )


MODEL: Mapping[str, Any] = {
    "operations": {
        "Get": {
            "name": "Get",
            "input": {"shape": "GetInput"},
            "output": {"shape": "GetOutput"},
            "errors": [{"shape": "NotFound"}],
            "documentation": "x",
        },
        "Drop": {"name": "Drop", "input": {"shape": "DropInput"}},
        "Locate": {"name": "Locate", "output": {"shape": "Places"}, "endpointoperation": True},
    },
    "shapes": {
        "GetInput": {"type": "structure", "members": {"documentation": {"shape": "Text", "documentation": "y"}}},
        "GetOutput": {"type": "structure", "members": {"Tree": {"shape": "Tree"}}},
        "Tree": {"type": "list", "member": {"shape": "Tree"}},
        "DropInput": {"type": "structure", "members": {"Only": {"shape": "OnlyDropped"}}},
        "OnlyDropped": {"type": "string"},
        "NotFound": {"type": "structure", "members": {}, "exception": True},
        "Busy": {"type": "structure", "members": {"Why": {"shape": "Reason"}}, "exception": True},
        "Reason": {"type": "string"},
        "Text": {"type": "string", "enum": ["documentation"]},
        "Places": {"type": "string"},
    },
}


def test_a_model_keeps_what_its_operations_consist_of() -> None:
    trimmed = trim_model(dict(MODEL), {"Get"})

    assert trimmed["operations"].keys() == {"Get", "Locate"}
    assert trimmed["shapes"].keys() == MODEL["shapes"].keys() - {"DropInput", "OnlyDropped"}
    assert "documentation" not in trimmed["operations"]["Get"]
    # A member that is called documentation is one; only texts go.
    assert trimmed["shapes"]["GetInput"] == {"type": "structure", "members": {"documentation": {"shape": "Text"}}}
    assert trimmed["shapes"]["Text"] == MODEL["shapes"]["Text"]


def test_an_operation_that_does_not_exist_stops_the_build() -> None:
    with pytest.raises(LocalError, match="no operation Wish"):
        trim_model(dict(MODEL), {"Get", "Wish"})


def test_partitions_and_regions_stay() -> None:
    defaults = {"hostname": "{service}.{region}.{dnsSuffix}"}
    partition = {"partition": "aws", "regions": {"us-east-1": {}}, "defaults": defaults}
    endpoints = {"version": 3, "partitions": [{**partition, "services": {"dynamodb": {"endpoints": {}}, "s3": {}}}]}

    trimmed = trim_endpoints(endpoints)

    assert trimmed == {"version": 3, "partitions": [{**partition, "services": {"dynamodb": {"endpoints": {}}}}]}


@pytest.mark.parametrize("missing", ["partitions.json", "dynamodb", "dynamodb/2012-08-10/endpoint-rule-set-1.json.gz"])
def test_data_that_is_laid_out_otherwise_stops_the_build(tmp_path: Path, missing: str) -> None:
    # Given botocore's data without something that the build counts on
    for path in ORIGINAL.glob("*.json"):
        shutil.copy(path, tmp_path)
    for service in OPERATIONS:
        shutil.copytree(ORIGINAL / service, tmp_path / service)
    gone = tmp_path / missing
    shutil.rmtree(gone) if gone.is_dir() else gone.unlink()

    # When it is trimmed, then the build says so
    with pytest.raises(LocalError, match="botocore"):
        trim(tmp_path)
