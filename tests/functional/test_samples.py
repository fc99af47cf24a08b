"""Every sample event, replayed: none makes its function fail, and the API's answers are as documented."""

import json
from pathlib import Path
from typing import Any

import pytest

from billing.ids import new_id
from local.testing import Runtime
from tests.openapi import validate_response

SAMPLES = Path(__file__).parents[2] / "events"
MERCHANT = "mer_00000000000000000000000000000d01"
CUSTOMER = "cus_0000000000004000800000000000c001"


@pytest.fixture
def merchant() -> str:
    """A merchant that nobody else uses."""
    return new_id("mer")


def sample(name: str, **replaced: str) -> Any:
    """Return a sample with some of its texts replaced."""
    text = SAMPLES.joinpath(f"{name}.json").read_text()
    for old, new in {"merchant": MERCHANT, "customer": CUSTOMER}.items():
        text = text.replace(new, replaced.get(old, new))
    return json.loads(text)


def answer(runtime: Runtime, function: str, event: Any) -> tuple[int, Any]:
    """Invoke a function of the API and return status and body of its answer, which is as documented."""
    response = runtime.invoke(function, event)
    http = event["requestContext"]["http"]
    validate_response(http["method"], http["path"], response["statusCode"], response["headers"], response["body"])
    return response["statusCode"], json.loads(response["body"]) if response["body"].startswith("{") else None


def test_the_life_of_a_customer(runtime: Runtime, merchant: str) -> None:
    status, created = answer(runtime, "CreateCustomer", sample("customers/create", merchant=merchant))
    assert status == 201
    customer = created["data"]["id"]

    def one(name: str) -> Any:
        return sample(f"customers/{name}", merchant=merchant, customer=customer)

    assert answer(runtime, "GetCustomer", one("get"))[1]["data"] == created["data"]
    status, updated = answer(runtime, "UpdateCustomer", one("update"))
    assert status == 200
    assert updated["data"]["metadata"] == {"crm_id": "4711", "plan": "gold"}
    status, deleted = answer(runtime, "DeleteCustomer", one("delete"))
    assert status == 200
    assert deleted["data"]["deleted"] is True


@pytest.mark.parametrize(
    ("function", "name", "expected"),
    [
        ("ListCustomers", "customers/list", 200),
        ("GetCustomer", "customers/get", 404),
        ("UpdateCustomer", "customers/update", 404),
        ("DeleteCustomer", "customers/delete", 404),
        ("ListEvents", "events/list", 200),
        ("GetEvent", "events/get", 404),
        ("ShowOpenApi", "reference/openapi", 200),
        ("ShowReference", "reference/page", 200),
        ("UnknownRoute", "reference/unknown_route", 404),
    ],
)
def test_a_request_of_a_merchant_without_customers(
    runtime: Runtime, merchant: str, function: str, name: str, expected: int
) -> None:
    status, _ = answer(runtime, function, sample(name, merchant=merchant))

    assert status == expected


def test_a_key_is_minted_recognised_and_revoked(runtime: Runtime) -> None:
    minted = runtime.invoke("MintApiKey", sample("keys/mint"))
    asked = sample("keys/authorize")
    asked["headers"]["x-api-key"] = minted["key"]
    asked["identitySource"] = [minted["key"]]

    found = runtime.invoke("Authorize", asked)
    revoked = runtime.invoke("RevokeApiKey", {**sample("keys/revoke"), "key": minted["key"]})
    refused = runtime.invoke("Authorize", asked)

    assert found["isAuthorized"] is True
    assert found["context"]["merchant_id"] == minted["merchant_id"]
    assert revoked == {"key_id": minted["key_id"], "revoked": True}
    assert refused["context"] == {"failure": "revoked_key"}


def test_a_key_that_nobody_minted_is_unknown(runtime: Runtime) -> None:
    found = runtime.invoke("Authorize", sample("keys/authorize"))

    assert found == {"isAuthorized": True, "context": {"failure": "unknown_key"}}


@pytest.mark.parametrize(
    ("function", "name"), [("PublishEvents", "stream/publish_events"), ("ProjectLists", "stream/project_lists")]
)
def test_a_batch_of_the_stream_has_no_failures(runtime: Runtime, merchant: str, function: str, name: str) -> None:
    assert runtime.invoke(function, sample(name, merchant=merchant)) == {"batchItemFailures": []}


def test_an_event_of_the_bus_is_kept(runtime: Runtime, merchant: str) -> None:
    runtime.invoke("RecordEvent", sample("events/record", merchant=merchant))


def test_an_invoice_that_nobody_has_is_not_mailed(runtime: Runtime, merchant: str) -> None:
    runtime.invoke("DeliverInvoice", sample("invoices/deliver", merchant=merchant))
