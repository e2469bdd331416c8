"""The page of docs/frontend.md in a browser, as a page of another origin than the API's."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from local.paths import ROOT
from local.web.static_files import StaticFiles
from tests.conformance.headless_browser import nothing, opened, served
from tests.conformance.running_api import running_api

EXAMPLE = ROOT / "examples" / "typescript"
INDEX = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Tasks</title><link rel="icon" href="data:,">
<script type="importmap">{"imports": {"openapi-fetch": "./openapi-fetch.js"}}</script></head>
<body><div id="app"></div><script type="module" src="entry.js"></script></body></html>
"""
# What the page's entry does, and then what a user does: ticks off the one task, and adds another.
ENTRY = """
import { showPage } from "./src/page.js";
const { url, token } = SETTINGS;
await showPage(document.querySelector("#app"), url, { current: async () => token, renew: async () => token });
document.title = document.querySelector("li").className;
document.querySelector("[type=checkbox]").click();
document.querySelector("[name=title]").value = "Water the <b>plants</b>";
document.querySelector("[name=due]").value = "2026-12-01";
document.querySelector("form").requestSubmit();
"""

pytestmark = [pytest.mark.node, pytest.mark.slow]


def test_the_page_adds_and_completes_tasks(tmp_path: Path) -> None:
    # Given the compiled page, on an origin that the API allows, and a user with a task that is overdue
    site = tmp_path / "site"
    shutil.copytree(EXAMPLE / "build" / "src", site / "src")
    shutil.copyfile(EXAMPLE / "node_modules" / "openapi-fetch" / "dist" / "index.mjs", site / "openapi-fetch.js")
    (site / "index.html").write_text(INDEX, encoding="utf-8")
    files = StaticFiles(folder=site, prefix="/", otherwise=nothing, generated={}, policy="")
    with (
        served(files) as origin,
        running_api(tmp_path / "stderr.log", origins=origin) as api,
        api.client("alice") as alice,
    ):
        alice.post("/users/me/tasks", json={"title": "Pay rent", "due": "2020-01-01"}).raise_for_status()
        settings = json.dumps({"url": api.url, "token": api.token("alice")})
        (site / "entry.js").write_text(ENTRY.replace("SETTINGS", settings), encoding="utf-8")

        # When the user opens it, ticks off the task and adds another
        shown, complaints = opened(f"{origin}/", tmp_path / "profile")

        # Then it shows what is open, texts as texts, and so does the API
        tasks = alice.get("/users/me/tasks", params={"order": "asc"}).json()["items"]
    assert complaints == []
    assert "<title>overdue</title>" in shown
    assert "Water the &lt;b&gt;plants&lt;/b&gt; (" in shown
    assert "Pay rent" not in shown
    assert [(task["title"], task["due"], task["completed"]) for task in tasks] == [
        ("Pay rent", "2020-01-01", True),
        ("Water the <b>plants</b>", "2026-12-01", False),
    ]
