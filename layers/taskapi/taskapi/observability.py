"""Logs and metrics, by AWS Lambda Powertools: JSON lines and CloudWatch Embedded Metric Format, both on stdout.

One log line and one metric record a request, with the same fields for every operation; docs/operations.md builds on
the names. What must never be logged (tokens, titles, descriptions, the user's identity) is not passed in here at all.
"""

from __future__ import annotations

import hashlib
import traceback
from dataclasses import dataclass
from typing import Any, Final

from aws_lambda_powertools.logging import Logger
from aws_lambda_powertools.metrics import EphemeralMetrics

# Service, namespace and level come from POWERTOOLS_SERVICE_NAME, POWERTOOLS_METRICS_NAMESPACE and _LOG_LEVEL.
logger: Final = Logger(location=None, use_rfc3339=True, utc=True)


def user_hash(sub: str) -> str:
    """A user's pseudonym in logs: the first 16 hex digits of SHA-256 of the ``sub`` in UTF-8."""
    return hashlib.sha256(sub.encode("utf-8", "surrogatepass")).hexdigest()[:16]


@dataclass(frozen=True, slots=True)
class Outcome:
    """How one request ended.

    Attributes:
        operation: As in the contract, ``create_task`` say.
        environment: Of the deployment.
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

    def log(self, **fields: Any) -> None:
        """Write the request's one log line; ``fields`` are added to it."""
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
                **fields,
            },
        )

    def emit_metrics(self) -> None:
        """Write the request's metrics.

        ``Requests``, ``Latency`` (ms), ``ClientErrors``, ``ServerErrors`` and ``ColdStarts`` by service, environment
        and operation, always with a value, so that rates have a denominator; for a problem also ``Errors`` by code.
        """
        metrics = self._metrics()
        metrics.add_metric(name="Requests", unit="Count", value=1)
        metrics.add_metric(name="Latency", unit="Milliseconds", value=self.milliseconds)
        metrics.add_metric(name="ClientErrors", unit="Count", value=int(400 <= self.status < 500))
        metrics.add_metric(name="ServerErrors", unit="Count", value=int(self.status >= 500))
        metrics.add_metric(name="ColdStarts", unit="Count", value=int(self.cold_start))
        metrics.flush_metrics()
        if self.code is not None:
            errors = self._metrics()
            errors.add_dimension(name="code", value=self.code)
            errors.add_metric(name="Errors", unit="Count", value=1)
            errors.flush_metrics()

    def _metrics(self) -> EphemeralMetrics:
        # Ephemeral: Metrics proper shares its state through the class, across operations in one process.
        metrics = EphemeralMetrics()
        metrics.add_dimension(name="environment", value=self.environment)
        metrics.add_dimension(name="operation", value=self.operation)
        return metrics


def log_unforeseen(error: BaseException, **fields: Any) -> None:
    """Log a fault of ours with its traceback.

    Frames and type, without the exception's message: it may quote what a user wrote or a token.
    """
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
