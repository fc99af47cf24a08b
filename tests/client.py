"""A client that checks every response against the OpenAPI document."""

import json
import time
from collections.abc import Callable
from typing import Any

import httpx

from tests.openapi import validate_response


class Api:
    """Calls the API with one key; the answer is an `httpx.Response` whose body the document describes."""

    def __init__(self, connection: httpx.Client, key: str | None) -> None:
        self.connection = connection
        self.headers = {"x-api-key": key} if key else {}

    def request(
        self, method: str, path: str, body: Any = None, headers: dict[str, str] | None = None, **options: Any
    ) -> httpx.Response:
        if body is not None:
            options["content"] = json.dumps(body).encode()
        sent = {"content-type": "application/json", **self.headers, **(headers or {})}
        response = self.connection.request(method, path, headers=sent, **options)
        validate_response(method, response.request.url.path, response.status_code, response.headers, response.content)
        return response

    def get(self, path: str, **parameters: Any) -> httpx.Response:
        return self.request("GET", path, params=parameters)

    def post(self, path: str, body: Any = None, **headers: str) -> httpx.Response:
        return self.request("POST", path, body, _dashed(headers))

    def patch(self, path: str, body: Any = None, **headers: str) -> httpx.Response:
        return self.request("PATCH", path, body, _dashed(headers))

    def put(self, path: str, body: Any = None, **headers: str) -> httpx.Response:
        return self.request("PUT", path, body, _dashed(headers))

    def delete(self, path: str, **headers: str) -> httpx.Response:
        return self.request("DELETE", path, None, _dashed(headers))

    def create(self, email: str, **fields: Any) -> dict[str, Any]:
        """Create a customer and return it."""
        response = self.post("/v2/customers", {"email": email, **fields})
        assert response.status_code == 201, response.text
        customer: dict[str, Any] = response.json()["data"]
        return customer


def _dashed(headers: dict[str, str]) -> dict[str, str]:
    return {name.replace("_", "-"): text for name, text in headers.items()}


def until[T](look: Callable[[], T], *, seconds: float = 15) -> T:
    """Look until what follows from a write has come about (something true is seen), and return it."""
    deadline = time.monotonic() + seconds
    while True:
        seen = look()
        if seen:
            return seen
        assert time.monotonic() < deadline, f"not seen within {seconds} s; last seen: {seen!r}"
        time.sleep(0.05)
