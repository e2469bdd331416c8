"""The authorizer's side: verifying access tokens (RFC 7519) against the configured issuer's keys (RFC 7517)."""

from taskapi.tokens.authorizer import Authorizer, create_authorizer

__all__ = ["Authorizer", "create_authorizer"]
