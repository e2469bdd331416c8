"""The Lambda authorizer of every route: a bearer token in, an IAM policy out.

"Output from an API Gateway Lambda authorizer", Amazon API Gateway Developer Guide. The policy is cached by token, so it
is for the whole stage; each operation checks whose path it is.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Mapping
from typing import Any

from taskapi import initialisation, subject
from taskapi.errors import ConfigurationError, ConfigurationFault
from taskapi.observability import Outcome, log_unforeseen, user_hash
from taskapi.settings import TokenSettings
from taskapi.tokens.claims import Identity
from taskapi.tokens.errors import InvalidToken, Undecided
from taskapi.tokens.jwks import PublishedKeys
from taskapi.tokens.keys import InlineKeys, InvalidKeySet, KeySource
from taskapi.tokens.secret import SharedSecret
from taskapi.tokens.verifier import TokenVerifier

NAME = "authorizer"
ANONYMOUS = "anonymous"


class Authorizer:
    """A Lambda handler: call it with a TOKEN authorizer event and the Lambda context."""

    def __init__(
        self, settings: TokenSettings, keys: KeySource, *, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self._verifier = TokenVerifier(settings, keys)
        self._environment = settings.environment
        self._leeway = settings.leeway
        self._monotonic = monotonic
        self._cold = True

    def __call__(self, event: Mapping[str, Any], context: Any) -> dict[str, Any]:
        """Judge one token: an Allow policy with context ``{"sub", "exp", "scope"}``, or a Deny, which becomes a 401.

        Raises:
            Undecided: the token may be good a moment later. API Gateway answers 500 and caches nothing.
            Exception: whatever else kept it from judging.
        """
        started = self._monotonic()
        identity: Identity | None = None
        status = 500
        code: str | None = "internal_error"
        try:
            authorization, method_arn = (str(event.get(name) or "") for name in ("authorizationToken", "methodArn"))
            identity = self._verifier.verify(_bearer_token(authorization))
            status, code = 200, None
        except InvalidToken as invalid:
            status, code = 401, invalid.reason
        except Undecided as undecided:
            code = undecided.reason
            raise
        except Exception as error:
            log_unforeseen(error, operation=NAME)
            raise
        finally:
            self._report(started, status, code, identity, context)
        return _policy(identity, self._leeway, method_arn)

    def _report(self, started: float, status: int, code: str | None, identity: Identity | None, context: Any) -> None:
        cold, self._cold = self._cold, False
        outcome = Outcome(
            operation=NAME,
            environment=self._environment,
            status=status,
            code=code,
            milliseconds=(self._monotonic() - started) * 1000,
            cold_start=cold,
        )
        outcome.log(context, user=user_hash(identity.subject) if identity else None)
        outcome.emit_metrics()


def create_authorizer(environment: Mapping[str, str] = os.environ) -> Authorizer:
    """The authorizer that the environment asks for: its composition root; raises ConfigurationError."""
    settings = TokenSettings.from_environment(environment)
    authorizer = Authorizer(settings, _key_source(settings))
    initialisation.end()
    return authorizer


def _key_source(settings: TokenSettings) -> KeySource:
    if settings.jwks_url is not None:
        return PublishedKeys(settings.jwks_url)
    if settings.secret_arn is not None:
        return SharedSecret(settings.secret_arn)
    try:
        return InlineKeys.parse(settings.jwks or "", settings.algorithms)
    except InvalidKeySet as invalid:
        raise ConfigurationError([ConfigurationFault("JWT_JWKS", str(invalid))]) from invalid


def _bearer_token(value: str) -> str:
    """The token of an ``Authorization`` header (RFC 6750 section 2.1; the scheme in any case, RFC 9110 11.1)."""
    scheme, _, token = value.partition(" ")
    if scheme.lower() != "bearer":
        raise InvalidToken("malformed")
    return token.strip(" \t")


def _policy(identity: Identity | None, leeway: int, method_arn: str) -> dict[str, Any]:
    """The policy for the whole stage, off ``arn:aws:execute-api:region:account:api/stage/METHOD/path``."""
    api, stage = [*method_arn.split("/"), "", ""][:2]
    policy: dict[str, Any] = {
        # Shows up in access logs, so it is the pseudonym and not the user.
        "principalId": user_hash(identity.subject) if identity else ANONYMOUS,
        "policyDocument": {
            "Version": "2012-10-17",
            "Statement": [
                {
                    "Action": "execute-api:Invoke",
                    "Effect": "Allow" if identity else "Deny",
                    "Resource": f"{api}/{stage}/*",
                }
            ],
        },
    }
    if identity is not None:
        # With the leeway: a token that was let in must not be refused by the function a moment later.
        policy["context"] = {"sub": subject.encode(identity.subject), "exp": identity.expires + leeway}
        if identity.scope is not None:
            policy["context"]["scope"] = identity.scope
    return policy
