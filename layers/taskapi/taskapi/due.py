"""Due dates: ``2026-12-01``, a day wherever its owner is, or ``2026-12-01T09:30:00+01:00``, an instant.

Instants are stored in UTC, so that both kinds sort together as plain strings.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime

_DATE = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
# RFC 3339 section 5.6: the offset is not optional, and T and Z may be lower case. Hours end at 23 here and not in
# datetime.fromisoformat, which takes 24:00 from Python 3.14 on.
_INSTANT = re.compile(
    r"(?P<minute>\d{4}-\d{2}-\d{2}[Tt](?:[01]\d|2[0-3]):[0-5]\d:)(?P<second>[0-5]\d|60)"
    r"(?:\.(?P<fraction>\d{1,9})\d*)?(?P<offset>[Zz]|[+-](?:[01]\d|2[0-3]):[0-5]\d)",
    re.ASCII,
)


def parse(text: str) -> str:
    """The stored form: ``YYYY-MM-DD``, or ``YYYY-MM-DDTHH:MM:SS.mmmZ`` with digits below the millisecond cut off.

    A leap second is the last millisecond before it: no clock that this is compared with has it.

    Raises:
        ValueError: neither a date nor an RFC 3339 instant between the years 1 and 9999 UTC.
    """
    if _DATE.fullmatch(text):
        return date.fromisoformat(text).isoformat()
    found = _INSTANT.fullmatch(text)
    if found is None:
        raise ValueError("neither a date nor an instant")
    offset = "+00:00" if found["offset"] in "Zz" else found["offset"]
    is_leap_second = found["second"] == "60"
    second, fraction = ("59", "999") if is_leap_second else (found["second"], found["fraction"] or "")
    try:
        instant = datetime.fromisoformat(found["minute"].upper() + second + offset).astimezone(UTC)
    except OverflowError as beyond_the_calendar:
        raise ValueError("outside the years 1 to 9999") from beyond_the_calendar
    if is_leap_second and (instant.hour, instant.minute) != (23, 59):
        raise ValueError("no leap second")
    return f"{instant.replace(tzinfo=None).isoformat(timespec='seconds')}.{fraction[:3].ljust(3, '0')}Z"
