"""GET /v2/customers/{customer_id}/invoices: a customer's invoices."""

from billing.edge import Caller, CustomerId, Listing, endpoint
from billing.invoices.lists import of_customer
from billing.invoices.models import InvoiceSummary
from billing.wire import CursorQuery


@endpoint(scope="customers:read")
def handler(caller: Caller, customer_id: CustomerId, query: CursorQuery) -> Listing[InvoiceSummary]:
    """List the invoices of a customer, a deleted one too, newest first.

    Raises:
        NotFound: the merchant has no such customer (404).
    """
    return of_customer(caller.tenant, customer_id, query)
