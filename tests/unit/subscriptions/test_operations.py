"""Creating a subscription while something else happens to its customer."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from billing.collection import deletion
from billing.customers import operations as customers
from billing.customers.models import CustomerChanges, NewCustomer
from billing.errors import CustomerDeleted
from billing.subscriptions import operations as subscriptions
from billing.subscriptions.models import NewSubscription, SubscriptionChanges
from billing.subscriptions.record import put
from billing.subscriptions.rules import ended_with_customer
from billing.table import Transaction
from tests.unit.gateway.scripted import calling
from tests.unit.subscriptions.made import call, with_state
from tests.unit.table.memory import Memory, table_in_memory


@pytest.fixture
def memory() -> Iterator[Memory]:
    with table_in_memory() as opened:
        yield opened


@pytest.fixture
def jane(memory: Memory) -> str:
    del memory
    return customers.create(calling(), NewCustomer(email="jane@example.com"), source="api").id


def meanwhile(memory: Memory, monkeypatch: pytest.MonkeyPatch, do: Callable[[], object]) -> None:
    """Have something done once, between the reads of the next creation and its transaction."""
    count_up = memory.update_item

    def update_item(**request: Any) -> dict[str, Any]:
        monkeypatch.setattr(memory, "update_item", count_up)
        do()
        return count_up(**request)

    monkeypatch.setattr(memory, "update_item", update_item)


def of_kind(memory: Memory, entity: str) -> list[dict[str, Any]]:
    return [item for item in memory.items.values() if item.get("entity", {}).get("S") == entity]


def test_a_customer_that_is_deleted_meanwhile_has_not_subscribed(
    memory: Memory, monkeypatch: pytest.MonkeyPatch, jane: str
):
    meanwhile(memory, monkeypatch, lambda: deletion.delete(calling(), jane))

    with pytest.raises(CustomerDeleted):
        subscriptions.create(calling(), NewSubscription(customer_id=jane, amount_minor=100))

    assert of_kind(memory, "subscription") == []
    assert of_kind(memory, "due") == []


def test_a_customer_that_changes_meanwhile_keeps_its_change(memory: Memory, monkeypatch: pytest.MonkeyPatch, jane: str):
    meanwhile(memory, monkeypatch, lambda: customers.update(calling(), jane, CustomerChanges(name="Jane Doe")))

    made = subscriptions.create(calling(), NewSubscription(customer_id=jane, amount_minor=100))

    assert customers.get(calling(), jane).name == "Jane Doe"
    assert subscriptions.get(calling(), made.id).status == "active"
    assert len(of_kind(memory, "subscription")) == 1


def test_nothing_that_leads_to_money_is_changed_for_a_deleted_customer(memory: Memory, jane: str):
    made = subscriptions.create(calling(), NewSubscription(customer_id=jane, amount_minor=100)).id
    [customer] = [item for item in memory.items.values() if item.get("id", {}).get("S") == jane and "email" in item]
    customer["deleted_at"] = {"S": "2026-01-15T10:30:00.000Z"}

    with pytest.raises(CustomerDeleted):
        subscriptions.update(calling(), made, SubscriptionChanges(quantity=2))

    assert subscriptions.delete(calling(), made).success is True


@pytest.mark.parametrize("status", ["trialing", "active", "past_due", "paused"])
def test_to_end_with_its_customer_takes_at_most_seven_writes(status: str):
    record = with_state(status)

    written = put(Transaction(), record, ended_with_customer(record, call()))

    assert len(written.writes) <= 7
