"""The main states of the page in both themes, judged by axe-core.

With BROWSER_SCREENSHOTS=folder, those of PICTURES are saved there: docs/images is made so.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal

import pytest
from playwright.sync_api import expect

from local.identity.development_tokens import DevelopmentIssuer
from tests.browser.app import App
from tests.browser.conftest import OpenTab, Servers
from tests.browser.prerequisites import AXE
from tests.browser.tasks import all_tasks, create, delete, example_tasks, update

pytestmark = pytest.mark.browser

# best-practice besides WCAG: landmarks and headings are what screen readers are steered by.
_RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


@pytest.fixture
def user(servers: Servers) -> str:
    """Alice, whose name is on the pictures, without what the test before has left."""
    token = DevelopmentIssuer.load().token("alice")
    for task in all_tasks(servers.api, token):
        delete(servers.api, token, task["id"])
    return "alice"


State = Callable[[App, Servers, str], None]


def sign_in(app: App, servers: Servers, _token: str) -> None:
    app.open(f"{servers.api}/app/")
    expect(app.page.get_by_role("button", name="alice")).to_be_visible()


def sign_in_by_token(app: App, servers: Servers, _token: str) -> None:
    app.open(servers.page)
    expect(app.page.get_by_role("textbox", name="Access token")).to_be_visible()


def empty(app: App, servers: Servers, token: str) -> None:
    app.open(servers.page, token)
    expect(app.page.get_by_role("heading", name="Nothing to do")).to_be_visible()


def tasks(app: App, servers: Servers, token: str) -> None:
    for content in example_tasks():
        create(servers.api, token, content)
    app.open(servers.page, token)
    expect(app.rows).to_have_count(len(example_tasks()))


def completed(app: App, servers: Servers, token: str) -> None:
    tasks(app, servers, token)
    app.complete("Call the dentist")
    app.complete("Pay rent")
    app.wait_until_saved()
    app.view("All")
    expect(app.row("Pay rent").get_by_role("checkbox")).to_be_checked()


def composer(app: App, servers: Servers, token: str) -> None:
    tasks(app, servers, token)
    app.page.get_by_role("button", name="Notes, due date, priority, tags").click()
    app.page.get_by_role("button", name="Add").click()
    expect(app.page.get_by_text("A task needs a title.")).to_be_visible()


def editor(app: App, servers: Servers, token: str) -> None:
    tasks(app, servers, token)
    app.edit("Pay rent", {"Notes": "To the new account."}, save=False)


def undo(app: App, servers: Servers, token: str) -> None:
    tasks(app, servers, token)
    app.delete("Service the bicycle")
    app.wait_until_saved()
    expect(app.toast).to_contain_text("Deleted")


def conflict(app: App, servers: Servers, token: str) -> None:
    tasks(app, servers, token)
    app.edit("Pay rent", {"Title": "Pay the rent", "Priority": "Medium"}, save=False)
    task = next(task for task in all_tasks(servers.api, token) if task["title"] == "Pay rent")
    update(servers.api, token, task["id"], {"title": "Pay rent by transfer", "tags": ["home"]})
    app.editor.get_by_role("button", name="Save").click()
    expect(app.dialog).to_be_visible()
    app.tolerate(r"412")


def offline(app: App, servers: Servers, token: str) -> None:
    tasks(app, servers, token)
    app.page.context.set_offline(True)
    app.submit("Buy oranges")
    expect(app.bar).to_contain_text("You are offline.")
    expect(app.row("Buy oranges")).to_contain_text("Not sent yet")
    app.page.wait_for_timeout(800)  # the note appears when it takes a while
    app.tolerate(r"ERR_INTERNET_DISCONNECTED")


def signed_out(app: App, servers: Servers, token: str) -> None:
    tasks(app, servers, token)
    app.page.route("**/users/me/tasks?*", lambda route: route.continue_(headers={"Authorization": "Bearer a.b.c"}))
    app.page.get_by_role("button", name="Reload the list").click()
    expect(app.dialog).to_be_visible()
    app.tolerate(r"401")


def help_dialog(app: App, servers: Servers, token: str) -> None:
    tasks(app, servers, token)
    app.page.get_by_role("button", name="Help and keyboard shortcuts").click()
    expect(app.dialog).to_be_visible()


STATES: dict[str, State] = {
    "sign-in": sign_in,
    "sign-in-by-token": sign_in_by_token,
    "empty": empty,
    "tasks": tasks,
    "completed": completed,
    "composer": composer,
    "editor": editor,
    "undo": undo,
    "conflict": conflict,
    "offline": offline,
    "signed-out": signed_out,
    "help": help_dialog,
}

PICTURES = {
    *("sign-in-light", "tasks-light", "tasks-dark", "editor-light", "undo-light", "conflict-light", "offline-dark"),
    "small-screen",
}
MOST_PICTURE_BYTES = 150_000


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("name", STATES)
def test_no_violation(
    open_tab: OpenTab, servers: Servers, token: str, name: str, theme: Literal["light", "dark"]
) -> None:
    app = open_tab(color_scheme=theme, viewport={"width": 900, "height": 860}, device_scale_factor=1.5)
    STATES[name](app, servers, token)
    _picture(app, f"{name}-{theme}")

    assert violations(app) == []


def test_no_violation_on_a_small_screen(open_tab: OpenTab, servers: Servers, token: str) -> None:
    app = open_tab(viewport={"width": 360, "height": 740}, device_scale_factor=2)
    tasks(app, servers, token)
    _picture(app, "small-screen")

    assert violations(app) == []
    width = app.page.evaluate("() => document.documentElement.scrollWidth")
    assert width <= 360  # nothing to scroll sideways (WCAG 2.2, success criterion 1.4.10)


def test_the_check_finds_what_is_wrong(app: App) -> None:
    app.page.evaluate("() => document.getElementById('search').removeAttribute('aria-label')")
    app.page.evaluate("() => document.getElementById('search').removeAttribute('placeholder')")

    assert [violation["rule"] for violation in violations(app)] == ["label"]


def violations(app: App) -> list[dict[str, Any]]:
    """What axe-core finds: the rule, what it is about, and the elements."""
    app.page.evaluate(AXE.read_text())
    found: list[dict[str, Any]] = app.page.evaluate(
        "async (rules) => (await axe.run({ runOnly: rules })).violations.map(({ id, help, nodes }) =>"
        " ({ rule: id, help, elements: nodes.map(({ html, failureSummary }) => [html, failureSummary]) }))",
        _RULES,
    )
    return found


def _picture(app: App, name: str) -> None:
    folder = os.environ.get("BROWSER_SCREENSHOTS")
    if folder and name in PICTURES:
        app.page.evaluate("() => document.activeElement.matches('input') && document.activeElement.blur()")
        path = Path(folder) / f"{name}.png"
        app.page.screenshot(path=path, animations="disabled")
        assert path.stat().st_size < MOST_PICTURE_BYTES
