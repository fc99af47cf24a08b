"""GET /v2/businesses: list businesses."""

from billing.businesses import Business, ListBusinesses
from billing.businesses.lists import list_businesses
from billing.edge import Caller, Listing, endpoint


@endpoint(scope="businesses:read")
def handler(caller: Caller, query: ListBusinesses) -> Listing[Business]:
    """List the merchant's businesses, newest first, or those of one customer. Deleted ones are left out.

    Raises:
        NotFound: what `customer_id` names is no customer's id (404).
    """
    return list_businesses(caller.tenant, query)
