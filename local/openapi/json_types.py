"""JSON in Python's types."""

from __future__ import annotations

from typing import Any, TypeAlias

JsonObject: TypeAlias = dict[str, Any]
"""A JSON object that is being built: of the OpenAPI document, or a schema."""


def ref(section: str, name: str) -> JsonObject:
    """A reference to a component: ``{"$ref": "#/components/<section>/<name>"}``."""
    return {"$ref": f"#/components/{section}/{name}"}
