"""``make run`` with an issuer of the developer's: its tokens are good, and development tokens are not."""

from __future__ import annotations

import dataclasses
import http.server
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field

import httpx
import pytest

from local.errors import LocalError
from local.identity.own_issuer import DEFAULT_ALGORITHMS, OwnIssuer
from local.instance import instance
from local.listener import listen
from local.paths import TEMPLATE
from local.settings import LocalSettings
from local.template.loading import load_template
from local.token import main as make_token
from local.web.welcome import welcome
from tests.e2e.serving import ISSUER, SETTINGS, Served, running
from tests.support.access_tokens import AUDIENCE, claims, token
from tests.support.signing_keys import key_set, signing_key

BASE = "http://localhost:3001"
COMPLETE = {"JWT_ISSUER": BASE, "JWT_AUDIENCE": AUDIENCE, "JWT_JWKS_URL": f"{BASE}/api/auth/jwks"}


@dataclass
class KeyServer:
    """Publishes a key set by plain HTTP on this machine.

    Attributes:
        answers: Path to status, headers and body.
        url: Of the server.
    """

    answers: dict[str, tuple[int, dict[str, str], str]] = field(default_factory=dict)
    url: str = ""


@pytest.fixture
def key_server() -> Iterator[KeyServer]:
    state = KeyServer()

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            status, headers, body = state.answers.get(self.path, (404, {}, ""))
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body.encode())

        def log_message(self, *_args: object) -> None:
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        state.url = f"http://127.0.0.1:{server.server_port}"
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        thread.start()
        yield state
        server.shutdown()
        thread.join()


def served(own: OwnIssuer) -> Iterator[str]:
    """The URL of a running API that accepts the tokens of this issuer."""
    settings = dataclasses.replace(SETTINGS, own_issuer=own)
    with listen(0) as listener, instance(settings, ISSUER, listener, Served()) as started, running(started.server):
        yield started.server.url


def status(url: str, text: str) -> int:
    answer = httpx.get(f"{url}/users/me/tasks", headers={"Authorization": f"Bearer {text}"}, trust_env=False)
    return answer.status_code


class TestSettings:
    """What the environment says."""

    @pytest.mark.parametrize(
        "variables", [{}, {"JWT_ISSUER": " "}, {"JWT_ALGORITHMS": "RS256", "JWT_LEEWAY_SECONDS": "9"}]
    )
    def test_none(self, variables: dict[str, str]) -> None:
        assert OwnIssuer.from_environment(variables) is None

    def test_the_least_that_it_needs(self) -> None:
        assert OwnIssuer.from_environment(COMPLETE) == OwnIssuer(
            BASE, AUDIENCE, "", f"{BASE}/api/auth/jwks", "aud", DEFAULT_ALGORITHMS
        )

    def test_all_of_it(self) -> None:
        variables = {
            "JWT_ISSUER": BASE, "JWT_AUDIENCE": "a,b", "JWT_JWKS": "{}", "JWT_AUDIENCE_CLAIM": "client_id",
            "JWT_ALGORITHMS": "RS256",
        }  # fmt: skip
        own = OwnIssuer.from_environment(variables)
        assert own == OwnIssuer(BASE, "a,b", "{}", "", "client_id", "RS256")
        # And the authorizer gets it in place of the development issuer
        template = load_template(TEMPLATE, LocalSettings(own_issuer=own).parameters(ISSUER.jwks))
        assert template.functions["AuthorizerFunction"].environment.items() >= variables.items()

    @pytest.mark.parametrize(
        ("variables", "words"),
        [
            ({"JWT_ISSUER": BASE}, ["JWT_AUDIENCE", "one of JWT_JWKS and JWT_JWKS_URL"]),
            ({"JWT_JWKS_URL": f"{BASE}/jwks"}, ["JWT_ISSUER", "JWT_AUDIENCE"]),
            ({**COMPLETE, "JWT_JWKS": "{}"}, ["one of JWT_JWKS and JWT_JWKS_URL"]),
            ({**COMPLETE, "JWT_JWKS_URL": "http://issuer.example.com/jwks"}, ["https"]),
            ({**COMPLETE, "JWT_JWKS_URL": "http://localhost.example.com/jwks"}, ["https"]),
            ({**COMPLETE, "JWT_JWKS_URL": "http://localhost@issuer.example.com/jwks"}, ["https"]),
            ({**COMPLETE, "JWT_JWKS_URL": "file:///etc/passwd"}, ["https"]),
            ({**COMPLETE, "JWT_JWKS_URL": "http://[::1/jwks"}, ["https"]),
        ],
        ids=str,
    )
    def test_what_is_missing_or_wrong_is_named(self, variables: dict[str, str], words: list[str]) -> None:
        with pytest.raises(LocalError) as raised:
            OwnIssuer.from_environment(variables)
        assert all(word in str(raised.value) for word in words)

    def test_what_it_prints(self) -> None:
        settings = LocalSettings(own_issuer=OwnIssuer.from_environment(COMPLETE))
        text = welcome("http://127.0.0.1:3000", settings, table_created=True)
        assert BASE in text
        assert COMPLETE["JWT_JWKS_URL"] in text
        assert "USER=alice" not in text

    def test_make_token_says_why_there_is_none(
        self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        for name, value in {**COMPLETE, "JWT_JWKS": ""}.items():
            monkeypatch.setenv(name, value)
        assert make_token(["alice"]) == 1
        printed = capsys.readouterr()
        assert printed.out == ""
        assert "JWT_ISSUER is set" in printed.err


class TestKeySetByPlainHttp:
    """An issuer on this machine, such as a frontend's own Better Auth."""

    PATH = "/api/auth/jwks"
    KEY = signing_key("Ed25519")

    @pytest.fixture
    def own_api(self, key_server: KeyServer) -> Iterator[str]:
        yield from served(OwnIssuer(BASE, BASE, jwks_url=key_server.url + self.PATH))

    def good(self) -> str:
        return token(self.KEY.private, "EdDSA", claims(iss=BASE, aud=BASE), kid="1")

    def test_its_tokens_are_good_and_development_tokens_are_not(self, own_api: str, key_server: KeyServer) -> None:
        key_server.answers[self.PATH] = (200, {}, key_set(self.KEY.jwk(kid="1")))
        assert status(own_api, self.good()) == 200
        assert status(own_api, ISSUER.token("alice")) == 401

    def test_a_redirect_is_not_followed(self, own_api: str, key_server: KeyServer) -> None:
        key_server.answers["/elsewhere"] = (200, {}, key_set(self.KEY.jwk(kid="1")))
        key_server.answers[self.PATH] = (302, {"Location": f"{key_server.url}/elsewhere"}, "")
        assert status(own_api, self.good()) == 500


RSA = signing_key("RSA")


@pytest.fixture(scope="module")
def api_of_a_client() -> Iterator[str]:
    """The API with an issuer whose key set is given, and whose tokens name their client."""
    yield from served(OwnIssuer(BASE, "client", jwks=key_set(RSA.jwk(kid="1")), audience_claim="client_id"))


class TestInlineKeySet:
    """JWT_JWKS, and what of the local tokens is left."""

    def test_its_tokens_are_good(self, api_of_a_client: str) -> None:
        content = claims(iss=BASE, aud=..., client_id="client")
        assert status(api_of_a_client, token(RSA.private, "RS256", content, kid="1")) == 200
        assert status(api_of_a_client, ISSUER.token("alice")) == 401

    def test_there_are_no_development_tokens(self, api_of_a_client: str) -> None:
        answer = httpx.post(f"{api_of_a_client}/dev/token", json={"user": "alice"}, trust_env=False)
        assert answer.status_code == 404
        assert "JWT_ISSUER" in answer.text

    def test_the_page_asks_for_a_token_and_offers_no_name(self, api_of_a_client: str) -> None:
        text = httpx.get(f"{api_of_a_client}/app/config.js", trust_env=False).text
        assert text == 'export const config = {"apiBase": "", "tokenEndpoint": null};\n'

    def test_a_set_that_is_none_is_told_at_the_start(self) -> None:
        with pytest.raises(LocalError, match="JWT_JWKS"):
            next(served(OwnIssuer(BASE, "client", jwks=key_set(RSA.jwk(d="AQAB")))))
