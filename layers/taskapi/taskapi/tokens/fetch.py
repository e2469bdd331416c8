"""Gets the issuer's key set.

Redirects are not followed: one could lead off HTTPS or into the VPC. The setting has to name the final URL.
"""

from __future__ import annotations

import socket
import ssl
from http.client import HTTPException
from typing import Final
from urllib.parse import urlsplit

from taskapi.exchange import Deadline, address_of, exchange, open_socket, proxy_for

TIMEOUT_SECONDS: Final = 1.5
MOST_BYTES: Final = 256 * 1024
# Some issuers' edges refuse the names of HTTP libraries with a 403.
USER_AGENT: Final = "task-api/1.0.0"


def fetch(url: str, *, tls: ssl.SSLContext | None = None, timeout: float = TIMEOUT_SECONDS) -> str:
    """Get a key set document.

    Args:
        url: An https URL.
        tls: What to trust; None is what the system does.
        timeout: Seconds for all of it.

    Raises:
        OSError: it could not be had; the text says in a few words why, and nothing of what came in.
        ValueError: not an https URL; not UTF-8.
    """
    parts = urlsplit(url)
    # Printable alone, as a request's line ends at the next space.
    if not url.startswith("https://") or not parts.hostname or not url.isascii() or " " in url or not url.isprintable():
        raise ValueError("not an https URL")
    if tls is None:
        tls = ssl.create_default_context()
        tls.set_alpn_protocols(["http/1.1"])
    proxy = proxy_for(url)
    if proxy is not None and proxy.scheme != "http":
        raise OSError("proxy: not an http URL")
    host, port = address_of(parts)
    authority = f"[{host}]" if ":" in host else host
    target = f"{parts.path or '/'}?{parts.query}" if parts.query else parts.path or "/"
    message = (
        f"GET {target} HTTP/1.1\r\n"
        f"Host: {authority if port == 443 else f'{authority}:{port}'}\r\n"
        "Accept: application/jwk-set+json, application/json, */*;q=0.1\r\n"
        "Accept-Encoding: identity\r\n"
        f"User-Agent: {USER_AGENT}\r\n"
        "Connection: close\r\n\r\n"
    ).encode()
    deadline = Deadline(timeout)
    try:
        with open_socket(parts, tls, deadline, proxy=proxy) as sock:
            reply = exchange(sock, "GET", message, deadline, MOST_BYTES)
    except (OSError, HTTPException) as error:
        raise OSError(_reason(error)) from error
    if reply.status != 200:
        raise OSError(f"HTTP {reply.status}")
    return reply.body.decode()


def _reason(error: OSError | HTTPException) -> str:
    if isinstance(error, TimeoutError):
        return "timed out"
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"TLS: certificate verify failed: {error.verify_message}"
    if isinstance(error, ssl.SSLError):
        return f"TLS: {(error.reason or type(error).__name__).lower().replace('_', ' ')}"
    if isinstance(error, socket.gaierror):
        return "name not resolved"
    if isinstance(error, OSError):
        return error.strerror or str(error)
    # Some of these quote the server, so it is the type alone where the text is not ours.
    return str(error) if type(error) is HTTPException else type(error).__name__
