"""docs/openapi.yaml, with its references resolved and its schemas compiled."""

from __future__ import annotations

import copy
import os
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema_rs

from local.contract import PATH, Contract, read


class Document(Contract):
    """The contract, as something to hold values against."""

    def __init__(self, content: Mapping[str, Any]) -> None:
        super().__init__(content)
        self._validators: dict[str, jsonschema_rs.Draft202012Validator] = {}

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
    for answer, body in (("Task", "TaskReplacement"), ("TaskList", "ListReplacement")):
        answered = schemas[answer]["properties"]
        for name, member in schemas[body]["properties"].items():
            answered[name] = {**answered[name], "allOf": [_without_default(member)]}
    return result


def _without_default(member: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in member.items() if name != "default"}


@cache
def load() -> Document:
    """The document, read once a process: the repository's, unless ``OPENAPI_DOCUMENT`` names another."""
    path = Path(os.environ.get("OPENAPI_DOCUMENT") or PATH)
    return Document(with_examples(read(path)))
