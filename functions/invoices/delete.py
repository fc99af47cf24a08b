"""DELETE /v2/invoices/{invoice_id}: delete a draft."""

from billing.edge import Caller, InvoiceId, endpoint
from billing.invoices import operations as invoices
from billing.invoices.models import DeletedInvoice


@endpoint(scope="invoices:write", follows_test_clock=True)
def handler(caller: Caller, invoice_id: InvoiceId) -> DeletedInvoice:
    """Delete a draft; deleting twice is fine. What has a number is voided instead.

    Raises:
        MalformedRequest: it is no draft any more (400).
        NotFound: the merchant has no such invoice (404).
        PreconditionFailed: `If-Match` names another version (412).
    """
    return invoices.delete(caller, invoice_id)
