"""What the checks work with."""

from __future__ import annotations

import os
from collections.abc import Iterator

import httpx
import pytest

from tests.smoke.run import Run, run_against
from tests.smoke.target import TARGET, Target


@pytest.fixture(scope="session")
def target(pytestconfig: pytest.Config) -> Target:
    """What ``make smoke`` was given, or under plain pytest what the environment has."""
    if TARGET in pytestconfig.stash:
        return pytestconfig.stash[TARGET]
    if "BASE_URL" not in os.environ:
        pytest.skip("needs BASE_URL and TOKEN of a deployment, as make smoke takes them")
    return Target.from_environment(os.environ)


@pytest.fixture(scope="session")
def run(target: Target) -> Iterator[Run]:
    """The run; what it made is deleted in the end."""
    with run_against(target) as run:
        yield run
        if left := run.clean_up():
            pytest.fail(f"{left} tasks and lists of this run could not be deleted; their titles begin with: Smoke test")


@pytest.fixture(scope="session")
def other(run: Run) -> httpx.Client:
    """A client with the other user's token."""
    return run.other or pytest.skip("needs OTHER_TOKEN")


@pytest.fixture(scope="session")
def origin(target: Target) -> str:
    """An allowed origin."""
    return target.origin or pytest.skip("needs ORIGIN")


@pytest.fixture(autouse=True)
def _gateway(request: pytest.FixtureRequest, target: Target) -> None:
    if target.skip_gateway and request.node.get_closest_marker("gateway"):
        pytest.skip("the gateway's own answer")
