"""template.yaml with its loops written out, and as the SAM transform turns it into CloudFormation."""

from __future__ import annotations

import copy
import os
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

import boto3
from samtranslator.parser.parser import Parser
from samtranslator.translator.translator import Translator

from local.paths import TEMPLATE
from local.template.expansion import plain, read_expanded
from local.template.operations import OPERATIONS

TEMPLATE_VARIABLE: Final = "TEMPLATE_UNDER_TEST"
"""Names another file than template.yaml; for the mutations, whose tests run in processes of their own."""

FUNCTIONS: Final = (*OPERATIONS, "authorizer")


def logical_id(function: str) -> str:
    """``create_task`` to ``CreateTaskFunction``."""
    return (OPERATIONS[function].row if function in OPERATIONS else function.capitalize()) + "Function"


def source() -> dict[str, Any]:
    """The template, expanded, short tags spelled out (``!Ref X`` is ``{"Ref": "X"}``): a copy to do anything with."""
    return copy.deepcopy(_read(Path(os.environ.get(TEMPLATE_VARIABLE) or TEMPLATE)))


@cache
def _read(path: Path) -> dict[str, Any]:
    return read_expanded(path)


def transformed_of(written: Mapping[str, Any]) -> dict[str, Any]:
    """What CloudFormation gets of an expanded template, which is left as it is.

    Code has no place in it: ``sam package`` would have put S3 addresses where the folders are.
    """
    template = copy.deepcopy(dict(written))
    for resource in template["Resources"].values():
        for folder in {"CodeUri", "ContentUri"} & resource["Properties"].keys():
            resource["Properties"][folder] = "s3://bucket/key"
    session = boto3.Session(region_name="eu-central-1")
    document: dict[str, Any] = plain(Translator({}, Parser(), boto_session=session).translate(template, {}))
    return document


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
