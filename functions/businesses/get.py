"""GET /v2/businesses/{business_id}: read a business."""

from billing import businesses
from billing.businesses import Business
from billing.edge import BusinessId, Caller, endpoint


@endpoint(scope="businesses:read")
def handler(caller: Caller, business_id: BusinessId) -> Business:
    """Return a business; a deleted one is returned with `deleted: true`.

    Raises:
        NotFound: the merchant has no such business (404).
    """
    return businesses.get(caller.tenant, business_id)
