"""/v2/test-clock, and a year in it."""

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from tests.client import Api
from tests.functional.collection.asking import advance, card, events, refused, shown, subscribe


def next_31_january(zone: ZoneInfo) -> datetime:
    """Return half past ten in the evening on the next such day: in UTC it is February."""
    today = datetime.now(zone)
    return datetime(today.year + 1, 1, 31, 22, 30, tzinfo=zone)


def test_a_clock_is_advanced_and_stopped(api: Api) -> None:
    real = shown(api, "/v2/test-clock")
    assert (real["status"], real["target"]) == ("real_time", None)

    there = (datetime.now(UTC) + timedelta(days=40)).replace(microsecond=0)
    ready = advance(api, to=there.isoformat())
    assert (ready["status"], datetime.fromisoformat(ready["now"])) == ("ready", there)
    assert shown(api, "/v2/test-clock") == ready
    assert datetime.fromisoformat(advance(api, hours=30)["now"]) == there + timedelta(hours=30)
    created = api.create("jane@example.com")
    stopped = api.delete("/v2/test-clock").json()["data"]

    assert stopped["status"] == "real_time"
    assert shown(api, f"/v2/customers/{created['id']}")["id"] == created["id"], "what has happened stays"
    assert api.delete("/v2/test-clock").json()["data"]["status"] == "real_time"


@pytest.mark.parametrize(
    ("body", "param"),
    [
        ({}, "to"),
        ({"days": 1, "hours": 1}, "to"),
        ({"days": 0}, "days"),
        ({"days": 733}, "days"),
        ({"to": "2027-01-31"}, "to"),
        ({"to": "2001-01-01T00:00:00Z"}, "to"),
        ({"to": "2999-01-01T00:00:00Z"}, "to"),
    ],
)
def test_a_clock_goes_forward_and_not_too_far(api: Api, body: dict[str, Any], param: str) -> None:
    refused(api.post("/v2/test-clock/advance", body), 400, "validation_error", param)


def test_a_clock_never_goes_back(api: Api) -> None:
    now = advance(api, days=10)["now"]

    for earlier in (timedelta(days=-1), timedelta()):
        to = (datetime.fromisoformat(now) + earlier).isoformat()
        refused(api.post("/v2/test-clock/advance", {"to": to}), 400, "validation_error", "to")


def test_live_mode_has_no_clock(key: Any, client: Any) -> None:
    live = client(key(mode="live"))

    refused(live.get("/v2/test-clock"), 400, "invalid_request")
    refused(live.post("/v2/test-clock/advance", {"days": 1}), 400, "invalid_request")
    refused(live.delete("/v2/test-clock"), 400, "invalid_request")


def test_a_year_of_months_that_begin_on_the_31st_in_new_york(api: Api, jane: str) -> None:
    zone = ZoneInfo("America/New_York")
    begin = next_31_january(zone)
    advance(api, to=begin.isoformat())
    subscription = subscribe(api, jane, timeZone=zone.key)

    advance(api, to=datetime(begin.year, 12, 31, 23, tzinfo=zone).isoformat())

    invoices = api.get("/v2/invoices", customerId=jane, limit=100).json()["data"][::-1]
    began = [datetime.fromisoformat(each["period_start"]).astimezone(zone) for each in invoices]
    ended = [datetime.fromisoformat(each["period_end"]).astimezone(zone) for each in invoices]
    assert [each.month for each in began] == list(range(1, 13))
    assert all((each + timedelta(days=1)).month != each.month for each in began), "each on the last day of its month"
    assert {(each.hour, each.minute) for each in began} == {(22, 30)}, "summer and winter"
    assert ended[:-1] == began[1:]
    assert [each["status"] for each in invoices] == ["paid"] * 12
    payments = api.get("/v2/payments", customer_id=jane, limit=100).json()["data"]
    assert sorted(each["invoice_id"] for each in payments) == sorted(each["id"] for each in invoices)
    assert {each["status"] for each in payments} == {"captured"}
    assert shown(api, f"/v2/subscriptions/{subscription['id']}")["status"] == "active"
    told = events(api, "subscription.renewed", subscription_id=subscription["id"])
    assert told.count("subscription.activated") <= 1


@pytest.mark.parametrize(
    ("final_action", "status"), [("cancel", "canceled"), ("pause", "paused"), ("leave_past_due", "past_due")]
)
def test_a_merchants_own_ladder_and_its_end(api: Api, final_action: str, status: str) -> None:
    ladder = {"retry_days": [2, 9], "final_action": final_action}
    assert api.patch("/v2/settings/billing", {"dunning": ladder}).status_code == 200
    customer = api.create("john@example.com")["id"]
    card(api, customer, "tok_chargeCustomerFail")
    advance(api, days=1)
    path = f"/v2/subscriptions/{subscribe(api, customer)['id']}"

    advance(api, hours=1)
    assert (shown(api, path)["status"], shown(api, path)["dunning"]["retryCount"]) == ("past_due", 1)
    advance(api, days=10)
    assert shown(api, path)["dunning"]["retryCount"] == 2
    advance(api, days=2)

    assert shown(api, path)["status"] == status
    [invoice] = api.get("/v2/invoices", customerId=customer).json()["data"]
    assert (invoice["attempt_count"], invoice.get("next_attempt_at")) == (3, None)
