"""What the tests of money ask for again and again."""

from typing import Any

import httpx

from tests.client import Api, until
from tests.schemas import validate_event


def card(api: Api, customer: str, token: str = "tok_visa", **fields: Any) -> str:  # noqa: S107 - a test token
    response = api.post("/v2/payment-methods", {"customer_id": customer, "token": token, **fields})
    assert response.status_code == 201, response.text
    return str(response.json()["id"])


def charge(api: Api, customer: str, amount_minor: int = 1_000, **fields: Any) -> dict[str, Any]:
    body = {"customerId": customer, "amountMinor": amount_minor, "description": "Cards", **fields}
    response = api.post("/v2/charges", body)
    assert response.status_code == 201, response.text
    made: dict[str, Any] = response.json()["data"]
    return made


def invoice(api: Api, customer: str, total_minor: int = 1_000, **fields: Any) -> dict[str, Any]:
    body = {"customerId": customer, "total_minor": total_minor, "status": "open", **fields}
    response = api.post("/v2/invoices", body)
    assert response.status_code == 201, response.text
    made: dict[str, Any] = response.json()["data"]
    return made


def order(api: Api, customer: str, price: int = 1_000) -> dict[str, Any]:
    line = {"description": "Cards", "unit_price": price}
    response = api.post("/v2/orders", {"customer_id": customer, "line_items": [line]})
    assert response.status_code == 201, response.text
    placed: dict[str, Any] = response.json()
    return placed


def subscribe(api: Api, customer: str, **fields: Any) -> dict[str, Any]:
    response = api.post("/v2/subscriptions", {"customerId": customer, "amountMinor": 1_000, **fields})
    assert response.status_code == 201, response.text
    begun: dict[str, Any] = response.json()["data"]
    return begun


def shown(api: Api, path: str) -> dict[str, Any]:
    """Return what stands there."""
    response = api.get(path)
    assert response.status_code == 200, response.text
    body: dict[str, Any] = response.json()
    return body.get("data") or body


def gateway_tells(api: Api, type_: str, **fields: Any) -> dict[str, Any]:
    response = api.post("/v2/test-gateway-events", {"type": type_, **fields})
    assert response.status_code == 201, response.text
    told: dict[str, Any] = response.json()["data"]
    return told


def advance(api: Api, **target: Any) -> dict[str, Any]:
    """Move the test clock as far as it is to go."""
    while True:
        response = api.post("/v2/test-clock/advance", target)
        assert response.status_code == 200, response.text
        clock: dict[str, Any] = response.json()["data"]
        if clock["status"] == "ready":
            return clock
        target = {"to": clock["target"]}


def events(api: Api, *types: str, **query: Any) -> list[str]:
    """Return the types of all events, newest first, once these are among them; each fits its schema."""

    def look() -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = api.get("/v2/events", limit=100, **query).json()["data"]
        return found if {*types} <= {each["type"] for each in found} else []

    found = until(look)
    for each in found:
        validate_event(each)
    return [each["type"] for each in found]


def refused(response: httpx.Response, status: int, code: str, param: str | None = None) -> None:
    assert response.status_code == status, response.text
    error = response.json()["error"]
    assert (error["code"], error.get("param")) == (code, param)
