"""POST /v2/orders/{order_id}/cancel: give an order up."""

from billing.edge import Caller, OrderId, endpoint
from billing.orders import operations as orders
from billing.orders.models import Order


@endpoint(scope="orders:write", follows_test_clock=True)
def handler(caller: Caller, order_id: OrderId) -> Order:
    """Cancel an order for which nothing was paid and that is not fulfilled; canceling twice is fine.

    Raises:
        NotFound: the merchant has no such order (404).
        MalformedRequest: something was paid, or it is fulfilled (400).
        Conflict: it is being paid (409).
        PreconditionFailed: `If-Match` names another version (412).
    """
    return orders.cancel(caller, order_id)
