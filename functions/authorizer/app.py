"""The Lambda authorizer of every route: who is calling."""

from taskapi.tokens import create_authorizer

handler = create_authorizer()
