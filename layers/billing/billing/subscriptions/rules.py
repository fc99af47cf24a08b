"""The states of a subscription and the ways between them. Pure.

    trialing ──► active ◄──► past_due       a payment has failed, or come in after all
       │ ▲        │ ▲ ▲          │
       ▼ │        ▼ │ └──────────┼───────┐
      paused ◄──────┴────────────┘       │  given up by dunning, or resumed
       │                                 │
       └──► canceled (by somebody) or expired (its time is over), from anywhere, for good

A subscription moves by itself in steps, each when its time has come: the reminder of a trial's end, the end of the
current period, a resumption, the bill of a period that has begun. Decision 11 has the policies.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

from billing.billing_settings.record import FinalAction, Settings
from billing.errors import MalformedRequest
from billing.merging import merged_metadata
from billing.subscriptions import periods
from billing.subscriptions.models import LARGEST_PERIOD_MINOR, NewSubscription, Pause, Status, SubscriptionChanges
from billing.subscriptions.record import Record
from billing.table.keys import digest
from billing.tenancy import Call, Tenant
from billing.times import iso
from billing.wire import refuse

TRANSITIONS: Mapping[Status, frozenset[Status]] = {
    "trialing": frozenset({"active", "paused", "canceled", "expired"}),
    "active": frozenset({"past_due", "paused", "canceled", "expired"}),
    "past_due": frozenset({"active", "paused", "canceled", "expired"}),
    "paused": frozenset({"trialing", "active", "past_due", "canceled", "expired"}),
    "canceled": frozenset(),
    "expired": frozenset(),
}

FURTHEST = timedelta(days=1096)
"""How far ahead a subscription can begin, resume, or be billed next: three years."""

FURTHEST_END = timedelta(days=36_525)
"""How far ahead its end can lie: a century."""

PAYMENT_FAILED = "payment_failed"
CUSTOMER_DELETED = "customer_deleted"

type Treatment = Literal["collect", "send", "draft", "uncollectible"]


@dataclass(frozen=True, slots=True)
class Bill:
    """What is to be billed for a period; it comes to `quantity` times `amount_minor`."""

    reason: Literal["subscription_create", "subscription_cycle"]
    period_start: str
    period_end: str
    amount_minor: int
    quantity: int
    description: str
    treatment: Treatment


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that a subscription does by itself, and the bill that goes with it."""

    after: Record
    bill: Bill | None = None


def new_subscription(
    tenant: Tenant,
    body: NewSubscription,
    *,
    id: str,  # noqa: A002 - the contract's word
    sequence: int,
    customer_id: str,
    currency: str,
    settings: Settings,
    call: Call,
    payment_method_id: str | None = None,
    business_id: str | None = None,
) -> Record:
    """Return the subscription that `body` describes, its first period begun unless that lies ahead.

    Raises:
        InvalidFields: it begins or ends in the past or too far ahead.
    """
    moment = _whole_seconds(call.moment)
    zone = body.time_zone or settings.time_zone
    start = _from_today("start_date", body.start_date, zone, call.moment)
    trial_end = _trial_end(body, zone, start, call.moment)
    ends_at = _future("billing_ends_on", body.billing_ends_on, zone, call.moment, FURTHEST_END)
    paid_from = _from_today("billing_starts_on", body.billing_starts_on, zone, call.moment)
    begins = max(start, paid_from, trial_end or start)
    if ends_at is not None and ends_at <= begins:
        raise refuse("billing_ends_on", "must be after the first period begins")
    record = Record(
        tenant=tenant,
        id=id,
        version=1,
        sequence=sequence,
        status="trialing",
        customer_id=customer_id,
        amount_minor=body.amount_minor,
        quantity=body.quantity,
        currency=currency,
        interval=body.billing_interval,
        interval_count=body.interval_count,
        time_zone=zone,
        anchor=iso(begins),
        anchor_day=body.billing_anchor_day,
        proration_mode=body.proration_mode,
        current_period_start=iso(start if start < begins else moment),
        current_period_end=iso(begins),
        created_at=iso(call.moment),
        updated_at=iso(call.moment),
        business_id=business_id,
        product_id=body.product_id,
        price_id=body.price_id,
        plan_id=body.plan_id,
        payment_method_id=payment_method_id,
        description=body.description,
        start_at=iso(start) if start > moment else None,
        trial_end=iso(trial_end) if trial_end else None,
        trial_reminder_at=_reminder(trial_end, zone, settings, moment),
        cancel_at_period_end=body.cancel_at_period_end,
        pause_at_period_end=body.pause_at_period_end,
        billing_max_cycles=body.billing_max_cycles,
        billing_ends_at=iso(ends_at) if ends_at else None,
        collection_method=body.collection_method,
        days_until_due=body.days_until_due,
        metadata=body.metadata or {},
        request_id=call.request_id,
        idempotency_key=call.idempotency_key,
    )
    if begins <= moment:
        record = replace(_begun(record, begins), status="active")
    return replace(record, due_at=_due_at(record))


def invoice_id_of(record: Record, period_start: str) -> str:
    """Return the id of the invoice of a period: whoever bills it makes the same one."""
    tenant = record.tenant
    return f"inv_{digest(tenant.merchant_id, tenant.mode, record.id, period_start)[:32]}"


def step(record: Record, moment: datetime, call: Call) -> Step | None:
    """Return the first thing whose time has come by a moment, or None if nothing has to be done yet."""
    at, what = min(_ahead(record), default=(_NEVER, ""))
    if at > iso(moment):
        return None
    match what:
        case "bill":
            after = record
        case "remind":
            return Step(_touched(replace(record, trial_reminder_at=None), call))
        case "resume":
            after = _resumed(record, datetime.fromisoformat(at))
        case _:
            after = _period_over(record)
    bill = _bill(after)
    return Step(_touched(replace(after, owed_minor=None) if bill else after, call), bill)


def billed(record: Record, invoice_id: str, call: Call) -> Record:
    """Return the subscription with the invoice of its current period; part of the step that bills, so no version."""
    del call
    return replace(record, latest_invoice_id=invoice_id)


def canceled(record: Record, mode: Literal["immediately", "period_end"], reason: str | None, call: Call) -> Record:
    """Return the subscription that ends now, or with its current period; nothing is given back for the rest of it.

    Raises:
        MalformedRequest: it is over.
    """
    _check_live(record, "canceled")
    if mode == "immediately" or record.current_period_end <= iso(call.moment):
        return _touched(_ended(record, "canceled", call.moment, reason or record.cancellation_reason), call)
    after = replace(record, cancel_at_period_end=True, cancellation_reason=reason or record.cancellation_reason)
    return record if after == record else _touched(after, call)


def reactivated(record: Record, call: Call) -> Record:
    """Return the subscription that goes on after all.

    Raises:
        MalformedRequest: it is over, though nobody may have noted it yet, or was not going to be canceled.
    """
    _check_live(record, "reactivated")
    if not record.cancel_at_period_end:
        raise MalformedRequest("Only a subscription that is to be canceled can be reactivated", param="status")
    if record.current_period_end <= iso(call.moment):
        raise MalformedRequest("This subscription has ended", param="status")
    return _touched(replace(record, cancel_at_period_end=False, cancellation_reason=None), call)


def paused(record: Record, body: Pause, call: Call) -> Record:
    """Return the subscription paused; while something is owed for it, it can't be.

    Raises:
        MalformedRequest: it is neither active nor trialing.
        InvalidFields: it would resume in the past, or too far ahead.
    """
    if record.status not in ("active", "trialing"):
        raise MalformedRequest(f"A subscription that is {_spoken(record.status)} can't be paused", param="status")
    resumes_at = _future("resumes_at", body.resumes_at, record.time_zone, call.moment, FURTHEST)
    after = replace(
        record,
        paused_at=iso(call.moment),
        pause_behavior=body.behavior,
        resumes_at=iso(resumes_at) if resumes_at else None,
        pause_at_period_end=False,
    )
    return _touched(_moved(after, "paused"), call)


def resumed(record: Record, call: Call) -> Record:
    """Return the subscription that goes on: in the current period, or in a new one if that is over by now.

    Raises:
        MalformedRequest: it is not paused.
    """
    if record.status != "paused":
        raise MalformedRequest(f"A subscription that is {_spoken(record.status)} can't be resumed", param="status")
    return _touched(_resumed(record, _whole_seconds(call.moment)), call)


def changed(
    record: Record, changes: SubscriptionChanges, call: Call, *, payment_method_id: str | None = None
) -> Record:
    """Return the subscription with the changes, or the same object when they change nothing.

    Raises:
        MalformedRequest: its state forbids it.
        InvalidFields: a date lies in the past or too far ahead, it costs too much, or merged metadata grows over its
            limits.
    """
    after = _with_dates(_with_fields(record, changes, payment_method_id), changes, call)
    # As they are kept, because to Python 1 and true are equal and in metadata they are not.
    if after.to_item() != record.to_item():
        _check_live(record, "changed")
        after = _touched(after, call)
    else:
        after = record
    if changes.status in (None, after.status) and changes.status != "active":
        return after
    moved = _into(after, changes, call)
    return moved if after is record or moved is after else replace(moved, version=record.version + 1)


def payment_failed(record: Record, retry_count: int, next_retry_at: datetime, total_retries: int, call: Call) -> Record:
    """Return the subscription after an attempt to collect has failed that is made again; what is paused stays so."""
    if record.is_over or record.status == "trialing":
        return record
    after = replace(
        record,
        dunning_since=record.dunning_since or iso(call.moment),
        retry_count=retry_count,
        next_retry_at=iso(next_retry_at),
        total_retries=total_retries,
    )
    return _touched(after if record.status == "paused" else _moved(after, "past_due"), call)


def recovered(record: Record, call: Call) -> Record:
    """Return the subscription whose debt is paid or forgiven; periods missed meanwhile are not billed any more."""
    if record.is_over or record.dunning_since is None:
        return record
    after = _without_dunning(record)
    if record.status != "past_due":
        return _touched(after, call)
    after = _moved(after, "active")
    moment = _whole_seconds(call.moment)
    if record.current_period_end > iso(moment) or _ends_with_period(record):
        return _touched(after, call)
    if record.pause_at_period_end:
        return _touched(_paused_at_end(after), call)
    start = record.cadence.latest(moment)
    if _is_last(record, iso(start)):
        return _touched(_ended(after, "expired", call.moment), call)
    return _touched(_begun(after, start), call)


def given_up(record: Record, action: FinalAction, call: Call) -> Record:
    """Return the subscription after the last attempt to collect has failed."""
    if record.is_over or record.status == "trialing":
        return record
    if action == "cancel":
        return _touched(_ended(record, "canceled", call.moment, PAYMENT_FAILED), call)
    if action == "pause":
        after = _without_dunning(record)
        if record.status != "paused":
            after = replace(_moved(after, "paused"), paused_at=iso(call.moment), pause_behavior="void")
        return _touched(after, call)
    after = replace(record, dunning_since=record.dunning_since or iso(call.moment), next_retry_at=None)
    return _touched(after if record.status == "paused" else _moved(after, "past_due"), call)


def ended_with_customer(record: Record, call: Call) -> Record:
    """Return the subscription of a customer that is deleted; one that is over is returned as it is."""
    return record if record.is_over else _touched(_ended(record, "canceled", call.moment, CUSTOMER_DELETED), call)


# what happens, and when

_NEVER = "9999"


def _ahead(record: Record) -> list[tuple[str, str]]:
    """Return what is going to happen, and when; of two things at once, the one that comes first by the alphabet."""
    if record.is_over:
        return []
    ahead: list[tuple[str, str]] = []
    if record.owed_minor is not None and _bills(record):
        ahead.append((record.current_period_start, "bill"))
    if record.status == "trialing" and record.trial_reminder_at and not record.cancel_at_period_end:
        ahead.append((record.trial_reminder_at, "remind"))
    if record.status == "paused" and record.resumes_at:
        ahead.append((record.resumes_at, "resume"))
    goes_on = record.status in ("trialing", "active") or (record.status == "paused" and record.pause_behavior != "void")
    if goes_on or _ends_with_period(record):
        ahead.append((record.current_period_end, "turn"))
    return ahead


def _due_at(record: Record) -> str | None:
    return min(_ahead(record), default=(None, ""))[0]


def _bills(record: Record) -> bool:
    """Whether periods are billed: while it is past due or paused for nothing they are not."""
    return record.status == "active" or (record.status == "paused" and record.pause_behavior != "void")


def _is_last(record: Record, next_start: str) -> bool:
    """Whether no period may begin then, as was agreed on."""
    if record.billing_max_cycles is not None and record.cycle >= record.billing_max_cycles:
        return True
    return record.billing_ends_at is not None and next_start >= record.billing_ends_at


def _ends_with_period(record: Record) -> bool:
    return record.cancel_at_period_end or _is_last(record, record.current_period_end)


def _period_over(record: Record) -> Record:
    """Return the subscription at the end of its current period."""
    at = datetime.fromisoformat(record.current_period_end)
    if record.cancel_at_period_end:
        return _ended(record, "canceled", at, record.cancellation_reason)
    if _ends_with_period(record):
        return _ended(record, "expired", at)
    if record.pause_at_period_end and record.status != "paused":
        return _paused_at_end(record)
    after = _begun(record, at)
    return _moved(after, "active") if record.status == "trialing" else after


def _paused_at_end(record: Record) -> Record:
    after = replace(record, pause_at_period_end=False, paused_at=record.current_period_end, pause_behavior="void")
    return _moved(after, "paused")


def _resumed(record: Record, at: datetime) -> Record:
    after = replace(record, paused_at=None, pause_behavior=None, resumes_at=None)
    is_missed = record.pause_behavior == "void" and record.current_period_end <= iso(at)
    if is_missed and _is_last(record, iso(at)) and not record.cancel_at_period_end:
        return _ended(after, "expired", at)
    if is_missed and not record.cancel_at_period_end:
        if record.started_at:
            after = replace(after, anchor=iso(at), anchor_day=None)
        after = _begun(after, at)
    if record.dunning_since:
        return _moved(after, "past_due")
    return _moved(after, "active" if after.started_at else "trialing")


def _begun(record: Record, start: datetime) -> Record:
    """Return the subscription in the period that begins then, which is owed from now on."""
    if record.started_at is None:
        return _first_begun(record, start)
    return replace(
        record,
        current_period_start=iso(start),
        current_period_end=iso(record.cadence.next(start)),
        cycle=record.cycle + 1,
        owed_minor=record.amount_minor * record.quantity + record.carried_minor,
        carried_minor=0,
    )


def _first_begun(record: Record, start: datetime) -> Record:
    anchor = periods.on_day(start, record.anchor_day, record.time_zone) if record.anchor_day else start
    after = replace(record, started_at=iso(start), anchor=iso(anchor))
    if anchor == start:
        return _begun(after, start)
    share = _share(after, start)
    return replace(
        after,
        current_period_start=iso(start),
        current_period_end=iso(anchor),
        owed_minor=share if record.proration_mode == "immediate" else None,
        carried_minor=share if record.proration_mode == "next_invoice" else 0,
    )


def _share(record: Record, start: datetime) -> int:
    """Return what a first period costs that begins late: its share of a whole one, rounded half up."""
    whole = record.cadence
    left, length = whole.next(start) - start, whole.next(start) - whole.latest(start)
    return (2 * record.amount_minor * record.quantity * left + length) // (2 * length)


def _bill(record: Record) -> Bill | None:
    if record.owed_minor is None or not _bills(record):
        return None
    whole = record.owed_minor == record.amount_minor * record.quantity
    treatment: Treatment = "collect" if record.collection_method == "charge_automatically" else "send"
    if record.status == "paused":
        treatment = "draft" if record.pause_behavior == "keep_as_draft" else "uncollectible"
    return Bill(
        reason="subscription_create" if record.current_period_start == record.started_at else "subscription_cycle",
        period_start=record.current_period_start,
        period_end=record.current_period_end,
        amount_minor=record.amount_minor if whole else record.owed_minor,
        quantity=record.quantity if whole else 1,
        description=record.description or "Subscription",
        treatment=treatment,
    )


def _ended(record: Record, status: Literal["canceled", "expired"], at: datetime, reason: str | None = None) -> Record:
    """Return the subscription that is over: nothing is owed for it any more that has not been billed."""
    moment = iso(at)
    after = replace(
        record,
        ended_at=moment,
        canceled_at=moment if status == "canceled" else None,
        cancellation_reason=reason,
        owed_minor=None,
        carried_minor=0,
        next_retry_at=None,
        resumes_at=None,
    )
    return _moved(after, status)


def _without_dunning(record: Record) -> Record:
    return replace(record, dunning_since=None, retry_count=0, next_retry_at=None, total_retries=0)


# what a caller wants


def _from_today(param: str, text: str | None, zone: str, moment: datetime) -> datetime:
    """Return when something begins: now, if nothing is said or that was earlier today."""
    start = _whole_seconds(moment)
    if text is None:
        return start
    at = periods.instant(text, zone)
    if periods.local_date(at, zone) < periods.local_date(moment, zone):
        raise refuse(param, "must not lie in the past")
    if at > moment + FURTHEST:
        raise refuse(param, "must lie within 3 years")
    return max(at, start)


def _trial_end(body: NewSubscription, zone: str, start: datetime, moment: datetime) -> datetime | None:
    if body.trial_days is not None:
        return periods.days_later(start, body.trial_days, zone)
    trial_end = _future("trial_end", body.trial_end, zone, moment, FURTHEST)
    if trial_end is not None and trial_end <= start:
        raise refuse("trial_end", "must be after the subscription begins")
    return trial_end


def _reminder(trial_end: datetime | None, zone: str, settings: Settings, moment: datetime) -> str | None:
    """Return when the customer is reminded that a trial ends; at once, if there is less time than that."""
    if trial_end is None or settings.trial_reminder_days == 0:
        return None
    return iso(max(periods.days_later(trial_end, -settings.trial_reminder_days, zone), moment))


def _future(param: str, text: str | None, zone: str, moment: datetime, furthest: timedelta) -> datetime | None:
    if text is None:
        return None
    at = periods.instant(text, zone)
    if at <= moment:
        raise refuse(param, "must lie in the future")
    if at > moment + furthest:
        raise refuse(param, f"must lie within {round(furthest / timedelta(days=365.25))} years")
    return at


def _with_fields(record: Record, changes: SubscriptionChanges, payment_method_id: str | None) -> Record:
    given = changes.given()
    plain = {name: given[name] for name in _CHANGED_AS_THEY_ARE if name in given}
    if "payment_method_id" in given:
        plain["payment_method_id"] = payment_method_id
    after = replace(record, metadata=merged_metadata("metadata", record.metadata, given), **plain)
    if after.amount_minor * after.quantity > LARGEST_PERIOD_MINOR:
        name = "quantity" if "amount_minor" not in given else "amount_minor"
        raise refuse(name, f"may not make a period cost more than {LARGEST_PERIOD_MINOR}")
    if not after.cancel_at_period_end and record.cancel_at_period_end:
        after = replace(after, cancellation_reason=None)
    return after


_CHANGED_AS_THEY_ARE = (
    "amount_minor",
    "quantity",
    "description",
    "product_id",
    "price_id",
    "plan_id",
    "pause_at_period_end",
    "cancel_at_period_end",
    "collection_method",
    "days_until_due",
)


def _with_dates(record: Record, changes: SubscriptionChanges, call: Call) -> Record:
    after = _with_end(record, changes, call)
    if changes.next_billing_date is not None:
        if record.status != "active":
            raise MalformedRequest(
                f"A subscription that is {_spoken(record.status)} has no next billing date", param="next_billing_date"
            )
        at = _future("next_billing_date", changes.next_billing_date, record.time_zone, call.moment, FURTHEST)
        assert at is not None  # noqa: S101 - it is given
        if iso(at) != record.current_period_end:
            after = replace(after, current_period_end=iso(at), anchor=iso(at), anchor_day=None)
    day = changes.billing_anchor_day
    if day is not None and day != record.anchor_day:
        if record.interval not in ("month", "year"):
            raise refuse("billing_anchor_day", "is for intervals of months and years")
        if record.status not in ("active", "trialing"):
            raise MalformedRequest(
                f"A subscription that is {_spoken(record.status)} keeps its day", param="billing_anchor_day"
            )
        after = replace(after, anchor_day=day)
        if record.started_at:
            end = periods.on_day(datetime.fromisoformat(record.current_period_end), day, record.time_zone)
            after = replace(after, anchor=iso(end), current_period_end=iso(end))
    return after


def _with_end(record: Record, changes: SubscriptionChanges, call: Call) -> Record:
    given = changes.given()
    if changes.billing_end_strategy == "indefinite":
        return replace(record, billing_max_cycles=None, billing_ends_at=None)
    if changes.billing_max_cycles is not None:
        return replace(record, billing_max_cycles=changes.billing_max_cycles, billing_ends_at=None)
    if changes.billing_ends_on is not None:
        ends_at = _future("billing_ends_on", changes.billing_ends_on, record.time_zone, call.moment, FURTHEST_END)
        return replace(record, billing_max_cycles=None, billing_ends_at=iso(ends_at) if ends_at else None)
    if "billing_max_cycles" in given:
        record = replace(record, billing_max_cycles=None)
    return replace(record, billing_ends_at=None) if "billing_ends_on" in given else record


def _into(record: Record, changes: SubscriptionChanges, call: Call) -> Record:
    """Return the subscription in the state that a change asks for, by the way that leads there."""
    match changes.status, record.status:
        case "canceled", _:
            return canceled(record, "immediately", None, call)
        case "paused", _:
            return paused(record, Pause(), call)
        case "active", "paused":
            return resumed(record, call)
        case "active", "active":
            is_kept = record.cancel_at_period_end and changes.cancel_at_period_end is None
            return reactivated(record, call) if is_kept else record
        case wanted, found:
            raise MalformedRequest(f"A subscription that is {_spoken(found)} can't be made {wanted}", param="status")


def _check_live(record: Record, wanted: str) -> None:
    if record.is_over:
        raise MalformedRequest(f"A subscription that is {record.status} can't be {wanted}", param="status")


def _spoken(status: Status) -> str:
    return status.replace("_", " ")


def _moved(record: Record, status: Status) -> Record:
    legal = status == record.status or status in TRANSITIONS[record.status]
    assert legal, f"{record.status} → {status}"  # noqa: S101 - checked by the callers
    return replace(record, status=status)


def _touched(record: Record, call: Call) -> Record:
    after: dict[str, Any] = {
        "version": record.version + 1,
        "updated_at": max(iso(call.moment), record.updated_at),
        "request_id": call.request_id or record.request_id,
        "idempotency_key": call.idempotency_key,
        "due_at": _due_at(record),
    }
    return replace(record, **after)


def _whole_seconds(moment: datetime) -> datetime:
    return moment.astimezone(UTC).replace(microsecond=0)
