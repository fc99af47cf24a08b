"""The front door: events, answers, the authorizer and the Invoke API."""

import json
import re

import httpx

from tests.functional.local_runtime.conftest import Shop, eventually


def test_the_event_has_the_shape_of_payload_format_2(shop: Shop) -> None:
    answer = httpx.post(
        f"{shop.runtime.url}/echo/J%C3%BCrgen%2F1?a=1&a=2&b=%26",
        headers=[("X-Tag", "one"), ("X-Tag", "two"), ("Cookie", "c=1; d=2"), ("Content-Type", "application/json")],
        content='{"x":"ü"}',
    )

    event = answer.json()["event"]
    assert event["version"] == "2.0"
    assert event["routeKey"] == "ANY /echo/{name}"
    assert event["rawPath"] == "/echo/Jürgen/1"
    assert event["rawQueryString"] == "a=1&a=2&b=%26"
    assert event["pathParameters"] == {"name": "Jürgen/1"}
    assert event["queryStringParameters"] == {"a": "1,2", "b": "&"}
    assert event["cookies"] == ["c=1", "d=2"]
    assert event["headers"]["x-tag"] == "one,two"
    assert "cookie" not in event["headers"]
    assert event["body"] == '{"x":"ü"}'
    assert event["isBase64Encoded"] is False
    context = event["requestContext"]
    assert context["stage"] == "$default"
    assert context["http"]["method"] == "POST"
    assert context["http"]["path"] == "/echo/Jürgen/1"
    assert context["http"]["sourceIp"] == "127.0.0.1"
    assert re.fullmatch(r"\d\d/[A-Z][a-z]{2}/\d{4}:\d\d:\d\d:\d\d \+0000", context["time"])
    assert context["requestId"] == answer.headers["apigw-requestid"]


def test_a_body_that_is_no_text_arrives_in_base64(shop: Shop) -> None:
    answer = httpx.post(f"{shop.runtime.url}/echo/x", content=b"\xff\x00", headers={"content-type": "image/png"})

    assert answer.json()["event"]["body"] == "/wA="
    assert answer.json()["event"]["isBase64Encoded"] is True


def test_bytes_that_a_function_answers_in_base64_leave_as_bytes(shop: Shop) -> None:
    answer = shop.get("/file")

    assert (answer.content, answer.headers["content-type"]) == (b"\xff\x00", "application/pdf")


def test_the_context_knows_its_function_and_its_time(shop: Shop) -> None:
    answer = shop.get("/echo/x").json()

    assert answer["name"] == "Echo"
    assert 3000 < answer["remaining"] <= 5000


def test_cookies_of_an_answer_are_set_one_by_one(shop: Shop) -> None:
    assert shop.get("/greeting").headers.get_list("set-cookie") == ["a=1", "b=2"]


def test_without_the_identity_header_the_authorizer_is_not_asked(shop: Shop) -> None:
    answer = shop.get("/private")

    assert (answer.status_code, answer.json()) == (401, {"message": "Unauthorized"})


def test_a_refused_caller_gets_403(shop: Shop) -> None:
    answer = shop.get("/private", **{"x-api-key": "eve"})

    assert (answer.status_code, answer.json()) == (403, {"message": "Forbidden"})


def test_the_authorizers_verdict_is_kept_per_key(shop: Shop) -> None:
    def context(key: str) -> dict[str, str]:
        event = shop.get("/private", **{"x-api-key": key}).json()["event"]
        verdict: dict[str, str] = event["requestContext"]["authorizer"]["lambda"]
        return verdict

    assert context("ann")["key"] == "ann"
    assert context("ann") == context("ann")
    assert context("ann") != context("bob")


def test_an_unknown_route_is_404(shop: Shop) -> None:
    answer = shop.get("/nowhere")

    assert (answer.status_code, answer.json()) == (404, {"message": "Not Found"})


def test_a_crash_is_500_with_the_traceback_on_the_terminal(shop: Shop) -> None:
    answer = shop.get("/crash")

    assert (answer.status_code, answer.json()) == (500, {"message": "Internal Server Error"})
    assert "Crash | RuntimeError: as ordered" in shop.runtime.log


def test_a_function_that_takes_too_long_is_ended(shop: Shop) -> None:
    assert shop.get("/slow").status_code == 500
    assert "Task timed out after 1.00 seconds" in shop.runtime.log


def test_a_body_over_10_mb_is_413(shop: Shop) -> None:
    answer = httpx.post(f"{shop.runtime.url}/echo/x", content=b"x" * (10 * 1024 * 1024 + 1), timeout=60)

    assert answer.status_code == 413


def test_functions_can_be_invoked_by_name_and_by_arn(shop: Shop) -> None:
    lambdas = shop.runtime.lambdas()

    for name in ("Echo", "arn:aws:lambda:us-east-1:000000000000:function:Echo"):
        answer = lambdas.invoke(FunctionName=name, Payload=b'{"a": 1}')
        assert json.loads(answer["Payload"].read())["event"] == {"a": 1}


def test_an_invocation_that_fails_says_so(shop: Shop) -> None:
    answer = shop.runtime.lambdas().invoke(FunctionName="Crash", Payload=b"{}")

    assert answer["FunctionError"] == "Unhandled"
    assert json.loads(answer["Payload"].read())["errorType"] == "RuntimeError"


def test_an_asynchronous_invocation_is_retried_twice_and_then_kept(shop: Shop) -> None:
    shop.runtime.lambdas().invoke(FunctionName="Crash", InvocationType="Event", Payload=b'{"n": 7}')

    queue = shop.runtime.clients.sqs.get_queue_url(QueueName="local-GivenUp")["QueueUrl"]
    [message] = eventually(lambda: shop.runtime.clients.sqs.receive_message(QueueUrl=queue).get("Messages"))
    record = json.loads(message["Body"])
    assert record["requestContext"]["approximateInvokeCount"] == 3
    assert record["requestPayload"] == {"n": 7}
