"""Payment intents: confirmed, tried again, waited for, given up."""

from datetime import timedelta

import pytest

from billing.collection import charges, deletion, inbound, payment_intents
from billing.errors import (
    BillingError,
    Conflict,
    CustomerDeleted,
    IdempotencyInProgress,
    InvalidFields,
    MalformedRequest,
    NotFound,
    PaymentDeclined,
    RateLimited,
    Unavailable,
)
from billing.gateway import Card, Refused, Told
from billing.payments.models import PaymentIntent
from billing.payments.requests import IntentCancellation, IntentCapture
from billing.tenancy import Replayed
from billing.wire import refuse
from tests.unit.collection.ledger import Entry, Mood
from tests.unit.collection.shop import Shop
from tests.unit.gateway.scripted import ABANDONED, Died


def cancel(shop: Shop, intent: PaymentIntent, key: str | None = None) -> PaymentIntent:
    return payment_intents.cancel(shop.caller(key), intent.id, IntentCancellation(cancellation_reason="abandoned"))


def capture(shop: Shop, intent: PaymentIntent, amount: int | None = None) -> PaymentIntent:
    return payment_intents.capture(shop.caller(), intent.id, IntentCapture(amount_to_capture=amount))


def entries(shop: Shop, intent: PaymentIntent) -> list[Entry]:
    return shop.ledger.of_payment(shop.payment(intent.id).id)


def waiting(shop: Shop, customer: str) -> PaymentIntent:
    """Return a payment intent whose payer must act."""
    intent = shop.intend(customer)
    shop.ledger.mood = "asks_payer"
    return shop.confirm(intent)


def told_in_vain(shop: Shop, told: Told) -> None:
    """Have the gateway tell something that it must tell again."""
    with pytest.raises(Unavailable):
        inbound.act(shop.caller(), shop.ledger, told)


# what it is charged to


def test_nothing_is_charged_before_it_is_confirmed(shop: Shop, jane: str) -> None:
    intent = shop.intend(jane)

    assert (intent.status, intent.payment_method, shop.ledger.entries) == ("requires_payment_method", None, {})
    confirmed = shop.confirm(intent)
    assert (confirmed.status, confirmed.amount_received) == ("succeeded", 1_000)
    assert confirmed.payment_method is not None, "the customer's default"


def test_the_payment_method_that_is_named_last_is_charged(shop: Shop, jane: str) -> None:
    other, third = shop.card(jane, "tok_2"), shop.card(jane, "tok_3")
    intent = shop.intend(jane, payment_method=other)
    assert intent.status == "requires_confirmation"

    assert shop.confirm(shop.intend(jane, payment_method=other)).payment_method == other
    assert shop.confirm(intent, payment_method=third).payment_method == third
    assert [entry.wish.stored.reference for entry in entries(shop, intent)] == ["ref_Token(text='tok_3')"]


def test_somebody_elses_payment_method_is_nobodys(shop: Shop, jane: str) -> None:
    john = shop.customer("john@example.com")
    card = shop.card(john)

    for ask in (
        lambda: shop.intend(jane, payment_method=card),
        lambda: shop.confirm(shop.intend(jane), payment_method=card),
    ):
        with pytest.raises(NotFound):
            ask()
    assert shop.ledger.entries == {}


def test_who_has_no_payment_method_can_not_confirm(shop: Shop) -> None:
    intent = shop.intend(shop.customer())

    with pytest.raises(MalformedRequest) as caught:
        shop.confirm(intent)

    assert caught.value.param == "payment_method"


def test_a_card_that_has_expired_meanwhile_is_refused_by_name(shop: Shop) -> None:
    jane = shop.customer()
    shop.ledger.card = Card("visa", "0069", 2, 2026, "credit")
    intent = shop.intend(jane, payment_method=shop.card(jane))
    shop.now += timedelta(days=60)

    with pytest.raises(InvalidFields) as caught:
        shop.confirm(intent)

    assert caught.value.param == "payment_method"


def test_its_payer_is_there_to_be_asked(shop: Shop, jane: str) -> None:
    intent = shop.confirm(shop.intend(jane), return_url="https://shop.example/paid")

    [entry] = entries(shop, intent)
    assert (entry.wish.off_session, entry.wish.return_url) == (False, "https://shop.example/paid")


# again after a failure


def test_after_a_decline_another_card_can_be_tried(shop: Shop, jane: str) -> None:
    intent = shop.intend(jane)
    shop.ledger.mood = "declines"
    with pytest.raises(PaymentDeclined):
        shop.confirm(intent)
    assert shop.payment(intent.id).to_intent().status == "requires_payment_method"

    confirmed = shop.confirm(intent, payment_method=shop.card(jane, "tok_2"))

    assert (confirmed.status, confirmed.last_payment_error) == ("succeeded", None)
    assert [entry.taken_minor for entry in entries(shop, intent)] == [0, 1_000]


def test_a_late_word_on_the_first_attempt_says_nothing_of_the_second(shop: Shop, jane: str) -> None:
    intent = shop.intend(jane)
    shop.ledger.mood = "declines"
    with pytest.raises(PaymentDeclined):
        shop.confirm(intent)
    shop.confirm(intent)

    told = shop.ledger.fail_again(entries(shop, intent)[0], event_id="evt_late")
    inbound.act(shop.caller(), shop.ledger, told)

    assert (shop.payment(intent.id).status, shop.payment(intent.id).captured_minor) == ("captured", 1_000)


def test_what_the_gateway_was_too_busy_for_is_confirmed_as_before(shop: Shop, jane: str) -> None:
    intent = shop.intend(jane)
    shop.ledger.mood = "busy"
    with pytest.raises(RateLimited):
        shop.confirm(intent, key="k")

    assert shop.payment(intent.id).to_intent().status == "requires_confirmation"
    assert shop.confirm(intent, key="k").status == "succeeded"


def test_what_the_gateway_does_not_accept_is_named_as_payment_intents_do(
    shop: Shop, jane: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    refusal = Refused(refuse("payment_method_id", "is not accepted by the payment gateway"))
    monkeypatch.setattr(shop.ledger, "charge", lambda *_: refusal)

    with pytest.raises(InvalidFields) as caught:
        shop.confirm(shop.intend(jane))

    assert caught.value.param == "payment_method"


@pytest.mark.parametrize("mood", ["loses_answers", "kills_after"])
def test_a_confirmation_whose_answer_was_lost_is_looked_up(shop: Shop, jane: str, mood: Mood) -> None:
    intent = shop.intend(jane)
    shop.ledger.mood = mood
    if mood == "kills_after":
        with pytest.raises(Died):
            shop.confirm(intent, key="k")
        shop.now += ABANDONED
    else:
        assert shop.confirm(intent, key="k").status == "processing"

    assert shop.confirm(intent, key="k").status == "succeeded"
    with pytest.raises(Replayed):
        shop.confirm(intent, key="k")
    assert [entry.taken_minor for entry in entries(shop, intent)] == [1_000]


def test_a_confirmation_that_never_reached_the_gateway_can_be_made_again(shop: Shop, jane: str) -> None:
    intent = shop.intend(jane)
    shop.ledger.mood = "kills_before"
    with pytest.raises(Died):
        shop.confirm(intent)

    shop.reconcile()

    assert shop.payment(intent.id).to_intent().status == "requires_confirmation"
    assert shop.confirm(intent).status == "succeeded"


def test_one_confirmation_at_a_time(shop: Shop, jane: str) -> None:
    intent = shop.intend(jane)
    refusals: list[BillingError] = []

    def again() -> None:
        with pytest.raises(Conflict) as caught:
            shop.confirm(intent)
        refusals.append(caught.value)

    shop.ledger.meanwhile = again
    shop.confirm(intent)

    assert (len(refusals), len(shop.ledger.entries)) == (1, 1)


def test_what_a_charge_has_failed_at_is_charged_again_and_not_confirmed(shop: Shop, jane: str) -> None:
    shop.ledger.mood = "declines"
    with pytest.raises(PaymentDeclined):
        shop.charge(jane)
    [failed] = shop.payments()

    with pytest.raises(MalformedRequest):
        shop.confirm(failed.to_intent())


# the payer must act


def test_the_payers_bank_says_what_comes_of_it(shop: Shop, jane: str) -> None:
    intent = waiting(shop, jane)
    assert (intent.status, intent.next_action) == ("requires_action", {"type": "redirect_to_url"})
    with pytest.raises(MalformedRequest):
        shop.confirm(intent)

    [entry] = entries(shop, intent)
    inbound.act(shop.caller(), shop.ledger, shop.ledger.settle(entry, comes_in=True, event_id="evt_1"))

    assert shop.payment(intent.id).to_intent().status == "succeeded"


def test_a_payer_who_was_not_recognised_can_try_again(shop: Shop, jane: str) -> None:
    intent = waiting(shop, jane)
    [entry] = entries(shop, intent)
    inbound.act(shop.caller(), shop.ledger, shop.ledger.settle(entry, comes_in=False, event_id="evt_1"))

    assert shop.payment(intent.id).to_intent().status == "requires_payment_method"
    assert shop.confirm(intent).status == "succeeded"


# held money


def test_held_money_is_taken_in_part(shop: Shop, jane: str) -> None:
    intent = shop.confirm(shop.intend(jane, capture_method="manual"))
    assert (intent.status, intent.amount_capturable) == ("processing", 1_000)

    with pytest.raises(InvalidFields) as caught:
        capture(shop, intent, 1_001)
    assert caught.value.param == "amount_to_capture"
    taken = capture(shop, intent, 400)

    assert (taken.status, taken.amount_received, taken.amount_capturable) == ("succeeded", 400, 0)


# given up


def test_what_was_not_confirmed_is_given_up_without_the_gateway(shop: Shop, jane: str) -> None:
    intent = shop.intend(jane)

    gone = cancel(shop, intent, key="k")

    assert (gone.status, gone.cancellation_reason, shop.ledger.entries) == ("canceled", "abandoned", {})
    assert gone.canceled_at is not None
    with pytest.raises(Replayed):
        cancel(shop, intent, key="k")
    for ask in (lambda: cancel(shop, intent), lambda: shop.confirm(intent)):
        with pytest.raises(MalformedRequest):
            ask()


def test_held_money_is_let_go(shop: Shop, jane: str) -> None:
    intent = shop.confirm(shop.intend(jane, capture_method="manual"))

    gone = cancel(shop, intent)

    assert (gone.status, gone.cancellation_reason, entries(shop, intent)[0].is_let_go) == (
        "canceled",
        "abandoned",
        True,
    )


def test_a_payer_is_waited_for_no_longer(shop: Shop, jane: str) -> None:
    intent = waiting(shop, jane)

    gone = cancel(shop, intent)

    assert (gone.status, gone.next_action, entries(shop, intent)[0].is_let_go) == ("canceled", None, True)


def test_a_lost_cancellation_is_finished_by_the_same_request(shop: Shop, jane: str) -> None:
    intent = shop.confirm(shop.intend(jane, capture_method="manual"))
    shop.ledger.mood_for_changes = "kills_after"
    with pytest.raises(Died):
        cancel(shop, intent, key="k")
    with pytest.raises(IdempotencyInProgress):
        cancel(shop, intent, key="k")
    with pytest.raises(Conflict):
        cancel(shop, intent)
    shop.now += ABANDONED

    assert cancel(shop, intent, key="k").status == "canceled"


def test_the_payer_was_faster_than_the_cancellation(shop: Shop, jane: str) -> None:
    intent = waiting(shop, jane)
    [entry] = entries(shop, intent)
    told = shop.ledger.settle(entry, comes_in=True, event_id="evt_1")
    shop.ledger.meanwhile = lambda: told_in_vain(shop, told)

    with pytest.raises(MalformedRequest, match="it has come in"):
        cancel(shop, intent)
    inbound.act(shop.caller(), shop.ledger, told)

    assert shop.payment(intent.id).status == "captured"


def test_what_is_given_up_is_canceled_however_fast_the_gateway_tells_it(shop: Shop, jane: str) -> None:
    for intent in (waiting(shop, jane), shop.confirm(shop.intend(jane, capture_method="manual"))):
        told = shop.ledger.fail_again(entries(shop, intent)[0], event_id=f"evt_{intent.id}")
        shop.ledger.meanwhile = lambda it=told: told_in_vain(shop, it)  # type: ignore[misc]

        gone = cancel(shop, intent)
        inbound.act(shop.caller(), shop.ledger, told)

        assert (gone.status, shop.payment(intent.id).to_intent()) == ("canceled", gone)


# its customer is deleted


def test_a_deleted_customers_payment_intent_can_be_given_up_alone(shop: Shop, jane: str) -> None:
    intent = shop.intend(jane)
    shop.delete(jane)

    with pytest.raises(CustomerDeleted):
        shop.confirm(intent)
    with pytest.raises(CustomerDeleted):
        shop.intend(jane)

    assert cancel(shop, intent).status == "canceled"
    assert shop.ledger.entries == {}


def test_a_deleted_customer_is_not_waited_for(shop: Shop, jane: str) -> None:
    intent = waiting(shop, jane)
    shop.delete(jane)

    deletion.sweep(shop.caller(), jane)

    assert (shop.payment(intent.id).status, entries(shop, intent)[0].is_let_go) == ("voided", True)


def test_what_is_confirmed_while_its_customer_is_deleted_is_given_back(shop: Shop, jane: str) -> None:
    intent = shop.intend(jane)
    shop.ledger.meanwhile = lambda: shop.delete(jane)

    with pytest.raises(CustomerDeleted):
        shop.confirm(intent)

    assert (entries(shop, intent)[0].kept_minor, shop.payment(intent.id).refunded_minor) == (0, 1_000)


# the same payment as a charge


def test_a_payment_intent_is_given_back_as_the_charge_that_it_is(shop: Shop, jane: str) -> None:
    intent = shop.confirm(shop.intend(jane))

    charge = charges.refund(shop.caller(), shop.payment(intent.id).to_charge().id, charges.NewRefund())

    assert charge.status == "refunded"


def test_a_charge_is_captured_as_the_payment_intent_that_it_is(shop: Shop, jane: str) -> None:
    held = shop.charge(jane, capture=False)

    assert capture(shop, shop.payment(held.id).to_intent()).status == "succeeded"
