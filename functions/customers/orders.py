"""GET /v2/customers/{customer_id}/orders: a customer's orders."""

from billing.edge import Caller, CustomerId, Listing, endpoint
from billing.orders import lists as orders
from billing.orders.models import OrderSummary
from billing.wire import CursorQuery


@endpoint(scope="customers:read")
def handler(caller: Caller, customer_id: CustomerId, query: CursorQuery) -> Listing[OrderSummary]:
    """List a customer's orders, newest first; a deleted customer's too.

    Raises:
        NotFound: the merchant has no such customer (404).
    """
    return orders.of_customer(caller.tenant, customer_id, query)
