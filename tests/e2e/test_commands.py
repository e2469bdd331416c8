"""The commands that make runs: local.run, local.token and local.invoke, as processes."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import jwt
import pytest

from local.errors import LocalError
from local.events import EXAMPLES
from local.identity import ISSUER
from local.identity.development_tokens import KEY_FILE, DevelopmentIssuer
from local.listener import HOST
from local.paths import ROOT
from local.settings import LocalSettings

ENVIRONMENT = {name: value for name, value in os.environ.items() if name in ("PATH", "HOME", "LANG", "TMPDIR")}


def command(*arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run ``python -m`` to its end."""
    return subprocess.run(
        [sys.executable, "-m", *arguments],
        cwd=ROOT,
        env={**ENVIRONMENT, **variables},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def fails_in_one_line(completed: subprocess.CompletedProcess[str], *words: str) -> None:
    """Check that a command told what is wrong and nothing else."""
    assert completed.returncode == 1
    (line,) = completed.stderr.splitlines()
    assert line.startswith("error: ")
    assert all(word in line for word in words), line


class RunProcess:
    """``python -m local.run`` as a process of its own."""

    def __init__(self, folder: Path) -> None:
        self.stdout, self.stderr = folder / "stdout", folder / "stderr"
        with self.stdout.open("wb") as stdout, self.stderr.open("wb") as stderr:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "local.run", "--port", "0"],
                cwd=ROOT,
                env={**ENVIRONMENT, "AWS_PROFILE": "not-there", "AWS_ENDPOINT_URL": "http://127.0.0.1:1"},
                stdout=stdout,
                stderr=stderr,
            )

    def wait_for(self, text: str) -> str:
        """What it has printed once that holds a text."""
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline and self.process.poll() is None:
            printed = self.stdout.read_text()
            if text in printed:
                return printed
            time.sleep(0.05)
        raise AssertionError(self.stdout.read_text() + self.stderr.read_text())

    def stop(self, stop_signal: signal.Signals) -> None:
        """Stop it cleanly."""
        self.process.send_signal(stop_signal)
        assert self.process.wait(timeout=60) == 0
        errors = self.stderr.read_text()
        assert errors.endswith("\nStopped.\n")
        assert "Traceback" not in errors


@pytest.fixture
def run_process(tmp_path: Path) -> Iterator[RunProcess]:
    process = RunProcess(tmp_path)
    yield process
    if process.process.poll() is None:
        process.process.kill()
        process.process.wait()


class TestRun:
    def test_a_newcomer_pastes_what_it_prints(self, run_process: RunProcess, tmp_path: Path) -> None:
        if shutil.which("curl") is None:
            pytest.skip("curl is not installed")
        # Given the server, started with an AWS profile and endpoint that would lead it astray
        printed = run_process.wait_for("Ctrl-C")
        assert "in memory" in printed
        # and `make token` in the path, without make
        (tmp_path / "make").write_text(f'#!/bin/sh\ncd "$2" && exec "{sys.executable}" -m local.token "${{4#USER=}}"\n')
        (tmp_path / "make").chmod(0o755)

        # When all the lines that it prints for pasting are run
        lines = [line for line in printed[printed.index("  API=") :].splitlines() if line.startswith("  ")]
        pasted = subprocess.run(
            ["/bin/sh", "-eu"],
            input="\n".join(lines),
            env={**ENVIRONMENT, "PATH": f"{tmp_path}:{ENVIRONMENT['PATH']}"},
            capture_output=True,
            text=True,
            timeout=60,
            check=True,
        )

        # Then two users have done everything that the API does
        statuses = [int(status) for status in re.findall(r"^HTTP/1\.1 (\d{3})", pasted.stdout, re.MULTILINE)]
        assert statuses == [201, 200, 200, 200, 200, 204, 201, 403]
        log = re.findall(
            r"^\d\d:\d\d:\d\d ([A-Z]+) (\S+) (\d{3}) \d+ ms$", run_process.stderr.read_text(), re.MULTILINE
        )
        assert ("GET", "/users/me/tasks?limit=1", "200") in log
        assert len(log) == 11

        # And it stops when it is told to
        run_process.stop(signal.SIGTERM)

    def test_it_can_be_interrupted_while_it_starts(self, run_process: RunProcess) -> None:
        run_process.wait_for("Starting")

        run_process.stop(signal.SIGINT)

    @pytest.mark.parametrize(
        "moment",
        [
            'exec("signal.raise_signal(signal.SIGINT)")',
            "type('Gone', (), {'__del__': lambda _: signal.raise_signal(signal.SIGINT)})()",
        ],
        ids=["while a dataclass is made", "where Python drops exceptions"],
    )
    def test_it_can_be_interrupted_at_an_awkward_moment(self, moment: str, tmp_path: Path) -> None:
        # Given a start in the course of which Ctrl-C comes at such a moment
        (tmp_path / "interrupted.py").write_text(f"""
import signal, sys
from local import run
def interrupted(environment, read=run.LocalSettings.from_environment):
    {moment}
    return read(environment)
run.LocalSettings.from_environment = interrupted
sys.exit(run.main(["--port", "0"]))
""")
        # When it is run, then it stops cleanly
        stopped = command("interrupted", PYTHONPATH=str(tmp_path))
        assert (stopped.returncode, stopped.stderr.splitlines()[-1]) == (0, "Stopped.")

    def test_a_port_that_is_taken(self) -> None:
        with socket.socket() as taken:
            taken.bind((HOST, 0))
            taken.listen()
            port = taken.getsockname()[1]

            fails_in_one_line(command("local.run", "--port", str(port)), f"port {port} is taken", "make run PORT=")

    @pytest.mark.parametrize("port", ["65536", "-1", "http", "80.5", "\uff18\uff10", "9" * 5_000])
    def test_what_is_no_port(self, port: str) -> None:
        with pytest.raises(LocalError, match=r"^PORT must be a whole number from 0 to 65,535, "):
            LocalSettings.from_environment({"PORT": port})

    def test_help_tells_of_every_variable(self) -> None:
        printed = command("local.run", "--help").stdout

        for name in ("PORT", "ALLOWED_ORIGINS", "DYNAMODB_ENDPOINT", "LOGS", "LOG_LEVEL"):
            assert f"\n  {name} " in printed


class TestToken:
    @pytest.mark.parametrize("user", ["alice", "auth0|1", "a b", "名前", "-x", "a'b\"c$(d)"])
    def test_it_prints_a_token_and_nothing_else(self, user: str) -> None:
        completed = command("local.token", "--ttl", "60", "--", user)

        assert (completed.returncode, completed.stderr) == (0, "")
        token = completed.stdout.removesuffix("\n")
        key = DevelopmentIssuer.load().private_key.public_key()
        claims = jwt.decode(token, key, algorithms=["EdDSA"], audience=ISSUER, issuer=ISSUER)
        assert (claims["sub"], claims["exp"] - claims["iat"]) == (user, 60)

    def test_for_nobody_there_is_none(self) -> None:
        fails_in_one_line(command("local.token", ""), "USER=alice")

    def test_the_key_is_the_developer_s_alone(self) -> None:
        DevelopmentIssuer.load()

        assert KEY_FILE.stat().st_mode & 0o777 == 0o600


@pytest.mark.skipif(sys.platform != "linux", reason="the runtime interface emulator runs on Linux only")
class TestInvoke:
    def test_it_runs_a_function_as_lambda_would(self) -> None:
        # When an event is given to its function
        completed = command("local.invoke", "get_task", "events/get_task.json")

        # Then its response is on stdout and what it logged on stderr
        assert completed.returncode == 0, completed.stderr
        response = json.loads(completed.stdout)
        assert response["statusCode"] == 200
        assert json.loads(response["body"])["id"] == EXAMPLES["get_task"].path_parameters["task_id"]
        assert '"operation":"get_task"' in completed.stderr
        assert "replace_task" not in completed.stderr
        assert "REPORT RequestId" in completed.stderr

    def test_a_function_that_raises_makes_it_fail(self, tmp_path: Path) -> None:
        # The authorizer expects an object
        event = tmp_path / "list.json"
        event.write_text("[]")

        completed = command("local.invoke", "authorizer", str(event))

        assert completed.returncode == 1
        assert json.loads(completed.stdout)["errorType"] == "AttributeError"

    def test_a_function_that_is_not_there(self) -> None:
        fails_in_one_line(command("local.invoke", "nope", "events/get_task.json"), "'nope'", "create_task")

    def test_an_event_that_is_not_there(self) -> None:
        fails_in_one_line(command("local.invoke", "get_task", "events/nope.json"), "events/nope.json")

    def test_an_event_that_is_no_json(self) -> None:
        fails_in_one_line(command("local.invoke", "get_task", "Makefile"), "not JSON", "Makefile")
