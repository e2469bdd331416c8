"""``make -s token USER=alice``: prints a development token that ``make run`` accepts, and nothing else."""

from __future__ import annotations

import argparse
import os
import sys

from local.errors import LocalError, run_command
from local.identity.development_tokens import LIFETIME_SECONDS, DevelopmentIssuer, what_is_wrong_with
from local.identity.own_issuer import OwnIssuer


def main(arguments: list[str] | None = None) -> int:
    """The command; returns its exit status."""
    parser = argparse.ArgumentParser(prog="python -m local.token", description="Print a development access token.")
    parser.add_argument("user", help="the token's subject: who it is for")
    parser.add_argument(
        "--ttl",
        type=int,
        default=LIFETIME_SECONDS,
        metavar="SECONDS",
        help="lifetime (12 hours); negative: has expired",
    )
    options = parser.parse_args(arguments)

    def command() -> None:
        if (wrong := what_is_wrong_with(options.user)) is not None:
            raise LocalError(f"USER: {wrong[1]} Such as: make token USER=alice")
        if OwnIssuer.from_environment(os.environ) is not None:
            raise LocalError("JWT_ISSUER is set: make run takes the tokens of that issuer, and no development tokens")
        print(DevelopmentIssuer.load().token(options.user, options.ttl))

    return run_command(command)


if __name__ == "__main__":
    sys.exit(main())
