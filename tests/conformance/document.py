"""docs/openapi.yaml, with its references resolved and its schemas compiled."""

from __future__ import annotations

import copy
import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

import jsonschema_rs
import yaml

PATH: Final = Path(__file__).resolve().parents[2] / "docs" / "openapi.yaml"
METHODS: Final = ("get", "put", "post", "delete", "patch")


@dataclass(frozen=True)
class Operation:
    """One operation.

    Attributes:
        name: Its operationId.
        method: Lower case.
        path: With placeholders in braces.
        definition: As the document has it, references unresolved.
    """

    name: str
    method: str
    path: str
    definition: Mapping[str, Any]


class Document:
    """An OpenAPI 3.1 document whose references all stay within it."""

    def __init__(self, content: Mapping[str, Any]) -> None:
        self.content = content
        self._validators: dict[str, jsonschema_rs.Draft202012Validator] = {}
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

    def validator(self, schema: Mapping[str, Any]) -> jsonschema_rs.Draft202012Validator:
        """The compiled form of a schema of this document; formats are asserted."""
        key = repr(schema)
        if key not in self._validators:
            whole = {**schema, "components": self.content["components"]}
            self._validators[key] = jsonschema_rs.Draft202012Validator(whole, validate_formats=True)
        return self._validators[key]

    def violations(self, schema: Mapping[str, Any], value: Any) -> Iterator[str]:
        """What is wrong with a value, one line each."""
        for error in self.validator(schema).iter_errors(value):
            yield f"{'/'.join(map(str, error.instance_path)) or 'the whole'}: {error.message}"


def _with_parameters(definition: Mapping[str, Any], methods: Mapping[str, Any]) -> dict[str, Any]:
    """An operation with the parameters of its path."""
    return {**definition, "parameters": [*methods.get("parameters", ()), *definition.get("parameters", ())]}


def with_examples(content: Mapping[str, Any]) -> dict[str, Any]:
    """The same document with each shared example where it is referred to."""
    shared: Mapping[str, Any] = content["components"].get("examples", {})

    def inlined(value: Any) -> Any:
        if isinstance(value, list):
            return [inlined(each) for each in value]
        if not isinstance(value, dict):
            return value
        prefix, _, name = str(value.get("$ref", "")).rpartition("/")
        return (
            shared[name] if prefix == "#/components/examples" else {key: inlined(each) for key, each in value.items()}
        )

    result: dict[str, Any] = inlined(content)
    return result


def closed(content: Mapping[str, Any]) -> dict[str, Any]:
    """The same document for those who want to notice what it does not say.

    Its answers are open, for clients that were made before a member or a code was added. Here objects have the
    described members alone, codes are those listed, and what is answered has the limits of what is written, so that
    what a client got can be sent back.
    """
    result: dict[str, Any] = copy.deepcopy(dict(content))
    schemas = result["components"]["schemas"]
    for schema in schemas.values():
        if schema["type"] == "object":
            schema["additionalProperties"] = False
        if "x-extensible-enum" in schema:
            schema["enum"] = schema["x-extensible-enum"]
    for name, member in schemas["TaskReplacement"]["properties"].items():
        answered = schemas["Task"]["properties"][name]
        schemas["Task"]["properties"][name] = {**answered, "allOf": [_without_default(member)]}
    return result


def _without_default(member: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in member.items() if name != "default"}


@cache
def load() -> Document:
    """The document, read once a process: the repository's, unless ``OPENAPI_DOCUMENT`` names another."""
    path = Path(os.environ.get("OPENAPI_DOCUMENT") or PATH)
    return Document(with_examples(yaml.safe_load(path.read_text(encoding="utf-8"))))
