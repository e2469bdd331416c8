"""What the browser tests need on a machine, and whether it is there.

``python -m tests.browser.prerequisites`` prints what is missing that ``make test-browser`` can't install by itself, and
then exits with 1.
"""

from __future__ import annotations

import importlib.util
import os
import shutil
import sys
from pathlib import Path
from typing import Final

AXE: Final = Path(__file__).parent / "node_modules" / "axe-core" / "axe.min.js"

_BROWSERS: Final = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def chromium() -> str | None:
    """The path of Chromium, or of the browser that BROWSER_EXECUTABLE names; None without one."""
    chosen = os.environ.get("BROWSER_EXECUTABLE")
    candidates = (chosen,) if chosen else _BROWSERS
    return next((path for name in candidates if (path := shutil.which(name))), None)


def missing() -> list[str]:
    """What is not there, each with how to get it."""
    lacking = missing_programs()
    if importlib.util.find_spec("playwright") is None:
        lacking.append("there is no Python package playwright (make test-browser installs it)")
    if not AXE.is_file():
        lacking.append("there is no axe-core (make test-browser installs it)")
    return lacking


def missing_programs() -> list[str]:
    """The same, without what ``make test-browser`` installs by itself."""
    lacking = []
    if chromium() is None:
        lacking.append("there is no Chromium (Debian: apt-get install chromium; elsewhere set BROWSER_EXECUTABLE)")
    if not AXE.is_file() and shutil.which("npm") is None:
        lacking.append("there is no npm (Debian, Ubuntu: apt-get install nodejs npm)")
    return lacking


def must_run() -> bool:
    """Whether a missing prerequisite is a failure rather than a reason to leave the tests out."""
    return os.environ.get("CI", "").lower() in ("1", "true", "yes")


def main() -> int:
    """The command; returns its exit status."""
    lacking = missing_programs()
    if lacking:
        sys.stdout.write(" and ".join(lacking) + "\n")
    return int(bool(lacking))


if __name__ == "__main__":
    sys.exit(main())
