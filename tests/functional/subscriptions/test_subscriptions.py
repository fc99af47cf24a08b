"""/v2/subscriptions."""

from datetime import UTC, datetime
from typing import Any

import pytest

from tests.client import Api, until
from tests.schemas import validate_event

UNKNOWN = "sub_" + "0" * 32


def create(api: Api, customer_id: str, **fields: Any) -> dict[str, Any]:
    response = api.post("/v2/subscriptions", {"customerId": customer_id, "amountMinor": 4900, **fields})
    assert response.status_code == 201, response.text
    subscription: dict[str, Any] = response.json()["data"]
    return subscription


def get(api: Api, subscription: dict[str, Any]) -> dict[str, Any]:
    shown: dict[str, Any] = api.get(f"/v2/subscriptions/{subscription['id']}").json()["data"]
    return shown


def ids(api: Api, path: str = "/v2/subscriptions", **query: Any) -> list[str]:
    response = api.get(path, **query)
    assert response.status_code == 200, response.text
    return [each["id"] for each in response.json()["data"]]


def do(api: Api, subscription: dict[str, Any], verb: str, body: Any = None) -> dict[str, Any]:
    response = api.post(f"/v2/subscriptions/{subscription['id']}/{verb}", body)
    assert response.status_code == 200, response.text
    after: dict[str, Any] = response.json()["data"]
    return after


def types_of_events(api: Api, subscription: dict[str, Any]) -> list[str]:
    """Return the types of its events, newest first; each fits its schema."""
    events = api.get("/v2/events", subscription_id=subscription["id"]).json()["data"]
    for each in events:
        if each["type"].startswith("subscription."):
            validate_event(each)
    return [each["type"] for each in events if each["type"].startswith("subscription.")]


def advance(api: Api, to: str) -> None:
    response = api.post("/v2/test-clock/advance", {"to": to})
    assert (response.status_code, response.json()["data"]["status"]) == (200, "ready"), response.text


@pytest.fixture
def jane(api: Api) -> str:
    customer_id: str = api.create("jane@example.com", currency="EUR")["id"]
    return customer_id


def test_a_subscription_is_answered_in_both_spellings(api: Api, jane: str) -> None:
    subscription = create(api, jane, quantity=2, productId="prod-1", description="Seats", metadata={"a": 1})

    assert subscription["id"].startswith("sub_")
    assert (subscription["status"], subscription["currency"], subscription["quantity"]) == ("active", "EUR", 2)
    assert subscription["amountMinor"] == subscription["amount_minor"] == 4900
    assert subscription["billingInterval"] == subscription["billing_interval"] == subscription["interval"] == "month"
    assert subscription["customerId"] == subscription["customer_id"] == jane
    assert subscription["currentPeriodStart"] == subscription["started_at"]
    assert subscription["dunning"]["isInDunning"] is subscription["dunning"]["is_in_dunning"] is False
    assert (subscription["billing_end_strategy"], subscription["timeZone"]) == ("indefinite", "UTC")
    read = api.get(f"/v2/subscriptions/{subscription['id']}")
    assert read.status_code == 200
    assert (read.json()["data"]["productId"], read.json()["data"]["metadata"]) == ("prod-1", {"a": 1})


@pytest.mark.parametrize(
    ("fields", "param"),
    [
        ({"amountMinor": None}, "amountMinor"),
        ({"amountMinor": 1.5}, "amountMinor"),
        ({"quantity": 0}, "quantity"),
        ({"billingInterval": "fortnight"}, "billingInterval"),
        ({"billingInterval": "year", "intervalCount": 4}, "intervalCount"),
        ({"trialEnd": "2020-01-01T00:00:00Z"}, "trialEnd"),
        ({"startDate": "soon"}, "startDate"),
        ({"billingEndStrategy": "on_date"}, "billing_ends_on"),
        ({"payment_method_id": "pm_" + "0" * 32}, "payment_method_id"),
        ({"timeZone": "Mars/Olympus"}, "timeZone"),
        ({"seats": 3}, "seats"),
    ],
)
def test_a_wrong_field_is_named(api: Api, jane: str, fields: dict[str, Any], param: str) -> None:
    response = api.post("/v2/subscriptions", {"customerId": jane, "amountMinor": 4900, **fields})

    assert response.status_code == 400, response.text
    assert response.json()["error"]["param"] == param


def test_the_customer_and_the_business_must_be_there_and_belong_together(api: Api, jane: str) -> None:
    business = api.post("/v2/businesses", {"name": "Engines Ltd"}).json()["data"]["id"]
    wanted = {"customerId": jane, "amountMinor": 1, "businessId": business}

    assert api.post("/v2/subscriptions", {**wanted, "customerId": "cus_" + "0" * 32}).status_code == 404
    assert api.post("/v2/subscriptions", {**wanted, "businessId": "bus_" + "0" * 32}).status_code == 404
    stranger = api.post("/v2/subscriptions", wanted)
    assert (stranger.status_code, stranger.json()["error"]["param"]) == (400, "businessId")
    api.post(f"/v2/businesses/{business}/customers/{jane}")
    assert api.post("/v2/subscriptions", wanted).json()["data"]["businessId"] == business


def test_a_request_that_is_sent_again_makes_one_subscription(api: Api, jane: str) -> None:
    body = {"customerId": jane, "amountMinor": 4900}

    first, again = (api.post("/v2/subscriptions", body, idempotency_key="k1") for _ in range(2))

    assert again.headers["idempotency-replayed"] == "true"
    assert first.json() == again.json()
    assert len(ids(api, customerId=jane)) == 1


def test_lists_are_filtered_counted_and_paged(api: Api, jane: str) -> None:
    john = api.create("john@example.com")["id"]
    of_jane = [create(api, jane)["id"] for _ in range(3)]
    of_john = create(api, john, trialDays=7)["id"]

    assert ids(api, customerId=jane) == of_jane[::-1]
    assert ids(api, status="trialing") == [of_john]
    assert ids(api, status="incomplete") == ids(api, status="incomplete_expired", customer_id=jane) == []
    page = api.get("/v2/subscriptions", limit=2, page=2, customerId=jane).json()
    assert [each["id"] for each in page["data"]] == of_jane[:1]
    pagination = {"page": 2, "limit": 2, "total": 3, "totalPages": 2}
    assert pagination.items() <= page["pagination"].items()
    assert until(lambda: api.get("/v2/subscriptions").json()["pagination"]["total"] == 4)
    of_customer = f"/v2/customers/{jane}/subscriptions"
    assert ids(api, of_customer, limit=2) == of_jane[:0:-1]
    assert ids(api, of_customer, starting_after=of_jane[1]) == of_jane[:1]
    [summary] = api.get(f"/v2/customers/{john}/subscriptions").json()["data"]
    assert (summary["status"], summary["cancel_at_period_end"], "customerId" in summary) == ("trialing", False, False)
    assert api.get("/v2/subscriptions", status="gone").status_code == 400
    assert api.get("/v2/customers/cus_" + "0" * 32 + "/subscriptions").status_code == 404


def test_a_change_touches_what_it_names(api: Api, jane: str) -> None:
    subscription = create(api, jane, trialDays=10, metadata={"a": 1, "b": 2})
    path = f"/v2/subscriptions/{subscription['id']}"

    changed = api.patch(path, {"amountMinor": 5900, "metadata": {"a": None}, "cancelAtPeriodEnd": True})

    assert changed.status_code == 200, changed.text
    shown = changed.json()["data"]
    assert (shown["amount_minor"], shown["metadata"], shown["cancelAt"]) == (5900, {"b": 2}, shown["currentPeriodEnd"])
    assert api.patch(path, {"quantity": 3}, if_match='"1"').status_code == 412
    assert api.patch(path, {"quantity": None}).json()["error"]["param"] == "quantity"
    assert api.patch(path, {"status": "past_due"}).json()["error"]["param"] == "status"
    assert api.patch(path, {"status": "canceled"}).json()["data"]["status"] == "canceled"
    assert api.patch(path, {"quantity": 3}).status_code == 400
    assert api.patch(f"/v2/subscriptions/{UNKNOWN}", {"quantity": 3}).status_code == 404


def test_canceling_pausing_and_coming_back(api: Api, jane: str) -> None:
    subscription = create(api, jane, trialDays=10)

    assert do(api, subscription, "cancel", {"mode": "period_end", "reason": "dear"})["cancelAtPeriodEnd"] is True
    assert do(api, subscription, "reactivate")["cancelAtPeriodEnd"] is False
    assert api.post(f"/v2/subscriptions/{subscription['id']}/reactivate").status_code == 400
    paused = do(api, subscription, "pause", {"behavior": "keep_as_draft"})
    assert (paused["status"], paused["pauseBehavior"]) == ("paused", "keep_as_draft")
    assert api.post(f"/v2/subscriptions/{subscription['id']}/pause", {}).status_code == 400
    assert do(api, subscription, "resume")["status"] == "trialing"
    canceled = do(api, subscription, "cancel", {"mode": "immediately"})
    assert (canceled["status"], canceled["canceledAt"], canceled["endedAt"]) == (
        "canceled",
        canceled["canceledAt"],
        canceled["canceledAt"],
    )
    for verb, body in [("cancel", {"mode": "immediately"}), ("pause", {}), ("resume", None), ("reactivate", None)]:
        refused = api.post(f"/v2/subscriptions/{subscription['id']}/{verb}", body)
        assert (refused.status_code, refused.json()["error"]["param"]) == (400, "status")
        assert api.post(f"/v2/subscriptions/{UNKNOWN}/{verb}", body).status_code == 404
    assert api.post(f"/v2/subscriptions/{subscription['id']}/cancel", {}).json()["error"]["param"] == "mode"


def test_deleting_cancels_and_is_repeatable(api: Api, jane: str) -> None:
    subscription = create(api, jane)

    for _ in range(2):
        deleted = api.delete(f"/v2/subscriptions/{subscription['id']}")
        assert (deleted.status_code, deleted.json()) == (200, {"success": True})
    assert get(api, subscription)["status"] == "canceled"
    assert api.delete(f"/v2/subscriptions/{UNKNOWN}").status_code == 404


def test_deleting_a_customer_cancels_what_it_still_pays_for(api: Api, jane: str) -> None:
    subscription, over = create(api, jane), create(api, jane, trialDays=3)
    do(api, over, "cancel", {"mode": "immediately", "reason": "dear"})

    api.delete(f"/v2/customers/{jane}")

    assert [get(api, each)["cancellationReason"] for each in (subscription, over)] == ["customer_deleted", "dear"]
    refused = api.post("/v2/subscriptions", {"customerId": jane, "amountMinor": 4900})
    assert (refused.status_code, refused.json()["error"]["code"]) == (422, "customer_deleted")
    assert len(ids(api, f"/v2/customers/{jane}/subscriptions")) == 2


def test_what_happens_is_told(api: Api, jane: str) -> None:
    subscription = create(api, jane, trialDays=10)
    api.patch(f"/v2/subscriptions/{subscription['id']}", {"quantity": 2})
    do(api, subscription, "pause", {})
    do(api, subscription, "resume")
    do(api, subscription, "cancel", {"mode": "immediately"})

    told = [
        "subscription.canceled",
        "subscription.resumed",
        "subscription.paused",
        "subscription.updated",
        "subscription.created",
    ]
    assert until(lambda: types_of_events(api, subscription) == told)
    [updated] = api.get("/v2/events", subscription_id=subscription["id"], type="subscription.updated").json()["data"]
    assert updated["data"]["previous_attributes"]["quantity"] == 1


def test_a_year_goes_by(api: Api, jane: str) -> None:
    """Trial, reminder, first bill, renewals on the last day of each month, expiry: all of it told and paid."""
    year = datetime.now(UTC).year + 1
    method = api.post("/v2/payment-methods", {"customer_id": jane, "token": "tok_visa"})
    assert method.status_code == 201, method.text
    advance(api, f"{year}-01-17T09:00:00Z")
    subscription = create(api, jane, trialDays=14, billingMaxCycles=3, timeZone="Europe/Berlin")
    assert (subscription["status"], subscription["trialEnd"]) == ("trialing", f"{year}-01-31T09:00:00.000Z")

    advance(api, f"{year}-04-15T00:00:00Z")
    renewed = get(api, subscription)
    assert (renewed["status"], renewed["currentPeriodStart"]) == ("active", f"{year}-03-31T08:00:00.000Z")
    advance(api, f"{year}-06-01T00:00:00Z")
    assert (get(api, subscription)["status"], get(api, subscription)["endedAt"]) == (
        "expired",
        f"{year}-04-30T08:00:00.000Z",
    )

    invoices = api.get(f"/v2/customers/{jane}/invoices").json()["data"]
    assert [each["status"] for each in invoices] == ["paid"] * 3
    assert get(api, subscription)["latestInvoiceId"] == invoices[0]["id"]

    expected = {"created", "trial_will_end", "activated", "renewed", "expired"}
    assert until(lambda: {f"subscription.{name}" for name in expected} <= {*types_of_events(api, subscription)})
