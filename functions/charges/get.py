"""GET /v2/charges/{charge_id}: read a charge."""

from billing.edge import Caller, ChargeId, endpoint
from billing.payments import lists
from billing.payments.models import Charge


@endpoint(scope="charges:read")
def handler(caller: Caller, charge_id: ChargeId) -> Charge:
    """Return a charge: a payment that a gateway makes.

    Raises:
        NotFound: the merchant has no such charge; a payment that was recorded by hand is none (404).
    """
    return lists.get_charge(caller.tenant, charge_id)
