"""POST /v2/orders/{order_id}/pay: pay an order."""

from billing.collection import orders
from billing.edge import Caller, OrderId, endpoint
from billing.orders.models import Order, OrderPayment


@endpoint(scope="orders:write", follows_test_clock=True)
def handler(caller: Caller, order_id: OrderId, body: OrderPayment) -> Order:
    """Pay what is due of an order, or part of it, with a saved payment method or with a token that becomes one.

    Raises:
        MalformedRequest: the order is not to be paid; there is nothing to charge (400).
        PaymentDeclined: the gateway says no (400).
        NotFound: the merchant has no such order, the customer no such payment method (404).
        Conflict: another payment of it is under way (409).
        IdempotencyInProgress: the first request with this key is still running (409).
        CustomerDeleted: the customer is deleted (422).
        GatewayNotConnected: the merchant has no gateway in this mode (422).
        RateLimited: the gateway has too many requests (429).
    """
    return orders.pay(caller, order_id, body)
