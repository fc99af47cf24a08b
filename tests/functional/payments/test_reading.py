"""Reading payments as payments, charges and payment intents. What makes them is not here, so they are written."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from billing.gateway import Charged, Declined, Settling
from billing.ids import new_id
from billing.payments import rules
from billing.payments.record import Record, put
from billing.table import Table, Transaction
from billing.tenancy import Tenant
from local.testing import Runtime
from tests.client import Api, until
from tests.unit.payments.payment import START, begun, call, recorded


@pytest.fixture
def merchant(key: Callable[..., dict[str, Any]]) -> dict[str, Any]:
    return key()


@pytest.fixture
def api(merchant: dict[str, Any], client: Callable[[dict[str, Any]], Api]) -> Api:
    return client(merchant)


@pytest.fixture
def keep(runtime: Runtime, merchant: dict[str, Any]) -> Callable[..., Record]:
    """Writes a payment in its states, one after the other."""
    table = Table(runtime.clients.dynamodb, runtime.table_name)
    tenant = Tenant(merchant["merchant_id"], livemode=False)

    def write(*states: Record) -> Record:
        before: Record | None = None
        payment_id = new_id("pay")
        for state in states:
            after = replace(state, tenant=tenant, id=payment_id)
            table.write(put(Transaction(), before, after), lambda: 30.0)
            before = after
        assert before is not None
        return before

    return write


@pytest.fixture
def jane(api: Api) -> str:
    return str(api.create("jane@example.com")["id"])


def captured(number: int, customer: str, minutes: int = 0) -> list[Record]:
    """Return the states of a charge that was asked for at a minute and has come in."""
    start = begun(number=number, customer_id=customer, call=call(minutes), description="Cards")
    return [start, rules.answered(start, Charged(f"gateway_{number}"), call(minutes))]


def refunded(number: int, customer: str, amount_minor: int | None) -> list[Record]:
    states = captured(number, customer)
    asked = rules.refunding(states[-1], new_id("re"), amount_minor, reason=None, work="key_2", call=call(1))
    return [*states, asked, rules.refunded(asked, asked.refunds[0].id, reference="gateway_r", call=call(1))]


def ids(api: Api, path: str, **query: Any) -> list[str]:
    response = api.get(path, **query)
    assert response.status_code == 200, response.text
    return [each["id"].rpartition("_")[2] for each in response.json()["data"]]


def digits(*records: Record) -> list[str]:
    return [each.id.removeprefix("pay_") for each in records]


def test_one_payment_is_read_in_three_views(api: Api, jane: str, keep: Callable[..., Record]) -> None:
    record = keep(*refunded(1, jane, 300))
    [same] = digits(record)

    charge = api.get(f"/v2/charges/ch_{same}").json()["data"]
    assert (charge["status"], charge["amountMinor"], charge["amount_refunded_minor"]) == (
        "partially_refunded",
        1_000,
        300,
    )
    assert (charge["customerId"], charge["merchant_id"], charge["captured"]) == (jane, record.tenant.merchant_id, True)
    payment = api.get(f"/v2/payments/pay_{same}").json()
    assert (payment["object"], payment["status"], payment["amount"], payment["invoice_id"]) == (
        "payment",
        "captured",
        1_000,
        None,
    )
    intent = api.get(f"/v2/payment-intents/pi_{same}").json()
    assert (intent["object"], intent["status"], intent["amount_received"], intent["customer"]) == (
        "payment_intent",
        "succeeded",
        1_000,
        jane,
    )
    assert (intent["livemode"], intent["created"]) == (False, int(START.timestamp()))
    for path in ("charges/ch_", "payments/pay_", "payment-intents/pi_"):
        assert api.get(f"/v2/{path}{'0' * 32}").status_code == 404
        assert api.get(f"/v2/{path}1").status_code == 404


def test_what_was_recorded_by_hand_is_a_payment_alone(api: Api, jane: str, keep: Callable[..., Record]) -> None:
    [by_hand] = digits(keep(recorded(customer_id=jane)))
    [by_card] = digits(keep(*captured(2, jane)))

    assert api.get(f"/v2/payments/pay_{by_hand}").json()["method"] == "cash"
    assert api.get(f"/v2/charges/ch_{by_hand}").status_code == 404
    assert api.get(f"/v2/payment-intents/pi_{by_hand}").status_code == 404
    for query in ({"customer_id": jane}, {"status": "captured"}, {"customerId": jane, "status": "captured"}):
        assert ids(api, "/v2/payments", **query) == [by_card, by_hand]
    for query in ({}, {"customerId": jane}, {"status": "succeeded"}):
        assert ids(api, "/v2/charges", **query) == [by_card]
    assert ids(api, "/v2/payment-intents", customer=jane) == [by_card]
    assert ids(api, f"/v2/customers/{jane}/payments") == [by_card, by_hand]


def test_each_view_is_asked_in_its_own_words(api: Api, jane: str, keep: Callable[..., Record]) -> None:
    asked = begun(number=1, customer_id=jane)
    keep(asked)
    keep(rules.answered(replace(asked, sequence=2), Settling("gateway_2"), call()))
    held = replace(begun(number=3, customer_id=jane, capture=False))
    keep(rules.answered(held, Charged("gateway_3"), call()))
    keep(*captured(4, jane))
    keep(*refunded(5, jane, 1))
    keep(*refunded(6, jane, None))
    keep(rules.answered(replace(asked, sequence=7), Declined("lost_card", "No"), call()))
    keep(rules.voided(rules.answered(replace(held, sequence=8), Charged("gateway_8"), call()), call()))

    def statuses(path: str, field: str = "status") -> dict[str, int]:
        """Return how many are listed under each status that any of them has."""
        everything = api.get(path, limit=100).json()["data"]
        counts: dict[str, int] = {}
        for status in {each[field] for each in everything}:
            listed = api.get(path, status=status).json()
            assert {each[field] for each in listed["data"]} == {status}
            assert listed["total_count"] == len(listed["data"])
            counts[status] = len(listed["data"])
        assert sum(counts.values()) == len(everything) == 8
        return counts

    until(lambda: api.get("/v2/payments").json()["total_count"] == 8)
    assert statuses("/v2/payments") == {
        "pending": 2,
        "authorized": 1,
        "captured": 2,
        "refunded": 1,
        "failed": 1,
        "voided": 1,
    }
    assert statuses("/v2/charges") == {
        "processing": 1,
        "pending": 2,
        "succeeded": 1,
        "partially_refunded": 1,
        "refunded": 1,
        "failed": 1,
        "voided": 1,
    }
    assert statuses("/v2/payment-intents") == {
        "processing": 3,
        "succeeded": 3,
        "requires_payment_method": 1,
        "canceled": 1,
    }


def test_charges_are_found_by_their_time(api: Api, jane: str, keep: Callable[..., Record]) -> None:
    first, second, third = (keep(*captured(number, jane, minutes=number * 10)) for number in (1, 2, 3))

    def second_of(minutes: int) -> int:
        return int((START + timedelta(minutes=minutes)).timestamp())

    assert ids(api, "/v2/charges", createdGte=second_of(20)) == digits(third, second)
    assert ids(api, "/v2/charges", created_lte=second_of(20)) == digits(second, first)
    between = {"createdGte": second_of(15), "createdLte": second_of(25)}
    assert ids(api, "/v2/charges", status="succeeded", customerId=jane, **between) == digits(second)
    assert ids(api, "/v2/payment-intents", created_gte=second_of(30)) == digits(third)
    page = api.get("/v2/charges", createdGte=second_of(0), limit=2).json()
    assert (len(page["data"]), page["has_more"], "total_count" in page) == (2, True, False)
    cursor = page["data"][-1]["id"]
    assert ids(api, "/v2/charges", createdGte=second_of(0), starting_after=cursor) == digits(first)
    assert api.get("/v2/charges", createdGte="yesterday").status_code == 400


def test_cursors_are_ids_of_the_view(api: Api, jane: str, keep: Callable[..., Record]) -> None:
    first, second = keep(*captured(1, jane)), keep(*captured(2, jane))
    [_, newer] = digits(first, second)

    for path, prefix in (("charges", "ch"), ("payments", "pay"), ("payment-intents", "pi")):
        customer = "customer" if prefix == "pi" else "customer_id"
        query = {customer: jane, "starting_after": f"{prefix}_{newer}"}
        assert ids(api, f"/v2/{path}", **query) == digits(first)
        assert api.get(f"/v2/{path}", starting_after=f"{prefix}_1").status_code == 400
        assert api.get(f"/v2/{path}", **{customer: "nonsense"}).status_code == 404


def test_a_customer_s_payments_have_the_contract_s_shape(api: Api, jane: str, keep: Callable[..., Record]) -> None:
    record = keep(*captured(1, jane))

    listed = api.get(f"/v2/customers/{jane}/payments").json()

    assert (listed["object"], listed["has_more"]) == ("list", False)
    assert listed["data"] == [
        {
            "id": record.id,
            "customer_id": jane,
            "amount_minor": 1_000,
            "currency": "EUR",
            "status": "captured",
            "payment_method_type": "card",
            "gateway_transaction_id": "gateway_1",
            "created_at": record.created_at,
            "updated_at": record.updated_at,
        }
    ]
    assert api.get(f"/v2/customers/cus_{'0' * 32}/payments").status_code == 404


def test_each_view_has_a_scope_of_its_own(merchant: dict[str, Any], key: Any, client: Any) -> None:
    for path, scope in (("charges", "charges"), ("payments", "payments"), ("payment-intents", "payment_intents")):
        reader = client(key(merchant_id=merchant["merchant_id"], scopes=[f"{scope}:read"]))
        statuses = {each: reader.get(f"/v2/{each}").status_code for each in ("charges", "payments", "payment-intents")}
        assert statuses == {each: 200 if each == path else 403 for each in statuses}
