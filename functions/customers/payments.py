"""GET /v2/customers/{customer_id}/payments: a customer's payments."""

from billing.edge import Caller, CustomerId, Listing, endpoint
from billing.payments import lists
from billing.payments.models import PaymentSummary
from billing.wire import CursorQuery


@endpoint(scope="customers:read")
def handler(caller: Caller, customer_id: CustomerId, query: CursorQuery) -> Listing[PaymentSummary]:
    """List a customer's payments, newest first; a deleted customer's too.

    Raises:
        NotFound: the merchant has no such customer (404).
    """
    return lists.of_customer(caller.tenant, customer_id, query)
