"""Installs the pinned wheels for Lambda's Python and processor, whatever this machine's are."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from local.errors import LocalError
from tools.layer_build.interpreter import PYTHON_VERSION

PLATFORMS: Final[Mapping[str, str]] = {"arm64": "aarch64-manylinux_2_28", "x86_64": "x86_64-manylinux_2_28"}
"""By the template's Architecture. Lambda's Python 3.13 runs on Amazon Linux 2023, whose glibc 2.34 takes these."""


def install_command(requirements: Path, packages: Path, architecture: str) -> list[str]:
    """The command by which uv installs the locked wheels, each checked by its hash; it builds nothing from source."""
    return [
        *("uv", "pip", "install", "--quiet", "--target", str(packages), "--link-mode", "copy"),
        *("--python-version", PYTHON_VERSION, "--python-platform", PLATFORMS[architecture]),
        *("--only-binary", ":all:", "--require-hashes", "--no-deps", "--requirements", str(requirements)),
    ]


def install(requirements: Path, packages: Path, architecture: str) -> None:
    """Install the wheels.

    Args:
        requirements: The lock.
        packages: The folder to install into.
        architecture: One of :data:`PLATFORMS`.

    Raises:
        LocalError: uv is not there, or could not install them.
    """
    try:
        done = subprocess.run(  # noqa: S603  # our own command
            install_command(requirements, packages, architecture), capture_output=True, text=True, check=False
        )
    except FileNotFoundError:
        raise LocalError("uv is not on PATH: use make build, or activate .venv") from None
    if done.returncode != 0:
        raise LocalError(f"uv could not install {requirements.name}:\n{done.stderr.strip()}")
