"""The development packages for the runtime's Python, beside those of this machine's, in ``build``.

For the runtime client of the stand-in image (tools.runtime_image.image) and for running the tests inside the image.
"""

from __future__ import annotations

import hashlib
import platform
import re
import shutil
import subprocess
import sys
from collections.abc import Collection
from pathlib import Path
from typing import Final

from local.errors import LocalError
from local.paths import BUILD, ROOT
from tools.layer_build.interpreter import PYTHON_VERSION
from tools.layer_build.wheels import PLATFORMS

_LOCK: Final = ROOT / "requirements" / "dev.txt"
_FOLDER: Final = BUILD / f"python{PYTHON_VERSION}"


def _lock_digest() -> str:
    return hashlib.sha256(_LOCK.read_bytes()).hexdigest()[:12]


def locked(names: Collection[str]) -> list[str]:
    """``name==version`` of some of them, in the order of the lock.

    Raises:
        LocalError: the lock hasn't got one.
    """
    pins = [
        line.split()[0] for line in _LOCK.read_text(encoding="utf-8").splitlines() if re.match(r"[a-z0-9-]+==", line)
    ]
    found = [pin for pin in pins if pin.partition("==")[0] in names]
    if len(found) != len(names):
        raise LocalError(f"{_LOCK.name} lacks one of {', '.join(names)}")
    return found


def installed_packages() -> Path:
    """The folder that has them installed; the first call for a lock fetches them.

    Raises:
        LocalError: uv can't.
    """
    folder = _FOLDER / _lock_digest()
    if folder.is_dir():
        return folder
    draft = folder.with_suffix(".draft")
    shutil.rmtree(_FOLDER, ignore_errors=True)
    processor = "arm64" if platform.machine().lower() in ("arm64", "aarch64") else "x86_64"
    command = [
        *(str(Path(sys.executable).with_name("uv")), "pip", "install", "--quiet", "--target", str(draft)),
        *("--python-version", PYTHON_VERSION, "--python-platform", PLATFORMS[processor]),
        # Some packages of pure Python come as sources only.
        *("--require-hashes", "--no-deps", "--requirements", str(_LOCK)),
    ]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603  # our own command
    except FileNotFoundError:
        raise LocalError("uv is not beside this Python: run make setup") from None
    if done.returncode != 0:
        raise LocalError(f"uv could not install {_LOCK.name} for Python {PYTHON_VERSION}:\n{done.stderr.strip()}")
    draft.rename(folder)
    return folder
