"""The files of docs/http: every request in them is answered as it says, and as docs/openapi.yaml says."""

from __future__ import annotations

from pathlib import Path

import pytest

from local.paths import ROOT
from local.settings import DEFAULT_PORT
from tests.conformance.http_file import Runner, read
from tests.conformance.response_validator import ResponseValidator
from tests.conformance.running_api import RunningApi

FILES = sorted((ROOT / "docs" / "http").glob("*.http"))


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_every_request_is_answered_as_it_says(api: RunningApi, file: Path) -> None:
    # Given a file, with the address and a token filled in
    variables, requests = read(file)
    assert variables["url"] == f"http://127.0.0.1:{DEFAULT_PORT}"
    with api.client(None, ResponseValidator().on_response) as client:
        runner = Runner(client, variables | {"url": api.url, "token": api.token("editor")})

        # When its requests are sent from top to bottom, then each is answered with the status that it names
        answers = [(request.title, str(runner.send(request).status_code)) for request in requests]

    assert answers == [(request.title, request.tags["expect"]) for request in requests]
