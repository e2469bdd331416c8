"""One contestant's life, from its start to a warm process."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Final

from tests.benchmarks.lambda_runtime import packages
from tests.benchmarks.lambda_runtime.contestants import Contestant
from tests.benchmarks.lambda_runtime.packages import Python
from tests.benchmarks.lambda_runtime.runtime_api import function_process

WARM_UP: Final = 15
"""Requests after the first that are not counted: they fill caches and let the interpreter specialise its code."""
COUNTED: Final = 60


@dataclass(frozen=True, slots=True)
class Measurement:
    """What was measured; of several runs, the least of each.

    Attributes:
        init_cpu: CPU time from the process's beginning until it asked for its first event, in ms.
        init_wall: Elapsed time for the same.
        first_cpu: CPU time of the first request, the TLS handshake included.
        first_wall: Elapsed time until its response.
        warm_cpu: CPU time of a later request, on average.
        warm_wall: Elapsed time until its response, on average.
        init_resident: Memory after initialisation, in MB of 10^6 bytes.
        warm_resident: Memory after the last request.
    """

    init_cpu: float
    init_wall: float
    first_cpu: float
    first_wall: float
    warm_cpu: float
    warm_wall: float
    init_resident: float
    warm_resident: float

    @classmethod
    def least(cls, runs: Sequence[Measurement]) -> Measurement:
        """The minimum of each figure: what other processes of the machine do can only add to it."""
        return cls(*(min(getattr(run, each.name) for run in runs) for each in fields(cls)))


def environment_of(contestant: Contestant, endpoint: str, trust: Path) -> dict[str, str]:
    """The whole environment of a process, as Lambda sets it ("Defined runtime environment variables").

    Args:
        contestant: Whose.
        endpoint: The stand-in's URL.
        trust: The contestant's roots and the stand-in's.
    """
    search_path = [*contestant.packages, packages.FOLDER / "runtime"]
    return {
        "PATH": "/usr/local/bin:/usr/bin:/bin",
        "LANG": "en_US.UTF-8",
        "TZ": ":UTC",
        "AWS_REGION": "us-east-1",
        "AWS_DEFAULT_REGION": "us-east-1",
        # Of the length that a role's have: they are signed and sent with every request.
        "AWS_ACCESS_KEY_ID": "ASIA" + "E" * 16,
        "AWS_SECRET_ACCESS_KEY": "e" * 40,
        "AWS_SESSION_TOKEN": "e" * 900,
        "AWS_EXECUTION_ENV": "AWS_Lambda_python3.13",
        "AWS_LAMBDA_FUNCTION_NAME": contestant.name.replace(" ", "-"),
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "512",
        "AWS_LAMBDA_FUNCTION_VERSION": "1",
        "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand",
        "AWS_LAMBDA_LOG_GROUP_NAME": "/aws/lambda/bench",
        "AWS_LAMBDA_LOG_STREAM_NAME": "bench",
        "LAMBDA_TASK_ROOT": str(contestant.code),
        "PYTHONPATH": ":".join(map(str, search_path)),
        # Layers are mounted read-only: what is not compiled stays so.
        "PYTHONDONTWRITEBYTECODE": "1",
        "AWS_ENDPOINT_URL_DYNAMODB": endpoint,
        "AWS_CA_BUNDLE": str(trust),
        **contestant.environment,
    }


def measure(contestant: Contestant, python: Python, environment: Mapping[str, str]) -> Measurement:
    """Start a contestant, and have its event served again and again.

    Raises:
        FunctionFailed: it does not start or does not answer.
        ValueError: it answers otherwise than it must.
    """
    command = [python.executable, "-m", "awslambdaric", contestant.handler]
    with (
        tempfile.TemporaryFile() as log,
        function_process(command, contestant.code, environment, log) as process,
    ):
        first = process.serve(contestant.event)
        contestant.check(first.response)
        for _ in range(WARM_UP):
            process.serve(contestant.event)
        warm = [process.serve(contestant.event) for _ in range(COUNTED)]
        contestant.check(warm[-1].response)
        return Measurement(
            init_cpu=process.started.cpu_ms,
            init_wall=process.started.wall_ms,
            first_cpu=first.cpu_ms,
            first_wall=first.wall_ms,
            warm_cpu=sum(each.cpu_ms for each in warm) / COUNTED,
            warm_wall=sum(each.wall_ms for each in warm) / COUNTED,
            init_resident=process.started.resident_mb,
            warm_resident=process.resident_mb(),
        )
