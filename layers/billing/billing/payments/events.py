"""What a change of a payment means to others; the names are those of the official SDKs."""

from billing.domain_events import DomainEvent
from billing.payments.record import Record, Status


def events_of(old: Record | None, new: Record) -> list[DomainEvent]:
    """Return what has happened between two states of a payment; None is the state before it was begun."""
    if old is not None and new.version <= old.version:
        return []
    shown = new.to_payment().to_wire()
    happened: list[DomainEvent] = []
    before = old.status if old else None
    if new.status != before:
        match new.status:
            case "captured":
                happened.append(DomainEvent("payment.succeeded", shown))
            case "failed":
                happened.append(DomainEvent("payment.failed", shown))
            case "authorized":
                happened.append(DomainEvent("payment.authorized", shown))
            case "voided":
                happened.append(DomainEvent("payment.voided", shown))
    return [*happened, *_intent(before, new), *_refunds(old, new), *_dispute(old, new)]


def _intent(before: Status | None, new: Record) -> list[DomainEvent]:
    """Return what has happened to a payment that was begun as a payment intent, in those words."""
    if not new.is_intent or new.status == before:
        return []
    name: str | None = None
    match new.state:
        case "unconfirmed" | "without_method" if before is None:
            name = "created"
        case "awaiting_payer":
            name = "requires_action"
        case "succeeded":
            name = "succeeded"
        case "failed" if not new.returned:
            name = "payment_failed"
        case "voided":
            name = "canceled"
    return [DomainEvent(f"payment_intent.{name}", new.to_intent().to_wire())] if name else []


def _refunds(old: Record | None, new: Record) -> list[DomainEvent]:
    earlier = {each.id: each.status for each in old.refunds} if old else {}
    happened: list[DomainEvent] = []
    for each in new.refunds:
        if earlier.get(each.id) == each.status:
            continue
        refund = new.to_refund(each.id).to_wire()
        if each.id not in earlier:
            happened.append(DomainEvent("refund.created", refund))
        if each.status == "succeeded":
            happened.append(DomainEvent("refund.succeeded", refund))
            happened.append(DomainEvent("payment.refunded", new.to_payment().to_wire()))
        elif each.status == "failed":
            happened.append(DomainEvent("refund.failed", refund))
    return happened


def _dispute(old: Record | None, new: Record) -> list[DomainEvent]:
    before, after = old.dispute if old else None, new.to_dispute()
    if after is None or new.dispute == before:
        return []
    if before is None:
        return [
            DomainEvent("dispute.created", after.to_wire()),
            DomainEvent("payment.disputed", new.to_payment().to_wire()),
        ]
    return [DomainEvent("dispute.closed" if after.closed_at else "dispute.updated", after.to_wire())]
