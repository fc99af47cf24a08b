"""POST /v2/subscriptions/{subscription_id}/reactivate: undo a cancellation that has yet to come."""

from billing.edge import Caller, SubscriptionId, endpoint
from billing.subscriptions import operations as subscriptions
from billing.subscriptions.models import Subscription


@endpoint(scope="subscriptions:write", follows_test_clock=True)
def handler(caller: Caller, subscription_id: SubscriptionId) -> Subscription:
    """Have a subscription go on that was to be canceled with its current period.

    Raises:
        MalformedRequest: it is over, or was not going to be canceled (400).
        NotFound: the merchant has no such subscription (404).
        PreconditionFailed: `If-Match` names another version (412).
        CustomerDeleted: its customer is deleted (422).
    """
    return subscriptions.reactivate(caller, subscription_id)
