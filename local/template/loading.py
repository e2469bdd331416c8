"""template.yaml as this machine needs it: routes, functions with their environment, the table, the gateway responses.

SAM CLI's own providers read it, so that ``Globals``, parameters, conditions and SAM's shorthands mean here what they
mean to ``sam local``.
"""

from __future__ import annotations

import contextlib
import io
import re
import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from samcli.lib.providers.api_provider import ApiProvider
from samcli.lib.providers.provider import Api, Function
from samcli.lib.providers.sam_function_provider import SamFunctionProvider
from samcli.lib.providers.sam_stack_provider import SamLocalStackProvider

from local.errors import LocalError
from local.template.expansion import read_expanded

API_TYPE = "AWS::Serverless::Api"
TABLE_TYPE = "AWS::DynamoDB::Table"


@dataclass(frozen=True)
class FunctionDefinition:
    """One ``AWS::Serverless::Function``.

    Attributes:
        logical_id: ``CreateTaskFunction`` say.
        code: Folder of the code, its own or one for several.
        handler: ``create_task.app.handler``.
        environment: Its variables, parameters filled in.
        memory: Megabytes.
        timeout: Seconds.
    """

    logical_id: str
    code: Path
    handler: str
    environment: Mapping[str, str]
    memory: int
    timeout: int

    @property
    def name(self) -> str:
        """``create_task`` say: what the contract calls the operation."""
        return self.handler.partition(".")[0]


@dataclass(frozen=True)
class Template:
    """What of the template the local gateway, functions and store are built from.

    Attributes:
        api: Routes and authorizers, as SAM CLI's local gateway takes them.
        api_properties: Properties of the ``AWS::Serverless::Api``, intrinsic functions resolved.
        functions: By logical id.
        table_name: What the functions' TABLE_NAME is, too.
        table_properties: Properties of the ``AWS::DynamoDB::Table``.
    """

    api: Api
    api_properties: Mapping[str, Any]
    functions: Mapping[str, FunctionDefinition]
    table_name: str
    table_properties: Mapping[str, Any]

    def function(self, name: str) -> FunctionDefinition:
        """The function of an operation (``create_task``) or logical id (``CreateTaskFunction``).

        Raises:
            LocalError: there is none.
        """
        for definition in self.functions.values():
            if name in (definition.name, definition.logical_id):
                return definition
        known = ", ".join(sorted(definition.name for definition in self.functions.values()))
        raise LocalError(f"there is no function {name!r}; there are: {known}")


def load_template(path: Path, parameters: Mapping[str, str]) -> Template:
    """Read a SAM template; parameters that are not given have their defaults.

    Raises:
        LocalError: it can't be read, or lacks an API, a function or a table.
    """
    if not path.is_file():
        raise LocalError(f"there is no template at {path}")
    try:
        # SAM CLI warns on stderr that its own gateway is not quite API Gateway (local.gateway sees to that),
        # and calls what its own libraries have deprecated.
        with contextlib.redirect_stderr(io.StringIO()), warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)
            stacks, _ = SamLocalStackProvider.get_stacks(
                template_dictionary=read_expanded(path), parameter_overrides=dict(parameters)
            )
            declared: Mapping[str, Any] = stacks[0].template_dict.get("Parameters") or {}
            resources: Mapping[str, Any] = stacks[0].resources
            api = ApiProvider(stacks, cwd=str(path.parent)).api
            functions = list(SamFunctionProvider(stacks, use_raw_codeuri=True).get_all())
    except Exception as error:  # SAM CLI raises a dozen unrelated types here, all of them about the template's text
        raise LocalError(f"{path.name} can't be read: {_first_line(error)}") from error
    _check_parameters(declared, parameters)
    table_name, table_properties = _only(resources, TABLE_TYPE, path)
    _, api_properties = _only(resources, API_TYPE, path)
    if not api.routes or not functions:
        raise LocalError(f"{path.name} has no function with an Api event")
    return Template(
        api=api,
        api_properties=api_properties,
        functions={function.name: _definition(function, path) for function in functions},
        table_name=str(table_properties.get("TableName") or table_name),
        table_properties=table_properties,
    )


def _check_parameters(declared: Mapping[str, Any], values: Mapping[str, str]) -> None:
    """Hold the values against the parameters' constraints, as CloudFormation does at a deployment."""
    if unknown := sorted(values.keys() - declared.keys()):
        raise LocalError(f"the template has no parameter {unknown[0]}")
    for name, constraints in declared.items():
        if name not in values and "Default" not in constraints:
            raise LocalError(f"the template's parameter {name} needs a value")
        value = values.get(name, str(constraints.get("Default", "")))
        allowed = [str(member) for member in constraints.get("AllowedValues", [value])]
        if value not in allowed:
            raise LocalError(f"{_variable(name)} must be one of {', '.join(allowed)}, not {value!r}")
        if not re.fullmatch(str(constraints.get("AllowedPattern", ".*")), value, re.DOTALL):
            what = constraints.get("ConstraintDescription") or f"must match {constraints['AllowedPattern']}"
            raise LocalError(f"{_variable(name)} {what}, not {value!r}")


def _variable(parameter: str) -> str:
    """The environment variable that a local run sets a parameter by; most are of its name, with other letters."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", parameter).upper()


def _only(resources: Mapping[str, Any], kind: str, path: Path) -> tuple[str, Mapping[str, Any]]:
    found = [(name, resource) for name, resource in resources.items() if resource.get("Type") == kind]
    if len(found) != 1:
        raise LocalError(f"{path.name} should have one {kind}, has {len(found)}")
    name, resource = found[0]
    return name, resource.get("Properties") or {}


def _definition(function: Function, path: Path) -> FunctionDefinition:
    variables = (function.environment or {}).get("Variables") or {}
    return FunctionDefinition(
        logical_id=function.name,
        code=(path.parent / str(function.codeuri)).resolve(),
        handler=str(function.handler),
        environment={name: _as_variable(value) for name, value in variables.items()},
        memory=int(function.memory or 128),
        timeout=int(function.timeout or 3),
    )


def _as_variable(value: object) -> str:
    """A variable's value as Lambda would hand it over; YAML's booleans and numbers become text."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if isinstance(value, (dict, list)) or value is None else str(value)


def _first_line(error: Exception) -> str:
    text = " ".join(str(error).split())
    return text or type(error).__name__
