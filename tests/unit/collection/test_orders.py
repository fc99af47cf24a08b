"""Paying an order, with what is kept or with a token."""

import pytest

from billing.collection import inbound
from billing.collection import orders as paying
from billing.errors import Conflict, CustomerDeleted, InvalidFields, MalformedRequest, PaymentDeclined, RateLimited
from billing.gateway import Declined
from billing.orders import operations as orders
from billing.orders.models import NewOrder, Order, OrderPayment
from billing.tenancy import Replayed
from tests.unit.collection.ledger import Mood
from tests.unit.collection.shop import Shop
from tests.unit.gateway.scripted import ABANDONED, Died


@pytest.fixture
def order(shop: Shop, jane: str) -> str:
    line = {"description": "Cards", "unit_price": 250, "quantity": 4}
    body = NewOrder.model_validate({"customer_id": jane, "line_items": [line]})
    return orders.create(shop.caller(), body).id


def pay(shop: Shop, order: str, key: str | None = None, **fields: object) -> Order:
    return paying.pay(shop.caller(key), order, OrderPayment.model_validate(fields))


def test_an_order_is_paid_in_parts(shop: Shop, order: str) -> None:
    assert pay(shop, order, amount=400).status == "partially_paid"
    with pytest.raises(InvalidFields) as caught:
        pay(shop, order, amount=601)
    assert caught.value.param == "amount"
    assert pay(shop, order).status == "paid"
    with pytest.raises(MalformedRequest):
        pay(shop, order)

    assert [each.taken_minor for each in shop.ledger.entries.values()] == [400, 600]


def test_of_two_payments_at_once_one_is_made(shop: Shop, order: str) -> None:
    refused: list[bool] = []

    def another() -> None:
        with pytest.raises(Conflict):
            pay(shop, order)
        refused.append(True)

    shop.ledger.meanwhile = another
    pay(shop, order)

    assert (refused, len(shop.ledger.entries)) == ([True], 1)


def test_a_decline_leaves_the_order_to_be_paid(shop: Shop, order: str) -> None:
    shop.ledger.mood = "declines"
    with pytest.raises(PaymentDeclined):
        pay(shop, order)
    [seen] = shop.orders()
    assert (seen.status, seen.paying, (seen.last_error or {})["decline_code"]) == ("pending", None, "generic_decline")

    assert pay(shop, order).last_error is None


def test_a_token_is_kept_and_charged(shop: Shop, jane: str, order: str) -> None:
    assert pay(shop, order, payment_token="tok_new").status == "paid"

    [entry] = shop.ledger.entries.values()
    assert "tok_new" in entry.wish.stored.reference


def test_the_same_token_and_key_pay_once(shop: Shop, order: str) -> None:
    pay(shop, order, key="k", payment_token="tok_new")

    with pytest.raises(Replayed) as again:
        pay(shop, order, key="k", payment_token="tok_new")

    assert again.value.answer.status == 200
    assert len(shop.ledger.entries) == 1


@pytest.mark.parametrize("mood", ["kills_before", "kills_after", "loses_answers"])
def test_a_payment_by_token_whose_answer_was_lost_is_finished_by_the_same_request(
    shop: Shop, order: str, mood: Mood
) -> None:
    shop.ledger.mood = mood
    if mood.startswith("kills"):
        with pytest.raises(Died):
            pay(shop, order, key="k", payment_token="tok_new")
    else:
        pay(shop, order, key="k", payment_token="tok_new")
    shop.now += ABANDONED

    assert pay(shop, order, key="k", payment_token="tok_new").status == "paid"
    assert [each.taken_minor for each in shop.ledger.entries.values()] == [1_000]


def test_a_busy_gateway_is_asked_again_with_the_method_that_was_kept(shop: Shop, order: str) -> None:
    shop.ledger.mood = "busy"
    with pytest.raises(RateLimited):
        pay(shop, order, key="k", payment_token="tok_new")

    assert pay(shop, order, key="k", payment_token="tok_new").status == "paid"
    assert [each.status for each in shop.payments()] == ["failed", "captured"]
    assert len({each.payment_method_id for each in shop.payments()}) == 1


def test_a_token_that_is_declined_is_declined_again(shop: Shop, order: str) -> None:
    shop.ledger.verifies = Declined("lost_card", "The card was declined")
    with pytest.raises(PaymentDeclined):
        pay(shop, order, key="k", payment_token="tok_new")

    with pytest.raises(Replayed) as again:
        pay(shop, order, key="k", payment_token="tok_new")

    assert (again.value.answer.status, "lost_card" in str(again.value.answer.body)) == (400, True)
    assert shop.ledger.entries == {}


def test_a_bank_debit_pays_when_it_has_settled(shop: Shop, order: str) -> None:
    shop.ledger.mood = "settles_later"
    pay(shop, order)
    with pytest.raises(Conflict):
        pay(shop, order)
    [entry] = shop.ledger.entries.values()

    inbound.act(shop.caller(), shop.ledger, shop.ledger.settle(entry, comes_in=True, event_id="evt_1"))
    assert [each.status for each in shop.orders()] == ["paid"]
    inbound.act(shop.caller(), shop.ledger, shop.ledger.settle(entry, comes_in=False, event_id="evt_2"))

    assert [each.status for each in shop.orders()] == ["pending"]


def test_a_deleted_customers_order_can_not_be_paid(shop: Shop, jane: str, order: str) -> None:
    shop.delete(jane)

    for fields in ({}, {"payment_token": "tok_new"}):
        with pytest.raises(CustomerDeleted):
            pay(shop, order, **fields)


def test_an_order_paid_while_its_customer_is_deleted_is_given_back(shop: Shop, jane: str, order: str) -> None:
    shop.ledger.meanwhile = lambda: shop.delete(jane)

    with pytest.raises(CustomerDeleted):
        pay(shop, order)

    [seen] = shop.orders()
    [entry] = shop.ledger.entries.values()
    assert (seen.status, seen.paying, entry.kept_minor) == ("pending", None, 0)
