"""``sam local invoke`` on every file in ``events/``: the built functions in the Lambda runtime."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest

from local.engines.store import create_client
from local.events import AUTHORIZER_EVENTS, EXAMPLES, SEEDS, USER
from local.functions.in_process import Functions
from local.identity.development_tokens import DevelopmentIssuer
from local.paths import EVENTS, LAYERS, TEMPLATE
from local.settings import LocalSettings
from local.template.loading import Template, load_template
from tests.sam.conftest import Store
from tests.sam.sam_local import SamLocal

pytestmark = pytest.mark.docker


@pytest.fixture(scope="module")
def template(store: Store) -> Template:
    """The template, its functions on the store; for seeding it."""
    parameters = LocalSettings(dynamodb_endpoint=store.endpoint).parameters(DevelopmentIssuer.load().jwks)
    return load_template(TEMPLATE, parameters)


@pytest.fixture
def _seeded(store: Store, template: Template) -> None:
    """What the events are about."""
    for sort_key, seed in SEEDS.items():
        key = {"pk": {"S": f"USER#{USER}"}, "sk": {"S": sort_key}}
        create_client(store.endpoint).delete_item(TableName=store.table_name, Key=key)
        replace = template.function(seed.operation)
        with Functions([replace], LAYERS) as functions:
            assert functions.invoke(replace.logical_id, seed.event("seed"))["statusCode"] == seed.status


def test_every_event_is_tried_here() -> None:
    named = {f"{name}.json" for name in (*EXAMPLES, *AUTHORIZER_EVENTS)}

    assert {path.name for path in EVENTS.glob("*.json")} | {f"{name}.json" for name in AUTHORIZER_EVENTS} == named


@pytest.mark.usefixtures("_seeded")
@pytest.mark.parametrize("name", EXAMPLES)
def test_an_operation_answers_as_its_event_says(sam: SamLocal, template: Template, name: str) -> None:
    # Given an event in the repository, and what it is about
    example = EXAMPLES[name]
    event = EVENTS / f"{name}.json"

    # When the built function gets it
    done = sam.invoke(template.function(example.operation).logical_id, event)

    # Then it answers as the event is meant to be answered
    response = done.result
    assert response.keys() >= {"statusCode", "headers"}, done.printed
    assert response["statusCode"] == example.status, done.printed
    headers = response["headers"]
    assert headers["Access-Control-Allow-Origin"] == json.loads(event.read_text())["headers"]["Origin"]
    if example.status >= 400:
        assert headers["Content-Type"] == "application/problem+json"
        problem = json.loads(response["body"])
        assert problem["status"] == example.status
        assert problem["request_id"] == json.loads(event.read_text())["requestContext"]["requestId"]
    elif example.status in (204, 304):
        assert not response.get("body")
    elif example.operation.startswith("list_"):
        seeded = {sort_key.partition("#")[2] for sort_key in SEEDS}
        assert seeded & {each["id"] for each in json.loads(response["body"])["items"]}
    else:
        resource = json.loads(response["body"])
        assert headers["ETag"] == f'"{resource["etag"]}"'
        assert resource["user_id"] == USER

    # And it logs one line on it, with nothing of what it must not log
    lines = [line for line in done.logged() if line["message"] == "request served"]
    assert [(line["operation"], line["status"], line["cold_start"]) for line in lines] == [
        (example.operation, example.status, True)
    ]
    assert [line for line in done.logged() if line["level"] in ("ERROR", "WARNING")] == []
    assert "Pay rent" not in done.printed
    assert "Traceback" not in done.printed


@pytest.mark.parametrize(("name", "lifetime"), AUTHORIZER_EVENTS.items())
def test_the_authorizer_judges_its_events(sam: SamLocal, events: Path, name: str, lifetime: int) -> None:
    done = sam.invoke("AuthorizerFunction", events / f"{name}.json")

    assert "policyDocument" in done.result, done.printed
    (statement,) = done.result["policyDocument"]["Statement"]
    assert statement["Effect"] == ("Allow" if lifetime > 0 else "Deny")
    if lifetime > 0:
        assert done.result["context"]["sub"] == USER
        assert float(done.result["context"]["exp"]) > time.time()
    token = json.loads((events / f"{name}.json").read_text())["authorizationToken"].removeprefix("Bearer ")
    assert token not in done.printed
    assert "Traceback" not in done.printed


def test_what_a_function_raises_shows_in_its_result(sam: SamLocal, tmp_path: Path) -> None:
    # Given an event that no gateway makes, when a function gets it
    event = tmp_path / "event.json"
    event.write_text("[]")
    done = sam.invoke("AuthorizerFunction", event)

    # Then SAM CLI's exit status says nothing of it (see SamLocal.invoke), but the result does: these tests would see it
    assert {"errorType", "errorMessage"} <= done.result.keys()
