"""Making invoices, on a table in this process: what two requests at once and a repeated one come to."""

from typing import Any

import pytest

from billing import customers
from billing.collection import deletion, voiding
from billing.errors import CustomerDeleted
from billing.invoices import numbers, operations
from billing.invoices import operations as invoices
from billing.invoices.models import Finalization, InvoiceChanges, NewInvoice
from billing.table import Transaction, table
from billing.tenancy import Replayed
from tests.unit.gateway.scripted import TENANT, calling, items, new_customer

pytestmark = pytest.mark.usefixtures("client")


def body(**fields: Any) -> NewInvoice:
    return NewInvoice.model_validate({"total_minor": 100, **fields})


def test_a_repeated_request_is_answered_as_before_although_its_customer_is_gone_since(client):
    customer_id = new_customer()
    first = invoices.create(calling("key"), body(customer_id=customer_id))
    deletion.delete(calling(), customer_id)

    with pytest.raises(Replayed) as again:
        invoices.create(calling("key"), body(customer_id=customer_id))

    assert first.id in again.value.answer.body
    with pytest.raises(CustomerDeleted):
        invoices.create(calling(), body(customer_id=customer_id))
    assert len(items(client, "invoice")) == 1


def test_a_customer_who_was_made_since_we_looked_is_the_one_that_is_billed(client, monkeypatch):
    """The other request comes between our look and our write."""
    real, looks = customers.find_by_email, []

    def overtaken(tenant: Any, email: str) -> Any:
        looks.append(email)
        if len(looks) > 1:
            return real(tenant, email)
        new_customer("jane@example.com")
        return None

    monkeypatch.setattr(operations.customers, "find_by_email", overtaken)
    made = invoices.create(calling(), body(email="Jane@example.com"))

    [customer] = items(client, "customer")
    assert (made.customer_id, len(looks)) == (customer["id"]["S"], 2)


def test_whoever_is_overtaken_by_another_number_makes_one_customer_and_one_invoice(client, monkeypatch):
    """Another invoice is finalized between our look and our write."""
    real, looks = numbers.Numbers.from_item, []

    def overtaken(item: Any) -> numbers.Numbers:
        seen = real(item)
        looks.append(seen)
        if len(looks) == 1:
            table().write(numbers.put(Transaction(), TENANT, seen), lambda: 10.0)
        return seen

    monkeypatch.setattr(operations.Numbers, "from_item", overtaken)
    made = invoices.create(calling(), body(email="jane@example.com", status="open"))

    assert (made.invoice_number, len(looks)) == ("INV-000002", 2)
    [customer] = items(client, "customer")
    [invoice] = items(client, "invoice")
    assert (customer["sequence"]["N"], customer["version"]["N"], invoice["sequence"]["N"]) == ("1", "1", "1")


def test_a_draft_of_a_deleted_customer_is_not_finalized_and_what_is_open_can_still_be_voided():
    customer_id = new_customer()
    waiting, owed = (
        invoices.create(calling(), body(customer_id=customer_id, status=status)) for status in ("draft", "open")
    )
    deletion.delete(calling(), customer_id)

    with pytest.raises(CustomerDeleted):
        invoices.finalize(calling(), waiting.id, Finalization())
    assert voiding.update(calling(), owed.id, InvoiceChanges(status="void")).status == "voided"


def test_a_number_of_ones_own_is_free_again_when_its_draft_has_another_or_is_gone():
    customer_id = new_customer()
    first = invoices.create(calling(), body(customer_id=customer_id, invoice_number="2026/1"))
    voiding.update(calling(), first.id, InvoiceChanges(invoice_number="2026/2"))
    second = invoices.create(calling(), body(customer_id=customer_id, invoice_number="2026/1"))
    invoices.delete(calling(), first.id)

    third = invoices.create(calling(), body(customer_id=customer_id, invoice_number="2026/2", status="open"))

    assert (second.invoice_number, third.invoice_number) == ("2026/1", "2026/2")


def test_changed_and_finalized_in_one_request():
    """What is finalized in the same transaction as it is changed has one version and one number."""
    invoice = invoices.create(calling(), body(customer_id=new_customer()))
    after = voiding.update(calling(), invoice.id, InvoiceChanges(status="open", total_minor=0, memo="Gift"))

    assert (after.status, after.version, after.invoice_number, after.memo) == ("paid", 2, "INV-000001", "Gift")
