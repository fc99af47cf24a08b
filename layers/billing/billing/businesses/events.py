"""What a change of a business means to others."""

from billing.businesses.record import Record
from billing.domain_events import DomainEvent, previous_attributes


def events_of(old: Record | None, new: Record) -> list[DomainEvent]:
    """Return what has happened between two states of a business; None is the state before it was created."""
    after = new.to_business().to_wire()
    if old is None:
        return [DomainEvent("business.created", after)]
    if new.version <= old.version:
        return []
    if new.deleted_at and not old.deleted_at:
        return [DomainEvent("business.deleted", after)]
    previous = previous_attributes(old.to_business().to_wire(), after)
    return [DomainEvent("business.updated", after, previous)] if previous else []
