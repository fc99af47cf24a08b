"""Paying invoices, by hand and by themselves."""

import pytest

from billing.collection import charges, inbound, recovery
from billing.customers import operations as customers
from billing.errors import (
    Conflict,
    CustomerDeleted,
    GatewayNotConnected,
    InvalidFields,
    MalformedRequest,
    PaymentDeclined,
)
from billing.gateway import Card
from billing.invoices.record import Record
from billing.payments.record import charge_id
from billing.payments.requests import NewRefund
from billing.tenancy import Replayed
from billing.times import iso
from tests.unit.collection.ledger import Entry, Mood
from tests.unit.collection.shop import Shop
from tests.unit.gateway.scripted import ABANDONED, Died


def newest(shop: Shop) -> Record:
    return shop.invoices()[-1]


def settle(shop: Shop, entry: Entry, event: str, *, comes_in: bool = True) -> None:
    inbound.act(shop.caller(), shop.ledger, shop.ledger.settle(entry, comes_in=comes_in, event_id=event))


def only_entry(shop: Shop) -> Entry:
    [entry] = shop.ledger.entries.values()
    return entry


# by hand


def test_an_invoice_is_paid_in_parts(shop: Shop, jane: str) -> None:
    invoice = shop.invoice(jane)

    assert shop.pay(invoice, amount_minor=400).status == "partially_paid"
    assert shop.pay(invoice, payment_method="cash", amount_minor=100).amount_due_minor == 500
    with pytest.raises(InvalidFields) as caught:
        shop.pay(invoice, amount_minor=501)
    assert caught.value.param == "amount_minor"
    assert shop.pay(invoice).status == "paid"
    with pytest.raises(MalformedRequest):
        shop.pay(invoice)

    assert [each.taken_minor for each in shop.ledger.entries.values()] == [400, 500]


@pytest.mark.parametrize("by_hand", [True, False])
def test_of_two_payments_at_once_one_is_made(shop: Shop, jane: str, by_hand: bool) -> None:
    invoice = shop.invoice(jane)
    refused: list[bool] = []

    def another() -> None:
        with pytest.raises(Conflict):
            shop.pay(invoice, **({"payment_method": "cash"} if by_hand else {}))
        refused.append(True)

    shop.ledger.meanwhile = another
    shop.pay(invoice)

    assert refused == [True]
    assert len(shop.payments()) == len(shop.ledger.entries) == 1


def test_the_same_key_pays_once(shop: Shop, jane: str) -> None:
    invoice = shop.invoice(jane)
    shop.pay(invoice, key="k", amount_minor=400)

    with pytest.raises(Replayed):
        shop.pay(invoice, key="k", amount_minor=400)

    assert newest(shop).amount_paid_minor == only_entry(shop).taken_minor == 400


@pytest.mark.parametrize(("mood", "status"), [("loses_answers", "paid"), ("kills_after", "paid"), ("deaf", "open")])
def test_an_invoice_whose_payment_was_lost_is_settled(shop: Shop, jane: str, mood: Mood, status: str) -> None:
    invoice = shop.invoice(jane)
    shop.ledger.mood = mood
    if mood == "kills_after":
        with pytest.raises(Died):
            shop.pay(invoice)
    else:
        assert shop.pay(invoice).payment_in_progress == shop.payments()[0].id
    with pytest.raises(Conflict):
        shop.pay(invoice)

    shop.reconcile()

    assert (newest(shop).status, newest(shop).paying) == (status, None)


def test_a_refund_shows_on_the_invoice(shop: Shop, jane: str) -> None:
    shop.pay(shop.invoice(jane))
    [payment] = shop.payments()

    charges.refund(shop.caller(), charge_id(payment.id), NewRefund(amount_minor=300))

    assert (newest(shop).status, newest(shop).amount_refunded_minor) == ("paid", 300)


def test_what_is_paid_while_the_customer_is_deleted_is_given_back(shop: Shop, jane: str) -> None:
    invoice = shop.invoice(jane)
    shop.ledger.meanwhile = lambda: shop.delete(jane)

    with pytest.raises(CustomerDeleted):
        shop.pay(invoice)

    assert (newest(shop).status, newest(shop).paying, newest(shop).amount_paid_minor) == ("open", None, 0)
    assert only_entry(shop).kept_minor == 0


def test_nothing_more_is_paid_for_a_deleted_customer(shop: Shop, jane: str) -> None:
    invoice = shop.invoice(jane)
    shop.delete(jane)

    for fields in ({}, {"payment_method": "cash"}):
        with pytest.raises(CustomerDeleted):
            shop.pay(invoice, **fields)


# bank debits


def test_a_debit_pays_when_it_has_settled(shop: Shop, jane: str) -> None:
    invoice = shop.invoice(jane)
    shop.ledger.mood = "settles_later"
    assert shop.pay(invoice).status == "open"
    with pytest.raises(Conflict):
        shop.pay(invoice)

    settle(shop, only_entry(shop), "evt_1")

    assert (newest(shop).status, newest(shop).paying) == ("paid", None)


def test_a_debit_that_is_returned_leaves_the_invoice_open(shop: Shop, jane: str) -> None:
    shop.ledger.mood = "settles_later"
    shop.pay(shop.invoice(jane))

    settle(shop, only_entry(shop), "evt_1", comes_in=False)

    assert (newest(shop).status, newest(shop).paying, newest(shop).amount_due_minor) == ("open", None, 1_000)
    assert shop.pay(newest(shop).id).status == "paid"


def test_a_debit_that_is_returned_after_settling_is_owed_again(shop: Shop, jane: str) -> None:
    shop.ledger.mood = "settles_later"
    shop.pay(shop.invoice(jane))
    settle(shop, only_entry(shop), "evt_1")

    settle(shop, only_entry(shop), "evt_2", comes_in=False)

    assert (newest(shop).status, newest(shop).amount_due_minor) == ("open", 1_000)
    [payment] = shop.payments()
    assert (payment.status, payment.captured_minor) == ("failed", 0)
    shop.pass_days(1)
    assert len(shop.ledger.entries) == 1, "nobody collects it again by itself"


def test_a_debit_that_settles_after_the_deletion_is_given_back(shop: Shop, jane: str) -> None:
    shop.ledger.mood = "settles_later"
    shop.pay(shop.invoice(jane))
    shop.delete(jane)

    settle(shop, only_entry(shop), "evt_1")

    assert (only_entry(shop).kept_minor, newest(shop).amount_paid_minor) == (0, 0)


def test_an_automatic_debit_that_is_returned_is_a_failed_attempt(shop: Shop, jane: str) -> None:
    shop.dunning([4])
    shop.ledger.mood = "settles_later"
    shop.subscribe(jane)
    shop.pass_days(0)
    shop.pass_days(2)

    settle(shop, only_entry(shop), "evt_1", comes_in=False)

    [subscription] = shop.subscriptions()
    assert (subscription.status, newest(shop).attempts) == ("past_due", 1)
    shop.pass_days(4)
    assert [each.status for each in shop.subscriptions()] == ["active"]


# by themselves


def fail(shop: Shop, days: float) -> None:
    shop.ledger.mood = "declines"
    shop.pass_days(days)


def attempted(shop: Shop) -> int:
    return len(shop.ledger.entries)


@pytest.mark.parametrize(
    ("final_action", "status"), [("cancel", "canceled"), ("pause", "paused"), ("leave_past_due", "past_due")]
)
def test_the_ladder_is_the_merchants_own(shop: Shop, jane: str, final_action: str, status: str) -> None:
    shop.dunning([2, 9], final_action)
    shop.subscribe(jane)

    fail(shop, 0)
    assert (attempted(shop), shop.subscriptions()[0].status, shop.subscriptions()[0].retry_count) == (1, "past_due", 1)
    fail(shop, 1.9)
    assert attempted(shop) == 1
    fail(shop, 0.1)
    assert (attempted(shop), shop.subscriptions()[0].retry_count) == (2, 2)
    fail(shop, 8.9)
    assert attempted(shop) == 2
    fail(shop, 0.1)

    assert (attempted(shop), [each.status for each in shop.subscriptions()]) == (3, [status])
    assert newest(shop).next_attempt_at is None
    shop.pass_days(60)
    assert attempted(shop) == 3


def test_an_attempt_that_comes_in_ends_dunning(shop: Shop, jane: str) -> None:
    shop.dunning([2, 9])
    shop.subscribe(jane)
    fail(shop, 0)

    shop.pass_days(2)

    [subscription] = shop.subscriptions()
    assert (subscription.status, subscription.dunning_since, newest(shop).status) == ("active", None, "paid")


def test_without_retries_the_first_failure_is_the_last(shop: Shop, jane: str) -> None:
    shop.dunning([])
    shop.subscribe(jane)

    fail(shop, 0)

    assert [each.status for each in shop.subscriptions()] == ["canceled"]


def test_paying_by_hand_ends_dunning(shop: Shop, jane: str) -> None:
    shop.subscribe(jane)
    fail(shop, 0)

    shop.pay(newest(shop).id, payment_method="cash")

    assert [each.status for each in shop.subscriptions()] == ["active"]


def test_a_failed_payment_by_hand_is_no_attempt(shop: Shop, jane: str) -> None:
    shop.subscribe(jane)
    fail(shop, 0)
    shop.ledger.mood = "declines"

    with pytest.raises(PaymentDeclined):
        shop.pay(newest(shop).id)

    assert newest(shop).attempts == 1


def test_a_busy_gateway_is_no_attempt_and_is_asked_again_soon(shop: Shop, jane: str) -> None:
    shop.subscribe(jane)
    shop.ledger.mood = "busy"
    shop.pass_days(0)
    assert (newest(shop).attempts, shop.subscriptions()[0].status) == (0, "active")

    shop.pass_days(11 / (24 * 60))

    assert newest(shop).status == "paid"


@pytest.mark.parametrize("mood", ["kills_before", "deaf"])
def test_an_attempt_that_was_never_made_is_made_later(shop: Shop, jane: str, mood: Mood) -> None:
    shop.subscribe(jane)
    shop.ledger.mood = mood
    if mood == "kills_before":
        with pytest.raises(Died):
            shop.pass_days(0)
    else:
        shop.pass_days(0)
    shop.reconcile()
    assert (attempted(shop), newest(shop).attempts) == (0, 0)

    shop.pass_days(1)

    assert (attempted(shop), newest(shop).status) == (1, "paid")


def test_an_attempt_whose_answer_was_lost_is_not_made_again(shop: Shop, jane: str) -> None:
    shop.subscribe(jane)
    shop.ledger.mood = "loses_answers"
    shop.pass_days(0)
    shop.pass_days(1)
    shop.reconcile()

    assert (attempted(shop), newest(shop).status) == (1, "paid")


def test_a_gateway_that_is_not_connected_is_a_failed_attempt(
    shop: Shop, jane: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def none(_: object) -> None:
        raise GatewayNotConnected("none")

    shop.subscribe(jane)
    monkeypatch.setattr("billing.collection.charging.gateway_of", none)

    shop.pass_days(0)

    assert (newest(shop).attempts, (newest(shop).last_error or {})["code"]) == (1, "gateway_not_connected")
    assert [each.status for each in shop.subscriptions()] == ["past_due"]


def test_nothing_to_charge_is_a_failed_attempt(shop: Shop) -> None:
    shop.subscribe(shop.customer())

    shop.pass_days(0)

    assert (newest(shop).attempts, (newest(shop).last_error or {})["code"]) == (1, "no_payment_method")


def test_an_invoice_of_a_deleted_customer_is_given_up(shop: Shop, jane: str) -> None:
    shop.invoice(jane, auto_charge=True)
    shop.delete(jane)

    shop.pass_days(1)

    assert (newest(shop).status, newest(shop).next_attempt_at, attempted(shop)) == ("open", None, 0)


def test_two_sweeps_at_once_make_one_attempt(shop: Shop, jane: str) -> None:
    shop.invoice(jane, auto_charge=True)
    shop.ledger.meanwhile = lambda: shop.pass_days(0)

    shop.pass_days(0)

    assert (attempted(shop), newest(shop).status) == (1, "paid")


# which method


def test_the_subscriptions_own_method_comes_before_the_default(shop: Shop, jane: str) -> None:
    other = shop.card(jane, "tok_2")
    shop.subscribe(jane, payment_method_id=other)

    shop.pass_days(0)

    assert shop.payments()[0].payment_method_id == other


def test_the_default_steps_in_for_a_method_that_has_expired(shop: Shop, jane: str) -> None:
    default = customers.read(shop.caller().tenant, jane).wallet.default
    shop.ledger.card = Card("visa", "0069", 1, 2026, "credit")
    shop.subscribe(jane, payment_method_id=shop.card(jane, "tok_2"))

    shop.pass_days(20)

    assert [each.payment_method_id for each in shop.payments()] == [default]


# recovery


def recover(shop: Shop, customer: str) -> int:
    since = iso(shop.now)
    shop.now += ABANDONED
    return recovery.retry(shop.caller(), customer, since=since)


def test_another_card_is_tried_at_once(shop: Shop, jane: str) -> None:
    shop.subscribe(jane)
    fail(shop, 0)
    shop.now += ABANDONED
    shop.card(jane, "tok_2", set_default=True)

    assert recover(shop, jane) == 1

    assert [each.status for each in shop.subscriptions()] == ["active"]
    assert "tok_2" in list(shop.ledger.entries.values())[-1].wish.stored.reference


def test_what_has_failed_with_the_new_card_is_not_tried_again(shop: Shop, jane: str) -> None:
    shop.subscribe(jane)
    since = iso(shop.now)
    fail(shop, 1)

    assert recovery.retry(shop.caller(), jane, since=since) == 0
    assert attempted(shop) == 1


def test_what_has_not_failed_is_left_to_its_time(shop: Shop, jane: str) -> None:
    shop.invoice(jane)
    shop.invoice(jane, auto_charge=True)

    assert recover(shop, jane) == 0
    assert attempted(shop) == 0


def test_what_was_given_up_with_its_subscription_is_not_tried_again(shop: Shop, jane: str) -> None:
    shop.dunning([])
    shop.subscribe(jane)
    fail(shop, 0)

    assert recover(shop, jane) == 0
    assert attempted(shop) == 1


def test_what_was_left_past_due_is_tried_with_another_card(shop: Shop, jane: str) -> None:
    shop.dunning([], "leave_past_due")
    shop.subscribe(jane)
    fail(shop, 0)

    assert recover(shop, jane) == 1
    assert [each.status for each in shop.subscriptions()] == ["active"]


def test_an_attempt_in_vain_is_another_step_of_the_ladder(shop: Shop, jane: str) -> None:
    shop.dunning([2, 9])
    shop.subscribe(jane)
    fail(shop, 0)
    shop.ledger.mood = "declines"

    recover(shop, jane)

    assert (newest(shop).attempts, shop.subscriptions()[0].retry_count) == (2, 2)


def test_nothing_is_tried_while_a_payment_is_under_way(shop: Shop, jane: str) -> None:
    shop.subscribe(jane)
    fail(shop, 0)
    shop.ledger.mood = "settles_later"
    shop.pay(newest(shop).id)

    assert recover(shop, jane) == 0
