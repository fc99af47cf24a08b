"""GET /v2/payment-intents: list payment intents."""

from billing.edge import Caller, Listing, endpoint
from billing.payments import lists
from billing.payments.models import PaymentIntent
from billing.payments.requests import ListPaymentIntents


@endpoint(scope="payment_intents:read")
def handler(caller: Caller, query: ListPaymentIntents) -> Listing[PaymentIntent]:
    """List the payments that gateways make as payment intents, newest first; `total_count` counts to 1,000.

    With `created_gte` or `created_lte` there is no total, and up to 5,000 payment intents are looked at for a page: it
    can come up short and still have more. If none of them is of that time the answer is 400, with the cursor to go on
    from.

    Raises:
        NotFound: what `customer` names is no customer's id (404).
    """
    return lists.find_intents(caller.tenant, query)
