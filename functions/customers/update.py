"""PATCH /v2/customers/{customer_id} (PUT and POST mean the same): change a customer."""

from billing.customers import operations as customers
from billing.customers.models import Customer, CustomerChanges
from billing.edge import Caller, CustomerId, endpoint


@endpoint(scope="customers:write")
def handler(caller: Caller, customer_id: CustomerId, body: CustomerChanges) -> Customer:
    """Change a customer: fields that are left out stay, null clears, metadata and custom fields merge by key.

    Raises:
        NotFound: the merchant has no such customer (404).
        CustomerDeleted: it is deleted (422).
        EmailTaken: the new e-mail belongs to another live customer (409).
        PreconditionFailed: `If-Match` names another version (412).
    """
    return customers.update(caller, customer_id, body)
