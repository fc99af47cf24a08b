"""POST /v2/businesses/{business_id}/customers/{customer_id}: link a business with a customer."""

from billing import businesses
from billing.businesses import Business
from billing.edge import BusinessId, Caller, CustomerId, endpoint


@endpoint(scope="businesses:write")
def handler(caller: Caller, business_id: BusinessId, customer_id: CustomerId) -> Business:
    """Link a business with one more customer, at most 90 of them; linking twice is fine.

    Raises:
        NotFound: the merchant has no such business or customer (404).
        BusinessDeleted: the business is deleted (422).
        CustomerDeleted: the customer is deleted (422).
    """
    return businesses.link(caller, business_id, customer_id)
