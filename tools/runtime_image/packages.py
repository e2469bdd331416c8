"""The development packages for the runtime's Python, beside those of this machine's, in ``build``.

For the runtime client of the stand-in image (tools.runtime_image.image) and for running the tests inside the image.
"""

from __future__ import annotations

import hashlib
import platform
import re
import shutil
from collections.abc import Collection
from pathlib import Path
from typing import Final

from local.errors import LocalError
from local.paths import BUILD, ROOT
from tools.layer_build import uv
from tools.layer_build.uv import PYTHON_VERSION

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
    # Some packages of pure Python come as sources only.
    uv.install(_LOCK, draft, processor, sources=True)
    draft.rename(folder)
    return folder
