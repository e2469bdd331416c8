"""Node.js, as tests run scripts in it."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

from local.paths import ROOT


def run_node(script: str, *arguments: str, given: str = "", folder: Path = ROOT, **environment: str) -> Any:
    """What a module prints, which is JSON.

    Args:
        script: Its source.
        arguments: Of its command line.
        given: Its standard input.
        folder: Where it finds packages.
        environment: Variables on top of the process's own.
    """
    program = shutil.which("node")
    assert program is not None, "Node.js is not installed"
    ran = subprocess.run(
        [program, "--input-type=module", "--eval", script, *arguments],
        cwd=folder,
        input=given,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    return json.loads(ran.stdout)
