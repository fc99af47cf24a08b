"""POST /v2/invoices/{invoice_id}/void: have nobody pay an invoice."""

from billing.collection import voiding
from billing.edge import Caller, InvoiceId, endpoint
from billing.invoices.models import Invoice, Voiding


@endpoint(scope="invoices:write", follows_test_clock=True)
def handler(caller: Caller, invoice_id: InvoiceId, body: Voiding) -> Invoice:
    """Void an invoice for which nothing was paid; its number stays taken.

    A subscription that was past due because of it is active again.

    Raises:
        MalformedRequest: it is a draft, voided, or something was paid for it (400).
        NotFound: the merchant has no such invoice (404).
        Conflict: it is being paid (409).
        PreconditionFailed: `If-Match` names another version (412).
    """
    return voiding.void(caller, invoice_id, body)
