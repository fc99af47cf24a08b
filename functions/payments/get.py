"""GET /v2/payments/{payment_id}: read a payment."""

from billing.edge import Caller, PaymentId, endpoint
from billing.payments import lists
from billing.payments.models import Payment


@endpoint(scope="payments:read")
def handler(caller: Caller, payment_id: PaymentId) -> Payment:
    """Return a payment, whether a gateway makes it or somebody has recorded it by hand.

    Raises:
        NotFound: the merchant has no such payment (404).
    """
    return lists.get(caller.tenant, payment_id)
