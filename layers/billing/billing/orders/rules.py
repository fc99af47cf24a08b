"""The states of an order and the ways between them. Pure.

    pending ──► partially_paid ──► paid ──► fulfilled
     │    ▲───────────┘ ▲───────────┘ ▲────────┘        a payment has come back
     │                  └──────┬──────┴────────┘
     └──► canceled             └──► refunded            all that was paid was given back

Being fulfilled goes beside being paid: an order can be fulfilled before it is paid, and its state is `fulfilled` once
it is both. What is canceled stays so: nothing was paid, nothing was delivered. `draft` is a state of the contract that
nothing here leads to: an order is placed with its creation. Invariant: refunded ≤ paid.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from billing.billing_settings.record import Settings
from billing.customers.record import Record as Customer
from billing.errors import Conflict, MalformedRequest
from billing.orders.models import NewOrder, NewOrderLine, Status
from billing.orders.record import OrderedLine, Record
from billing.payments.models import LARGEST_AMOUNT_MINOR
from billing.taxes.record import Rate
from billing.taxes.rules import Line, TaxIdentity, taxed
from billing.tenancy import Call, Tenant
from billing.times import iso, unix_seconds
from billing.wire import refuse

TRANSITIONS: Mapping[Status, frozenset[Status]] = {
    "draft": frozenset({"pending", "canceled"}),
    "pending": frozenset({"partially_paid", "paid", "fulfilled", "canceled"}),
    "partially_paid": frozenset({"pending", "paid", "fulfilled", "refunded"}),
    "paid": frozenset({"pending", "partially_paid", "fulfilled", "refunded"}),
    "fulfilled": frozenset({"pending", "partially_paid", "refunded"}),
    "refunded": frozenset({"partially_paid", "paid", "fulfilled"}),  # a bank can send a refund back
    "canceled": frozenset(),
}

PAYABLE: frozenset[Status] = frozenset({"pending", "partially_paid"})


def new_order(
    tenant: Tenant,
    body: NewOrder,
    *,
    id: str,  # noqa: A002 - the contract's word
    sequence: int,
    customer: Customer,
    settings: Settings,
    rates: Sequence[Rate],
    buyer_tax: TaxIdentity | None,
    call: Call,
) -> Record:
    """Return the order that `body` describes, taxed where its customer is billed; one that costs nothing is paid.

    Raises:
        InvalidFields: it comes to more than can be paid at once, or expires before it begins.
    """
    lines = tuple(_line(each) for each in body.line_items)
    if sum(each.amount_minor for each in lines) > LARGEST_AMOUNT_MINOR:
        raise refuse("line_items", f"must come to at most {LARGEST_AMOUNT_MINOR}")
    with_tax = taxed(
        [Line(each.amount_minor) for each in lines],
        rates,
        merchant_country=settings.country,
        bill_to_address=customer.address,
        buyer_tax=buyer_tax,
    )
    if with_tax.total_minor > LARGEST_AMOUNT_MINOR:
        raise refuse("line_items", f"must come to at most {LARGEST_AMOUNT_MINOR} with tax")
    expires_at = body.expires_at and body.expires_at.replace(microsecond=0)  # as finely as it is looked at
    if expires_at is not None and expires_at <= call.moment:
        raise refuse("expires_at", "must lie in the future")
    moment = iso(call.moment)
    record = Record(
        tenant=tenant,
        id=id,
        version=1,
        sequence=sequence,
        status="pending",
        customer_id=customer.id,
        currency=body.currency or customer.texts.get("currency") or settings.default_currency,
        lines=lines,
        taxed=with_tax,
        created_at=moment,
        updated_at=moment,
        billing_type=body.billing_type,
        notes=body.notes,
        metadata=body.metadata or {},
        expires_at=iso(expires_at) if expires_at else None,
        request_id=call.request_id,
        idempotency_key=call.idempotency_key,
    )
    return record if with_tax.total_minor else replace(record, status="paid", paid_at=moment)


def canceled(record: Record, call: Call) -> Record:
    """Return the order given up, or the same object if it was already.

    Raises:
        MalformedRequest: something was paid, or it is fulfilled.
        Conflict: it is being paid.
    """
    if record.status == "canceled":
        return record
    if record.status != "pending":
        raise MalformedRequest(f"An order that is {record.status} can't be canceled", param="status")
    if record.fulfilled_at:
        raise MalformedRequest("An order that is fulfilled can't be canceled", param="fulfillment_status")
    _check_idle(record)
    return _moved(replace(record, canceled_at=iso(call.moment), last_error=None), call)


def expired(record: Record, call: Call) -> Record:
    """Return the order canceled because its time is over; the same object if it is not, or is no longer open."""
    return canceled(record, call) if record.due is not None and _is_over(record, call.moment) else record


def fulfilled(record: Record, call: Call) -> Record:
    """Return the order with what was ordered delivered, or the same object if it was already.

    Raises:
        MalformedRequest: it was canceled, or all of it was given back, or its time is over.
    """
    if record.fulfilled_at:
        return record
    if record.status in ("canceled", "refunded"):
        raise MalformedRequest(f"An order that is {record.status} can't be fulfilled", param="status")
    _check_not_over(record, call.moment)
    return _moved(replace(record, fulfilled_at=iso(call.moment)), call)


def amount_to_pay(record: Record, amount_minor: int | None) -> int:
    """Return how much is to be paid: `amount_minor`, or all that is due.

    Raises:
        MalformedRequest: it is paid, was canceled, or was given back.
        InvalidFields: more than is due was to be paid.
        Conflict: it is being paid.
    """
    if record.status not in PAYABLE:
        raise MalformedRequest(f"An order that is {record.status} can't be paid", param="status")
    _check_idle(record)
    wanted = record.amount_due_minor if amount_minor is None else amount_minor
    if wanted > record.amount_due_minor:
        raise refuse("amount", f"must be at most the {record.amount_due_minor} that are due")
    return wanted


def paying(record: Record, payment_id: str, call: Call) -> Record:
    """Return the order while a payment of it is under way.

    Raises:
        MalformedRequest: it can't be paid any more, or its time is over.
        Conflict: another payment is under way.
    """
    amount_to_pay(record, None)
    _check_not_over(record, call.moment)
    return _moved(replace(record, paying=payment_id), call)


def paid(record: Record, amount_minor: int, call: Call) -> Record:
    """Return the order with a payment that has come in.

    Money that comes for an order which was canceled meanwhile is counted, and the order stays canceled.
    """
    paid_minor = record.amount_paid_minor + amount_minor
    return _moved(replace(record, amount_paid_minor=paid_minor, refunded_at=None, paying=None, last_error=None), call)


def payment_failed(record: Record, error: Mapping[str, str], call: Call) -> Record:
    """Return the order whose payment has failed, with why: `code`, `message`, maybe `decline_code`."""
    return _moved(replace(record, paying=None, last_error=error), call)


def payment_undone(record: Record, call: Call) -> Record:
    """Return the order as before a payment that was never tried; the same object if none is under way."""
    return _moved(replace(record, paying=None), call) if record.paying else record


def payment_returned(record: Record, amount_minor: int, call: Call) -> Record:
    """Return the order after a bank has taken back a payment that had come in; it can be paid again.

    What was given back of it before stays counted as paid: it is gone by either way, and not asked for again.
    """
    left_minor = max(record.amount_paid_minor - amount_minor, record.amount_refunded_minor)
    if left_minor == record.amount_paid_minor:
        return record
    return _moved(replace(record, amount_paid_minor=left_minor, refunded_at=None), call)


def refunded(record: Record, amount_minor: int, call: Call) -> Record:
    """Return the order with money given back; a negative amount is a refund that the payer's bank has sent back."""
    refunded_minor = max(min(record.amount_refunded_minor + amount_minor, record.amount_paid_minor), 0)
    is_all = 0 < refunded_minor == record.amount_paid_minor
    refunded_at = iso(call.moment) if is_all else None
    return _moved(replace(record, amount_refunded_minor=refunded_minor, refunded_at=refunded_at), call)


def _line(line: NewOrderLine) -> OrderedLine:
    return OrderedLine(line.description, line.unit_price, line.quantity, line.product_id)


def _is_over(record: Record, moment: datetime) -> bool:
    return record.expires_at is not None and unix_seconds(record.expires_at) <= moment.timestamp()


def _check_not_over(record: Record, moment: datetime) -> None:
    """Check that an order has not expired, though nobody may have canceled it yet.

    Raises:
        MalformedRequest: it has.
    """
    if record.due is not None and _is_over(record, moment):
        raise MalformedRequest("This order has expired", param="expires_at")


def _check_idle(record: Record) -> None:
    if record.paying is not None:
        raise Conflict("This order is being paid; try again in a moment", param="id")


def _status(record: Record) -> Status:
    """Return the state that an order's amounts and moments mean."""
    if record.canceled_at:
        return "canceled"
    if record.refunded_at:
        return "refunded"
    if record.amount_paid_minor >= record.total_minor:
        return "fulfilled" if record.fulfilled_at else "paid"
    return "partially_paid" if record.amount_paid_minor else "pending"


def _moved(after: Record, call: Call) -> Record:
    """Return the order in the state that has come of a change, as a new version of it."""
    status = _status(after)
    moves = status == after.status or status in TRANSITIONS[after.status]
    assert moves, f"{after.status} → {status}"  # noqa: S101 - the rules above allow no other
    moment = iso(call.moment)
    is_paid = after.amount_paid_minor >= after.total_minor
    return replace(
        after,
        status=status,
        paid_at=(after.paid_at or moment) if is_paid else None,
        version=after.version + 1,
        updated_at=max(moment, after.updated_at),
        request_id=call.request_id or after.request_id,
        idempotency_key=call.idempotency_key,
    )
