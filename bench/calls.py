"""Calling the API's functions in this process, with the events that API Gateway would send."""

import importlib
import json
import sys
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from bench.lambdas import ROOT, deployed, template
from local.payloads import Request, route_event
from local.routes import api

MERCHANT = "mer_0123456789abcdef0123456789abcdef"
AUTHORIZED = {"merchant_id": MERCHANT, "mode": "sandbox", "key_id": "key_" + "1" * 32, "scopes": "*"}
"""What the authorizer finds for the key that the benchmarks call with; the sandbox's gateway answers at once."""


class Context:
    """What our handlers read of Lambda's context."""

    aws_request_id = "8f5b3c1e-0000-4000-8000-000000000000"
    function_name = memory_limit_in_mb = invoked_function_arn = "bench"

    def get_remaining_time_in_millis(self) -> int:
        """Return the time that an invocation has."""
        return 10_000


@dataclass(frozen=True, slots=True)
class Answer:
    """An HTTP response, its body parsed if it is JSON."""

    status: int
    body: Any


def event(
    method: str,
    path: str,
    query: Mapping[str, str | int] | None = None,
    body: Mapping[str, Any] | None = None,
    headers: Mapping[str, str] | None = None,
) -> tuple[str, dict[str, Any]]:
    """Return the logical id of the function behind a request, and the event that it gets."""
    found = api(template()).match(method, path)
    assert found, f"no route for {method} {path}"
    route, parameters = found
    sent = {
        "host": "api.example.com",
        "user-agent": "bench",
        "content-type": "application/json",
        "x-api-key": "rk_sandbox_bench",
        **(headers or {}),
    }
    content = json.dumps(body).encode() if body is not None else b""
    request = Request(method, path, urlencode(query or {}), list(sent.items()), content, "203.0.113.7")
    made = route_event(request, route, parameters)
    if route.authorizer:
        made["requestContext"]["authorizer"] = {"lambda": AUTHORIZED}
    return route.function, made


def call(
    method: str,
    path: str,
    query: Mapping[str, str | int] | None = None,
    body: Mapping[str, Any] | None = None,
    headers: Mapping[str, str] | None = None,
) -> Answer:
    """Call the function behind a request and return its answer; POST and PATCH have a fresh idempotency key."""
    keyed = {"idempotency-key": uuid.uuid4().hex} if method in {"POST", "PATCH"} else {}
    function, made = event(method, path, query, body, keyed | dict(headers or {}))
    answer = handler_of(function)(made, Context())
    is_json = answer["headers"]["content-type"] == "application/json"
    return Answer(answer["statusCode"], json.loads(answer["body"]) if is_json else answer["body"])


def handler_of(function: str) -> Any:
    """Import the handler of a function, by its logical id."""
    folder = str(ROOT / "functions")
    if folder not in sys.path:
        sys.path.insert(0, folder)
    module, _, name = deployed()[function].handler.rpartition(".")
    return getattr(importlib.import_module(module.replace("/", ".")), name)
