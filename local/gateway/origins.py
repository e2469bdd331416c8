"""Which origins browsers may call a local run from.

A template's parameter can list origins, but not "any port of this machine", and tools take the next port where theirs
is taken. What is deployed has no rule for that. So a page of this machine goes by one of the listed origins inside, and
gets the answer under its own.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from local.gateway.request import GatewayRequest

_THIS_MACHINE: Final = re.compile(r"https?://(?:localhost|127\.0\.0\.1|\[::1\])(?::[0-9]{1,5})?", re.ASCII)


@dataclass(frozen=True, slots=True)
class Origins:
    """The origins of a run.

    Attributes:
        listed: What the template is told: origins, or ``*``.
        any_local: Whether pages of this machine may call from any port.
    """

    listed: tuple[str, ...]
    any_local: bool = False

    def inside(self, request: GatewayRequest) -> str | None:
        """The listed origin that a request's own goes by; None where it goes by its own."""
        origins = request.header_values("Origin")
        if not self.any_local or len(origins) != 1 or origins[0] in self.listed:
            return None
        return self.listed[0] if _THIS_MACHINE.fullmatch(origins[0]) else None

    def refused(self, request: GatewayRequest) -> str | None:
        """A request's origin where a browser keeps the answer from its page; None where it doesn't."""
        origin = request.header("Origin")
        if origin is None or origin in self.listed or "*" in self.listed or self.inside(request) is not None:
            return None
        return None if origin == f"{request.scheme}://{request.host}" else origin
