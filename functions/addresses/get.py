"""GET /v2/customers/{customer_id}/addresses/{address_id}: read an address."""

from billing import addresses
from billing.addresses import CustomerAddress
from billing.edge import AddressId, Caller, CustomerId, endpoint


@endpoint(scope="customers:read")
def handler(caller: Caller, customer_id: CustomerId, address_id: AddressId) -> CustomerAddress:
    """Return an address of a customer.

    Raises:
        NotFound: the merchant has no such customer, or the customer no such address (404).
    """
    return addresses.get(caller.tenant, customer_id, address_id)
