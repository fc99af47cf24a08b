"""GET /v2/payment-methods/{payment_method_id}: read a payment method."""

from billing import payment_methods
from billing.edge import Caller, PaymentMethodId, endpoint
from billing.payment_methods import PaymentMethod


@endpoint(scope="payment_methods:read", follows_test_clock=True)
def handler(caller: Caller, payment_method_id: PaymentMethodId) -> PaymentMethod:
    """Return a payment method; a detached one is returned as `inactive`.

    Raises:
        NotFound: the merchant has no such payment method (404).
    """
    return payment_methods.get(caller, payment_method_id)
