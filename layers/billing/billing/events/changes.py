"""From the table's stream to events. A resource takes part by its reading and one line in `DOMAIN_EVENTS`.

Readings are imported when the first change of their kind comes: there are more and more of them, a batch holds few.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Any

from billing.domain_events import DomainEvent
from billing.events.envelope import enveloped
from billing.events.models import Event
from billing.table import Item
from billing.table.items import from_attributes

type Reading = Callable[[Item | None, Item], Sequence[DomainEvent]]
"""Says what has happened between two states of an item."""


def _between[R](from_item: Callable[[Item], R], events_of: Callable[[R | None, R], Sequence[DomainEvent]]) -> Reading:
    return lambda old, new: events_of(None if old is None else from_item(old), from_item(new))


@cache
def _business() -> Reading:
    from billing.businesses import events, record  # noqa: PLC0415 - see above

    return _between(record.Record.from_item, events.events_of)


@cache
def _customer() -> Reading:
    from billing.customers import events, record  # noqa: PLC0415 - see above

    return _between(record.Record.from_item, events.events_of)


@cache
def _invoice() -> Reading:
    from billing.invoices import events, record  # noqa: PLC0415 - see above

    return _between(record.Record.from_item, events.events_of)


@cache
def _order() -> Reading:
    from billing.orders import events, record  # noqa: PLC0415 - see above

    return _between(record.Record.from_item, events.events_of)


@cache
def _payment() -> Reading:
    from billing.payments import events, record  # noqa: PLC0415 - see above

    return _between(record.Record.from_item, events.events_of)


@cache
def _payment_method() -> Reading:
    from billing.payment_methods import events, record  # noqa: PLC0415 - see above

    return _between(record.Record.from_item, events.events_of)


@cache
def _subscription() -> Reading:
    from billing.subscriptions import events, record  # noqa: PLC0415 - see above

    return _between(record.Record.from_item, events.events_of)


DOMAIN_EVENTS: Mapping[str, Callable[[], Reading]] = {
    "business": _business,
    "customer": _customer,
    "invoice": _invoice,
    "order": _order,
    "payment": _payment,
    "payment_method": _payment_method,
    "subscription": _subscription,
}
"""By the item's attribute `entity`. The template's stream filter lets the same kinds through."""


def events_in(record: Mapping[str, Any]) -> list[Event]:
    """Return the events of one stream record, in the order in which they have happened.

    An item that vanishes, which only TTL does, is no event.

    Raises:
        KeyError: an entity that nothing reads, or an image without what every entity has.
    """
    images = record["dynamodb"]
    if "NewImage" not in images:
        return []
    new = from_attributes(images["NewImage"])
    old = from_attributes(images["OldImage"]) if "OldImage" in images else None
    happened = DOMAIN_EVENTS[new["entity"]]()(old, new)
    return [enveloped(each, new, record["eventSourceARN"]) for each in happened]
