"""The pages of the documentation hold together: every link leads somewhere, and every promise is held by a test."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
RELIABILITY = (ROOT / "docs" / "reliability.md").read_text(encoding="utf-8")
_PROMISES = RELIABILITY.partition("\n## Promises\n")[2].partition("\n## ")[0]
# Rows of the tables of promises: what is promised, and in code marks what holds it.
ROWS = [line.strip("| ").rpartition(" | ") for line in _PROMISES.splitlines() if line.startswith("| ") and "`" in line]
SECTIONS = _PROMISES.split("\n### ")[1:]


def text_without_code(page: Path) -> str:
    """A page without its code blocks, in which brackets and hashes mean something else."""
    return re.sub(r"^```.*?^```", "", page.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_leads_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)\s]+)\)", text_without_code(page)):
        if re.match(r"https?://", target):
            continue
        file, _, anchor = target.partition("#")
        linked = page.parent / file if file else page
        assert linked.exists(), target
        if anchor and linked.suffix == ".md":
            headings = re.findall(r"^#+ (.+)$", text_without_code(linked), re.MULTILINE)
            assert anchor in {anchor_of(heading) for heading in headings}, target


def anchor_of(heading: str) -> str:
    """GitHub's anchor of a heading."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).strip().replace(" ", "-")


def test_the_pages_promises_are_found() -> None:
    assert len(ROWS) > 30
    assert len(SECTIONS) >= 6


@pytest.mark.parametrize("section", SECTIONS, ids=lambda section: section.splitlines()[0])
def test_every_promise_names_tests_that_exist(section: str) -> None:
    files = re.findall(r"held by \(`([\w/]+\.py)`\)", section)
    for line in section.splitlines():
        if not line.startswith("| ") or line.startswith(("| promise", "| ---")):
            continue
        holder = line.strip("| ").rpartition(" | ")[2]
        if holder == "the same":
            continue
        named = re.findall(r"`([^`]+)`", holder)
        assert named, f"nothing holds: {line}"
        for name in named:
            if not name.startswith("make "):
                assert_exists(name, files)


def assert_exists(name: str, files: list[str]) -> None:
    """A test file, a test in one, or a test of the section's file."""
    bare = re.sub(r"\[.*", "", name)  # which of a test's many cases it is, is for people to read
    file, _, test = bare.rpartition("::")
    if bare.endswith(".py"):
        file, test = bare, ""
    candidates = [file] if file else files or [path.name for path in (ROOT / "tests" / "faults").glob("*.py")]
    texts = []
    for candidate in (part.split("::")[0] for part in candidates):
        path = ROOT / candidate if candidate.startswith("tests/") else ROOT / "tests" / "faults" / candidate
        assert path.exists(), name
        texts.append(path.read_text(encoding="utf-8"))
    if test:
        assert any(re.search(rf"^ *def {test}\(", text, re.MULTILINE) for text in texts), name
