"""The authorizer's side: verifying access tokens (RFC 7519) against the configured issuer's keys (RFC 7517)."""

from taskapi import initialisation

# PyJWT imports it to tell certificates from secrets, and no key of ours is a certificate: a seventh of the start-up.
initialisation.defer("cryptography", "x509")

from taskapi.tokens.authorizer import Authorizer, create_authorizer  # noqa: E402

__all__ = ["Authorizer", "create_authorizer"]
