"""Schemathesis makes up requests from docs/openapi.yaml, sends them to the running API and judges the answers.

A run tells its seed in the end; ``SCHEMATHESIS_SEED`` repeats it.
"""

from __future__ import annotations

import copy
import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

from local.paths import LAYERS, ROOT
from tests.conformance.document import Document, closed, load
from tests.conformance.running_api import RunningApi, running_api

CONFIGURATION = Path(__file__).parent / "schemathesis.toml"
# The document's examples, which are thus there to be read and changed.
EXAMPLES_THERE = ("tasks/019aa0b6-3d6b-7c40-9d53-4a1f0c8e2b17", "lists/019aa0b5-8f10-7b2e-9c41-2d7e5a604f38")
REQUESTS = 10_000
# They run at the same time, where there are two processors.
HALVES = 2
# Each round has an API of its own: the embedded store copies all that it holds at every create with a key, and so
# grows slow with thousands of tasks. How many requests a round makes is up to its seed.
MOST_ROUNDS = 12
EXAMPLES = 130
SECONDS = 1_200

pytestmark = pytest.mark.slow


@dataclass(frozen=True)
class Bounds:
    """How much of it.

    Attributes:
        phases: Schemathesis'.
        examples: The most for each operation and phase.
    """

    phases: str
    examples: int


@pytest.mark.parametrize("half", range(HALVES))
def test_no_generated_request_finds_a_fault(
    tmp_path: Path, half: int, testrun_uid: str, record_property: Callable[[str, object], None]
) -> None:
    # Given a seed for each round, counted on from one that both halves have: by chance, or of a run to be repeated
    given = int(os.environ.get("SCHEMATHESIS_SEED") or int(testrun_uid, 16) % (1 << 31))
    record_property("summary", f"SCHEMATHESIS_SEED={given}")
    first = given + half * MOST_ROUNDS
    sent = walks = 0

    for seed in range(first, first + MOST_ROUNDS):
        # When Schemathesis runs all its checks; the phases without chance once are enough
        phases = "examples,coverage,fuzzing,stateful" if half == 0 and seed == first else "fuzzing,stateful"
        with running_api(tmp_path / f"{seed}.log") as api:
            run = schemathesis(api, tmp_path, Bounds(phases, EXAMPLES), str(seed))

        # Then it finds nothing
        assert run.returncode == 0, run.stdout + run.stderr
        requests = figure(r"(\d+) generated, \1 passed", run.stdout)
        let_pass = figure(r"Filtered: (\d+)", run.stdout + "Filtered: 0")
        record_property(
            "summary", f"seed {seed}: {requests} requests, no fault; {let_pass} findings let pass by the hooks"
        )
        sent, walks = sent + requests, walks + figure(r"Scenarios: +(\d+)", run.stdout)
        if sent >= REQUESTS / HALVES:
            break

    # And in the end it has sent as many requests as it should
    record_property("summary", f"{sent} requests, {walks} walks along links")
    assert sent >= REQUESTS / HALVES
    assert walks > 10


def figure(pattern: str, output: str) -> int:
    """A number of Schemathesis' summary."""
    found = re.search(pattern, output)
    assert found is not None, output
    return int(found[1])


def allow_longer_titles(content: Any) -> None:
    """The API refuses what the document allows."""
    content["components"]["schemas"]["TaskCreation"]["properties"]["title"]["maxLength"] += 1


def require_a_priority(content: Any) -> None:
    """The API accepts what the document does not allow."""
    content["components"]["schemas"]["TaskCreation"]["required"].append("priority")


def promise_a_location(content: Any) -> None:
    """The API leaves out a header that the document promises."""
    content["components"]["responses"]["Task"]["headers"]["Location"] = {"$ref": "#/components/headers/Location"}


def forget_a_member(content: Any) -> None:
    """The API answers with a member that the document does not have."""
    task = content["components"]["schemas"]["Task"]
    del task["properties"]["version"]
    task["required"].remove("version")


@pytest.mark.parametrize("change", [allow_longer_titles, require_a_priority, promise_a_location, forget_a_member])
def test_a_document_that_says_something_else_is_found_out(
    api: RunningApi, tmp_path: Path, document: Document, change: Callable[[Any], None]
) -> None:
    # Given a document that differs from the API in one thing
    content = copy.deepcopy(dict(document.content))
    change(content)
    # When Schemathesis runs, then it finds that
    run = schemathesis(api, tmp_path, Bounds("examples,coverage", 10), "1", content)
    assert run.returncode == 1, run.stdout + run.stderr
    assert "unique failure" in run.stdout


def schemathesis(
    api: RunningApi, folder: Path, bounds: Bounds, seed: str, content: Any = None
) -> subprocess.CompletedProcess[str]:
    """Run Schemathesis, for two users, one of whom has the task and the list of the document's examples.

    Args:
        api: Where requests go.
        folder: Where the run's files go.
        bounds: How much of it.
        seed: The run's.
        content: Another document than the repository's. Either is closed, so that undocumented members are noticed.
    """
    document = folder / "openapi.yaml"
    document.write_text(yaml.safe_dump(closed(content or load().content), sort_keys=False), encoding="utf-8")
    users = folder / "users.json"
    users.write_text(json.dumps({"auth": [_user(api, name) for name in ("alice", "bob")]}), encoding="utf-8")
    with api.client("alice") as alice:
        for each in EXAMPLES_THERE:
            alice.put(f"/users/me/{each}", json={"title": "Pay rent"}).raise_for_status()
    paths = os.pathsep.join([str(ROOT), *map(str, LAYERS)])
    return subprocess.run(
        [
            *(sys.executable, "-m", "schemathesis.cli", "--config-file", str(CONFIGURATION)),
            *("run", str(document), "--url", api.url, "--checks", "all", "--phases", bounds.phases),
            *("--max-examples", str(bounds.examples), "--seed", seed, "--generation-database", "none", "--no-color"),
        ],
        cwd=ROOT,
        env=os.environ | {"TASK_API_USERS": str(users), "OPENAPI_DOCUMENT": str(document), "PYTHONPATH": paths},
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )


def _user(api: RunningApi, name: str) -> dict[str, object]:
    """An entry of a Web Fuzzing Commons authentication file."""
    return {"name": name, "fixedHeaders": [{"name": "Authorization", "value": f"Bearer {api.token(name, 4 * 3600)}"}]}
