"""The event files: what the gateway would make, each answered as it says, and none of them stale."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jwt
import pytest

from local import events
from local.engines.store import create_client
from local.events import AUTHORIZER_EVENTS, EXAMPLES, SEEDS, USER, authorizer_event, ensure_fresh, write_events
from local.functions.in_process import Functions
from local.identity.development_tokens import DevelopmentIssuer
from local.paths import EVENTS, LAYERS
from local.template.operations import OPERATIONS
from tests.e2e.serving import ISSUER, RunningApi, template


@pytest.fixture(scope="package")
def functions(api: RunningApi) -> Iterator[Functions]:
    """The functions, over the running API's store."""
    with Functions(template().functions.values(), LAYERS) as functions:
        yield functions


def invoke(functions: Functions, name: str, event: dict[str, Any]) -> dict[str, Any]:
    response: dict[str, Any] = functions.invoke(template().function(name).logical_id, event)
    return response


@pytest.mark.parametrize("name", EXAMPLES)
def test_each_is_answered_as_it_says(functions: Functions, name: str) -> None:
    # Given what the events are about
    for sort_key, seed in SEEDS.items():
        key = {"pk": {"S": f"USER#{USER}"}, "sk": {"S": sort_key}}
        create_client(None).delete_item(TableName=template().table_name, Key=key)
        assert invoke(functions, seed.operation, seed.event("seed"))["statusCode"] == seed.status

    # When the file's event is given to its function
    event = json.loads((EVENTS / f"{name}.json").read_text(encoding="utf-8"))
    response = invoke(functions, EXAMPLES[name].operation, event)

    # Then the answer is the one that it is an example of
    assert response["statusCode"] == EXAMPLES[name].status, response


@pytest.mark.parametrize("name", EXAMPLES)
def test_the_file_is_what_the_gateway_would_make(name: str) -> None:
    # `make events` writes them anew after a change
    assert json.loads((EVENTS / f"{name}.json").read_text(encoding="utf-8")) == EXAMPLES[name].event(name)


def test_what_the_gateway_routes_is_the_table_of_operations() -> None:
    routes = {(method, route.path, route.function_name) for route in template().api.routes for method in route.methods}

    served = {(each.method, each.path, f"{each.row}Function") for each in OPERATIONS.values()}
    assert {route for route in routes if route[0] != "OPTIONS"} == served


@pytest.mark.parametrize(("lifetime", "effect"), [(60, "Allow"), (-60, "Deny")])
def test_the_authorizer_judges_its_events(functions: Functions, lifetime: int, effect: str) -> None:
    response = invoke(functions, "authorizer", authorizer_event(ISSUER.token(USER, lifetime)))

    assert response["policyDocument"]["Statement"][0]["Effect"] == effect


class TestFreshness:
    @pytest.fixture(autouse=True)
    def _elsewhere(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """Events, keys and environment of this test's own."""
        self.folder = tmp_path
        load = DevelopmentIssuer.load
        monkeypatch.setattr(events, "EVENTS", tmp_path)
        monkeypatch.setattr(events, "ENVIRONMENT_FILE", tmp_path / "env.json")
        monkeypatch.setattr(DevelopmentIssuer, "load", lambda: load(tmp_path / "key.pem"))
        monkeypatch.setattr(events, "write_events", lambda: write_events(tmp_path))

    def expiry(self, name: str) -> float:
        token = json.loads((self.folder / f"{name}.json").read_text())["authorizationToken"].removeprefix("Bearer ")
        return float(jwt.decode(token, options={"verify_signature": False})["exp"])

    def test_missing_and_expiring_tokens_are_minted(self) -> None:
        # Given no event yet, when the authorizer's is wanted, then it is there with a token that lasts
        good = self.folder / "authorizer_good_token.json"
        ensure_fresh(good)
        assert self.expiry("authorizer_good_token") > time.time() + 3600
        assert self.expiry("authorizer_expired_token") < time.time()

        # Given one that is about to expire, then another is minted; one that lasts is kept
        issuer = DevelopmentIssuer.load()
        good.write_text(json.dumps(authorizer_event(issuer.token(USER, 30))))
        ensure_fresh(good)
        assert self.expiry("authorizer_good_token") > time.time() + 3600
        before = good.read_text()
        ensure_fresh(good)
        assert good.read_text() == before

    @pytest.mark.parametrize("content", ["", "{}", '{"authorizationToken": "Bearer x"}', "[]"])
    def test_a_damaged_one_is_minted_anew(self, content: str) -> None:
        good = self.folder / "authorizer_good_token.json"
        good.write_text(content)

        ensure_fresh(good)

        assert self.expiry("authorizer_good_token") > time.time() + 3600

    def test_others_are_left_alone(self) -> None:
        ensure_fresh(self.folder / "create_task.json")

        assert list(self.folder.iterdir()) == []

    def test_sam_local_invoke_gets_the_authorizer_s_environment(self) -> None:
        write_events(self.folder)

        variables = json.loads((self.folder / "env.json").read_text())["Parameters"]
        authorizer = template().function("authorizer").environment
        assert variables.keys() - {"ALLOWED_ORIGINS"} <= authorizer.keys()
        assert json.loads(variables["JWT_JWKS"])["keys"][0]["kty"] == "OKP"
        assert {f"{name}.json" for name in AUTHORIZER_EVENTS} <= {path.name for path in self.folder.iterdir()}
