"""Writing only for customers who live: a condition in the writer's own transaction, so that no deletion is overlooked.

Not by the customers' own package: whoever writes for one may need nothing else of it, and it is much to import.
"""

from billing.errors import CustomerDeleted, NotFound
from billing.table import Keys, Transaction
from billing.tenancy import Tenant


def require_live(transaction: Transaction, tenant: Tenant, customer_id: str) -> Transaction:
    """Have the transaction fail if the customer is deleted, however late that comes.

    Its commit raises `CustomerDeleted` then, or `NotFound` if the tenant has no such customer.
    """
    return transaction.require(
        Keys(tenant).entity("customer", customer_id),
        without="deleted_at",
        refusal=lambda item: CustomerDeleted(customer_id) if item else NotFound("customer", customer_id),
    )
