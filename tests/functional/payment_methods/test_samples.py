"""The samples of payment methods, replayed in the order of a life."""

import json
from pathlib import Path
from typing import Any

from billing.ids import new_id
from local.testing import Runtime
from tests.openapi import validate_response

SAMPLES = Path(__file__).parents[3] / "events"
STAND_INS = {
    "merchant": "mer_00000000000000000000000000000d01",
    "customer": "cus_0000000000004000800000000000c001",
    "method": "pm_0000000000004000800000000000b001",
}


def answer(runtime: Runtime, function: str, name: str, **replaced: str) -> tuple[int, Any]:
    """Invoke a function with a sample whose stand-ins are replaced; its answer is as documented."""
    text = SAMPLES.joinpath(f"{name}.json").read_text()
    for stand_in, real in replaced.items():
        text = text.replace(STAND_INS[stand_in], real)
    event = json.loads(text)
    response = runtime.invoke(function, event)
    http = event["requestContext"]["http"]
    validate_response(http["method"], http["path"], response["statusCode"], response["headers"], response["body"])
    return response["statusCode"], json.loads(response["body"])


def test_the_life_of_a_payment_method(runtime: Runtime) -> None:
    merchant = new_id("mer")
    _, created = answer(runtime, "CreateCustomer", "customers/create", merchant=merchant)
    customer = created["data"]["id"]

    status, made = answer(
        runtime, "CreatePaymentMethod", "payment_methods/create", merchant=merchant, customer=customer
    )
    assert status == 201
    ids = {"merchant": merchant, "customer": customer, "method": made["id"]}
    assert answer(runtime, "GetPaymentMethod", "payment_methods/get", **ids) == (200, made)
    for function, name in [
        ("UpdatePaymentMethod", "payment_methods/update"),
        ("AttachPaymentMethod", "payment_methods/attach"),
        ("SetDefaultPaymentMethod", "payment_methods/set_default"),
        ("ListPaymentMethods", "payment_methods/list"),
        ("ListCustomerPaymentMethods", "customers/payment_methods"),
        ("DetachPaymentMethod", "payment_methods/detach"),
    ]:
        status, body = answer(runtime, function, name, **ids)
        assert (function, status) == (function, 200)
    assert body["status"] == "inactive"
    assert body["metadata"] == {"nickname": "company card"}


def test_a_merchant_without_any_gets_404(runtime: Runtime) -> None:
    for function, name in [
        ("CreatePaymentMethod", "payment_methods/create"),
        ("GetPaymentMethod", "payment_methods/get"),
        ("UpdatePaymentMethod", "payment_methods/update"),
        ("AttachPaymentMethod", "payment_methods/attach"),
        ("DetachPaymentMethod", "payment_methods/detach"),
        ("SetDefaultPaymentMethod", "payment_methods/set_default"),
        ("ListCustomerPaymentMethods", "customers/payment_methods"),
    ]:
        status, _ = answer(runtime, function, name, merchant=new_id("mer"))
        assert (function, status) == (function, 404)
