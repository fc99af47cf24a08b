"""DELETE /v2/customers/{customer_id}: delete a customer."""

from billing.collection import deletion
from billing.customers.models import DeletedCustomer
from billing.edge import Caller, CustomerId, endpoint


@endpoint(scope="customers:write", follows_test_clock=True)
def handler(caller: Caller, customer_id: CustomerId) -> DeletedCustomer:
    """Mark a customer as deleted; deleting twice is fine.

    Its subscriptions end at once and nothing can be charged any more. Its data and history are retained, its e-mail
    is free again.

    Raises:
        NotFound: the merchant has no such customer (404).
        PreconditionFailed: `If-Match` names another version (412).
    """
    return deletion.delete(caller, customer_id)
