"""POST /v2/payment-methods/{payment_method_id} (PATCH means the same): change a payment method."""

from billing import payment_methods
from billing.edge import Caller, PaymentMethodId, endpoint
from billing.payment_methods import PaymentMethod, PaymentMethodChanges


@endpoint(scope="payment_methods:write", follows_test_clock=True)
def handler(caller: Caller, payment_method_id: PaymentMethodId, body: PaymentMethodChanges) -> PaymentMethod:
    """Change billing details and metadata; number and expiry can't change.

    Raises:
        NotFound: the merchant has no such payment method (404).
    """
    return payment_methods.update(caller, payment_method_id, body)
