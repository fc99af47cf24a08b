"""What a merchant sees of what has happened, through the whole system."""

from typing import Any

import pytest

from tests.client import Api, until
from tests.schemas import validate_event


def events_of(api: Api, count: int, **query: Any) -> list[dict[str, Any]]:
    """Return the events, newest first, as soon as there are so many; each fits its schema."""

    def look() -> list[dict[str, Any]] | None:
        found: list[dict[str, Any]] = api.get("/v2/events", **query).json()["data"]
        return found if len(found) >= count else None

    found = until(look)
    assert found is not None
    assert len(found) == count
    for event in found:
        validate_event(event)
    return found


@pytest.fixture
def customer(api: Api) -> dict[str, Any]:
    return api.create("jane@example.com", name="Jane")


def path_of(customer: dict[str, Any]) -> str:
    return f"/v2/customers/{customer['id']}"


def test_the_life_of_a_customer_is_told_in_order(api: Api, customer: dict[str, Any]):
    api.patch(path_of(customer), {"name": "Joan", "address": {"city": "London"}})
    api.patch(path_of(customer), {"name": "Joan"})
    api.delete(path_of(customer))
    api.delete(path_of(customer))
    api.create("the-last@example.com")

    last, deleted, updated, created = events_of(api, 4)

    assert [each["type"] for each in (created, updated, deleted, last)] == [
        "customer.created",
        "customer.updated",
        "customer.deleted",
        "customer.created",
    ]
    assert [each["version"] for each in (created, updated, deleted)] == [1, 2, 3]
    assert created["data"]["object"] == customer
    assert updated["data"]["object"]["name"] == "Joan"
    assert updated["data"]["previous_attributes"] == {"name": "Jane", "address": None, "city": None}
    assert deleted["data"]["object"]["deleted"] is True
    assert created["account"] == customer["merchant_id"]
    assert created["livemode"] is False


def test_an_event_names_the_request_that_made_it(api: Api):
    response = api.post("/v2/customers", {"email": "jane@example.com"}, idempotency_key="create-jane")

    [event] = events_of(api, 1)

    assert event["request"] == {"id": response.headers["x-request-id"], "idempotency_key": "create-jane"}


def test_a_repeated_request_makes_no_second_event(api: Api):
    for _ in range(2):
        api.post("/v2/customers", {"email": "jane@example.com"}, idempotency_key="once")
    api.create("the-last@example.com")

    last, first = events_of(api, 2)

    assert [each["data"]["email"] for each in (first, last)] == ["jane@example.com", "the-last@example.com"]


def test_one_event_by_its_id_in_both_forms(api: Api, customer: dict[str, Any]):
    [event] = events_of(api, 1)
    digits = event["id"].removeprefix("evt_")
    dashed = "-".join([digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]])

    assert api.get(f"/v2/events/{event['id']}").json() == event
    assert api.get(f"/v2/events/{dashed}").json() == event


@pytest.mark.parametrize("event_id", ["evt_" + "0" * 32, "nonsense"])
def test_an_event_that_is_none_is_404(api: Api, event_id: str):
    assert api.get(f"/v2/events/{event_id}").status_code == 404


def test_events_are_found_by_customer_and_by_type(api: Api, customer: dict[str, Any]):
    other = api.create("other@example.com")
    api.patch(path_of(customer), {"name": "Joan"})
    events_of(api, 3)

    assert [each["type"] for each in events_of(api, 2, customer_id=customer["id"])] == [
        "customer.updated",
        "customer.created",
    ]
    assert [each["data"]["id"] for each in events_of(api, 2, type="customer.created")] == [other["id"], customer["id"]]
    assert len(events_of(api, 3, type="customer.*")) == 3
    assert len(events_of(api, 1, customer_id=customer["id"], types="customer.updated,customer.deleted")) == 1


def test_pages_go_on_where_the_last_one_ended(api: Api):
    for number in range(3):
        api.create(f"c{number}@example.com")
    newest, middle, oldest = events_of(api, 3)

    first = api.get("/v2/events", limit=2).json()
    second = api.get("/v2/events", limit=2, starting_after=middle["id"]).json()
    back = api.get("/v2/events", limit=2, ending_before=oldest["id"]).json()

    assert (first["data"], first["has_more"]) == ([newest, middle], True)
    assert (second["data"], second["has_more"]) == ([oldest], False)
    assert (back["data"], back["has_more"]) == ([newest, middle], False)
    assert (first["object"], first["url"]) == ("list", "/v2/events")


@pytest.mark.parametrize(
    "param", ["customer_id", "invoice_id", "starting_after", "ending_before", "created_gte", "type"]
)
def test_a_parameter_that_makes_no_sense_is_named(api: Api, param: str):
    response = api.get("/v2/events", **{param: "No sense"})

    assert response.status_code == 400
    assert response.json()["error"]["param"] == param


def test_merchants_and_modes_do_not_see_each_other(api: Api, key: Any, client: Any, customer: dict[str, Any]):
    [event] = events_of(api, 1)
    strangers = [client(key()), client(key(mode="live", merchant_id=customer["merchant_id"]))]

    for stranger in strangers:
        assert stranger.get("/v2/events").json()["data"] == []
        assert stranger.get("/v2/events", customer_id=customer["id"]).json()["data"] == []
        assert stranger.get(f"/v2/events/{event['id']}").status_code == 404


def test_reading_events_takes_its_own_scope(key: Any, client: Any):
    assert client(key(scopes=["customers:*"])).get("/v2/events").status_code == 403
    assert client(key(scopes=["events:read"])).get("/v2/events").status_code == 200
