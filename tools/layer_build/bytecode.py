"""Compiles a layer for the runtime.

Lambda mounts layers read-only, so what is not compiled in the layer is compiled again at every cold start. SAM CLI
stamps all files of a zip with one date, so bytecode that is checked by its source's time is always stale there;
unchecked-hash bytecode (PEP 552) is taken as it is.
"""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Final

from local.errors import LocalError
from tools.layer_build.interpreter import CACHE_TAG, Interpreter

MOUNT_POINT: Final = "/opt"
"""Where Lambda unpacks layers ("Packaging your layer content", AWS Lambda Developer Guide)."""


def compile_layer(artifacts: Path, interpreter: Interpreter) -> int:
    """Compile every module of a layer into its ``__pycache__``.

    The same sources and interpreter give the same bytes: modules are compiled in one process in the order of their
    names, string hashing is fixed, and file names are those on Lambda.

    Args:
        artifacts: The layer's folder, with ``python`` in it.
        interpreter: Of the runtime's version.

    Returns:
        The number of compiled modules.

    Raises:
        LocalError: a module does not compile.
    """
    command = interpreter.command(
        [
            *("-P", "-s", "-m", "compileall", "-q", "-f", "--invalidation-mode", "unchecked-hash"),
            *("-s", str(artifacts), "-p", MOUNT_POINT, str(artifacts / "python")),
        ],
        artifacts,
        ["PYTHONHASHSEED=0", "PYTHONPATH=", "PYTHONOPTIMIZE=", "PYTHONWARNINGS=ignore"],
    )
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603  # our own command
    if done.returncode != 0:
        raise LocalError(f"{interpreter} could not compile the layer:\n{done.stdout}{done.stderr}")
    compiled = len(list(artifacts.rglob(f"__pycache__/*.{CACHE_TAG}.pyc")))
    if not compiled:
        raise LocalError(f"{interpreter} compiled nothing of {artifacts}")
    return compiled
