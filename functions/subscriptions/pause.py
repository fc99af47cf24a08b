"""POST /v2/subscriptions/{subscription_id}/pause: pause a subscription."""

from billing.edge import Caller, SubscriptionId, endpoint
from billing.subscriptions import operations as subscriptions
from billing.subscriptions.models import Pause, Subscription


@endpoint(scope="subscriptions:write", follows_test_clock=True)
def handler(caller: Caller, subscription_id: SubscriptionId, body: Pause) -> Subscription:
    """Pause a subscription that is active or trialing, until it is resumed or resumes by itself.

    Raises:
        MalformedRequest: it is neither active nor trialing (400).
        NotFound: the merchant has no such subscription (404).
        PreconditionFailed: `If-Match` names another version (412).
    """
    return subscriptions.pause(caller, subscription_id, body)
