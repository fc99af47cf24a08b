"""POST /v2/charges/{charge_id}/refund: give money back."""

from billing.collection import charges
from billing.edge import Caller, ChargeId, endpoint
from billing.payments.models import Charge
from billing.payments.requests import NewRefund


@endpoint(scope="charges:write", follows_test_clock=True)
def handler(caller: Caller, charge_id: ChargeId, body: NewRefund) -> Charge:
    """Give back what is left of a charge, or part of it; a deleted customer can be given back to, too.

    Raises:
        MalformedRequest: nothing was taken, nothing is left, or the gateway declines (400).
        NotFound: the merchant has no such charge (404).
        Conflict: the gateway is being asked about it right now (409).
        GatewayNotConnected: the merchant has no gateway in this mode (422).
        RateLimited: the gateway has too many requests (429).
    """
    return charges.refund(caller, charge_id, body)
