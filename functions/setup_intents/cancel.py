"""POST /v2/setup-intents/{setup_intent_id}/cancel: give a setup intent up."""

from billing import setup_intents
from billing.edge import Caller, SetupIntentId, endpoint
from billing.setup_intents import Cancellation, SetupIntent


@endpoint(scope="setup_intents:write")
def handler(caller: Caller, setup_intent_id: SetupIntentId, body: Cancellation) -> SetupIntent:
    """Cancel a setup intent that still wants a payment method or an action of the payer.

    Raises:
        MalformedRequest: it is processing, succeeded or canceled (400).
        NotFound: the merchant has no such setup intent (404).
    """
    return setup_intents.cancel(caller, setup_intent_id, body)
