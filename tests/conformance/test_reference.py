"""The API reference: it shows the document in a browser, with nothing from anywhere else."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from local.web.reference_pages import CONTENT_SECURITY_POLICY
from local.web.static_files import StaticFiles
from tests.conformance.document import Document
from tests.conformance.headless_browser import nothing, opened, served
from tools.openapi import reference

pytestmark = [pytest.mark.node, pytest.mark.slow]


@pytest.fixture
def url(tmp_path: Path) -> Iterator[str]:
    """The reference, served under its policy."""
    reference.build(tmp_path)
    files = StaticFiles(
        folder=tmp_path,
        prefix="/docs/",
        otherwise=nothing,
        generated={},
        policy=CONTENT_SECURITY_POLICY,
    )
    with served(files) as address:
        yield f"{address}/docs/"


def test_a_browser_shows_every_operation(url: str, document: Document, tmp_path: Path) -> None:
    # Given the reference, when a browser opens it
    shown, complaints = opened(url, tmp_path / "profile")

    # Then every operation is on it, and the console has no complaint
    summaries = {operation.definition["summary"] for operation in document.operations}
    assert {summary for summary in summaries if summary not in shown} == set()
    assert complaints == []
