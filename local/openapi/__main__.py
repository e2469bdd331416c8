"""``python -m local.openapi``: writes docs/openapi.yaml; ``--check`` says whether it is up to date instead."""

from __future__ import annotations

import argparse
import difflib
import sys

from local.errors import LocalError, run_command
from local.paths import LAYERS


def main(arguments: list[str] | None = None) -> int:
    """The command; returns its exit status."""
    parser = argparse.ArgumentParser(prog="python -m local.openapi", description="Write docs/openapi.yaml.")
    parser.add_argument("--check", action="store_true", help="write nothing; fail when the file is stale")
    options = parser.parse_args(arguments)

    def command() -> int:
        sys.path[:0] = map(str, LAYERS)
        from local.openapi.document import PATH, render  # noqa: PLC0415  # SAM CLI takes its time; after --help

        text = render()
        if not options.check:
            PATH.write_text(text, encoding="utf-8")
            return 0
        current = PATH.read_text(encoding="utf-8") if PATH.exists() else ""
        if current != text:
            print(_difference(current, text), file=sys.stderr)
            raise LocalError("docs/openapi.yaml is stale; run: make openapi")
        return 0

    return run_command(command)


def _difference(current: str, text: str) -> str:
    lines = list(difflib.unified_diff(current.splitlines(), text.splitlines(), "committed", "generated", lineterm=""))
    return "\n".join(lines[:60])


if __name__ == "__main__":
    sys.exit(main())
