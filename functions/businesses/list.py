"""GET /v2/businesses: list businesses."""

from billing import businesses
from billing.businesses import Business, ListBusinesses
from billing.edge import Caller, Listing, endpoint


@endpoint(scope="businesses:read")
def handler(caller: Caller, query: ListBusinesses) -> Listing[Business]:
    """List the merchant's businesses, newest first, or those of one customer. Deleted ones are left out.

    Raises:
        NotFound: what `customer_id` names is no customer's id (404).
    """
    return businesses.list_businesses(caller.tenant, query)
