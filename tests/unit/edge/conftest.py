"""Endpoints called as API Gateway calls them."""

import base64
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import pytest

from billing.edge.endpoint import Handler

MERCHANT = {
    "merchant_id": "mer_00000000000000000000000000000d01",
    "mode": "sandbox",
    "key_id": "key_0000000000004000800000000000e001",
    "scopes": "*",
}


@dataclass(frozen=True)
class Answered:
    """A response of an endpoint."""

    status: int
    headers: Mapping[str, str]
    text: str
    is_base64: bool = False

    @property
    def body(self) -> Any:
        """The parsed body."""
        return json.loads(self.text)

    @property
    def error(self) -> Any:
        """The error of the contract's shape."""
        return self.body["error"]

    @property
    def reasons(self) -> dict[str, list[str]]:
        """Why each wrong field is wrong."""
        fields: dict[str, list[str]] = self.error["details"]["fields"]
        return fields


class Context:
    """What Lambda tells a function about its invocation."""

    @staticmethod
    def get_remaining_time_in_millis() -> int:
        return 10_000


@pytest.fixture
def call() -> Callable[..., Answered]:
    """Call an endpoint; `body` is sent as JSON, `raw` as it is."""

    def send(
        endpoint: Handler,
        *,
        method: str = "POST",
        path: Mapping[str, str] | None = None,
        query: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        body: Any = None,
        raw: bytes | None = None,
        authorizer: Mapping[str, str] | None = MERCHANT,
    ) -> Answered:
        event: dict[str, Any] = {
            "version": "2.0",
            "routeKey": f"{method} /v2/things",
            "rawPath": "/v2/things",
            "headers": dict(headers or {}),
            "requestContext": {"requestId": "request-1", "http": {"method": method, "path": "/v2/things"}},
            "isBase64Encoded": raw is not None,
        }
        if authorizer is not None:
            event["requestContext"]["authorizer"] = {"lambda": dict(authorizer)}
        if path:
            event["pathParameters"] = dict(path)
        if query:
            event["queryStringParameters"] = dict(query)
        if raw is not None:
            event["body"] = base64.b64encode(raw).decode()
        elif body is not None:
            event["body"] = json.dumps(body)
        response = endpoint(event, Context())
        encoded = response.get("isBase64Encoded", False)
        return Answered(response["statusCode"], response["headers"], response["body"], is_base64=encoded)

    return send
