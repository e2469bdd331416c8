"""Servers, browser and tabs.

Where the browser or a package is not to be had, test_prerequisites.py says so and the rest is left out.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from local.identity.development_tokens import DevelopmentIssuer
from local.listener import HOST, free_ports
from tests.browser.prerequisites import chromium, missing
from tests.browser.servers import api_server, page_server

if TYPE_CHECKING:
    from playwright.sync_api import Browser

    from tests.browser.app import App

if missing():
    _without_browser = {"test_prerequisites.py", "test_static_files.py"}
    collect_ignore = [
        path.name for path in Path(__file__).parent.glob("test_*.py") if path.name not in _without_browser
    ]

_ARGUMENTS = (
    "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking"
    " --disable-component-update --disable-sync"
)
_PATIENCE_MS = 10_000
_users = itertools.count(1)


@dataclass(frozen=True)
class Servers:
    """Where everything is.

    Attributes:
        api: URL of the API.
        page: URL of the page, at an origin that the API allows.
        refused_page: URL of the same page, at an origin that it does not.
    """

    api: str
    page: str
    refused_page: str

    @property
    def origin(self) -> str:
        """The origin that the API allows."""
        return self.page.rstrip("/")


@pytest.fixture(scope="session")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Servers]:
    """The API, and the page at two other origins."""
    ports = free_ports(2)
    log = tmp_path_factory.mktemp("api") / "log"
    with ExitStack() as stack:
        api = stack.enter_context(api_server([f"http://{HOST}:{ports[0]}"], log))
        settings = {"apiBase": api, "tokenEndpoint": None}
        pages = [stack.enter_context(page_server(port, settings, [api])) for port in ports]
        yield Servers(api, *pages)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Chromium."""
    from playwright.sync_api import expect, sync_playwright  # noqa: PLC0415  # may be missing

    expect.set_options(timeout=_PATIENCE_MS)
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(
            executable_path=chromium(), args=_ARGUMENTS.split(), chromium_sandbox=False
        )
        yield launched
        launched.close()


@pytest.fixture
def user() -> str:
    """A user of this test alone."""
    return f"user-{next(_users)}"


@pytest.fixture
def token(user: str) -> str:
    """An access token of that user."""
    return DevelopmentIssuer.load().token(user)


OpenTab = Callable[..., "App"]


@pytest.fixture
def open_tab(browser: Browser) -> Iterator[OpenTab]:
    """Opens tabs, each of a visitor of its own; at the end, none may have shown an error in its console.

    Its arguments are those of Playwright's ``new_context``.
    """
    from tests.browser.app import OBSERVE_LAYOUT_SHIFTS, App  # noqa: PLC0415  # Playwright may be missing

    with ExitStack() as stack:
        opened: list[App] = []

        def open_tab(**options: Any) -> App:
            context = browser.new_context(**{"locale": "en-GB", "reduced_motion": "reduce", **options})
            stack.callback(context.close)
            context.set_default_timeout(_PATIENCE_MS)
            context.add_init_script(OBSERVE_LAYOUT_SHIFTS)
            app = App(context.new_page())
            opened.append(app)
            return app

        yield open_tab
        assert [app.errors for app in opened] == [[] for _ in opened]


@pytest.fixture
def app(open_tab: OpenTab, servers: Servers, token: str) -> App:
    """The page in a tab, signed in, without tasks."""
    return open_tab().open(servers.page, token)
