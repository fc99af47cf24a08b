"""POST /v2/customers/{customer_id}/addresses: add an address to a customer."""

from billing import addresses
from billing.addresses import CustomerAddress, NewAddress
from billing.edge import Caller, CustomerId, endpoint


@endpoint(scope="customers:write", status=201)
def handler(caller: Caller, customer_id: CustomerId, body: NewAddress) -> CustomerAddress:
    """Add a billing or shipping address to a customer, at most 20 of them. The first of a type is its default.

    The default billing address is the customer's own `address`: to add or to change it changes the customer.

    Raises:
        NotFound: the merchant has no such customer (404).
        CustomerDeleted: it is deleted (422).
    """
    return addresses.add(caller, customer_id, body)
