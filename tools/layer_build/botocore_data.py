"""Trims botocore's data to what our clients open.

botocore ships the models of all AWS services, four hundred folders, and lists all of them to build one client. A client
of ours needs, of its own service, the model and the endpoint rules; of all services, what the rules and the older way
to find an endpoint read, and the defaults of the SDKs. The files stay where botocore looks for them, in its own folder
and format, so that no setting is needed ("Loaders Reference", botocore documentation).

What stays is unchanged in meaning. What goes are other services and operations, documentation, waiters, paginators and
examples.
"""

from __future__ import annotations

import gzip
import json
import shutil
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from local.errors import LocalError

OPERATIONS: Final[Mapping[str, frozenset[str]]] = {
    "dynamodb": frozenset({"GetItem", "PutItem", "Query", "TransactWriteItems", "UpdateItem"}),
    "secretsmanager": frozenset({"GetSecretValue"}),
}
"""By service, the operations that the functions call; their policies in template.yaml allow no others."""

_OF_ALL_SERVICES: Final = ("partitions.json", "sdk-default-configuration.json", "_retry.json")
_ENDPOINTS: Final = "endpoints.json"
_MODEL: Final = "service-2"
_RULES: Final = "endpoint-rule-set-1"
_OF_ONE_SERVICE: Final = (_MODEL, "service-2.sdk-extras", _RULES)
_SUFFIXES: Final = (".json", ".json.gz")

Model = dict[str, Any]


def trim(data: Path) -> None:
    """Trim ``botocore/data`` in place.

    Raises:
        LocalError: it is not laid out as expected, after an upgrade of botocore say.
    """
    trimmed = data.with_name("data.trimmed")
    for name in _OF_ALL_SERVICES:
        _write(trimmed / name, _read(data / name))
    _write(trimmed / _ENDPOINTS, trim_endpoints(_read(data / _ENDPOINTS)))
    for service, operations in OPERATIONS.items():
        version = max(path.parent.name for path in _found(data / service, f"*/{_MODEL}.json*"))
        if not _variants(data / service / version / _RULES):
            raise LocalError(f"botocore has no endpoint rules of {service}")
        for name in _OF_ONE_SERVICE:
            for path in _variants(data / service / version / name):
                content = _read(path)
                if name == _MODEL:
                    content = trim_model(content, operations)
                _write(trimmed / service / version / f"{name}.json", content)
    shutil.rmtree(data)
    trimmed.rename(data)


def trim_endpoints(endpoints: Model) -> Model:
    """``endpoints.json`` with our services alone; partitions, regions and their defaults stay."""
    partitions = [
        {
            **partition,
            "services": {name: each for name, each in partition["services"].items() if name in OPERATIONS},
        }
        for partition in endpoints["partitions"]
    ]
    return {**endpoints, "partitions": partitions}


def trim_model(model: Model, operations: Iterable[str]) -> Model:
    """A service's model with some operations alone, and the shapes that they and the service's errors consist of.

    All errors stay, so that each is raised as the class that it would be; so does the operation that finds endpoints,
    which the others' ``endpointdiscovery`` refers to.

    Raises:
        LocalError: the service has no such operation.
    """
    described = model["operations"]
    if missing := set(operations) - described.keys():
        raise LocalError(f"botocore has no operation {', '.join(sorted(missing))}")
    kept = {
        name: operation
        for name, operation in described.items()
        if name in operations or operation.get("endpointoperation")
    }
    shapes = model["shapes"]
    errors = {name for name, shape in shapes.items() if shape.get("exception")}
    used = _reachable(shapes, errors.union(*map(_references, kept.values())))
    trimmed = {
        **model,
        "operations": kept,
        "shapes": {name: shape for name, shape in shapes.items() if name in used},
    }
    without_documentation: Model = _without_documentation(trimmed)
    return without_documentation


def _reachable(shapes: Mapping[str, Any], first: Iterable[str]) -> set[str]:
    """The names of shapes that some consist of, themselves included."""
    reached: set[str] = set()
    waiting = set(first)
    while waiting:
        name = waiting.pop()
        reached.add(name)
        waiting |= set(_references(shapes[name])) - reached
    return reached


def _references(value: Any) -> Iterator[str]:
    """The names of the shapes that a part of a model refers to."""
    if isinstance(value, dict):
        for name, each in value.items():
            if name == "shape" and isinstance(each, str):
                yield each
            else:
                yield from _references(each)
    elif isinstance(value, list):
        for each in value:
            yield from _references(each)


def _without_documentation(value: Any) -> Any:
    """A part of a model without its texts. A member that is called documentation is not a text but a reference."""
    if isinstance(value, dict):
        return {
            name: _without_documentation(each)
            for name, each in value.items()
            if not (name == "documentation" and isinstance(each, str))
        }
    if isinstance(value, list):
        return [_without_documentation(each) for each in value]
    return value


def _found(folder: Path, pattern: str) -> list[Path]:
    found = list(folder.glob(pattern))
    if not found:
        raise LocalError(f"botocore's data has no {folder.name}/{pattern}")
    return found


def _variants(path: Path) -> list[Path]:
    """The files that botocore would read for a name without its suffix."""
    return [each for suffix in _SUFFIXES if (each := path.with_name(path.name + suffix)).exists()]


def _read(path: Path) -> Model:
    try:
        content = path.read_bytes()
        document: Model = json.loads(gzip.decompress(content) if path.suffix == ".gz" else content)
    except (OSError, ValueError) as error:
        raise LocalError(f"botocore's data can't be read: {error}") from error
    return document


def _write(path: Path, document: Model) -> None:
    """Write compact JSON, not compressed: the layer's zip is, and reading it takes less time so."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(document, separators=(",", ":")), encoding="utf-8")
