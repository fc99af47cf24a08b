"""POST /v2/subscriptions: begin a subscription."""

from billing.edge import Caller, endpoint
from billing.subscriptions import operations as subscriptions
from billing.subscriptions.models import NewSubscription, Subscription


@endpoint(scope="subscriptions:write", status=201, follows_test_clock=True)
def handler(caller: Caller, body: NewSubscription) -> Subscription:
    """Begin a subscription: `active` at once, or `trialing` until its first paid period begins.

    Its first invoice follows a moment later, and `latest_invoice_id` names it.

    Raises:
        NotFound: the merchant has no such customer or business (404).
        CustomerDeleted: the customer is deleted (422).
    """
    return subscriptions.create(caller, body)
