"""PATCH /v2/invoices/{invoice_id}: change an invoice."""

from billing.collection import voiding
from billing.edge import Caller, InvoiceId, endpoint
from billing.invoices.models import Invoice, InvoiceChanges


@endpoint(scope="invoices:write", follows_test_clock=True)
def handler(caller: Caller, invoice_id: InvoiceId, body: InvoiceChanges) -> Invoice:
    """Change anything of a draft; of an open invoice its due date, memo, custom fields and metadata.

    Raises:
        MalformedRequest: something is to change that is frozen, or the status can't be reached (400).
        NotFound: the merchant has no such invoice or business (404).
        Conflict: another invoice has this number, or it is being paid (409).
        PreconditionFailed: `If-Match` names another version (412).
        CustomerDeleted: the customer is deleted (422).
        BusinessDeleted: the business is deleted (422).
    """
    return voiding.update(caller, invoice_id, body)
