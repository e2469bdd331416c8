"""Everything without a mouse."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.app import App
from tests.browser.conftest import OpenTab, Servers
from tests.browser.tasks import all_tasks, create

pytestmark = pytest.mark.browser


@pytest.fixture
def tab(open_tab: OpenTab, servers: Servers, token: str) -> App:
    for title in ("Third", "Second", "First"):
        create(servers.api, token, {"title": title})
    app = open_tab().open(f"{servers.page}?view=open&sort=created_at", token)
    assert app.titles() == ["First", "Second", "Third"]
    return app


def press(app: App, *keys: str) -> None:
    for key in keys:
        app.page.keyboard.press(key)


def test_a_task_from_beginning_to_end(tab: App, servers: Servers, token: str) -> None:
    press(tab, "n")
    tab.page.keyboard.type("Pay rent")
    press(tab, "Enter")
    tab.wait_until_saved()
    press(tab, "Escape", "Tab", "Tab")
    tab.page.evaluate("() => document.activeElement.blur()")
    press(tab, "j")
    assert tab.focused() == "Pay rent"

    press(tab, "e")
    expect(tab.editor.get_by_label("Title")).to_be_focused()
    press(tab, "Control+A")
    tab.page.keyboard.type("Pay the rent")
    press(tab, "Tab")
    tab.page.keyboard.type("before Friday")
    press(tab, "Control+Enter")
    tab.wait_until_saved()
    assert tab.focused() == "Pay the rent"

    press(tab, "x")
    expect(tab.row("Pay the rent")).to_have_count(0)
    tab.wait_until_saved()
    assert tab.focused() == "First"
    press(tab, "z")
    expect(tab.row("Pay the rent")).to_have_count(1)
    tab.wait_until_saved()
    press(tab, "Home")
    assert tab.focused() == "Pay the rent"

    press(tab, "Delete")
    assert tab.focused() == "First"
    tab.wait_until_saved()
    assert [task["title"] for task in all_tasks(servers.api, token)] == ["First", "Second", "Third"]
    press(tab, "z")
    tab.wait_until_saved()
    stored = [task for task in all_tasks(servers.api, token) if task["title"] == "Pay the rent"]
    assert [task["description"] for task in stored] == ["before Friday"]


def test_the_list_is_one_stop_of_the_tab_key_and_arrows_move_in_it(tab: App) -> None:
    tab.page.get_by_role("button", name="Reload the list").focus()
    press(tab, "Tab", "Tab")
    assert tab.focused() == "First"
    press(tab, "ArrowDown", "ArrowDown", "ArrowDown")
    assert tab.focused() == "Third"
    press(tab, "Shift+Tab")
    expect(tab.row("Third").get_by_role("checkbox")).to_be_focused()
    press(tab, "Shift+Tab")
    assert tab.focused() == "Reload the list"

    press(tab, "Tab", "Space")
    expect(tab.row("Third")).to_have_count(0)
    tab.wait_until_saved()


def test_shift_tab_and_tab_reach_every_control_of_a_row(tab: App) -> None:
    press(tab, "j", "Tab")
    assert tab.focused() == "Edit First"
    press(tab, "Tab")
    assert tab.focused() == "Delete First"
    press(tab, "Tab")
    assert not tab.row("Second").locator(":focus").count()


def test_lists_search_and_help(tab: App) -> None:
    press(tab, "2")
    expect(tab.page.get_by_role("link", name="Completed")).to_have_attribute("aria-current", "page")
    press(tab, "3", "/")
    expect(tab.page.get_by_role("searchbox")).to_be_focused()
    tab.page.keyboard.type("sec")
    expect(tab.rows).to_have_count(1)
    tab.page.evaluate("() => document.activeElement.blur()")
    press(tab, "?")
    expect(tab.page.get_by_role("dialog", name="Keyboard")).to_be_visible()
    press(tab, "Escape")
    expect(tab.dialog).to_have_count(0)


def test_keys_mean_letters_while_one_writes(tab: App) -> None:
    press(tab, "n")
    tab.page.keyboard.type("xenon # 123 jk?")
    expect(tab.composer).to_have_value("xenon # 123 jk?")
    expect(tab.dialog).to_have_count(0)
    expect(tab.rows).to_have_count(3)


def test_single_keys_can_be_switched_off(tab: App) -> None:
    press(tab, "?")
    tab.page.get_by_label("Use shortcuts of a single key").uncheck()
    press(tab, "Escape", "#", "x", "2")
    tab.page.reload()
    tab.wait_for_list()
    press(tab, "j", "#")

    expect(tab.rows).to_have_count(3)


def test_the_skip_link_comes_first(tab: App) -> None:
    tab.page.reload()
    tab.wait_for_list()
    press(tab, "Tab")
    assert tab.focused() == "Skip to the tasks"
    press(tab, "Enter", "Tab")
    expect(tab.composer).to_be_focused()


def test_the_conflict_dialog_keeps_the_focus_and_gives_it_back(tab: App, servers: Servers, token: str) -> None:
    from tests.browser.tasks import update  # noqa: PLC0415

    [first, *_] = all_tasks(servers.api, token)
    press(tab, "j", "e")
    tab.page.keyboard.type(" of mine")
    update(servers.api, token, first["id"], {"title": "First of theirs"})
    press(tab, "Enter")
    expect(tab.dialog).to_be_visible()
    for _ in range(8):
        press(tab, "Tab")
        assert tab.page.evaluate(
            "() => document.activeElement === document.body || !!document.activeElement.closest('dialog')"
        )
    press(tab, "Escape")

    assert tab.focused() in ("First of theirs", "First")
    tab.tolerate("412")
