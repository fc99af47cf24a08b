"""What a change of a customer means to others (contract §H)."""

from billing.customers.record import Record
from billing.domain_events import DomainEvent, previous_attributes


def events_of(old: Record | None, new: Record) -> list[DomainEvent]:
    """Return what has happened between two states of a customer; None is the state before it was created.

    A write that leaves the version alone, or changes nothing that the API shows, is nobody's business.
    """
    after = new.to_customer().to_wire()
    if old is None:
        return [DomainEvent("customer.created", after)]
    if new.version <= old.version:
        return []
    if new.deleted_at and not old.deleted_at:
        return [DomainEvent("customer.deleted", after)]
    previous = previous_attributes(old.to_customer().to_wire(), after)
    return [DomainEvent("customer.updated", after, previous)] if previous else []
