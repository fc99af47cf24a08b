"""POST /v2/orders/{order_id}/fulfill: note that what was ordered is delivered."""

from billing.edge import Caller, OrderId, endpoint
from billing.orders import operations as orders
from billing.orders.models import Order


@endpoint(scope="orders:write", follows_test_clock=True)
def handler(caller: Caller, order_id: OrderId) -> Order:
    """Fulfill an order, before or after it is paid; fulfilling twice is fine.

    Raises:
        NotFound: the merchant has no such order (404).
        MalformedRequest: it was canceled, or all of it was given back, or it has expired (400).
        PreconditionFailed: `If-Match` names another version (412).
    """
    return orders.fulfill(caller, order_id)
