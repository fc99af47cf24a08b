"""What the gateway tells: /v2/test-gateway-events, and the door by which a gateway comes."""

import hmac
import json
import time
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from local.testing import Runtime
from tests.client import Api, until
from tests.functional.collection.asking import card, charge, events, gateway_tells, invoice, refused, shown


@pytest.fixture
def debit(api: Api) -> dict[str, Any]:
    """A bank debit that has not settled."""
    customer = api.create("john@example.com")["id"]
    card(api, customer, "tok_ach")
    return charge(api, customer)


def status(api: Api, made: dict[str, Any]) -> str:
    return str(shown(api, f"/v2/charges/{made['id']}")["status"])


def test_a_debit_settles_and_is_returned(api: Api, debit: dict[str, Any]) -> None:
    assert debit["status"] == "pending"

    told = gateway_tells(api, "charge.succeeded", paymentId=debit["payment_id"])
    assert told["id"].startswith("gwe_")
    assert status(api, debit) == "succeeded"
    gateway_tells(api, "charge.failed", payment_id=debit["id"], code="R01")

    assert status(api, debit) == "failed"
    assert shown(api, f"/v2/charges/{debit['id']}")["failure_code"] == "R01"
    events(api, "payment.succeeded", "payment.failed", customer_id=debit["customer_id"])


def test_a_debit_that_is_returned_at_once_stays_so(api: Api, debit: dict[str, Any]) -> None:
    for type_ in ("charge.failed", "charge.succeeded"):
        gateway_tells(api, type_, payment_id=debit["payment_id"])

    assert status(api, debit) == "failed"


def test_what_no_bank_would_tell_is_refused(api: Api, jane: str, debit: dict[str, Any]) -> None:
    paid = charge(api, jane)
    account = debit["payment_method_id"]

    for wanted, param in (
        ({"type": "dispute.created", "payment_id": debit["id"]}, "payment_id"),
        ({"type": "dispute.created", "payment_id": paid["id"], "amount_minor": 1_001}, "amount_minor"),
        ({"type": "charge.failed", "payment_id": paid["id"]}, "payment_id"),
        ({"type": "payment_method.updated", "payment_method_id": account, "last4": "1"}, "last4"),
        ({"type": "payment_method.updated", "payment_method_id": account, "last4": "1111"}, "payment_method_id"),
    ):
        refused(api.post("/v2/test-gateway-events", wanted), 400, "validation_error", param)


def test_an_invoice_waits_for_its_debit(api: Api) -> None:
    customer = api.create("john@example.com")["id"]
    card(api, customer, "tok_ach")
    path = f"/v2/invoices/{invoice(api, customer)['id']}"

    payment = api.post(f"{path}/pay", {}).json()["data"]["payment_in_progress"]
    refused(api.post(f"{path}/pay", {"payment_method": "cash"}), 409, "conflict", "id")
    gateway_tells(api, "charge.succeeded", payment_id=payment)

    assert shown(api, path)["status"] == "paid"


def test_a_dispute_is_opened_and_closed(api: Api, jane: str) -> None:
    made = charge(api, jane)

    gateway_tells(api, "dispute.created", payment_id=made["payment_id"], reason="fraudulent", amountMinor=600)
    opened = shown(api, f"/v2/charges/{made['id']}")["dispute"]
    assert (opened["status"], opened["reason"], opened["amount_minor"]) == ("needs_response", "fraudulent", 600)
    gateway_tells(api, "dispute.closed", payment_id=made["payment_id"], status="won")

    closed = shown(api, f"/v2/charges/{made['id']}")["dispute"]
    assert (closed["status"], closed["id"], bool(closed["closed_at"])) == ("won", opened["id"], True)
    events(api, "dispute.created", "payment.disputed", "dispute.closed", customer_id=jane)


def test_a_refund_is_sent_back(api: Api, jane: str) -> None:
    made = charge(api, jane)
    api.post(f"/v2/charges/{made['id']}/refund", {"amountMinor": 300})

    gateway_tells(api, "refund.failed", payment_id=made["payment_id"])

    after = shown(api, f"/v2/charges/{made['id']}")
    assert (after["status"], after["refunds"][0]["status"], after["amount_refunded_minor"]) == (
        "succeeded",
        "failed",
        0,
    )
    events(api, "refund.failed", customer_id=jane)


def test_a_card_is_reissued(api: Api, jane: str) -> None:
    kept = card(api, jane, "tok_mastercard")

    gateway_tells(api, "payment_method.updated", payment_method_id=kept, exp_month=6, exp_year=2051, last4="1111")

    after = shown(api, f"/v2/payment-methods/{kept}")["card"]
    assert (after["exp_month"], after["exp_year"], after["last4"]) == (6, 2051, "1111")
    events(api, "customer.payment_method.updated", customer_id=jane)


@pytest.mark.parametrize(
    ("body", "status", "param"),
    [
        ({"type": "charge.exploded"}, 400, "type"),
        ({"type": "charge.failed"}, 400, "payment_id"),
        ({"type": "payment_method.updated"}, 400, "payment_method_id"),
        ({"type": "charge.failed", "payment_id": "pay_" + "0" * 32}, 404, "payment_id"),
        ({"type": "payment_method.updated", "payment_method_id": "pm_" + "0" * 32}, 404, "payment_method_id"),
        ({"type": "payment_method.updated", "exp_month": 13}, 400, "exp_month"),
    ],
)
def test_what_is_to_be_told_must_be_complete(api: Api, body: dict[str, Any], status: int, param: str) -> None:
    response = api.post("/v2/test-gateway-events", body)

    assert (response.status_code, response.json()["error"]["param"]) == (status, param)


def test_what_was_not_given_back_can_not_be_sent_back(api: Api, jane: str) -> None:
    body = {"type": "refund.failed", "payment_id": charge(api, jane)["payment_id"]}

    refused(api.post("/v2/test-gateway-events", body), 400, "validation_error", "payment_id")


def test_live_mode_has_a_real_gateway(key: Any, client: Any) -> None:
    live = client(key(mode="live"))

    response = live.post("/v2/test-gateway-events", {"type": "charge.failed", "payment_id": "pay_" + "0" * 32})

    refused(response, 400, "invalid_request")


# the door by which a gateway comes


type Deliver = Callable[..., httpx.Response]


@pytest.fixture
def deliver(runtime: Runtime, connection: httpx.Client) -> Deliver:
    """Sends an event to a merchant's door as the sandbox's gateway signs it, or as `signature` says."""
    secrets = runtime.clients.secrets
    [name] = [each["Name"] for each in secrets.list_secrets()["SecretList"] if "LinkSecret" in each["Name"]]
    secret = secrets.get_secret_value(SecretId=name)["SecretString"].encode()
    door = Api(connection, None)

    def send(
        account: str,
        event: Any,
        *,
        signature: bytes | None = None,
        age_seconds: int = 0,
        gateway: str = "sandbox",
    ) -> httpx.Response:
        signed_at = str(int(time.time()) - age_seconds)
        signed = b"sandbox\x1f" + signed_at.encode() + b"." + json.dumps(event).encode()
        mac = hmac.digest(secret, signed, "sha256").hex().encode() if signature is None else signature
        headers: Any = {"x-sandbox-signature": b"t=" + signed_at.encode() + b",v1=" + mac}
        return door.request("POST", f"/v2/gateways/{gateway}/events", event, headers, params={"account": account})

    return send


def settled(debit: dict[str, Any]) -> dict[str, Any]:
    reference = debit["gateway_transaction_id"]
    return {"id": "evt_1", "kind": "charge_succeeded", "reference": reference, "payment_id": debit["payment_id"]}


def test_a_signed_event_is_taken_once(api: Api, debit: dict[str, Any], deliver: Deliver) -> None:
    for _ in range(2):
        response = deliver(debit["merchant_id"], settled(debit))
        assert (response.status_code, response.json()) == (200, {"received": True, "about": "charge_succeeded"})

    assert status(api, debit) == "succeeded"
    assert until(lambda: events(api, "payment.succeeded", customer_id=debit["customer_id"]))
    assert events(api, customer_id=debit["customer_id"]).count("payment.succeeded") == 1


@pytest.mark.parametrize(
    "wrong", [{"signature": b"0" * 64}, {"signature": b""}, {"signature": b"\xe9"}, {"age_seconds": 301}]
)
def test_what_the_gateway_has_not_signed_is_refused(
    api: Api, debit: dict[str, Any], deliver: Deliver, wrong: dict[str, Any]
) -> None:
    refused(deliver(debit["merchant_id"], settled(debit), **wrong), 400, "invalid_request", "signature")

    assert status(api, debit) == "pending"


def test_an_event_reaches_its_own_merchant_alone(api: Api, debit: dict[str, Any], deliver: Deliver, key: Any) -> None:
    assert deliver(key()["merchant_id"], settled(debit)).status_code == 200
    assert deliver("mer_1", settled(debit)).status_code == 400
    assert deliver(debit["merchant_id"], settled(debit), gateway="nobody").status_code == 404

    assert status(api, debit) == "pending"
