"""Changes that meet others: two tabs, another device, a lost answer."""

from __future__ import annotations

import pytest
from playwright.sync_api import Route, expect

from tests.browser.app import App
from tests.browser.conftest import OpenTab, Servers
from tests.browser.tasks import all_tasks, create, delete, update

pytestmark = pytest.mark.browser


@pytest.fixture
def task_id(servers: Servers, token: str) -> str:
    task = create(servers.api, token, {"title": "Pay rent", "priority": "low", "tags": ["home"]})
    return str(task["id"])


@pytest.fixture
def tab(open_tab: OpenTab, servers: Servers, token: str, task_id: str) -> App:
    return open_tab().open(servers.page, token)


def press(tab: App, button: str) -> None:
    tab.dialog.get_by_role("button", name=button, exact=True).click()
    expect(tab.dialog).to_have_count(0)
    tab.wait_until_saved()
    tab.tolerate(r"412|409|404")


def test_two_tabs_that_edit_one_task_see_both_versions(
    tab: App, open_tab: OpenTab, servers: Servers, token: str
) -> None:
    other = open_tab().open(servers.page, token)
    other.edit("Pay rent", {"Title": "Pay rent by transfer"})
    other.wait_until_saved()
    tab.edit("Pay rent", {"Title": "Pay the rent", "Priority": "High"})

    dialog = tab.page.get_by_role("dialog", name="Two versions of one task")
    title = dialog.get_by_role("group", name="Title")
    expect(title.get_by_role("radio", name="Yours Pay the rent")).to_be_checked()
    expect(title.get_by_role("radio", name="Theirs Pay rent by transfer")).to_be_visible()
    title.get_by_role("radio", name="Theirs").check()
    press(tab, "Save what is chosen")

    expect(tab.row("Pay rent by transfer").locator(".priority")).to_have_text("High")
    [task] = all_tasks(servers.api, token)
    assert (task["title"], task["priority"], task["version"]) == ("Pay rent by transfer", "high", 3)


def test_theirs_is_taken(tab: App, servers: Servers, token: str, task_id: str) -> None:
    update(servers.api, token, task_id, {"title": "Pay rent by transfer", "tags": []})
    tab.edit("Pay rent", {"Title": "Pay the rent"})
    expect(tab.dialog.get_by_role("group", name="Tags")).to_contain_text("home")
    press(tab, "Take theirs")

    assert tab.titles() == ["Pay rent by transfer"]
    assert all_tasks(servers.api, token)[0]["version"] == 2


def test_mine_is_kept_and_nothing_else_of_theirs_is_lost(tab: App, servers: Servers, token: str, task_id: str) -> None:
    update(servers.api, token, task_id, {"title": "Pay rent by transfer", "tags": ["bank"]})
    tab.edit("Pay rent", {"Title": "Pay the rent"})
    press(tab, "Keep all of mine")

    [task] = all_tasks(servers.api, token)
    assert (task["title"], task["tags"]) == ("Pay the rent", ["bank"])


def test_a_conflict_can_be_settled_later(tab: App, servers: Servers, token: str, task_id: str) -> None:
    update(servers.api, token, task_id, {"title": "Pay rent by transfer"})
    tab.edit("Pay rent", {"Title": "Pay the rent"})
    expect(tab.dialog).to_be_visible()
    tab.page.keyboard.press("Escape")
    expect(tab.row("Pay rent by transfer")).to_contain_text("Changed elsewhere")
    tab.bar.get_by_role("button", name="Review").click()
    press(tab, "Save what is chosen")

    assert all_tasks(servers.api, token)[0]["title"] == "Pay the rent"


def test_the_dialog_does_not_interrupt_who_is_writing(tab: App, servers: Servers, token: str, task_id: str) -> None:
    update(servers.api, token, task_id, {"title": "Pay rent by transfer"})
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    tab.page.route("**/users/me/tasks/*", hold)
    tab.edit("Pay rent", {"Title": "Pay the rent"})
    tab.composer.click()
    tab.page.keyboard.type("Half a thou")
    held[0].continue_()
    expect(tab.row("Pay rent by transfer")).to_contain_text("Changed elsewhere")
    expect(tab.dialog).to_have_count(0)
    tab.page.keyboard.type("ght")

    expect(tab.composer).to_have_value("Half a thought")
    tab.tolerate(r"412")


def test_deleting_what_was_changed_elsewhere_asks_first(tab: App, servers: Servers, token: str, task_id: str) -> None:
    update(servers.api, token, task_id, {"title": "Pay rent by transfer"})
    tab.delete("Pay rent")
    expect(tab.page.get_by_role("dialog", name="Delete it all the same?")).to_contain_text("Pay rent by transfer")
    press(tab, "Keep it")
    assert tab.titles() == ["Pay rent by transfer"]

    tab.delete("Pay rent by transfer")
    tab.wait_until_saved()
    assert all_tasks(servers.api, token) == []


def test_deleting_it_all_the_same(tab: App, servers: Servers, token: str, task_id: str) -> None:
    update(servers.api, token, task_id, {"title": "Pay rent by transfer"})
    tab.delete("Pay rent")
    press(tab, "Delete it")

    assert (tab.titles(), all_tasks(servers.api, token)) == ([], [])


@pytest.mark.parametrize("permanent", [False, True])
def test_an_edit_of_what_was_deleted_elsewhere_can_be_kept(
    tab: App, servers: Servers, token: str, task_id: str, permanent: bool
) -> None:
    delete(servers.api, token, task_id, permanent)
    tab.edit("Pay rent", {"Title": "Pay the rent"})
    expect(tab.page.get_by_role("dialog", name="It was deleted elsewhere")).to_contain_text("Pay the rent")
    press(tab, "Create it again with my changes")

    [task] = all_tasks(servers.api, token)
    assert (task["id"], task["title"], task["tags"]) == (task_id, "Pay the rent", ["home"])
    assert tab.titles() == ["Pay the rent"]


@pytest.mark.parametrize("permanent", [False, True])
def test_an_edit_of_what_was_deleted_elsewhere_can_be_given_up(
    tab: App, servers: Servers, token: str, task_id: str, permanent: bool
) -> None:
    delete(servers.api, token, task_id, permanent)
    tab.edit("Pay rent", {"Title": "Pay the rent"})
    press(tab, "Let it go")

    assert tab.titles() == []


@pytest.mark.parametrize("permanent", [False, True])
def test_completing_what_was_deleted_elsewhere_says_so(
    tab: App, servers: Servers, token: str, task_id: str, permanent: bool
) -> None:
    delete(servers.api, token, task_id, permanent)
    tab.complete("Pay rent")

    expect(tab.toast).to_have_text("That was not saved. It was deleted elsewhere.")
    expect(tab.rows).to_have_count(0)
    tab.tolerate(r"409|404")


def test_completing_does_not_meet_edits(tab: App, servers: Servers, token: str, task_id: str) -> None:
    update(servers.api, token, task_id, {"title": "Pay rent by transfer"})
    tab.complete("Pay rent")
    expect(tab.rows).to_have_count(0)
    tab.wait_until_saved()

    [task] = all_tasks(servers.api, token)
    assert (task["title"], task["completed"]) == ("Pay rent by transfer", True)


def test_the_same_edit_on_two_devices_is_no_conflict(tab: App, servers: Servers, token: str, task_id: str) -> None:
    update(servers.api, token, task_id, {"title": "Pay the rent"})
    tab.edit("Pay rent", {"Title": "Pay the rent"})
    tab.wait_until_saved()

    expect(tab.dialog).to_have_count(0)
    assert all_tasks(servers.api, token)[0]["version"] == 2
    tab.tolerate(r"412")


def test_an_edit_while_the_task_is_completed_here_is_no_conflict(tab: App, servers: Servers, token: str) -> None:
    tab.view("All")
    tab.edit("Pay rent", {"Title": "Pay the rent"}, save=False)
    # The row is an editor now, so the shortcut completes it.
    tab.page.evaluate("() => document.activeElement.blur()")
    tab.page.keyboard.press("x")
    tab.wait_until_saved()
    tab.editor.get_by_role("button", name="Save").click()
    tab.wait_until_saved()

    expect(tab.dialog).to_have_count(0)
    [task] = all_tasks(servers.api, token)
    assert (task["title"], task["completed"], task["version"]) == ("Pay the rent", True, 3)


@pytest.mark.parametrize("lost", ["PUT", "PATCH", "DELETE", "POST"])
def test_a_lost_answer_neither_repeats_a_change_nor_makes_a_conflict(
    tab: App, servers: Servers, token: str, lost: str
) -> None:
    seen = 0

    def lose_the_first_answer(route: Route) -> None:
        nonlocal seen
        if route.request.method != lost:
            return route.continue_()
        seen += 1
        if seen > 1:
            return route.continue_()
        route.fetch()  # the API applies it
        return route.abort("connectionreset")

    tab.page.route("**/users/me/tasks/**", lose_the_first_answer)
    {
        "PUT": lambda: tab.submit("Water plants"),
        "PATCH": lambda: tab.edit("Pay rent", {"Title": "Pay the rent"}),
        "DELETE": lambda: tab.delete("Pay rent"),
        "POST": lambda: tab.complete("Pay rent"),
    }[lost]()
    expect(tab.bar).to_contain_text("No answer")
    tab.wait_until_saved()

    assert seen == 2
    expect(tab.dialog).to_have_count(0)
    expect(tab.composer).to_have_value("")  # where a refused task would be given back
    expect(tab.toast).not_to_contain_text("not saved")
    expected = {
        "PUT": [("Pay rent", False, 1), ("Water plants", False, 1)],
        "PATCH": [("Pay the rent", False, 2)],
        "DELETE": [],
        "POST": [("Pay rent", True, 2)],
    }
    stored = [(task["title"], task["completed"], task["version"]) for task in all_tasks(servers.api, token)]
    assert stored == expected[lost]
    tab.tolerate(r"ERR_CONNECTION_RESET|412|404")


def test_an_undo_whose_answer_is_lost_is_done(tab: App, servers: Servers, token: str) -> None:
    # Given a deleted task
    tab.delete("Pay rent")
    tab.wait_until_saved()
    seen = 0

    def lose_the_first_answer(route: Route) -> None:
        nonlocal seen
        seen += 1
        if seen > 1:
            return route.continue_()
        route.fetch()
        return route.abort("connectionreset")

    # When the answer to its restore is lost, then the second one, which finds it out of the trash, is a success
    tab.page.route("**/restore", lose_the_first_answer)
    tab.toast.get_by_role("button", name="Undo").click()
    expect(tab.bar).to_contain_text("No answer")
    tab.wait_until_saved()
    assert seen == 2
    assert tab.titles() == ["Pay rent"]
    assert [task["version"] for task in all_tasks(servers.api, token)] == [3]
    tab.tolerate(r"ERR_CONNECTION_RESET|409")
