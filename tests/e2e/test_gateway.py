"""How the local gateway does what a REST API does: with functions of the test's own, over real HTTP."""

from __future__ import annotations

import base64
import gzip
import json
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest

from local.functions.in_process import FunctionRaised
from local.gateway.server import IDLE_SECONDS, RequestHandler
from local.gateway.service import MOST_BODY_BYTES
from tests.e2e.problems import INVALID_TOKEN, NO_TOKEN, problem
from tests.e2e.serving import OtherFunctions, RunningApi, allow, policy, serving, status_of

PATH = "/users/alice/tasks"


def echo(event: dict[str, Any]) -> dict[str, Any]:
    """A function that answers with its event."""
    return {"statusCode": 200, "headers": {"Content-Type": "application/json"}, "body": json.dumps(event)}


def event_of(method: str, path: str, **arguments: Any) -> dict[str, Any]:
    """The event that a request becomes."""
    with serving(OtherFunctions(echo)) as client:
        response = client.request(method, path, **arguments)
    assert response.status_code == 200, response.text
    event: dict[str, Any] = response.json()
    return event


class TestEvents:
    def test_the_path_is_delivered_as_it_was_sent(self) -> None:
        event = event_of("GET", "/users/a%2Fb%20%25%C3%A9/tasks")

        assert event["path"] == event["requestContext"]["path"] == "/users/a%2Fb%20%25%C3%A9/tasks"
        assert event["resource"] == event["requestContext"]["resourcePath"] == "/users/{user_id}/tasks"
        assert event["pathParameters"] == {"user_id": "a/b %é"}

    def test_slashes_at_the_end_do_not_matter_but_are_delivered(self) -> None:
        assert event_of("GET", PATH + "//")["path"] == PATH + "//"

    def test_the_query_is_decoded_and_repeated_parameters_are_kept(self) -> None:
        event = event_of("GET", PATH + "?tag=a%26b&tag=c+d&q=%C3%A9&empty=&flag&bad=%ff&x=1;y=2")

        assert event["multiValueQueryStringParameters"] == {
            "tag": ["a&b", "c d"],
            "q": ["é"],
            "empty": [""],
            "flag": [""],
            "bad": ["\ufffd"],
            "x": ["1"],
            "y": ["2"],
        }
        assert event["queryStringParameters"]["tag"] == "c d"

    def test_what_is_absent_is_null(self) -> None:
        event = event_of("GET", PATH)

        for member in ("queryStringParameters", "multiValueQueryStringParameters", "stageVariables", "body"):
            assert event[member] is None
        assert event["isBase64Encoded"] is False

    def test_repeated_headers_are_kept_under_the_name_that_was_sent(self) -> None:
        headers = [("If-Match", '"1"'), ("if-match", '"2"'), ("X-Correlation-Id", "abc"), ("X-Forwarded-For", "evil")]

        event = event_of("GET", PATH, headers=headers)

        assert event["multiValueHeaders"]["If-Match"] == ['"1"', '"2"']
        assert event["headers"]["If-Match"] == '"2"'
        assert event["headers"]["X-Correlation-Id"] == "abc"
        assert event["headers"]["X-Forwarded-For"] == "127.0.0.1"
        assert event["headers"]["X-Forwarded-Proto"] == "http"

    def test_a_body_is_text_and_what_is_no_utf_8_is_replaced(self) -> None:
        assert event_of("POST", PATH, content='{"title": "ä🏠"}'.encode())["body"] == '{"title": "ä🏠"}'
        assert event_of("POST", PATH, content=b'"\xff\xfe\xed\xa0\x80"')["body"].strip("\ufffd") != ""
        assert "\ufffd" in event_of("POST", PATH, content=gzip.compress(b"{}"))["body"]

    def test_a_chunked_body_is_put_together(self) -> None:
        assert event_of("POST", PATH, content=iter([b'{"a"', b": 1}"]))["body"] == '{"a": 1}'

    def test_each_request_has_an_id_and_a_time_of_its_own(self) -> None:
        with serving(OtherFunctions(echo)) as client:
            responses = [client.get(PATH) for _ in range(2)]

        contexts = [response.json()["requestContext"] for response in responses]
        assert contexts[0]["requestId"] != contexts[1]["requestId"]
        assert responses[0].headers["x-amzn-requestid"] == contexts[0]["requestId"]
        assert contexts[0]["requestTimeEpoch"] <= contexts[1]["requestTimeEpoch"]
        assert contexts[0]["stage"] == "v1"
        assert contexts[0]["identity"]["sourceIp"] == "127.0.0.1"


class TestAuthorizer:
    def test_it_gets_a_token_event(self) -> None:
        functions = OtherFunctions(echo)
        with serving(functions) as client:
            client.get("/users/a%2Fb/tasks?limit=1")

        (event,) = functions.authorizer_events
        assert event["type"] == "TOKEN"
        assert event["authorizationToken"] == "Bearer a.b.c"
        assert event["methodArn"].startswith("arn:aws:execute-api:")
        assert event["methodArn"].endswith("/v1/GET/users/a%2Fb/tasks")

    def test_its_context_arrives_as_strings(self) -> None:
        def authorizer(event: dict[str, Any]) -> dict[str, Any]:
            return policy("Allow", event, sub="a|b", exp=1795230879, admin=True, score=1.5)

        with serving(OtherFunctions(echo, authorizer)) as client:
            context = client.get(PATH).json()["requestContext"]["authorizer"]

        assert {name: value for name, value in context.items() if name != "integrationLatency"} == {
            "principalId": "someone",
            "sub": "a|b",
            "exp": "1795230879",
            "admin": "true",
            "score": "1.5",
        }

    def test_what_does_not_look_like_a_token_does_not_reach_it(self) -> None:
        functions = OtherFunctions(echo)
        with serving(functions) as client:
            for authorization in ("", "Bearer a.b", "Basic a.b.c", "Bearer a.b.c d"):
                response = client.get(PATH, headers={"Authorization": authorization})
                problem(response, 401, "unauthorized")
                assert response.headers["www-authenticate"] == NO_TOKEN

        assert functions.authorizer_events == functions.events == []

    def test_a_deny_is_a_401(self) -> None:
        functions = OtherFunctions(echo, lambda event: policy("Deny", event))
        with serving(functions) as client:
            response = client.get(PATH)

        problem(response, 401, "unauthorized")
        assert response.headers["www-authenticate"] == INVALID_TOKEN
        assert functions.events == []

    def test_a_policy_for_another_method_lets_nobody_in(self) -> None:
        def authorizer(event: dict[str, Any]) -> dict[str, Any]:
            answer = policy("Allow", event)
            answer["policyDocument"]["Statement"][0]["Resource"] = event["methodArn"].replace("/GET/", "/POST/")
            return answer

        with serving(OtherFunctions(echo, authorizer)) as client:
            problem(client.get(PATH), 401, "unauthorized")

    def test_one_that_asks_for_a_401_by_its_exception_gets_it(self) -> None:
        def authorizer(_event: dict[str, Any]) -> dict[str, Any]:
            raise Exception("Unauthorized")  # noqa: TRY002  # the documented way

        with serving(OtherFunctions(echo, authorizer)) as client:
            problem(client.get(PATH), 401, "unauthorized")

    def test_one_that_raises_is_a_500(self) -> None:
        def authorizer(_event: dict[str, Any]) -> dict[str, Any]:
            raise ConnectionError("no keys")

        functions = OtherFunctions(echo, authorizer)
        with serving(functions) as client:
            problem(client.get(PATH), 500, "internal_error")
        assert functions.events == []

    @pytest.mark.parametrize(
        "answer",
        [None, "yes", [], {}, {"principalId": "a"}, {"principalId": "a", "policyDocument": {"Statement": [1]}}],
    )
    def test_one_that_gives_no_policy_is_a_500(self, answer: object) -> None:
        with serving(OtherFunctions(echo, lambda _event: answer)) as client:
            problem(client.get(PATH), 500, "internal_error")

    def test_one_with_an_object_in_its_context_is_a_500(self) -> None:
        with serving(OtherFunctions(echo, lambda event: {**allow(event), "context": {"roles": ["a"]}})) as client:
            problem(client.get(PATH), 500, "internal_error")


class TestResponses:
    def answer(self, result: Any) -> httpx.Response:
        with serving(OtherFunctions(lambda _event: result)) as client:
            return client.get(PATH)

    def test_status_headers_and_body_arrive(self) -> None:
        response = self.answer(
            {
                "statusCode": 207,
                "headers": {"X-One": "1", "Content-Type": "text/plain; charset=utf-8"},
                "multiValueHeaders": {"X-Two": ["a", "b"]},
                "body": "ä",
                "isBase64Encoded": False,
            }
        )

        assert (response.status_code, response.text) == (207, "ä")
        assert response.headers["x-one"] == "1"
        assert response.headers.get_list("x-two") == ["a", "b"]
        assert response.headers["content-type"] == "text/plain; charset=utf-8"

    def test_without_a_content_type_it_is_json(self) -> None:
        assert self.answer({"statusCode": 200, "body": "{}"}).headers["content-type"] == "application/json"

    def test_headers_that_belong_to_the_gateway_are_renamed(self) -> None:
        response = self.answer(
            {"statusCode": 401, "headers": {"WWW-Authenticate": "Bearer", "Date": "x", "Content-Length": "999"}}
        )

        assert response.status_code == 401
        assert "www-authenticate" not in response.headers
        assert response.headers["x-amzn-remapped-www-authenticate"] == "Bearer"
        assert response.headers["x-amzn-remapped-date"] == "x"
        assert response.headers["content-length"] == "0"

    def test_base64_is_not_decoded_without_a_binary_media_type(self) -> None:
        body = base64.b64encode(b"\x00\xff").decode()

        assert self.answer({"statusCode": 200, "body": body, "isBase64Encoded": True}).text == body

    @pytest.mark.parametrize(
        "result",
        [
            None,
            "text",
            [],
            {"statusCode": "many"},
            {"statusCode": 200, "body": {"not": "text"}},
            {"statusCode": 200, "body": "{}", "surprise": 1},
            {"statusCode": 200, "headers": {"X-Name": "a\r\nSet-Cookie: b"}},
            {"statusCode": 200, "headers": {"X-Name": "名前"}},
            {"statusCode": 200, "headers": "none"},
        ],
    )
    def test_what_is_no_response_is_a_502(self, result: object) -> None:
        problem(self.answer(result), 502, "internal_error")

    def test_a_function_that_raises_is_a_502(self) -> None:
        def function(_event: dict[str, Any]) -> dict[str, Any]:
            raise FunctionRaised(ValueError("secret"))

        with serving(OtherFunctions(function)) as client:
            response = client.get(PATH)

        problem(response, 502, "internal_error")
        assert "secret" not in response.text


class TestRoutes:
    @pytest.mark.parametrize(
        ("method", "path"),
        [
            ("GET", "/"),
            ("GET", "/users"),
            ("GET", "/users/me"),
            ("GET", "/tasks"),
            ("GET", "/v1/users/me/tasks"),
            ("GET", "//users/me/tasks/x/y"),
            ("GET", "/users//tasks"),
            ("GET", "/users/me//tasks"),
            ("GET", "/users/me/tasks/a/toggle/b"),
            ("GET", "/users/me/tasks/a/toggle"),
            ("DELETE", "/users/me/tasks"),
            ("PUT", "/users/me/tasks"),
            ("POST", "/users/me/tasks/a"),
            ("HEAD", "/users/me/tasks"),
            ("TRACE", "/users/me/tasks"),
            ("BREW", "/users/me/tasks"),
            ("OPTIONS", "/users/me"),
            ("GET", "/USERS/me/tasks"),
            ("GET", "/favicon.ico"),
        ],
    )
    def test_what_the_api_does_not_have_is_not_found(self, nobody: httpx.Client, method: str, path: str) -> None:
        response = nobody.request(method, path)

        if method == "HEAD":
            assert (response.status_code, response.content) == (404, b"")
        else:
            problem(response, 404, "route_not_found")

    def test_segments_of_dots_are_segments(self, api: RunningApi, alice: Any) -> None:
        # HTTP clients resolve them; one that doesn't must not get anywhere by them.
        authorization = alice.http.headers["authorization"]
        for target in ("/users/../tasks", "/users/me/tasks/..", "/../users/me/tasks", "/users/./tasks"):
            response = api.raw(f"GET {target} HTTP/1.1\r\nHost: x\r\nAuthorization: {authorization}\r\n\r\n".encode())
            assert status_of(response) in (403, 404)


class TestLimits:
    def test_a_body_over_10_mb_is_too_large(self, nobody: httpx.Client) -> None:
        response = nobody.post("/users/me/tasks", content=b"x" * (MOST_BODY_BYTES + 1))

        problem(response, 413, "payload_too_large")

    def test_a_body_of_10_mb_passes_the_gateway(self) -> None:
        with serving(OtherFunctions(lambda event: {"statusCode": 200, "body": str(len(event["body"]))})) as client:
            assert client.post(PATH, content=b"x" * MOST_BODY_BYTES).text == str(MOST_BODY_BYTES)


class TestOddRequests:
    @pytest.mark.parametrize(
        ("request_bytes", "status"),
        [
            (b"NONSENSE\r\n\r\n", 400),
            (b"GET\r\n\r\n", 400),
            (b"GET / HTTP/9.9\r\n\r\n", 400),
            (b"GET / HTTP/x\r\n\r\n", 400),
            (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 400),
            (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n", 400),
            (b"GET /" + b"a" * 70_000 + b" HTTP/1.1\r\n\r\n", 414),
            (b"GET / HTTP/1.1\r\nX: " + b"a" * 70_000 + b"\r\n\r\n", 431),
            (b"GET / HTTP/1.1\r\n" + b"X: a\r\n" * 200 + b"\r\n", 431),
            (b"GET * HTTP/1.1\r\nHost: x\r\n\r\n", 404),
            (b"OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n", 404),
            (b"CONNECT example.com:443 HTTP/1.1\r\nHost: x\r\n\r\n", 404),
            (b"GET http://[::1/users/me/tasks HTTP/1.1\r\nHost: x\r\n\r\n", 401),
            (b"GET http://example.com/users/me/tasks HTTP/1.1\r\nHost: x\r\n\r\n", 401),
            (b"GET //[ HTTP/1.1\r\nHost: x\r\n\r\n", 404),
            (b"GET /users/me/tasks#fragment HTTP/1.1\r\nHost: x\r\n\r\n", 404),
            (b"GET /users/\xff\xfe/tasks HTTP/1.1\r\nHost: x\r\n\r\n", 401),
            (b'GET /"\\\x01 HTTP/1.1\r\nHost: x\r\n\r\n', 404),
            (b"GET /users/me/tasks HTTP/1.0\r\n\r\n", 401),
            (b"GET /users/me/tasks HTTP/1.1\r\nHost: x\r\nno colon\r\n\r\n", 400),
            (b"GET /users/me/tasks HTTP/1.1\r\nno colon\r\nHost: x\r\n\r\n", 400),
            (b"GET /users/me/tasks HTTP/1.1\r\nHost: x\r\nContent-Length : 0\r\n\r\n", 400),
            (b"GET /users/me/tasks HTTP/1.1\r\nOrigin: a\r\n b\r\nHost: x\r\n\r\n", 401),
            (b"GET /users/me/tasks HTTP/1.1\r\nOrigin: \xff\r\nHost: x\r\n\r\n", 401),
            (b"POST /users/me/tasks HTTP/1.1\r\nHost: x\r\nContent-Length: many\r\n\r\n", 400),
            (b"POST /users/me/tasks HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n", 400),
            (b"POST /users/me/tasks HTTP/1.1\r\nHost: x\r\nContent-Length: 99\r\n\r\nshort", 400),
            (b"POST /users/me/tasks HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", 400),
            (b"POST /users/me/tasks HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n{}", 401),
        ],
    )
    def test_what_no_client_should_send_is_the_client_s_fault(
        self, api: RunningApi, request_bytes: bytes, status: int
    ) -> None:
        response = api.raw(request_bytes)

        assert status_of(response) == status, response[:300]
        body = response.rpartition(b"\r\n\r\n")[2]
        assert json.loads(body)["code"] in ("bad_request", "route_not_found", "unauthorized")

    def test_a_connection_that_says_nothing_holds_nobody_up(self, api: RunningApi, nobody: httpx.Client) -> None:
        # Given a browser's speculative connection, and a client that stopped in the middle of a request
        with api.connection(), api.connection() as stuck:
            stuck.sendall(b"POST /users/me/tasks HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n{")

            # Then others are served all the same
            assert nobody.get("/users/me/tasks", timeout=3).status_code == 401

    def test_a_connection_that_says_nothing_is_closed_in_the_end(
        self, api: RunningApi, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        assert RequestHandler.timeout == IDLE_SECONDS
        monkeypatch.setattr(RequestHandler, "timeout", 0.1)

        with api.connection() as silent:
            assert silent.recv(1) == b""

    def test_requests_are_served_one_at_a_time(self) -> None:
        # Given a function that notices when it is called while it still runs
        running = threading.Lock()

        def function(_event: dict[str, Any]) -> dict[str, Any]:
            assert running.acquire(blocking=False)
            time.sleep(0.02)
            running.release()
            return {"statusCode": 200, "body": ""}

        # When many call it at the same time, then it never happens
        with serving(OtherFunctions(function)) as client, ThreadPoolExecutor(8) as pool:
            statuses = list(pool.map(lambda _: client.get(PATH).status_code, range(16)))
        assert statuses == [200] * 16

    def test_what_is_reflected_stays_data(self, api: RunningApi) -> None:
        # Given a path that would end a JSON string, when it is not found, then the answer is still JSON
        response = api.raw(b'GET /x","admin":"1 HTTP/1.1\r\nHost: x\r\n\r\n')

        document = json.loads(response.rpartition(b"\r\n\r\n")[2])
        assert document["instance"] == "/x%22,%22admin%22:%221"
        assert "admin" not in document
