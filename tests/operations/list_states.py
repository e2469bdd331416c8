"""What there may be before a request that is about a list, and what requests send."""

from __future__ import annotations

from typing import Any, Final

from tests.operations.case import Step
from tests.support.lists import a_list

LISTS: Final = "/users/{user_id}/lists"
LIST: Final = "/users/{user_id}/lists/{list_id}"

STORED: Final = a_list(version=4, etag="d", color="#2f6fed")
"""What a double of the store answers."""

ORDINARY: Final[dict[str, Any]] = {"title": "Moving house", "color": "#2f6fed"}
"""A list of ordinary size."""
NEW: Final[dict[str, Any]] = {"title": "The new flat", "color": None, "position": "a1"}
"""Another content."""
REPLACED: Final = {"title": "The new flat", "color": None}
"""What :data:`NEW` makes of a list."""

THERE: Final = (Step("replace_list", {"body": ORDINARY}),)
