"""DELETE /v2/customers/{customer_id}/addresses/{address_id}: remove an address."""

from billing import addresses
from billing.addresses import DeletedAddress
from billing.edge import AddressId, Caller, CustomerId, endpoint


@endpoint(scope="customers:write")
def handler(caller: Caller, customer_id: CustomerId, address_id: AddressId) -> DeletedAddress:
    """Remove an address. If it was the default, the newest that is left of its type takes its place.

    Raises:
        NotFound: the merchant has no such customer, or the customer no such address (404).
        CustomerDeleted: the customer is deleted (422).
    """
    return addresses.remove(caller, customer_id, address_id)
