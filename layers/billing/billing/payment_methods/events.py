"""What a change of a payment method means to others (contract §H)."""

from dataclasses import replace

from billing.domain_events import DomainEvent
from billing.payment_methods.record import Record

ATTACHED = "customer.payment_method.attached"
DETACHED = "customer.payment_method.detached"


def events_of(old: Record | None, new: Record) -> list[DomainEvent]:
    """Return what has happened between two states of a payment method; None is the state before it was made.

    A move to another customer is one change and two events: gone from the first, then there with the second.
    """
    before = old.customer_id if old and old.is_attached else None
    after = new.customer_id if new.is_attached else None
    if before == after or (old and new.version <= old.version):
        return []
    happened = []
    if before:
        gone = replace(new, customer_id=before, is_attached=False, was_default=False)
        happened.append(DomainEvent(DETACHED, gone.to_snapshot().to_wire()))
    if after:
        happened.append(DomainEvent(ATTACHED, new.to_snapshot().to_wire()))
    return happened
