"""/v2/payment-intents: create, confirm, capture, cancel."""

from typing import Any

import pytest

from billing.ids import new_id
from tests.client import Api, until
from tests.functional.collection.asking import card, charge, events, gateway_tells, refused, shown

UNKNOWN = "pi_" + "0" * 32


def intend(api: Api, customer: str, **fields: Any) -> dict[str, Any]:
    response = api.post("/v2/payment-intents", {"customer": customer, "amount": 1_000, **fields})
    assert response.status_code == 200, response.text
    made: dict[str, Any] = response.json()
    return made


def ask(api: Api, intent: dict[str, Any], verb: str, **fields: Any) -> dict[str, Any]:
    response = api.post(f"/v2/payment-intents/{intent['id']}/{verb}", fields)
    assert response.status_code == 200, response.text
    answered: dict[str, Any] = response.json()
    return answered


def test_a_payment_intent_is_created_and_confirmed(api: Api, jane: str) -> None:
    made = intend(api, jane, description="Cards", metadata={"a": 1}, statement_descriptor_suffix="CARDS")

    assert (made["object"], made["status"], made["currency"]) == ("payment_intent", "requires_payment_method", "EUR")
    assert (made["customer"], made["amount_received"], made["capture_method"]) == (jane, 0, "automatic")
    assert shown(api, f"/v2/payment-intents/{made['id']}") == made
    done = ask(api, made, "confirm")
    assert (done["status"], done["amount_received"], done["metadata"]) == ("succeeded", 1_000, {"a": 1})
    assert shown(api, f"/v2/payment-intents/{made['id']}") == done
    told = events(api, "payment_intent.created", "payment_intent.succeeded", "payment.succeeded", customer_id=jane)
    assert "payment.failed" not in told


def test_they_are_listed_by_what_they_wait_for(api: Api) -> None:
    customer = str(api.create("john@example.com")["id"])
    without = intend(api, customer)
    visa = card(api, customer)
    unconfirmed = intend(api, customer, payment_method=visa)

    def ids(path: str, **query: Any) -> list[str]:
        return [each["id"].rpartition("_")[2] for each in api.get(path, **query).json()["data"]]

    [first, second] = (each["id"].removeprefix("pi_") for each in (without, unconfirmed))
    assert ids("/v2/payment-intents", customer=customer) == [second, first]
    assert ids("/v2/payment-intents", customer=customer, status="requires_payment_method") == [first]
    assert ids("/v2/payment-intents", customer=customer, status="requires_confirmation") == [second]
    assert ids("/v2/charges", customer_id=customer, status="pending") == [second, first]
    assert ids("/v2/payments", customer_id=customer, status="pending") == [second, first]
    assert until(lambda: {first, second} <= {*ids("/v2/payments")})


def test_a_decline_leaves_it_to_another_card(api: Api) -> None:
    customer = str(api.create("john@example.com")["id"])
    card(api, customer, "tok_chargeCustomerInsufficientFunds")
    made = intend(api, customer)

    refused(api.post(f"/v2/payment-intents/{made['id']}/confirm", {}), 400, "card_declined")
    waiting = shown(api, f"/v2/payment-intents/{made['id']}")
    assert waiting["status"] == "requires_payment_method"
    assert waiting["last_payment_error"]["decline_code"] == "insufficient_funds"

    done = ask(api, made, "confirm", payment_method=card(api, customer))
    assert (done["status"], done["last_payment_error"]) == ("succeeded", None)
    told = events(api, "payment_intent.payment_failed", "payment_intent.succeeded", customer_id=customer)
    assert told.index("payment_intent.succeeded") < told.index("payment_intent.payment_failed"), "newest first"


@pytest.mark.parametrize("comes_in", [True, False])
def test_a_payer_who_must_act(api: Api, *, comes_in: bool) -> None:
    customer = str(api.create("john@example.com")["id"])
    card(api, customer, "tok_3dsEachTime")
    made = ask(api, intend(api, customer), "confirm", return_url="https://shop.example/paid")

    assert made["status"] == "requires_action"
    assert made["next_action"]["redirect_to_url"]["return_url"] == "https://shop.example/paid"
    refused(api.post(f"/v2/payment-intents/{made['id']}/confirm", {}), 400, "invalid_request", "status")
    gateway_tells(api, "charge.succeeded" if comes_in else "charge.failed", payment_id=made["id"])
    wanted = "succeeded" if comes_in else "requires_payment_method"
    assert shown(api, f"/v2/payment-intents/{made['id']}")["status"] == wanted
    events(api, "payment_intent.requires_action", customer_id=customer)


def test_money_is_held_and_taken_in_part(api: Api, jane: str) -> None:
    made = ask(api, intend(api, jane, capture_method="manual"), "confirm")
    assert (made["status"], made["amount_capturable"]) == ("processing", 1_000)

    response = api.post(f"/v2/payment-intents/{made['id']}/capture", {"amount_to_capture": 1_001})
    refused(response, 400, "validation_error", "amount_to_capture")
    taken = ask(api, made, "capture", amount_to_capture=400)

    assert (taken["status"], taken["amount_received"], taken["amount_capturable"]) == ("succeeded", 400, 0)


def test_it_is_given_up_before_or_while_money_is_held(api: Api, jane: str) -> None:
    held = ask(api, intend(api, jane, capture_method="manual"), "confirm")

    for made in (intend(api, jane), held):
        gone = ask(api, made, "cancel", cancellation_reason="duplicate")
        assert (gone["status"], gone["cancellation_reason"], bool(gone["canceled_at"])) == (
            "canceled",
            "duplicate",
            True,
        )
        refused(api.post(f"/v2/payment-intents/{made['id']}/cancel", {}), 400, "invalid_request", "status")
        refused(api.post(f"/v2/payment-intents/{made['id']}/confirm", {}), 400, "invalid_request", "status")
    events(api, "payment_intent.canceled", customer_id=jane)


def test_the_same_key_confirms_once(api: Api, jane: str) -> None:
    path = f"/v2/payment-intents/{intend(api, jane)['id']}/confirm"

    first, again = (api.post(path, {}, idempotency_key="k") for _ in range(2))

    assert (first.json(), again.headers["idempotency-replayed"]) == (again.json(), "true")
    refused(api.post(path, {}), 400, "invalid_request", "status")


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("amount", 0),
        ("amount", "10"),
        ("currency", "EURO"),
        ("capture_method", "later"),
        ("receipt_email", "nobody"),
        ("statement_descriptor", "x" * 23),
        ("gateway_merchant_id", "acct_1"),
        ("confirm", True),
    ],
)
def test_bad_fields_are_named(api: Api, jane: str, field: str, value: Any) -> None:
    body = {"customer": jane, "amount": 1_000, field: value}

    refused(api.post("/v2/payment-intents", body), 400, "validation_error", field)


def test_who_and_what_is_not_there(api: Api, jane: str) -> None:
    for verb in ("confirm", "capture", "cancel"):
        refused(api.post(f"/v2/payment-intents/{UNKNOWN}/{verb}", {}), 404, "resource_missing", "id")
    refused(
        api.post("/v2/payment-intents", {"customer": new_id("cus"), "amount": 1}), 404, "resource_missing", "customer"
    )
    body = {"customer": jane, "amount": 1, "payment_method": new_id("pm")}
    refused(api.post("/v2/payment-intents", body), 404, "resource_missing", "payment_method")
    api.delete(f"/v2/customers/{jane}")
    refused(api.post("/v2/payment-intents", {"customer": jane, "amount": 1}), 422, "customer_deleted", "customer")


def test_a_charge_is_a_payment_intent_too(api: Api, jane: str) -> None:
    held = charge(api, jane, capture=False)

    gone = ask(api, {"id": held["id"].replace("ch_", "pi_")}, "cancel")

    assert (gone["status"], shown(api, f"/v2/charges/{held['id']}")["status"]) == ("canceled", "voided")
