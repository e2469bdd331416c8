"""Docker Engine, by its command line: whether it answers, and its images."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Sequence
from typing import Final

from local.errors import LocalError

_ANSWER_SECONDS: Final = 30.0


def engine_version() -> str | None:
    """The engine's version; None where there is no ``docker`` or no engine answers it."""
    return _ask("version", "--format", "{{.Server.Version}}")


def require_engine() -> str:
    """The engine's version.

    Raises:
        LocalError: there is none.
    """
    if shutil.which("docker") is None:
        raise LocalError("there is no docker on this machine (Debian, Ubuntu: apt-get install docker.io)")
    version = engine_version()
    if version is None:
        raise LocalError("no Docker Engine answers: start it (as root: dockerd), or see to it that you may use it")
    return version


def image_label(image: str, label: str) -> str | None:
    """A label of an image; empty where the image hasn't got it, None where the engine has no such image."""
    found = _ask("image", "inspect", "--format", f'={{{{index .Config.Labels "{label}"}}}}', image)
    return None if found is None else found.removeprefix("=")


def pull(image: str, seconds: float) -> bool:
    """Fetch an image; whether that worked in time."""
    return _ask("pull", "--quiet", image, seconds=seconds) is not None


def run(*arguments: str) -> str:
    """What a docker command prints.

    Raises:
        LocalError: it fails.
    """
    done = subprocess.run(["docker", *arguments], capture_output=True, text=True, check=False)  # noqa: S603, S607
    if done.returncode != 0:
        raise LocalError(f"docker {arguments[0]} failed: {done.stderr.strip()}")
    return done.stdout.strip()


def main() -> int:
    """Print the engine's version, or why there is none; the exit status says which."""
    try:
        print(f"Docker Engine {require_engine()}")
    except LocalError as error:
        print(error)
        return 1
    return 0


def _ask(*arguments: str, seconds: float = _ANSWER_SECONDS) -> str | None:
    """What a docker command prints; None where it can't be run, fails, or takes too long."""
    command: Sequence[str] = ["docker", *arguments]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=seconds)  # noqa: S603
    except (OSError, subprocess.SubprocessError):
        return None
    return done.stdout.strip()


if __name__ == "__main__":
    raise SystemExit(main())
