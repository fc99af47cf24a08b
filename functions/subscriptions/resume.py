"""POST /v2/subscriptions/{subscription_id}/resume: have a paused subscription go on."""

from billing.edge import Caller, SubscriptionId, endpoint
from billing.subscriptions import operations as subscriptions
from billing.subscriptions.models import Subscription


@endpoint(scope="subscriptions:write", follows_test_clock=True)
def handler(caller: Caller, subscription_id: SubscriptionId) -> Subscription:
    """Have a subscription go on: in the current period, or in a new one, billed at once, if that is over by now.

    Raises:
        MalformedRequest: it is not paused (400).
        NotFound: the merchant has no such subscription (404).
        PreconditionFailed: `If-Match` names another version (412).
        CustomerDeleted: its customer is deleted (422).
    """
    return subscriptions.resume(caller, subscription_id)
