"""Logs and metrics, by AWS Lambda Powertools: JSON lines and CloudWatch Embedded Metric Format, both on stdout.

docs/operations.md builds on the names. What must never be logged (tokens, texts, who the user is) is not passed in.
"""

from __future__ import annotations

import hashlib
import logging
import sys
import traceback
from collections.abc import Callable
from contextlib import suppress
from typing import Any, Final, NamedTuple, ParamSpec

from aws_lambda_powertools.logging import Logger
from aws_lambda_powertools.metrics.provider.cloudwatch_emf.cloudwatch import AmazonCloudWatchEMFProvider

from taskapi import initialisation

if initialisation.ON_LAMBDA:
    # What our lines don't show, and each record would look up all the same ("Optimization", Python's Logging HOWTO).
    logging._srcfile = None
    logging.logThreads = logging.logProcesses = logging.logMultiprocessing = False

# Service, namespace and level come from POWERTOOLS_SERVICE_NAME, POWERTOOLS_METRICS_NAMESPACE and _LOG_LEVEL.
logger: Final = Logger(location=None, use_rfc3339=True, utc=True)

_UNITS: Final = {"Latency": "Milliseconds"}
"""CloudWatch unit by metric; the others are counts."""


def user_hash(sub: str) -> str:
    """A user's pseudonym in logs: the first 16 hex digits of SHA-256 of the ``sub`` in UTF-8."""
    return hashlib.sha256(sub.encode("utf-8", "surrogatepass")).hexdigest()[:16]


_Arguments = ParamSpec("_Arguments")


def _never_raises(write: Callable[_Arguments, None]) -> Callable[_Arguments, None]:
    """Give up what can't be written: by then the request has been served, and must not be answered with an error."""

    def written(*args: _Arguments.args, **kwargs: _Arguments.kwargs) -> None:
        try:
            write(*args, **kwargs)
        except Exception as error:  # noqa: BLE001
            with suppress(Exception):
                sys.stderr.write(f"{write.__qualname__} failed: {type(error).__qualname__}\n")

    return written


class Outcome(NamedTuple):
    """How one request ended.

    Attributes:
        operation: As in the contract, ``create_task`` say.
        status: HTTP status, as answered to the gateway.
        code: The problem's code, None on success.
        milliseconds: Spent in the handler.
        cold_start: Whether it was this process's first request.
    """

    operation: str
    environment: str
    status: int
    code: str | None
    milliseconds: float
    cold_start: bool

    @_never_raises
    def log(self, context: object, **fields: Any) -> None:
        """Write the request's one log line; the id in the Lambda context and ``fields`` are added to it."""
        log = logger.error if self.status >= 500 else logger.info
        log(
            "request served",
            extra={
                "operation": self.operation,
                "environment": self.environment,
                "status": self.status,
                "code": self.code,
                "duration_ms": round(self.milliseconds, 3),
                "cold_start": self.cold_start,
                "function_request_id": getattr(context, "aws_request_id", None),
                **fields,
            },
        )

    @_never_raises
    def emit_metrics(self) -> None:
        """Write the request's metrics.

        ``Requests``, ``Latency`` (ms), ``ClientErrors``, ``ServerErrors`` and ``ColdStarts`` by service, environment
        and operation, always with a value, so that rates have a denominator; for a problem also ``Errors`` by code.
        """
        self._flush(
            {},
            {
                "Requests": 1,
                "Latency": self.milliseconds,
                "ClientErrors": int(400 <= self.status < 500),
                "ServerErrors": int(self.status >= 500),
                "ColdStarts": int(self.cold_start),
            },
        )
        if self.code is not None:
            self._flush({"code": self.code}, {"Errors": 1})

    def _flush(self, more_dimensions: dict[str, str], values: dict[str, float]) -> None:
        # The provider of Powertools' Metrics, given all at once: adding one after the other costs three times the CPU.
        # A new one for each record: Metrics itself shares its state across operations in one process.
        AmazonCloudWatchEMFProvider(
            metric_set={
                name: {"Unit": _UNITS.get(name, "Count"), "Value": [float(value)]} for name, value in values.items()
            },
            dimension_set={"environment": self.environment, "operation": self.operation, **more_dimensions},
        ).flush_metrics()


@_never_raises
def log_unforeseen(error: BaseException, **fields: Any) -> None:
    """Log a fault of ours: type and frames, without the message, which may quote a token or what a user wrote."""
    cause = error.__cause__ or error.__context__
    logger.error(
        "unforeseen error",
        extra={
            "exception": type(error).__qualname__,
            "error_code": _aws_error_code(error),
            "caused_by": type(cause).__qualname__ if cause else None,
            "traceback": "".join(traceback.format_tb(error.__traceback__)),
            **fields,
        },
    )


def _aws_error_code(error: BaseException) -> str | None:
    """``AccessDeniedException`` or the like, where an AWS service answered so (botocore's ClientError)."""
    response = getattr(error, "response", None)
    return response.get("Error", {}).get("Code") if isinstance(response, dict) else None
