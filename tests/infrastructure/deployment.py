"""The template deployed as a CloudFormation stack, into moto.

moto knows no rules and trips over ``AWS::NoValue`` in lists, so what depends on parameters alone (conditions, mappings,
``Fn::If``) is decided here, as CloudFormation decides it; names and ARNs of resources are moto's.
"""

from __future__ import annotations

import contextlib
import io
import json
import re
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

import boto3
from moto import mock_aws

from tests.infrastructure.intrinsics import evaluate

REGION: Final = "eu-central-1"
ACCOUNT: Final = "123456789012"
STACK: Final = "task-api-test"
REQUIRED: Final[Mapping[str, str]] = {
    "JwtIssuer": "https://issuer.example",
    "JwtAudience": "task-api",
    "JwtAlgorithms": "EdDSA",
    "JwtJwksUrl": "https://issuer.example/jwks",
}
"""Parameters without a default, and a key source."""

_ABSENT: Final = object()
_DECIDED: Final = {"Ref", "Fn::If", "Fn::FindInMap", "Fn::Sub"}
_LEFT_OUT: Final = (
    "AWS::ApiGateway::",
    "AWS::CloudWatch::",
    "AWS::CodeDeploy::",
    "AWS::Lambda::Alias",
    "AWS::Lambda::Permission",
    "AWS::Logs::MetricFilter",
    "AWS::Logs::QueryDefinition",
    "AWS::SNS::Subscription",
    "AWS::SNS::TopicPolicy",
)
"""What moto can't make of a stack: an API by its OpenAPI document, alarms, aliases and what names one.

:func:`concrete` makes of these what their own services' APIs take.
"""


def all_parameters(template: Mapping[str, Any], given: Mapping[str, str]) -> dict[str, str]:
    """The value of every parameter: the given ones, then :data:`REQUIRED`, then the defaults."""
    defaults = {name: str(each["Default"]) for name, each in template["Parameters"].items() if "Default" in each}
    return {**defaults, **REQUIRED, **given}


@dataclass(frozen=True)
class _Decisions:
    """What a template's conditions, mappings and parameters come to."""

    template: Mapping[str, Any]
    parameters: Mapping[str, str]

    def holds(self, condition: str) -> bool:
        # An account that is not SAM CLI's.
        parameters = {"AWS::AccountId": "111122223333", **self.parameters}
        return bool(evaluate({"Condition": condition}, parameters, self.template["Conditions"]))

    def decide(self, value: Any) -> Any:
        """A value with everything decided that depends on parameters alone; :data:`_ABSENT` for what is left out."""
        if isinstance(value, dict):
            [(function, argument), *others] = value.items() if value else [("", None)]
            if not others and function in _DECIDED:
                return self._function(function, argument)
            return {name: each for name, member in value.items() if (each := self.decide(member)) is not _ABSENT}
        if isinstance(value, list):
            return [each for member in value if (each := self.decide(member)) is not _ABSENT]
        return value

    def _function(self, function: str, argument: Any) -> Any:
        match function, argument:
            case "Ref", "AWS::NoValue":
                return _ABSENT
            case "Ref", name:
                return self.parameters.get(name, {"Ref": name})
            case "Fn::If", [condition, then, otherwise]:
                return self.decide(then if self.holds(condition) else otherwise)
            case "Fn::FindInMap", [name, first, second]:
                return self.template["Mappings"][name][self.decide(first)][self.decide(second)]
        return {function: self._substituted(argument)}

    def _substituted(self, argument: Any) -> Any:
        if not isinstance(argument, str):
            return [argument[0], self.decide(argument[1])]
        for name, parameter in self.parameters.items():
            argument = argument.replace("${" + name + "}", parameter)
        return argument


def decided(template: Mapping[str, Any], given: Mapping[str, str], left_out: tuple[str, ...] = ()) -> dict[str, Any]:
    """The template for one set of parameters: without conditions, rules, mappings and what they leave out.

    Args:
        template: After the SAM transform.
        given: Parameters that differ from their defaults.
        left_out: How the types begin of which no resource is wanted.
    """
    decisions = _Decisions(template, all_parameters(template, given))
    resources = {
        name: decisions.decide({key: part for key, part in resource.items() if key != "Condition"})
        for name, resource in template["Resources"].items()
        if not resource["Type"].startswith(left_out)
        and ("Condition" not in resource or decisions.holds(resource["Condition"]))
    }
    return {"AWSTemplateFormatVersion": "2010-09-09", "Resources": resources}


_PSEUDO_PARAMETERS: Final[Mapping[str, str]] = {
    "AWS::Region": REGION,
    "AWS::AccountId": ACCOUNT,
    "AWS::Partition": "aws",
    "AWS::StackName": STACK,
    "AWS::URLSuffix": "amazonaws.com",
}


def concrete(value: Any, ids: Mapping[str, str]) -> Any:
    """A value out of :func:`decided` with every name in place of its ``Ref``, ``Fn::GetAtt`` or ``Fn::Sub``.

    Args:
        value: Any part of a decided template.
        ids: Logical to physical ids; a resource that is not among them is named by its logical id.
    """

    def named(name: str, own: Mapping[str, str]) -> str:
        resource, _, attribute = name.partition(".")
        found = own.get(name) or _PSEUDO_PARAMETERS.get(resource) or ids.get(resource, resource)
        return f"arn:aws:any:{REGION}:{ACCOUNT}:{found}" if attribute == "Arn" else found

    def substituted(text: str, own: Mapping[str, str]) -> str:
        return re.sub(r"\$\{([\w:.]+)\}", lambda found: named(found[1], own), text)

    match value:
        case {"Ref": str(name)}:
            result: Any = named(name, {})
        case {"Fn::GetAtt": [name, attribute]}:
            result = named(f"{name}.{attribute}", {})
        case {"Fn::Join": [str(separator), list(parts)]}:
            result = separator.join(concrete(part, ids) for part in parts)
        case {"Fn::Sub": str(text)}:
            result = substituted(text, {})
        case {"Fn::Sub": [text, own]}:
            result = substituted(text, {name: concrete(member, ids) for name, member in own.items()})
        case dict():
            result = {name: concrete(member, ids) for name, member in value.items()}
        case list():
            result = [concrete(member, ids) for member in value]
        case _:
            result = value
    return result


@contextlib.contextmanager
def deployed_stack(template: Mapping[str, Any], given: Mapping[str, str] | None = None) -> Iterator[dict[str, str]]:
    """Deploy into an empty account of moto's and stay in it.

    Args:
        template: After the SAM transform.
        given: Parameters that differ from their defaults.

    Yields:
        Logical to physical ids.
    """
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as contents:
        contents.writestr("app.py", "")
    with mock_aws():
        storage = boto3.client("s3", region_name=REGION)
        storage.create_bucket(Bucket="bucket", CreateBucketConfiguration={"LocationConstraint": REGION})
        storage.put_object(Bucket="bucket", Key="key", Body=archive.getvalue())
        stacks = boto3.client("cloudformation", region_name=REGION)
        body = json.dumps(decided(template, given or {}, _LEFT_OUT))
        stacks.create_stack(StackName=STACK, TemplateBody=body, Capabilities=["CAPABILITY_IAM"])
        resources = stacks.describe_stack_resources(StackName=STACK)["StackResources"]
        yield {
            each["LogicalResourceId"]: each["PhysicalResourceId"] for each in resources if "PhysicalResourceId" in each
        }
