"""DELETE /v2/businesses/{business_id}/customers/{customer_id}: undo the link of a business with a customer."""

from billing import businesses
from billing.businesses import Business
from billing.edge import BusinessId, Caller, CustomerId, endpoint


@endpoint(scope="businesses:write")
def handler(caller: Caller, business_id: BusinessId, customer_id: CustomerId) -> Business:
    """Undo the link of a business with a customer and return the business; undoing it twice is fine.

    Raises:
        NotFound: the merchant has no such business (404).
        BusinessDeleted: the business is deleted (422).
    """
    return businesses.unlink(caller, business_id, customer_id)
