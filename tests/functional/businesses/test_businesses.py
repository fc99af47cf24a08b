"""/v2/businesses."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from tests.client import Api, until

ENGINES = {
    "name": "Analytical Engines Ltd",
    "companyNumber": "01234567",
    "taxIdentifier": "GB980780684",
    "billingEmail": "accounts@example.com",
    "billingPhone": "+44 20 7946 0000",
    "billingAddressLine1": "12 St James's Square",
    "billingCity": "London",
    "billingPostcode": "SW1Y 4JH",
    "billingCountry": "gb",
    "metadata": {"tier": "gold"},
}


def create(api: Api, name: str = "Engines Ltd", **fields: Any) -> dict[str, Any]:
    response = api.post("/v2/businesses", {"name": name, **fields})
    assert response.status_code == 201, response.text
    business: dict[str, Any] = response.json()["data"]
    return business


def names(api: Api, **query: Any) -> list[str]:
    response = api.get("/v2/businesses", **query)
    assert response.status_code == 200, response.text
    return [each["name"] for each in response.json()["data"]]


def test_a_business_is_answered_in_both_spellings(api: Api) -> None:
    business = create(api, **ENGINES)

    assert business["id"].startswith("bus_")
    assert business["companyNumber"] == business["company_number"] == "01234567"
    assert business["billingCountry"] == business["billing_country"] == "GB"
    assert business["taxIdentifier"] == "GB980780684"
    assert (business["taxIdentifierType"], business["tax_identifier_status"]) == ("gb_vat", "verified_format")
    read = api.get(f"/v2/businesses/{business['id']}")
    assert (read.json()["data"], read.headers["etag"]) == (business, '"1"')


@pytest.mark.parametrize(
    ("fields", "param"),
    [
        ({"name": None}, "name"),
        ({"name": " "}, "name"),
        ({"billingEmail": "nope"}, "billingEmail"),
        ({"billing_country": "UK!"}, "billing_country"),
        ({"taxIdentifier": "GB123456789", "billingCountry": "GB"}, "taxIdentifier"),
        ({"tax_identifier": "DE136695977", "billing_country": "DE"}, "tax_identifier"),
        ({"taxIdentifier": "4242 4242 4242 4242"}, "taxIdentifier"),
        ({"vat": "x"}, "vat"),
    ],
)
def test_a_wrong_field_is_named(api: Api, fields: dict[str, Any], param: str) -> None:
    response = api.post("/v2/businesses", {"name": "x", **fields})

    assert response.status_code == 400, response.text
    assert response.json()["error"]["param"] == param


def test_the_customer_must_be_there(api: Api) -> None:
    gone = api.create("gone@example.com")["id"]
    api.delete(f"/v2/customers/{gone}")

    for wrong in ("cus_" + "0" * 32, "cus_1"):
        assert api.post("/v2/businesses", {"name": "x", "customerId": wrong}).status_code == 404
    refused = api.post("/v2/businesses", {"name": "x", "customer_id": gone})
    assert (refused.status_code, refused.json()["error"]["code"]) == (422, "customer_deleted")
    assert names(api) == []


def test_a_change_touches_what_it_names(api: Api) -> None:
    business = create(api, **ENGINES)
    path = f"/v2/businesses/{business['id']}"

    changed = api.patch(path, {"billingCity": "Leeds", "company_number": None}, if_match='"1"')

    assert changed.status_code == 200
    assert changed.headers["etag"] == '"2"'
    assert (changed.json()["data"]["billing_city"], "companyNumber" in changed.json()["data"]) == ("Leeds", False)
    assert api.patch(path, {"name": "x"}, if_match='"1"').status_code == 412
    assert api.patch(path, {"name": None}).status_code == 400


def test_pages_have_what_the_sdk_requires(api: Api) -> None:
    for number in range(5):
        create(api, f"b{number}")

    def page(**query: Any) -> Any:
        return api.get("/v2/businesses", **query).json()

    first = until(lambda: (found := page(limit=2, page=2))["pagination"]["total"] == 5 and found)
    assert first["pagination"] == {
        "kind": "page",
        "page": 2,
        "limit": 2,
        "offset": 2,
        "total": 5,
        "totalPages": 3,
        "hasMore": True,
    }
    assert names(api, limit=2, page=2) == ["b2", "b1"]
    cursor = page(limit=1)["data"][0]["id"]
    assert names(api, starting_after=cursor, limit=2) == ["b3", "b2"]
    assert names(api, limit=2, page=2, offset=4) == ["b0"]
    assert api.get("/v2/businesses", starting_after="bus_1").status_code == 400


def test_a_customer_finds_its_businesses(api: Api) -> None:
    customer, other = api.create("a@example.com")["id"], api.create("b@example.com")["id"]
    ids = [create(api, f"b{n}", customerId=customer)["id"] for n in range(3)]
    create(api, "not linked")

    found = api.get("/v2/businesses", customerId=customer, limit=2).json()
    assert [each["name"] for each in found["data"]] == ["b2", "b1"]
    assert (found["pagination"]["kind"], found["pagination"]["total"], found["has_more"]) == ("page", 3, True)
    assert names(api, customer_id=customer, page=2, limit=2) == ["b0"]
    assert names(api, customer_id=customer, starting_after=ids[1]) == ["b0"]
    assert names(api, customer_id=customer, ending_before=ids[0], limit=1) == ["b1"]
    assert names(api, customer_id=other) == []
    assert api.get("/v2/businesses", customer_id="nonsense").status_code == 404


def test_links_come_and_go(api: Api) -> None:
    first, second = api.create("a@example.com")["id"], api.create("b@example.com")["id"]
    business = create(api, customerId=first)
    path = f"/v2/businesses/{business['id']}/customers"

    linked = api.post(f"{path}/{second}")
    assert linked.json()["data"]["customerIds"] == [first, second]
    assert api.post(f"{path}/{second}").json() == linked.json(), "linking twice is fine"
    assert names(api, customer_id=second) == ["Engines Ltd"]

    unlinked = api.delete(f"{path}/{first}")
    assert unlinked.json()["data"]["customer_id"] == second
    assert api.delete(f"{path}/{first}").json() == unlinked.json()
    assert names(api, customer_id=first) == []
    assert api.post(f"{path}/cus_{'0' * 32}").status_code == 404
    api.delete(f"/v2/customers/{first}")
    assert api.post(f"{path}/{first}").status_code == 422


def test_deleting_keeps_the_data_and_ends_its_links(api: Api) -> None:
    customer = api.create("a@example.com")["id"]
    business = create(api, customerId=customer)
    path = f"/v2/businesses/{business['id']}"

    first, second = api.delete(path), api.delete(path)

    assert first.status_code == second.status_code == 200
    assert first.json() == second.json()
    kept = api.get(path).json()["data"]
    assert (kept["name"], kept["deleted"], kept["customer_ids"]) == ("Engines Ltd", True, [customer])
    assert names(api, customer_id=customer) == []
    until(lambda: api.get("/v2/businesses").json()["total_count"] == 0)
    refused = api.patch(path, {"name": "x"})
    assert (refused.status_code, refused.json()["error"]["code"]) == (422, "business_deleted")


def test_simultaneous_links_are_all_kept(api: Api) -> None:
    customers = [api.create(f"c{n}@example.com")["id"] for n in range(6)]
    path = f"/v2/businesses/{create(api)['id']}"

    with ThreadPoolExecutor(3) as threads:
        statuses = list(threads.map(lambda each: api.post(f"{path}/customers/{each}").status_code, customers))

    assert set(statuses) == {200}
    assert set(api.get(path).json()["data"]["customerIds"]) == set(customers)


def test_a_repeated_create_makes_one(api: Api) -> None:
    first = api.post("/v2/businesses", ENGINES, idempotency_key="key-1")

    assert api.post("/v2/businesses", ENGINES, idempotency_key="key-1").content == first.content
    assert names(api) == [ENGINES["name"]]


def test_businesses_have_events_and_scopes_of_their_own(api: Api, key: Any, client: Any) -> None:
    business = create(api)
    path = f"/v2/businesses/{business['id']}"
    api.patch(path, {"name": "New Engines Ltd"})
    api.delete(path)

    types = until(
        lambda: (
            (found := [each["type"] for each in api.get("/v2/events", type="business.*").json()["data"]])
            and len(found) == 3
            and found
        )
    )
    assert types == ["business.deleted", "business.updated", "business.created"]
    assert client(key(scopes=["customers:*"])).get("/v2/businesses").status_code == 403
    assert client(key()).get(path).status_code == 404
