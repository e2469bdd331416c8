"""An HTTP request as API Gateway sees it, before any routing."""

from __future__ import annotations

import re
import time
import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, quote

_ABSOLUTE_FORM = re.compile(r"https?://[^/?#]*", re.IGNORECASE)
# What may stand in a request target as it is: printable ASCII but the quote and the backslash, which would end a JSON
# string in a gateway response's template, and the number sign, which no client sends.
_PRINTABLE = "".join(chr(code) for code in range(0x21, 0x7F) if chr(code) not in '"\\#')


def split_target(target: str) -> tuple[str, str]:
    """Path and query of an HTTP request target (RFC 9112 section 3.2), both still percent-encoded.

    Args:
        target: As in the request line, read as Latin-1; any bytes at all.

    Returns:
        A path of printable ASCII that starts with a slash, and the query without its question mark, in the same
        alphabet. What was outside that alphabet is percent-encoded; nothing is decoded.
    """
    origin_form = _ABSOLUTE_FORM.sub("", target, count=1) if _ABSOLUTE_FORM.match(target) else target
    encoded = quote(origin_form.encode("latin-1", "replace"), safe=_PRINTABLE)
    path, _, query = encoded.partition("?")
    return "/" + path.lstrip("/"), query


def decode_query(query: str) -> dict[str, list[str]]:
    """Query parameters as REST APIs hand them over: decoded once, ``+`` as a space, repeated ones kept.

    A raw semicolon separates, too ("Important notes", Amazon API Gateway Developer Guide). Bytes that are no UTF-8
    become U+FFFD.
    """
    parameters: dict[str, list[str]] = {}
    for name, value in parse_qsl(query.replace(";", "&"), keep_blank_values=True, errors="replace"):
        parameters.setdefault(name, []).append(value)
    return parameters


@dataclass(frozen=True)
class GatewayRequest:
    """One request.

    Attributes:
        method: Upper case.
        path: Percent-encoded, as sent.
        query: Percent-encoded, as sent, without the question mark.
        headers: Name and value in the order sent, repeated ones kept.
        body: As sent.
        source_ip: The client's.
        protocol: ``HTTP/1.1``.
        host: What the client called us.
        scheme: ``http``, or ``https`` as on AWS.
        base_path: What the client's URL has before the resource's path: ``/v1``, the stage, on AWS; nothing here, as on
            AWS with a custom domain.
        request_id: ``$context.requestId``.
        time: When it arrived, Unix seconds.
        fault: What is wrong with it as a message of HTTP; None where nothing is.
    """

    method: str
    path: str
    query: str = ""
    headers: Sequence[tuple[str, str]] = ()
    body: bytes = b""
    source_ip: str = "127.0.0.1"
    protocol: str = "HTTP/1.1"
    host: str = "127.0.0.1:3000"
    scheme: str = "http"
    base_path: str = ""
    request_id: str = field(default_factory=lambda: str(uuid.uuid4()))
    time: float = field(default_factory=time.time)
    fault: str | None = None

    def header(self, name: str) -> str | None:
        """A header's value by its name in any case, the last one where it is repeated; None when absent."""
        values = self.header_values(name)
        return values[-1] if values else None

    def header_values(self, name: str) -> list[str]:
        """All values of a header, by its name in any case."""
        return [value for key, value in self.headers if key.lower() == name.lower()]

    def context(self, *, stage: str, resource_path: str | None = None) -> dict[str, object]:
        """The ``$context`` variables that are known of any request, nested as in ``requestContext``."""
        context: dict[str, object] = {
            "accountId": "123456789012",
            "apiId": "local",
            "deploymentId": "local",
            "domainName": self.host,
            "domainPrefix": self.host.partition(".")[0],
            "extendedRequestId": self.request_id.replace("-", "")[:15] + "=",
            "httpMethod": self.method,
            "identity": {"sourceIp": self.source_ip, "userAgent": self.header("User-Agent")},
            "path": self.base_path + self.path,
            "protocol": self.protocol,
            "requestId": self.request_id,
            "requestTime": time.strftime("%d/%b/%Y:%H:%M:%S +0000", time.gmtime(self.time)),
            "requestTimeEpoch": int(self.time * 1000),
            "stage": stage,
        }
        if resource_path is not None:
            context |= {"resourceId": "local", "resourcePath": resource_path}
        return context


def grouped(pairs: Iterable[tuple[str, str]]) -> dict[str, list[str]]:
    """Headers by name, under the spelling that each was first sent with."""
    spelling: dict[str, str] = {}
    groups: dict[str, list[str]] = {}
    for name, value in pairs:
        groups.setdefault(spelling.setdefault(name.lower(), name), []).append(value)
    return groups


def last_values(groups: Mapping[str, Sequence[str]]) -> dict[str, str]:
    """The single-value form of a multi-value map: API Gateway keeps the last one."""
    return {name: values[-1] for name, values in groups.items()}
