"""What one page of a list may cost; apart from the reading of pages, which only one operation imports."""

from __future__ import annotations

from typing import Final, NamedTuple


class ReadBudget(NamedTuple):
    """What one page may cost before it is returned short, with a cursor.

    Attributes:
        units: Read capacity units (4 KB each, strongly consistent). 256 are 1 MB, the most that one Query reads,
            and keep a page below Lambda's 6 MB response limit, however its JSON is escaped.
        milliseconds: Time after which no further Query is begun.
    """

    units: float = 256
    milliseconds: int = 2_000


DEFAULT_BUDGET: Final = ReadBudget()
