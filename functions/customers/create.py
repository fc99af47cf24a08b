"""POST /v2/customers: create a customer."""

from billing.customers import operations as customers
from billing.customers.models import Customer, NewCustomer
from billing.edge import Caller, endpoint


@endpoint(scope="customers:write", status=201)
def handler(caller: Caller, body: NewCustomer) -> Customer:
    """Create a customer of the caller's merchant.

    Raises:
        EmailTaken: another live customer of the merchant has this e-mail (409).
    """
    return customers.create(caller, body, source="api")
