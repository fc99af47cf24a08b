"""POST /v2/payment-intents: create a payment intent."""

from billing.collection import payment_intents
from billing.edge import Caller, endpoint
from billing.payments.models import PaymentIntent
from billing.payments.requests import NewPaymentIntent


@endpoint(scope="payment_intents:write", follows_test_clock=True)
def handler(caller: Caller, body: NewPaymentIntent) -> PaymentIntent:
    """Create a payment intent: nothing is charged before it is confirmed.

    Until then it is listed as a pending payment and charge too, with the same digits.

    Raises:
        NotFound: the merchant has no such customer, the customer no such payment method (404).
        CustomerDeleted: the customer is deleted (422).
        GatewayNotConnected: the merchant has no gateway in this mode (422).
    """
    return payment_intents.create(caller, body)
