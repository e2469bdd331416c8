"""No network, a busy API, an API that does not allow the page's origin."""

from __future__ import annotations

import time
from itertools import pairwise

import pytest
from playwright.sync_api import Dialog, Route, expect

from tests.browser.app import App, problem
from tests.browser.conftest import OpenTab, Servers
from tests.browser.tasks import all_tasks, create

pytestmark = pytest.mark.browser


def test_changes_made_offline_are_sent_later_and_in_order(app: App, servers: Servers, token: str) -> None:
    app.add("Pay rent")
    app.page.context.set_offline(True)
    app.submit("Water plants")
    app.edit("Water plants", {"Title": "Water all plants", "Priority": "High"})
    app.complete("Pay rent")
    expect(app.bar).to_contain_text("You are offline. Your changes wait in this tab, so keep it open")
    expect(app.saving).to_have_text("Offline · 3 changes not sent")
    assert [task["title"] for task in all_tasks(servers.api, token)] == ["Pay rent"]

    app.page.context.set_offline(False)
    app.wait_until_saved()
    expect(app.bar).to_be_empty()
    stored = [(task["title"], task["priority"], task["completed"]) for task in all_tasks(servers.api, token)]
    assert stored == [("Pay rent", "none", True), ("Water all plants", "high", False)]


def test_what_is_added_and_deleted_offline_is_never_sent(app: App, servers: Servers, token: str) -> None:
    app.page.context.set_offline(True)
    app.submit("Pay rent")
    app.delete("Pay rent")
    expect(app.saving).to_have_text("Offline")
    sent: list[str] = []
    app.page.on("request", lambda request: sent.append(request.method))
    app.page.context.set_offline(False)
    app.wait_until_saved()

    assert (sent, all_tasks(servers.api, token)) == ([], [])


def test_a_tab_with_unsent_changes_asks_before_it_closes(app: App) -> None:
    app.page.context.set_offline(True)
    app.submit("Pay rent")
    expect(app.saving).to_contain_text("1 change not sent")
    asked: list[str] = []

    def stay(dialog: Dialog) -> None:
        asked.append(dialog.type)
        dialog.dismiss()

    app.page.on("dialog", stay)
    app.page.close(run_before_unload=True)
    for _ in range(50):
        if asked:
            break
        time.sleep(0.1)
        app.page.evaluate("() => 0")

    assert asked == ["beforeunload"]


@pytest.mark.parametrize(("status", "code"), [(429, "too_many_requests"), (503, "store_unavailable")])
def test_a_change_is_repeated_no_sooner_than_the_api_asks(
    app: App, servers: Servers, token: str, status: int, code: str
) -> None:
    arrived: list[float] = []

    def refuse_twice(route: Route) -> None:
        arrived.append(time.monotonic())
        if len(arrived) <= 2:
            return route.fulfill(**problem(status, code, {"Retry-After": "2"}, servers.origin))
        return route.continue_()

    app.page.route("**/users/me/tasks/*", refuse_twice)
    app.submit("Pay rent")
    expect(app.bar).to_contain_text("The API is busy.")
    expect(app.saving).to_have_text("API busy · 1 change not sent")
    app.wait_until_saved()

    waits = [later - earlier for earlier, later in pairwise(arrived)]
    assert len(waits) == 2
    assert all(2 <= wait < 4 for wait in waits)
    assert [task["title"] for task in all_tasks(servers.api, token)] == ["Pay rent"]
    app.tolerate(str(status))


def test_a_list_that_the_api_was_too_busy_for_comes_later(open_tab: OpenTab, servers: Servers, token: str) -> None:
    create(servers.api, token, {"title": "Pay rent"})
    app = open_tab()
    refusals = iter([problem(503, "store_unavailable", {"Retry-After": "1"}, servers.origin, detail="Not now.")])

    def refuse_once(route: Route) -> None:
        refusal = next(refusals, None)
        return route.fulfill(**refusal) if refusal else route.continue_()

    app.page.route("**/users/me/tasks?*", refuse_once)
    app.page.goto(f"{servers.page}#token={token}")
    expect(app.page.get_by_role("heading", name="The list could not be loaded")).to_be_visible()
    expect(app.page.locator("#empty-text")).to_have_text("Not now.")

    expect(app.row("Pay rent")).to_be_visible()
    expect(app.bar).to_be_empty()
    app.tolerate("503")


def test_what_the_api_fails_at_is_tried_three_times_and_then_said(app: App, servers: Servers) -> None:
    arrived: list[str] = []

    def fail(route: Route) -> None:
        arrived.append(route.request.method)
        route.fulfill(**problem(500, "internal_error", {}, servers.origin, detail="Something went wrong on our side."))

    app.page.route("**/users/me/tasks/*", fail)
    app.submit("Pay rent")

    expect(app.page.locator("#composer .field-error").first).to_have_text("Something went wrong on our side.")
    expect(app.composer).to_have_value("Pay rent")  # nothing that was written is lost
    expect(app.rows).to_have_count(0)
    assert arrived == ["PUT"] * 3
    app.tolerate("500")


def test_an_origin_that_the_api_does_not_allow_is_named(open_tab: OpenTab, servers: Servers, token: str) -> None:
    app = open_tab()
    app.page.goto(f"{servers.refused_page}#token={token}")

    expect(app.bar).to_contain_text(f"No answer from {servers.api}.")
    expect(app.bar).to_contain_text(f"it may not allow pages of {servers.refused_page.rstrip('/')}.")
    expect(app.page.get_by_role("heading", name="The list could not be loaded")).to_be_visible()
    assert any("CORS policy" in error for error in app.errors)
    app.tolerate(r"CORS policy|ERR_FAILED")


def test_an_allowed_origin_reads_what_it_needs_of_every_answer(app: App, servers: Servers, token: str) -> None:
    """The headers that the API exposes, read as scripts of another origin can."""
    script = """async ([api, token]) => {
        const headers = { Authorization: `Bearer ${token}`, "Content-Type": "application/json" };
        const url = `${api}/users/me/tasks`;
        const body = JSON.stringify({ title: "Pay rent" });
        const keyed = { ...headers, "Idempotency-Key": "once" };
        const first = await fetch(url, { method: "POST", headers: keyed, body });
        const again = await fetch(url, { method: "POST", headers: keyed, body });
        const { id, etag } = await first.json();
        const known = { ...headers, "If-None-Match": `"${etag}"` };
        const notModified = await fetch(`${url}/${id}`, { headers: known, cache: "no-store" });
        const refused = await fetch(url);
        return [first.headers.get("ETag") === `"${etag}"`, first.headers.get("Location").endsWith(id),
          again.headers.get("Idempotency-Replayed"), notModified.status, refused.status, (await refused.json()).code];
    }"""
    found = app.page.evaluate(script, [servers.api, token])

    assert found == [True, True, "true", 304, 401, "unauthorized"]
    app.tolerate("401")
