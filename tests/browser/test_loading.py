"""How the page loads, and what its content security policy lets happen."""

from __future__ import annotations

import httpx
import pytest
from playwright.sync_api import Route, expect

from tests.browser.app import App
from tests.browser.conftest import OpenTab, Servers
from tests.browser.servers import PAGES
from tests.browser.tasks import create, example_tasks

pytestmark = pytest.mark.browser


def test_nothing_moves_while_it_loads(open_tab: OpenTab, servers: Servers, token: str) -> None:
    for content in example_tasks():
        create(servers.api, token, content)
    for width in (360, 900, 1600):
        app = open_tab(viewport={"width": width, "height": 900}).open(servers.page, token)
        app.page.reload()
        app.wait_for_list()
        expect(app.rows).to_have_count(len(example_tasks()))
        app.page.wait_for_timeout(300)

        assert app.layout_shift() == 0


def test_the_measure_of_layout_shift_works(app: App) -> None:
    app.page.evaluate("() => document.getElementById('main').prepend(Object.assign(new Image(), { height: 300 }))")
    app.page.wait_for_timeout(300)

    assert app.layout_shift() > 0


def test_the_page_is_painted_before_the_api_answers(open_tab: OpenTab, servers: Servers, token: str) -> None:
    # Given an API that takes its time
    app = open_tab()
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    app.page.route("**/users/me/tasks?*", hold)

    # When the page is opened, then it shows itself while the list is still asked for
    with app.page.expect_request("**/users/me/tasks?*"):
        app.page.goto(f"{servers.page}#token={token}")
    app.page.wait_for_function("() => performance.getEntriesByName('first-contentful-paint').length > 0")
    expect(app.composer).to_be_visible()
    expect(app.task_list).to_have_attribute("aria-busy", "true")

    # And the list when it comes
    assert held
    for route in held:
        route.continue_()
    app.wait_for_list()


def test_inline_scripts_and_styles_do_nothing(app: App) -> None:
    found = app.page.evaluate(
        """async () => {
            const violations = [];
            document.addEventListener("securitypolicyviolation", (event) => violations.push(event.effectiveDirective));
            const style = document.createElement("style");
            style.textContent = "body { display: none }";
            document.head.append(style);
            document.body.setAttribute("style", "display: none");
            let refused = "";
            try {
                document.body.insertAdjacentHTML("beforeend", "<img src=x onerror=alert(1)>");
            } catch (error) {
                refused = error.name;
            }
            await fetch("https://example.com/").catch(() => {});
            await new Promise((resolve) => setTimeout(resolve, 200));
            return [[...new Set(violations)].sort(), refused, getComputedStyle(document.body).display];
        }"""
    )

    directives = ["connect-src", "require-trusted-types-for", "style-src-attr", "style-src-elem"]
    assert found == [directives, "TypeError", "block"]
    app.tolerate(r"Content Security Policy|TrustedHTML|Failed to fetch")


def test_the_policy_is_that_of_the_page_itself(servers: Servers) -> None:
    """Where a host sends no header, the page's own has to do; it must not be laxer than what is tested here."""
    header = httpx.get(servers.page).headers["Content-Security-Policy"]
    page = (PAGES / "index.html").read_text()
    meta = page.split('http-equiv="Content-Security-Policy" content="')[1].split('"')[0]
    # frame-ancestors means nothing in a page; connect-src differs by design.
    of_header = {
        directive for directive in header.split("; ") if not directive.startswith(("frame-ancestors", "connect-src"))
    }

    assert {directive for directive in meta.split("; ") if not directive.startswith("connect-src")} == of_header


def test_all_modules_are_loaded_at_once(servers: Servers) -> None:
    page = (PAGES / "index.html").read_text()
    modules = {str(path.relative_to(PAGES)) for path in PAGES.rglob("*.js")} - {"js/theme.js", "js/main.js"}

    assert {part.split('"')[0] for part in page.split('rel="modulepreload" href="')[1:]} == modules


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_theme_follows_the_system_until_the_user_chooses(open_tab: OpenTab, servers: Servers, scheme: str) -> None:
    app = open_tab(color_scheme=scheme).open(servers.page)
    background = "() => getComputedStyle(document.body).backgroundColor"
    colours = {"light": "rgb(244, 243, 239)", "dark": "rgb(20, 23, 24)"}
    assert app.page.evaluate(background) == colours[scheme]

    app.page.get_by_role("button", name="Theme: system").click()
    assert app.page.evaluate(background) == colours["light"]
    app.page.get_by_role("button", name="Theme: light").click()
    app.page.reload()
    assert app.page.evaluate(background) == colours["dark"]
    app.page.get_by_role("button", name="Theme: dark").click()
    assert app.page.evaluate(background) == colours[scheme]


@pytest.mark.parametrize(("motion", "seconds"), [("reduce", "0s"), ("no-preference", "0.12s, 0.12s, 0.4s")])
def test_who_wants_less_motion_gets_none(
    open_tab: OpenTab, servers: Servers, token: str, motion: str, seconds: str
) -> None:
    create(servers.api, token, {"title": "Pay rent"})
    app = open_tab(reduced_motion=motion).open(servers.page, token)

    duration = app.page.evaluate("() => getComputedStyle(document.querySelector('.task')).transitionDuration")
    assert duration == seconds
