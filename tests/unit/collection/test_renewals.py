"""Renewals whose invoice comes to nothing."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from billing.collection import renewals
from billing.customers import operations as customers
from billing.customers.models import NewCustomer
from billing.invoices.lists import of_customer
from billing.subscriptions import operations as subscriptions
from billing.subscriptions.models import NewSubscription, Pause
from billing.wire import CursorQuery
from tests.unit.gateway.scripted import TENANT, calling
from tests.unit.table.memory import table_in_memory


@pytest.fixture(autouse=True)
def memory() -> Iterator[None]:
    with table_in_memory():
        yield


def of_nothing() -> tuple[str, str]:
    """Return a customer and its subscription that costs nothing."""
    customer_id = customers.create(calling(), NewCustomer(email="jane@example.com"), source="api").id
    body = NewSubscription(customer_id=customer_id, amount_minor=0, currency="USD")
    return customer_id, subscriptions.create(calling(), body).id


@pytest.mark.parametrize("behavior", ["mark_uncollectible", "void", "keep_as_draft"])
def test_a_paused_subscription_that_costs_nothing_goes_through_its_periods(behavior):
    customer_id, subscription_id = of_nothing()
    renewals.renew(calling(), subscription_id)
    subscriptions.pause(calling(), subscription_id, Pause(behavior=behavior))

    later = calling(later=timedelta(days=70))
    renewals.renew(later, subscription_id)

    first = of_customer(TENANT, customer_id, CursorQuery()).data[-1]
    assert (first.status, first.total_minor, first.invoice_number) == ("paid", 0, "INV-000001")
    assert subscriptions.get(later, subscription_id).status == "paused"
