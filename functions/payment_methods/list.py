"""GET /v2/payment-methods: list payment methods."""

from billing.edge import Caller, Listing, endpoint
from billing.payment_methods import ListPaymentMethods, PaymentMethod
from billing.payment_methods.lists import find


@endpoint(scope="payment_methods:read", follows_test_clock=True)
def handler(caller: Caller, query: ListPaymentMethods) -> Listing[PaymentMethod]:
    """List attached payment methods, newest first, expired ones included.

    Raises:
        NotFound: the merchant has no such customer (404).
    """
    return find(caller, query)
