"""Runs tests in forks of a process that has imported everything but the layer, which takes longer than most tests.

A line of JSON on standard input, ``{"tests": […], "seconds": …}``, is answered by one that is ``true`` when no test
failed within the time.
"""

from __future__ import annotations

import contextlib
import importlib
import json
import os
import signal
import sys
import time
from collections.abc import Sequence

import pytest

_IMPORTED_ONCE = (
    *("boto3", "httpx", "hypothesis", "jsonschema_rs", "moto.dynamodb.responses", "moto.moto_api"),
    *("aws_lambda_powertools.logging", "aws_lambda_powertools.metrics", "cryptography", "jwt", "pydantic", "yaml"),
)


class _Selection:
    """Runs some tests of those collected, in their order."""

    def __init__(self, tests: Sequence[str]) -> None:
        self._place = {name: at for at, name in enumerate(tests)}

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        items[:] = [item for item in items if item.nodeid in self._place]
        items.sort(key=lambda item: self._place[item.nodeid])


def _pass(tests: Sequence[str], seconds: float) -> bool:
    child = os.fork()
    if child == 0:
        os.setsid()
        nowhere = os.open(os.devnull, os.O_RDWR)
        for stream in (0, 1, 2):
            os.dup2(nowhere, stream)
        files = list(dict.fromkeys(name.partition("::")[0] for name in tests))
        options = ["-q", "--exitfirst", "--tb=no", "-p", "no:cacheprovider", "--hypothesis-seed=0"]
        options += ["-W", "ignore::pytest.PytestAssertRewriteWarning"]  # of plugins that are here already
        os._exit(pytest.main([*options, *files], plugins=[_Selection(tests)]))
    deadline = time.monotonic() + seconds
    while (status := os.waitpid(child, os.WNOHANG)) == (0, 0) and time.monotonic() < deadline:
        time.sleep(0.02)
    with contextlib.suppress(ProcessLookupError):  # it, and the servers that it may have left
        os.killpg(child, signal.SIGKILL)
    if status == (0, 0):
        os.waitpid(child, 0)
        return False
    # 5: no tests, where a mutant changes what they are called.
    return os.WIFEXITED(status[1]) and os.WEXITSTATUS(status[1]) in (0, 5)


if __name__ == "__main__":
    for name in _IMPORTED_ONCE:
        importlib.import_module(name)
    assert "taskapi" not in sys.modules
    for line in sys.stdin:
        print(json.dumps(_pass(**json.loads(line))), flush=True)
