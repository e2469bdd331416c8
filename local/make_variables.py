"""What users give to ``make`` as ``NAME=value``, checked under the name by which they gave it."""

from __future__ import annotations

import argparse
import sys
from typing import Final

from local.errors import LocalError, run_command

_MOST_DIGITS: Final = 18


def whole_number(name: str, text: str, least: int, most: int) -> int:
    """A whole number.

    Raises:
        LocalError: it is none, or out of bounds.
    """
    digits = text.strip()
    if digits.isascii() and digits.isdigit() and len(digits) <= _MOST_DIGITS and least <= int(digits) <= most:
        return int(digits)
    raise LocalError(f"{name} must be a whole number from {least:,} to {most:,}, such as {name}={least}, not {text!r}")


def main(arguments: list[str] | None = None) -> int:
    """Check a variable before a recipe begins with what takes long; returns the exit status."""
    parser = argparse.ArgumentParser(prog="python -m local.make_variables", description=main.__doc__)
    parser.add_argument("name")
    parser.add_argument("least", type=int)
    parser.add_argument("most", type=int)
    parser.add_argument("value")
    options = parser.parse_args(arguments)

    def command() -> None:
        whole_number(options.name, options.value, options.least, options.most)

    return run_command(command)


if __name__ == "__main__":
    sys.exit(main())
