"""What the Stripe gateway makes of every answer that there can be, from a server that gives them."""

import logging
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from billing import times
from billing.errors import InvalidFields, RateLimited
from billing.gateway import (
    Charged,
    ChargeOutcome,
    Declined,
    Done,
    PayerNeeded,
    Refused,
    Settling,
    Stored,
    Unknown,
    Wish,
    stripe,
)
from billing.gateway.stripe import Stripe, opened
from billing.gateway.stripe_amounts import from_stripe, to_stripe
from tests.unit.gateway.scripted_stripe import ScriptedStripe, scripted_stripe

WISH = Wish("pay_1", Stored("pm_1", "cus_1"), "card", 4900, "USD", "An order", "ORDER 1")
MADE, CONFIRM = "POST /v1/payment_intents", "POST /v1/payment_intents/pi_1/confirm"
READ, LIST = "GET /v1/payment_intents/pi_1", "GET /v1/payment_intents"
REFUNDS = "GET /v1/refunds", "POST /v1/refunds"


def intent(status: str = "requires_confirmation", id: str = "pi_1", **fields: Any) -> dict[str, Any]:  # noqa: A002
    known = {"created": 1767225600, "metadata": {"billing_payment": "pay_1"}, "next_action": None}
    return {"id": id, "object": "payment_intent", "status": status, **known, **fields}


def refund(status: str, our_id: str = "re_ours", **fields: Any) -> dict[str, Any]:
    return {"id": "re_1", "object": "refund", "status": status, "metadata": {"billing_refund": our_id}, **fields}


def listed(*objects: dict[str, Any], has_more: bool = False) -> dict[str, Any]:
    return {"object": "list", "url": "/v1/payment_intents", "data": list(objects), "has_more": has_more}


@pytest.fixture
def server() -> Iterator[ScriptedStripe]:
    with scripted_stripe() as scripted:
        yield scripted


@pytest.fixture
def gateway(server: ScriptedStripe) -> Stripe:
    return opened("sk_live_ours", server.url)


@pytest.fixture
def look_up(gateway: Stripe) -> Callable[[timedelta], ChargeOutcome | None]:
    return lambda ago: gateway.look_up_charge(WISH, "key", asked_at=times.now() - ago)


RECENTLY, LONG_AGO = timedelta(minutes=1), timedelta(hours=30)


def test_a_charge_is_made_and_then_confirmed_under_keys_of_its_own(server, gateway):
    server.then(intent()).then(intent("succeeded"))

    assert gateway.charge(WISH, "key") == Charged("pi_1")

    made, confirmed = server.asked
    assert (made.what, made.key) == (MADE, "key:intent")
    assert made.fields == {
        "amount": "4900",
        "currency": "usd",
        "customer": "cus_1",
        "payment_method": "pm_1",
        "allowed_payment_method_types[0]": "card",
        "capture_method": "automatic",
        "metadata[billing_payment]": "pay_1",
        "description": "An order",
        "statement_descriptor_suffix": "ORDER 1",
    }
    assert (confirmed.what, confirmed.key) == (CONFIRM, "key:confirm")
    assert confirmed.fields == {"off_session": "true"}


def test_an_account_is_debited_with_the_whole_descriptor_and_settles_later(server, gateway):
    server.then(intent()).then(intent("processing"))

    assert gateway.charge(replace(WISH, kind="us_bank_account"), "key") == Settling("pi_1")

    assert server.asked[0].fields["allowed_payment_method_types[0]"] == "us_bank_account"
    assert server.asked[0].fields["statement_descriptor"] == "ORDER 1"
    assert "statement_descriptor_suffix" not in server.asked[0].fields


def test_a_payer_who_is_there_is_sent_where_the_gateway_says(server, gateway):
    action = {"type": "redirect_to_url", "redirect_to_url": {"url": "https://example.com/3ds"}}
    server.then(intent()).then(intent("requires_action", next_action=action))

    outcome = gateway.charge(replace(WISH, off_session=False, return_url="https://example.com/back"), "key")

    assert outcome == PayerNeeded("pi_1", action)
    assert server.asked[1].fields == {"off_session": "false", "return_url": "https://example.com/back"}


STATES = [
    (intent("succeeded"), Charged("pi_1")),
    (intent("requires_capture"), Charged("pi_1")),
    (intent("processing"), Settling("pi_1")),
    (intent("requires_action"), Declined("authentication_required", "The payer must authenticate this payment")),
    (intent("canceled"), Declined("canceled", "The payment was canceled at the gateway")),
    (
        intent("requires_payment_method", last_payment_error={"decline_code": "lost_card", "message": "Lost"}),
        Declined("lost_card", "Lost"),
    ),
    (intent("requires_payment_method", last_payment_error=None), None),
    (intent("requires_confirmation"), None),
]


@pytest.mark.parametrize(("state", "outcome"), STATES)
def test_what_a_charge_has_become_is_read_by_its_key_and_nothing_is_confirmed(server, look_up, state, outcome):
    server.then(intent()).then(state)

    assert look_up(RECENTLY) == outcome
    assert server.what == [MADE, READ]
    assert server.asked[0].key == "key:intent"


@pytest.mark.parametrize(("state", "outcome"), STATES)
def test_when_the_key_is_forgotten_it_is_found_by_the_payment_s_id(server, look_up, state, outcome):
    other = intent("succeeded", "pi_2", metadata={"billing_payment": "pay_2"})
    server.then(listed(other, intent("succeeded", "pi_3", metadata={}), state))

    assert look_up(LONG_AGO) == outcome
    assert server.what == [LIST]
    asked = server.asked[0].fields
    assert asked["customer"] == "cus_1"
    earliest = (times.now() - LONG_AGO - timedelta(hours=1)).timestamp()
    assert abs(int(asked["created[gte]"]) - earliest) < 60


def test_all_pages_are_looked_through(server, look_up):
    other = intent("succeeded", "pi_2", metadata={"billing_payment": "pay_2"})
    server.then(listed(other, has_more=True)).then(listed(intent("succeeded")))

    assert look_up(LONG_AGO) == Charged("pi_1")
    assert server.asked[1].fields["starting_after"] == "pi_2"


def test_of_two_intents_of_one_payment_the_one_that_took_money_counts(server, look_up):
    server.then(listed(intent("requires_confirmation", "pi_9"), intent("canceled", "pi_8"), intent("succeeded")))

    assert look_up(LONG_AGO) == Charged("pi_1")


def test_what_was_never_asked_for_is_known_not_to_have_been(server, look_up):
    server.then(listed())

    assert look_up(LONG_AGO) is None


def test_a_charge_whose_making_was_refused_is_known_not_to_have_been(server, look_up):
    server.refuses(400, code="resource_missing", param="payment_method")

    assert look_up(RECENTLY) is None


@pytest.mark.parametrize(
    ("error", "outcome"),
    [
        ({"code": "card_declined", "decline_code": "insufficient_funds"}, "insufficient_funds"),
        ({"code": "expired_card"}, "expired_card"),
        ({"code": "authentication_required", "decline_code": "do_not_honor"}, "authentication_required"),
        ({}, "generic_decline"),
    ],
)
def test_a_decline_has_the_issuer_s_reason(server, gateway, error, outcome):
    server.then(intent()).refuses(402, **error, type="card_error")

    assert gateway.charge(WISH, "key") == Declined(outcome, "No")


NO_ANSWERS: list[Callable[[ScriptedStripe], Any]] = [
    lambda server: server.is_silent("hang"),
    lambda server: server.is_silent(),
    lambda server: server.then({"error": {"message": "broken"}}, 500),
    lambda server: server.then({"error": {"message": "broken"}}, 503),
    lambda server: server.then("not an object", 502),
    lambda server: server.refuses(409, code="idempotency_key_in_use"),
    lambda server: server.refuses(400, type="idempotency_error"),
    lambda server: server.refuses(429, code="lock_timeout"),
]
QUICK = NO_ANSWERS[1:]


@pytest.mark.parametrize("no_answer", NO_ANSWERS)
@pytest.mark.parametrize("steps_before", [0, 1])
def test_whatever_is_no_answer_is_unknown_and_found_by_looking(server, monkeypatch, no_answer, steps_before):
    monkeypatch.setattr(stripe, "TIMEOUT_SECONDS", 0.2)
    gateway = opened(f"sk_{server.url}", server.url)
    for _ in range(steps_before):
        server.then(intent())
    no_answer(server)

    assert gateway.charge(WISH, "key") == Unknown()

    asked_before = len(server.asked)
    server.then(intent()).then(intent("succeeded"))
    assert gateway.look_up_charge(WISH, "key", asked_at=times.now()) == Charged("pi_1")
    assert not any("confirm" in each for each in server.what[asked_before:])


@pytest.mark.parametrize("ago", [RECENTLY, LONG_AGO])
@pytest.mark.parametrize("answer", [*QUICK, lambda server: server.refuses(429), lambda server: server.refuses(401)])
def test_a_look_that_is_not_answered_tells_nothing(server, look_up, answer, ago):
    answer(server)

    assert look_up(ago) == Unknown()


def test_a_charge_that_stripe_says_was_confirmed_before_is_read(server, gateway):
    server.then(intent()).refuses(400, code="payment_intent_unexpected_state").then(intent("succeeded"))

    assert gateway.charge(WISH, "key") == Charged("pi_1")
    assert server.what == [MADE, CONFIRM, READ]


def test_a_confirmation_that_is_no_state_at_all_is_unknown(server, gateway):
    server.then(intent()).then(intent("requires_confirmation"))

    assert gateway.charge(WISH, "key") == Unknown()


@pytest.mark.parametrize(
    ("their_name", "our_name"),
    [
        ("amount", "amount_minor"),
        ("currency", "currency"),
        ("payment_method", "payment_method_id"),
        ("statement_descriptor", "statement_descriptor"),
        ("statement_descriptor_suffix", "statement_descriptor"),
    ],
)
def test_what_is_not_accepted_is_named_in_the_caller_s_terms(server, gateway, their_name, our_name):
    server.refuses(400, code="amount_too_small", param=their_name)

    outcome = gateway.charge(WISH, "key")

    assert isinstance(outcome, Refused)
    assert outcome.error.param == our_name
    assert "amount_too_small" in outcome.error.message


def test_too_many_requests_are_a_refusal(server, gateway):
    server.then(intent()).refuses(429)

    outcome = gateway.charge(WISH, "key")

    assert isinstance(outcome, Refused)
    assert isinstance(outcome.error, RateLimited)


def test_the_security_code_becomes_a_token_and_is_seen_by_nobody_else(server, gateway, caplog):
    wish = replace(WISH, off_session=False, cvv="737")
    server.then(intent()).then({"id": "cvctok_1", "object": "token"}).then(intent("succeeded"))

    with caplog.at_level(logging.DEBUG):
        assert gateway.charge(wish, "key") == Charged("pi_1")

    made, token, confirmed = server.asked
    assert (token.what, token.fields, token.key) == ("POST /v1/tokens", {"cvc_update[cvc]": "737"}, "key:cvc")
    assert confirmed.fields["payment_method_options[card][cvc_token]"] == "cvctok_1"
    assert "737" not in f"{made} {confirmed} {caplog.text} {wish!r}"


def test_a_wrong_security_code_is_named(server, gateway):
    server.then(intent()).refuses(400, code="invalid_cvc", param="cvc_update[cvc]")

    outcome = gateway.charge(replace(WISH, off_session=False, cvv="7"), "key")

    assert isinstance(outcome, Refused)
    assert outcome.error.param == "cvv"


def test_where_nobody_is_there_no_security_code_is_sent(server, gateway):
    server.then(intent()).then(intent("succeeded"))

    gateway.charge(replace(WISH, cvv="737"), "key")

    assert server.what == [MADE, CONFIRM]


def test_what_the_gateway_can_t_count_is_never_sent(server, gateway):
    for currency, amount in (("KWD", 1005), ("MGA", 150)):
        wish = replace(WISH, currency=currency, amount_minor=amount)
        for outcome in (
            gateway.charge(wish, "key"),
            gateway.capture("pi_1", amount, currency, "key"),
            gateway.refund("pi_1", "re_ours", amount, currency, "key"),
        ):
            assert isinstance(outcome, Refused)
            assert isinstance(outcome.error, InvalidFields)
            assert outcome.error.param == "amount_minor"
        assert gateway.look_up_charge(wish, "key", asked_at=times.now()) is None
    assert server.asked == []


@pytest.mark.parametrize(
    ("currency", "minor", "theirs"),
    [("usd", 4900, 4900), ("JPY", 500, 500), ("ISK", 5, 500), ("UGX", 5, 500), ("MGA", 500, 5), ("KWD", 5120, 5120)],
)
def test_amounts_are_counted_as_the_gateway_counts(server, gateway, currency, minor, theirs):
    server.then(intent()).then(intent("succeeded"))
    gateway.charge(replace(WISH, currency=currency, amount_minor=minor), "key")
    server.then(intent("succeeded"))
    gateway.capture("pi_1", minor, currency, "key")
    server.then(listed()).then(refund("succeeded"))
    gateway.refund("pi_1", "re_ours", minor, currency, "key")

    made, _, captured, _, given_back = server.asked
    amounts = made.fields["amount"], captured.fields["amount_to_capture"], given_back.fields["amount"]
    assert amounts == (str(theirs),) * 3


@given(st.integers(1, 10**12), st.sampled_from(["USD", "JPY", "ISK", "UGX", "MGA", "BHD", "JOD", "KWD", "OMR", "TND"]))
def test_an_amount_that_can_be_sent_comes_back_as_it_was(amount: int, currency: str) -> None:
    try:
        theirs = to_stripe(amount, currency)
    except InvalidFields:
        assert amount % 100
    else:
        assert from_stripe(theirs, currency) == amount


def test_held_money_that_was_let_go_can_t_be_taken(server, gateway):
    server.refuses(400, code="payment_intent_unexpected_state").then(intent("canceled", amount_received=0))

    assert gateway.capture("pi_1", 4900, "USD", "key") == Declined("payment_intent_unexpected_state", "No")


@pytest.mark.parametrize("no_answer", [*QUICK, lambda server: server.refuses(429)])
@pytest.mark.parametrize(
    "change",
    [
        lambda gateway: gateway.capture("pi_1", 4900, "USD", "key"),
        lambda gateway: gateway.void("pi_1", "key"),
    ],
)
def test_whether_something_was_done_is_unknown_without_an_answer_to_the_look(server, gateway, change, no_answer):
    server.refuses(400, code="payment_intent_unexpected_state")
    no_answer(server)

    assert change(gateway) == Unknown()


@pytest.mark.parametrize("status", ["pending", "succeeded", "requires_action"])
def test_a_refund_that_is_there_is_not_made_again(server, gateway, status):
    server.then(listed(refund("failed", "re_other"), refund(status)))

    assert gateway.refund("pi_1", "re_ours", 100, "USD", "key") == Done("re_1")
    assert server.what == [REFUNDS[0]]
    assert server.asked[0].fields["payment_intent"] == "pi_1"


def test_a_refund_is_made_under_its_key_with_our_id(server, gateway):
    server.then(listed()).then(refund("pending"))

    assert gateway.refund("pi_1", "re_ours", 100, "USD", "key") == Done("re_1")
    made = server.asked[1]
    assert (made.what, made.key) == (REFUNDS[1], "key:refund")
    assert made.fields == {"payment_intent": "pi_1", "amount": "100", "metadata[billing_refund]": "re_ours"}


@pytest.mark.parametrize("status", ["failed", "canceled"])
def test_a_refund_that_has_failed_is_declined(server, gateway, status):
    server.then(listed()).then(refund(status, failure_reason="lost_or_stolen_card"))

    assert gateway.refund("pi_1", "re_ours", 100, "USD", "key") == Declined("lost_or_stolen_card", "The refund failed")


def test_a_refund_that_stripe_does_not_make_is_declined_with_its_reason(server, gateway):
    server.then(listed()).refuses(400, code="charge_already_refunded")

    assert gateway.refund("pi_1", "re_ours", 100, "USD", "key") == Declined("charge_already_refunded", "No")


@pytest.mark.parametrize("no_answer", [*QUICK, lambda server: server.refuses(429)])
@pytest.mark.parametrize("steps_before", [0, 1])
def test_a_refund_without_an_answer_is_unknown_and_found_when_asked_again(server, gateway, no_answer, steps_before):
    for _ in range(steps_before):
        server.then(listed())
    no_answer(server)

    assert gateway.refund("pi_1", "re_ours", 100, "USD", "key") == Unknown()

    server.then(listed(refund("succeeded")))
    assert gateway.refund("pi_1", "re_ours", 100, "USD", "key") == Done("re_1")
