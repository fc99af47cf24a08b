"""From the table's stream to events. A resource takes part by one line in `DOMAIN_EVENTS`."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from billing.businesses import events as businesses
from billing.businesses.record import Record as BusinessRecord
from billing.customers import events as customers
from billing.customers.record import Record as CustomerRecord
from billing.domain_events import DomainEvent
from billing.events.envelope import enveloped
from billing.events.models import Event
from billing.payment_methods import events as payment_methods
from billing.payment_methods.record import Record as PaymentMethodRecord
from billing.payments import events as payments
from billing.payments.record import Record as PaymentRecord
from billing.table import Item
from billing.table.items import from_attributes

type Reading = Callable[[Item | None, Item], Sequence[DomainEvent]]
"""Says what has happened between two states of an item."""


def _between[R](from_item: Callable[[Item], R], events_of: Callable[[R | None, R], Sequence[DomainEvent]]) -> Reading:
    return lambda old, new: events_of(None if old is None else from_item(old), from_item(new))


DOMAIN_EVENTS: Mapping[str, Reading] = {
    "business": _between(BusinessRecord.from_item, businesses.events_of),
    "customer": _between(CustomerRecord.from_item, customers.events_of),
    "payment": _between(PaymentRecord.from_item, payments.events_of),
    "payment_method": _between(PaymentMethodRecord.from_item, payment_methods.events_of),
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
    happened = DOMAIN_EVENTS[new["entity"]](old, new)
    return [enveloped(each, new, record["eventSourceARN"]) for each in happened]
