"""Lists of setup intents: the merchant's, by customer and state."""

from billing.ids import object_id, parse_id
from billing.long_lists import LongList
from billing.setup_intents.models import ListSetupIntents, SetupIntent
from billing.setup_intents.record import KIND, Record
from billing.table.facets import facet
from billing.tenancy import Caller
from billing.wire import Listing


def find(caller: Caller, query: ListSetupIntents) -> Listing[SetupIntent]:
    """Return a page of setup intents, newest first; those with a filter are counted up to 1,000.

    Raises:
        InvalidFields: a cursor names no setup intent of the tenant.
        NotFound: `customer_id` is no id.
    """
    customer_id = object_id("cus", "customer", query.customer_id) if query.customer_id is not None else None
    intents = LongList(caller.tenant, KIND, "a setup intent", lambda text: parse_id("seti", text))
    found = intents.page(query, facet(customer=customer_id, status=query.status), counted=True)
    data = [Record.from_item(item).to_setup_intent() for item in found.items]
    return Listing(data, found.has_more, query.limit, total=found.total)
