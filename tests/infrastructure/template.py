"""template.yaml as its author wrote it, and as the SAM transform turns it into CloudFormation."""

from __future__ import annotations

import copy
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import boto3
from samcli.yamlhelper import yaml_parse
from samtranslator.parser.parser import Parser
from samtranslator.translator.translator import Translator

ROOT: Final = Path(__file__).resolve().parents[2]
TEMPLATE_VARIABLE: Final = "TEMPLATE_UNDER_TEST"
"""Names another file than template.yaml; for the mutations, whose tests run in processes of their own."""
TEMPLATE: Final = ROOT / "template.yaml"

OPERATIONS: Final[Mapping[str, tuple[str, str]]] = {
    "create_task": ("post", "/users/{user_id}/tasks"),
    "list_tasks": ("get", "/users/{user_id}/tasks"),
    "get_task": ("get", "/users/{user_id}/tasks/{task_id}"),
    "replace_task": ("put", "/users/{user_id}/tasks/{task_id}"),
    "update_task": ("patch", "/users/{user_id}/tasks/{task_id}"),
    "delete_task": ("delete", "/users/{user_id}/tasks/{task_id}"),
    "toggle_task": ("post", "/users/{user_id}/tasks/{task_id}/toggle"),
}
"""The contract's operations: method and route."""

FUNCTIONS: Final = (*OPERATIONS, "authorizer")


def logical_id(function: str) -> str:
    """``create_task`` to ``CreateTaskFunction``."""
    return "".join(word.capitalize() for word in function.split("_")) + "Function"


def plain(value: Any) -> Any:
    """The same value of dicts, lists and scalars only; SAM's own mapping types compare and print oddly."""
    return json.loads(json.dumps(value))


def source() -> dict[str, Any]:
    """The template as written, short tags spelled out (``!Ref X`` is ``{"Ref": "X"}``)."""
    file = Path(os.environ.get(TEMPLATE_VARIABLE) or TEMPLATE)
    template: dict[str, Any] = plain(yaml_parse(file.read_text(encoding="utf-8")))
    return template


def transformed_of(written: Mapping[str, Any]) -> dict[str, Any]:
    """What CloudFormation gets of a template as written, which is left as it is.

    Code has no place in it: ``sam package`` would have put S3 addresses where the folders are.
    """
    template = copy.deepcopy(dict(written))
    for resource in template["Resources"].values():
        for folder in {"CodeUri", "ContentUri"} & resource["Properties"].keys():
            resource["Properties"][folder] = "s3://bucket/key"
    session = boto3.Session(region_name="eu-central-1")
    return plain(Translator({}, Parser(), boto_session=session).translate(template, {}))  # type: ignore[no-any-return]


def transformed() -> dict[str, Any]:
    """What CloudFormation gets from the SAM transform of template.yaml."""
    return transformed_of(source())


@dataclass(frozen=True)
class Document:
    """One form of the template.

    Attributes:
        body: All of it.
    """

    body: Mapping[str, Any]

    def properties(self, name: str) -> dict[str, Any]:
        """The properties of a resource."""
        properties: dict[str, Any] = self.body["Resources"][name]["Properties"]
        return properties

    def of_type(self, kind: str) -> dict[str, dict[str, Any]]:
        """Properties of every resource of a type, by logical id."""
        return {
            name: resource["Properties"]
            for name, resource in self.body["Resources"].items()
            if resource["Type"] == kind
        }
