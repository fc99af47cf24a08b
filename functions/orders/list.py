"""GET /v2/orders: list orders."""

from billing.edge import Caller, Listing, endpoint
from billing.orders import lists as orders
from billing.orders.models import ListOrders, Order


@endpoint(scope="orders:read")
def handler(caller: Caller, query: ListOrders) -> Listing[Order]:
    """List the merchant's orders, newest first. With a filter, `total_count` counts no further than 1,000.

    Raises:
        NotFound: what `customer_id` names is no customer's id (404).
    """
    return orders.find(caller.tenant, query)
