"""POST /v2/charges/{charge_id}/capture: take money that is held."""

from billing.collection import charges
from billing.edge import Caller, ChargeId, endpoint
from billing.payments.models import Charge
from billing.payments.requests import Capture


@endpoint(scope="charges:write", follows_test_clock=True)
def handler(caller: Caller, charge_id: ChargeId, body: Capture) -> Charge:
    """Take the money that a charge holds, all of it or less; the rest is let go.

    Raises:
        MalformedRequest: nothing is held, or the gateway declines (400).
        NotFound: the merchant has no such charge (404).
        Conflict: the gateway is being asked about it right now (409).
        CustomerDeleted: the customer is deleted (422).
        GatewayNotConnected: the merchant has no gateway in this mode (422).
        RateLimited: the gateway has too many requests (429).
    """
    return charges.capture(caller, charge_id, body)
