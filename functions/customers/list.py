"""GET /v2/customers: list and search customers."""

from billing.customers.lists import list_customers
from billing.customers.models import Customer, ListCustomers
from billing.edge import Caller, Listing, endpoint


@endpoint(scope="customers:read")
def handler(caller: Caller, query: ListCustomers) -> Listing[Customer]:
    """List the merchant's customers, newest first, or find them by e-mail or by words. Deleted ones are left out.

    `starting_after` and `ending_before` take ids of customers, also of deleted ones; `has_more` is about the direction
    of reading. A new customer is in the list and found by `email` at once, and found by `search` about a second later.
    Results of a search stand in the order of the matched word, then newest first, and have no total.

    Raises:
        InvalidFields: a parameter is unknown or wrong, or a cursor names no customer of the merchant (400).
    """
    return list_customers(caller.tenant, query, caller.call.now)
