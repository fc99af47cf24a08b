"""GET /v2/setup-intents/{setup_intent_id}: read a setup intent."""

from billing import setup_intents
from billing.edge import Caller, SetupIntentId, endpoint
from billing.setup_intents import SetupIntent


@endpoint(scope="setup_intents:read")
def handler(caller: Caller, setup_intent_id: SetupIntentId) -> SetupIntent:
    """Return a setup intent.

    Raises:
        NotFound: the merchant has no such setup intent (404).
    """
    return setup_intents.get(caller.tenant, setup_intent_id)
