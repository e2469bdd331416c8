"""The AWS side of the environment, so that nothing on this machine ever talks to AWS by accident."""

from __future__ import annotations

import os
from collections.abc import MutableMapping
from typing import Final

REGION: Final = "us-east-1"
"""SAM CLI's local region."""


def isolate(environment: MutableMapping[str, str], *, keep_credentials: bool) -> None:
    """Point the AWS SDK away from AWS.

    A developer's profile, endpoint overrides and configuration files must not reach the functions: with them, a request
    meant for the local store could go elsewhere, or fail for want of a profile.

    Args:
        environment: Changed in place; ``os.environ`` say.
        keep_credentials: Leave access keys and region alone, for an engine that checks them; they are filled in
            where there are none.
    """
    kept = {"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_REGION", "AWS_DEFAULT_REGION"}
    for name in [name for name in environment if name.startswith("AWS_")]:
        if not (keep_credentials and name in kept):
            del environment[name]
    region = environment.get("AWS_REGION") or environment.get("AWS_DEFAULT_REGION") or REGION
    environment["AWS_REGION"] = environment["AWS_DEFAULT_REGION"] = region
    if not environment.get("AWS_ACCESS_KEY_ID") or not environment.get("AWS_SECRET_ACCESS_KEY"):
        environment.pop("AWS_SESSION_TOKEN", None)
        environment["AWS_ACCESS_KEY_ID"] = environment["AWS_SECRET_ACCESS_KEY"] = "local"  # noqa: S105  # no secret
    environment["AWS_CONFIG_FILE"] = environment["AWS_SHARED_CREDENTIALS_FILE"] = os.devnull
    environment["AWS_EC2_METADATA_DISABLED"] = "true"
    # Tracing and SAM CLI's usage reports both want the network.
    environment["POWERTOOLS_TRACE_DISABLED"] = "true"
    environment["SAM_CLI_TELEMETRY"] = "0"
