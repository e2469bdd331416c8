"""Due dates on clocks around the world. The page's clock stands still at the next six in the morning UTC.

That is up to a day ahead of the API's clock, which is as far as the API takes a page's word for the time.
"""

from __future__ import annotations

import functools
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import expect

from local.identity.development_tokens import DevelopmentIssuer
from tests.browser.app import App
from tests.browser.conftest import OpenTab, Servers
from tests.browser.tasks import all_tasks, create

pytestmark = pytest.mark.browser

# Where it is still the day before, in the evening; and where it is the evening of that day.
WEST, EAST = "America/Los_Angeles", "Pacific/Auckland"


@functools.cache
def the_day() -> date:
    return (datetime.now(UTC) + timedelta(hours=18)).date()


def plus(days: int) -> str:
    return (the_day() + timedelta(days=days)).isoformat()


@pytest.fixture
def lasting_token(user: str) -> str:
    """One that is good by the page's clock, too."""
    return DevelopmentIssuer.load().token(user, lifetime=5 * 24 * 3600)


def open_in(open_tab: OpenTab, zone: str, servers: Servers, token: str, search: str = "") -> App:
    app = open_tab(timezone_id=zone)
    app.page.clock.set_fixed_time(datetime.fromisoformat(f"{plus(0)}T06:00:00Z"))
    return app.open(servers.page + search, token)


@pytest.fixture
def tasks(servers: Servers, lasting_token: str) -> None:
    for title, due in {
        "the day before": plus(-1),
        "the day": plus(0),
        "the day after": plus(1),
        "five in the morning UTC": f"{plus(0)}T05:00:00Z",
        "noon UTC": f"{plus(0)}T12:00:00Z",
        "in three days": plus(3),
        "in thirty days": plus(30),
    }.items():
        create(servers.api, lasting_token, {"title": title, "due": due})
    create(servers.api, lasting_token, {"title": "some day"})


@pytest.mark.usefixtures("tasks")
def test_groups_are_days_of_the_user(open_tab: OpenTab, servers: Servers, lasting_token: str) -> None:
    later = {"Later": ["in thirty days"], "No date": ["some day"]}
    west = open_in(open_tab, WEST, servers, lasting_token)
    assert west.groups() == {
        "Overdue": ["five in the morning UTC"],
        "Today": ["the day before"],
        "Tomorrow": ["the day", "noon UTC"],
        "Next 7 days": ["the day after", "in three days"],
        **later,
    }
    east = open_in(open_tab, EAST, servers, lasting_token)
    assert east.groups() == {
        "Overdue": ["the day before", "five in the morning UTC"],
        "Today": ["the day"],
        "Tomorrow": ["the day after", "noon UTC"],
        "Next 7 days": ["in three days"],
        **later,
    }


FIVE_UTC = "five in the morning UTC"
FILTERED = {
    (WEST, "overdue"): [FIVE_UTC],
    (EAST, "overdue"): ["the day before", FIVE_UTC],
    (WEST, "today"): [FIVE_UTC, "the day before"],
    (EAST, "today"): [FIVE_UTC, "the day"],
    (WEST, "week"): [FIVE_UTC, "the day before", "the day", "noon UTC", "the day after", "in three days"],
    (EAST, "week"): [FIVE_UTC, "the day", "the day after", "noon UTC", "in three days"],
}


@pytest.mark.usefixtures("tasks")
@pytest.mark.parametrize(("zone", "due"), FILTERED)
def test_the_api_filters_by_the_days_of_the_user(
    open_tab: OpenTab, servers: Servers, lasting_token: str, zone: str, due: str
) -> None:
    app = open_in(open_tab, zone, servers, lasting_token, f"?due={due}")

    assert sorted(app.titles()) == sorted(FILTERED[zone, due])


@pytest.mark.parametrize("zone", [WEST, EAST, "Asia/Kathmandu"])
def test_a_time_that_is_entered_is_the_users(
    open_tab: OpenTab, servers: Servers, lasting_token: str, zone: str
) -> None:
    app = open_in(open_tab, zone, servers, lasting_token)
    app.composer.fill("Call home")
    app.page.get_by_role("button", name="Notes, due date, priority, tags").click()
    app.page.locator("#composer").get_by_label("Due", exact=True).fill(plus(2))
    app.page.locator("#composer").get_by_label("At", exact=True).fill("09:30")
    app.page.get_by_role("button", name="Add").click()
    app.wait_until_saved()

    local = datetime.combine(the_day() + timedelta(days=2), datetime.min.time(), ZoneInfo(zone)).replace(
        hour=9, minute=30
    )
    [task] = all_tasks(servers.api, lasting_token)
    assert task["due"] == local.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z")
    expect(app.row("Call home").locator("time")).to_contain_text("9:30")


def test_a_day_stays_that_day_wherever_the_user_is(open_tab: OpenTab, servers: Servers, lasting_token: str) -> None:
    create(servers.api, lasting_token, {"title": "Birthday", "due": plus(40)})
    for zone in (WEST, EAST):
        app = open_in(open_tab, zone, servers, lasting_token)
        app.row("Birthday").get_by_role("button", name="Edit").click()
        expect(app.editor.get_by_label("Due", exact=True)).to_have_value(plus(40))
        expect(app.editor.get_by_label("At")).to_have_value("")


def test_what_is_due_today_is_overdue_after_midnight(open_tab: OpenTab, servers: Servers, lasting_token: str) -> None:
    create(servers.api, lasting_token, {"title": "Pay rent", "due": plus(0)})
    app = open_tab(timezone_id="UTC")
    app.page.clock.install(time=datetime.fromisoformat(f"{plus(0)}T23:59:00Z"))
    app.open(servers.page, lasting_token)
    assert app.groups() == {"Today": ["Pay rent"]}
    app.page.clock.run_for(120_000)

    assert app.groups() == {"Overdue": ["Pay rent"]}
