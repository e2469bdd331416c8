"""The layers' Makefiles, run as SAM CLI runs them."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from tests.infrastructure.template import ROOT, Document


def make(*arguments: str, folder: Path, artifacts: Path) -> str:
    """What make prints; as under SAM CLI, nothing of an outer make reaches it."""
    variables = {name: value for name, value in os.environ.items() if not name.startswith(("MAKE", "MFLAGS"))}
    variables.pop("ARCHITECTURE", None)
    command = ["make", *arguments]
    done = subprocess.run(
        command,
        cwd=folder,
        env=variables | {"ARTIFACTS_DIR": str(artifacts)},
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout


def test_the_package_layer_holds_the_package_and_no_leftovers(tmp_path: Path) -> None:
    # Given the package's folder, and what tools leave in it
    source = ROOT / "layers" / "taskapi"
    sources = {path.relative_to(source) for path in (source / "taskapi").rglob("*.py")}
    assert sources

    # When the layer is built
    make("build-TaskApiLayer", folder=source, artifacts=tmp_path)

    # Then it holds the sources and the marker of typed packages, where Lambda's Python looks for them
    built = {path.relative_to(tmp_path / "python") for path in tmp_path.rglob("*") if path.is_file()}
    assert built == sources | {Path("taskapi/py.typed")}


@pytest.mark.parametrize(
    ("architecture", "platform"), [("arm64", "aarch64-manylinux_2_28"), ("x86_64", "x86_64-manylinux_2_28")]
)
def test_the_dependencies_layer_is_built_for_the_functions_processor(
    written: Document, tmp_path: Path, architecture: str, platform: str
) -> None:
    # Given the Makefile that the template names for an architecture
    resource = written.body["Resources"]["DependenciesLayer"]
    assert resource["Metadata"]["ContextPath"] == {"Fn::Sub": "layers/dependencies/${Architecture}"}
    folder = ROOT / resource["Properties"]["ContentUri"]
    makefile = folder / architecture / "Makefile"

    # When it is asked what it would do
    commands = make(
        "--dry-run", "--makefile", str(makefile), "build-DependenciesLayer", folder=folder, artifacts=tmp_path
    )

    # Then it installs wheels of that processor and Lambda's Python, by their hashes and from the lock
    for part in (f"--python-platform {platform} ", "--python-version 3.13 ", "--only-binary :all:", "--require-hashes"):
        assert part in commands
    assert commands.rstrip().endswith("-r requirements.txt")


def test_each_architecture_of_the_template_has_its_makefile(written: Document) -> None:
    architectures = written.body["Parameters"]["Architecture"]["AllowedValues"]

    assert {path.parent.name for path in (ROOT / "layers/dependencies").glob("*/Makefile")} == set(architectures)
