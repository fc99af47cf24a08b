"""GET /v2/subscriptions/{subscription_id}: read a subscription."""

from billing.edge import Caller, SubscriptionId, endpoint
from billing.subscriptions import operations as subscriptions
from billing.subscriptions.models import Subscription


@endpoint(scope="subscriptions:read", follows_test_clock=True)
def handler(caller: Caller, subscription_id: SubscriptionId) -> Subscription:
    """Return a subscription.

    Raises:
        NotFound: the merchant has no such subscription (404).
    """
    return subscriptions.get(caller, subscription_id)
