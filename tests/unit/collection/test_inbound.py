"""What a gateway tells by itself, in whatever order and however often."""

from typing import Any

import pytest

from billing.collection import charges, inbound
from billing.errors import Unavailable
from billing.gateway import Told
from billing.payment_methods import operations as payment_methods
from billing.payments.record import Record
from billing.payments.requests import NewRefund
from tests.unit.collection.shop import Shop


@pytest.fixture
def payment(shop: Shop, jane: str) -> Record:
    return shop.payment(shop.charge(jane).id)


def tell(shop: Shop, event: str, kind: Any, payment_id: str | None, reference: str = "tx_0", **facts: Any) -> None:
    inbound.act(shop.caller(), shop.ledger, Told(event, kind, reference, payment_id, facts))


def dispute(shop: Shop, event: str, payment: Record, kind: str, **facts: Any) -> Record:
    tell(shop, event, kind, payment.id, dispute="dp_1", amount_minor=1_000, **facts)
    return shop.payment(payment.id)


def test_the_same_event_counts_once(shop: Shop, jane: str) -> None:
    shop.ledger.mood = "settles_later"
    shop.charge(jane)
    [entry] = shop.ledger.entries.values()
    told = shop.ledger.settle(entry, comes_in=True, event_id="evt_1")

    inbound.act(shop.caller(), shop.ledger, told)
    version = shop.payments()[0].version
    inbound.act(shop.caller(), shop.ledger, told)

    assert (shop.payments()[0].status, shop.payments()[0].version) == ("captured", version)


def test_what_comes_too_late_changes_nothing(shop: Shop, jane: str) -> None:
    shop.ledger.mood = "settles_later"
    shop.charge(jane)
    [entry] = shop.ledger.entries.values()
    comes_in = shop.ledger.settle(entry, comes_in=True, event_id="evt_1")
    returned = shop.ledger.settle(entry, comes_in=False, event_id="evt_2")

    inbound.act(shop.caller(), shop.ledger, returned)
    inbound.act(shop.caller(), shop.ledger, comes_in)

    assert (shop.payments()[0].status, shop.payments()[0].captured_minor) == ("failed", 0)


@pytest.mark.parametrize("payment_id", [None, "pay_" + "0" * 32])
def test_what_is_about_no_payment_of_ours_is_left_alone(shop: Shop, payment: Record, payment_id: str | None) -> None:
    before = dict(shop.memory.items)

    tell(shop, "evt_1", "charge_failed", payment_id, code="R01")

    assert shop.memory.items == before


def test_what_is_ignored_is_ignored(shop: Shop, payment: Record) -> None:
    tell(shop, "evt_1", "ignored", payment.id)

    assert shop.payment(payment.id) == payment


def test_an_event_that_overtakes_the_answer_comes_again(shop: Shop, jane: str) -> None:
    shop.ledger.mood = "loses_answers"
    charge = shop.charge(jane)

    with pytest.raises(Unavailable):
        tell(shop, "evt_1", "charge_succeeded", shop.payment(charge.id).id)
    shop.reconcile()
    tell(shop, "evt_1", "charge_succeeded", shop.payment(charge.id).id)

    assert shop.payment(charge.id).captured_minor == 1_000


def test_a_dispute_is_opened_and_closed(shop: Shop, payment: Record) -> None:
    opened = dispute(shop, "evt_1", payment, "dispute_opened", status="needs_response", reason="fraudulent")
    assert opened.dispute is not None
    assert (opened.dispute.status, opened.dispute.reason, opened.dispute.closed_at) == (
        "needs_response",
        "fraudulent",
        None,
    )

    closed = dispute(shop, "evt_2", payment, "dispute_closed", status="lost")

    assert closed.dispute is not None
    assert (closed.dispute.status, closed.dispute.reason, bool(closed.dispute.closed_at)) == (
        "lost",
        "fraudulent",
        True,
    )
    assert closed.dispute.created_at == opened.dispute.created_at


def test_a_dispute_that_is_closed_stays_closed(shop: Shop, payment: Record) -> None:
    closed = dispute(shop, "evt_2", payment, "dispute_closed", status="won")

    late = dispute(shop, "evt_1", payment, "dispute_opened", status="needs_response")

    assert late.dispute == closed.dispute


def test_a_refund_that_the_bank_sends_back_has_failed(shop: Shop, jane: str) -> None:
    shop.pay(shop.invoice(jane))
    [payment] = shop.payments()
    charges.refund(shop.caller(), payment.id, NewRefund(amount_minor=300))
    [refund] = shop.payment(payment.id).refunds
    assert shop.invoices()[0].amount_refunded_minor == 300

    for event in ("evt_1", "evt_2"):
        tell(shop, event, "refund_failed", payment.id, refund=refund.id)

    after = shop.payment(payment.id)
    assert (after.refunds[0].status, after.refunded_minor, after.refundable_minor) == ("failed", 0, 1_000)
    assert shop.invoices()[0].amount_refunded_minor == 0


def test_a_refund_that_nobody_knows_changes_nothing(shop: Shop, payment: Record) -> None:
    tell(shop, "evt_1", "refund_failed", payment.id, refund="re_" + "0" * 32)

    assert shop.payment(payment.id) == payment


def test_a_card_that_was_reissued_has_its_new_expiry(shop: Shop, jane: str) -> None:
    card = shop.card(jane, "tok_2")
    tenant = shop.caller().tenant
    reference = payment_methods.read(tenant, card).stored.reference

    for event in ("evt_1", "evt_1", "evt_2"):
        tell(shop, event, "method_updated", None, reference, exp_month=6, exp_year=2051, last4="1111")

    details = payment_methods.read(tenant, card).details
    assert (details.exp_month, details.exp_year, details.last4) == (6, 2051, "1111")  # type: ignore[union-attr]


def test_a_card_that_nobody_keeps_is_nobodys_news(shop: Shop, jane: str) -> None:
    before = dict(shop.memory.items)

    tell(shop, "evt_1", "method_updated", None, "ref_unknown", exp_month=6, exp_year=2051)

    assert shop.memory.items == before


def test_money_that_comes_to_be_held_for_a_deleted_customer_is_let_go(shop: Shop, jane: str) -> None:
    shop.ledger.mood = "settles_later"
    charge = shop.charge(jane, capture=False)
    shop.delete(jane)

    tell(shop, "evt_1", "charge_succeeded", shop.payment(charge.id).id)

    assert shop.entry(charge.id).is_let_go
    assert shop.payment(charge.id).status == "voided"
