"""What a change of a payment means to others, each event as its schema says."""

import pytest

from billing.gateway import Charged, Declined, PayerNeeded, Settling
from billing.payments import rules
from billing.payments.record import DisputeEntry, Failure, Record
from tests.unit.events.telling import told
from tests.unit.payments.payment import begun, call, confirmed, intended, recorded

RETURNED = Failure("returned", "The bank has taken it back")
LATER = call(5)


def types(old: Record | None, new: Record) -> list[str]:
    return [event["type"] for event in told(old, new)]


@pytest.fixture
def processing() -> Record:
    return begun(invoice_id="inv_" + "4" * 32, description="Invoice", statement_descriptor="ACME")


@pytest.fixture
def captured(processing: Record) -> Record:
    return rules.answered(processing, Charged("gateway_1"), LATER)


@pytest.fixture
def refunding(captured: Record) -> Record:
    return rules.refunding(captured, "re_" + "5" * 32, 300, reason="late", work="key_2", call=LATER)


def test_what_is_asked_and_not_answered_is_no_event(processing: Record) -> None:
    assert types(None, processing) == []
    assert types(processing, rules.answered(processing, Settling("gateway_1"), LATER)) == []
    needed = rules.answered(processing, PayerNeeded("gateway_1", {"type": "redirect_to_url"}), LATER)
    assert types(processing, needed) == []
    assert types(needed, rules.succeeded(needed, LATER)) == ["payment.succeeded"]


def test_a_payment_that_comes_in_is_told_as_the_api_shows_it(processing: Record, captured: Record) -> None:
    [event] = told(processing, captured)

    assert event["type"] == "payment.succeeded"
    assert event["data"]["object"] == captured.to_payment().to_wire()
    assert event["data"]["customer_id"] == captured.customer_id
    assert event["version"] == 2


def test_a_payment_by_hand_has_come_in_from_the_start() -> None:
    assert types(None, recorded()) == ["payment.succeeded"]


def test_a_no_and_a_bank_that_takes_it_back_are_failures(processing: Record, captured: Record) -> None:
    assert types(processing, rules.answered(processing, Declined("lost_card", "No"), LATER)) == ["payment.failed"]
    assert types(captured, rules.failed(captured, RETURNED, LATER)) == ["payment.failed"]


def test_held_money_is_authorized_and_then_taken_or_let_go() -> None:
    processing = begun(capture=False)
    held = rules.answered(processing, Charged("gateway_1"), LATER)
    asked, amount_minor = rules.capturing(held, None, "key_2", LATER)

    assert types(processing, held) == ["payment.authorized"]
    assert types(held, asked) == []
    assert types(asked, rules.captured(asked, amount_minor, LATER)) == ["payment.succeeded"]
    assert types(held, rules.voided(held, LATER)) == ["payment.voided"]


def test_a_refund_is_created_and_then_given(captured: Record, refunding: Record) -> None:
    done = rules.refunded(refunding, refunding.refunds[0].id, reference="gateway_2", call=LATER)

    [created] = told(captured, refunding)
    assert (created["type"], created["data"]["status"]) == ("refund.created", "pending")
    given, payment = told(refunding, done)
    assert (given["type"], given["data"]["object"]["amountMinor"]) == ("refund.succeeded", 300)
    assert (payment["type"], payment["data"]["amount_refunded_minor"]) == ("payment.refunded", 300)
    assert types(done, rules.refund_failed(done, done.refunds[0].id, LATER)) == ["refund.failed"]


def test_a_refund_that_the_gateway_does_not_make_has_failed(refunding: Record) -> None:
    refund_id = refunding.refunds[0].id

    assert types(refunding, rules.refunded(refunding, refund_id, reference=None, call=LATER)) == ["refund.failed"]
    assert types(refunding, rules.undone(refunding, LATER)) == ["refund.failed"]


def test_a_dispute_is_opened_moves_on_and_is_over(captured: Record) -> None:
    moment = "2026-05-05T00:00:00.000Z"
    opened = rules.disputed(captured, DisputeEntry("dp_1", 1_000, "needs_response", moment, "fraudulent"), LATER)
    moved = rules.disputed(opened, DisputeEntry("dp_1", 1_000, "under_review", moment, "fraudulent"), LATER)
    over = rules.disputed(moved, DisputeEntry("dp_1", 1_000, "won", moment, "fraudulent", moment), LATER)

    assert types(captured, opened) == ["dispute.created", "payment.disputed"]
    assert types(opened, moved) == ["dispute.updated"]
    [closed] = told(moved, over)
    assert (closed["type"], closed["data"]["closedAt"]) == ("dispute.closed", moment)
    assert (
        types(over, rules.disputed(over, DisputeEntry("dp_1", 1_000, "won", moment, "fraudulent", moment), LATER)) == []
    )


def test_a_write_that_leaves_the_version_is_no_event(captured: Record) -> None:
    assert types(captured, captured) == []


def test_a_payment_intent_is_told_in_its_own_words_too() -> None:
    intent = intended(None)
    asked = confirmed(intent)
    action = {"type": "redirect_to_url", "redirect_to_url": {"url": "https://bank.example", "return_url": None}}
    waiting = rules.answered(asked, PayerNeeded("gateway_1", action), LATER)
    paid = rules.succeeded(waiting, LATER)
    failed = rules.answered(asked, Declined("lost_card", "No"), LATER)

    [created] = told(None, intent)
    assert (created["type"], created["data"]["customer_id"]) == ("payment_intent.created", intent.customer_id)
    assert types(intent, asked) == []
    assert types(asked, waiting) == ["payment_intent.requires_action"]
    assert types(waiting, paid) == ["payment.succeeded", "payment_intent.succeeded"]
    assert types(asked, failed) == ["payment.failed", "payment_intent.payment_failed"]
    assert types(paid, rules.failed(paid, RETURNED, LATER)) == ["payment.failed"]
    canceled = rules.canceled(intent, "abandoned", LATER)
    assert canceled is not None
    assert types(intent, canceled) == ["payment.voided", "payment_intent.canceled"]
