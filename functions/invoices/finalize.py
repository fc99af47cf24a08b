"""POST /v2/invoices/{invoice_id}/finalize: make an invoice of a draft."""

from billing.edge import Caller, InvoiceId, endpoint
from billing.invoices import operations as invoices
from billing.invoices.models import Finalization, Invoice


@endpoint(scope="invoices:write", follows_test_clock=True)
def handler(caller: Caller, invoice_id: InvoiceId, body: Finalization) -> Invoice:
    """Give a draft its number, freeze its taxes and whom it bills, and make it due.

    With `auto_advance` it is collected by itself from the customer's default payment method.

    Raises:
        MalformedRequest: it is no draft (400).
        NotFound: the merchant has no such invoice (404).
        PreconditionFailed: `If-Match` names another version (412).
        CustomerDeleted: the customer is deleted (422).
        BusinessDeleted: the business is deleted (422).
    """
    return invoices.finalize(caller, invoice_id, body)
