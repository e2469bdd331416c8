"""Finds a Python of the runtime's own version: another one's bytecode is not what the runtime loads."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tools.layer_build import uv
from tools.layer_build.uv import PYTHON_VERSION

CACHE_TAG: Final = f"cpython-{PYTHON_VERSION.replace('.', '')}"
"""In the names of bytecode files (PEP 3147)."""
# The format of bytecode is settled by the first final release of a minor version (importlib/_bootstrap_external.py).
_IDENTIFY: Final = (
    "import platform, sys;print(sys.implementation.cache_tag, sys.version_info.releaselevel, platform.python_version())"
)
_PROBE_SECONDS: Final = 20.0
# Lambda's own image and the one that SAM CLI builds in, of whatever registry, and our stand-in (tools.runtime_image).
RUNTIME_IMAGE: Final = re.compile(
    r"(.*/)?lambda/python:{0}\b.*|(.*/)?sam/build-python{0}:.*|task-api-python{0}:.*".format(re.escape(PYTHON_VERSION))
)


@dataclass(frozen=True, slots=True)
class Interpreter:
    """A Python that was really run.

    Attributes:
        version: ``3.13.1``, say.
        executable: A path; inside the image where there is one.
        image: The container image that has it, None for one of this machine.
    """

    version: str
    executable: str
    image: str | None = None

    def __str__(self) -> str:
        return f"Python {self.version} {f'in the image {self.image}' if self.image else f'at {self.executable}'}"

    def command(self, arguments: Sequence[str], folder: Path, environment: Sequence[str] = ()) -> list[str]:
        """A command that runs the interpreter on a folder.

        Args:
            arguments: Of the interpreter.
            folder: What it may read and write; it has the same path inside a container.
            environment: ``NAME=value`` each, set for it.
        """
        if self.image is None:
            # env rather than a mapping, so that both forms are one command to run and to show.
            return ["env", *environment, self.executable, *arguments]
        return [
            *("docker", "run", "--rm", "--network", "none", "--pull", "never"),
            *("--user", f"{os.getuid()}:{os.getgid()}"),
            *(part for each in environment for part in ("--env", each)),
            *("--volume", f"{folder}:{folder}", "--workdir", "/", "--entrypoint", self.executable),
            *(self.image, *arguments),
        ]


def find_interpreter() -> Interpreter | None:
    """The one that uv finds, else one in an image that Docker has already; None when there is none that runs."""
    for found in _candidates():
        identified = _output(found.command(["-S", "-c", _IDENTIFY], Path("/tmp"))) or ""  # noqa: S108  # every machine has it
        match identified.split():
            case [tag, "final", version] if tag == CACHE_TAG:
                return Interpreter(version, found.executable, found.image)
    return None


def _candidates() -> Iterator[Interpreter]:
    # pyenv's shims run only the version that is selected, and uv takes only what runs.
    if executable := _output(
        ["env", f"PYENV_VERSION={PYTHON_VERSION}", uv.program(), "python", "find", "--no-project", PYTHON_VERSION]
    ):
        yield Interpreter("", executable)
    names = _output(["docker", "image", "ls", "--format", "{{.Repository}}:{{.Tag}}"]) or ""
    for image in sorted(filter(RUNTIME_IMAGE.fullmatch, names.splitlines())):
        yield Interpreter("", f"python{PYTHON_VERSION}", image)


def _output(command: Sequence[str]) -> str | None:
    """What a command prints, stripped; None where it can't be run, fails, or prints nothing."""
    try:
        done = subprocess.run(  # noqa: S603  # names of tools, no input of anybody's
            command, capture_output=True, text=True, timeout=_PROBE_SECONDS, check=True, stdin=subprocess.DEVNULL
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return done.stdout.strip() or None


def main() -> int:
    """Print where the interpreter is, or that there is none; the exit status says which."""
    found = find_interpreter()
    print(found or f"no Python {PYTHON_VERSION} was found")
    return 0 if found else 1


if __name__ == "__main__":
    raise SystemExit(main())
