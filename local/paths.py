"""Where things are in the repository."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parent.parent
TEMPLATE: Final = ROOT / "template.yaml"
EVENTS: Final = ROOT / "events"
BUILD: Final = ROOT / "build"
"""Generated files; git ignores it."""

LAYERS: Final[Sequence[Path]] = (ROOT / "layers" / "taskapi",)
"""Our own layers; in the place of the third-party one there is the virtual environment."""
