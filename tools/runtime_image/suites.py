"""Runs test suites on the runtime's own Python, in its image.

The repository is mounted read-only, there is no network but the container's own loopback interface, and the packages
are those of requirements/dev.txt for Python 3.13.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence
from typing import Final

from local.errors import LocalError, run_command
from local.paths import ROOT
from tools.runtime_image import docker_engine
from tools.runtime_image.image import IMAGE, RECIPE_LABEL
from tools.runtime_image.packages import installed_packages

_SECONDS: Final = 1200.0


def suites_command(suites: Sequence[str], packages: str) -> list[str]:
    """The docker command that runs test suites in the image."""
    return [
        *("docker", "run", "--rm", "--init", "--network", "none", "--pull", "never"),
        *("--user", f"{os.getuid()}:{os.getgid()}"),
        *("--volume", f"{ROOT}:/repository:ro", "--volume", f"{packages}:/packages:ro", "--tmpfs", "/tmp:exec"),  # noqa: S108
        *("--env", "PYTHONPATH=/packages", "--env", "PYTHONDONTWRITEBYTECODE=1", "--env", "HOME=/tmp"),
        *("--workdir", "/repository", "--entrypoint", "python3.13", IMAGE),
        *("-m", "pytest", "-q", "-p", "no:cacheprovider", "--numprocesses", "auto", "--dist", "loadfile", *suites),
    ]


def run_suites(suites: Sequence[str]) -> int:
    """Run test suites in the image; what they print goes to stdout.

    Returns:
        pytest's exit status.

    Raises:
        LocalError: there is no engine or no image, or the suites take too long.
    """
    docker_engine.require_engine()
    if docker_engine.image_label(IMAGE, RECIPE_LABEL) is None:
        raise LocalError(f"there is no image {IMAGE}: run make sam-image")
    command = suites_command(suites, str(installed_packages()))
    try:
        return subprocess.run(command, check=False, timeout=_SECONDS).returncode  # noqa: S603  # our own command
    except subprocess.TimeoutExpired:
        raise LocalError(f"the suites did not finish within {_SECONDS:.0f} s") from None


def main(arguments: Sequence[str]) -> int:
    """The command; returns its exit status."""
    if not arguments:
        print("Usage: python -m tools.runtime_image.suites tests/unit ...", file=sys.stderr)
        return 2
    return run_command(lambda: run_suites(arguments))


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
