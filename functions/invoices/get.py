"""GET /v2/invoices/{invoice_id}: read an invoice."""

from billing.edge import Caller, InvoiceId, endpoint
from billing.invoices import operations as invoices
from billing.invoices.models import Invoice


@endpoint(scope="invoices:read")
def handler(caller: Caller, invoice_id: InvoiceId) -> Invoice:
    """Return an invoice.

    Raises:
        NotFound: the merchant has no such invoice (404).
    """
    return invoices.get(caller.tenant, invoice_id)
