"""DELETE /v2/subscriptions/{subscription_id}: cancel a subscription at once."""

from billing.edge import Caller, SubscriptionId, endpoint
from billing.subscriptions import operations as subscriptions
from billing.subscriptions.models import DeletedSubscription


@endpoint(scope="subscriptions:write", follows_test_clock=True)
def handler(caller: Caller, subscription_id: SubscriptionId) -> DeletedSubscription:
    """Cancel a subscription; it can still be read, and deleting twice is fine.

    Raises:
        NotFound: the merchant has no such subscription (404).
        PreconditionFailed: `If-Match` names another version (412).
    """
    return subscriptions.delete(caller, subscription_id)
