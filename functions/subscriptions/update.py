"""PATCH /v2/subscriptions/{subscription_id}: change a subscription."""

from billing.edge import Caller, SubscriptionId, endpoint
from billing.subscriptions import operations as subscriptions
from billing.subscriptions.models import Subscription, SubscriptionChanges


@endpoint(scope="subscriptions:write", follows_test_clock=True)
def handler(caller: Caller, subscription_id: SubscriptionId, body: SubscriptionChanges) -> Subscription:
    """Change what is sent; a new price or quantity holds from the next period on.

    Raises:
        MalformedRequest: its state forbids it (400).
        NotFound: the merchant has no such subscription (404).
        PreconditionFailed: `If-Match` names another version (412).
        CustomerDeleted: its customer is deleted (422).
    """
    return subscriptions.update(caller, subscription_id, body)
