"""What a change of an order means to others; the names are those of the official SDKs."""

from billing.domain_events import DomainEvent, previous_attributes
from billing.orders.record import Record


def events_of(old: Record | None, new: Record) -> list[DomainEvent]:
    """Return what has happened between two states of an order; None is the state before it was created.

    What has a name of its own is told by it; anything else that the API shows, such as a payment of a part or money
    given back, is an update.
    """
    if old is not None and new.version <= old.version:
        return []
    shown = new.to_order().to_wire()
    happened = [] if old else [DomainEvent("order.created", shown)]
    if new.paid_at and not (old and old.paid_at):
        happened.append(DomainEvent("order.paid", shown))
    if new.fulfilled_at and not (old and old.fulfilled_at):
        happened.append(DomainEvent("order.fulfilled", shown))
    if new.canceled_at and not (old and old.canceled_at):
        happened.append(DomainEvent("order.canceled", shown))
    if happened or old is None:
        return happened
    previous = previous_attributes(old.to_order().to_wire(), shown)
    return [DomainEvent("order.updated", shown, previous)] if previous else []
