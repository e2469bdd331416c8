"""The page as its user sees it: what can be found on it by role and name, and what can be done with it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from playwright.sync_api import Locator, Page, expect


class App:
    """One tab with the page.

    Attributes:
        page: Playwright's tab.
        errors: What the console showed as an error, and exceptions that nobody caught.
    """

    def __init__(self, page: Page) -> None:
        """Watch a tab's console from now on."""
        self.page = page
        self.errors: list[str] = []
        page.on("console", lambda message: self.errors.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: self.errors.append(str(error)))

    # Signing in

    def open(self, url: str, token: str | None = None) -> App:
        """Open the page; with a token, signed in and with the list loaded."""
        self.page.goto(url if token is None else f"{url}#token={token}")
        if token is not None:
            self.wait_for_list()
        return self

    def wait_for_list(self) -> None:
        """Wait until the list is there."""
        expect(self.task_list).to_have_attribute("aria-busy", "false")

    # What is on it

    @property
    def task_list(self) -> Locator:
        """The list with all its groups."""
        return self.page.locator("#list")

    @property
    def rows(self) -> Locator:
        """All rows."""
        return self.task_list.get_by_role("listitem").and_(self.page.locator(".task"))

    def row(self, title: str) -> Locator:
        """The row of a task."""
        return self.rows.filter(has=self.page.get_by_role("button", name=title, exact=True))

    def titles(self) -> list[str]:
        """The titles shown, from top to bottom."""
        return self.task_list.locator(".task-title").all_inner_texts()

    def groups(self) -> dict[str, list[str]]:
        """Heading to titles."""
        return {
            section.get_by_role("heading").inner_text(): section.locator(".task-title").all_inner_texts()
            for section in self.task_list.locator("section").all()
        }

    @property
    def composer(self) -> Locator:
        """The field for a new task's title."""
        return self.page.get_by_role("textbox", name="New task")

    @property
    def toast(self) -> Locator:
        """The message at the bottom."""
        return self.page.locator("#toast")

    @property
    def bar(self) -> Locator:
        """What the page says of the connection and of conflicts."""
        return self.page.locator("#bar")

    @property
    def saving(self) -> Locator:
        """Whether everything is saved."""
        return self.page.locator("#saving")

    @property
    def dialog(self) -> Locator:
        """The dialog that is open."""
        return self.page.get_by_role("dialog")

    @property
    def editor(self) -> Locator:
        """The editor that is open."""
        return self.page.locator("form.editor")

    # What can be done

    def submit(self, title: str) -> None:
        """Enter a new task."""
        self.composer.fill(title)
        self.composer.press("Enter")

    def add(self, title: str) -> None:
        """Add a task and wait until it is saved."""
        self.submit(title)
        expect(self.row(title)).to_be_visible()
        self.wait_until_saved()

    def wait_until_saved(self) -> None:
        """Wait until nothing is on its way."""
        expect(self.saving).to_have_text("")

    def edit(self, title: str, values: Mapping[str, str], *, save: bool = True) -> None:
        """Open a row's editor and fill some fields, by their labels."""
        self.row(title).get_by_role("button", name=f"Edit {title}").click()
        for label, value in values.items():
            if label == "Priority":
                self.editor.get_by_role("combobox", name=label).select_option(label=value)
            else:
                self.editor.get_by_label(label, exact=True).fill(value)
        if save:
            self.editor.get_by_role("button", name="Save").click()

    def complete(self, title: str) -> None:
        """Tick a task off, or the reverse."""
        self.row(title).get_by_role("checkbox").click()

    def delete(self, title: str) -> None:
        """Delete a task."""
        self.row(title).get_by_role("button", name=f"Delete {title}").click()

    def view(self, name: str) -> None:
        """Show another list."""
        self.page.get_by_role("navigation", name="Lists").get_by_role("link", name=name).click()
        self.wait_for_list()

    # What a test measures

    def focused(self) -> str:
        """The accessible name of what has the focus."""
        name: str = self.page.evaluate(
            "() => document.activeElement.ariaLabel ?? document.activeElement.innerText.trim()"
        )
        return name

    def layout_shift(self) -> float:
        """The cumulative layout shift so far, as the Layout Instability API counts it (0 is none)."""
        value: float = self.page.evaluate("() => window.layoutShift")
        return value

    def tolerate(self, pattern: str) -> None:
        """Forget errors that a test has provoked: the browser itself reports each failed request."""
        self.errors = [error for error in self.errors if not re.search(pattern, error)]


OBSERVE_LAYOUT_SHIFTS = """
window.layoutShift = 0;
new PerformanceObserver((list) => {
  for (const entry of list.getEntries()) if (!entry.hadRecentInput) window.layoutShift += entry.value;
}).observe({ type: "layout-shift", buffered: true });
"""
"""To be run in each page before its own scripts."""

PROBLEM_TYPE = "application/problem+json"


def problem(status: int, code: str, headers: Mapping[str, str], origin: str, **members: Any) -> dict[str, Any]:
    """An answer of the API as Playwright's ``route.fulfill`` takes it; for what the local API can't be brought to."""
    exposed = {
        "Content-Type": PROBLEM_TYPE,
        "Access-Control-Allow-Origin": origin,
        "Access-Control-Expose-Headers": "ETag, Location, Link, Retry-After, Idempotency-Replayed",
    }
    document = {"type": f"/problems/{code}", "title": code, "status": status, "code": code, **members}
    return {"status": status, "headers": {**exposed, **headers}, "json": document}
