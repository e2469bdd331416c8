"""``make invoke FUNCTION=create_task EVENT=events/create_task.json``: runs one function on one event.

In AWS's runtime interface emulator with awslambdaric, the Python runtime's own client, so close to Lambda, but without
Docker. The response goes to stdout, what the function logged to stderr.
"""

from __future__ import annotations

import argparse
import contextlib
import dataclasses
import io
import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path

from local.engines.dynamodb_endpoint import dynamodb_endpoint
from local.engines.store import create_client, embedded_dynamodb, ensure_table
from local.errors import LocalError, run_command
from local.events import SEEDS, ensure_fresh
from local.functions import emulator
from local.functions.aws_environment import isolate
from local.functions.in_process import Functions
from local.identity.development_tokens import DevelopmentIssuer
from local.paths import LAYERS, TEMPLATE
from local.settings import LocalSettings
from local.template.loading import Template, load_template


def main(arguments: list[str] | None = None) -> int:
    """The command; returns its exit status: 0 when the function returned, 1 when it raised or could not be run."""
    parser = argparse.ArgumentParser(prog="python -m local.invoke", description="Run one function on one event.")
    parser.add_argument("function", help="operation, such as create_task, or logical id")
    parser.add_argument("event", type=Path, help="file with the event, such as events/create_task.json")
    options = parser.parse_args(arguments)

    def command() -> int:
        ensure_fresh(options.event)
        return _invoke(options.function, _read_event(options.event))

    try:
        return run_command(command)
    except KeyboardInterrupt:
        return 130


def _read_event(path: Path) -> bytes:
    try:
        text = path.read_bytes()
        json.loads(text)
    except OSError as error:
        raise LocalError(f"EVENT can't be read: {path}: {error.strerror}") from error
    except (ValueError, RecursionError) as error:
        raise LocalError(f"EVENT is not JSON: {path}: {error}") from error
    return text


def _invoke(function: str, event: bytes) -> int:
    emulator.emulator_path()
    settings = LocalSettings.from_environment(os.environ)
    issuer = DevelopmentIssuer.load()
    isolate(os.environ, keep_credentials=settings.dynamodb_endpoint is not None)
    with _store(settings.dynamodb_endpoint) as endpoint:
        settings = dataclasses.replace(settings, dynamodb_endpoint=endpoint)
        template = load_template(TEMPLATE, settings.parameters(issuer.jwks))
        try:
            definition = template.function(function.strip())
        except LocalError as error:
            raise LocalError(f"FUNCTION: {error}") from error
        if "TABLE_NAME" in definition.environment:
            _seed(template, endpoint)
        invocation = emulator.invoke(definition, event, {**os.environ, **definition.environment}, LAYERS)
    return _report(definition.name, invocation)


@contextlib.contextmanager
def _store(endpoint: str | None) -> Iterator[str]:
    """A DynamoDB endpoint for the function's process: the given one, or moto's on the loopback interface."""
    if endpoint is not None:
        yield endpoint
        return

    with embedded_dynamodb(), dynamodb_endpoint(create_client(None)) as url:
        yield url


def _seed(template: Template, endpoint: str) -> None:
    """Make sure of the table, and of what the events are about, by the API's own functions."""
    ensure_table(create_client(endpoint), template.table_name, template.table_properties)
    seeding = [(template.function(seed.operation), seed) for seed in SEEDS.values()]
    with contextlib.redirect_stdout(io.StringIO()), Functions([each for each, _ in seeding], LAYERS) as functions:
        for function, seed in seeding:
            functions.invoke(function.logical_id, seed.event("seed"))


def _report(name: str, invocation: emulator.Invocation) -> int:
    print(f"Logs of {name}:\n{invocation.logs.rstrip()}\n\nResponse of {name}:", file=sys.stderr, flush=True)
    try:
        response = json.loads(invocation.payload)
    except ValueError:
        print(invocation.payload.decode("utf-8", "replace"))
        return 1
    print(json.dumps(response, indent=2, ensure_ascii=False))
    # The emulator answers 200 either way; this is how the runtime describes an exception.
    return 1 if isinstance(response, dict) and {"errorType", "errorMessage"} <= response.keys() else 0


if __name__ == "__main__":
    sys.exit(main())
