"""Sample events: one for every function, of the shape that its caller sends."""

import json
from pathlib import Path
from typing import Any

import pytest

from local.functions import function_events
from local.template import Template
from tests.openapi import DOCUMENT, validate_request

REPOSITORY = Path(__file__).parents[2]
TEMPLATE = Template.read(REPOSITORY / "template.yaml")
HANDLERS = {name: each["Handler"] for name, each in TEMPLATE.resources("AWS::Serverless::Function")}
ROUTES = [(name, route) for name, _, kind, route in function_events(TEMPLATE) if kind == "HttpApi"]


def sample_of(function: str) -> Path:
    """Return where a function's sample is: `customers.create.handler` has `events/customers/create.json`."""
    *parts, _ = HANDLERS[function].split(".")
    return REPOSITORY.joinpath("events", *parts).with_suffix(".json")


def read(function: str) -> Any:
    return json.loads(sample_of(function).read_text())


def test_every_function_has_a_sample_and_every_sample_a_function():
    assert sorted(map(sample_of, HANDLERS)) == sorted(REPOSITORY.glob("events/**/*.json"))


@pytest.mark.parametrize("function", dict.fromkeys(name for name, _ in ROUTES))
def test_a_request_is_one_that_the_gateway_would_send_to_the_function(function):
    event = read(function)
    http = event["requestContext"]["http"]
    served = {(route["Method"], route["Path"]) for name, route in ROUTES if name == function}

    assert event["version"] == "2.0"
    assert event["rawPath"] == http["path"]
    assert event["requestContext"]["routeKey"] == event["routeKey"]
    assert all(name == name.lower() for name in event["headers"])
    if event["routeKey"] == "$default":
        assert served == {("ANY", "$default")}
        return
    method, path = event["routeKey"].split(" ")
    assert (method, path) in served
    assert method == http["method"]
    assert path.format(**event.get("pathParameters", {})) == event["rawPath"]
    sent = dict(each.split("=", 1) for each in event["rawQueryString"].split("&") if each)
    assert sent == event.get("queryStringParameters", {})


@pytest.mark.parametrize("function", dict.fromkeys(name for name, _ in ROUTES))
def test_a_request_brings_what_the_authorizer_found_exactly_where_there_is_one(function):
    event = read(function)
    public = any("Auth" in route for name, route in ROUTES if name == function)

    found = event["requestContext"].get("authorizer", {}).get("lambda", {})

    assert set(found) == (set() if public else {"merchant_id", "mode", "key_id", "scopes"})


@pytest.mark.parametrize("function", dict.fromkeys(name for name, _ in ROUTES))
def test_a_body_is_one_that_the_document_allows(function):
    event = read(function)
    method, _, path = event["routeKey"].partition(" ")
    takes_body = "requestBody" in DOCUMENT["paths"].get(path, {}).get(method.lower(), {})

    if event["headers"].get("content-type") == "application/x-www-form-urlencoded":
        return  # a mail program's one-click post, whose body nobody reads
    assert ("body" in event) == takes_body
    if takes_body:
        assert int(event["headers"]["content-length"]) == len(event["body"].encode())
        validate_request(method, path, json.loads(event["body"]))
