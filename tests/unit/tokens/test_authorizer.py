"""The authorizer: a bearer token in, an IAM policy out."""

from __future__ import annotations

import gc
import time
from collections.abc import Mapping, Sequence
from typing import Any

import boto3
import pytest
from moto import mock_aws

from taskapi import subject
from taskapi.errors import ConfigurationError
from taskapi.http.request import Request
from taskapi.observability import user_hash
from taskapi.settings import TokenSettings
from taskapi.tokens import Authorizer, create_authorizer
from taskapi.tokens.errors import KeysUnavailable, TooEarly, UnknownKeyYet
from taskapi.tokens.keys import InlineKeys, KeySet, KeySource
from tests.conftest import ENVIRONMENT
from tests.support.access_tokens import AUDIENCE, ISSUER, SHARED_SECRET, claims, private_key_signed, token
from tests.support.fixed_clocks import FixedMonotonic
from tests.support.function_modules import load_function
from tests.support.proxy_events import METHOD_ARN, FakeContext, proxy_event, token_event
from tests.support.signing_keys import key_set, signing_key
from tests.support.standard_output import StandardOutput

KEY = signing_key("Ed25519")
SETTINGS = TokenSettings("prod", ISSUER, (AUDIENCE,), "aud", ("EdDSA",))
STAGE_ARN = "arn:aws:execute-api:eu-central-1:123456789012:a1b2c3d4e5/v1/*"

pytestmark = pytest.mark.usefixtures("output")


def authorizer() -> Authorizer:
    """One with the Ed25519 key, which has not been called yet."""
    return Authorizer(SETTINGS, InlineKeys(KeySet.parse(key_set(KEY.jwk(kid="first")))))


def bearer(**changes: Any) -> str:
    """An Authorization header with a token of these claims."""
    return "Bearer " + private_key_signed({"alg": "EdDSA", "kid": "first"}, claims(**changes), KEY.private)


def judged(authorization: str, method_arn: str = METHOD_ARN) -> dict[str, Any]:
    """The authorizer's verdict."""
    return authorizer()(token_event(authorization, method_arn), FakeContext())


def statement(verdict: dict[str, Any]) -> dict[str, Any]:
    """The one statement of its policy."""
    [only] = verdict["policyDocument"]["Statement"]
    return dict(only)


class TestAllow:
    """A good token."""

    def test_it_may_call_the_whole_stage(self) -> None:
        # API Gateway caches the policy by token: one for a single route would block the user's next call
        exp = int(time.time()) + 60
        assert judged(bearer(exp=exp, scope="a b")) == {
            "principalId": user_hash("alice"),
            "policyDocument": {
                "Version": "2012-10-17",
                "Statement": [{"Action": "execute-api:Invoke", "Effect": "Allow", "Resource": STAGE_ARN}],
            },
            # With the leeway of 5 s: what the authorizer lets in, the function must not refuse a moment later
            "context": {"sub": "alice", "exp": exp + 5, "scope": "a b"},
        }

    @pytest.mark.parametrize(
        ("method_arn", "resource"),
        [
            (METHOD_ARN, STAGE_ARN),
            ("arn:aws:execute-api:eu-central-1:123456789012:a1b2c3d4e5/v1/POST/", STAGE_ARN),
            ("arn:aws:execute-api:eu-central-1:123456789012:a1b2c3d4e5/v1/GET/users/a*b?c/tasks", STAGE_ARN),
            ("arn:aws:execute-api:eu-central-1:123456789012:a1b2c3d4e5/v1", STAGE_ARN),
            (
                "arn:aws-cn:execute-api:cn-north-1:123456789012:zz/prod/DELETE/x",
                "arn:aws-cn:execute-api:cn-north-1:123456789012:zz/prod/*",
            ),
        ],
    )
    def test_of_its_own_api_and_stage_only(self, method_arn: str, resource: str) -> None:
        assert statement(judged(bearer(), method_arn))["Resource"] == resource

    def test_no_scope_no_member(self) -> None:
        assert judged(bearer())["context"].keys() == {"sub", "exp"}

    @pytest.mark.parametrize("sub", ["alice", "auth0|x", "a/b", "a%2Fb", "\u00fc", "\u65e5\u672c"])
    def test_the_operations_read_the_subject_back(self, sub: str) -> None:
        # Given a verdict, when its context gets to an operation as strings
        context = judged(bearer(sub=sub))["context"]
        assert all(isinstance(value, (str, int)) and str(value).isascii() for value in context.values())
        request = Request.from_event(proxy_event("list_tasks", sub=context["sub"], exp=str(context["exp"]), user=sub))
        # Then the request is the subject's own
        request.check_identity()
        assert request.owner == sub == subject.decode(context["sub"])

    @pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER"])
    def test_the_scheme_in_any_case(self, scheme: str) -> None:
        assert statement(judged(bearer().replace("Bearer", scheme)))["Effect"] == "Allow"

    def test_white_space_around_the_token(self) -> None:
        assert statement(judged(bearer().replace(" ", "   ") + " "))["Effect"] == "Allow"


class TestDeny:
    """A token that is not good."""

    @pytest.mark.parametrize(
        ("authorization", "code"),
        [
            ("", "malformed"),
            ("Bearer", "malformed"),
            ("Bearer ", "malformed"),
            ("Bearer x", "malformed"),
            (bearer() + "\u00a0", "malformed"),
            (bearer() + "\x1c", "malformed"),
            ("Basic YWxpY2U6eA==", "malformed"),
            (bearer().removeprefix("Bearer "), "malformed"),
            (bearer().replace("Bearer", "Basic"), "malformed"),
            (bearer().replace(" ", "\t"), "malformed"),
            (bearer() + " " + bearer(), "malformed"),
            (bearer(exp=1), "expired"),
            (bearer(iss="https://evil.example"), "wrong_issuer"),
            (bearer(aud="other"), "wrong_audience"),
            (bearer(sub="a#b"), "bad_subject"),
            (bearer(nbf=4102444800), "not_yet_valid"),
            (bearer(sub=...), "missing_claim"),
            (bearer()[:-8] + "AAAAAAAA", "wrong_signature"),
        ],
        ids=lambda value: value if len(value) < 20 else None,
    )
    def test_it_is_denied_the_whole_stage(self, authorization: str, code: str, output: StandardOutput) -> None:
        # Given a bad token, when it is judged
        verdict = judged(authorization)
        # Then it is denied, without a word on why
        assert verdict == {
            "principalId": "anonymous",
            "policyDocument": {
                "Version": "2012-10-17",
                "Statement": [{"Action": "execute-api:Invoke", "Effect": "Deny", "Resource": STAGE_ARN}],
            },
        }
        # And the reason is in log and metrics
        [line] = output.logs
        assert (line["status"], line["code"], line["operation"]) == (401, code, "authorizer")
        assert "user" not in line
        assert [(record["code"], record["Errors"]) for record in output.metrics if "code" in record] == [(code, [1.0])]

    @pytest.mark.parametrize("event", [{}, {"authorizationToken": None}, {"type": "TOKEN", "methodArn": METHOD_ARN}])
    def test_an_event_without_a_token(self, event: dict[str, Any]) -> None:
        assert statement(authorizer()(event, FakeContext()))["Effect"] == "Deny"


def broken(error: Exception) -> KeySource:
    """A key source that always raises this."""

    class Broken:
        def candidates(self, _kid: str | None, _algorithm: str, /) -> Sequence[Any]:
            raise error

    return Broken()


class TestOutage:
    """What keeps it from judging."""

    @pytest.mark.parametrize(
        ("error", "code"),
        [
            (KeysUnavailable("down"), "keys_unavailable"),
            (UnknownKeyYet("moments ago"), "unknown_key_yet"),
            (TooEarly("ahead"), "too_early"),
        ],
        ids=str,
    )
    def test_what_may_be_good_a_moment_later_is_not_denied(
        self, error: Exception, code: str, output: StandardOutput
    ) -> None:
        # Given a token of which nothing can be said yet, when it comes, then there is no verdict to cache
        with pytest.raises(type(error)):
            Authorizer(SETTINGS, broken(error))(token_event(bearer()), FakeContext())
        # And one line says why, for whom the alarm calls
        [line] = output.logs
        assert (line["status"], line["code"], line["level"]) == (500, code, "ERROR")
        assert [(record["code"], record["Errors"]) for record in output.metrics if "code" in record] == [(code, [1.0])]
        # And API Gateway does not take it for a 401 ("Use API Gateway Lambda authorizers", its Developer Guide)
        assert "Unauthorized" not in str(error)

    @pytest.mark.parametrize("error", [RuntimeError("hunter2"), ConfigurationError([])])
    def test_it_raises_so_that_nothing_is_cached(self, error: Exception, output: StandardOutput) -> None:
        # Given a key source that is down, when a token comes, then there is no verdict, rather than a cached denial
        with pytest.raises(type(error)):
            Authorizer(SETTINGS, broken(error))(token_event(bearer()), FakeContext())
        fault, line = output.logs
        assert (fault["message"], fault["exception"]) == ("unforeseen error", type(error).__name__)
        assert fault["operation"] == "authorizer"
        assert (line["status"], line["code"], line["level"]) == (500, "internal_error", "ERROR")
        assert "hunter2" not in output.text
        assert [record["ServerErrors"] for record in output.metrics if "ServerErrors" in record] == [[1.0]]


class TestObservability:
    """One log line and one metric record a token."""

    def test_the_log_line(self, output: StandardOutput) -> None:
        judged(bearer())
        [line] = output.logs
        assert (
            line.items()
            >= {
                "level": "INFO",
                "message": "request served",
                "operation": "authorizer",
                "environment": "prod",
                "status": 200,
                "cold_start": True,
                "function_request_id": FakeContext.aws_request_id,
                "user": user_hash("alice"),
            }.items()
        )
        assert "code" not in line

    def test_how_long_it_took_is_in_milliseconds(self, output: StandardOutput) -> None:
        clock = FixedMonotonic()

        class Slow:
            def candidates(self, kid: str | None, algorithm: str) -> Sequence[Any]:
                clock.advance(0.25)
                return InlineKeys(KeySet.parse(key_set(KEY.jwk(kid="first")))).candidates(kid, algorithm)

        Authorizer(SETTINGS, Slow(), monotonic=clock)(token_event(bearer()), None)
        assert [line["duration_ms"] for line in output.logs] == [250]
        assert [record["Latency"] for record in output.metrics] == [[250.0]]

    def test_only_the_first_token_is_a_cold_start(self, output: StandardOutput) -> None:
        under_test = authorizer()
        for authorization in ("Bearer x", bearer()):
            under_test(token_event(authorization), None)
        assert [record["ColdStarts"] for record in output.metrics if "ColdStarts" in record] == [[1.0], [0.0]]

    def test_no_part_of_a_token_is_ever_logged(self, output: StandardOutput) -> None:
        good = bearer(sub="auth0|hunter2", email="hunter2@example.com")
        for authorization in (good, bearer(sub="hunter2", exp=1), good[:-4] + "AAAA", "Bearer hunter2", "hunter2"):
            judged(authorization)
        assert "hunter2" not in output.text
        assert not any(part in output.text for part in good.removeprefix("Bearer ").split("."))


class TestComposition:
    """What the environment asks for."""

    VARIABLES: Mapping[str, str] = {
        name: value
        for name, value in ENVIRONMENT.items()
        if name == "ENVIRONMENT" or name.startswith(("JWT_", "POWERTOOLS_"))
    }

    def test_the_function_itself(self) -> None:
        # Given the function as Lambda loads it, when it is handed a good token, then it says yes
        handler = load_function("authorizer").handler
        assert isinstance(handler, Authorizer)
        assert statement(handler(token_event(bearer()), FakeContext()))["Effect"] == "Allow"

    def test_an_inline_key_set(self) -> None:
        made = create_authorizer(self.VARIABLES)
        assert statement(made(token_event(bearer()), None))["Effect"] == "Allow"

    @pytest.mark.parametrize(
        "changes",
        [
            {"JWT_JWKS": "", "JWT_JWKS_URL": "https://issuer.example.com/jwks"},
            {
                "JWT_JWKS": "",
                "JWT_SECRET_ARN": "arn:aws:secretsmanager:eu-central-1:1:secret:x",
                "JWT_ALGORITHMS": "HS256",
            },
        ],
    )
    def test_other_sources_are_not_asked_before_the_first_token(self, changes: dict[str, str]) -> None:
        # Sockets are closed to unit tests, so that asking would fail
        assert isinstance(create_authorizer({**self.VARIABLES, **changes}), Authorizer)

    @pytest.mark.parametrize(
        "jwks",
        [
            "{",
            '{"keys": []}',
            '{"keys": [{"kty": "oct", "k": "eA"}]}',
            key_set(KEY.jwk(kid="first", d="hunter2")),
            key_set(KEY.jwk(kid="first"), signing_key("RSA").jwk(d="hunter2")),
            key_set(signing_key("RSA").jwk(kid="first")),
        ],
        ids=["no JSON", "no keys", "symmetric", "private", "private beside a good one", "none for the algorithm"],
    )
    def test_a_key_set_that_is_none(self, jwks: str) -> None:
        with pytest.raises(ConfigurationError, match="JWT_JWKS") as raised:
            create_authorizer({**self.VARIABLES, "JWT_JWKS": jwks})
        assert "hunter2" not in str(raised.value)

    def test_a_published_key_set(self, output: StandardOutput) -> None:
        # Given a URL that nothing can be fetched from, which is how one sees that it is the one that is asked
        made = create_authorizer({**self.VARIABLES, "JWT_JWKS": "", "JWT_JWKS_URL": "https:///jwks"})
        with pytest.raises(KeysUnavailable):
            made(token_event(bearer()), None)
        assert (output.logs[0]["url"], output.logs[0]["reason"]) == ("https:///jwks", "not an https URL")

    def test_a_secret(self) -> None:
        with mock_aws():
            arn = boto3.client("secretsmanager").create_secret(Name="jwt", SecretString=SHARED_SECRET)["ARN"]
            variables = {"JWT_JWKS": "", "JWT_SECRET_ARN": arn, "JWT_ALGORITHMS": "HS256"}
            made = create_authorizer({**self.VARIABLES, **variables})
            assert statement(made(token_event(f"Bearer {token(SHARED_SECRET, 'HS256')}"), None))["Effect"] == "Allow"

    def test_garbage_is_collected_from_then_on(self) -> None:
        gc.disable()
        try:
            create_authorizer(self.VARIABLES)
            assert gc.isenabled()
        finally:
            gc.enable()
            gc.unfreeze()

    def test_an_environment_that_is_wrong(self) -> None:
        with pytest.raises(ConfigurationError, match="JWT_ISSUER"):
            create_authorizer({**self.VARIABLES, "JWT_ISSUER": ""})
