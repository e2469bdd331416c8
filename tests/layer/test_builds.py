"""Both layers, built in process with and without a Python that compiles."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from local.errors import LocalError
from tools.layer_build.__main__ import build_package
from tools.layer_build.bytecode import compile_layer
from tools.layer_build.interpreter import Interpreter

THIS = Interpreter(".".join(map(str, sys.version_info[:3])), sys.executable)


def test_without_a_python_to_compile_with_the_layer_is_built_and_the_warning_is_loud(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    build_package(tmp_path, None)

    assert (tmp_path / "python/taskapi/tasks/store.py").exists()
    assert not list(tmp_path.rglob("*.pyc"))
    assert "NOT COMPILED" in capsys.readouterr().out


def test_a_module_that_does_not_compile_stops_the_build(tmp_path: Path) -> None:
    (tmp_path / "python").mkdir()
    (tmp_path / "python/broken.py").write_text("def (:\n")

    with pytest.raises(LocalError, match=r"could not compile the layer:[\s\S]*broken\.py"):
        compile_layer(tmp_path, THIS)


@pytest.mark.skipif(sys.version_info[:2] == (3, 13), reason="this Python is the right one")
def test_bytecode_of_another_python_does_not_count(tmp_path: Path) -> None:
    (tmp_path / "python").mkdir()
    (tmp_path / "python/fine.py").write_text("x = 1\n")

    with pytest.raises(LocalError, match="compiled nothing"):
        compile_layer(tmp_path, THIS)
