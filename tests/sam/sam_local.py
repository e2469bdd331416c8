"""``sam local``, run as a developer runs it, with what it prints."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from local.child_process import stop
from local.functions.emulator import of_invocation
from local.paths import ROOT
from tests.support.sam_builds import sam_environment
from tools.runtime_image import docker_engine
from tools.runtime_image.image import IMAGE

_INVOKE_SECONDS = 180
_START_SECONDS = 240
_STOP_SECONDS = 60


@dataclass(frozen=True)
class Invocation:
    """What came of ``sam local invoke``.

    Attributes:
        result: What the function returned, or the runtime's description of what it raised.
        printed: SAM CLI's lines and the function's, until the invocation was over.
    """

    result: Any
    printed: str

    def logged(self) -> list[dict[str, Any]]:
        """The function's log lines, without its metric records."""
        return log_lines(self.printed)


@dataclass(frozen=True)
class SamLocal:
    """A built template and how to run it.

    Attributes:
        template: The built one.
        variables: File for ``--env-vars``.
        architecture: What it is built for.
    """

    template: Path
    variables: Path
    architecture: str

    def invoke(self, logical_id: str, event: Path) -> Invocation:
        """Run a function once, in a container of its own."""
        done = subprocess.run(
            [*self._command("invoke"), logical_id, "--event", str(event)],
            cwd=ROOT,
            env=self._environment(),
            capture_output=True,
            text=True,
            check=False,
            timeout=_INVOKE_SECONDS,
        )
        # SAM CLI exits with 0 whatever the function did; another status is of its own.
        assert done.returncode == 0, done.stderr
        return Invocation(json.loads(done.stdout), of_invocation(done.stderr))

    @contextlib.contextmanager
    def start_api(self, log: Path) -> Iterator[str]:
        """Serve the API for the time of a ``with`` block; its URL.

        Args:
            log: File for all that SAM CLI and the functions print.
        """
        with socket.socket() as listener:
            listener.bind(("127.0.0.1", 0))
            port = listener.getsockname()[1]
        options = ["--host", "127.0.0.1", "--port", str(port), "--warm-containers", "EAGER"]
        with log.open("wb") as output:
            process = subprocess.Popen(
                [*self._command("start-api"), *options],
                cwd=ROOT,
                env=self._environment() | {"PYTHONUNBUFFERED": "1"},
                stdout=output,
                stderr=output,
                start_new_session=True,
            )
            try:
                _await_listener(process, port, log)
                yield f"http://127.0.0.1:{port}"
            finally:
                # As Ctrl-C: SAM CLI then removes its containers.
                stop(process, _STOP_SECONDS, by=signal.SIGINT)
                self._remove_containers()

    def _remove_containers(self) -> None:
        """Remove the containers of these artefacts: SAM CLI leaves some of the warm ones behind."""
        folders = [path for path in self.template.parent.iterdir() if path.is_dir()]
        filters = (part for folder in folders for part in ("--filter", f"volume={folder}"))
        if containers := docker_engine.run("ps", "--all", "--quiet", *filters).split():
            docker_engine.run("rm", "--force", *containers)

    def _command(self, subcommand: str) -> Sequence[str]:
        return [
            *(sys.executable, "-m", "samcli", "local", subcommand, "--template", str(self.template)),
            # What is read by itself where the build is in its usual place; it opts in to language extensions.
            *("--config-file", str(ROOT / "samconfig.toml")),
            *("--parameter-overrides", f"Environment=dev Architecture={self.architecture}"),
            *("--env-vars", str(self.variables), "--skip-pull-image", "--invoke-image", IMAGE),
        ]

    def _environment(self) -> dict[str, str]:
        """What SAM CLI and Docker need of this process's environment.

        Of the rest SAM CLI would hand to the functions what they have variables of the same name for, in the place of
        the template's values.
        """
        kept = ("PATH", "HOME", "TMPDIR", "SAM_CLI_TELEMETRY", "XDG_RUNTIME_DIR")
        variables = {
            name: value for name, value in sam_environment().items() if name in kept or name.startswith("DOCKER_")
        }
        return variables | {
            "AWS_ACCESS_KEY_ID": "local",
            "AWS_SECRET_ACCESS_KEY": "local",
            "AWS_DEFAULT_REGION": "us-east-1",
            "AWS_CONFIG_FILE": os.devnull,
            "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
            "AWS_EC2_METADATA_DISABLED": "true",
        }


def log_lines(text: str) -> list[dict[str, Any]]:
    """Powertools' log lines in a text."""
    lines = []
    for line in text.splitlines():
        with contextlib.suppress(ValueError):
            document = json.loads(line)
            if isinstance(document, dict) and "level" in document:
                lines.append(document)
    return lines


def _await_listener(process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while time.monotonic() < deadline:
        assert process.poll() is None, log.read_text("utf-8", "replace")
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return
        time.sleep(0.2)
    raise AssertionError(f"sam local start-api does not listen:\n{log.read_text('utf-8', 'replace')}")
