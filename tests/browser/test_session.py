"""Signing in, and signing in again when the token has expired."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from local.identity.development_tokens import DevelopmentIssuer
from tests.browser.app import App
from tests.browser.conftest import OpenTab, Servers
from tests.browser.tasks import all_tasks, create

pytestmark = pytest.mark.browser


def paste(app: App, token: str) -> None:
    app.page.get_by_label("Access token").locator("visible=true").fill(token)
    app.page.get_by_role("button", name="Sign in").locator("visible=true").click()


def test_a_token_that_is_pasted_signs_in(open_tab: OpenTab, servers: Servers, user: str, token: str) -> None:
    app = open_tab().open(servers.page)
    expect(app.composer).to_be_hidden()
    paste(app, f"  {token[:40]}\n{token[40:]} ")  # as terminals break lines

    app.wait_for_list()
    expect(app.page.locator("#user")).to_have_text(user)
    assert app.focused() == "New task"


def test_a_token_in_the_address_signs_in_and_does_not_stay_there(app: App, servers: Servers) -> None:
    assert app.page.url == servers.page
    app.page.reload()
    app.wait_for_list()


def test_another_token_in_the_address_of_an_open_page_changes_the_user(app: App, servers: Servers) -> None:
    app.page.goto(f"{servers.page}#token={DevelopmentIssuer.load().token('somebody-else')}")

    expect(app.page.locator("#user")).to_have_text("somebody-else")
    app.wait_for_list()


@pytest.mark.parametrize(
    ("token", "message"),
    [
        ("nonsense", "This is not a token: a token has three parts with dots between them."),
        ("a.e30.c", "This token does not say who it is for."),
        ("", "Give a token or a name."),
    ],
)
def test_what_is_no_token_is_refused(open_tab: OpenTab, servers: Servers, token: str, message: str) -> None:
    app = open_tab().open(servers.page)
    paste(app, token)

    expect(app.page.get_by_role("alert").locator("visible=true")).to_have_text(message)


def test_an_expired_token_is_refused(open_tab: OpenTab, servers: Servers, user: str) -> None:
    app = open_tab().open(servers.page)
    paste(app, DevelopmentIssuer.load().token(user, lifetime=-60))

    expect(app.page.get_by_role("alert").locator("visible=true")).to_have_text("This token has expired.")


def test_a_token_that_the_api_does_not_accept_asks_for_another(open_tab: OpenTab, servers: Servers, token: str) -> None:
    app = open_tab().open(servers.page)
    paste(app, token[:-10] + "AAAAAAAAAA")
    expect(app.page.get_by_role("dialog", name="Sign in again")).to_be_visible()
    paste(app, token)

    app.wait_for_list()
    app.tolerate(r"401")


def test_signing_out_forgets_the_token(app: App, servers: Servers) -> None:
    app.add("Pay rent")
    app.page.get_by_role("button", name="Sign out").locator("visible=true").click()
    expect(app.page.get_by_role("heading", name="Sign in")).to_be_visible()
    app.page.reload()

    expect(app.page.get_by_role("heading", name="Sign in")).to_be_visible()
    assert app.page.evaluate("() => sessionStorage.length + localStorage.length") == 0


def test_an_expired_session_is_renewed_without_losing_anything(
    open_tab: OpenTab, servers: Servers, user: str, token: str
) -> None:
    create(servers.api, token, {"title": "Water plants"})
    app = open_tab().open(servers.page, DevelopmentIssuer.load().token(user, lifetime=3))
    app.edit("Water plants", {"Title": "Water all plants"}, save=False)
    app.page.wait_for_timeout(8_500)  # and five seconds of leeway for clocks that differ
    # When it expires: one change on its way, another half written.
    app.submit("Pay rent")
    dialog = app.page.get_by_role("dialog", name="Sign in again")
    expect(dialog).to_contain_text(user)
    expect(app.saving).to_have_text("Saving …")

    paste(app, DevelopmentIssuer.load().token("somebody-else"))
    expect(dialog.get_by_role("alert")).to_contain_text("Sign out first")
    app.page.keyboard.press("Escape")
    expect(dialog).to_be_visible()

    paste(app, token)
    expect(dialog).to_be_hidden()
    app.wait_until_saved()
    expect(app.editor.get_by_label("Title")).to_have_value("Water all plants")
    app.editor.get_by_role("button", name="Save").click()
    expect(app.row("Water all plants")).to_be_visible()
    app.wait_until_saved()
    assert [task["title"] for task in all_tasks(servers.api, token)] == ["Pay rent", "Water all plants"]
    app.tolerate(r"401")
