"""POST /v2/charges/{charge_id}/void: let held money go."""

from billing.collection import charges
from billing.edge import Caller, ChargeId, endpoint
from billing.payments.models import Charge


@endpoint(scope="charges:write", follows_test_clock=True)
def handler(caller: Caller, charge_id: ChargeId) -> Charge:
    """Let the money go that a charge holds.

    Raises:
        MalformedRequest: nothing is held, or the gateway declines (400).
        NotFound: the merchant has no such charge (404).
        Conflict: the gateway is being asked about it right now (409).
        GatewayNotConnected: the merchant has no gateway in this mode (422).
        RateLimited: the gateway has too many requests (429).
    """
    return charges.void(caller, charge_id)
