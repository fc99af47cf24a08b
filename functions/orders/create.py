"""POST /v2/orders: place an order."""

from billing.edge import Caller, endpoint
from billing.orders import operations as orders
from billing.orders.models import NewOrder, Order


@endpoint(scope="orders:write", status=201, follows_test_clock=True)
def handler(caller: Caller, body: NewOrder) -> Order:
    """Place an order of a customer.

    It bears the tax of the merchant's rates where the customer is billed. With `expires_at` it is canceled then, unless
    something of it was paid or it was fulfilled. An order that costs nothing is paid at once.

    Raises:
        NotFound: the merchant has no such customer (404).
        CustomerDeleted: the customer is deleted (422).
    """
    return orders.create(caller, body)
