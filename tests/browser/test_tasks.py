"""What a user does with tasks, each step confirmed by a reload: what is shown then comes from the API."""

from __future__ import annotations

import pytest
from playwright.sync_api import Route, expect

from tests.browser.app import App
from tests.browser.conftest import OpenTab, Servers
from tests.browser.tasks import create

pytestmark = pytest.mark.browser


def reloaded(app: App) -> App:
    app.page.reload()
    app.wait_for_list()
    return app


def test_a_task_is_added_with_everything_that_it_can_have(app: App) -> None:
    app.composer.fill("Pay rent")
    app.page.get_by_role("button", name="Notes, due date, priority, tags").click()
    app.page.get_by_label("Notes", exact=True).fill("To the new account\nand not the old one")
    app.page.get_by_label("Due", exact=True).first.fill("2030-12-01")
    app.page.locator("#composer").get_by_role("combobox", name="Priority").select_option("high")
    tags = app.page.get_by_role("textbox", name="Tags")
    tags.fill("home")
    tags.press("Enter")
    tags.fill("left without Enter")
    app.page.get_by_role("button", name="Add").click()
    app.wait_until_saved()

    row = reloaded(app).row("Pay rent")
    expect(row.locator(".task-notes")).to_have_text("To the new account\nand not the old one", use_inner_text=True)
    expect(row.locator("time")).to_have_attribute("datetime", "2030-12-01")
    expect(row.locator(".priority")).to_have_text("High")
    expect(row.locator(".tag")).to_have_text(["home", "left without Enter"])


def test_the_field_is_ready_for_the_next_task(app: App) -> None:
    app.add("First")
    assert app.focused() == "New task"
    app.add("Second")
    app.view("All")

    assert app.titles() == ["Second", "First"]


def test_text_is_shown_as_text(app: App) -> None:
    title = """<img src=x onerror="document.title='owned'"> & <b>bold</b>"""
    app.add(title)

    reloaded(app)
    assert app.titles() == [title]
    assert app.page.title() == "Tasks"


def test_a_task_without_a_title_is_not_added(app: App) -> None:
    app.submit("   ")

    expect(app.page.get_by_text("A task needs a title.")).to_be_visible()
    expect(app.composer).to_have_attribute("aria-invalid", "")
    assert app.titles() == []


def test_what_the_api_refuses_comes_back_with_its_reason(app: App, servers: Servers) -> None:
    # A word joiner alone is no white space to the browser, and nothing visible to the API.
    app.submit("\u2060")

    expect(app.page.locator("#composer .field-error").first).to_have_text(
        "Must contain at least one visible character."
    )
    expect(app.rows).to_have_count(0)
    app.tolerate(r"422")


def test_a_task_is_edited_in_its_place(app: App) -> None:
    app.add("Pay rent")
    app.edit("Pay rent", {"Title": "Pay the rent", "Due": "2030-12-01", "At": "09:30", "Priority": "Low"})
    expect(app.row("Pay the rent").locator(".priority")).to_have_text("Low")
    app.wait_until_saved()
    assert app.focused() == "Pay the rent"

    row = reloaded(app).row("Pay the rent")
    expect(row.locator("time")).to_contain_text("9:30")
    row.get_by_role("button", name="Edit").click()
    expect(app.editor.get_by_label("At")).to_have_value("09:30")


def test_escape_leaves_the_editor_without_a_change(app: App) -> None:
    app.add("Pay rent")
    app.edit("Pay rent", {"Title": "Something else"}, save=False)
    app.page.keyboard.press("Escape")

    expect(app.editor).to_have_count(0)
    assert reloaded(app).titles() == ["Pay rent"]


def test_fields_are_cleared(app: App) -> None:
    app.add("Pay rent")
    app.edit("Pay rent", {"Notes": "soon", "Due": "2030-12-01", "Priority": "High"})
    app.wait_until_saved()
    app.edit("Pay rent", {"Notes": "", "Due": "", "Priority": "None"})
    app.wait_until_saved()

    row = reloaded(app).row("Pay rent")
    expect(row.locator(".task-meta")).to_be_hidden()
    expect(row.locator(".task-notes")).to_be_hidden()


def test_a_completed_task_leaves_the_open_list_for_the_completed_one(app: App) -> None:
    app.add("Pay rent")
    app.add("Water plants")
    app.complete("Pay rent")
    expect(app.row("Pay rent")).to_have_count(0)
    app.wait_until_saved()

    assert reloaded(app).titles() == ["Water plants"]
    app.view("Completed")
    assert app.titles() == ["Pay rent"]
    app.view("All")
    assert sorted(app.titles()) == ["Pay rent", "Water plants"]
    expect(app.row("Pay rent").get_by_role("checkbox")).to_be_checked()


def test_completing_can_be_undone(app: App) -> None:
    app.add("Pay rent")
    app.complete("Pay rent")
    app.toast.get_by_role("button", name="Undo").click()
    expect(app.row("Pay rent").get_by_role("checkbox")).not_to_be_checked()
    app.wait_until_saved()

    assert reloaded(app).titles() == ["Pay rent"]


def test_a_deleted_task_is_gone(app: App) -> None:
    app.add("Pay rent")
    app.delete("Pay rent")
    expect(app.rows).to_have_count(0)
    expect(app.page.get_by_role("heading", name="Nothing to do")).to_be_visible()
    app.wait_until_saved()

    assert reloaded(app).titles() == []


def test_deleting_can_be_undone_with_everything_that_the_task_had(app: App) -> None:
    app.add("Pay rent")
    app.edit("Pay rent", {"Notes": "soon", "Priority": "High"})
    app.wait_until_saved()
    identity = app.row("Pay rent").get_attribute("data-id")
    app.delete("Pay rent")
    app.wait_until_saved()
    app.toast.get_by_role("button", name="Undo").click()
    app.wait_until_saved()

    row = reloaded(app).row("Pay rent")
    expect(row).to_have_attribute("data-id", identity or "")
    expect(row.locator(".task-notes")).to_have_text("soon")
    expect(row.locator(".priority")).to_have_text("High")


def test_a_task_can_be_changed_again_before_the_first_change_is_saved(app: App) -> None:
    held: list[Route] = []

    def hold_the_first(route: Route) -> None:
        if held:
            route.continue_()
        held.append(route)

    app.page.route("**/users/me/tasks/*", hold_the_first)
    app.submit("Pay rent")
    app.edit("Pay rent", {"Title": "Pay the rent"})
    app.edit("Pay the rent", {"Priority": "High"})
    expect(app.saving).to_have_text("Saving …")
    held[0].continue_()
    app.wait_until_saved()

    expect(reloaded(app).row("Pay the rent").locator(".priority")).to_have_text("High")


def test_tags_priority_and_search_narrow_the_list(app: App, servers: Servers, token: str) -> None:
    create(servers.api, token, {"title": "Pay rent", "tags": ["Home"], "priority": "high"})
    create(servers.api, token, {"title": "Water plants", "tags": ["Home", "garden"]})
    create(servers.api, token, {"title": "File taxes", "description": "the GARDEN too"})
    reloaded(app)

    app.row("Water plants").get_by_role("button", name="Show only tag garden").click()
    expect(app.rows).to_have_count(1)
    assert "tag=garden" in app.page.url
    app.page.get_by_role("button", name="Clear filters").click()
    expect(app.rows).to_have_count(3)

    app.page.locator("#filters").get_by_role("combobox", name="Priority").select_option("high")
    expect(app.rows).to_have_count(1)
    expect(reloaded(app).row("Pay rent")).to_be_visible()
    app.page.get_by_role("button", name="Clear filters").click()

    app.page.get_by_role("searchbox").fill("garden")
    expect(app.rows).to_have_count(2)
    assert sorted(app.titles()) == ["File taxes", "Water plants"]
    app.page.get_by_role("searchbox").fill("nowhere")
    expect(app.page.get_by_role("heading", name="No task matches")).to_be_visible()


def test_the_back_button_goes_back_through_the_lists(app: App) -> None:
    app.add("Pay rent")
    app.complete("Pay rent")
    app.wait_until_saved()
    app.view("Completed")
    expect(app.row("Pay rent")).to_be_visible()

    app.page.go_back()
    expect(app.page.get_by_role("heading", name="Nothing to do")).to_be_visible()
    app.page.go_forward()
    expect(app.row("Pay rent")).to_be_visible()


def test_a_new_task_that_the_filters_hide_is_announced(app: App) -> None:
    app.view("Completed")
    app.submit("Pay rent")
    expect(app.toast).to_contain_text("which this list does not show")
    app.toast.get_by_role("button", name="Show").click()

    expect(app.row("Pay rent")).to_be_visible()
    app.wait_until_saved()


def test_each_user_sees_their_own_tasks(app: App, open_tab: OpenTab, servers: Servers) -> None:
    from local.identity.development_tokens import DevelopmentIssuer  # noqa: PLC0415

    app.add("Pay rent")
    other = open_tab().open(servers.page, DevelopmentIssuer.load().token("somebody-else"))

    assert other.titles() == []
