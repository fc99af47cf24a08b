"""What a change of a payment method means to others (contract §H)."""

from dataclasses import replace

from billing.domain_events import DomainEvent, previous_attributes
from billing.payment_methods.record import Record

ATTACHED = "customer.payment_method.attached"
DETACHED = "customer.payment_method.detached"
UPDATED = "customer.payment_method.updated"


def events_of(old: Record | None, new: Record) -> list[DomainEvent]:
    """Return what has happened between two states of a payment method; None is the state before it was made.

    A move to another customer is one change and two events: gone from the first, then there with the second. Of what
    changes in its place, only what the issuer changes is told: a card's number or expiry.
    """
    before = old.customer_id if old and old.is_attached else None
    after = new.customer_id if new.is_attached else None
    if old and new.version <= old.version:
        return []
    if before == after:
        return [_reissued(old, new)] if old and after and old.details != new.details else []
    happened = []
    if before:
        gone = replace(new, customer_id=before, is_attached=False, was_default=False)
        happened.append(DomainEvent(DETACHED, gone.to_snapshot().to_wire()))
    if after:
        happened.append(DomainEvent(ATTACHED, new.to_snapshot().to_wire()))
    return happened


def _reissued(old: Record, new: Record) -> DomainEvent:
    after = new.to_snapshot().to_wire()
    before = replace(new, details=old.details).to_snapshot().to_wire()  # what the new details alone have changed
    return DomainEvent(UPDATED, after, previous_attributes(before, after))
