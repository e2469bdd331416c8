"""What is left undone during initialisation, in interpreters of their own."""

from __future__ import annotations

import json
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


DEFERRED = """
import sys
sys.path[:0] = {path!r}
import app
executed = ["cryptography.x509.name" in sys.modules]
import jwt
from cryptography.hazmat.primitives.asymmetric import ed25519
key = ed25519.Ed25519PrivateKey.generate()
jwt.decode(jwt.encode({{"sub": "a"}}, key, "EdDSA"), key.public_key(), ["EdDSA"])
executed.append("cryptography.x509.name" in sys.modules)
from cryptography import x509
works = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "a")]).rfc4514_string() == "CN=a"
print(*executed, works, "cryptography.x509.name" in sys.modules)
"""


@pytest.mark.parametrize(
    ("variables", "expected"),
    [
        ({"AWS_LAMBDA_RUNTIME_API": "127.0.0.1:9001"}, ["False", "False", "True", "True"]),
        ({}, ["True", "True", "True", "True"]),
    ],
    ids=["on Lambda", "elsewhere"],
)
def test_the_authorizer_executes_no_module_for_certificates_until_somebody_uses_it(
    variables: dict[str, str], expected: list[str]
) -> None:
    path = [str(ROOT / "functions" / "authorizer"), str(ROOT / "layers" / "taskapi")]
    run = subprocess.run(
        [sys.executable, "-c", DEFERRED.format(path=path)],
        env={**os.environ, **variables},
        check=True,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert run.stdout.split() == expected


def test_what_is_not_there_is_not_deferred() -> None:
    code = """
import sys
sys.path.insert(0, sys.argv[1])
from taskapi import initialisation
initialisation.defer("json", "no")
print("json.no" in sys.modules)
"""
    run = subprocess.run(
        [sys.executable, "-c", code, str(ROOT / "layers" / "taskapi")],
        env={**os.environ, "AWS_LAMBDA_RUNTIME_API": "127.0.0.1:9001"},
        check=True,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert run.stdout.split() == ["False"]


LOGGED = """
import json, logging, sys
sys.path[:0] = {path!r}
import app
from taskapi.observability import logger
records = []
logger.addFilter(lambda record: records.append(record) or True)
logger.info("a line")
print(json.dumps([records[0].threadName, records[0].process, records[0].filename]))
"""


@pytest.mark.parametrize(
    ("variables", "is_looked_up"), [({"AWS_LAMBDA_RUNTIME_API": "127.0.0.1:9001"}, False), ({}, True)]
)
def test_on_lambda_a_log_line_looks_up_nothing_that_it_does_not_show(
    variables: dict[str, str], is_looked_up: bool
) -> None:
    path = [str(ROOT / "functions" / "get_task"), str(ROOT / "layers" / "taskapi")]
    run = subprocess.run(
        [sys.executable, "-c", LOGGED.format(path=path)],
        env={**os.environ, **variables},
        check=True,
        capture_output=True,
        text=True,
        timeout=60,
    )
    line, looked_up = map(json.loads, run.stdout.splitlines())
    assert (line["message"], line["level"], line["service"]) == ("a line", "INFO", "task-api")
    assert [name not in (None, "(unknown file)") for name in looked_up] == [is_looked_up] * 3
