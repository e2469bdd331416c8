"""Who is calling: development tokens, or the tokens of the developer's own issuer."""

from __future__ import annotations

from typing import Final

ISSUER: Final = "http://127.0.0.1:3000"
"""``iss`` and ``aud`` of development tokens. The same whatever the port, so that one token serves every local run."""
