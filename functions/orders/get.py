"""GET /v2/orders/{order_id}: read an order."""

from billing.edge import Caller, OrderId, endpoint
from billing.orders import operations as orders
from billing.orders.models import Order


@endpoint(scope="orders:read")
def handler(caller: Caller, order_id: OrderId) -> Order:
    """Return an order.

    Raises:
        NotFound: the merchant has no such order (404).
    """
    return orders.get(caller.tenant, order_id)
