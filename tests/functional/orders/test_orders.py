"""/v2/orders."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from tests.client import Api, until

CARDS = {"description": "Punch cards", "unit_price": 250, "quantity": 4, "product_id": "cards"}


@pytest.fixture
def jane(api: Api) -> str:
    return str(api.create("jane@example.com", address={"country": "DE"})["id"])


def place(api: Api, customer: str, **fields: Any) -> dict[str, Any]:
    response = api.post("/v2/orders", {"customer_id": customer, "line_items": [CARDS], **fields})
    assert response.status_code == 201, response.text
    order: dict[str, Any] = response.json()
    return order


def test_an_order_is_placed_taxed_and_read(api: Api, jane: str) -> None:
    rate = {"label": "VAT", "country": "DE", "percentage": 19}
    assert api.post("/v2/settings/tax-rates", rate).status_code == 201

    order = place(api, jane, currency="eur", notes="gate", metadata={"a": 1}, expires_at="2999-01-01T00:00:00Z")

    assert order["id"].startswith("ord_")
    assert (order["object"], order["public_id"], order["customer_id"]) == ("order", order["id"], jane)
    assert (order["status"], order["fulfillment_status"], order["billing_type"]) == (
        "pending",
        "unfulfilled",
        "one_time",
    )
    assert (order["currency"], order["subtotal"], order["discount"], order["tax"], order["total"]) == (
        "EUR",
        1_000,
        0,
        190,
        1_190,
    )
    assert (order["amount_due"], order["amount_paid"], order["amount_refunded"]) == (1_190, 0, 0)
    [line] = order["line_items"]
    assert (line["amount"], line["tax"], line["tax_label"], line["product_id"]) == (1_000, 190, "VAT", "cards")
    assert order["invoice_id"] is order["subscription_id"] is order["paid_at"] is order["canceled_at"] is None
    assert order["expires_at"] == "2999-01-01T00:00:00.000Z"
    read = api.get(f"/v2/orders/{order['id']}")
    assert (read.json(), read.headers["etag"]) == (order, '"1"')


def test_both_spellings_and_a_bare_uuid_are_taken(api: Api, jane: str) -> None:
    digits = jane.removeprefix("cus_")
    dashed = "-".join((digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]))
    line = {"description": "Cards", "unitPrice": 5, "productId": "c"}

    response = api.post("/v2/orders", {"customerId": dashed, "lineItems": [line], "billingType": "recurring"})

    assert response.status_code == 201
    assert (response.json()["customer_id"], response.json()["total"]) == (jane, 5)


@pytest.mark.parametrize(
    ("fields", "param"),
    [
        ({"line_items": []}, "line_items"),
        ({"lineItems": None, "line_items": [{"description": "x"}]}, "lineItems"),
        ({"line_items": [{"description": "x"}]}, "line_items.0.unit_price"),
        ({"line_items": [{"description": "x", "unitPrice": -1}]}, "line_items.0.unitPrice"),
        ({"line_items": [{"description": "x", "unit_price": 99_999_999_999, "quantity": 2}]}, "line_items"),
        ({"currency": "XYZW"}, "currency"),
        ({"expiresAt": "2001-01-01T00:00:00Z"}, "expiresAt"),
        ({"expires_at": "soon"}, "expires_at"),
        ({"discount": 5}, "discount"),
    ],
)
def test_a_wrong_field_is_named(api: Api, jane: str, fields: dict[str, Any], param: str) -> None:
    response = api.post("/v2/orders", {"customer_id": jane, "line_items": [CARDS], **fields})

    assert response.status_code == 400, response.text
    assert response.json()["error"]["param"] == param


def test_the_customer_must_be_there(api: Api, jane: str) -> None:
    order = place(api, jane)
    api.delete(f"/v2/customers/{jane}")

    for wrong in ("cus_" + "0" * 32, "nonsense"):
        assert api.post("/v2/orders", {"customer_id": wrong, "line_items": [CARDS]}).status_code == 404
    refused = api.post("/v2/orders", {"customer_id": jane, "line_items": [CARDS]})
    assert (refused.status_code, refused.json()["error"]["code"]) == (422, "customer_deleted")
    assert api.get(f"/v2/orders/{order['id']}").json() == order, "history stays readable"
    assert [each["id"] for each in api.get(f"/v2/customers/{jane}/orders").json()["data"]] == [order["id"]]


def test_cancel_and_fulfill_are_repeatable_and_exclude_each_other(api: Api, jane: str) -> None:
    given_up, delivered = place(api, jane), place(api, jane)

    gone = api.post(f"/v2/orders/{given_up['id']}/cancel")
    assert (gone.status_code, gone.json()["status"], gone.json()["amount_due"]) == (200, "canceled", 0)
    assert api.post(f"/v2/orders/{given_up['id']}/cancel").json() == gone.json()
    refused = api.post(f"/v2/orders/{given_up['id']}/fulfill")
    assert (refused.status_code, refused.json()["error"]["param"]) == (400, "status")

    done = api.post(f"/v2/orders/{delivered['id']}/fulfill", if_match='"1"')
    assert (done.json()["status"], done.json()["fulfillment_status"]) == ("pending", "fulfilled")
    assert done.json()["fulfilled_at"]
    assert api.post(f"/v2/orders/{delivered['id']}/fulfill", if_match='"1"').json() == done.json()
    refused = api.post(f"/v2/orders/{delivered['id']}/cancel")
    assert (refused.status_code, refused.json()["error"]["param"]) == (400, "fulfillment_status")
    third = place(api, jane)
    assert api.post(f"/v2/orders/{third['id']}/cancel", if_match='"7"').status_code == 412
    assert api.post(f"/v2/orders/ord_{'0' * 32}/cancel").status_code == 404


def test_what_costs_nothing_is_paid(api: Api, jane: str) -> None:
    free = place(api, jane, line_items=[{"description": "Sample", "unit_price": 0}])

    assert (free["status"], free["paid_at"]) == ("paid", free["created_at"])
    done = api.post(f"/v2/orders/{free['id']}/fulfill").json()
    assert done["status"] == "fulfilled"
    [short] = api.get(f"/v2/customers/{jane}/orders").json()["data"]
    assert (short["status"], short["fulfilled_at"], short["total_minor"]) == ("fulfilled", done["fulfilled_at"], 0)


def test_lists_by_state_and_customer(api: Api, jane: str) -> None:
    john = str(api.create("john@example.com")["id"])
    ids = [place(api, jane)["id"] for _ in range(4)]
    other = place(api, john)["id"]
    api.post(f"/v2/orders/{ids[1]}/cancel")

    def found(**query: Any) -> list[str]:
        response = api.get("/v2/orders", **query)
        assert response.status_code == 200, response.text
        return [each["id"] for each in response.json()["data"]]

    assert found(customer_id=jane) == ids[::-1]
    assert found(customerId=jane, status="pending") == [ids[3], ids[2], ids[0]]
    assert found(status="canceled") == [ids[1]]
    assert found(status="refunded") == []
    assert found(customer_id=jane, limit=2, page=2) == [ids[1], ids[0]]
    assert found(customer_id=jane, starting_after=ids[2]) == [ids[1], ids[0]]
    assert found(customer_id=jane, ending_before=ids[1], limit=1) == [ids[2]]
    counted = api.get("/v2/orders", customer_id=jane, status="pending").json()
    assert (counted["total_count"], counted["has_more"]) == (3, False)
    until(lambda: api.get("/v2/orders").json()["total_count"] == 5)
    assert found(limit=1) == [other]
    assert api.get("/v2/orders", customer_id="nonsense").status_code == 404
    assert api.get("/v2/orders", status="unheard-of").status_code == 400
    assert api.get("/v2/orders", starting_after="ord_1").status_code == 400


def test_a_customer_s_orders_have_the_contract_s_shape(api: Api, jane: str) -> None:
    order = place(api, jane, currency="USD")
    place(api, jane)

    listed = api.get(f"/v2/customers/{jane}/orders", limit=1, starting_after=place(api, jane)["id"]).json()
    assert (listed["object"], listed["has_more"]) == ("list", True)
    last = api.get(f"/v2/customers/{jane}/orders").json()["data"][-1]
    assert last == {
        "id": order["id"],
        "public_id": order["id"],
        "customer_id": jane,
        "status": "pending",
        "total_minor": 1_000,
        "currency": "USD",
        "created_at": order["created_at"],
        "updated_at": order["updated_at"],
    }
    assert api.get(f"/v2/customers/cus_{'0' * 32}/orders").status_code == 404


def test_a_repeated_create_makes_one_also_when_the_customer_has_gone(api: Api, jane: str) -> None:
    body = {"customer_id": jane, "line_items": [CARDS]}
    first = api.post("/v2/orders", body, idempotency_key="key-1")
    api.delete(f"/v2/customers/{jane}")

    again = api.post("/v2/orders", body, idempotency_key="key-1")

    assert again.content == first.content
    assert again.headers["idempotency-replayed"] == "true"
    assert api.post("/v2/orders", {**body, "notes": "x"}, idempotency_key="key-1").status_code == 409
    assert len(api.get(f"/v2/customers/{jane}/orders").json()["data"]) == 1


def test_of_simultaneous_decisions_one_holds(api: Api, jane: str) -> None:
    path = f"/v2/orders/{place(api, jane)['id']}"

    with ThreadPoolExecutor(2) as threads:
        statuses = list(threads.map(lambda verb: api.post(f"{path}/{verb}").status_code, ("cancel", "fulfill")))

    assert sorted(statuses) == [200, 400]
    order = api.get(path).json()
    assert (order["canceled_at"] is None) != (order["fulfilled_at"] is None)


def test_orders_have_events_and_scopes_of_their_own(api: Api, jane: str, key: Any, client: Any) -> None:
    order = place(api, jane)
    path = f"/v2/orders/{order['id']}"
    api.post(f"{path}/cancel")

    types = until(
        lambda: (
            (found := [each["type"] for each in api.get("/v2/events", order_id=order["id"]).json()["data"]])
            and len(found) == 2
            and found
        )
    )
    assert types == ["order.canceled", "order.created"]
    assert client(key(scopes=["customers:*"])).get("/v2/orders").status_code == 403
    assert client(key(scopes=["orders:read"])).post("/v2/orders", {}).status_code == 403
    assert client(key()).get(path).status_code == 404
