"""POST /v2/payment-methods/{payment_method_id}/attach: give a payment method to a customer."""

from billing import payment_methods
from billing.edge import Caller, PaymentMethodId, endpoint
from billing.payment_methods import Attachment, PaymentMethod


@endpoint(scope="payment_methods:write", follows_test_clock=True)
def handler(caller: Caller, payment_method_id: PaymentMethodId, body: Attachment) -> PaymentMethod:
    """Attach a payment method to a customer; another customer's is detached from there at the same moment.

    Raises:
        MalformedRequest: the customer has as many as there may be, or an expired card is to be the default (400).
        NotFound: the merchant has no such payment method or customer (404).
        CustomerDeleted: either customer is deleted (422).
    """
    return payment_methods.attach(caller, payment_method_id, body)
