"""/v2/customers/{id}/addresses."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from tests.client import Api, until

LONDON = {
    "type": "billing",
    "line1": "12 St James's Square",
    "city": "London",
    "postalCode": "SW1Y 4JH",
    "country": "GB",
}
BERLIN = {"type": "billing", "line1": "Unter den Linden 1", "city": "Berlin", "postal_code": "10117", "country": "de"}
WAREHOUSE = {**BERLIN, "type": "shipping", "line1": "Lagerstr. 5"}


def add(api: Api, customer_id: str, address: dict[str, Any], **more: Any) -> dict[str, Any]:
    response = api.post(f"/v2/customers/{customer_id}/addresses", {**address, **more})
    assert response.status_code == 201, response.text
    added: dict[str, Any] = response.json()["data"]
    return added


def own_address(api: Api, customer_id: str) -> Any:
    return api.get(f"/v2/customers/{customer_id}").json()["data"].get("address")


def test_an_address_is_answered_in_both_spellings(api: Api) -> None:
    customer = api.create("a@example.com")["id"]

    added = add(api, customer, BERLIN)

    assert added["id"].startswith("addr_")
    assert (added["object"], added["type"], added["country"]) == ("address", "billing", "DE")
    assert added["customerId"] == added["customer_id"] == customer
    assert added["postalCode"] == added["postal_code"] == "10117"
    assert added["isDefault"] is added["is_default"] is True
    assert added["createdAt"] == added["updated_at"]
    assert api.get(f"/v2/customers/{customer}/addresses/{added['id']}").json()["data"] == added


def test_the_default_billing_address_is_the_customers_own(api: Api) -> None:
    customer = api.create("a@example.com", address={"city": "Rome"})["id"]
    [first] = api.get(f"/v2/customers/{customer}/addresses").json()["data"]
    assert (first["city"], first["type"], first["is_default"]) == ("Rome", "billing", True)

    add(api, customer, LONDON, isDefault=True)
    assert own_address(api, customer)["city"] == "London"

    changed = api.patch(f"/v2/customers/{customer}", {"addressLine2": "Third floor", "city": "Leeds"}).json()["data"]
    assert changed["address_line1"] == "12 St James's Square"
    shown = api.get(f"/v2/customers/{customer}/addresses").json()["data"]
    assert [(each["city"], each.get("line2"), each["isDefault"]) for each in shown] == [
        ("Leeds", "Third floor", True),
        ("Rome", None, False),
    ]

    api.patch(f"/v2/customers/{customer}", {"address": None})
    assert own_address(api, customer) == {"city": "Rome"}, "the newest left takes its place"
    api.patch(f"/v2/customers/{customer}", {"address": None})
    assert own_address(api, customer) is None


def test_one_default_of_each_type(api: Api) -> None:
    customer = api.create("a@example.com")["id"]
    path = f"/v2/customers/{customer}/addresses"
    first, second, shipping = add(api, customer, LONDON), add(api, customer, BERLIN), add(api, customer, WAREHOUSE)
    assert (first["isDefault"], second["isDefault"], shipping["isDefault"]) == (True, False, True)

    refused = api.patch(f"{path}/{first['id']}", {"isDefault": False})
    assert (refused.status_code, refused.json()["error"]["param"]) == (400, "isDefault")

    moved = api.patch(f"{path}/{second['id']}", {"is_default": True}).json()["data"]
    assert moved["isDefault"] is True
    assert api.get(f"{path}/{first['id']}").json()["data"]["isDefault"] is False

    gone = api.delete(f"{path}/{second['id']}")
    assert (gone.status_code, gone.json()["data"]) == (
        200,
        {"id": second["id"], "object": "address", "deleted": True},
    )
    assert api.get(f"{path}/{first['id']}").json()["data"]["isDefault"] is True
    assert api.delete(f"{path}/{second['id']}").status_code == 404


def test_a_page_by_number_and_by_cursor(api: Api) -> None:
    customer = api.create("a@example.com")["id"]
    path = f"/v2/customers/{customer}/addresses"
    ids = [add(api, customer, WAREHOUSE, line1=f"Street {n}")["id"] for n in range(5)][::-1]

    page = api.get(path, limit=2, page=2).json()
    assert [each["id"] for each in page["data"]] == ids[2:4]
    assert (page["has_more"], page["total_count"], page["pagination"]["totalPages"]) == (True, 5, 3)
    after = api.get(path, limit=2, starting_after=ids[2]).json()
    assert ([each["id"] for each in after["data"]], after["has_more"]) == (ids[3:], False)
    before = api.get(path, limit=2, ending_before=ids[3]).json()
    assert ([each["id"] for each in before["data"]], before["has_more"]) == (ids[1:3], True)
    assert api.get(path, starting_after="addr_" + "0" * 32).status_code == 400


@pytest.mark.parametrize(
    ("change", "param"),
    [
        ({"type": None}, "type"),
        ({"type": "home"}, "type"),
        ({"line1": " "}, "line1"),
        ({"country": None}, "country"),
        ({"country": "Germany"}, "country"),
        ({"postal_code": None}, "postal_code"),
        ({"postal_code": "SW1Y 4JH"}, "postal_code"),
        ({"postal_code": None, "postalCode": "1011"}, "postalCode"),
        ({"city": None}, "city"),
        ({"isDefault": "yes"}, "isDefault"),
        ({"street": "x"}, "street"),
        ({"line2": "4242 4242 4242 4242"}, "line2"),
    ],
)
def test_a_wrong_address_is_refused_by_the_callers_name(api: Api, change: dict[str, Any], param: str) -> None:
    customer = api.create("a@example.com")["id"]
    body = {name: value for name, value in {**BERLIN, **change}.items() if value is not None}

    response = api.post(f"/v2/customers/{customer}/addresses", body)

    assert response.status_code == 400, response.text
    assert response.json()["error"]["param"] == param
    assert api.get(f"/v2/customers/{customer}/addresses").json()["data"] == []


def test_a_loose_address_of_a_customer_may_stay_loose(api: Api) -> None:
    customer = api.create("a@example.com", address={"city": "Berlin"})["id"]
    [own] = api.get(f"/v2/customers/{customer}/addresses").json()["data"]
    path = f"/v2/customers/{customer}/addresses/{own['id']}"

    assert api.patch(path, {"isDefault": True}).status_code == 200, "what is not sent is not held against it"
    refused = api.patch(path, {"line1": "Unter den Linden 1", "country": "DE"})
    assert (refused.status_code, refused.json()["error"]["param"]) == (400, "postal_code")
    whole = api.patch(path, {"line1": "Unter den Linden 1", "country": "DE", "postalCode": "10117"})
    assert whole.status_code == 200
    assert api.patch(path, {"country": None}).json()["error"]["param"] == "country"


def test_a_customer_has_at_most_twenty(api: Api) -> None:
    customer = api.create("a@example.com")["id"]
    for number in range(20):
        add(api, customer, WAREHOUSE, line1=f"Street {number}")

    for refused in (
        api.post(f"/v2/customers/{customer}/addresses", WAREHOUSE),
        api.patch(f"/v2/customers/{customer}", {"city": "Berlin"}),
    ):
        assert (refused.status_code, refused.json()["error"]["code"]) == (400, "invalid_request")


def test_addresses_of_a_deleted_customer_can_be_read_and_not_changed(api: Api) -> None:
    customer = api.create("a@example.com")["id"]
    path = f"/v2/customers/{customer}/addresses"
    kept = add(api, customer, BERLIN)
    api.delete(f"/v2/customers/{customer}")

    assert api.get(path).json()["data"] == [kept]
    assert api.get(f"{path}/{kept['id']}").status_code == 200
    for refused in (
        api.post(path, LONDON),
        api.patch(f"{path}/{kept['id']}", {"city": "Bonn"}),
        api.delete(f"{path}/{kept['id']}"),
    ):
        assert (refused.status_code, refused.json()["error"]["code"]) == (422, "customer_deleted")


def test_an_address_belongs_to_its_customer_and_tenant(api: Api, key: Any, client: Any) -> None:
    customer, other = api.create("a@example.com")["id"], api.create("b@example.com")["id"]
    address = add(api, customer, BERLIN)["id"]
    stranger = client(key())

    assert api.get(f"/v2/customers/{other}/addresses/{address}").status_code == 404
    assert stranger.get(f"/v2/customers/{customer}/addresses").status_code == 404
    assert stranger.delete(f"/v2/customers/{customer}/addresses/{address}").status_code == 404
    assert api.get(f"/v2/customers/{customer}/addresses/addr_1").status_code == 404


def test_a_repeated_request_adds_once(api: Api) -> None:
    customer = api.create("a@example.com")["id"]
    path = f"/v2/customers/{customer}/addresses"

    first = api.post(path, BERLIN, idempotency_key="key-1")
    api.delete(f"/v2/customers/{customer}")
    again = api.post(path, BERLIN, idempotency_key="key-1")

    assert (again.status_code, again.content) == (201, first.content)
    assert len(api.get(path).json()["data"]) == 1


def test_simultaneous_additions_are_all_kept_with_one_default(api: Api) -> None:
    customer = api.create("a@example.com")["id"]

    with ThreadPoolExecutor(4) as threads:
        added = list(threads.map(lambda n: add(api, customer, BERLIN, line1=f"Street {n}", isDefault=True), range(8)))

    shown = api.get(f"/v2/customers/{customer}/addresses").json()["data"]
    assert {each["id"] for each in shown} == {each["id"] for each in added}
    assert sum(each["isDefault"] for each in shown) == 1


def test_only_the_customers_own_address_is_news(api: Api) -> None:
    customer = api.create("a@example.com", name="Jane")["id"]
    add(api, customer, WAREHOUSE)
    add(api, customer, LONDON)
    second = add(api, customer, BERLIN)
    api.patch(f"/v2/customers/{customer}/addresses/{second['id']}", {"isDefault": True})

    def updates() -> Any:
        found = api.get("/v2/events", customer_id=customer, type="customer.updated").json()["data"]
        return found if len(found) == 2 else None

    newest, first = until(updates)
    assert first["data"]["previous_attributes"]["address"] is None
    assert newest["data"]["previous_attributes"]["city"] == "London"
    assert newest["data"]["object"]["address"]["city"] == "Berlin"
