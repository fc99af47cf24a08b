"""POST /v2/payment-methods: keep a payment method."""

from billing.edge import Caller, endpoint
from billing.payment_methods import NewPaymentMethod, PaymentMethod
from billing.payment_methods.creation import create


@endpoint(scope="payment_methods:write", status=201, follows_test_clock=True)
def handler(caller: Caller, body: NewPaymentMethod) -> PaymentMethod:
    """Have the gateway keep what a token stands for, and attach it to a customer.

    Raises:
        PaymentDeclined: the gateway says no (400).
        NotFound: the merchant has no such customer (404).
        IdempotencyInProgress: the first request for the same is still running (409).
        CustomerDeleted: the customer is deleted (422).
        GatewayNotConnected: the merchant has no gateway in this mode (422).
        RateLimited: the gateway has too many requests (429).
        Unavailable: the gateway does not answer; send the same request again (503).
    """
    return create(caller, body)
