"""Finds a Python of the runtime's own version: another one's bytecode is not what the runtime loads."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

PYTHON_VERSION: Final = "3.13"
"""Of the functions' runtime in template.yaml."""
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
        where: Where it was found, for a person to read.
        executable: A path or a name on PATH; inside the image where there is one.
        image: The container image that has it, None for one of this machine.
    """

    version: str
    where: str
    executable: str
    image: str | None = None

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
    """The first that runs: on PATH, of uv, of pyenv, in an image that Docker has already; None when there is none.

    A name on PATH may be a version manager's shim for something that is not installed, so each candidate is run.
    """
    for where, executable in _candidates():
        version = _identify([executable])
        if version is not None:
            return Interpreter(version, where, executable)
    for image in _local_images():
        found = Interpreter("", f"in the image {image}", f"python{PYTHON_VERSION}", image)
        version = _identify(found.command([], Path("/tmp")))  # noqa: S108  # a folder that every machine has
        if version is not None:
            return Interpreter(version, found.where, found.executable, image)
    return None


def _candidates() -> Iterator[tuple[str, str]]:
    yield "running this build", sys.executable
    for name in (f"python{PYTHON_VERSION}", "python3", "python"):
        if path := shutil.which(name):
            yield "on PATH", path
    for selection in ([], ["--managed-python"]):
        if found := _output(["uv", "python", "find", "--quiet", "--no-project", *selection, PYTHON_VERSION]):
            yield "of uv", found
    if root := _output(["pyenv", "root"]):
        installed = Path(root).glob(f"versions/{PYTHON_VERSION}*/bin/python{PYTHON_VERSION}")
        yield from (("of pyenv", str(each)) for each in sorted(installed, reverse=True))


def _local_images() -> Iterator[str]:
    """Images with the runtime that need no download."""
    names = _output(["docker", "image", "ls", "--format", "{{.Repository}}:{{.Tag}}"]) or ""
    yield from sorted(name for name in names.splitlines() if RUNTIME_IMAGE.fullmatch(name))


def _identify(command: Sequence[str]) -> str | None:
    """The interpreter's full version where it is a final CPython of :data:`PYTHON_VERSION`."""
    tag, _, rest = (_output([*command, "-S", "-c", _IDENTIFY]) or "").partition(" ")
    level, _, version = rest.partition(" ")
    return version if tag == CACHE_TAG and level == "final" else None


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
    print(f"Python {found.version} {found.where}" if found else f"no Python {PYTHON_VERSION} was found")
    return 0 if found else 1


if __name__ == "__main__":
    raise SystemExit(main())
