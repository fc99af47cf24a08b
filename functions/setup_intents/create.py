"""POST /v2/setup-intents: create a setup intent."""

from billing import setup_intents
from billing.edge import Caller, endpoint
from billing.setup_intents import NewSetupIntent, SetupIntent


@endpoint(scope="setup_intents:write", status=201)
def handler(caller: Caller, body: NewSetupIntent) -> SetupIntent:
    """Create a setup intent; it wants a payment method then.

    Raises:
        NotFound: the merchant has no such customer (404).
        CustomerDeleted: the customer is deleted (422).
        GatewayNotConnected: the merchant has no gateway in this mode (422).
    """
    return setup_intents.create(caller, body)
