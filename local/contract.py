"""docs/openapi.yaml as data: its operations, its references, and the request that it shows for each operation."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

import yaml

from local.errors import LocalError
from local.paths import ROOT

PATH: Final = ROOT / "docs" / "openapi.yaml"
METHODS: Final = ("get", "put", "post", "delete", "patch")
_LOADER: Final = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass(frozen=True)
class Operation:
    """One operation.

    Attributes:
        name: Its operationId.
        method: Lower case.
        path: With placeholders in braces.
        definition: As the document has it, with the parameters of its path; references unresolved.
    """

    name: str
    method: str
    path: str
    definition: Mapping[str, Any]

    @property
    def reads_body(self) -> bool:
        """Whether a request may have a body."""
        return "requestBody" in self.definition

    @property
    def success(self) -> int:
        """The first status of a success that the document lists: what a plain request is answered with."""
        return int(next(status for status in self.definition["responses"] if status.startswith("2")))


@dataclass(frozen=True)
class RequestExample:
    """The request that the document shows for an operation: with all that is required, and what has an example.

    Attributes:
        path_parameters: Their examples, decoded.
        query: Of the query parameters that have an example, percent-encoded.
        content_type: Of the body, None without one.
        body: A JSON value, None without one.
    """

    path_parameters: Mapping[str, str]
    query: str
    content_type: str | None
    body: object


class Contract:
    """An OpenAPI 3.1 document whose references all stay within it."""

    def __init__(self, content: Mapping[str, Any]) -> None:
        self.content = content
        self.operations = [
            Operation(definition["operationId"], method, path, _with_parameters(definition, methods))
            for path, methods in content["paths"].items()
            for method, definition in methods.items()
            if method in METHODS
        ]
        self._patterns = {path: re.compile(re.sub(r"\{[^}]*\}", "[^/]+", path)) for path in content["paths"]}

    def operation(self, name: str) -> Operation:
        """The operation of an operationId."""
        [found] = [operation for operation in self.operations if operation.name == name]
        return found

    def find(self, method: str, path: str) -> Operation | None:
        """The operation that a request is for, None when the document has none.

        Args:
            method: In any case.
            path: Percent-encoded, without the server's base path. More slashes than one at the start, and those at the
                end, make no difference.
        """
        path = "/" + path.strip("/")
        for operation in self.operations:
            if operation.method == method.lower() and self._patterns[operation.path].fullmatch(path):
                return operation
        return None

    def resolve(self, value: Mapping[str, Any]) -> Mapping[str, Any]:
        """What a reference points to; anything else as it is."""
        while "$ref" in value:
            target: Any = self.content
            for token in value["$ref"].removeprefix("#/").split("/"):
                target = target[token.replace("~1", "/").replace("~0", "~")]
            value = target
        return value

    def parameters(self, operation: Operation, place: str) -> dict[str, Mapping[str, Any]]:
        """The parameters of an operation in ``path``, ``query`` or ``header``, by name."""
        resolved = (self.resolve(parameter) for parameter in operation.definition.get("parameters", ()))
        return {parameter["name"]: parameter for parameter in resolved if parameter["in"] == place}

    def example(self, name: str) -> RequestExample:
        """The request that the document shows for an operation.

        Headers are left out: an entity tag or a key of the example would make it another request than the plain one.

        Raises:
            LocalError: a parameter of the path or the body has no example.
        """
        operation = self.operation(name)
        in_path = self.parameters(operation, "path")
        if lacking := [parameter for parameter, each in in_path.items() if "example" not in each]:
            raise LocalError(f"docs/openapi.yaml: {name}: no example of {', '.join(lacking)}")
        in_query = {
            key: each["example"] for key, each in self.parameters(operation, "query").items() if "example" in each
        }
        content_type, body = self._body_example(operation)
        return RequestExample(
            {parameter: str(each["example"]) for parameter, each in in_path.items()},
            "&".join(f"{key}={quote(str(value), safe='')}" for key, value in in_query.items()),
            content_type,
            body,
        )

    def _body_example(self, operation: Operation) -> tuple[str | None, object]:
        if not operation.reads_body:
            return None, None
        content = self.resolve(operation.definition["requestBody"])["content"]
        content_type, media = next(iter(content.items()))
        examples = media.get("examples", {})
        if not examples:
            raise LocalError(f"docs/openapi.yaml: {operation.name}: no examples of the body")
        return content_type, self.resolve(next(iter(examples.values())))["value"]


def _with_parameters(definition: Mapping[str, Any], methods: Mapping[str, Any]) -> dict[str, Any]:
    """An operation with the parameters of its path."""
    return {**definition, "parameters": [*methods.get("parameters", ()), *definition.get("parameters", ())]}


def read(path: Path = PATH) -> dict[str, Any]:
    """A document as it is written."""
    content: dict[str, Any] = yaml.load(path.read_text(encoding="utf-8"), Loader=_LOADER)  # noqa: S506  # safe
    return content


@cache
def load() -> Contract:
    """The contract, read once a process."""
    return Contract(read())
