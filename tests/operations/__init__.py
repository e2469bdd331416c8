"""What the suites have to know of each operation beyond the table and the contract: a module each, of its name.

A module defines ``CASE``. The suites run over :data:`CASES`; :data:`FAULTS` says what is missing, which
tests/infrastructure/test_operations.py reports.
"""

from __future__ import annotations

import importlib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final

from local.template.operations import OPERATIONS
from tests.operations.case import Case


def _read() -> tuple[dict[str, Case], list[str]]:
    cases: dict[str, Case] = {}
    faults = [
        f"{_place(path.stem)}: template.yaml has no row for it"
        for path in sorted(Path(__file__).parent.glob("*.py"))
        if path.stem not in OPERATIONS and "\nCASE: Final = Case(" in path.read_text(encoding="utf-8")
    ]
    for name in OPERATIONS:
        try:
            case = importlib.import_module(f"{__name__}.{name}").CASE
        except ModuleNotFoundError as error:
            if error.name != f"{__name__}.{name}":
                raise
            faults.append(f"{_place(name)} is missing")
        except AttributeError:
            faults.append(f"{_place(name)} lacks CASE")
        except (TypeError, ValueError) as error:  # a field of the case is missing or empty
            faults.append(f"{_place(name)}: {error}")
        else:
            cases[name] = case
    return cases, [*faults, *_shared_names(cases)]


def _shared_names(cases: Mapping[str, Case]) -> Iterator[str]:
    """A fault for each request whose name is another operation's, too: it is the key of a row and of a fault's cell."""
    first: dict[str, str] = {}
    for operation, case in cases.items():
        for request in case.requests:
            if first.setdefault(request.name, operation) != operation:
                yield f"{_place(operation)}: {first[request.name]} has a request {request.name!r} already"


def _place(name: str) -> str:
    return f"tests/operations/{name}.py"


_READ: Final = _read()
CASES: Final[Mapping[str, Case]] = _READ[0]
"""By the operation's name, in the table's order."""
FAULTS: Final[Sequence[str]] = _READ[1]
"""What is missing, a line each."""
