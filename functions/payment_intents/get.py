"""GET /v2/payment-intents/{payment_intent_id}: read a payment intent."""

from billing.edge import Caller, PaymentIntentId, endpoint
from billing.payments import lists
from billing.payments.models import PaymentIntent


@endpoint(scope="payment_intents:read")
def handler(caller: Caller, payment_intent_id: PaymentIntentId) -> PaymentIntent:
    """Return a payment that a gateway makes, as a payment intent: the same digits as the charge and the payment.

    Raises:
        NotFound: the merchant has no such payment intent (404).
    """
    return lists.get_intent(caller.tenant, payment_intent_id)
