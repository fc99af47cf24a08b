"""DELETE /v2/customers/{customer_id}: delete a customer."""

from billing import customers
from billing.customers import DeletedCustomer
from billing.edge import Caller, CustomerId, endpoint


@endpoint(scope="customers:write")
def handler(caller: Caller, customer_id: CustomerId) -> DeletedCustomer:
    """Mark a customer as deleted. Its data is retained, its e-mail is free again; deleting twice is fine.

    Raises:
        NotFound: the merchant has no such customer (404).
        PreconditionFailed: `If-Match` names another version (412).
    """
    return customers.delete(caller, customer_id)
