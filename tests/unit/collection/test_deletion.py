"""Deleting a customer ends what it pays for, however much that is."""

import pytest

from billing.collection import deletion
from billing.errors import CustomerDeleted
from tests.unit.collection.shop import Shop

MOST_WRITES = 100
"""In one transaction of DynamoDB."""


@pytest.mark.parametrize("subscriptions", [0, 1, 12, 13, 40])
def test_all_subscriptions_end(shop: Shop, jane: str, subscriptions: int) -> None:
    for _ in range(subscriptions):
        shop.subscribe(jane)
    writes: list[int] = []
    written = shop.memory.transact_write_items

    def counted(**request: object) -> dict[str, object]:
        writes.append(len(request["TransactItems"]))  # type: ignore[arg-type]
        return written(**request)  # type: ignore[arg-type]

    shop.memory.transact_write_items = counted  # type: ignore[method-assign]
    shop.delete(jane)
    at_once = sum(each.status == "canceled" for each in shop.subscriptions())
    rest = deletion.sweep(shop.caller(), jane)

    assert (at_once, rest) == (min(subscriptions, 12), max(subscriptions - 12, 0))
    assert max(writes) <= MOST_WRITES
    assert {each.status for each in shop.subscriptions()} <= {"canceled"}
    assert {each.cancellation_reason for each in shop.subscriptions()} <= {"customer_deleted"}
    assert deletion.sweep(shop.caller(), jane) == 0


def test_nothing_is_billed_for_what_the_deletion_has_not_reached_yet(shop: Shop, jane: str) -> None:
    for _ in range(14):
        shop.subscribe(jane)
    shop.delete(jane)

    shop.pass_days(31)

    assert (shop.invoices(), shop.payments()) == ([], [])
    assert {each.status for each in shop.subscriptions()} == {"canceled"}


def test_deleting_twice_is_fine(shop: Shop, jane: str) -> None:
    shop.subscribe(jane)

    shop.delete(jane)
    versions = [each.version for each in shop.subscriptions()]
    shop.delete(jane)

    assert [each.version for each in shop.subscriptions()] == versions


def test_a_renewal_at_the_gateway_is_given_back(shop: Shop, jane: str) -> None:
    shop.subscribe(jane)
    shop.ledger.meanwhile = lambda: shop.delete(jane)

    shop.pass_days(0)

    [entry] = shop.ledger.entries.values()
    [invoice] = shop.invoices()
    assert (entry.taken_minor, entry.kept_minor) == (1_000, 0)
    assert (invoice.status, invoice.paying, invoice.next_attempt_at) == ("open", None, None)
    assert [each.status for each in shop.subscriptions()] == ["canceled"]


def test_nobody_subscribes_for_a_deleted_customer(shop: Shop, jane: str) -> None:
    shop.delete(jane)

    with pytest.raises(CustomerDeleted):
        shop.subscribe(jane)


@pytest.mark.parametrize("mood", ["busy", "loses_answers", "deaf"])
def test_held_money_is_let_go_even_if_the_gateway_is_slow_about_it(shop: Shop, jane: str, mood: str) -> None:
    held = shop.charge(jane, capture=False)
    shop.delete(jane)
    shop.ledger.mood_for_changes = mood  # type: ignore[assignment]

    deletion.sweep(shop.caller(), jane)
    shop.reconcile()

    assert shop.entry(held.id).is_let_go
    assert shop.payment(held.id).status == "voided"
