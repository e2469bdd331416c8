"""``make smoke BASE_URL=… TOKEN=…``: checks a deployment, prints a table, deletes what it made.

The tokens come from the environment and never from the command line, where every process of the machine can read them.
"""

from __future__ import annotations

import argparse
import os
import re
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from typing import Final

import httpx

from local.errors import LocalError, run_command
from tools.smoke import access, isolation, lists, refusals, tasks
from tools.smoke.expectations import Mismatch
from tools.smoke.report import Result, summary, table
from tools.smoke.run import Check, OutOfTime, Run, Target, run_against

CHECKS: Final[tuple[Check, ...]] = (
    *access.checks, *tasks.checks, *lists.checks, *refusals.checks, *isolation.checks,
)  # fmt: skip
LOOPBACK: Final = ("127.0.0.1", "localhost", "::1")

ENVIRONMENT_HELP = """\
environment:
  TOKEN        an access token; required
  OTHER_TOKEN  another user's, for the checks of isolation
  ORIGIN       an allowed origin, for the checks of CORS
"""


def main(arguments: list[str] | None = None) -> int:
    """The command; returns its exit status: 1 when a check failed or the deployment could not be checked."""
    parser = argparse.ArgumentParser(
        prog="python -m tools.smoke",
        description="Check the contract of a running deployment.",
        epilog=ENVIRONMENT_HELP,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("base_url", help="such as https://abc123.execute-api.eu-central-1.amazonaws.com/v1")
    parser.add_argument(
        "--skip-gateway",
        action="store_true",
        help="leave out what the gateway answers by itself: `sam local start-api` has answers of its own",
    )
    parser.add_argument("--seconds", type=float, default=120, help="that the checks may take (120)")
    options = parser.parse_args(arguments)

    def command() -> int:
        target = Target(
            _base_url(options.base_url),
            _token("TOKEN") or _missing(),
            _token("OTHER_TOKEN"),
            _origin(),
            options.seconds,
        )
        return smoke(target, skip_gateway=options.skip_gateway)

    try:
        return run_command(command)
    except KeyboardInterrupt:
        return 130


def smoke(
    target: Target,
    *,
    checks: Sequence[Check] = CHECKS,
    skip_gateway: bool = False,
    transport: Callable[[], httpx.BaseTransport] | None = None,
) -> int:
    """Run checks and print what came of them.

    Args:
        target: What is checked.
        checks: The checks; the first tells whether the token is good at all.
        skip_gateway: Leave out what the gateway answers by itself.
        transport: Makes another HTTP transport; for tests.

    Returns:
        The exit status: 0 when nothing failed and nothing was left behind.
    """
    started = time.monotonic()
    with run_against(target, transport) as run:
        results: list[Result] = []
        try:
            results.extend(_results(run, checks, skip_gateway=skip_gateway))
        finally:
            left = run.clean_up()
    print(table(results))
    print(summary(results, time.monotonic() - started))
    if len(results) < len(checks):
        print("Without a good token nothing else can be told.")
    if left:
        print(f"{left} tasks of this run could not be deleted; their titles begin with: Smoke test")
    return int(bool(left) or any(result.failure is not None for result in results))


def _results(run: Run, checks: Sequence[Check], *, skip_gateway: bool) -> Iterator[Result]:
    for check in checks:
        reason = _reason_to_skip(run, check, skip_gateway=skip_gateway)
        result = _result(run, check) if reason is None else Result(check, skipped=reason)
        yield result
        if check is checks[0] and result.failure is not None:
            return  # without a good token nothing else can be told


def _reason_to_skip(run: Run, check: Check, *, skip_gateway: bool) -> str | None:
    if skip_gateway and check.by_gateway:
        return "the gateway's own answer"
    if check.needs is not None and getattr(run.target, check.needs) is None:
        return f"needs {check.needs.upper()}"
    return None


def _result(run: Run, check: Check) -> Result:
    started = time.monotonic()
    failure: str | None = None
    try:
        check.verify(run)
    except Mismatch as mismatch:
        failure = str(mismatch)
    except OutOfTime:
        failure = f"not made within {run.target.seconds:g} s"
    except httpx.HTTPError as error:
        failure = f"{type(error).__name__}: {error}"
    except Exception as error:  # noqa: BLE001  # an answer so odd that the check itself stumbled over it
        failure = f"an answer of another form ({type(error).__name__}: {error})"
    return Result(check, failure, milliseconds=(time.monotonic() - started) * 1000)


def _base_url(text: str) -> str:
    """The base URL without a slash at the end.

    Raises:
        LocalError: none, or one that would carry the token unencrypted to another machine.
    """
    try:
        url = httpx.URL(text.strip().rstrip("/"))
    except httpx.InvalidURL as error:
        raise LocalError(f"BASE_URL is no URL: {error}") from error
    if url.scheme not in ("http", "https") or not url.host:
        raise LocalError("BASE_URL must be a URL such as https://abc123.execute-api.eu-central-1.amazonaws.com/v1")
    if url.scheme == "http" and url.host not in LOOPBACK:
        raise LocalError("BASE_URL must be https: the token would travel unencrypted")
    return str(url)


def _token(variable: str) -> str | None:
    value = os.environ.get(variable, "").strip().removeprefix("Bearer ").strip()
    if not all("!" <= character <= "~" for character in value):
        raise LocalError(f"{variable} is no token: it has spaces or other characters that no token has")
    return value or None


def _origin() -> str | None:
    value = os.environ.get("ORIGIN", "").strip()
    if value and not re.fullmatch(r"https?://[!-.0-~]+", value):
        raise LocalError(f"ORIGIN must be an origin such as https://app.example.com, not {value!r}")
    return value or None


def _missing() -> str:
    raise LocalError("set TOKEN to an access token; for make run: TOKEN=$(make -s token USER=alice)")


if __name__ == "__main__":
    sys.exit(main())
