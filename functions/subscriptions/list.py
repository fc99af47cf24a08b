"""GET /v2/subscriptions: list subscriptions."""

from billing.edge import Caller, Listing, endpoint
from billing.subscriptions.lists import find
from billing.subscriptions.models import ListSubscriptions, Subscription


@endpoint(scope="subscriptions:read", follows_test_clock=True)
def handler(caller: Caller, query: ListSubscriptions) -> Listing[Subscription]:
    """List subscriptions, newest first; those with a filter are counted up to 1,000.

    Raises:
        NotFound: `customer_id` is no id of a customer (404).
    """
    return find(caller, query)
