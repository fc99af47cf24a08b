"""PATCH /v2/customers/{customer_id}/addresses/{address_id}: change an address."""

from billing import addresses
from billing.addresses import AddressChanges, CustomerAddress
from billing.edge import AddressId, Caller, CustomerId, endpoint


@endpoint(scope="customers:write")
def handler(caller: Caller, customer_id: CustomerId, address_id: AddressId, body: AddressChanges) -> CustomerAddress:
    """Change an address: fields that are left out stay, null clears, `is_default: true` makes it its type's default.

    Raises:
        NotFound: the merchant has no such customer, or the customer no such address (404).
        CustomerDeleted: the customer is deleted (422).
    """
    return addresses.change(caller, customer_id, address_id, body)
