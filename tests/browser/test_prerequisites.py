"""Says which of the browser tests' needs are not met; in CI all of them must be."""

from __future__ import annotations

import pytest

from tests.browser.prerequisites import missing, must_run

pytestmark = pytest.mark.browser


def test_everything_that_the_browser_tests_need_is_there() -> None:
    lacking = missing()
    if lacking and not must_run():
        pytest.skip(f"the browser tests are left out: {'; '.join(lacking)}")
    assert lacking == []
