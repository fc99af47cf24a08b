"""Setup intents through the front door."""

import json
from pathlib import Path
from typing import Any

import pytest

from billing.ids import new_id
from local.testing import Runtime
from tests.client import Api
from tests.openapi import validate_response

SAMPLES = Path(__file__).parents[3] / "events"


@pytest.fixture
def jane(api: Api) -> str:
    return str(api.create("jane@example.com")["id"])


def create(api: Api, **fields: Any) -> dict[str, Any]:
    response = api.post("/v2/setup-intents", fields)
    assert response.status_code == 201, response.text
    intent: dict[str, Any] = response.json()
    return intent


def confirm(api: Api, intent: dict[str, Any], headers: dict[str, str] | None = None, **fields: Any) -> Any:
    return api.post(f"/v2/setup-intents/{intent['id']}/confirm", fields or None, **(headers or {}))


def shown(api: Api, intent: dict[str, Any]) -> dict[str, Any]:
    body: dict[str, Any] = api.get(f"/v2/setup-intents/{intent['id']}").json()
    return body


def methods(api: Api, customer_id: str) -> list[dict[str, Any]]:
    listed: list[dict[str, Any]] = api.get(f"/v2/customers/{customer_id}/payment-methods").json()["data"]
    return listed


def test_a_new_intent_wants_a_payment_method(api: Api, jane: str) -> None:
    intent = create(api, customer_id=jane, description="Renewals", metadata={"a": 1})

    assert intent["object"] == "setup_intent"
    assert intent["status"] == "requires_payment_method"
    assert intent["payment_method_types"] == ["card"]
    assert (intent["usage"], intent["gateway"]) == ("off_session", "sandbox")
    assert intent["client_secret"].startswith(f"{intent['id']}_secret_")
    assert intent["last_error"] is intent["next_action"] is intent["confirmed_at"] is None
    assert shown(api, intent) == intent


@pytest.mark.parametrize(
    "given",
    [
        {"payment_token": "tok_mastercard"},
        {"payment_method_data": {"type": "card", "token": "tok_mastercard", "billingDetails": {"name": "Jane"}}},
    ],
)
def test_a_confirmed_token_is_the_customer_s(api: Api, jane: str, given: dict[str, Any]) -> None:
    intent = create(api, customerId=jane)

    done = confirm(api, intent, **given).json()

    assert done["status"] == "succeeded"
    assert done["confirmed_at"]
    [method] = methods(api, jane)
    assert (method["id"], method["card"]["brand"]) == (done["payment_method_id"], "mastercard")
    assert method["is_default"]


def test_a_method_that_is_there_can_be_confirmed(api: Api, jane: str) -> None:
    method = api.post("/v2/payment-methods", {"customer_id": jane, "token": "tok_visa"}).json()["id"]
    john = str(api.create("john@example.com")["id"])

    done = confirm(api, create(api, customer_id=jane), payment_method_id=method).json()

    assert (done["status"], done["payment_method_id"]) == ("succeeded", method)
    assert confirm(api, create(api, customer_id=john), payment_method_id=method).status_code == 404
    api.post(f"/v2/payment-methods/{method}/detach")
    assert confirm(api, create(api, customer_id=jane), payment_method_id=method).status_code == 400


def test_without_a_customer_the_method_is_nobody_s_until_it_is_attached(api: Api, jane: str) -> None:
    done = confirm(api, create(api), payment_token="tok_visa").json()

    method = api.get(f"/v2/payment-methods/{done['payment_method_id']}").json()
    assert (method["status"], method["customer_id"]) == ("inactive", None)
    attached = api.post(f"/v2/payment-methods/{method['id']}/attach", {"customer_id": jane}).json()
    assert (attached["status"], attached["customer_id"]) == ("active", jane)


def test_a_no_is_400_kept_on_the_intent_and_answered_again(api: Api, jane: str) -> None:
    intent = create(api, customer_id=jane)

    first = confirm(api, intent, {"idempotency_key": "k"}, payment_token="tok_chargeDeclinedLostCard")
    again = confirm(api, intent, {"idempotency_key": "k"}, payment_token="tok_chargeDeclinedLostCard")

    assert first.status_code == again.status_code == 400
    assert first.json()["error"]["code"] == "card_declined"
    assert again.headers["idempotency-replayed"] == "true"
    after = shown(api, intent)
    assert after["status"] == "requires_payment_method"
    assert after["last_error"] == {
        "code": "card_declined",
        "message": "The card was declined",
        "decline_code": "lost_card",
    }
    done = confirm(api, intent, payment_token="tok_visa").json()
    assert (done["status"], done["last_error"]) == ("succeeded", None)


def test_a_payer_who_must_act_comes_back_to_it(api: Api, jane: str) -> None:
    intent = create(api, customer_id=jane)

    waiting = confirm(api, intent, payment_token="tok_3ds", return_url="https://shop.example.com/done").json()
    assert waiting["status"] == "requires_action"
    assert waiting["next_action"]["redirect_to_url"]["return_url"] == "https://shop.example.com/done"
    assert methods(api, jane) == []
    done = confirm(api, intent).json()
    assert (done["status"], done["next_action"]) == ("succeeded", None)
    assert len(methods(api, jane)) == 1


def test_a_payer_who_fails_is_declined_and_another_card_will_do(api: Api, jane: str) -> None:
    intent = create(api, customer_id=jane)
    confirm(api, intent, payment_token="tok_3dsFailed")

    assert confirm(api, intent).status_code == 400
    assert shown(api, intent)["last_error"]["decline_code"] == "authentication_failed"
    assert confirm(api, intent).status_code == 400, "there is nothing to go on with"
    assert confirm(api, intent, payment_token="tok_visa").json()["status"] == "succeeded"


def test_silence_is_processing_until_reconciled(api: Api, runtime: Runtime, jane: str) -> None:
    intent = create(api, customer_id=jane)

    assert confirm(api, intent, payment_token="tok_timeout").json()["status"] == "processing"
    assert api.post(f"/v2/setup-intents/{intent['id']}/cancel").status_code == 400
    runtime.invoke("ReconcileSetupIntents", json.loads((SAMPLES / "setup_intents/reconcile.json").read_text()))
    done = shown(api, intent)
    assert done["status"] == "succeeded"
    assert [each["id"] for each in methods(api, jane)] == [done["payment_method_id"]]


def test_too_many_requests_leave_it_as_it_was(api: Api, jane: str) -> None:
    intent = create(api, customer_id=jane)

    assert confirm(api, intent, payment_token="tok_rate_limit").status_code == 429
    assert shown(api, intent)["status"] == "requires_payment_method"


def test_a_type_that_is_not_wanted_is_refused(api: Api, jane: str) -> None:
    card = create(api, customer_id=jane)
    either = create(api, customer_id=jane, payment_method_types=["card", "ach"])

    early = confirm(api, card, payment_method_data={"type": "ach", "token": "tok_ach"})
    assert (early.status_code, early.json()["error"]["param"]) == (400, "payment_method_data.type")
    assert confirm(api, card, payment_token="tok_ach").status_code == 400
    assert confirm(api, either, payment_token="tok_ach").json()["status"] == "succeeded"
    assert either["payment_method_types"] == ["card", "us_bank_account"]


def test_final_states_are_final(api: Api, jane: str) -> None:
    canceled = create(api, customer_id=jane)
    path = f"/v2/setup-intents/{canceled['id']}"
    body = api.post(f"{path}/cancel", {"cancellation_reason": "duplicate"}).json()
    assert (body["status"], body["cancellation_reason"]) == ("canceled", "duplicate")
    assert body["canceled_at"]
    succeeded = create(api, customer_id=jane)
    confirm(api, succeeded, payment_token="tok_visa")

    for intent in (canceled, succeeded):
        path = f"/v2/setup-intents/{intent['id']}"
        for response in (
            api.post(f"{path}/cancel"),
            confirm(api, intent, payment_token="tok_visa"),
            api.post(path, {"description": "late"}),
        ):
            assert response.status_code == 400
            assert response.json()["error"]["code"] == "invalid_request"


def test_an_open_intent_can_be_changed(api: Api, jane: str) -> None:
    intent = create(api, metadata={"a": 1})
    path = f"/v2/setup-intents/{intent['id']}"

    changed = api.post(path, {"customerId": jane, "metadata": {"b": 2}, "paymentMethodTypes": ["ach"]}).json()
    assert (changed["customer_id"], changed["metadata"]) == (jane, {"a": 1, "b": 2})
    assert changed["payment_method_types"] == ["us_bank_account"]
    assert api.patch(path, {"customer_id": None}).json()["customer_id"] is None
    assert api.patch(path, {"usage": "on_session"}).status_code == 400


def test_lists_are_paged_filtered_and_counted(api: Api, jane: str) -> None:
    made = [create(api, customer_id=jane), create(api), create(api, customer_id=jane), create(api, customer_id=jane)]
    confirm(api, made[2], payment_token="tok_visa")
    ids = [each["id"] for each in reversed(made)]

    def listed(**query: Any) -> tuple[list[str], bool, int]:
        body = api.get("/v2/setup-intents", **query).json()
        assert body["url"] == "/v2/setup-intents"
        return [each["id"] for each in body["data"]], body["has_more"], body["total_count"]

    assert listed() == (ids, False, 4)
    assert listed(limit=2) == (ids[:2], True, 4)
    assert listed(limit=2, starting_after=ids[1]) == (ids[2:], False, 4)
    assert listed(limit=1, ending_before=ids[2]) == ([ids[1]], True, 4)
    assert listed(status="succeeded") == ([ids[1]], False, 1)
    assert listed(customer_id=jane) == ([ids[0], ids[1], ids[3]], False, 3)
    assert listed(customer_id=jane, status="requires_payment_method") == ([ids[0], ids[3]], False, 2)
    assert listed(customer_id=jane, limit=1, starting_after=ids[0]) == ([ids[1]], True, 3)
    assert listed(customer_id=jane, limit=1, ending_before=ids[3]) == ([ids[1]], True, 3)
    api.patch(f"/v2/setup-intents/{ids[3]}", {"customer_id": None})
    assert listed(customer_id=jane) == ([ids[0], ids[1]], False, 2)
    assert api.get("/v2/setup-intents", starting_after="nonsense").status_code == 400
    assert api.get("/v2/setup-intents", status="nonsense").status_code == 400


def test_unknown_and_deleted_customers(api: Api, jane: str) -> None:
    intent = create(api, customer_id=jane)
    assert api.post("/v2/setup-intents", {"customer_id": f"cus_{'0' * 32}"}).status_code == 404
    api.delete(f"/v2/customers/{jane}")

    assert api.post("/v2/setup-intents", {"customer_id": jane}).status_code == 422
    assert confirm(api, intent, payment_token="tok_visa").status_code == 422
    assert shown(api, intent)["status"] == "requires_payment_method"


def test_the_samples(runtime: Runtime) -> None:
    stand_ins = {
        "mer_00000000000000000000000000000d01": new_id("mer"),
        "cus_0000000000004000800000000000c001": "",
        "seti_0000000000004000800000000000f001": "seti_0000000000004000800000000000f001",
    }

    def answer(function: str, name: str) -> tuple[int, Any]:
        text = SAMPLES.joinpath(f"{name}.json").read_text()
        for stand_in, real in stand_ins.items():
            text = text.replace(stand_in, real) if real else text
        event = json.loads(text)
        response = runtime.invoke(function, event)
        http = event["requestContext"]["http"]
        validate_response(http["method"], http["path"], response["statusCode"], response["headers"], response["body"])
        return response["statusCode"], json.loads(response["body"])

    stand_ins["cus_0000000000004000800000000000c001"] = answer("CreateCustomer", "customers/create")[1]["data"]["id"]
    for function, verb in [("Get", "get"), ("Update", "update"), ("Confirm", "confirm"), ("Cancel", "cancel")]:
        assert answer(f"{function}SetupIntent", f"setup_intents/{verb}")[0] == 404
    status, made = answer("CreateSetupIntent", "setup_intents/create")
    assert status == 201
    stand_ins["seti_0000000000004000800000000000f001"] = made["id"]
    assert answer("GetSetupIntent", "setup_intents/get") == (200, made)
    assert answer("UpdateSetupIntent", "setup_intents/update")[1]["metadata"] == {"ticket": "4711"}
    assert answer("ConfirmSetupIntent", "setup_intents/confirm")[1]["status"] == "succeeded"
    assert answer("CancelSetupIntent", "setup_intents/cancel")[0] == 400
    assert answer("ListSetupIntents", "setup_intents/list")[0] == 200
