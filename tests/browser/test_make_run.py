"""What ``make run`` serves beside the API: the example page at its own origin, with demo users, and the reference."""

from __future__ import annotations

import httpx
import pytest
from playwright.sync_api import expect

from tests.browser.app import App
from tests.browser.conftest import OpenTab, Servers

pytestmark = pytest.mark.browser


@pytest.fixture
def visitor(open_tab: OpenTab, servers: Servers) -> App:
    return open_tab().open(f"{servers.api}/app/")


def test_a_demo_user_signs_in_with_one_click(visitor: App) -> None:
    visitor.page.get_by_role("button", name="alice").locator("visible=true").click()
    visitor.wait_for_list()
    visitor.add("A task of the demo")

    expect(visitor.page.locator("#user")).to_have_text("alice")
    assert visitor.layout_shift() == 0


def test_any_name_signs_in(visitor: App, user: str) -> None:
    visitor.page.get_by_label("Another name").locator("visible=true").fill(f"{user} Ünsal/☃")
    visitor.page.keyboard.press("Enter")
    visitor.wait_for_list()

    expect(visitor.page.locator("#user")).to_have_text(f"{user} Ünsal/☃")
    visitor.add("A task of that user")


def test_a_name_that_is_none_is_told(visitor: App) -> None:
    visitor.page.get_by_label("Another name").locator("visible=true").fill("a#b")
    visitor.page.keyboard.press("Enter")

    expect(visitor.page.get_by_text("may not contain '#'").locator("visible=true")).to_be_visible()
    visitor.tolerate("422")


def test_a_server_that_is_gone_is_told(visitor: App) -> None:
    visitor.page.route("**/dev/token", lambda route: route.abort())
    visitor.page.get_by_role("button", name="alice").locator("visible=true").click()

    expect(visitor.page.get_by_text("Is it running?").locator("visible=true")).to_be_visible()
    visitor.tolerate("ERR_FAILED")


def test_the_first_line_of_make_run_leads_to_the_page(open_tab: OpenTab, servers: Servers) -> None:
    tab = open_tab().open(f"{servers.api}/")

    expect(tab.page).to_have_url(f"{servers.api}/app/")


def test_an_expired_session_is_renewed_with_one_click(visitor: App, user: str) -> None:
    visitor.page.get_by_label("Another name").locator("visible=true").fill(user)
    visitor.page.keyboard.press("Enter")
    visitor.wait_for_list()
    refusals = iter([True])
    visitor.page.route(
        "**/users/me/tasks/*",
        lambda route: (
            route.continue_(headers={**route.request.headers, "authorization": "Bearer a.b.c"})
            if next(refusals, False)
            else route.continue_()
        ),
    )
    visitor.submit("Pay rent")
    dialog = visitor.page.get_by_role("dialog", name="Sign in again")
    expect(dialog.get_by_label("Another name")).to_have_value(user)
    dialog.get_by_role("button", name="Sign in").click()

    visitor.wait_until_saved()
    expect(visitor.row("Pay rent")).to_be_visible()
    visitor.tolerate("401")


def test_the_path_without_its_slash_leads_there(servers: Servers) -> None:
    response = httpx.get(f"{servers.api}/app", follow_redirects=True)

    assert (response.status_code, response.url.path) == (200, "/app/")
    assert response.headers["Content-Security-Policy"].startswith("default-src 'none'; script-src 'self'")


def test_the_reference_shows_under_its_policy(open_tab: OpenTab, servers: Servers) -> None:
    """Made or not: what make reference makes, or the page that says so."""
    tab = open_tab()
    tab.page.goto(f"{servers.api}/docs/")

    expect(tab.page.get_by_role("heading", level=1, name="Task API")).to_be_visible()
