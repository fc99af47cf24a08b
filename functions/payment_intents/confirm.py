"""POST /v2/payment-intents/{payment_intent_id}/confirm: make the payment."""

from billing.collection import payment_intents
from billing.edge import Caller, PaymentIntentId, endpoint
from billing.payments.models import PaymentIntent
from billing.payments.requests import IntentConfirmation


@endpoint(scope="payment_intents:write", follows_test_clock=True)
def handler(caller: Caller, payment_intent_id: PaymentIntentId, body: IntentConfirmation) -> PaymentIntent:
    """Have the gateway take the money, or hold it until it is captured.

    `requires_action` means that the payer must act, as `next_action` says. `processing` with nothing capturable means
    that the gateway has not answered for good yet. Events tell what becomes of both. After a decline the payment intent
    is `requires_payment_method`, and can be confirmed again with another one.

    Raises:
        PaymentDeclined: the gateway says no (400).
        MalformedRequest: it was confirmed or canceled before; the customer has no active payment method (400).
        NotFound: the merchant has no such payment intent, the customer no such payment method (404).
        Conflict: the gateway is being asked about it right now (409).
        CustomerDeleted: the customer is deleted (422).
        GatewayNotConnected: the merchant has no gateway in this mode (422).
        RateLimited: the gateway has too many requests (429).
    """
    return payment_intents.confirm(caller, payment_intent_id, body)
