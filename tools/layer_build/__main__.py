"""``python -m tools.layer_build dependencies|taskapi --artifacts DIR``: one layer, built into a folder."""

from __future__ import annotations

import argparse
import shutil
from collections.abc import Sequence
from pathlib import Path

from local.errors import run_command
from local.paths import ROOT
from tools.layer_build.botocore_data import trim
from tools.layer_build.bytecode import compile_layer
from tools.layer_build.contents import leave_out, replace_metadata
from tools.layer_build.interpreter import Interpreter, find_interpreter
from tools.layer_build.uv import PLATFORMS, PYTHON_VERSION, install

_DEPENDENCIES = ROOT / "layers" / "dependencies"
_PACKAGE = ROOT / "layers" / "taskapi" / "taskapi"


def build_dependencies(artifacts: Path, architecture: str, interpreter: Interpreter | None) -> None:
    """Third-party packages for one processor.

    Args:
        artifacts: The layer's folder; what an earlier build left there is replaced.
        architecture: One of :data:`~tools.layer_build.uv.PLATFORMS`.
        interpreter: Compiles; without one the layer is left uncompiled, with a warning.

    Raises:
        LocalError: they can't be installed, trimmed or compiled.
    """
    packages = _empty(artifacts)
    install(_DEPENDENCIES / "requirements.txt", packages, architecture)
    leave_out(packages, _DEPENDENCIES / "left_out.txt")
    replace_metadata(packages)
    trim(packages / "botocore" / "data")
    _compile(artifacts, interpreter)


def build_package(artifacts: Path, interpreter: Interpreter | None) -> None:
    """Our own package, without what tools leave beside its sources; see :func:`build_dependencies`.

    Raises:
        LocalError: it does not compile.
    """
    packages = _empty(artifacts)
    for source in sorted([*_PACKAGE.rglob("*.py"), *_PACKAGE.rglob("*.pem")]):
        target = packages / source.relative_to(_PACKAGE.parent)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, target)
    _compile(artifacts, interpreter)


def _empty(artifacts: Path) -> Path:
    """The layer's folder of packages, without what an earlier build left there."""
    packages = artifacts / "python"
    if packages.exists():
        shutil.rmtree(packages)
    packages.mkdir(parents=True)
    return packages


def _compile(artifacts: Path, interpreter: Interpreter | None) -> None:
    if interpreter is None:
        # On stdout: SAM CLI shows what a Makefile writes there, and keeps back its stderr.
        print(
            f"\n*** WARNING: no Python {PYTHON_VERSION} found, neither here nor in an image of Docker's.\n"
            "*** This layer is NOT COMPILED: on Lambda every cold start compiles it anew and takes more than twice\n"
            f"*** the CPU. Install Python {PYTHON_VERSION} (uv python install {PYTHON_VERSION}) and build again.\n",
            flush=True,
        )
        return
    compiled = compile_layer(artifacts, interpreter)
    print(f"{compiled} modules compiled by {interpreter}", flush=True)


def main(arguments: Sequence[str] | None = None) -> int:
    """Build one layer.

    Returns:
        The process's exit status.
    """
    parser = argparse.ArgumentParser(prog="python -m tools.layer_build", description=__doc__)
    layers = parser.add_subparsers(dest="layer", required=True)
    dependencies = layers.add_parser("dependencies")
    dependencies.add_argument("--architecture", choices=PLATFORMS, required=True)
    package = layers.add_parser("taskapi")
    for each in (dependencies, package):
        each.add_argument("--artifacts", type=Path, required=True, metavar="DIR")
    options = parser.parse_args(arguments)

    def build() -> None:
        artifacts = options.artifacts.absolute()
        if options.layer == "dependencies":
            build_dependencies(artifacts, options.architecture, find_interpreter())
        else:
            build_package(artifacts, find_interpreter())

    return run_command(build)


if __name__ == "__main__":
    raise SystemExit(main())
