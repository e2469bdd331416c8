"""What a developer can put right, told in one line and without a traceback."""

from __future__ import annotations

import sys
from collections.abc import Callable


class LocalError(Exception):
    """Something outside the program is wrong: a setting, the template, a port. Its text is the one line to show."""


def run_command(command: Callable[[], int | None]) -> int:
    """Run a command's body; a LocalError becomes one line on stderr.

    Returns:
        The process's exit status: the body's own, 0 where it has none, or 1 after a LocalError.
    """
    try:
        return command() or 0
    except LocalError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
