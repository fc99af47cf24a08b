"""The states of a payment, and the sums that must hold in all of them."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from billing.errors import Conflict, GatewayNotConnected, InvalidFields, MalformedRequest
from billing.gateway import Charged, ChargeOutcome, Declined, PayerNeeded, Refused, Settling, Unknown
from billing.payments import rules
from billing.payments.record import DisputeEntry, Failure, Record, Status
from billing.payments.states import RECORDED_STATES, SHOWN, State
from billing.table.items import from_attributes, to_attributes
from tests.unit.payments.payment import begun, call, confirmed, intended, recorded

REFUSED = Refused(GatewayNotConnected("Not connected"))
OUTCOMES: tuple[ChargeOutcome, ...] = (
    Charged("ch_gateway"),
    Settling("ch_gateway"),
    PayerNeeded("ch_gateway", {"type": "redirect_to_url"}),
    Declined("lost_card", "No"),
    REFUSED,
    Unknown(),
)
FAILURE = Failure("returned", "The bank has taken it back", "R01")
LATER = call(5)


def captured(amount_minor: int = 1_000) -> Record:
    return rules.answered(begun(amount_minor), Charged("ch_gateway"), call(1))


def held(amount_minor: int = 1_000) -> Record:
    return rules.answered(begun(amount_minor, capture=False), Charged("ch_gateway"), call(1))


def refunded(record: Record, amount_minor: int | None = None, refund_id: str = "re_1") -> Record:
    asked = rules.refunding(record, refund_id, amount_minor, reason=None, work="key_2", call=LATER)
    return rules.refunded(asked, refund_id, reference="ref", call=LATER)


@pytest.mark.parametrize(
    ("outcome", "status"),
    list(zip(OUTCOMES, ("captured", "pending", "pending", "failed", "failed", "processing"), strict=True)),
)
def test_an_answer_leads_out_of_processing(outcome: ChargeOutcome, status: Status) -> None:
    after = rules.answered(begun(), outcome, LATER)

    assert after.status == status
    assert (after.work is None) == (status != "processing")
    assert after.captured_minor == (1_000 if status == "captured" else 0)


@pytest.mark.parametrize("outcome", OUTCOMES)
@pytest.mark.parametrize("make", [captured, held, lambda: rules.voided(held(), LATER), lambda: refunded(captured())])
def test_an_answer_that_comes_too_late_changes_nothing(make: Callable[[], Record], outcome: ChargeOutcome) -> None:
    record = make()

    assert rules.answered(record, outcome, LATER) is record
    assert rules.succeeded(record, LATER) is record


def test_the_gateway_s_word_on_a_pending_payment_is_final() -> None:
    pending = rules.answered(begun(), Settling("ch_gateway"), LATER)

    assert rules.answered(pending, Settling("ch_gateway"), LATER) is pending, "it said so before"
    done = rules.succeeded(pending, LATER)
    assert (done.status, done.captured_minor, done.gateway_transaction_id) == ("captured", 1_000, "ch_gateway")
    assert rules.failed(pending, FAILURE, LATER).status == "failed"


def test_a_payer_who_has_acted_leaves_the_bank_to_answer() -> None:
    waiting = rules.answered(begun(), PayerNeeded("ch_gateway", {"type": "redirect_to_url"}), LATER)
    settling = rules.answered(waiting, Settling("ch_gateway"), LATER)

    assert (waiting.state, settling.state) == ("awaiting_payer", "settling")
    assert settling.version == waiting.version + 1


def test_part_of_what_is_held_can_be_taken_and_no_more() -> None:
    with pytest.raises(InvalidFields, match="amount_minor: must be at most the 1000 that are held"):
        rules.capturing(held(), 1_001, "key_2", LATER)

    asked, wanted = rules.capturing(held(), 400, "key_2", LATER)
    with pytest.raises(Conflict):
        rules.voiding(asked, "key_3", LATER)
    done = rules.captured(asked, wanted, LATER)

    assert (done.status, done.captured_minor, done.refundable_minor, done.work) == ("captured", 400, 400, None)
    assert rules.captured(done, 400, LATER) is done
    with pytest.raises(MalformedRequest, match="captured can't be captured"):
        rules.capturing(done, None, "key_4", LATER)


def test_refunds_add_up_to_what_was_taken() -> None:
    part = refunded(captured(), 300)
    assert (part.state, part.refundable_minor) == ("partially_refunded", 700)
    with pytest.raises(InvalidFields, match="amount_minor: must be at most the 700 that are left"):
        rules.refunding(part, "re_2", 701, reason=None, work="key_3", call=LATER)

    whole = refunded(part, None, "re_2")
    assert (whole.state, whole.refunded_minor) == ("refunded", 1_000)
    with pytest.raises(MalformedRequest, match="given back"):
        rules.refunding(whole, "re_3", None, reason=None, work="key_4", call=LATER)


def test_a_refund_that_is_asked_for_counts_until_it_has_failed() -> None:
    asked = rules.refunding(captured(), "re_1", 600, reason="late", work="key_2", call=LATER)
    assert asked.refundable_minor == 400
    with pytest.raises(Conflict):
        rules.refunding(asked, "re_2", 100, reason=None, work="key_3", call=LATER)

    for after in (rules.refunded(asked, "re_1", reference=None, call=LATER), rules.undone(asked, LATER)):
        assert (after.refundable_minor, after.work, after.refunds[0].status) == (1_000, None, "failed")
    sent_back = rules.refund_failed(refunded(captured(), 600), "re_1", LATER)
    assert sent_back.refundable_minor == 1_000
    assert rules.refund_failed(sent_back, "re_1", LATER) is sent_back
    assert rules.refunded(sent_back, "re_1", reference="ref", call=LATER) is sent_back


def test_what_was_given_back_stays_taken_when_the_bank_takes_back_the_rest() -> None:
    returned = rules.failed(refunded(captured(), 300), FAILURE, LATER)

    assert (returned.status, returned.captured_minor, returned.refunded_minor) == ("failed", 300, 300)
    assert rules.refund_failed(returned, "re_1", LATER).captured_minor == 0
    assert rules.failed(returned, FAILURE, LATER) is returned


def test_a_refund_under_way_is_finished_though_the_payment_has_come_back() -> None:
    asked = rules.refunding(captured(), "re_1", 300, reason=None, work="key_2", call=LATER)
    returned = rules.failed(asked, FAILURE, LATER)
    assert returned.work == "key_2"

    done = rules.refunded(returned, "re_1", reference="ref", call=LATER)
    assert (done.work, done.captured_minor, done.refunded_minor) == (None, 300, 300)
    failed = rules.refunded(returned, "re_1", reference=None, call=LATER)
    assert (failed.work, failed.captured_minor, failed.refunded_minor) == (None, 0, 0)


def test_refunds_have_a_bound() -> None:
    record = captured()
    for number in range(rules.MOST_REFUNDS):
        record = refunded(record, 1, f"re_{number}")

    with pytest.raises(MalformedRequest, match="at most 50 refunds"):
        rules.refunding(record, "re_x", 1, reason=None, work="key", call=LATER)


def test_held_money_is_let_go_once() -> None:
    gone = rules.voided(rules.voiding(held(), "key_2", LATER), LATER)

    assert (gone.status, gone.work, gone.captured_minor) == ("voided", None, 0)
    assert rules.voided(gone, LATER) is gone


def test_what_somebody_has_received_is_captured_from_the_start() -> None:
    record = recorded()

    assert (record.status, record.captured_minor, record.gateway) == ("captured", 1_000, None)
    with pytest.raises(ValueError, match="pay_"):
        _ = record.wish


def test_a_failed_payment_says_why_in_the_payer_s_terms() -> None:
    declined = rules.answered(begun(), Declined("lost_card", "The card was declined"), LATER)

    error = rules.error_of(declined)
    assert error is not None
    assert error.details == {"decline_code": "lost_card", "payment_id": declined.id}
    assert rules.error_of(captured()) is None


def test_every_state_is_in_the_tables() -> None:
    assert set(rules.TRANSITIONS) == set(get_args(Status.__value__))
    assert set(SHOWN) == set(get_args(State.__value__))
    assert {status for status, following in rules.TRANSITIONS.items() if not following} == {"voided"}


def test_a_payment_is_found_by_its_customer_its_finest_state_and_as_a_charge() -> None:
    record = refunded(captured(), 300)
    by_customer = f"customer#{record.customer_id}"

    assert record.faceted.facets == {
        by_customer,
        "status#partially_refunded",
        f"{by_customer}#status#partially_refunded",
        "charge#yes",
        f"charge#yes#{by_customer}",
    }
    assert record.faceted.created == 1_777_887_000
    assert recorded().faceted.facets == {
        by_customer,
        "status#recorded_succeeded",
        f"{by_customer}#status#recorded_succeeded",
    }


def test_the_views_tell_one_payment() -> None:
    views = {
        "without_method": intended(None),
        "unconfirmed": intended(),
        "processing": begun(),
        "settling": rules.answered(begun(), Settling("x"), LATER),
        "awaiting_payer": rules.answered(begun(), PayerNeeded("x", {"type": "redirect_to_url"}), LATER),
        "authorized": held(),
        "succeeded": captured(),
        "partially_refunded": refunded(captured(), 1),
        "refunded": refunded(captured()),
        "failed": rules.answered(begun(), Declined("lost_card", "No"), LATER),
        "voided": rules.voided(held(), LATER),
    }
    assert set(views) == set(SHOWN)
    for state, record in views.items():
        shown = SHOWN[record.state]
        assert record.state == state
        assert record.to_payment().status == record.to_summary().status == shown.payment
        assert record.to_charge().status == shown.charge
        assert record.to_intent().status == shown.intent
        ids = {each.id.rpartition("_")[2] for each in (record.to_payment(), record.to_charge(), record.to_intent())}
        assert len(ids) == 1
    intent = views["authorized"].to_intent()
    assert (intent.amount_capturable, intent.amount_received, intent.capture_method) == (1_000, 0, "manual")
    error = views["failed"].to_intent().last_payment_error
    assert error is not None
    assert error.payment_method is not None
    assert (error.decline_code, error.payment_method.type) == ("lost_card", "card")
    assert views["voided"].to_intent().canceled_at == "2026-05-04T09:35:00.000Z"


def test_a_payment_intent_that_has_failed_can_be_tried_again() -> None:
    failed = rules.answered(confirmed(intended()), Declined("lost_card", "No"), LATER)
    assert failed.to_intent().status == "requires_payment_method"

    again = confirmed(failed, 6)

    assert (again.status, again.failure, again.work) == ("processing", None, "key_1")
    assert again.version == failed.version + 1, "the gateway's key is made of it, and must be another one"
    assert rules.answered(again, Charged("x"), LATER).captured_minor == 1_000


@pytest.mark.parametrize(
    "record",
    [
        rules.answered(begun(), Declined("lost_card", "No"), LATER),
        rules.failed(rules.answered(confirmed(intended()), Charged("x"), LATER), FAILURE, LATER),
        rules.answered(confirmed(intended()), Charged("x"), LATER),
        rules.answered(confirmed(intended()), Settling("x"), LATER),
        rules.canceled(intended(), None, LATER),
    ],
    ids=["a charge", "taken back by the bank", "succeeded", "settling", "canceled"],
)
def test_what_is_over_or_no_payment_intent_can_neither_be_confirmed_nor_canceled(record: Record) -> None:
    with pytest.raises(MalformedRequest):
        rules.check_confirmable(record)
    with pytest.raises(MalformedRequest):
        rules.canceled(record, None, LATER)


def test_a_payment_intent_that_waits_for_its_payer_is_given_up_at_the_gateway() -> None:
    waiting = rules.answered(confirmed(intended()), PayerNeeded("x", {"type": "redirect_to_url"}), LATER)
    with pytest.raises(MalformedRequest, match="payer must act"):
        rules.check_confirmable(waiting)
    assert rules.canceled(waiting, "abandoned", LATER) is None, "the gateway has something to let go"

    gone = rules.voided(rules.voiding(waiting, "key_2", LATER), LATER, "abandoned")

    assert (gone.status, gone.next_action, gone.cancellation_reason) == ("voided", None, "abandoned")
    assert rules.succeeded(gone, LATER) is gone


def test_what_no_gateway_has_tried_has_not_failed() -> None:
    refused = rules.answered(confirmed(intended()), REFUSED, LATER)

    intent = refused.to_intent()
    assert (intent.status, refused.work) == ("requires_confirmation", None)
    assert intent.last_payment_error is not None
    assert confirmed(refused).status == "processing"


def test_a_payment_intent_is_kept_whole() -> None:
    about = {"receipt_email": "jane@example.com", "statement_descriptor_suffix": "SHOES", "capture": False}
    record = rules.canceled(intended(**about), "duplicate", LATER)

    assert record is not None
    assert Record.from_item(from_attributes(to_attributes(record.to_item()))) == record
    intent = record.to_intent()
    assert (intent.receipt_email, intent.statement_descriptor_suffix, intent.cancellation_reason) == (
        "jane@example.com",
        "SHOES",
        "duplicate",
    )
    assert not {"is_intent", "receipt_email"} & set(from_attributes(to_attributes(begun().to_item())))


STEPS: Mapping[str, Callable[[Record, Any], Record]] = {
    "answered": lambda record, value: rules.answered(record, OUTCOMES[value % len(OUTCOMES)], LATER),
    "succeeded": lambda record, _: rules.succeeded(record, LATER),
    "failed": lambda record, _: rules.failed(record, FAILURE, LATER),
    "capturing": lambda record, value: rules.capturing(record, value or None, "capture", LATER)[0],
    "captured": lambda record, value: (
        rules.captured(record, min(value + 1, record.amount_minor), LATER) if record.work == "capture" else record
    ),
    "voiding": lambda record, _: rules.voiding(record, "void", LATER),
    "voided": lambda record, _: rules.voided(record, LATER) if record.work == "void" else record,
    "refunding": lambda record, value: rules.refunding(
        record, f"re_{len(record.refunds)}", value or None, reason=None, work="refund", call=LATER
    ),
    "refunded": lambda record, value: rules.refunded(
        record, f"re_{value % 4}", reference="ref" if value % 3 else None, call=LATER
    ),
    "refund_failed": lambda record, value: rules.refund_failed(record, f"re_{value % 4}", LATER),
    "undone": lambda record, _: rules.undone(record, LATER) if record.status != "processing" else record,
    "disputed": lambda record, value: rules.disputed(
        record, DisputeEntry("dp_1", value, "needs_response", "2026-05-04T10:00:00.000Z"), LATER
    ),
}


@given(
    amount_minor=st.integers(1, 20),
    capture=st.booleans(),
    steps=st.lists(st.tuples(st.sampled_from(sorted(STEPS)), st.integers(0, 25)), max_size=30),
)
def test_whatever_happens_the_sums_hold_and_only_legal_ways_are_gone(
    amount_minor: int, capture: bool, steps: list[tuple[str, int]]
) -> None:
    record = begun(amount_minor, capture=capture)
    for name, value in steps:
        try:
            after = STEPS[name](record, value)
        except (Conflict, InvalidFields, MalformedRequest):
            continue
        assert 0 <= after.refunded_minor <= after.captured_minor <= after.amount_minor
        assert after.status == record.status or after.status in rules.TRANSITIONS[record.status]
        assert after is record or after.version == record.version + 1
        assert (after == record) == (after is record)
        assert after.updated_at >= record.updated_at
        assert from_item(after) == after
        assert len(after.faceted.facets) == 5
        record = after


def from_item(record: Record) -> Record:
    """Return the record as it comes back from the table."""
    return Record.from_item(from_attributes(to_attributes(record.to_item())))


def test_what_is_recorded_by_hand_can_only_be_in_a_few_states() -> None:
    record = recorded()
    states = {record.state, rules.failed(record, FAILURE, LATER).state}
    states |= {refunded(record, 1).state, refunded(record).state}

    assert states == RECORDED_STATES
    assert from_item(record) == record
    assert replace(record, metadata={"a": 1.5}) == from_item(replace(record, metadata={"a": 1.5}))
