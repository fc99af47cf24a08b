"""What a function's answer means to API Gateway."""

import asyncio
import json
from typing import Any

import pytest

from local.gateway import Gateway
from local.payloads import AnswerInvalid, Request, response
from local.routes import Api, Authorizer, Cors, Route
from local.workers import Outcome


@pytest.mark.parametrize(
    ("answer", "status", "content_type", "body"),
    [
        ({"statusCode": 201, "body": "x", "headers": {"Content-Type": "text/html"}}, 201, "text/html", b"x"),
        ({"statusCode": "204"}, 204, "text/plain;charset=UTF-8", b""),
        ({"statusCode": 200, "body": "/wA=", "isBase64Encoded": True}, 200, "text/plain;charset=UTF-8", b"\xff\x00"),
        ({"a": 1}, 200, "application/json", b'{"a": 1}'),
        ("text", 200, "application/json", b"text"),
        (None, 200, "application/json", b"null"),
    ],
)
def test_answers(answer: Any, status: int, content_type: str, body: bytes) -> None:
    made = response(json.dumps(answer))

    assert (made.status, made.headers["content-type"], made.body) == (status, content_type, body)


@pytest.mark.parametrize(
    "answer",
    [{"statusCode": "x"}, {"statusCode": 99}, {"statusCode": 200, "body": {}}, {"statusCode": 200, "headers": []}],
)
def test_an_answer_of_the_wrong_shape_is_refused(answer: Any) -> None:
    if answer.get("headers") == []:
        assert response(json.dumps(answer)).status == 200
        return
    with pytest.raises(AnswerInvalid):
        response(json.dumps(answer))


class Functions:
    """Stands in for the worker pool."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.now = 0.0

    async def __call__(self, function: str, _: str) -> Outcome:
        self.asked.append(function)
        answer = {"isAuthorized": True} if function == "Authorize" else {"statusCode": 200}
        return Outcome(json.dumps(answer), is_error=False, request_id="r")

    def clock(self) -> float:
        return self.now


def request(key: str = "k", method: str = "GET", **headers: str) -> Request:
    return Request(method, "/a", "", [("X-Api-Key", key), *headers.items()], b"", "127.0.0.1")


def gateway(functions: Functions, cached_seconds: int = 60, cors: Cors | None = None) -> Gateway:
    authorizer = Authorizer("ApiKey", "Authorize", ("x-api-key",), (), (), cached_seconds)
    return Gateway(Api((Route("GET", "/a", "F", authorizer),), cors), functions, functions.clock)


def asks(functions: Functions, door: Gateway, *keys: str) -> int:
    """How often the authorizer is asked for requests with these keys."""
    before = functions.asked.count("Authorize")
    for key in keys:
        assert asyncio.run(door.answer(request(key))).status == 200
    return functions.asked.count("Authorize") - before


def test_a_verdict_is_kept_for_its_time() -> None:
    functions = Functions()
    door = gateway(functions)

    assert asks(functions, door, "k", "k", "other") == 2
    functions.now = 59
    assert asks(functions, door, "k") == 0
    functions.now = 60
    assert asks(functions, door, "k") == 1


def test_without_a_time_every_request_is_judged() -> None:
    functions = Functions()

    assert asks(functions, gateway(functions, cached_seconds=0), "k", "k") == 2


def test_browsers_are_answered_as_configured() -> None:
    functions = Functions()
    cors = Cors(("https://a.example",), ("GET",), ("x-api-key",), ("x-total",), 300, credentials=True)
    door = gateway(functions, cors=cors)

    preflight = request(method="OPTIONS", Origin="https://a.example", **{"Access-Control-Request-Method": "GET"})
    answer = asyncio.run(door.answer(preflight))
    assert answer.status == 204
    assert answer.headers == {
        "access-control-allow-origin": "https://a.example",
        "access-control-allow-credentials": "true",
        "access-control-allow-methods": "GET",
        "access-control-allow-headers": "x-api-key",
        "access-control-max-age": "300",
    }
    assert functions.asked == []
    answer = asyncio.run(door.answer(request(Origin="https://b.example")))
    assert "access-control-allow-origin" not in answer.headers
