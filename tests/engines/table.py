"""The table of template.yaml, in an engine."""

from __future__ import annotations

from typing import Any, Final

import yaml

from local.engines.store import create_client, ensure_table
from local.paths import TEMPLATE
from tests.engines.engine import TABLE_NAME

LOGICAL_ID: Final = "TasksTable"


class _CloudFormationLoader(yaml.SafeLoader):
    """Reads CloudFormation's short tags (``!If``, ``!Ref``) as their arguments: no key or index depends on one."""


def _untagged(loader: yaml.SafeLoader, _tag: str, node: yaml.Node) -> Any:
    if isinstance(node, yaml.MappingNode):
        return loader.construct_mapping(node)
    if isinstance(node, yaml.SequenceNode):
        return loader.construct_sequence(node)
    assert isinstance(node, yaml.ScalarNode)
    return loader.construct_scalar(node)


_CloudFormationLoader.add_multi_constructor("!", _untagged)


def table_properties() -> dict[str, Any]:
    """The properties of the ``AWS::DynamoDB::Table``.

    Read without SAM CLI, which the image of the Lambda runtime does not have.
    """
    template = yaml.load(TEMPLATE.read_text(encoding="utf-8"), _CloudFormationLoader)
    properties: dict[str, Any] = template["Resources"][LOGICAL_ID]["Properties"]
    return properties


def create_table(endpoint: str | None) -> None:
    """Make the table where it is not there yet; patiently, since an engine's first answer may take seconds."""
    ensure_table(create_client(endpoint), TABLE_NAME, table_properties())
