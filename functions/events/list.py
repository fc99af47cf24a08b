"""GET /v2/events: list events."""

from billing import events
from billing.edge import Caller, Listing, endpoint
from billing.events import Event, ListEvents


@endpoint(scope="events:read")
def handler(caller: Caller, query: ListEvents) -> Listing[Event]:
    """List the events of the last 30 days, newest first.

    Raises:
        InvalidFields: an id or a type that is none, or a cursor that names no event (400).
    """
    return events.find(caller, query)
