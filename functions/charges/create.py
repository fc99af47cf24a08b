"""POST /v2/charges: charge a customer."""

from billing.collection import charges
from billing.edge import Caller, endpoint
from billing.payments.models import Charge
from billing.payments.requests import NewCharge


@endpoint(scope="charges:write", status=201, follows_test_clock=True)
def handler(caller: Caller, body: NewCharge) -> Charge:
    """Charge a customer's payment method, the default one unless another is named.

    `processing` and `pending` mean that the gateway has not answered for good yet: an event tells when it has. With
    `capture` false the money is only held.

    Raises:
        MalformedRequest: the customer has no active payment method (400).
        PaymentDeclined: the gateway says no (400).
        NotFound: the merchant has no such customer, the customer no such payment method (404).
        IdempotencyInProgress: the first request with this key is still running (409).
        CustomerDeleted: the customer is deleted (422).
        GatewayNotConnected: the merchant has no gateway in this mode (422).
        RateLimited: the gateway has too many requests (429).
    """
    return charges.create(caller, body)
