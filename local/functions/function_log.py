"""What functions print: kept per request, to be shown or thrown away once its outcome is known."""

from __future__ import annotations

import io
import threading


class FunctionLog(io.TextIOBase):
    """A text stream to put in the place of ``sys.stdout``, where functions log to; each thread has its own pages."""

    def __init__(self) -> None:
        super().__init__()
        self._pages = threading.local()

    def writable(self) -> bool:
        """Always."""
        return True

    def write(self, text: str) -> int:
        """Keep text for :meth:`take`."""
        self._page().append(text)
        return len(text)

    def take(self) -> str:
        """What this thread has written since the last call."""
        text = "".join(self._page())
        self._pages.lines = []
        return text

    def _page(self) -> list[str]:
        if not hasattr(self._pages, "lines"):
            self._pages.lines = []
        lines: list[str] = self._pages.lines
        return lines
