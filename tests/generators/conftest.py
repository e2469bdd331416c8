"""One running API for all clients, and one of tomorrow before it."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from tests.conformance.running_api import running_api
from tests.generators.api_of_tomorrow import api_of_tomorrow


@pytest.fixture(scope="session")
def arguments(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str], tuple[str, str, str]]]:
    """What the programs in ``lives`` are told, for a user: URL, token, and the URL of an API of tomorrow."""
    with running_api(tmp_path_factory.mktemp("api") / "stderr.log") as api, api_of_tomorrow(api.url) as tomorrow:
        yield lambda user: (api.url, api.token(user), tomorrow)
