"""Payment methods through the front door."""

from typing import Any

import pytest

from tests.client import Api, until
from tests.schemas import validate_event


@pytest.fixture
def jane(api: Api) -> str:
    return str(api.create("jane@example.com")["id"])


def keep(api: Api, customer_id: str, card: str = "tok_visa", **fields: Any) -> dict[str, Any]:
    response = api.post("/v2/payment-methods", {"customer_id": customer_id, "token": card, **fields})
    assert response.status_code == 201, response.text
    method: dict[str, Any] = response.json()
    return method


def shown(api: Api, method: dict[str, Any]) -> dict[str, Any]:
    response = api.get(f"/v2/payment-methods/{method['id']}")
    assert response.status_code == 200
    body: dict[str, Any] = response.json()
    return body


def act(api: Api, method: dict[str, Any], action: str, **body: Any) -> Any:
    return api.post(f"/v2/payment-methods/{method['id']}/{action}", body or None)


def defaults(api: Api, customer_id: str) -> list[str]:
    listed = api.get(f"/v2/customers/{customer_id}/payment-methods").json()["data"]
    return [each["id"] for each in listed if each["is_default"]]


def test_a_kept_card_is_a_bare_object_and_the_default(api: Api, jane: str) -> None:
    method = keep(api, jane, type="card", billing_details={"name": "Jane", "address": {"postalCode": "1"}})

    assert method["object"] == "payment_method"
    assert method["card"] == {
        "brand": "visa",
        "last4": "4242",
        "exp_month": 12,
        "exp_year": 2049,
        "funding": "credit",
    }
    assert method["is_default"] is True
    assert method["us_bank_account"] is None
    assert shown(api, method) == method
    customer = api.get(f"/v2/customers/{jane}").json()["data"]
    assert customer["default_payment_method_id"] == customer["defaultPaymentMethodId"] == method["id"]


def test_a_bank_account_is_kept_too(api: Api, jane: str) -> None:
    method = keep(api, jane, "tok_ach", type="ach")

    assert method["type"] == "us_bank_account"
    assert method["us_bank_account"]["account_type"] == "checking"
    assert method["card"] is None


def test_the_dashed_uuid_is_the_same_id(api: Api, jane: str) -> None:
    digits = keep(api, jane)["id"].removeprefix("pm_")
    uuid = "-".join([digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]])

    assert api.get(f"/v2/payment-methods/{uuid}").json()["id"] == f"pm_{digits}"


@pytest.mark.parametrize("kind", ["sepa_debit", "sepa"])
def test_sepa_is_not_yet_supported(api: Api, jane: str, kind: str) -> None:
    response = api.post("/v2/payment-methods", {"customer_id": jane, "token": "tok_visa", "type": kind})

    assert response.status_code == 400
    assert response.json()["error"]["message"] == "type: SEPA is not yet supported"


def test_a_card_number_is_never_taken(api: Api, jane: str) -> None:
    for field in (
        {"card": {"number": "4242424242424242", "cvc": "123"}},
        {"token": "4242424242424242"},
        {"billing_details": {"name": "4242 4242 4242 4242"}},
        {"metadata": {"note": "5555555555554444"}},
    ):
        response = api.post("/v2/payment-methods", {"customer_id": jane, "token": "tok_visa", **field})
        assert response.status_code == 400
        assert "4242424242424242" not in response.text


def test_a_decline_is_400_with_its_reason_and_is_answered_again(api: Api, jane: str) -> None:
    token = "tok_chargeDeclinedInsufficientFunds"
    body = {"customer_id": jane, "token": token}
    first = api.post("/v2/payment-methods", body, idempotency_key=token)
    again = api.post("/v2/payment-methods", body, idempotency_key=token)

    assert first.status_code == again.status_code == 400
    assert first.json()["error"]["code"] == "card_declined"
    assert first.json()["error"]["details"]["decline_code"] == "insufficient_funds"
    assert again.headers["idempotency-replayed"] == "true"
    assert again.text == first.text
    assert api.get(f"/v2/customers/{jane}/payment-methods").json()["data"] == []


def test_too_many_requests_at_the_gateway_are_429(api: Api, jane: str) -> None:
    response = api.post("/v2/payment-methods", {"customer_id": jane, "token": "tok_rate_limit"})

    assert response.status_code == 429
    assert response.headers["retry-after"]


def test_the_request_after_a_silence_finds_out(api: Api, jane: str) -> None:
    body = {"customer_id": jane, "token": "tok_timeout"}

    assert api.post("/v2/payment-methods", body, idempotency_key="silence").status_code == 503
    assert api.post("/v2/payment-methods", body, idempotency_key="silence").status_code == 201
    replayed = api.post("/v2/payment-methods", body, idempotency_key="silence")
    assert replayed.headers["idempotency-replayed"] == "true"
    assert len(api.get(f"/v2/customers/{jane}/payment-methods").json()["data"]) == 1


def test_the_same_request_twice_keeps_one_card(api: Api, jane: str) -> None:
    body = {"customer_id": jane, "token": "tok_visa"}
    first, second = (api.post("/v2/payment-methods", body, idempotency_key="once") for _ in range(2))

    assert first.json() == second.json()
    assert len(api.get(f"/v2/customers/{jane}/payment-methods").json()["data"]) == 1


def test_a_token_that_does_not_fit_its_type_is_named(api: Api, jane: str) -> None:
    response = api.post("/v2/payment-methods", {"customer_id": jane, "token": "tok_visa", "type": "us_bank_account"})

    assert response.status_code == 400
    assert response.json()["error"]["param"] == "type"


def test_an_unknown_customer_is_404_and_a_deleted_one_422(api: Api, jane: str) -> None:
    kept = keep(api, jane)
    api.delete(f"/v2/customers/{jane}")

    for customer, status in ((f"cus_{'0' * 32}", 404), ("nonsense", 404), (jane, 422)):
        response = api.post("/v2/payment-methods", {"customer_id": customer, "token": "tok_visa"})
        assert response.status_code == status
        assert act(api, kept, "attach", customer_id=customer).status_code == status
    assert shown(api, kept)["customer_id"] == jane
    assert act(api, kept, "default").status_code == 422


def test_another_default_is_chosen_in_three_ways(api: Api, jane: str) -> None:
    first, second = keep(api, jane), keep(api, jane, "tok_amex")
    assert defaults(api, jane) == [first["id"]]

    assert act(api, second, "default").json()["is_default"] is True
    assert defaults(api, jane) == [second["id"]]
    assert not shown(api, first)["is_default"]
    patched = api.patch(f"/v2/customers/{jane}", {"defaultPaymentMethodId": first["id"]})
    assert patched.json()["data"]["default_payment_method_id"] == first["id"]
    assert defaults(api, jane) == [first["id"]]
    third = keep(api, jane, "tok_jcb", set_default=True)
    assert defaults(api, jane) == [third["id"]]


def test_only_an_active_method_of_the_customer_can_be_the_default(api: Api, jane: str) -> None:
    mine, expired = keep(api, jane), keep(api, jane, "tok_expired")
    john = str(api.create("john@example.com")["id"])
    his = keep(api, john)

    for wrong in (his["id"], expired["id"], "nonsense", None):
        response = api.patch(f"/v2/customers/{jane}", {"default_payment_method_id": wrong})
        assert response.status_code == 400
        assert response.json()["error"]["param"] == "default_payment_method_id"
    assert act(api, expired, "default").status_code == 400
    assert defaults(api, jane) == [mine["id"]]


def test_an_expired_card_is_kept_shown_and_never_paid_with(api: Api, jane: str) -> None:
    expired = keep(api, jane, "tok_expired")

    assert (expired["status"], expired["is_default"]) == ("expired", False)
    assert api.get(f"/v2/customers/{jane}/payment-methods").json()["data"] == []
    [listed] = api.get("/v2/payment-methods", customer_id=jane).json()["data"]
    assert listed["status"] == "expired"
    assert "default_payment_method_id" not in api.get(f"/v2/customers/{jane}").json()["data"]


def test_the_newest_remaining_method_is_promoted(api: Api, jane: str) -> None:
    first, second, third = (keep(api, jane, token) for token in ("tok_visa", "tok_amex", "tok_jcb"))
    keep(api, jane, "tok_expired")

    gone = act(api, first, "detach").json()
    assert (gone["status"], gone["is_default"], gone["customer_id"]) == ("inactive", False, jane)
    assert defaults(api, jane) == [third["id"]]
    act(api, third, "detach")
    assert defaults(api, jane) == [second["id"]]
    act(api, second, "detach")
    assert defaults(api, jane) == []
    assert act(api, second, "detach").status_code == 400


def test_a_detached_method_can_come_back(api: Api, jane: str) -> None:
    method = keep(api, jane)
    act(api, method, "detach")

    back = act(api, method, "attach", customerId=jane).json()
    assert (back["status"], back["is_default"]) == ("active", True)


def test_a_move_takes_the_method_from_one_customer_and_gives_it_to_the_other(api: Api, jane: str) -> None:
    john = str(api.create("john@example.com")["id"])
    moving, staying = keep(api, jane), keep(api, jane, "tok_amex")
    his = keep(api, john, "tok_jcb")

    moved = act(api, moving, "attach", customer_id=john, set_default=True).json()

    assert (moved["customer_id"], moved["is_default"]) == (john, True)
    assert defaults(api, jane) == [staying["id"]]
    assert defaults(api, john) == [moving["id"]]
    assert not shown(api, his)["is_default"]
    events = until(lambda: told(api, moving["id"], 3))
    assert [(each["type"].rpartition(".")[2], each["data"]["customer_id"]) for each in events] == [
        ("attached", jane),
        ("detached", jane),
        ("attached", john),
    ]


def told(api: Api, method_id: str, count: int) -> list[dict[str, Any]]:
    """Return the events of a payment method, oldest first, once there are that many."""
    listed = api.get("/v2/events", types="customer.payment_method.*", limit=100).json()["data"]
    events = [each for each in reversed(listed) if each["data"]["id"] == method_id]
    for event in events:
        validate_event(event)
    # of one version: gone before it is there
    events.sort(
        key=lambda event: (event["version"], event["type"].endswith("attached") and "detached" not in event["type"])
    )
    return events if len(events) >= count else []


def test_attaching_and_detaching_are_told_and_a_default_is_a_change_of_the_customer(api: Api, jane: str) -> None:
    first = keep(api, jane)
    second = keep(api, jane, "tok_amex")
    act(api, first, "detach")

    attached, detached = until(lambda: told(api, first["id"], 2))
    assert attached["type"] == "customer.payment_method.attached"
    assert attached["data"]["object"] == first
    assert detached["data"]["object"]["status"] == "inactive"
    changes = until(lambda: [each for each in updates(api, jane) if len(updates(api, jane)) == 2])
    assert [each["data"]["object"].get("default_payment_method_id") for each in changes] == [second["id"], first["id"]]
    assert changes[1]["data"]["previous_attributes"] == {
        "default_payment_method_id": None,
        "defaultPaymentMethodId": None,
    }
    for event in changes:
        validate_event(event)


def updates(api: Api, customer_id: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = api.get("/v2/events", type="customer.updated", customer_id=customer_id).json()["data"]
    return found


def test_billing_details_and_metadata_change_and_nothing_else_does(api: Api, jane: str) -> None:
    method = keep(api, jane, billing_details={"name": "Jane"}, metadata={"a": 1})
    path = f"/v2/payment-methods/{method['id']}"

    changed = api.post(path, {"billing_details": {"email": "j@example.com"}, "metadata": {"a": None, "b": True}}).json()
    assert changed["billing_details"]["name"] == "Jane"
    assert changed["billing_details"]["email"] == "j@example.com"
    assert changed["metadata"] == {"b": True}
    assert api.patch(path, {"metadata": {"b": 1}}).json()["metadata"] == {"b": 1}
    for wrong in ({"exp_year": 2050}, {"customer_id": jane}, {"card": {}}):
        response = api.post(path, wrong)
        assert response.status_code == 400
        assert response.json()["error"]["param"] == next(iter(wrong))


def test_the_merchant_s_list_is_paged_and_filtered(api: Api, jane: str) -> None:
    john = str(api.create("john@example.com")["id"])
    made = [keep(api, customer, token) for token in ("tok_visa", "tok_ach") for customer in (jane, john, jane)]
    ids = [each["id"] for each in reversed(made)]

    def listed(**query: Any) -> tuple[list[str], bool]:
        body = api.get("/v2/payment-methods", **query).json()
        return [each["id"] for each in body["data"]], body["has_more"]

    assert listed() == (ids, False)
    assert listed(limit=2) == (ids[:2], True)
    assert listed(limit=3, starting_after=ids[1]) == (ids[2:5], True)
    assert listed(limit=3, starting_after=ids[2]) == (ids[3:], False)
    assert listed(limit=2, ending_before=ids[4]) == (ids[2:4], True)
    assert listed(type="card") == (ids[3:], False)
    assert listed(type="us_bank_account", limit=1, starting_after=ids[0]) == ([ids[1]], True)
    his = [each["id"] for each in reversed(made) if each["customer_id"] == jane]
    assert listed(customer_id=jane) == (his, False)
    assert listed(customer_id=jane, limit=2, starting_after=his[0]) == (his[1:3], True)
    assert listed(customer_id=jane, limit=2, ending_before=his[3]) == (his[1:3], True)
    act(api, made[5], "detach")
    assert listed(limit=2, starting_after=ids[0]) == (ids[1:3], True), "a detached method keeps its place"
    assert listed(limit=1) == ([ids[1]], True)
    for wrong in ({"starting_after": "nonsense"}, {"starting_after": f"pm_{'0' * 32}"}, {"colour": "red"}):
        assert api.get("/v2/payment-methods", **wrong).status_code == 400
    assert api.get("/v2/payment-methods", customer_id=f"cus_{'0' * 32}").status_code == 404


def test_lists_follow_a_method_to_its_next_customer(api: Api, jane: str) -> None:
    john = str(api.create("john@example.com")["id"])
    method = keep(api, jane)

    act(api, method, "attach", customer_id=john)

    for query in ({}, {"type": "card"}):
        [listed] = api.get("/v2/payment-methods", **query).json()["data"]
        assert (listed["id"], listed["customer_id"], listed["is_default"]) == (method["id"], john, True)


def test_a_key_without_the_scope_and_another_merchant_see_nothing(api: Api, jane: str, key: Any, client: Any) -> None:
    method = keep(api, jane)
    stranger = client(key())
    reader = client(key(scopes=["payment_methods:read"]))

    assert stranger.get(f"/v2/payment-methods/{method['id']}").status_code == 404
    assert stranger.get("/v2/payment-methods").json()["data"] == []
    assert act(stranger, method, "detach").status_code == 404
    assert reader.post("/v2/payment-methods", {"customer_id": jane, "token": "tok_visa"}).status_code == 403
    assert reader.get("/v2/payment-methods").status_code == 200


def test_live_mode_without_a_gateway_says_so(key: Any, client: Any) -> None:
    live = client(key(mode="live"))
    customer = live.create("jane@example.com")

    response = live.post("/v2/payment-methods", {"customer_id": customer["id"], "token": "tok_visa"})

    assert response.status_code == 422
    assert response.json()["error"]["code"] == "unprocessable_entity"
