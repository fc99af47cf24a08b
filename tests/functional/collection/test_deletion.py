"""What a deletion ends, and what can't be done any more."""

from tests.client import Api, until
from tests.functional.collection.asking import charge, events, invoice, order, shown, subscribe


def test_every_subscription_ends_and_is_told_of(api: Api, jane: str) -> None:
    begun = [subscribe(api, jane, trialDays=30) for _ in range(14)]

    api.delete(f"/v2/customers/{jane}")

    def statuses() -> set[str]:
        listed = api.get(f"/v2/customers/{jane}/subscriptions", limit=100).json()["data"]
        return {each["status"] for each in listed}

    assert until(lambda: statuses() == {"canceled"})
    events(api, "customer.deleted", customer_id=jane)
    for each in (begun[0], begun[-1]):
        events(api, "subscription.canceled", subscription_id=each["id"])
        assert shown(api, f"/v2/subscriptions/{each['id']}")["cancellationReason"] == "customer_deleted"


def test_held_money_is_let_go(api: Api, jane: str) -> None:
    held = charge(api, jane, capture=False)

    api.delete(f"/v2/customers/{jane}")

    assert until(lambda: shown(api, f"/v2/charges/{held['id']}")["status"] == "voided")


def test_nothing_can_be_charged_and_what_was_paid_can_be_given_back(api: Api, jane: str) -> None:
    paid, open_invoice, placed = charge(api, jane), invoice(api, jane), order(api, jane)
    api.delete(f"/v2/customers/{jane}")

    for path, body in [
        ("/v2/charges", {"customerId": jane, "amountMinor": 100, "description": "too late"}),
        (f"/v2/invoices/{open_invoice['id']}/pay", {}),
        (f"/v2/orders/{placed['id']}/pay", {}),
        (f"/v2/orders/{placed['id']}/pay", {"payment_token": "tok_visa"}),
        ("/v2/subscriptions", {"customerId": jane, "amountMinor": 100}),
        ("/v2/invoices", {"customerId": jane, "total_minor": 100}),
    ]:
        response = api.post(path, body)
        assert (response.status_code, response.json()["error"]["code"]) == (422, "customer_deleted"), path
    given_back = api.post(f"/v2/charges/{paid['id']}/refund", {})

    assert (given_back.status_code, given_back.json()["data"]["status"]) == (200, "refunded")
    assert len(api.get(f"/v2/customers/{jane}/payments").json()["data"]) == 1
