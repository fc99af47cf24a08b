"""POST /v2/payment-methods/{payment_method_id}/detach: take a payment method from its customer."""

from billing import payment_methods
from billing.edge import Caller, PaymentMethodId, endpoint
from billing.payment_methods import NoFields, PaymentMethod


@endpoint(scope="payment_methods:write", follows_test_clock=True)
def handler(caller: Caller, payment_method_id: PaymentMethodId, body: NoFields) -> PaymentMethod:  # noqa: ARG001 - none
    """Detach a payment method: it can't be charged any more; if it was the default, the newest other one becomes it.

    Raises:
        MalformedRequest: it is not attached (400).
        NotFound: the merchant has no such payment method (404).
        CustomerDeleted: its customer is deleted (422).
    """
    return payment_methods.detach(caller, payment_method_id)
