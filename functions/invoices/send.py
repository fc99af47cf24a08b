"""POST /v2/invoices/{invoice_id}/send: send an invoice."""

from billing.edge import Caller, InvoiceId, endpoint
from billing.invoices import operations as invoices
from billing.invoices.models import Invoice, Sending


@endpoint(scope="invoices:write", follows_test_clock=True)
def handler(caller: Caller, invoice_id: InvoiceId, body: Sending) -> Invoice:
    """Have an invoice go out to its customer; it can be sent again.

    By e-mail it is delivered with its PDF, unless the customer wants no receipts. For other channels whoever delivers
    it listens to `invoice.sent`.

    Raises:
        MalformedRequest: it is a draft, paid or voided; the customer has no phone to send it to (400).
        NotFound: the merchant has no such invoice (404).
        PreconditionFailed: `If-Match` names another version (412).
        CustomerDeleted: the customer is deleted (422).
    """
    return invoices.send(caller, invoice_id, body)
