"""uv: it finds the runtime's Python, and installs packages for it, whatever this machine's Python and processor are."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from local.errors import LocalError

PYTHON_VERSION: Final = "3.13"
"""Of the functions' runtime in template.yaml."""
PLATFORMS: Final[Mapping[str, str]] = {"arm64": "aarch64-manylinux_2_28", "x86_64": "x86_64-manylinux_2_28"}
"""By the template's Architecture. Lambda's Python 3.13 runs on Amazon Linux 2023, whose glibc 2.34 takes these."""


def program() -> str:
    """Uv on PATH, else the one beside this Python."""
    return shutil.which("uv") or str(Path(sys.executable).with_name("uv"))


def install_command(requirements: Path, packages: Path, architecture: str, *, sources: bool = False) -> list[str]:
    """The command that installs the packages of a lock, each checked by its hash.

    Args:
        requirements: The lock.
        packages: The folder to install into.
        architecture: One of :data:`PLATFORMS`.
        sources: Whether to build what has no wheel.
    """
    return [
        *(program(), "pip", "install", "--quiet", "--target", str(packages), "--link-mode", "copy"),
        *("--python-version", PYTHON_VERSION, "--python-platform", PLATFORMS[architecture]),
        *(() if sources else ("--only-binary", ":all:")),
        *("--require-hashes", "--no-deps", "--requirements", str(requirements)),
    ]


def install(requirements: Path, packages: Path, architecture: str, *, sources: bool = False) -> None:
    """Install the packages of a lock; see :func:`install_command`.

    Raises:
        LocalError: uv is not there, or could not install them.
    """
    command = install_command(requirements, packages, architecture, sources=sources)
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603  # our own command
    except FileNotFoundError:
        raise LocalError("uv is not on PATH: use make build, or activate .venv") from None
    if done.returncode != 0:
        raise LocalError(f"uv could not install {requirements.name}:\n{done.stderr.strip()}")
