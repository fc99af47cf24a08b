"""GET /v2/setup-intents: list setup intents."""

from billing.edge import Caller, Listing, endpoint
from billing.setup_intents import ListSetupIntents, SetupIntent
from billing.setup_intents.lists import find


@endpoint(scope="setup_intents:read")
def handler(caller: Caller, query: ListSetupIntents) -> Listing[SetupIntent]:
    """List setup intents, newest first; `total_count` counts no further than 1,000 of each state.

    Raises:
        NotFound: `customer_id` is no id of a customer (404).
    """
    return find(caller, query)
