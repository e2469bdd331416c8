"""template.yaml after ``AWS::LanguageExtensions``: every loop written out, for what reads CloudFormation.

``python -m local.template.expansion`` prints it as JSON. SAM CLI's own expansion goes further than CloudFormation's: it
fills in parameters and decides conditions, so that nobody can see any more that there were some. Here the loops go, by
SAM CLI's processor, and the rows of tables with them.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from samcli.lib.cfn_language_extensions.models import TemplateProcessingContext
from samcli.lib.cfn_language_extensions.processors import ForEachProcessor, TemplateParsingProcessor
from samcli.yamlhelper import yaml_parse

from local.paths import TEMPLATE

TRANSFORM: Final = "AWS::LanguageExtensions"


def expanded(template: Mapping[str, Any]) -> dict[str, Any]:
    """A template without its loops, and without the transform that they need.

    Raises:
        InvalidTemplateException: a loop is not one.
        KeyError: a table has no such row or column.
    """
    context = TemplateProcessingContext(fragment=plain(template))
    for processor in (TemplateParsingProcessor(), ForEachProcessor()):
        processor.process_template(context)
    body = plain(context.fragment)
    body["Transform"] = [each for each in _listed(body.get("Transform", [])) if each != TRANSFORM]
    tables = body.get("Mappings", {})
    return {section: each if section == "Mappings" else _resolved(each, tables) for section, each in body.items()}


def read_expanded(path: Path = TEMPLATE) -> dict[str, Any]:
    """The template of a file, expanded."""
    return expanded(yaml_parse(path.read_text(encoding="utf-8")))


def plain(value: Any) -> Any:
    """The same value of dicts, lists and scalars only; SAM CLI's own mapping types compare and print oddly."""
    return json.loads(json.dumps(value))


def _resolved(value: Any, tables: Mapping[str, Any]) -> Any:
    """A value with the functions in it worked out that are of literals only."""
    if isinstance(value, list):
        return [_resolved(each, tables) for each in value]
    if not isinstance(value, dict):
        return value
    found: Any = {name: _resolved(each, tables) for name, each in value.items()}
    match found:
        case {"Fn::FindInMap": [str(table), str(row), str(column)]}:
            found = tables[table][row][column]
        case {"Fn::Sub": str(text)} if "${" not in text:
            found = text
        case {"Fn::Split": [str(separator), str(text)]}:
            found = text.split(separator)
        case {"Fn::Select": [int(index), list(choices)]} if all(isinstance(each, str) for each in choices):
            found = choices[index]
        case {"Fn::Join": [str(separator), list(parts)]} if all(isinstance(each, str) for each in parts):
            found = separator.join(parts)
    return found


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


if __name__ == "__main__":
    json.dump(read_expanded(), sys.stdout, indent=1)
