"""POST /v2/subscriptions/{subscription_id}/cancel: end a subscription."""

from billing.edge import Caller, SubscriptionId, endpoint
from billing.subscriptions import operations as subscriptions
from billing.subscriptions.models import Subscription, SubscriptionCancellation


@endpoint(scope="subscriptions:write", follows_test_clock=True)
def handler(caller: Caller, subscription_id: SubscriptionId, body: SubscriptionCancellation) -> Subscription:
    """End a subscription, at once or with its current period; nothing is given back for the rest of a period.

    Raises:
        MalformedRequest: it is canceled or expired (400).
        NotFound: the merchant has no such subscription (404).
        PreconditionFailed: `If-Match` names another version (412).
    """
    return subscriptions.cancel(caller, subscription_id, body)
