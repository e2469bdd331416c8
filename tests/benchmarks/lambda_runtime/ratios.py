"""How our functions stand beside their peers, each ratio with the limit that it is held to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from local.template.operations import OPERATIONS
from tests.benchmarks.lambda_runtime.measurement import Measurement
from tests.support.function_modules import LEAN

Results = Mapping[str, Measurement]
"""Contestant's name to its least figures."""


@dataclass(frozen=True, slots=True)
class Ratio:
    """One figure of ours over a peer's.

    Attributes:
        name: In ``build/bench.json``.
        value: None where the peer could not be measured.
        limit: The most that it may be.
        meaning: For a reader.
    """

    name: str
    value: float | None
    limit: float
    meaning: str

    @property
    def is_over(self) -> bool:
        """Whether it was measured and is above its limit."""
        return self.value is not None and self.value > self.limit


def ratios(results: Results) -> list[Ratio]:
    """All of them, the worst of our functions where several could be meant."""
    fastapi = results["fastapi_mangum create"]
    fastapi_list = results["fastapi_mangum list"]
    resolver = results["powertools_resolver create"]
    uncompiled = results["fastapi_mangum-uncompiled create"]
    sql = results.get("fastapi_sqlmodel list")
    worst = max(results[name].init_cpu for name in OPERATIONS)
    # The same application whichever event comes first, so its initialisation was measured twice as often.
    fastapi_init = min(fastapi.init_cpu, fastapi_list.init_cpu)
    resolver_init = min(resolver.init_cpu, results["powertools_resolver list"].init_cpu)
    first = max(
        results[name].first_cpu / (fastapi_list if name == "list_tasks" else fastapi).first_cpu for name in OPERATIONS
    )
    list50 = results["list_tasks"].warm_cpu
    return [
        Ratio("init_vs_fastapi", worst / fastapi_init, 0.50, "initialisation, worst of all, to FastAPI + Mangum"),
        Ratio(
            "init_lean_vs_fastapi",
            max(results[name].init_cpu for name in LEAN) / fastapi_init,
            0.40,
            "initialisation, worst of list, get, delete and toggle, to FastAPI + Mangum",
        ),
        Ratio("init_vs_resolver", worst / resolver_init, 0.70, "initialisation, worst of all, to the resolver"),
        Ratio(
            "init_vs_fastapi_uncompiled",
            worst / uncompiled.init_cpu,
            0.22,
            "initialisation, worst of all, to FastAPI + Mangum as sam build ships it",
        ),
        Ratio(
            "authorizer_vs_fastapi",
            results["authorizer"].init_cpu / fastapi_init,
            0.25,
            "the authorizer's initialisation to FastAPI + Mangum",
        ),
        Ratio("first_vs_fastapi", first, 0.25, "first request over TLS, worst of all, to FastAPI + Mangum"),
        Ratio(
            "create_vs_fastapi", results["create_task"].warm_cpu / fastapi.warm_cpu, 0.75, "warm create to FastAPI's"
        ),
        Ratio("list50_vs_fastapi", list50 / fastapi_list.warm_cpu, 0.55, "warm list of 50 to FastAPI's"),
        Ratio(
            "list50_vs_sql",
            None if sql is None else list50 / sql.warm_cpu,
            1.0,
            "warm list of 50 to FastAPI + SQLModel + PostgreSQL",
        ),
        Ratio(
            "rss_vs_fastapi",
            max(results[name].init_resident for name in OPERATIONS)
            / min(fastapi.init_resident, fastapi_list.init_resident),
            0.75,
            "memory after initialisation, worst of all, to FastAPI + Mangum",
        ),
    ]
