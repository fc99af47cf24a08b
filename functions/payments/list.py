"""GET /v2/payments: list payments."""

from billing.edge import Caller, Listing, endpoint
from billing.payments import lists
from billing.payments.models import Payment
from billing.payments.requests import ListPayments


@endpoint(scope="payments:read")
def handler(caller: Caller, query: ListPayments) -> Listing[Payment]:
    """List the merchant's payments, newest first. With a filter, `total_count` counts no further than 1,000.

    Raises:
        NotFound: what `customer_id` names is no customer's id (404).
    """
    return lists.find(caller.tenant, query)
