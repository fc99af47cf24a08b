"""What a canceled subscription still owes is not charged."""

import pytest

from billing.billing_settings.record import Settings
from billing.subscriptions import operations as subscriptions
from billing.subscriptions.models import SubscriptionCancellation
from tests.unit.collection.shop import Shop


def canceled(shop: Shop, subscription_id: str) -> None:
    subscriptions.cancel(shop.caller(), subscription_id, SubscriptionCancellation(mode="immediately"))


def test_an_invoice_in_dunning_is_tried_no_more(shop: Shop):
    customer = shop.customer()
    subscription_id = shop.subscribe(customer)
    shop.pass_days(0)
    canceled(shop, subscription_id)
    shop.card(customer)

    shop.pass_days(Settings().dunning.retry_days[0])

    [invoice] = shop.invoices()
    assert (invoice.status, invoice.attempts, invoice.next_attempt_at) == ("open", 1, None)
    assert not shop.ledger.entries
    assert shop.pay(invoice.id).status == "paid"


@pytest.mark.parametrize("card", [True, False])
def test_what_has_expired_is_still_collected(shop: Shop, card: bool):
    customer = shop.customer()
    shop.subscribe(customer, billing_interval="day", billing_max_cycles=1)
    shop.pass_days(0)
    shop.pass_days(1)
    assert [each.status for each in shop.subscriptions()] == ["expired"]
    if card:
        shop.card(customer)

    shop.pass_days(Settings().dunning.retry_days[0])

    assert [each.status for each in shop.invoices()] == ["paid" if card else "open"]
