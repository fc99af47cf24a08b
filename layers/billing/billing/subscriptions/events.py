"""What a change of a subscription means to others; the names are those of the official SDKs."""

from datetime import datetime

from billing.domain_events import DomainEvent, previous_attributes
from billing.subscriptions.models import Status
from billing.subscriptions.record import Record

_BECAME: dict[Status, str] = {
    "past_due": "subscription.past_due",
    "paused": "subscription.paused",
    "canceled": "subscription.canceled",
    "expired": "subscription.expired",
}


def events_of(old: Record | None, new: Record) -> list[DomainEvent]:
    """Return what has happened between two states of a subscription; None is the state before it was created.

    What has a name of its own is told by it; anything else that the API shows is an update. So is a debt that was
    paid after all, whatever else comes with it: it has no name.
    """
    if old is not None and new.version <= old.version:
        return []
    shown = new.to_subscription().to_wire()
    happened = [DomainEvent(name, shown) for name in _names(old, new)]
    has_recovered = old is not None and (old.status, new.status) == ("past_due", "active")
    if old is None or (happened and not has_recovered):
        return happened
    # Days in dunning pass by themselves: both states are looked at from the same moment.
    before = old.to_subscription(datetime.fromisoformat(new.updated_at)).to_wire()
    previous = previous_attributes(before, shown)
    return [*happened, DomainEvent("subscription.updated", shown, previous)] if previous else happened


def _names(old: Record | None, new: Record) -> list[str]:
    if old is None:
        created = ["subscription.created"]
        return [*created, "subscription.activated"] if new.status == "active" else created
    names: list[str] = []
    if new.status != old.status:
        if old.status == "paused" and not new.is_over:
            names.append("subscription.resumed")
        if new.started_at and not old.started_at:
            names.append("subscription.activated")
        if new.status in _BECAME:
            names.append(_BECAME[new.status])
    if new.started_at == old.started_at and new.current_period_start != old.current_period_start:
        names.append("subscription.renewed")
    if old.trial_reminder_at and not new.trial_reminder_at:
        names.append("subscription.trial_will_end")
    return names
