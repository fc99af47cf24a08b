"""What a change of an invoice means to others, each event as its schema says."""

from dataclasses import replace

from billing.invoices import rules
from billing.invoices.record import Record
from tests.unit.events.telling import told
from tests.unit.invoices.invoice import VAT, WORK, about, call, draft, opened, paid_in


def types(old: Record | None, new: Record) -> list[str]:
    return [event["type"] for event in told(old, new)]


def test_an_invoice_is_created_as_the_api_shows_it():
    record = draft(about(rates=(VAT,)), line_items=[WORK])

    [event] = told(None, record)

    assert event["type"] == "invoice.created"
    assert event["data"]["object"] == record.to_invoice().to_wire()
    assert event["data"]["customerId"] == event["data"]["customer_id"]


def test_made_and_finalized_at_once():
    assert types(None, opened()) == ["invoice.created", "invoice.finalized"]


def test_what_costs_nothing_is_paid_with_it():
    free = opened(total_minor=0)

    assert types(draft(total_minor=0), free) == ["invoice.finalized", "invoice.paid"]


def test_each_turn_of_its_life_has_a_name():
    record = opened(due_date="2026-05-04", auto_charge=True)
    failed = rules.payment_failed(record, {"code": "card_declined", "message": "No"}, None, call())
    late = rules.overdue(failed, call(days=3))
    sent = rules.sent(late, "email", call(days=4))

    assert types(record, failed) == ["invoice.payment_failed"]
    assert types(failed, late) == ["invoice.overdue"]
    assert types(late, sent) == ["invoice.sent"]
    assert types(sent, rules.sent(sent, "email", call(days=5))) == ["invoice.sent"]
    assert types(sent, paid_in(sent, 1000)) == ["invoice.paid"]
    assert types(sent, rules.voided(sent, "A mistake", call(days=5))) == ["invoice.voided"]
    assert types(sent, rules.voided(sent, rules.UNCOLLECTIBLE, call(days=5))) == ["invoice.marked_uncollectible"]


def test_what_is_no_turn_makes_no_event():
    record = opened()
    under_way = rules.paying(record, "pay_1", call())

    assert types(record, under_way) == []
    assert types(under_way, rules.paid(under_way, 1, call())) == []
    assert types(record, record) == []
    assert types(record, replace(record, version=record.version - 1)) == []
