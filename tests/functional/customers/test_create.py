"""POST /v2/customers."""

import uuid
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from tests.client import Api

PAGE_SAMPLE = {
    "email": "john@example.com",
    "name": "John Smith",
    "phone": "+1-555-123-4567",
    "currency": "USD",
    "address": {
        "line1": "123 Main St",
        "line2": "Suite 100",
        "city": "San Francisco",
        "state": "CA",
        "postalCode": "94102",
        "country": "US",
    },
    "taxId": "US123456789",
    "metadata": {"salesRep": "jane@company.com", "tier": "enterprise"},
}


def test_the_javascript_sample_of_the_page_works(api: Api) -> None:
    response = api.post("/v2/customers", PAGE_SAMPLE)

    assert response.status_code == 201
    customer = response.json()["data"]
    assert customer["id"].startswith("cus_")
    assert customer["phone"] == "+1-555-123-4567"
    assert customer["taxId"] == customer["tax_id"] == "US123456789"
    assert customer["metadata"] == PAGE_SAMPLE["metadata"]
    assert response.headers["etag"] == '"1"'
    assert response.headers["revkeen-version"] == "2026-05-01"
    assert response.headers["x-request-id"]


def test_the_python_sample_of_the_page_makes_the_same_customer(api: Api) -> None:
    address: dict[str, Any] = dict(PAGE_SAMPLE["address"])  # type: ignore[call-overload]
    address["postal_code"] = address.pop("postalCode")
    snake = {**PAGE_SAMPLE, "email": "snake@example.com", "tax_id": PAGE_SAMPLE["taxId"], "address": address}
    del snake["taxId"]

    camel_customer = api.create(**PAGE_SAMPLE)  # type: ignore[arg-type]
    snake_customer = api.create(**snake)  # type: ignore[arg-type]

    different = {"id", "email", "created_at", "createdAt", "updated_at", "updatedAt"}
    assert {name: value for name, value in camel_customer.items() if name not in different} == {
        name: value for name, value in snake_customer.items() if name not in different
    }


def test_both_spellings_come_back_and_are_equal(api: Api) -> None:
    customer = api.create(
        "a@example.com", companyName="Acme", custom_fields={"some_key": 1, "otherKey": 2}, city="Rome"
    )

    for camel, snake in [
        ("companyName", "company_name"),
        ("customFields", "custom_fields"),
        ("merchantId", "merchant_id"),
        ("createdAt", "created_at"),
    ]:
        assert customer[camel] == customer[snake]
    assert customer["customFields"] == {"some_key": 1, "otherKey": 2}, "keys of the merchant's own stay as they are"
    assert customer["address"]["city"] == customer["city"] == "Rome"
    assert "name" not in customer, "what is not set is left out"


def test_only_the_email_is_required(api: Api) -> None:
    assert api.create("  trimmed@Example.com ")["email"] == "trimmed@Example.com"

    missing = api.post("/v2/customers", {})
    assert missing.status_code == 400
    assert missing.json()["error"]["param"] == "email"
    assert missing.json()["error"]["code"] == "validation_error"


def test_an_email_belongs_to_one_customer_whatever_its_case(api: Api) -> None:
    first = api.create("Jane@example.com")

    second = api.post("/v2/customers", {"email": "jane@EXAMPLE.com"})

    assert second.status_code == 409
    error = second.json()["error"]
    assert (error["type"], error["code"], error["param"]) == ("invalid_request_error", "email_already_exists", "email")
    assert error["details"]["customer_id"] == first["id"]
    assert second.json()["message"] == error["message"]


def test_of_two_simultaneous_creates_one_wins(api: Api) -> None:
    for round_ in range(5):
        body = {"email": f"race{round_}@example.com"}
        with ThreadPoolExecutor(4) as threads:
            answers = [
                each.result().status_code
                for each in [threads.submit(api.post, "/v2/customers", body) for _ in range(4)]
            ]

        assert sorted(answers) == [201, 409, 409, 409]


@pytest.mark.parametrize(
    ("field", "value", "param"),
    [
        ("email", "nonsense", "email"),
        ("email", 7, "email"),
        ("email", None, "email"),
        ("name", 7, "name"),
        ("name", "x" * 256, "name"),
        ("companyName", ["x"], "companyName"),
        ("company_name", "a\u0000b", "company_name"),
        ("phone", "4242 4242 4242 4242", "phone"),
        ("currency", "XXQ", "currency"),
        ("country", "Germany", "country"),
        ("address", "somewhere", "address"),
        ("address", {"postalCode": 1}, "address.postalCode"),
        ("address", {"street": "x"}, "address.street"),
        ("address", {"country": "ZZ"}, "address.country"),
        ("notes", "card 4242424242424242", "notes"),
        ("taxId", "4242424242424242", "taxId"),
        ("metadata", {"card": "4242-4242-4242-4242"}, "metadata"),
        ("metadata", [1], "metadata"),
        ("customFields", {"k" * 65: 1}, "customFields"),
        ("metadata", {f"k{n}": n for n in range(51)}, "metadata"),
        ("metadata", {"k": "x" * 9000}, "metadata"),
        ("id", "cus_1", "id"),
        ("cvv", "123", "cvv"),
        ("nmae", "John", "nmae"),
    ],
)
def test_a_wrong_field_is_named_and_nothing_is_written(api: Api, field: str, value: Any, param: str) -> None:
    email = f"{uuid.uuid4().hex}@example.com"

    response = api.post("/v2/customers", {"email": email, field: value})

    assert response.status_code == 400, response.text
    error = response.json()["error"]
    assert error["param"] == param
    assert param in error["details"]["fields"]
    assert api.get("/v2/customers", email=email).json()["data"] == []


def test_all_wrong_fields_are_told_at_once(api: Api) -> None:
    response = api.post("/v2/customers", {"email": "nope", "currency": "nope", "nope": 1})

    assert set(response.json()["error"]["details"]["fields"]) == {"email", "currency", "nope"}


def test_spellings_that_disagree_are_refused(api: Api) -> None:
    response = api.post("/v2/customers", {"email": "a@example.com", "taxId": "1", "tax_id": "2"})

    assert response.status_code == 400
    assert response.json()["error"]["param"] == "taxId"


@pytest.mark.parametrize(
    "raw",
    [
        b"{",
        b'{"email": "a@example.com"',
        b"[]",
        b'"text"',
        b"null",
        b"\xff\xfe",
        b'{"email": NaN}',
        b'{"email": "\\ud800@example.com"}',
        b"[" * 10_000,
    ],
)
def test_what_is_no_json_object_is_refused(api: Api, raw: bytes) -> None:
    response = api.request("POST", "/v2/customers", content=raw)

    assert response.status_code == 400, response.text
    assert response.json()["error"]["code"] == "invalid_request"
    assert response.json()["error"]["param"] == "body"


def test_a_huge_body_is_refused(api: Api) -> None:
    response = api.post("/v2/customers", {"email": "a@example.com", "notes": "x" * 300_000})

    assert response.status_code == 413
    assert response.json()["error"]["param"] == "body"


def test_numbers_in_metadata_survive(api: Api) -> None:
    numbers = {
        "integer": 12345678901234567890,
        "float": 0.1,
        "small": 1e-9,
        "negative": -1,
        "true": True,
        "nested": [1, 2.5],
    }

    created = api.create("numbers@example.com", metadata=numbers)

    assert api.get(f"/v2/customers/{created['id']}").json()["data"]["metadata"] == numbers
