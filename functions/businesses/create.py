"""POST /v2/businesses: create a business."""

from billing import businesses
from billing.businesses import Business, NewBusiness
from billing.edge import Caller, endpoint


@endpoint(scope="businesses:write", status=201)
def handler(caller: Caller, body: NewBusiness) -> Business:
    """Create a business, linked with a customer if one is named.

    Its tax identifier is recognised by form and check digits: `tax_identifier_type` and `tax_identifier_status` say as
    what. One that is certainly wrong in the business' country is refused.

    Raises:
        NotFound: the merchant has no such customer (404).
        CustomerDeleted: the customer is deleted (422).
    """
    return businesses.create(caller, body)
