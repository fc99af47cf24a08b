"""POST /v2/payment-intents/{payment_intent_id}/capture: take money that is held."""

from billing.collection import payment_intents
from billing.edge import Caller, PaymentIntentId, endpoint
from billing.payments.models import PaymentIntent
from billing.payments.requests import IntentCapture


@endpoint(scope="payment_intents:write", follows_test_clock=True)
def handler(caller: Caller, payment_intent_id: PaymentIntentId, body: IntentCapture) -> PaymentIntent:
    """Take the money that is held for a payment intent, all of it or less; the rest is let go.

    Raises:
        MalformedRequest: nothing is held, or the gateway declines (400).
        NotFound: the merchant has no such payment intent (404).
        Conflict: the gateway is being asked about it right now (409).
        CustomerDeleted: the customer is deleted (422).
        GatewayNotConnected: the merchant has no gateway in this mode (422).
        RateLimited: the gateway has too many requests (429).
    """
    return payment_intents.capture(caller, payment_intent_id, body)
