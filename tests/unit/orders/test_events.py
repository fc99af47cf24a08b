"""What a change of an order means to others, each event as its schema says."""

from dataclasses import replace

from billing.orders import rules
from billing.orders.record import Record
from tests.unit.events.telling import told
from tests.unit.orders.order import VAT, call, order

LATER = call(5)


def types(old: Record | None, new: Record) -> list[str]:
    return [event["type"] for event in told(old, new)]


def test_an_order_is_created_as_the_api_shows_it():
    record = order(
        customer={"address": {"country": "DE"}}, rates=(VAT,), notes="gate", expires_at="2027-01-01T00:00:00Z"
    )

    [event] = told(None, record)

    assert event["type"] == "order.created"
    assert event["data"]["object"] == record.to_order().to_wire()


def test_what_costs_nothing_is_paid_with_its_creation():
    free = order(line_items=[{"description": "Sample", "unit_price": 0}])

    assert types(None, free) == ["order.created", "order.paid"]


def test_each_turn_of_its_life_has_a_name():
    placed = order()
    asked = rules.paying(placed, "pay_1", LATER)
    paid = rules.paid(asked, 1_000, LATER)

    assert types(placed, asked) == [], "nothing that the API shows"
    assert types(asked, paid) == ["order.paid"]
    assert types(paid, rules.fulfilled(paid, LATER)) == ["order.fulfilled"]
    assert types(placed, rules.canceled(placed, LATER)) == ["order.canceled"]


def test_anything_else_is_an_update_that_says_what_was_before():
    placed = order()
    part = rules.paid(placed, 400, LATER)
    [event] = told(placed, part)

    assert event["type"] == "order.updated"
    assert event["data"]["previous_attributes"] == {"status": "pending", "amount_paid": 0, "amount_due": 1_000}
    declined = rules.payment_failed(part, {"code": "card_declined", "message": "No"}, LATER)
    assert types(part, declined) == ["order.updated"]
    paid = rules.paid(part, 600, LATER)
    refunded = rules.refunded(paid, 1_000, LATER)
    assert told(paid, refunded)[0]["data"]["previous_attributes"] == {"status": "paid", "amount_refunded": 0}
    returned = rules.payment_returned(paid, 1_000, LATER)
    [event] = told(paid, returned)
    assert event["data"]["previous_attributes"]["paid_at"] == "2026-05-04T09:35:00.000Z"
    assert types(returned, rules.paid(returned, 1_000, LATER)) == ["order.paid"]


def test_a_write_that_leaves_the_version_is_no_event():
    placed = order()

    assert types(placed, replace(placed, notes="gate")) == []
