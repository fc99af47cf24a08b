"""POST /v2/payment-methods/{payment_method_id}/default: pay with this one."""

from billing import payment_methods
from billing.edge import Caller, PaymentMethodId, endpoint
from billing.payment_methods import NoFields, PaymentMethod


@endpoint(scope="payment_methods:write", follows_test_clock=True)
def handler(caller: Caller, payment_method_id: PaymentMethodId, body: NoFields) -> PaymentMethod:  # noqa: ARG001 - none
    """Make a payment method its customer's default, instead of the one that was.

    Raises:
        MalformedRequest: it is detached or expired (400).
        NotFound: the merchant has no such payment method (404).
        CustomerDeleted: its customer is deleted (422).
    """
    return payment_methods.set_default(caller, payment_method_id)
