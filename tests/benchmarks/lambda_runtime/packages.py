"""The packages of every contestant, each in a folder of its own under build/bench, as a deployment would have them."""

from __future__ import annotations

import hashlib
import re
import shutil
import subprocess
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from local.errors import LocalError
from local.paths import BUILD, ROOT
from tools.layer_build.interpreter import find_interpreter
from tools.layer_build.uv import PYTHON_VERSION

FOLDER: Final = BUILD / "bench"
LOCK: Final = ROOT / "requirements" / "bench.txt"
UNCOMPILED: Final = "-uncompiled"

_BOTO3: Final = ("boto3", "pydantic")
REQUIREMENTS: Final[Mapping[str, Sequence[str]]] = {
    "runtime": ("awslambdaric",),
    "fastapi_mangum": ("fastapi", "mangum", *_BOTO3),
    "powertools_resolver": ("aws-lambda-powertools", *_BOTO3),
    "flask_wsgi": ("flask", "apig-wsgi", *_BOTO3),
    "fastapi_sqlmodel": ("fastapi", "mangum", "sqlmodel", "psycopg[binary]"),
    "floor": ("boto3",),
}
"""Folder to what its contestant imports itself; the rest follows. ``runtime`` is in the place of Lambda's."""


@dataclass(frozen=True, slots=True)
class Python:
    """The interpreter that everything is measured with.

    Attributes:
        executable: Path.
        version: ``3.13.0``, say.
    """

    executable: str
    version: str


def find_python() -> Python:
    """A Python of Lambda's version on this machine.

    Raises:
        LocalError: there is none; one in a container would not do, since its processes are measured from here.
    """
    found = find_interpreter()
    if found is None or found.image is not None:
        raise LocalError(f"no Python {PYTHON_VERSION} on this machine: uv python install {PYTHON_VERSION}")
    return Python(found.executable, found.version)


def install_all(python: Python, only: Collection[str] = tuple(REQUIREMENTS)) -> None:
    """Install what is missing or out of date.

    Args:
        python: To install for.
        only: Of :data:`REQUIREMENTS`.

    Raises:
        LocalError: uv could not.
    """
    for name in only:
        _install(name, REQUIREMENTS[name], python)
    if "fastapi_mangum" not in only:
        return
    source, copy = FOLDER / "fastapi_mangum", FOLDER / f"fastapi_mangum{UNCOMPILED}"
    if not copy.exists():
        shutil.copytree(source, copy, ignore=shutil.ignore_patterns("__pycache__"))


def _install(name: str, requirements: Sequence[str], python: Python) -> None:
    """One folder, compiled as our layers are; its mark tells what it was made of."""
    folder, mark = FOLDER / name, FOLDER / f"{name}.mark"
    made_of = hashlib.sha256(LOCK.read_bytes() + repr((requirements, python)).encode()).hexdigest()
    if mark.exists() and mark.read_text(encoding="ascii") == made_of:
        return
    for stale in (folder, FOLDER / f"{name}{UNCOMPILED}"):
        shutil.rmtree(stale, ignore_errors=True)
    pinned = [f"{each}=={_locked_version(each)}" for each in requirements]
    _run(
        *("uv", "pip", "install", "--quiet", "--require-hashes", "--only-binary", ":all:"),
        *("--python", python.executable, "--target", str(folder), "--link-mode", "copy"),
        *("--constraints", str(LOCK), *pinned),
    )
    shutil.rmtree(folder / "bin", ignore_errors=True)
    compile_folder(folder, python)
    mark.write_text(made_of, encoding="ascii")


def compile_folder(folder: Path, python: Python) -> None:
    """Compile all modules in a folder as ``sam build`` compiles the layers (tools.layer_build.bytecode)."""
    _run(python.executable, "-m", "compileall", "-q", "-f", "--invalidation-mode", "unchecked-hash", str(folder))


def _locked_version(requirement: str) -> str:
    name = requirement.partition("[")[0]
    found = re.search(rf"^{re.escape(name)}==(\S+)", LOCK.read_text(encoding="utf-8"), re.MULTILINE)
    if found is None:
        raise LocalError(f"{LOCK.name} has no {name}: run make lock")
    return found[1]


def _run(*command: str) -> None:
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    except FileNotFoundError:
        raise LocalError(f"{command[0]} is not on PATH: use make bench, or activate .venv") from None
    if done.returncode != 0:
        raise LocalError(f"{' '.join(command[:3])} failed:\n{done.stdout}{done.stderr}")
