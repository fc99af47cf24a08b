"""GET /v2/charges: list charges."""

from billing.edge import Caller, Listing, endpoint
from billing.payments import lists
from billing.payments.models import Charge
from billing.payments.requests import ListCharges


@endpoint(scope="charges:read")
def handler(caller: Caller, query: ListCharges) -> Listing[Charge]:
    """List the merchant's charges, newest first; `total_count` counts no further than 1,000.

    With `created_gte` or `created_lte` there is no total, and up to 5,000 charges are looked at for a page: it can come
    up short and still have more. If none of them is of that time the answer is 400, with the cursor to go on from.

    Raises:
        NotFound: what `customer_id` names is no customer's id (404).
    """
    return lists.find_charges(caller.tenant, query)
