"""GET /v2/customers/{customer_id}/payment-methods: a customer's payment methods."""

from billing.edge import Caller, CustomerId, Listing, endpoint
from billing.payment_methods import PaymentMethod
from billing.payment_methods.lists import of_customer


@endpoint(scope="payment_methods:read", follows_test_clock=True)
def handler(caller: Caller, customer_id: CustomerId) -> Listing[PaymentMethod]:
    """List a customer's active payment methods, newest first.

    Raises:
        NotFound: the merchant has no such customer (404).
    """
    return of_customer(caller, customer_id)
