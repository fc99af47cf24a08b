"""Voiding an invoice that a subscription is past due for."""

import pytest

from billing.collection import voiding
from billing.invoices.models import InvoiceChanges, Voiding
from tests.unit.collection.shop import Shop


@pytest.mark.parametrize("by", ["void", "update"])
@pytest.mark.parametrize("days", [1, 40])
def test_a_subscription_that_was_past_due_is_active_again_and_bills_its_next_period(shop: Shop, by: str, days: int):
    shop.dunning([3], final_action="leave_past_due")
    customer = shop.customer()
    shop.subscribe(customer)
    shop.pass_days(0)
    shop.pass_days(days)
    [owed] = shop.invoices()
    assert [each.status for each in shop.subscriptions()] == ["past_due"]

    if by == "void":
        voiding.void(shop.caller(), owed.id, Voiding())
    else:
        voiding.update(shop.caller(), owed.id, InvoiceChanges(status="voided"))

    [subscription] = shop.subscriptions()
    assert (subscription.status, subscription.dunning_since) == ("active", None)
    shop.card(customer)
    shop.pass_days(31)
    assert [each.status for each in shop.invoices()] == ["voided", *["paid"] * (1 if days == 1 else 2)]


def test_an_invoice_that_is_no_subscriptions_leaves_it_past_due(shop: Shop):
    customer = shop.customer()
    subscription_id = shop.subscribe(customer)
    shop.pass_days(0)
    beside = shop.invoice(customer)

    voiding.void(shop.caller(), beside, Voiding())

    assert [(each.id, each.status) for each in shop.subscriptions()] == [(subscription_id, "past_due")]
