"""What is left undone during initialisation, in interpreters of their own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
CODE = """
import gc
import taskapi
during = gc.isenabled()
import app
print(during, gc.isenabled(), gc.get_freeze_count() > 10_000)
"""
ON_LAMBDA = {"AWS_LAMBDA_RUNTIME_API": "127.0.0.1:9001"}


def printed(code: str, function: str, variables: Mapping[str, str]) -> str:
    """What some code prints in an interpreter that finds the package and a function, under some variables."""
    path = [str(ROOT / "functions" / function), str(ROOT / "layers" / "taskapi")]
    run = subprocess.run(
        [sys.executable, "-c", f"import sys; sys.path[:0] = {path!r}\n{code}"],
        env={**os.environ, **variables},
        check=True,
        capture_output=True,
        text=True,
        timeout=60,
    )
    return run.stdout


@pytest.mark.parametrize("function", ["get_task", "create_task", "authorizer"])
def test_on_lambda_nothing_is_collected_until_the_function_is_set_up(function: str) -> None:
    assert printed(CODE, function, ON_LAMBDA).split() == ["False", "True", "True"]


def test_elsewhere_nothing_changes() -> None:
    assert printed(CODE, "get_task", {}).split() == ["True", "True", "False"]


@pytest.mark.parametrize("variables", [ON_LAMBDA, {}], ids=["on Lambda", "elsewhere"])
def test_a_function_sends_over_our_own_connection(variables: dict[str, str]) -> None:
    code = "import app; print(type(app.handler._stores[0]._items._table._client._endpoint.http_session))"
    assert printed(code, "get_task", variables).strip() == "<class 'taskapi.dynamo.connection.Connection'>"


DEFERRED = """
import app
executed = ["cryptography.x509.name" in sys.modules]
import jwt
from cryptography.hazmat.primitives.asymmetric import ed25519
key = ed25519.Ed25519PrivateKey.generate()
jwt.decode(jwt.encode({"sub": "a"}, key, "EdDSA"), key.public_key(), ["EdDSA"])
executed.append("cryptography.x509.name" in sys.modules)
from cryptography import x509
works = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "a")]).rfc4514_string() == "CN=a"
print(*executed, works, "cryptography.x509.name" in sys.modules)
"""


@pytest.mark.parametrize(
    ("variables", "expected"),
    [
        (ON_LAMBDA, ["False", "False", "True", "True"]),
        ({}, ["True", "True", "True", "True"]),
    ],
    ids=["on Lambda", "elsewhere"],
)
def test_the_authorizer_executes_no_module_for_certificates_until_somebody_uses_it(
    variables: dict[str, str], expected: list[str]
) -> None:
    assert printed(DEFERRED, "authorizer", variables).split() == expected


def test_what_is_not_there_is_not_deferred() -> None:
    code = """
from taskapi import initialisation
initialisation.defer("json", "no")
print("json.no" in sys.modules)
"""
    assert printed(code, "get_task", ON_LAMBDA).split() == ["False"]


@pytest.mark.parametrize(("variables", "answers"), [(ON_LAMBDA, ["__all__", "/usr/share/zoneinfo"]), ({}, ["", ""])])
def test_what_libraries_would_look_for_is_answered_on_lambda(variables: dict[str, str], answers: list[str]) -> None:
    code = """
import os
import taskapi
print(os.environ.get("PYDANTIC_DISABLE_PLUGINS", ""), os.environ.get("PYTHONTZPATH", ""), sep=",")
"""
    assert printed(code, "get_task", variables).strip().split(",") == answers


def test_and_an_operators_answer_stands() -> None:
    code = "import os, taskapi; print(os.environ['PYTHONTZPATH'])"
    assert printed(code, "get_task", ON_LAMBDA | {"PYTHONTZPATH": "/opt/zoneinfo"}).strip() == "/opt/zoneinfo"


def test_a_log_lines_time_is_in_utc_wherever_it_is_written() -> None:
    code = "import app; from taskapi.observability import logger; logger.info('a line')"
    line = json.loads(printed(code, "get_task", {"TZ": "Asia/Kolkata"}))
    moment = datetime.fromisoformat(line["timestamp"])
    assert moment.utcoffset() == timedelta(0)
    assert abs(datetime.now(UTC) - moment) < timedelta(minutes=5)


LOGGED = """
import json
import app
from taskapi.observability import logger
records = []
logger.addFilter(lambda record: records.append(record) or True)
logger.info("a line")
print(json.dumps([records[0].threadName, records[0].process, records[0].filename]))
"""


@pytest.mark.parametrize(("variables", "is_looked_up"), [(ON_LAMBDA, False), ({}, True)])
def test_on_lambda_a_log_line_looks_up_nothing_that_it_does_not_show(
    variables: dict[str, str], is_looked_up: bool
) -> None:
    line, looked_up = map(json.loads, printed(LOGGED, "get_task", variables).splitlines())
    assert (line["message"], line["level"], line["service"]) == ("a line", "INFO", "task-api")
    assert [name not in (None, "(unknown file)") for name in looked_up] == [is_looked_up] * 3
