"""GET /v2/events/{event_id}: read an event."""

from billing import events
from billing.edge import Caller, EventId, endpoint
from billing.events import Event


@endpoint(scope="events:read")
def handler(caller: Caller, event_id: EventId) -> Event:
    """Return an event of the last 30 days.

    Raises:
        NotFound: the merchant has no such event (404).
    """
    return events.get(caller, event_id)
