"""Garbage collection during initialisation, in interpreters of their own."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
CODE = """
import gc, sys
sys.path[:0] = {path!r}
import taskapi
during = gc.isenabled()
import app
print(during, gc.isenabled(), gc.get_freeze_count() > 10_000)
"""


def started(function: str, **variables: str) -> list[str]:
    """Whether collection was on during a function's initialisation and is on after it, and whether much is frozen."""
    path = [str(ROOT / "functions" / function), str(ROOT / "layers" / "taskapi")]
    run = subprocess.run(
        [sys.executable, "-c", CODE.format(path=path)],
        env={**os.environ, **variables},
        check=True,
        capture_output=True,
        text=True,
        timeout=60,
    )
    return run.stdout.split()


@pytest.mark.parametrize("function", ["get_task", "create_task", "authorizer"])
def test_on_lambda_nothing_is_collected_until_the_function_is_set_up(function: str) -> None:
    assert started(function, AWS_LAMBDA_RUNTIME_API="127.0.0.1:9001") == ["False", "True", "True"]


def test_elsewhere_nothing_changes() -> None:
    assert started("get_task") == ["True", "True", "False"]
