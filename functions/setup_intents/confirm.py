"""POST /v2/setup-intents/{setup_intent_id}/confirm: verify a payment method and keep it."""

from billing.edge import Caller, SetupIntentId, endpoint
from billing.setup_intents import Confirmation, SetupIntent
from billing.setup_intents.confirmation import confirm


@endpoint(scope="setup_intents:write", follows_test_clock=True)
def handler(caller: Caller, setup_intent_id: SetupIntentId, body: Confirmation) -> SetupIntent:
    """Have the gateway verify a payment method and attach it to the intent's customer.

    `requires_action` means that the payer must act; confirm again then, with nothing. `processing` means that the
    gateway has not answered yet; the intent tells when it has.

    Raises:
        PaymentDeclined: the gateway says no (400).
        MalformedRequest: the intent is succeeded or canceled (400).
        NotFound: the merchant has no such setup intent, the customer no such payment method (404).
        IdempotencyInProgress: another confirmation is still running (409).
        CustomerDeleted: the customer is deleted (422).
        GatewayNotConnected: the merchant has no gateway in this mode (422).
        RateLimited: the gateway has too many requests (429).
    """
    return confirm(caller, setup_intent_id, body)
