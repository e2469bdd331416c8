"""The snippets of docs/frontend.md are the code of the TypeScript example."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from local.errors import LocalError
from local.paths import ROOT
from tools.openapi import snippets
from tools.openapi.snippets import main, rendered

MARK = "<!-- snippet: examples/typescript/src/setup.ts#setup -->\n"


def test_the_pages_are_up_to_date() -> None:
    assert main(["--check"]) == 0


def test_every_snippet_says_which_file_it_is_of() -> None:
    # Given the snippets of the page, and the lines above them
    page = (ROOT / "docs" / "frontend.md").read_text(encoding="utf-8")
    labelled = re.findall(r"^`(\S+)`:\n\n<!-- snippet: examples/typescript/(\S+)#", page, re.MULTILINE)

    # When they are compared, then each line names the snippet's file
    assert len(labelled) == page.count("<!-- snippet: ") > 10
    assert [pair for pair in labelled if pair[0] != pair[1]] == []


def test_every_part_of_the_example_is_explained() -> None:
    # Given the parts of the example's sources
    sources = sorted((ROOT / "examples" / "typescript" / "src").glob("*.ts"))
    parts = {
        f"{source.relative_to(ROOT)}#{line.split()[-1]}"
        for source in sources
        for line in source.read_text(encoding="utf-8").splitlines()
        if "// #region" in line
    }

    # When the page is searched for them, then all are there
    page = (ROOT / "docs" / "frontend.md").read_text(encoding="utf-8")
    assert len(parts) > 10
    assert {part for part in parts if f"<!-- snippet: {part} -->" not in page} == set()


def test_a_page_that_differs_is_told_and_mended(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    # Given a page with another text than its source
    page = tmp_path / "page.md"
    page.write_text(f"{MARK}```ts\nold();\n```\n", encoding="utf-8")
    monkeypatch.setattr(snippets, "PAGES", (page,))

    # When it is checked, then that is told, and when it is written, it is the source's
    assert main(["--check"]) == 1
    assert "page.md differs" in capsys.readouterr().err
    assert main([]) == 0
    assert "export function taskApi(" in page.read_text(encoding="utf-8")
    assert main(["--check"]) == 0


@pytest.mark.parametrize(
    "page",
    [
        "no snippet",
        MARK,
        f"{MARK.replace('#setup', '#nothing')}```ts\n```\n",
        f"{MARK.replace('setup.ts', 'x.ts')}```ts\n```\n",
    ],
)
def test_a_snippet_without_a_source_is_an_error(page: str) -> None:
    with pytest.raises(LocalError):
        rendered(page)
