"""What the generators and their clients need on a machine, and whether it is there.

``python -m tests.generators.prerequisites`` prints what is missing that ``make test-generators`` can't install by
itself, and then exits with 1.
"""

from __future__ import annotations

import shutil
import sys
from typing import Final

PROGRAMS: Final = ("java", "javac", "mvn", "node", "npm", "go")


def main() -> int:
    """The command; returns its exit status."""
    lacking = [f"there is no {name}" for name in PROGRAMS if shutil.which(name) is None]
    if lacking:
        sys.stdout.write(" and ".join(lacking) + "\n")
    return int(bool(lacking))


if __name__ == "__main__":
    sys.exit(main())
