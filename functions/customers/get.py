"""GET /v2/customers/{customer_id}: read a customer."""

from billing.customers import operations as customers
from billing.customers.models import Customer
from billing.edge import Caller, CustomerId, endpoint


@endpoint(scope="customers:read")
def handler(caller: Caller, customer_id: CustomerId) -> Customer:
    """Return a customer; a deleted one is returned with `deleted: true`.

    Raises:
        NotFound: the merchant has no such customer (404).
    """
    return customers.get(caller, customer_id)
