"""botocore's data as trimmed for the layer: what stays says what it said."""

from __future__ import annotations

import ast
import itertools
import json
import re
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import botocore
import pytest
from botocore.loaders import Loader
from botocore.session import Session

from local.errors import LocalError
from local.paths import ROOT
from tests.infrastructure.template import Document
from tools.layer_build.botocore_data import OPERATIONS, trim, trim_model

ORIGINAL = Path(botocore.__file__).parent / "data"


def copy_of_what_is_shipped(folder: Path) -> None:
    """One foreign service in the place of all."""
    for path in ORIGINAL.glob("*.json"):
        shutil.copy(path, folder)
    for service in (*OPERATIONS, "s3"):
        shutil.copytree(ORIGINAL / service, folder / service)


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A trimmed copy of what botocore ships."""
    folder = tmp_path_factory.mktemp("botocore")
    copy_of_what_is_shipped(folder)
    trim(folder)
    return folder


def loaded(folder: Path, service: str, kind: str) -> Any:
    """A file of a service's newest version, as botocore reads it."""

    class InPlace(Loader):
        BUILTIN_DATA_PATH = str(folder)

    return InPlace([str(folder)], include_default_search_paths=False).load_service_model(service, kind)


def is_same(ours: Any, shipped: Any) -> bool:
    """Whether two parts of a model say the same, texts for people aside."""
    if isinstance(shipped, dict):
        names = {name for name, each in shipped.items() if name != "documentation" or not isinstance(each, str)}
        return ours.keys() == names and all(is_same(ours[name], shipped[name]) for name in names)
    if isinstance(shipped, list):
        return len(ours) == len(shipped) and all(map(is_same, ours, shipped))
    return bool(ours == shipped)


@pytest.mark.parametrize("service", OPERATIONS)
def test_a_model_keeps_its_operations_and_errors_and_what_they_consist_of(data: Path, service: str) -> None:
    shipped, ours = (loaded(each, service, "service-2") for each in (ORIGINAL, data))

    # All that is there is as it was
    assert ours["operations"].keys() >= OPERATIONS[service]
    for part in ("operations", "shapes"):
        assert all(is_same(each, shipped[part][name]) for name, each in ours[part].items())
    assert is_same({**ours, "operations": 0, "shapes": 0}, {**shipped, "operations": 0, "shapes": 0})
    # All that it refers to is there, and so are all errors
    referred = set(re.findall(r'"shape": "(\w+)"', json.dumps(ours)))
    assert ours["shapes"].keys() >= referred | {
        name for name, shape in shipped["shapes"].items() if shape.get("exception")
    }


@pytest.mark.parametrize("service", OPERATIONS)
def test_endpoints_are_found_as_before(data: Path, service: str) -> None:
    rules, partitions = "endpoint-rule-set-1", "partitions.json"
    assert loaded(data, service, rules) == loaded(ORIGINAL, service, rules)
    assert json.loads((data / partitions).read_text("utf-8")) == json.loads((ORIGINAL / partitions).read_text("utf-8"))
    # The older way, by which a client's region and partition are found before a request is made
    ours, shipped = (
        json.loads((each / "endpoints.json").read_text("utf-8"))["partitions"] for each in (data, ORIGINAL)
    )
    for here, there in zip(ours, shipped, strict=True):
        assert here["services"].get(service) == there["services"].get(service)
        assert {**here, "services": {}} == {**there, "services": {}}


def test_nothing_else_is_left(data: Path) -> None:
    assert {path.name for path in data.iterdir() if path.is_dir()} == OPERATIONS.keys()
    size = sum(path.stat().st_size for path in data.rglob("*.json"))
    assert size < 400_000


def _methods(client: Any) -> Mapping[str, str]:
    methods: Mapping[str, str] = client.meta.method_to_api_mapping
    return methods


def test_our_code_calls_these_operations_alone() -> None:
    # Given the names of all methods of the clients of these services
    operations = {
        attribute: name
        for service in OPERATIONS
        for attribute, name in _methods(Session().create_client(service, region_name="eu-central-1")).items()
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


def test_an_operation_that_does_not_exist_stops_the_build() -> None:
    with pytest.raises(LocalError, match="no operation Wish"):
        trim_model(loaded(ORIGINAL, "dynamodb", "service-2"), {"GetItem", "Wish"})


@pytest.mark.parametrize("missing", ["partitions.json", "dynamodb", "dynamodb/2012-08-10/endpoint-rule-set-1.json.gz"])
def test_data_that_is_laid_out_otherwise_stops_the_build(tmp_path: Path, missing: str) -> None:
    # Given botocore's data without something that the build counts on
    copy_of_what_is_shipped(tmp_path)
    gone = tmp_path / missing
    shutil.rmtree(gone) if gone.is_dir() else gone.unlink()

    # When it is trimmed, then the build says so
    with pytest.raises(LocalError, match="botocore"):
        trim(tmp_path)
