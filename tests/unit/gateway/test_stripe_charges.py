"""Charges by the Stripe gateway against localstripe, with answers lost on the way."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from billing import times
from billing.errors import GatewayNotConnected, InvalidFields, RateLimited
from billing.gateway import (
    Charged,
    ChargeOutcome,
    Declined,
    Done,
    PayerNeeded,
    Refused,
    Stored,
    Token,
    Unknown,
    Verified,
    Wish,
)
from billing.gateway.stripe import Stripe, opened
from tests.unit.gateway.local_stripe import KEY, LocalStripe

DECLINED_WHEN_CHARGED = "4000000000000341"
ASKS_THE_PAYER = "4000002760003184"


@pytest.fixture
def wish(gateway: Stripe, key: str) -> Wish:
    kept = gateway.verify(Token("pm_card_visa"), f"{key}:keep", usage="off_session", return_url=None)
    assert isinstance(kept, Verified)
    return Wish("pay_1", kept.stored, "card", 4900, "USD", "An order", "ORDER 1")


@pytest.fixture
def card(local: LocalStripe) -> Callable[[str], Stored]:
    def kept(number: str) -> Stored:
        owner = local.post("/v1/customers")["id"]
        method = local.card(number)
        local.post(f"/v1/payment_methods/{method}/attach", customer=owner)
        return Stored(method, owner)

    return kept


@pytest.fixture
def charge(gateway: Stripe, key: str) -> Callable[[Wish], ChargeOutcome]:
    return lambda wish: gateway.charge(wish, key)


@pytest.fixture
def look_up(gateway: Stripe, key: str) -> Callable[[Wish], ChargeOutcome | None]:
    return lambda wish: gateway.look_up_charge(wish, key, asked_at=times.now() - timedelta(minutes=1))


def only_intent(local: LocalStripe) -> dict[str, Any]:
    [intent] = local.all("payment_intents")
    return intent


def test_a_charge_takes_the_money_and_bears_our_payment_s_id(local, charge, wish):
    outcome = charge(wish)

    intent = only_intent(local)
    assert outcome == Charged(intent["id"])
    assert (intent["status"], intent["amount"], intent["currency"]) == ("succeeded", 4900, "usd")
    assert intent["metadata"] == {"billing_payment": "pay_1"}
    assert (intent["customer"], intent["payment_method"]) == (wish.stored.owner, wish.stored.reference)


def test_the_same_key_is_one_charge(local, charge, wish):
    assert charge(wish) == charge(wish)
    assert local.count("charges") == 1


def test_a_card_that_is_declined_when_it_is_charged(local, charge, look_up, wish, card):
    wish = replace(wish, stored=card(DECLINED_WHEN_CHARGED))
    declined = Declined("card_declined", "Your card was declined.")

    assert charge(wish) == declined
    assert look_up(wish) == declined
    assert charge(wish) == declined
    assert local.count("payment_intents") == 1


def test_a_payer_who_is_there_must_act(charge, look_up, wish, card):
    wish = replace(wish, stored=card(ASKS_THE_PAYER), off_session=False)

    outcome = charge(wish)

    assert isinstance(outcome, PayerNeeded)
    assert outcome.next_action["type"] == "use_stripe_sdk"
    assert look_up(wish) == outcome


def test_where_nobody_is_there_a_charge_that_asks_the_payer_is_declined(charge, look_up, wish, card):
    wish = replace(wish, stored=card(ASKS_THE_PAYER))

    outcome = charge(wish)

    assert isinstance(outcome, Declined)
    assert outcome.decline_code == "authentication_required"
    assert look_up(wish) == outcome


def test_a_charge_whose_answer_was_lost_is_found_and_never_made_twice(local, charge, look_up, wish):
    local.spoil("/confirm", "after")

    assert charge(wish) == Unknown()
    assert look_up(wish) == Charged(only_intent(local)["id"])
    assert local.count("charges") == 1
    assert charge(wish) == Charged(only_intent(local)["id"])
    assert local.count("charges") == 1


@pytest.mark.parametrize("spoiled", [("/confirm", "before"), ("/payment_intents", "after")])
def test_a_charge_that_never_came_about_is_known_not_to_have(local, charge, look_up, wish, spoiled):
    local.spoil(*spoiled)

    assert charge(wish) == Unknown()
    assert look_up(wish) is None
    assert local.count("charges") == 0
    assert charge(wish) == Charged(only_intent(local)["id"])
    assert local.count("charges") == 1


def test_a_charge_that_was_never_asked_for_is_known_not_to_have_been(local, look_up, wish):
    assert look_up(wish) is None
    assert local.count("charges") == 0


def test_too_many_requests_are_a_refusal_but_tell_nothing_when_looking(local, charge, look_up, wish):
    local.spoil("/confirm", "busy")
    outcome = charge(wish)

    assert isinstance(outcome, Refused)
    assert isinstance(outcome.error, RateLimited)
    local.spoil("/payment_intents", "busy")
    assert look_up(wish) == Unknown()


def test_credentials_that_are_refused_are_the_merchant_s(local, wish):
    stranger = opened("nothing", local.url)

    outcome = stranger.charge(wish, "key")

    assert isinstance(outcome, Refused)
    assert isinstance(outcome.error, GatewayNotConnected)
    assert stranger.look_up_charge(wish, "key", asked_at=times.now()) == Unknown()
    assert stranger.refund("pi_1", "re_1", 1, "USD", "key") == Unknown()


def test_a_method_that_the_gateway_does_not_have_is_refused_by_name(charge, look_up, wish):
    wish = replace(wish, stored=Stored("pm_gone", wish.stored.owner))

    outcome = charge(wish)

    assert isinstance(outcome, Refused)
    assert isinstance(outcome.error, InvalidFields)
    assert outcome.error.param == "payment_method_id"
    assert look_up(wish) is None


def test_a_gateway_that_is_not_there_gives_no_answer(wish):
    nobody = opened(KEY, "http://127.0.0.1:9")

    assert nobody.charge(wish, "key") == Unknown()
    assert nobody.look_up_charge(wish, "key", asked_at=times.now()) == Unknown()
    for outcome in (
        nobody.capture("pi_1", 1, "USD", "key"),
        nobody.void("pi_1", "key"),
        nobody.refund("pi_1", "re_1", 1, "USD", "key"),
    ):
        assert outcome == Unknown()


@pytest.fixture
def held(charge: Callable[[Wish], ChargeOutcome], wish: Wish) -> str:
    outcome = charge(replace(wish, capture=False))
    assert isinstance(outcome, Charged)
    return outcome.reference


def test_held_money_can_be_taken_in_part_once(local, gateway, held, key):
    assert only_intent(local)["status"] == "requires_capture"

    assert gateway.capture(held, 3000, "USD", key) == Done(held)
    assert only_intent(local)["status"] == "succeeded"
    assert gateway.capture(held, 3000, "USD", f"{key}:forgotten") == Done(held)
    other_amount = gateway.capture(held, 4900, "USD", f"{key}:other")
    assert isinstance(other_amount, Declined)


def test_a_capture_whose_answer_was_lost_is_done_when_asked_again(local, gateway, held, key):
    local.spoil("/capture", "after")

    assert gateway.capture(held, 4900, "USD", key) == Unknown()
    assert gateway.capture(held, 4900, "USD", key) == Done(held)


def test_held_money_can_be_let_go_once(local, gateway, held, key):
    local.spoil("/cancel", "after")

    assert gateway.void(held, key) == Unknown()
    assert gateway.void(held, key) == Done(held)
    assert gateway.void(held, f"{key}:forgotten") == Done(held)
    assert only_intent(local)["status"] == "canceled"


def test_what_was_taken_can_t_be_let_go(gateway, charge, wish, key):
    taken = charge(wish)

    assert isinstance(gateway.void(taken.reference, key), Declined)


def test_a_refund_is_given_back_once_even_when_its_key_is_forgotten(local, gateway, charge, wish, key):
    charged = charge(wish)
    local.spoil("/refunds", "after")

    assert gateway.refund(charged.reference, "re_1", 1000, "USD", key) == Unknown()
    again = gateway.refund(charged.reference, "re_1", 1000, "USD", f"{key}:forgotten")

    [refund] = local.all("refunds")
    assert again == Done(refund["id"])
    assert (refund["amount"], refund["metadata"]) == (1000, {"billing_refund": "re_1"})


def test_two_refunds_of_a_charge_are_two(local, gateway, charge, wish, key):
    charged = charge(wish)

    first = gateway.refund(charged.reference, "re_1", 1000, "USD", f"{key}:1")
    second = gateway.refund(charged.reference, "re_2", 1000, "USD", f"{key}:2")

    assert first != second
    assert local.count("refunds") == 2


def test_being_refused_tells_nothing_of_what_was_asked_before(local, gateway, wish, held, key):
    charged = gateway.charge(wish, f"{key}:2")

    local.spoil("/refunds", "busy")
    assert gateway.refund(charged.reference, "re_1", 1000, "USD", key) == Unknown()
    local.spoil("/capture", "busy")
    assert gateway.capture(held, 4900, "USD", key) == Unknown()
    local.spoil("/cancel", "busy")
    assert gateway.void(held, key) == Unknown()


def test_what_the_gateway_does_not_have_is_declined(gateway, key):
    for outcome in (
        gateway.capture("pi_gone", 1, "USD", key),
        gateway.void("pi_gone", key),
        gateway.refund("pi_gone", "re_1", 1, "USD", key),
    ):
        assert isinstance(outcome, Declined)
