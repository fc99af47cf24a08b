"""The states of an order, and the sums that must hold in all of them."""

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from billing.billing_settings.record import Settings
from billing.errors import Conflict, InvalidFields, MalformedRequest
from billing.orders import rules
from billing.orders.models import NewOrder, OrderPayment, Status
from billing.orders.record import Record
from billing.table.items import from_attributes, to_attributes
from tests.unit.orders.order import CARDS, START, VAT, call, order

LATER = call(5)
ERROR = {"code": "card_declined", "message": "No", "decline_code": "lost_card"}


def paid(record: Record | None = None, amount_minor: int = 1_000) -> Record:
    return rules.paid(rules.paying(record or order(), "pay_1", LATER), amount_minor, LATER)


def test_an_order_is_placed_with_its_creation():
    record = order(notes="gate", metadata={"a": 1.5}, billing_type="recurring")

    shown = record.to_order()
    assert (shown.status, shown.fulfillment_status, shown.billing_type) == ("pending", "unfulfilled", "recurring")
    assert (shown.subtotal, shown.tax, shown.total, shown.amount_due) == (1_000, 0, 1_000, 1_000)
    assert (shown.line_items[0].amount, shown.line_items[0].product_id) == (1_000, "cards")
    assert (shown.public_id, shown.currency, shown.metadata, shown.notes) == (shown.id, "USD", {"a": 1.5}, "gate")


def test_its_currency_is_the_one_given_else_the_customer_s_else_the_merchant_s():
    settings = Settings(default_currency="GBP")

    assert order(currency="chf", customer={"currency": "EUR"}, settings=settings).currency == "CHF"
    assert order(customer={"currency": "EUR"}, settings=settings).currency == "EUR"
    assert order(settings=settings).currency == "GBP"


def test_it_is_taxed_where_its_customer_is_billed():
    german = order(customer={"address": {"country": "DE"}}, rates=(VAT,)).to_order()
    american = order(customer={"address": {"country": "US"}}, rates=(VAT,)).to_order()

    assert (german.subtotal, german.tax, german.total) == (1_000, 190, 1_190)
    assert (german.line_items[0].tax, german.line_items[0].tax_percentage) == (190, "19")
    assert (american.tax, american.line_items[0].tax_reason) == (0, "no_rate")


def test_what_costs_nothing_is_paid_at_once():
    free = order(line_items=[{"description": "Sample", "unit_price": 0}])

    assert (free.status, free.amount_due_minor, free.paid_at) == ("paid", 0, free.created_at)
    assert rules.fulfilled(free, LATER).status == "fulfilled"


@pytest.mark.parametrize(
    ("fields", "complaint"),
    [
        ({"line_items": []}, "line_items"),
        ({"line_items": [CARDS] * 101}, "line_items"),
        ({"line_items": [{"description": "x"}]}, "unit_price"),
        ({"line_items": [{"description": " ", "unit_price": 1}]}, "description"),
        ({"line_items": [{"description": "x", "unit_price": -1}]}, "unit_price"),
        ({"line_items": [{"description": "x", "unit_price": 1.5}]}, "unit_price"),
        ({"line_items": [{"description": "x", "unit_price": 1, "quantity": 0}]}, "quantity"),
        ({"billing_type": "weekly"}, "billing_type"),
        ({"notes": "4242 4242 4242 4242"}, "notes"),
        ({"expires_at": "2026-05-04T10:00:00"}, "expires_at"),
        ({"discount": 1}, "discount"),
    ],
)
def test_a_body_is_checked_by_name(fields: dict[str, Any], complaint: str):
    with pytest.raises(ValidationError, match=complaint):
        NewOrder.model_validate({"customer_id": "cus_1", "line_items": [CARDS], **fields})


def test_it_is_paid_with_one_thing():
    with pytest.raises(ValidationError, match="exclude each other"):
        OrderPayment.model_validate({"payment_method_id": "pm_1", "payment_token": "tok_visa"})


def test_what_an_order_comes_to_has_a_bound_with_tax_too():
    most = [{"description": "x", "unit_price": 99_999_999_999}]
    with pytest.raises(InvalidFields, match="line_items: must come to at most"):
        order(line_items=most * 2)
    with pytest.raises(InvalidFields, match="with tax"):
        order(line_items=most, customer={"address": {"country": "DE"}}, rates=(VAT,))
    assert order(line_items=most).total_minor == 99_999_999_999


@pytest.mark.parametrize("expires_at", ["2026-05-04T09:29:59Z", "2026-05-04T09:30:00.900Z"])
def test_it_can_t_expire_before_it_begins(expires_at: str):
    with pytest.raises(InvalidFields, match="expires_at: must lie in the future"):
        order(expires_at=expires_at)


def test_its_time_comes_while_nothing_is_paid_or_being_paid():
    record = order(expires_at="2026-05-04T11:40:00.700+02:00")

    assert record.expires_at == "2026-05-04T09:40:00.000Z"
    due = record.due
    assert due is not None
    assert due.second == int((START + timedelta(minutes=10)).timestamp())
    assert rules.expired(record, call(9.99)) is record
    over = rules.expired(record, call(10))
    assert (over.status, over.canceled_at, over.due) == ("canceled", "2026-05-04T09:40:00.000Z", None)
    asked = rules.paying(record, "pay_1", LATER)
    assert asked.due is None
    assert rules.expired(asked, call(11)) is asked
    assert rules.payment_failed(asked, ERROR, call(11)).due == due
    assert rules.fulfilled(record, LATER).due is None
    assert order().due is None


def test_what_has_expired_is_refused_before_anybody_has_canceled_it():
    record = order(expires_at="2026-05-04T09:40:00Z")

    for refused in (lambda: rules.paying(record, "pay_1", call(10)), lambda: rules.fulfilled(record, call(10))):
        with pytest.raises(MalformedRequest, match="expired") as error:
            refused()
        assert error.value.param == "expires_at"
    assert rules.paying(record, "pay_1", call(9)).paying == "pay_1"


def test_an_order_is_paid_in_one_or_in_parts():
    part = paid(amount_minor=400)
    assert (part.status, part.amount_due_minor, part.paid_at, part.paying) == ("partially_paid", 600, None, None)

    whole = paid(part, 600)
    assert (whole.status, whole.amount_due_minor, whole.paid_at) == ("paid", 0, "2026-05-04T09:35:00.000Z")
    assert rules.fulfilled(whole, LATER).status == "fulfilled"


def test_how_much_is_to_be_paid():
    part = paid(amount_minor=400)

    assert rules.amount_to_pay(part, None) == 600
    assert rules.amount_to_pay(part, 1) == 1
    with pytest.raises(InvalidFields, match="amount: must be at most the 600 that are due"):
        rules.amount_to_pay(part, 601)
    with pytest.raises(Conflict):
        rules.amount_to_pay(rules.paying(part, "pay_2", LATER), None)
    for closed in (paid(), rules.canceled(order(), LATER), rules.refunded(paid(), 1_000, LATER)):
        with pytest.raises(MalformedRequest, match=closed.status) as error:
            rules.amount_to_pay(closed, None)
        assert error.value.param == "status"


def test_one_payment_is_under_way_at_a_time():
    asked = rules.paying(order(), "pay_1", LATER)

    for command in (lambda: rules.paying(asked, "pay_2", LATER), lambda: rules.canceled(asked, LATER)):
        with pytest.raises(Conflict):
            command()
    undone = rules.payment_undone(asked, LATER)
    assert (undone.status, undone.paying, undone.last_error) == ("pending", None, None)
    assert rules.payment_undone(undone, LATER) is undone


def test_a_no_is_kept_until_a_payment_comes_in():
    declined = rules.payment_failed(rules.paying(order(), "pay_1", LATER), ERROR, LATER)

    assert (declined.status, declined.paying) == ("pending", None)
    error = declined.to_order().last_error
    assert error is not None
    assert error.decline_code == "lost_card"
    assert paid(declined).last_error is None


def test_fulfilling_goes_beside_paying():
    delivered = rules.fulfilled(order(), LATER)
    assert (delivered.status, delivered.to_order().fulfillment_status) == ("pending", "fulfilled")
    assert rules.fulfilled(delivered, call(9)) is delivered
    assert paid(delivered).status == "fulfilled"

    with pytest.raises(MalformedRequest, match="fulfilled can't be canceled"):
        rules.canceled(delivered, LATER)
    with pytest.raises(MalformedRequest, match="canceled can't be fulfilled"):
        rules.fulfilled(rules.canceled(order(), LATER), LATER)


def test_only_what_nothing_was_paid_for_can_be_canceled():
    gone = rules.canceled(order(), LATER)

    assert (gone.status, gone.amount_due_minor) == ("canceled", 0)
    assert rules.canceled(gone, call(9)) is gone
    for record in (paid(), paid(amount_minor=1), rules.refunded(paid(), 1_000, LATER)):
        with pytest.raises(MalformedRequest, match=record.status):
            rules.canceled(record, LATER)


def test_money_for_what_was_canceled_is_counted_and_can_be_given_back():
    late = rules.paid(rules.canceled(order(), LATER), 1_000, LATER)

    assert (late.status, late.amount_paid_minor) == ("canceled", 1_000)
    assert rules.refunded(late, 1_000, LATER).amount_refunded_minor == 1_000


def test_giving_back_part_leaves_it_paid_and_all_refunds_it():
    part = rules.refunded(paid(), 300, LATER)
    assert (part.status, part.amount_refunded_minor, part.amount_due_minor) == ("paid", 300, 0)

    whole = rules.refunded(part, 700, LATER)
    assert (whole.status, whole.amount_due_minor) == ("refunded", 0)
    sent_back = rules.refunded(whole, -700, LATER)
    assert (sent_back.status, sent_back.amount_refunded_minor) == ("paid", 300)


def test_a_payment_that_comes_back_is_owed_again():
    returned = rules.payment_returned(paid(rules.fulfilled(order(), LATER)), 1_000, LATER)

    assert (returned.status, returned.amount_due_minor, returned.paid_at) == ("pending", 1_000, None)
    assert returned.fulfilled_at
    after_refund = rules.payment_returned(rules.refunded(paid(), 300, LATER), 700, LATER)
    assert (after_refund.status, after_refund.amount_due_minor) == ("partially_paid", 700)
    assert paid(after_refund, 700).status == "paid"
    refunded = rules.refunded(paid(), 1_000, LATER)
    assert rules.payment_returned(refunded, 1_000, LATER) is refunded


@pytest.mark.parametrize(
    ("record", "status"),
    [
        (order(), "pending"),
        (paid(amount_minor=1), "pending"),
        (paid(), "paid"),
        (rules.fulfilled(paid(), LATER), "fulfilled"),
        (rules.canceled(order(), LATER), "canceled"),
        (rules.refunded(paid(), 1_000, LATER), "canceled"),
    ],
)
def test_its_customer_s_list_knows_four_states(record: Record, status: str):
    summary = record.to_summary()

    assert (summary.status, summary.total_minor, summary.public_id) == (status, 1_000, record.id)


def test_every_state_is_in_the_table_and_the_canceled_one_leads_nowhere():
    assert set(rules.TRANSITIONS) == set(get_args(Status.__value__))
    assert {status for status, following in rules.TRANSITIONS.items() if not following} == {"canceled"}


STEPS: Mapping[str, Callable[[Record, int], Record]] = {
    "paying": lambda record, _: rules.paying(record, "pay_1", LATER),
    "paid": lambda record, value: (
        rules.paid(record, min(value + 1, record.amount_due_minor), LATER) if record.paying else record
    ),
    "payment_failed": lambda record, _: rules.payment_failed(record, ERROR, LATER) if record.paying else record,
    "payment_undone": lambda record, _: rules.payment_undone(record, LATER),
    "payment_returned": lambda record, value: rules.payment_returned(record, value, LATER),
    "refunded": lambda record, value: rules.refunded(record, value * 40 - 100, LATER),
    "canceled": lambda record, _: rules.canceled(record, LATER),
    "expired": lambda record, value: rules.expired(record, call(value)),
    "fulfilled": lambda record, _: rules.fulfilled(record, LATER),
}


@given(st.booleans(), st.lists(st.tuples(st.sampled_from(sorted(STEPS)), st.integers(0, 1_200)), max_size=30))
def test_whatever_happens_the_sums_hold_and_only_legal_ways_are_gone(
    expires: bool, steps: list[tuple[str, int]]
) -> None:
    record = order(**({"expires_at": "2026-05-04T09:40:00Z"} if expires else {}))
    for name, value in steps:
        try:
            after = STEPS[name](record, value)
        except (Conflict, InvalidFields, MalformedRequest):
            continue
        assert 0 <= after.amount_refunded_minor <= after.amount_paid_minor <= after.total_minor
        assert 0 <= after.amount_due_minor <= after.total_minor
        assert after.status == record.status or after.status in rules.TRANSITIONS[record.status]
        assert after is record or after.version == record.version + 1
        assert (after.status == "canceled") == (after.canceled_at is not None)
        assert (after.paid_at is not None) == (after.amount_paid_minor == after.total_minor)
        assert from_item(after) == after
        record = after


def from_item(record: Record) -> Record:
    """Return the record as it comes back from the table."""
    return Record.from_item(from_attributes(to_attributes(record.to_item())))
