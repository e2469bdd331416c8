"""``make run``: serves the API of template.yaml on this machine.

No Docker and no AWS account: SAM CLI's local gateway with this project's corrections, the functions in this process,
and moto as the database unless DYNAMODB_ENDPOINT names another engine.
"""

from __future__ import annotations

import argparse
import dataclasses
import os
import signal
import sys
import threading
from types import FrameType
from typing import NoReturn

from local.errors import run_command
from local.identity.own_issuer import OwnIssuer
from local.listener import listen
from local.settings import LocalSettings, parse_port

ENVIRONMENT_HELP = """\
environment:
  PORT               port to serve on (3000); 0 picks a free one
  ALLOWED_ORIGINS    comma-separated origins that browsers may call from, or *
                     (localhost and 127.0.0.1 on any port)
  DYNAMODB_ENDPOINT  URL of a DynamoDB engine, such as http://127.0.0.1:8000 for DynamoDB Local; its table is created
                     if missing and its data stays (an in-memory store whose data goes when the server stops)
  JWT_ISSUER         exact iss of the tokens to accept, of an issuer of your own; development tokens are off then
  JWT_AUDIENCE       their audiences, comma-separated; needed with JWT_ISSUER
  JWT_JWKS_URL       where that issuer publishes its key set: https, or http on localhost
  JWT_JWKS           the key set itself, as JSON, instead of JWT_JWKS_URL
  JWT_AUDIENCE_CLAIM aud or client_id (aud)
  JWT_ALGORITHMS     comma-separated (EdDSA,ES256,RS256)
  LOGS               1 shows everything that the functions log, metrics included (only what belongs to a 5xx)
  LOG_LEVEL          DEBUG, INFO, WARNING or ERROR (INFO)
"""


_asked_to_stop = threading.Event()
"""Python drops an exception that a signal's handler raises within a destructor or a callback of a weak reference."""


class _Stopped(BaseException):
    """Ctrl-C or SIGTERM.

    Not KeyboardInterrupt: raised while Python executes a string, as the imports do for each dataclass, it ends the
    process as killed by SIGINT, also where it has been caught (``run_eval_code_obj`` in CPython's pythonrun.c).
    """


def main(arguments: list[str] | None = None) -> int:
    """The command; returns its exit status: 0 when stopped by Ctrl-C or SIGTERM, 1 when it can't run."""
    parser = argparse.ArgumentParser(
        prog="python -m local.run",
        description="Serve the API of template.yaml on 127.0.0.1.",
        epilog=ENVIRONMENT_HELP,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--port", help="overrides PORT")
    options = parser.parse_args(arguments)

    def command() -> None:
        settings = LocalSettings.from_environment(os.environ)
        settings = dataclasses.replace(settings, own_issuer=OwnIssuer.from_environment(os.environ))
        if options.port is not None:
            settings = dataclasses.replace(settings, port=parse_port(options.port))
        _serve(settings)

    try:
        for stop in (signal.SIGINT, signal.SIGTERM):  # SIGINT is ignored in what a shell runs in the background
            signal.signal(stop, _interrupt)
        return run_command(command)
    except _Stopped:
        print("\nStopped.", file=sys.stderr)
        return 0


def _interrupt(_signal: int, _frame: FrameType | None) -> NoReturn:
    _asked_to_stop.set()
    raise _Stopped


def _serve(settings: LocalSettings) -> None:
    # SAM CLI takes over a second to import: say so first, and find out first whether the port can be had.
    with listen(settings.port) as listener:
        print("Starting the Task API: reading template.yaml, loading the functions ...", flush=True)
        from local.functions.function_log import FunctionLog  # noqa: PLC0415
        from local.gateway.access_log import AccessLog  # noqa: PLC0415
        from local.identity.development_tokens import DevelopmentIssuer  # noqa: PLC0415
        from local.instance import instance  # noqa: PLC0415
        from local.web.welcome import welcome  # noqa: PLC0415

        # From here on stdout is the functions', as on Lambda.
        terminal, log = sys.stdout, FunctionLog()
        sys.stdout = log
        try:
            access_log = AccessLog(sys.stderr, log, settings.origins, show_all=settings.show_logs)
            with instance(settings, DevelopmentIssuer.load(), listener, access_log) as running:
                log.take()
                terminal.write(welcome(running.server.url, settings, table_created=running.table_created))
                terminal.flush()
                if _asked_to_stop.is_set():
                    raise _Stopped
                # Polled four times a second, so that a stop is prompt.
                running.server.serve_forever(poll_interval=0.25)
        finally:
            sys.stdout = terminal


if __name__ == "__main__":
    sys.exit(main())
