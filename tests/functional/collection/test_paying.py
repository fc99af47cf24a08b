"""Paying orders and invoices, by hand and by themselves."""

from concurrent.futures import ThreadPoolExecutor

from tests.client import Api, until
from tests.functional.collection.asking import card, events, invoice, order, refused, shown


def test_an_order_is_paid_with_the_default(api: Api, jane: str) -> None:
    placed = order(api, jane)

    part = api.post(f"/v2/orders/{placed['id']}/pay", {"amount": 400}).json()
    assert (part["status"], part["amount_due"]) == ("partially_paid", 600)
    refused(api.post(f"/v2/orders/{placed['id']}/pay", {"amount": 601}), 400, "validation_error", "amount")
    assert api.post(f"/v2/orders/{placed['id']}/pay", {}).json()["status"] == "paid"

    refused(api.post(f"/v2/orders/{placed['id']}/pay", {}), 400, "invalid_request", "status")
    events(api, "order.paid", order_id=placed["id"])


def test_an_order_is_paid_with_a_token_once(api: Api) -> None:
    customer = api.create("john@example.com")["id"]
    placed = order(api, customer)
    body = {"payment_token": "tok_mastercard"}

    first, again = (api.post(f"/v2/orders/{placed['id']}/pay", body, idempotency_key="k") for _ in range(2))

    assert (first.status_code, first.json()["status"]) == (200, "paid")
    assert (again.json(), again.headers["idempotency-replayed"]) == (first.json(), "true")
    [kept] = api.get(f"/v2/customers/{customer}/payment-methods").json()["data"]
    [paid] = api.get(f"/v2/customers/{customer}/payments").json()["data"]
    assert (kept["card"]["brand"], paid["amount_minor"]) == ("mastercard", 1_000)


def test_a_token_that_is_declined_is_declined_again(api: Api, jane: str) -> None:
    placed = order(api, jane)

    for _ in range(2):
        body = {"payment_token": "tok_chargeDeclinedLostCard"}
        refused(api.post(f"/v2/orders/{placed['id']}/pay", body, idempotency_key="k"), 400, "card_declined")
    refused(api.post(f"/v2/orders/{placed['id']}/pay", {"payment_token": "nonsense"}), 400, "validation_error", "token")

    assert shown(api, f"/v2/orders/{placed['id']}")["status"] == "pending"


def test_a_declined_card_leaves_the_order_to_be_paid(api: Api, jane: str) -> None:
    placed, bad = order(api, jane), card(api, jane, "tok_chargeCustomerFail")

    refused(api.post(f"/v2/orders/{placed['id']}/pay", {"payment_method_id": bad}), 400, "card_declined")

    left = shown(api, f"/v2/orders/{placed['id']}")
    assert (left["status"], left["last_error"]["decline_code"]) == ("pending", "generic_decline")
    assert api.post(f"/v2/orders/{placed['id']}/pay", {}).json()["status"] == "paid"


def test_an_invoice_is_paid_with_a_card(api: Api, jane: str) -> None:
    made, other = invoice(api, jane), card(api, jane, "tok_amex")
    path = f"/v2/invoices/{made['id']}/pay"

    part = api.post(path, {"amountMinor": 400, "paymentMethodId": other}).json()["data"]
    assert (part["status"], part["amount_due_minor"]) == ("partially_paid", 600)
    refused(api.post(path, {"amountMinor": 601}), 400, "validation_error", "amountMinor")
    assert api.post(path, {}).json()["data"]["status"] == "paid"

    refused(api.post(path, {}), 400, "invalid_request", "status")
    events(api, "invoice.paid", invoice_id=made["id"])


def test_of_simultaneous_payments_no_more_is_taken_than_is_due(api: Api, jane: str) -> None:
    path = f"/v2/invoices/{invoice(api, jane)['id']}"

    with ThreadPoolExecutor(4) as threads:
        statuses = list(threads.map(lambda _: api.post(f"{path}/pay", {}).status_code, range(4)))

    assert statuses.count(200) == 1
    assert {*statuses} <= {200, 400, 409}
    assert shown(api, path)["amount_paid_minor"] == 1_000
    assert len(api.get(f"/v2/customers/{jane}/payments").json()["data"]) == 1


def test_a_finalized_invoice_is_collected_by_itself(api: Api, jane: str) -> None:
    made = invoice(api, jane, status="draft")

    finalized = api.post(f"/v2/invoices/{made['id']}/finalize", {"auto_advance": True})

    assert finalized.status_code == 200, finalized.text
    assert until(lambda: shown(api, f"/v2/invoices/{made['id']}")["status"] == "paid")
    [paid] = api.get(f"/v2/customers/{jane}/payments").json()["data"]
    assert paid["amount_minor"] == 1_000


def test_what_could_not_be_collected_is_collected_with_another_card(api: Api) -> None:
    customer = api.create("john@example.com")["id"]
    card(api, customer, "tok_chargeCustomerFail")
    made = invoice(api, customer, autoCharge=True)
    path = f"/v2/invoices/{made['id']}"
    failed = until(lambda: (seen := shown(api, path))["attempt_count"] and seen)
    assert failed
    assert (failed["last_payment_error"]["code"], bool(failed["next_attempt_at"])) == ("card_declined", True)

    card(api, customer, set_default=True)

    assert until(lambda: shown(api, path)["status"] == "paid")
    events(api, "invoice.payment_failed", "invoice.paid", invoice_id=made["id"])
