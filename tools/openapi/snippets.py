"""``python -m tools.openapi.snippets``: puts parts of source files into docs; ``--check`` says whether they differ.

A part stands between ``// #region NAME`` and ``// #endregion`` in the source, and after ``<!-- snippet: PATH#NAME -->``
in the page. So a page shows only code that is compiled and run.
"""

from __future__ import annotations

import argparse
import re
import sys
from pathlib import Path
from typing import Final

from local.errors import LocalError, run_command
from local.paths import ROOT

PAGES: Final = (ROOT / "docs" / "frontend.md",)

_SNIPPET: Final = re.compile(
    r"(<!-- snippet: (?P<path>\S+)#(?P<name>\S+) -->\n```(?P<language>\w+)\n)(?P<code>.*?)(```\n)", re.DOTALL
)
_REGION: Final = r"^[ ]*// #region {name}\n(?P<code>.*?)^[ ]*// #endregion$"


def rendered(page: str) -> str:
    """A page with its snippets as they are in the sources.

    Raises:
        LocalError: a source lacks the part, or the page has none.
    """
    text, count = _SNIPPET.subn(lambda found: f"{found[1]}{_part(found['path'], found['name'])}{found[6]}", page)
    if count == 0 or count != page.count("<!-- snippet:"):
        raise LocalError("the page has no snippets, or one that is not followed by a block of code")
    return text


def _part(path: str, name: str) -> str:
    source = ROOT / path
    pattern = re.compile(_REGION.format(name=re.escape(name)), re.DOTALL | re.MULTILINE)
    found = pattern.findall(source.read_text(encoding="utf-8")) if source.is_file() else []
    if len(found) != 1:
        raise LocalError(f"{path} has {len(found)} parts named {name}")
    return str(found[0])


def _update(page: Path, *, check: bool) -> None:
    current = page.read_text(encoding="utf-8")
    text = rendered(current)
    if check and text != current:
        raise LocalError(f"{page.name} differs from its sources; run: python -m tools.openapi.snippets")
    if not check:
        page.write_text(text, encoding="utf-8")


def main(arguments: list[str] | None = None) -> int:
    """The command; returns its exit status."""
    parser = argparse.ArgumentParser(prog="python -m tools.openapi.snippets", description="Update snippets in docs.")
    parser.add_argument("--check", action="store_true", help="write nothing; fail when a page differs")
    options = parser.parse_args(arguments)

    def command() -> None:
        for page in PAGES:
            _update(page, check=options.check)

    return run_command(command)


if __name__ == "__main__":
    sys.exit(main())
