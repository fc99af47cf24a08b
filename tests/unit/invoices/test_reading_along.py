"""What a page and a sending read beside the invoice, as it is by now."""

import pytest

from billing import businesses, customers
from billing.businesses import NewBusiness
from billing.customers import CustomerChanges
from billing.invoices import operations as invoices
from billing.invoices.models import Finalization, NewInvoice, Sending
from billing.invoices.pages import document_of
from tests.unit.gateway.scripted import TENANT, calling, new_customer

pytestmark = pytest.mark.usefixtures("opened")


def test_a_draft_bills_the_business_as_the_invoice_will():
    jane = new_customer("draft@example.com")
    fields = {"name": "Acme GmbH", "customerId": jane, "billingAddressLine1": "Weg 1", "billingCountry": "DE"}
    acme = businesses.create(calling(), NewBusiness.model_validate(fields))
    wanted = {"customerId": jane, "businessId": acme.id, "total_minor": 100}
    draft = invoices.create(calling(), NewInvoice.model_validate(wanted))

    before = document_of(TENANT, draft.id)
    invoices.finalize(calling(), draft.id, Finalization())
    after = document_of(TENANT, draft.id)

    assert (before.bill_to.name, before.bill_to.country) == ("Acme GmbH", "DE")
    assert before.bill_to == after.bill_to


def test_an_invoice_goes_to_a_phone_that_the_customer_has_got_since():
    jane = new_customer("phone@example.com")
    wanted = {"customerId": jane, "total_minor": 100, "status": "open"}
    invoice = invoices.create(calling(), NewInvoice.model_validate(wanted))
    customers.update(calling(), jane, CustomerChanges(phone="+15550100"))

    assert invoices.send(calling(), invoice.id, Sending(channel="sms")).status == "sent"
