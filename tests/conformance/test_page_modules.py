"""Modules of the example page that need no page: run by Node.js, in time zones whose clocks do odd things."""

from __future__ import annotations

import json
from typing import Any

import pytest

from local.paths import ROOT
from tests.conformance.document import load
from tests.conformance.node import run_node

pytestmark = pytest.mark.node

ZONES = {
    "America/Santiago": (2025, 2028),  # clocks skip midnight
    "Africa/Cairo": (2024, 2028),
    "Asia/Beirut": (2024, 2028),
    "America/Havana": (2024, 2028),
    "America/Sao_Paulo": (2017, 2019),
    "America/St_Johns": (2009, 2012),  # clocks went back at 00:01, so two midnights
    "Pacific/Apia": (2011, 2012),  # 30 December 2011 never came
    "Europe/Berlin": (2026, 2028),
    "Asia/Kathmandu": (2026, 2028),
}
DAYS = """
const { dayOf, dueBounds, localInstant, timeZone } = await import(process.argv[1]);
const [from, to] = process.argv.slice(2).map(Number);
const wrong = [];
let days = 0;
for (const noon = new Date(from, 0, 1, 12); noon.getFullYear() < to; noon.setDate(noon.getDate() + 1)) {
  const day = dayOf(noon);
  const bound = dueBounds("today", noon).due_from;
  const first = new Date(bound);
  const before = [1, 15, 30, 59, 60, 61, 90, 120].map((minutes) => dayOf(new Date(first - minutes * 60_000)));
  if (dayOf(first) !== day || before.includes(day) || bound.slice(0, 10) !== day) wrong.push(bound);
  if (+localInstant(day) !== +first) wrong.push(day);
  days += 1;
}
console.log(JSON.stringify({ zone: timeZone(), days, wrong }));
"""
WAITS = """
const { TaskApi } = await import(process.argv[1]);
const waits = [];
for (const header of JSON.parse(process.argv[2])) {
  globalThis.fetch = async () => new Response("{}", { status: 503, headers: { "Retry-After": header } });
  const session = { token: async () => "t", refuse() {} };
  const api = new TaskApi("http://127.0.0.1", session);
  await api.list(new URLSearchParams()).catch((problem) => waits.push(problem.retryAfter ?? null));
}
console.log(JSON.stringify(waits));
"""
WRITTEN = """
const { contentOf } = await import(process.argv[1]);
console.log(JSON.stringify(contentOf(JSON.parse(process.argv[2]))));
"""
FOUND = """
const { matches } = await import(process.argv[1]);
const query = { view: "all", sort: "created_at", due: "", priority: "", tag: "", q: "roses" };
console.log(JSON.stringify(JSON.parse(process.argv[2]).map((task) => matches(query, task, new Date()))));
"""


def run(script: str, module: str, *arguments: str, zone: str = "UTC") -> Any:
    """What a script prints, which is handed a module of the page; in a browser's globals that Node.js may lack."""
    browser = "Object.defineProperty(globalThis, 'navigator', { value: { languages: ['en-GB'], onLine: true } });"
    return run_node(browser + script, str(ROOT / "examples/web/js" / module), *arguments, TZ=zone)


@pytest.mark.parametrize("zone", ZONES)
def test_a_day_begins_at_its_first_moment(zone: str) -> None:
    years = ZONES[zone]
    found = run(DAYS, "days.js", *map(str, years), zone=zone)
    assert found["zone"] in (zone, "Asia/Katmandu")
    assert found["days"] >= 364 * (years[1] - years[0])
    assert found["wrong"] == []


def test_what_retry_after_asks_for() -> None:
    past, never = "Sun, 06 Nov 1994 08:49:37 GMT", "Fri, 31 Dec 9999 23:59:59 GMT"
    headers = ["2", "0", past, "-5", "1.5", "soon", "soon 2099", "", never, "9" * 400]
    hour = 3600
    assert run(WAITS, "api.js", json.dumps(headers)) == [2, 0, 0, None, None, None, None, None, hour, hour]


def test_a_task_that_is_put_back_has_all_that_was_written_of_it() -> None:
    # Given a task with something in every member
    task = {name: f"of {name}" for name in load().content["components"]["schemas"]["Task"]["properties"]}

    # When its content is taken for a PUT, then it has every member that a PUT takes, since others would get defaults
    written = load().content["components"]["schemas"]["TaskReplacement"]["properties"]
    assert run(WRITTEN, "api.js", json.dumps(task)) == {name: f"of {name}" for name in written}


def test_a_search_finds_what_the_api_finds() -> None:
    bare: dict[str, Any] = {
        "title": "Garden",
        "description": None,
        "tags": [],
        "completed": False,
        "due": None,
        "priority": "none",
    }
    entry = {"id": "a", "title": "The Roses", "completed": False}
    tasks = [bare, {**bare, "checklist": []}, {**bare, "checklist": [entry]}, {**bare, "tags": ["roses"]}]

    assert run(FOUND, "query.js", json.dumps(tasks)) == [False, False, True, True]
