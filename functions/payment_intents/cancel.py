"""POST /v2/payment-intents/{payment_intent_id}/cancel: give a payment intent up."""

from billing.collection import payment_intents
from billing.edge import Caller, PaymentIntentId, endpoint
from billing.payments.models import PaymentIntent
from billing.payments.requests import IntentCancellation


@endpoint(scope="payment_intents:write", follows_test_clock=True)
def handler(caller: Caller, payment_intent_id: PaymentIntentId, body: IntentCancellation) -> PaymentIntent:
    """Give a payment intent up that has not come in; money that is held for it is let go.

    Raises:
        MalformedRequest: it has come in, is on its way, or was canceled before (400).
        NotFound: the merchant has no such payment intent (404).
        Conflict: the gateway is being asked about it right now (409).
        GatewayNotConnected: the merchant has no gateway in this mode (422).
        RateLimited: the gateway has too many requests (429).
    """
    return payment_intents.cancel(caller, payment_intent_id, body)
