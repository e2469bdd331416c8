"""The layers' Makefiles, run as SAM CLI runs them: from a copy of the layer's folder."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from local.paths import ROOT
from tests.infrastructure.template import Document
from tools.layer_build.uv import PYTHON_VERSION


def make(*arguments: str, makefile: Path, folder: Path, artifacts: Path) -> subprocess.CompletedProcess[str]:
    """A run of make; as under SAM CLI, nothing of an outer make reaches it."""
    variables = {name: value for name, value in os.environ.items() if not name.startswith(("MAKE", "MFLAGS"))}
    variables.pop("ARCHITECTURE", None)
    return subprocess.run(
        ["make", "--makefile", str(makefile), *arguments],
        cwd=folder,
        env=variables | {"ARTIFACTS_DIR": str(artifacts)},
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_package_layer_holds_the_package_and_no_leftovers(tmp_path: Path) -> None:
    # Given the package's folder, and a folder that SAM CLI would run in
    source, scratch, artifacts = ROOT / "layers" / "taskapi", tmp_path / "scratch", tmp_path / "out"
    scratch.mkdir()
    kept = [path for path in (source / "taskapi").rglob("*") if path.suffix in (".py", ".pem")]
    sources = {path.relative_to(source) for path in kept}
    assert sources

    # When the layer is built, over what an earlier build left
    (artifacts / "python" / "old").mkdir(parents=True)
    done = make("build-TaskApiLayer", makefile=source / "Makefile", folder=scratch, artifacts=artifacts)
    assert done.returncode == 0, done.stderr

    # Then it holds the sources and nothing else but their bytecode, where Lambda's Python looks for them
    built = {path.relative_to(artifacts / "python") for path in artifacts.rglob("*") if path.is_file()}
    compiled = {path for path in built if path.suffix == ".pyc"}
    assert built - compiled == sources
    # And it is compiled, or says loudly that it is not
    assert bool(compiled) is ("modules compiled by Python 3.13" in done.stdout)
    assert bool(compiled) is not ("NOT COMPILED" in done.stdout)


@pytest.mark.parametrize("architecture", ["arm64", "x86_64"])
def test_the_dependencies_layer_is_built_for_the_functions_processor(
    written: Document, tmp_path: Path, architecture: str
) -> None:
    # Given the Makefile that the template names for an architecture
    resource = written.body["Resources"]["DependenciesLayer"]
    assert resource["Metadata"]["ContextPath"] == {"Fn::Sub": "layers/dependencies/${Architecture}"}
    makefile = ROOT / resource["Properties"]["ContentUri"] / architecture / "Makefile"

    # When it is asked what it would do
    done = make("--dry-run", "build-DependenciesLayer", makefile=makefile, folder=tmp_path, artifacts=tmp_path)

    # Then it builds the dependencies for that processor
    assert f"tools.layer_build dependencies --architecture {architecture} " in done.stdout


def test_each_architecture_of_the_template_has_its_makefile(written: Document) -> None:
    architectures = written.body["Parameters"]["Architecture"]["AllowedValues"]

    assert {path.parent.name for path in (ROOT / "layers/dependencies").glob("*/Makefile")} == set(architectures)


def test_the_layers_are_for_the_functions_runtime(written: Document) -> None:
    functions = written.of_type("AWS::Serverless::Function").values()
    assert {function["Runtime"] for function in functions} == {f"python{PYTHON_VERSION}"}
    for layer in ("TaskApiLayer", "DependenciesLayer"):
        assert written.body["Resources"][layer]["Properties"]["CompatibleRuntimes"] == [f"python{PYTHON_VERSION}"]


def test_a_python_that_is_too_old_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    python = tmp_path / "python3"
    python.write_text("#!/bin/sh\nexit 1\n")
    python.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")

    makefile = ROOT / "layers/taskapi/Makefile"
    done = make("build-TaskApiLayer", makefile=makefile, folder=tmp_path, artifacts=tmp_path / "out")

    assert done.returncode != 0
    assert "not 3.11 or newer" in done.stderr
