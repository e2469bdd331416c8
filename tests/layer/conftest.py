"""The template, and the artefacts that ``sam build`` makes of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.infrastructure.template import Document, source
from tests.support.sam_builds import sam_build
from tools.layer_build.interpreter import Interpreter, find_interpreter

ARCHITECTURES = ("x86_64", "arm64")


@pytest.fixture(scope="session")
def written() -> Document:
    """The template as its author wrote it. Read only."""
    return Document(source())


@pytest.fixture(scope="session")
def python313() -> Interpreter:
    """The runtime's Python, which these tests can't do without."""
    found = find_interpreter()
    assert found, "no Python 3.13 found: uv python install 3.13, or make sam-image"
    return found


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory, python313: Interpreter) -> dict[str, Path]:
    """By architecture, what ``sam build`` made."""
    folder = tmp_path_factory.mktemp("built")
    return {architecture: sam_build(architecture, folder / architecture) for architecture in ARCHITECTURES}


@pytest.fixture(scope="session")
def built_again(tmp_path_factory: pytest.TempPathFactory, python313: Interpreter) -> dict[str, Path]:
    """The same, made once more and elsewhere."""
    folder = tmp_path_factory.mktemp("built-again")
    return {architecture: sam_build(architecture, folder / architecture) for architecture in ARCHITECTURES}
