"""The Stripe gateway against localstripe, with answers lost on the way."""

from collections.abc import Callable
from typing import Any

import pytest

from billing.errors import GatewayNotConnected, InvalidFields, RateLimited
from billing.gateway import ActionNeeded, Card, Declined, Outcome, Refused, Stored, Token, Unknown, Verified
from billing.gateway.stripe import Stripe, opened
from tests.unit.gateway.local_stripe import KEY

VISA = Card("visa", "4242", 12, 2030, "credit")


@pytest.fixture
def verify(gateway: Stripe, key: str) -> Callable[..., Outcome]:
    def ask(instrument: Any, under: str = key) -> Outcome:
        wanted = Token(instrument) if isinstance(instrument, str) else instrument
        return gateway.verify(wanted, under, usage="off_session", return_url=None)

    return ask


@pytest.fixture
def look_up(gateway: Stripe, key: str) -> Callable[[str], Outcome | None]:
    return lambda token: gateway.look_up(Token(token), key, usage="off_session")


def test_a_card_is_kept_for_a_customer_of_its_own(local, verify):
    outcome = verify("pm_card_visa")

    assert isinstance(outcome, Verified)
    assert outcome.details == VISA
    assert outcome.stored.reference.startswith("pm_")
    assert str(outcome.stored.owner).startswith("cus_")
    assert local.count("customers") == 1


def test_what_is_kept_can_be_verified_again_for_the_same_customer(local, verify):
    first = verify("pm_card_visa")

    assert verify(first.stored, under="another") == first
    assert local.count("customers") == 1


def test_the_same_key_is_one_verification(local, verify):
    card = local.card("4242424242424242")

    assert verify(card) == verify(card)
    assert local.count("setup_intents") == 1


def test_a_decline_has_its_code(verify):
    outcome = verify("pm_card_visa_chargeDeclined")

    assert outcome == Declined("card_declined", "Your card was declined.")


def test_a_payer_who_must_act_is_verified_when_that_is_done(local, verify):
    outcome = verify(local.card("4000002500003155"))

    assert isinstance(outcome, ActionNeeded)
    assert outcome.next_action["type"] == "use_stripe_sdk"
    assert isinstance(verify(outcome.verification), ActionNeeded)
    local.post(f"/v1/setup_intents/{outcome.verification.id}/confirm")  # as the payer's browser does afterwards
    done = verify(outcome.verification)
    assert isinstance(done, Verified)
    assert done.details.last4 == "3155"


def test_a_lost_answer_is_found_and_nothing_is_done_twice(local, verify, look_up):
    card = local.card("4242424242424242")
    local.spoil("/confirm", "after")

    assert verify(card) == Unknown()
    found = look_up(card)
    assert isinstance(found, Verified)
    assert found.details == VISA
    assert local.count("setup_intents") == 1


def test_a_request_that_never_arrived_is_known_not_to_have_happened(local, verify, look_up):
    card = local.card("4242424242424242")
    local.spoil("/confirm", "before")

    assert verify(card) == Unknown()
    assert look_up(card) is None
    assert isinstance(verify(card), Verified)
    assert local.count("setup_intents") == 1


def test_a_lost_first_step_is_as_harmless(local, verify, look_up):
    card = local.card("4242424242424242")
    local.spoil("/setup_intents", "after")

    assert verify(card) == Unknown()
    assert look_up(card) is None
    assert local.count("setup_intents") == 1


def test_too_many_requests_are_a_refusal_but_tell_nothing_when_looking(local, verify, look_up):
    local.spoil("/customers", "busy")
    outcome = verify("pm_card_visa")

    assert isinstance(outcome, Refused)
    assert isinstance(outcome.error, RateLimited)
    local.spoil("/customers", "busy")
    assert look_up("pm_card_visa") == Unknown()


def test_a_token_that_is_none_is_the_caller_s_mistake(verify):
    outcome = verify("pm_nonsense")

    assert isinstance(outcome, Refused)
    assert isinstance(outcome.error, InvalidFields)


def test_credentials_that_are_refused_are_the_merchant_s(local):
    stranger = opened("nothing", local.url)

    outcome = stranger.verify(Stored("pm_1", "cus_1"), "key", usage="off_session", return_url=None)

    assert isinstance(outcome, Refused)
    assert isinstance(outcome.error, GatewayNotConnected)


def test_a_gateway_that_is_not_there_gives_no_answer():
    nobody = opened(KEY, "http://127.0.0.1:9")

    assert nobody.verify(Token("pm_1"), "key", usage="off_session", return_url=None) == Unknown()
