"""Charging a customer, and what becomes of what was charged."""

from datetime import timedelta

import pytest

from billing.collection import charges, deletion
from billing.errors import (
    BillingError,
    Conflict,
    CustomerDeleted,
    IdempotencyConflict,
    IdempotencyInProgress,
    InvalidFields,
    MalformedRequest,
    NotFound,
    PaymentDeclined,
    RateLimited,
)
from billing.gateway import Card
from billing.payments.models import Charge
from billing.payments.requests import Capture, NewRefund
from billing.tenancy import Replayed
from tests.unit.collection.ledger import Mood
from tests.unit.collection.shop import Shop
from tests.unit.gateway.scripted import ABANDONED, Died

DAY = timedelta(days=1)


def refund(shop: Shop, charge: Charge, amount_minor: int | None = None, key: str | None = None) -> Charge:
    return charges.refund(shop.caller(key), charge.id, NewRefund(amount_minor=amount_minor))


def capture(shop: Shop, charge: Charge, amount_minor: int | None = None, key: str | None = None) -> Charge:
    return charges.capture(shop.caller(key), charge.id, Capture(amount_minor=amount_minor))


# the outcomes of a charge


@pytest.mark.parametrize(
    ("mood", "status", "stored"),
    [
        ("good", "succeeded", "captured"),
        ("settles_later", "pending", "pending"),
        ("loses_answers", "processing", "processing"),
        ("deaf", "processing", "processing"),
    ],
)
def test_a_charge_says_what_has_come_of_it(shop: Shop, jane: str, mood: Mood, status: str, stored: str) -> None:
    shop.ledger.mood = mood

    charge = shop.charge(jane)

    assert (charge.status, charge.amount_minor) == (status, 1_000)
    assert [each.status for each in shop.payments()] == [stored]


def test_a_decline_is_written_down(shop: Shop, jane: str) -> None:
    shop.ledger.mood = "declines"

    with pytest.raises(PaymentDeclined) as caught:
        shop.charge(jane)

    [payment] = shop.payments()
    assert caught.value.details["payment_id"] == payment.id
    assert caught.value.details["decline_code"] == "generic_decline"
    assert (payment.status, payment.captured_minor, payment.work) == ("failed", 0, None)


def test_money_can_be_held(shop: Shop, jane: str) -> None:
    charge = shop.charge(jane, capture=False)

    assert (shop.payment(charge.id).status, shop.entry(charge.id).taken_minor) == ("authorized", 0)


@pytest.mark.parametrize(
    ("mood", "status", "taken"),
    [("loses_answers", "captured", 1_000), ("deaf", "failed", 0), ("kills_after", "captured", 1_000)],
)
def test_a_lost_answer_is_looked_up(shop: Shop, jane: str, mood: Mood, status: str, taken: int) -> None:
    shop.ledger.mood = mood
    if mood == "kills_after":
        with pytest.raises(Died):
            shop.charge(jane)
    else:
        shop.charge(jane)

    shop.reconcile()

    [payment] = shop.payments()
    assert (payment.status, payment.captured_minor, payment.work) == (status, taken, None)
    assert sum(each.taken_minor for each in shop.ledger.entries.values()) == taken
    assert shop.reconcile() == []


def test_reconciliation_never_starts_a_charge(shop: Shop, jane: str) -> None:
    shop.ledger.mood = "kills_before"
    with pytest.raises(Died):
        shop.charge(jane)

    [looked_at] = shop.reconcile()

    payment = shop.payment(looked_at)
    assert payment.failure is not None
    assert (payment.status, payment.failure.code, shop.ledger.entries) == ("failed", "not_attempted", {})


def test_a_living_request_is_left_alone(shop: Shop, jane: str) -> None:
    looked_at: list[list[str]] = []
    shop.ledger.meanwhile = lambda: looked_at.append(shop.reconcile(later=timedelta()))

    shop.charge(jane)

    assert (looked_at, [each.status for each in shop.payments()]) == ([[]], ["captured"])


# the same request again


def test_the_same_key_is_answered_the_same(shop: Shop, jane: str) -> None:
    first = shop.charge(jane, key="k")

    with pytest.raises(Replayed) as again:
        shop.charge(jane, key="k")

    assert first.id in str(again.value.answer.body)
    assert len(shop.ledger.entries) == 1


def test_the_same_key_repeats_a_decline(shop: Shop, jane: str) -> None:
    shop.ledger.mood = "declines"
    with pytest.raises(PaymentDeclined):
        shop.charge(jane, key="k")

    with pytest.raises(Replayed) as again:
        shop.charge(jane, key="k")

    assert again.value.answer.status == 400
    assert len(shop.ledger.entries) == 1


@pytest.mark.parametrize("mood", ["good", "loses_answers"])
def test_the_same_key_with_another_amount_is_a_conflict(shop: Shop, jane: str, mood: Mood) -> None:
    shop.ledger.mood = mood
    shop.charge(jane, key="k")

    with pytest.raises(IdempotencyConflict):
        shop.charge(jane, 2_000, key="k")

    assert len(shop.ledger.entries) == 1


def test_the_same_key_while_the_first_request_runs(shop: Shop, jane: str) -> None:
    refusals: list[BillingError] = []

    def again() -> None:
        with pytest.raises(IdempotencyInProgress) as caught:
            shop.charge(jane, key="k")
        refusals.append(caught.value)

    shop.ledger.meanwhile = again
    shop.charge(jane, key="k")

    assert (len(refusals), len(shop.ledger.entries)) == (1, 1)


@pytest.mark.parametrize("mood", ["kills_before", "kills_after"])
def test_a_request_that_died_is_finished_by_the_same_request(shop: Shop, jane: str, mood: Mood) -> None:
    shop.ledger.mood = mood
    with pytest.raises(Died):
        shop.charge(jane, key="k")
    with pytest.raises(IdempotencyInProgress):
        shop.charge(jane, key="k")
    shop.now += ABANDONED

    assert shop.charge(jane, key="k").status == "succeeded"
    assert [each.taken_minor for each in shop.ledger.entries.values()] == [1_000]
    assert len(shop.payments()) == 1


def test_a_key_means_another_charge_a_day_later(shop: Shop, jane: str) -> None:
    first = shop.charge(jane, key="k")
    shop.now += DAY + timedelta(minutes=1)

    second = shop.charge(jane, key="k")

    assert first.id != second.id
    assert [each.taken_minor for each in shop.ledger.entries.values()] == [1_000, 1_000]


def test_what_was_refused_is_judged_afresh(shop: Shop, jane: str) -> None:
    shop.ledger.mood = "busy"
    with pytest.raises(RateLimited):
        shop.charge(jane, key="k")

    assert shop.charge(jane, key="k").status == "succeeded"
    assert [each.status for each in shop.payments()] == ["failed", "captured"]


def test_without_a_key_each_request_is_a_wish_of_its_own(shop: Shop, jane: str) -> None:
    assert shop.charge(jane).id != shop.charge(jane).id
    assert len(shop.ledger.entries) == 2


# whom and what to charge


def test_somebody_without_a_payment_method_can_not_be_charged(shop: Shop) -> None:
    with pytest.raises(MalformedRequest) as caught:
        shop.charge(shop.customer())

    assert caught.value.param == "payment_method_id"


def test_a_card_that_has_expired_can_not_be_charged(shop: Shop) -> None:
    jane = shop.customer()
    shop.ledger.card = Card("visa", "0069", 2, 2026, "credit")
    card = shop.card(jane)
    shop.now += timedelta(days=60)

    with pytest.raises(InvalidFields) as caught:
        shop.charge(jane, payment_method_id=card)
    assert caught.value.param == "payment_method_id"
    with pytest.raises(MalformedRequest):
        shop.charge(jane)
    assert shop.payments() == []


def test_another_customers_card_is_nobodys(shop: Shop, jane: str) -> None:
    john = shop.customer("john@example.com")
    of_jane = shop.card(jane)

    with pytest.raises(NotFound):
        shop.charge(john, payment_method_id=of_jane)


def test_the_card_that_is_named_is_charged(shop: Shop, jane: str) -> None:
    other = shop.card(jane, "tok_2")

    charge = shop.charge(jane, payment_method_id=other)

    assert shop.payment(charge.id).payment_method_id == other
    assert "tok_2" in shop.entry(charge.id).wish.stored.reference


# capture and void


def test_less_than_what_is_held_can_be_taken(shop: Shop, jane: str) -> None:
    held = shop.charge(jane, capture=False)

    assert capture(shop, held, 400).status == "succeeded"

    assert (shop.entry(held.id).taken_minor, shop.payment(held.id).captured_minor) == (400, 400)
    with pytest.raises(MalformedRequest):
        capture(shop, held)


def test_no_more_can_be_taken_than_is_held(shop: Shop, jane: str) -> None:
    held = shop.charge(jane, capture=False)

    with pytest.raises(InvalidFields) as caught:
        capture(shop, held, 1_001)

    assert caught.value.param == "amount_minor"


def test_what_is_held_can_be_let_go_once(shop: Shop, jane: str) -> None:
    held = shop.charge(jane, capture=False)

    assert charges.void(shop.caller(), held.id).status == "voided"

    assert shop.entry(held.id).is_let_go
    for ask in (lambda: charges.void(shop.caller(), held.id), lambda: capture(shop, held)):
        with pytest.raises(MalformedRequest):
            ask()


def test_what_was_taken_can_not_be_let_go(shop: Shop, jane: str) -> None:
    taken = shop.charge(jane)

    with pytest.raises(MalformedRequest):
        charges.void(shop.caller(), taken.id)


def test_a_declined_capture_leaves_the_money_held(shop: Shop, jane: str) -> None:
    held = shop.charge(jane, capture=False)
    shop.ledger.mood_for_changes = "declines"

    with pytest.raises(MalformedRequest):
        capture(shop, held)

    assert (shop.payment(held.id).status, shop.payment(held.id).work) == ("authorized", None)


@pytest.mark.parametrize("mood", ["loses_answers", "deaf"])
def test_a_lost_capture_is_finished(shop: Shop, jane: str, mood: Mood) -> None:
    held = shop.charge(jane, capture=False)
    shop.ledger.mood_for_changes = mood
    capture(shop, held, 700)

    shop.reconcile()

    assert (shop.payment(held.id).captured_minor, shop.entry(held.id).taken_minor) == (700, 700)


def test_a_deleted_customers_held_money_can_not_be_taken_and_is_let_go(shop: Shop, jane: str) -> None:
    held = shop.charge(jane, capture=False)
    shop.delete(jane)

    with pytest.raises(CustomerDeleted):
        capture(shop, held)
    deletion.sweep(shop.caller(), jane)

    assert shop.entry(held.id).is_let_go
    assert shop.payment(held.id).status == "voided"


def test_what_is_taken_while_its_customer_is_deleted_is_given_back(shop: Shop, jane: str) -> None:
    held = shop.charge(jane, capture=False)
    shop.ledger.meanwhile = lambda: shop.delete(jane)

    with pytest.raises(CustomerDeleted):
        capture(shop, held)

    assert (shop.entry(held.id).taken_minor, shop.entry(held.id).kept_minor) == (1_000, 0)
    assert shop.payment(held.id).refunded_minor == 1_000


def test_a_capture_that_is_declined_while_its_customer_is_deleted_lets_the_money_go(shop: Shop, jane: str) -> None:
    held = shop.charge(jane, capture=False)
    shop.ledger.mood_for_changes = "declines"
    shop.ledger.meanwhile = lambda: shop.delete(jane)

    with pytest.raises(CustomerDeleted):
        capture(shop, held)

    assert (shop.entry(held.id).is_let_go, shop.payment(held.id).status) == (True, "voided")


# refunds


def test_parts_can_be_given_back_until_nothing_is_left(shop: Shop, jane: str) -> None:
    charge = shop.charge(jane)

    assert refund(shop, charge, 300).status == "partially_refunded"
    with pytest.raises(InvalidFields) as caught:
        refund(shop, charge, 701)
    assert caught.value.param == "amount_minor"
    assert refund(shop, charge).status == "refunded"
    with pytest.raises(MalformedRequest):
        refund(shop, charge)

    assert (shop.entry(charge.id).given_back_minor, len(shop.ledger.refunds)) == (1_000, 2)


def test_what_was_not_taken_can_not_be_given_back(shop: Shop, jane: str) -> None:
    shop.ledger.mood = "settles_later"
    pending = shop.charge(jane)

    for charge in (pending, shop.charge(jane, capture=False)):
        with pytest.raises(MalformedRequest):
            refund(shop, charge)


def test_one_thing_at_a_time_is_asked_about_a_charge(shop: Shop, jane: str) -> None:
    charge = shop.charge(jane)
    refusals: list[BillingError] = []

    def another() -> None:
        with pytest.raises(Conflict) as caught:
            refund(shop, charge, 100)
        refusals.append(caught.value)

    shop.ledger.meanwhile = another
    refund(shop, charge, 600)

    assert (len(refusals), shop.entry(charge.id).given_back_minor) == (1, 600)


def test_the_same_refund_is_given_once(shop: Shop, jane: str) -> None:
    charge = shop.charge(jane)
    refund(shop, charge, 300, key="r")

    with pytest.raises(Replayed):
        refund(shop, charge, 300, key="r")

    assert shop.entry(charge.id).given_back_minor == 300


@pytest.mark.parametrize("mood", ["loses_answers", "deaf", "kills_before", "kills_after"])
def test_a_lost_refund_is_finished_and_given_once(shop: Shop, jane: str, mood: Mood) -> None:
    charge = shop.charge(jane)
    shop.ledger.mood_for_changes = mood
    if mood.startswith("kills"):
        with pytest.raises(Died):
            refund(shop, charge, 300)
    else:
        refund(shop, charge, 300)

    shop.reconcile()

    assert (shop.payment(charge.id).refunded_minor, shop.entry(charge.id).given_back_minor) == (300, 300)
    assert [each.status for each in shop.payment(charge.id).refunds] == ["succeeded"]


def test_a_refund_whose_answer_was_lost_has_not_failed_because_a_look_is_refused(shop: Shop, jane: str) -> None:
    charge = shop.charge(jane)
    shop.ledger.mood_for_changes = "loses_answers"
    refund(shop, charge, 300)
    shop.ledger.mood_for_changes = "busy"

    shop.reconcile()
    assert [each.status for each in shop.payment(charge.id).refunds] == ["pending"]
    shop.reconcile()

    assert [each.status for each in shop.payment(charge.id).refunds] == ["succeeded"]
    assert shop.entry(charge.id).given_back_minor == 300


def test_a_refused_refund_counts_for_nothing(shop: Shop, jane: str) -> None:
    charge = shop.charge(jane)
    shop.ledger.mood_for_changes = "busy"

    with pytest.raises(RateLimited):
        refund(shop, charge, 300, key="r")

    assert refund(shop, charge, 1_000, key="s").status == "refunded"
    assert shop.entry(charge.id).given_back_minor == 1_000


def test_a_deleted_customer_can_be_given_back_to(shop: Shop, jane: str) -> None:
    charge = shop.charge(jane)
    shop.delete(jane)

    assert refund(shop, charge).status == "refunded"
    assert shop.entry(charge.id).kept_minor == 0


# deletion while the gateway is asked


@pytest.mark.parametrize("capture", [True, False])
def test_what_is_charged_while_its_customer_is_deleted_is_undone(shop: Shop, jane: str, capture: bool) -> None:
    shop.ledger.meanwhile = lambda: shop.delete(jane)

    with pytest.raises(CustomerDeleted):
        shop.charge(jane, capture=capture)

    [payment] = shop.payments()
    assert shop.entry(payment.id).kept_minor == 0
    assert shop.entry(payment.id).is_let_go is not capture
    assert (payment.status, payment.refunded_minor) == (("captured", 1_000) if capture else ("voided", 0))


@pytest.mark.parametrize("mood", ["busy", "loses_answers", "deaf"])
def test_giving_back_goes_on_until_it_is_done(shop: Shop, jane: str, mood: Mood) -> None:
    shop.ledger.meanwhile = lambda: shop.delete(jane)
    shop.ledger.mood_for_changes = mood
    with pytest.raises(CustomerDeleted):
        shop.charge(jane)

    shop.reconcile()

    [payment] = shop.payments()
    assert (shop.entry(payment.id).kept_minor, payment.refunded_minor, payment.work) == (0, 1_000, None)


def test_an_answer_that_was_lost_before_the_deletion_is_given_back(shop: Shop, jane: str) -> None:
    shop.ledger.mood = "loses_answers"
    charge = shop.charge(jane)
    shop.delete(jane)

    shop.reconcile()

    assert (shop.entry(charge.id).kept_minor, shop.payment(charge.id).refunded_minor) == (0, 1_000)
