"""``sam build``, run as a developer runs it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from local.paths import ROOT


def sam_environment() -> dict[str, str]:
    """The environment of SAM CLI: this Python's tools first, nothing of an outer make."""
    variables = {name: value for name, value in os.environ.items() if not name.startswith(("MAKE", "MFLAGS"))}
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    return variables | {"SAM_CLI_TELEMETRY": "0", "PATH": path}


def sam_build(architecture: str, folder: Path) -> Path:
    """The artefacts that ``sam build`` makes in a folder."""
    command = [sys.executable, "-m", "samcli", "build", "--build-dir", str(folder)]
    done = subprocess.run(
        [*command, "--parameter-overrides", f"Architecture={architecture}"],
        cwd=ROOT,
        env=sam_environment(),
        check=False,
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr
    return folder
