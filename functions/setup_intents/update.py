"""POST /v2/setup-intents/{setup_intent_id} (PATCH means the same): change a setup intent."""

from billing import setup_intents
from billing.edge import Caller, SetupIntentId, endpoint
from billing.setup_intents import SetupIntent, SetupIntentChanges


@endpoint(scope="setup_intents:write")
def handler(caller: Caller, setup_intent_id: SetupIntentId, body: SetupIntentChanges) -> SetupIntent:
    """Change a setup intent that still wants a payment method or an action of the payer.

    Raises:
        MalformedRequest: it is processing, succeeded or canceled (400).
        NotFound: the merchant has no such setup intent or customer (404).
        CustomerDeleted: the customer is deleted (422).
    """
    return setup_intents.update(caller, setup_intent_id, body)
