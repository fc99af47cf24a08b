"""PATCH /v2/businesses/{business_id}: change a business."""

from billing import businesses
from billing.businesses import Business, BusinessChanges
from billing.edge import BusinessId, Caller, endpoint


@endpoint(scope="businesses:write")
def handler(caller: Caller, business_id: BusinessId, body: BusinessChanges) -> Business:
    """Change a business: fields that are left out stay, null clears, metadata merges by key.

    Raises:
        NotFound: the merchant has no such business (404).
        BusinessDeleted: it is deleted (422).
        PreconditionFailed: `If-Match` names another version (412).
    """
    return businesses.update(caller, business_id, body)
