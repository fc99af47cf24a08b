"""/v2/charges: create, read, capture, void, refund."""

from typing import Any

import pytest

from tests.client import Api, until
from tests.functional.collection.asking import card, charge, events, refused, shown

UNKNOWN = "ch_" + "0" * 32


def test_a_charge_is_made_and_read(api: Api, jane: str) -> None:
    made = charge(api, jane, statementDescriptor="CARDS", metadata={"a": 1})

    assert (made["status"], made["amountMinor"], made["currency"], made["captured"]) == (
        "succeeded",
        1_000,
        "EUR",
        True,
    )
    assert (made["statement_descriptor"], made["metadata"]) == ("CARDS", {"a": 1})
    assert shown(api, f"/v2/charges/{made['id']}") == made
    assert shown(api, f"/v2/payments/{made['paymentId']}")["status"] == "captured"
    events(api, "payment.succeeded", customer_id=jane)


def test_charges_are_listed(api: Api, jane: str) -> None:
    taken, held = charge(api, jane), charge(api, jane, capture=False)

    def ids(**query: Any) -> list[str]:
        return [each["id"] for each in api.get("/v2/charges", customer_id=jane, **query).json()["data"]]

    assert until(lambda: ids() == [held["id"], taken["id"]])
    assert ids(status="succeeded") == [taken["id"]]
    assert ids(status="pending") == [held["id"]]


@pytest.mark.parametrize(
    ("token", "status", "code"),
    [("tok_chargeCustomerFail", 400, "card_declined"), ("tok_chargeRateLimit", 429, "rate_limit_exceeded")],
)
def test_what_the_gateway_refuses_is_no_charge(api: Api, token: str, status: int, code: str) -> None:
    customer = api.create("john@example.com")["id"]
    card(api, customer, token)

    response = api.post("/v2/charges", {"customerId": customer, "amountMinor": 100, "description": "x"})

    refused(response, status, code)
    events(api, "payment.failed", customer_id=customer)


def test_an_answer_that_is_lost_leaves_the_charge_processing(api: Api) -> None:
    """The sandbox's gateway never answers for a token of this name; a card that it keeps is charged at once."""
    customer = api.create("john@example.com")["id"]
    body = {"customer_id": customer, "token": "tok_timeout"}

    lost = api.post("/v2/payment-methods", body, idempotency_key="k")
    assert lost.status_code == 503, lost.text
    kept = api.post("/v2/payment-methods", body, idempotency_key="k")
    assert kept.status_code == 201, kept.text

    made = charge(api, customer)
    assert made["status"] == "processing"
    refused(api.post(f"/v2/charges/{made['id']}/refund", {}), 409, "conflict", "id")


def test_the_same_key_charges_once(api: Api, jane: str) -> None:
    body = {"customerId": jane, "amountMinor": 100, "description": "once"}

    first, again = (api.post("/v2/charges", body, idempotency_key="k") for _ in range(2))

    assert (first.json(), again.headers["idempotency-replayed"]) == (again.json(), "true")
    refused(
        api.post("/v2/charges", {**body, "amountMinor": 200}, idempotency_key="k"),
        409,
        "idempotency_conflict",
        "Idempotency-Key",
    )
    assert len(api.get(f"/v2/customers/{jane}/payments").json()["data"]) == 1


@pytest.mark.parametrize(
    ("fields", "param"),
    [
        ({"amountMinor": 0}, "amountMinor"),
        ({"amountMinor": 1.5}, "amountMinor"),
        ({"amount_minor": None, "amountMinor": None}, "amount_minor"),
        ({"description": ""}, "description"),
        ({"currency": "EURO"}, "currency"),
        ({"statementDescriptor": "x" * 23}, "statementDescriptor"),
        ({"tip": 1}, "tip"),
    ],
)
def test_a_wrong_field_is_named(api: Api, jane: str, fields: dict[str, Any], param: str) -> None:
    body = {"customerId": jane, "amountMinor": 100, "description": "x", **fields}
    if "amount_minor" in fields:
        del body["amountMinor"]

    refused(api.post("/v2/charges", body), 400, "validation_error", param)


def test_whom_and_what_to_charge_must_be_there(api: Api, jane: str) -> None:
    john = api.create("john@example.com")["id"]
    of_john = card(api, john)
    wanted = {"customerId": jane, "amountMinor": 100, "description": "x"}

    assert api.post("/v2/charges", {**wanted, "customerId": "cus_" + "0" * 32}).status_code == 404
    assert api.post("/v2/charges", {**wanted, "paymentMethodId": of_john}).status_code == 404
    api.post(f"/v2/payment-methods/{of_john}/detach")
    refused(api.post("/v2/charges", {**wanted, "customerId": john}), 400, "invalid_request", "payment_method_id")
    for path in ("", "/capture", "/void", "/refund"):
        response = api.post(f"/v2/charges/{UNKNOWN}{path}", {}) if path else api.get(f"/v2/charges/{UNKNOWN}")
        assert response.status_code == 404


def test_held_money_is_taken_in_part(api: Api, jane: str) -> None:
    held = charge(api, jane, capture=False)
    assert (held["status"], held["captured"]) == ("pending", False)
    path = f"/v2/charges/{held['id']}/capture"

    refused(api.post(path, {"amountMinor": 1_001}), 400, "validation_error", "amountMinor")
    taken = api.post(path, {"amountMinor": 400}).json()["data"]

    assert (taken["status"], taken["amountCapturedMinor"]) == ("succeeded", 400)
    refused(api.post(path, {}), 400, "invalid_request", "status")
    events(api, "payment.authorized", "payment.succeeded", customer_id=jane)


def test_held_money_is_let_go(api: Api, jane: str) -> None:
    held = charge(api, jane, capture=False)

    assert api.post(f"/v2/charges/{held['id']}/void").json()["data"]["status"] == "voided"

    refused(api.post(f"/v2/charges/{held['id']}/void"), 400, "invalid_request", "status")
    events(api, "payment.voided", customer_id=jane)


def test_money_is_given_back_in_parts(api: Api, jane: str) -> None:
    path = f"/v2/charges/{charge(api, jane)['id']}/refund"

    part = api.post(path, {"amountMinor": 300, "reason": "late"}, idempotency_key="r").json()["data"]
    again = api.post(path, {"amountMinor": 300, "reason": "late"}, idempotency_key="r")
    assert (part["status"], part["amountRefundedMinor"], part["refunds"][0]["reason"]) == (
        "partially_refunded",
        300,
        "late",
    )
    assert again.headers["idempotency-replayed"] == "true"
    refused(api.post(path, {"amountMinor": 701}), 400, "validation_error", "amountMinor")
    assert api.post(path, {}).json()["data"]["status"] == "refunded"
    refused(api.post(path, {}), 400, "invalid_request", "status")

    told = events(api, "payment.refunded", "refund.succeeded", customer_id=jane)
    assert until(lambda: events(api, customer_id=jane).count("payment.refunded") == 2), told


def test_charges_have_scopes_and_merchants_of_their_own(api: Api, jane: str, key: Any, client: Any) -> None:
    made = charge(api, jane)

    assert client(key(scopes=["charges:read"])).post("/v2/charges", {}).status_code == 403
    assert client(key()).get(f"/v2/charges/{made['id']}").status_code == 404
    assert client(key()).post(f"/v2/charges/{made['id']}/refund", {}).status_code == 404
