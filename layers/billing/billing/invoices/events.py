"""What a change of an invoice means to others; the names are those of the official SDKs."""

from billing.domain_events import DomainEvent
from billing.invoices.record import Record
from billing.invoices.rules import UNCOLLECTIBLE


def events_of(old: Record | None, new: Record) -> list[DomainEvent]:
    """Return what has happened between two states of an invoice; None is the state before it was made."""
    if old is not None and new.version <= old.version:
        return []
    names: list[str] = []
    if old is None:
        names.append("invoice.created")
    if new.finalized_at and not (old and old.finalized_at):
        names.append("invoice.finalized")
    if new.times_sent > (old.times_sent if old else 0):
        names.append("invoice.sent")
    if new.attempts > (old.attempts if old else 0):
        names.append("invoice.payment_failed")
    if new.status != (old.status if old else None):
        names += _of_status(new)
    shown = new.to_invoice().to_wire()
    return [DomainEvent(name, shown) for name in names]


def _of_status(new: Record) -> list[str]:
    match new.status:
        case "paid" | "overdue" as status:
            return [f"invoice.{status}"]
        case "voided":
            return ["invoice.marked_uncollectible" if new.void_reason == UNCOLLECTIBLE else "invoice.voided"]
        case _:
            return []
