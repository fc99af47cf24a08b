"""GET /v2/invoices: list invoices."""

from billing.edge import Caller, Listing, endpoint
from billing.invoices.lists import find
from billing.invoices.models import Invoice, ListInvoices


@endpoint(scope="invoices:read")
def handler(caller: Caller, query: ListInvoices) -> Listing[Invoice]:
    """List invoices, newest first: all of them, of one customer, of one status.

    Raises:
        NotFound: `customer_id` is no id (404).
    """
    return find(caller.tenant, query)
