"""DELETE /v2/businesses/{business_id}: delete a business."""

from billing import businesses
from billing.businesses import DeletedBusiness
from billing.edge import BusinessId, Caller, endpoint


@endpoint(scope="businesses:write")
def handler(caller: Caller, business_id: BusinessId) -> DeletedBusiness:
    """Mark a business as deleted. Its data is retained, its customers no longer find it; deleting twice is fine.

    Raises:
        NotFound: the merchant has no such business (404).
        PreconditionFailed: `If-Match` names another version (412).
    """
    return businesses.delete(caller, business_id)
