"""GET /v2/customers/{customer_id}/addresses: list a customer's addresses."""

from billing import addresses
from billing.addresses import CustomerAddress, ListAddresses
from billing.edge import Caller, CustomerId, Listing, endpoint


@endpoint(scope="customers:read")
def handler(caller: Caller, customer_id: CustomerId, query: ListAddresses) -> Listing[CustomerAddress]:
    """List a customer's addresses, newest first; a deleted customer's too.

    Raises:
        NotFound: the merchant has no such customer (404).
    """
    return addresses.list_addresses(caller.tenant, customer_id, query)
