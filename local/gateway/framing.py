"""Whether a request's header section says clearly where its message is for and where it ends (RFC 9112).

Servers that read an unclear one in different ways can be played off against each other. So it is refused, as API
Gateway's own front does, and not mended.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from email.errors import FirstHeaderLineIsContinuationDefect, InvalidHeaderDefect, MissingHeaderBodySeparatorDefect
from email.message import Message
from typing import Final

_HOST: Final = re.compile(r"(?:\[[0-9A-Fa-f:.]+\]|[\w.~!$&'()*+,;=%-]*)(?::[0-9]*)?", re.ASCII)  # RFC 3986 section 3.2
_LENGTH: Final = re.compile(r"[0-9]{1,18}", re.ASCII)
_NO_FIELDS: Final = (FirstHeaderLineIsContinuationDefect, InvalidHeaderDefect, MissingHeaderBodySeparatorDefect)


def fault(version: str, headers: Message) -> str | None:
    """What is wrong with a request's framing, None where nothing is.

    Args:
        version: Of the request line, ``HTTP/1.1``.
        headers: As ``http.client.parse_headers`` reads them.
    """
    if any(isinstance(defect, _NO_FIELDS) for defect in headers.defects):
        return "a line of the header is no field"
    return _host_fault(version, _values(headers, "Host")) or _length_fault(
        version, content_lengths(headers), _values(headers, "Transfer-Encoding")
    )


def content_lengths(headers: Message) -> list[str]:
    """All values of Content-Length; a list in one field is the same as repeated fields (RFC 9110 section 8.6)."""
    return [part.strip(" \t") for value in _values(headers, "Content-Length") for part in value.split(",")]


def _host_fault(version: str, hosts: Sequence[str]) -> str | None:
    """RFC 9112 section 3.2."""
    if not hosts and version not in ("HTTP/0.9", "HTTP/1.0"):
        return "Host is missing"
    if len(hosts) > 1:
        return "there are several Hosts"
    return None if all(_HOST.fullmatch(host) for host in hosts) else "Host is none"


def _length_fault(version: str, lengths: Sequence[str], codings: Sequence[str]) -> str | None:
    """RFC 9112 sections 6.1 and 6.3."""
    if codings:
        if lengths:
            return "there are both Content-Length and Transfer-Encoding"
        if version == "HTTP/1.0":
            return "HTTP/1.0 has no Transfer-Encoding"
        if [coding.lower() for coding in codings] != ["chunked"]:
            return "Transfer-Encoding is other than chunked"
    if not all(_LENGTH.fullmatch(length) for length in lengths):
        return "Content-Length is no number"
    return "there are several Content-Lengths" if len(set(lengths)) > 1 else None


def _values(headers: Message, name: str) -> list[str]:
    return [str(value).strip(" \t") for value in headers.get_all(name, [])]
