"""GET /v2/customers/{customer_id}/subscriptions: a customer's subscriptions."""

from billing.edge import Caller, CustomerId, Listing, endpoint
from billing.subscriptions.lists import of_customer
from billing.subscriptions.models import SubscriptionSummary
from billing.wire import CursorQuery


@endpoint(scope="customers:read")
def handler(caller: Caller, customer_id: CustomerId, query: CursorQuery) -> Listing[SubscriptionSummary]:
    """List a customer's subscriptions, newest first; those of a deleted customer too.

    Raises:
        NotFound: the merchant has no such customer (404).
    """
    return of_customer(caller.tenant, customer_id, query)
