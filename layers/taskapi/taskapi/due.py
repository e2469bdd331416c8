"""Due dates: a whole day, or an instant.

``2026-12-01`` is that day wherever its owner is; ``2026-12-01T09:30:00+01:00`` is one instant. Instants are
stored in UTC, so that both kinds sort together as plain strings.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime

_DATE = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
# RFC 3339 section 5.6: the offset is not optional, and T and Z may be lower case.
_INSTANT = re.compile(
    r"(?P<local>\d{4}-\d{2}-\d{2}[Tt]\d{2}:\d{2}:\d{2})(?:\.(?P<fraction>\d{1,9})\d*)?(?P<offset>[Zz]|[+-]\d{2}:[0-5]\d)",
    re.ASCII,
)


def parse(text: str) -> str:
    """The stored form: ``YYYY-MM-DD``, or ``YYYY-MM-DDTHH:MM:SS.mmmZ`` with digits below the millisecond cut off.

    Raises:
        ValueError: neither a calendar date nor an RFC 3339 instant between the years 1 and 9999 UTC.
    """
    if _DATE.fullmatch(text):
        return date.fromisoformat(text).isoformat()
    found = _INSTANT.fullmatch(text)
    if found is None:
        raise ValueError("neither a date nor an instant")
    offset = "+00:00" if found["offset"] in "Zz" else found["offset"]
    try:
        instant = datetime.fromisoformat(found["local"].upper() + offset).astimezone(UTC)
    except OverflowError as beyond_the_calendar:
        raise ValueError("outside the years 1 to 9999") from beyond_the_calendar
    milliseconds = (found["fraction"] or "")[:3].ljust(3, "0")
    return f"{instant.replace(tzinfo=None).isoformat(timespec='seconds')}.{milliseconds}Z"
