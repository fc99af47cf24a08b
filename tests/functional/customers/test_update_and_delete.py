"""GET, PATCH and DELETE /v2/customers/{id}."""

import uuid
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.client import Api


def test_both_forms_of_an_id_read_the_same_customer(api: Api) -> None:
    customer = api.create("a@example.com")

    dashed = str(uuid.UUID(customer["id"].removeprefix("cus_")))

    assert api.get(f"/v2/customers/{dashed}").json() == api.get(f"/v2/customers/{customer['id']}").json()


@pytest.mark.parametrize("wrong", ["cus_" + "0" * 32, "cus_1", "nonsense", "pm_" + "0" * 32, "%00", "cus_%2e%2e"])
@pytest.mark.parametrize("method", ["GET", "PATCH", "DELETE"])
def test_an_unknown_or_malformed_id_is_not_found(api: Api, method: str, wrong: str) -> None:
    response = api.request(method, f"/v2/customers/{wrong}", {} if method == "PATCH" else None)

    assert response.status_code == 404
    assert response.json()["error"]["code"] == "resource_missing"


@pytest.mark.parametrize("method", ["PATCH", "PUT", "POST"])
def test_a_change_touches_what_it_names_and_nothing_else(api: Api, method: str) -> None:
    customer = api.create("a@example.com", name="John", phone="+1 555 0100", metadata={"plan": "free", "keep": 1})

    response = api.request(
        method, f"/v2/customers/{customer['id']}", {"name": "Jane", "metadata": {"plan": "pro", "keep": None}}
    )

    changed = response.json()["data"]
    assert response.status_code == 200
    assert response.headers["etag"] == '"2"'
    assert changed == {
        **customer,
        "name": "Jane",
        "metadata": {"plan": "pro"},
        "updated_at": changed["updated_at"],
        "updatedAt": changed["updated_at"],
    }
    assert api.get(f"/v2/customers/{customer['id']}").json()["data"] == changed, "a caller reads its own write"


def test_a_change_of_nothing_keeps_the_version(api: Api) -> None:
    customer = api.create("a@example.com", name="John")

    response = api.patch(f"/v2/customers/{customer['id']}", {"name": "John"})

    assert response.json()["data"] == customer
    assert response.headers["etag"] == '"1"'


@pytest.mark.parametrize("spelling", ["customFields", "custom_fields"])
def test_limits_hold_after_merging_and_name_the_field_as_it_was_sent(api: Api, spelling: str) -> None:
    customer = api.create("a@example.com", custom_fields={f"k{n}": n for n in range(30)})

    refused = api.patch(f"/v2/customers/{customer['id']}", {spelling: {f"m{n}": n for n in range(30)}})

    assert refused.status_code == 400
    assert refused.json()["error"]["param"] == spelling


def test_an_email_moves_with_its_customer(api: Api) -> None:
    customer = api.create("old@example.com")
    api.create("taken@example.com")

    assert api.patch(f"/v2/customers/{customer['id']}", {"email": "TAKEN@example.com"}).status_code == 409
    assert api.patch(f"/v2/customers/{customer['id']}", {"email": "new@example.com"}).status_code == 200

    assert api.get("/v2/customers", email="OLD@example.com").json()["data"] == []
    assert api.get("/v2/customers", email="NEW@example.com").json()["data"][0]["id"] == customer["id"]
    assert api.create("old@example.com")["id"] != customer["id"], "the old e-mail is free again"


def test_only_the_case_of_an_email_may_change(api: Api) -> None:
    customer = api.create("john@example.com")

    changed = api.patch(f"/v2/customers/{customer['id']}", {"email": "John@Example.com"})

    assert changed.json()["data"]["email"] == "John@Example.com"
    assert api.get("/v2/customers", email="john@example.com").json()["data"][0]["id"] == customer["id"]


def test_if_match_guards_against_lost_updates(api: Api) -> None:
    customer = api.create("a@example.com")
    path = f"/v2/customers/{customer['id']}"
    tag = api.get(path).headers["etag"]

    assert api.patch(path, {"name": "first"}, if_match=tag).status_code == 200
    refused = api.patch(path, {"name": "second"}, if_match=tag)
    assert refused.status_code == 412
    assert refused.json()["error"]["param"] == "If-Match"
    assert api.delete(path, if_match=tag).status_code == 412
    assert api.get(path).json()["data"]["name"] == "first"
    assert api.delete(path, if_match='"2"').status_code == 200


def test_simultaneous_changes_are_all_kept(api: Api) -> None:
    customer = api.create("a@example.com")
    path = f"/v2/customers/{customer['id']}"

    with ThreadPoolExecutor(4) as threads:
        answers = list(threads.map(lambda n: api.patch(path, {"metadata": {f"k{n}": n}}).status_code, range(12)))

    kept = {int(key[1:]) for key in api.get(path).json()["data"]["metadata"]}
    assert {n for n, status in enumerate(answers) if status == 200} == kept
    assert set(answers) <= {200, 503}, "what could not be written says so"


def test_deleting_keeps_the_data_and_frees_the_email(api: Api) -> None:
    customer = api.create("gone@example.com", name="John")
    path = f"/v2/customers/{customer['id']}"

    first = api.delete(path)
    second = api.delete(path)

    assert first.status_code == second.status_code == 200
    assert first.json() == second.json()
    assert first.json()["success"] is True
    assert first.json()["data"]["deleted"] is True
    kept = api.get(path).json()["data"]
    assert (kept["name"], kept["deleted"], kept["deletedAt"]) == ("John", True, first.json()["data"]["deleted_at"])
    assert api.get("/v2/customers", email="gone@example.com").json()["data"] == []
    assert api.create("gone@example.com")["id"] != customer["id"]


def test_a_deleted_customer_cannot_change(api: Api) -> None:
    customer = api.create("gone@example.com")
    api.delete(f"/v2/customers/{customer['id']}")

    response = api.patch(f"/v2/customers/{customer['id']}", {"name": "Jane"})

    assert response.status_code == 422
    assert response.json()["error"]["code"] == "customer_deleted"
