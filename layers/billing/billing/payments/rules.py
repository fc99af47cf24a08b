"""The states of a payment and the ways between them. Pure.

    unconfirmed ──► processing, or ──► voided: payment intents begin here, all else begins when the gateway is asked

    processing ──► captured ──(refunds)──► captured ──► failed, when the payer's bank takes it back
      │  │  │         ▲  ▲
      │  │  └► authorized ┘ captured, or ──► voided
      │  └───► pending ──┘  the gateway says it later, or ──► failed; ──► voided while the payer has yet to act
      └──────► failed ──► processing, or ──► voided: a payment intent can be confirmed with another card, or given up

What is processing has been asked of the gateway and not been answered; it is looked up, never asked twice.
A payment that somebody has recorded by hand is captured from the start. What the gateway says a second time, or too
late, changes nothing. Invariants: refunded ≤ captured ≤ amount.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from billing.errors import Conflict, MalformedRequest, PaymentDeclined
from billing.gateway import Charged, ChargeOutcome, Declined, PayerNeeded, Refused, Settling, Unknown
from billing.payment_methods.record import Record as PaymentMethod
from billing.payments.models import CancellationReason
from billing.payments.record import DisputeEntry, Failure, Record, RefundEntry, RefundStatus, Status
from billing.tenancy import Call, Tenant
from billing.times import iso
from billing.wire import refuse

TRANSITIONS: Mapping[Status, frozenset[Status]] = {
    "unconfirmed": frozenset({"processing", "voided"}),
    "processing": frozenset({"unconfirmed", "pending", "authorized", "captured", "failed"}),
    "pending": frozenset({"captured", "authorized", "failed", "voided"}),
    "authorized": frozenset({"captured", "voided"}),
    "captured": frozenset({"failed"}),  # a bank can return a settled ACH debit
    "failed": frozenset({"processing", "voided"}),  # payment intents alone, and not when money has come back
    "voided": frozenset(),
}

MOST_REFUNDS = 50


def begun(tenant: Tenant, method: PaymentMethod, *, work: str, call: Call, **about: Any) -> Record:
    """Return the payment that the gateway is about to be asked for; `about` is what else is known of it."""
    known = {"gateway": method.gateway, "stored": method.stored, "work": work, **about}
    return _first(tenant, "processing", call, **_paid_with(method), **known)


def intended(tenant: Tenant, method: PaymentMethod | None, *, gateway: str, call: Call, **about: Any) -> Record:
    """Return a payment intent that has yet to be confirmed, with `method` or with one that is named then."""
    paid_with = _paid_with(method) if method else {}
    return _first(tenant, "unconfirmed", call, gateway=gateway, is_intent=True, off_session=False, **paid_with, **about)


def recorded(tenant: Tenant, *, amount_minor: int, external: Mapping[str, str], call: Call, **about: Any) -> Record:
    """Return a payment that somebody has received by other means than a gateway."""
    taken = {"amount_minor": amount_minor, "captured_minor": amount_minor, "external": external}
    return _first(tenant, "captured", call, **taken, **about)


def _first(tenant: Tenant, status: Status, call: Call, **about: Any) -> Record:
    moment = iso(call.moment)
    return Record(
        tenant=tenant,
        version=1,
        status=status,
        created_at=moment,
        updated_at=moment,
        request_id=call.request_id,
        idempotency_key=call.idempotency_key,
        **about,
    )


def _paid_with(method: PaymentMethod) -> dict[str, Any]:
    return {"payment_method_id": method.id, "payment_method_type": method.kind}


def check_confirmable(record: Record) -> None:
    """Refuse what can't be confirmed.

    Raises:
        MalformedRequest: it succeeded, waits for the payer or the bank, was given up, or is no payment intent.
        Conflict: the gateway is being asked about it.
    """
    _check_idle(record)
    if record.status == "unconfirmed" or _can_be_tried_again(record):
        return
    if record.status == "failed":
        raise MalformedRequest("Only what was begun as a payment intent can be confirmed; charge again", param="status")
    if record.state == "awaiting_payer":
        raise MalformedRequest("The payer must act first, as next_action says", param="status")
    raise MalformedRequest(f"A payment that is {_spoken(record.status)} can't be confirmed", param="status")


def confirming(record: Record, method: PaymentMethod, return_url: str | None, work: str, call: Call) -> Record:
    """Return the payment intent while the gateway is asked to charge `method`; `check_confirmable` comes first."""
    after = replace(
        record,
        gateway=method.gateway,
        stored=method.stored,
        gateway_transaction_id=None,
        next_action=None,
        failure=None,
        return_url=return_url,
        work=work,
        **_paid_with(method),
    )
    return _moved(after, record, "processing", call)


def answered(record: Record, outcome: ChargeOutcome, call: Call) -> Record:
    """Return the payment after the gateway's answer to its charge.

    An unknown one leaves it as it is, and so does one that comes after the gateway has told the outcome by itself.
    """
    if record.status not in ("processing", "pending") or isinstance(outcome, Unknown):
        return record
    match outcome:
        case Charged(reference):
            taken = record.amount_minor if record.capture else 0
            status: Status = "captured" if record.capture else "authorized"
            after = replace(record, captured_minor=taken, gateway_transaction_id=reference, work=None, next_action=None)
            return _moved(after, record, status, call)
        case Settling(reference):
            after = replace(record, gateway_transaction_id=reference, next_action=None, work=None)
            return _waiting(after, record, call)
        case PayerNeeded(reference, next_action):
            after = replace(record, gateway_transaction_id=reference, next_action=next_action, work=None)
            return _waiting(after, record, call)
        case Declined(decline_code, message):
            return failed(record, Failure(PaymentDeclined.code, message, decline_code), call)
        case Refused(error):
            return _refused(record, Failure(error.code, error.message), call)


def _refused(record: Record, failure: Failure, call: Call) -> Record:
    """Return the payment that was not even tried: a payment intent can then be confirmed as before."""
    if record.is_intent and record.status == "processing":
        return _moved(replace(record, failure=failure, work=None), record, "unconfirmed", call)
    return failed(record, failure, call)


def succeeded(record: Record, call: Call) -> Record:
    """Return the payment that the gateway says has come in after all; what is no longer pending is left alone."""
    return answered(record, Charged(record.gateway_transaction_id or ""), call)


def failed(record: Record, failure: Failure, call: Call) -> Record:
    """Return the payment that has not come in, or was taken back by the payer's bank.

    The bank takes what is left of it: what was given back before stays counted as taken. A refund that the gateway is
    being asked for is still being asked for.
    """
    if record.status in ("unconfirmed", "failed", "voided", "authorized"):
        return record
    returned = record.status == "captured"
    after = replace(
        record,
        failure=failure,
        returned=returned,
        captured_minor=record.refunded_minor,
        work=record.work if returned else None,
        next_action=None,
    )
    return _moved(after, record, "failed", call)


def capturing(
    record: Record, amount_minor: int | None, work: str, call: Call, *, param: str = "amount_minor"
) -> tuple[Record, int]:
    """Return the payment while the gateway is asked to take what it holds, and how much that is.

    Raises:
        MalformedRequest: nothing is held.
        InvalidFields: more than is held was to be taken.
        Conflict: something else is being asked about it.
    """
    _check_idle(record)
    if record.status != "authorized":
        raise MalformedRequest(f"A payment that is {_spoken(record.status)} can't be captured", param="status")
    wanted = record.amount_minor if amount_minor is None else amount_minor
    if wanted > record.amount_minor:
        raise refuse(param, f"must be at most the {record.amount_minor} that are held")
    return _touched(replace(record, work=work), call), wanted


def captured(record: Record, amount_minor: int, call: Call) -> Record:
    """Return the payment whose held money was taken."""
    if record.status != "authorized":
        return record
    return _moved(replace(record, captured_minor=amount_minor, work=None), record, "captured", call)


def voiding(record: Record, work: str, call: Call) -> Record:
    """Return the payment while the gateway is asked to let go what it holds, or to wait for the payer no longer.

    Raises:
        MalformedRequest: nothing is held, and no payer waited for.
        Conflict: something else is being asked about it.
    """
    _check_idle(record)
    if not record.can_be_let_go:
        raise MalformedRequest(f"A payment that is {_spoken(record.status)} can't be voided", param="status")
    return _touched(replace(record, work=work), call)


def voided(record: Record, call: Call, reason: CancellationReason | None = None) -> Record:
    """Return the payment whose held money was let go, or whose payer is waited for no longer."""
    if not record.can_be_let_go:
        return record
    return _moved(replace(record, cancellation_reason=reason, next_action=None, work=None), record, "voided", call)


def canceled(record: Record, reason: CancellationReason | None, call: Call) -> Record | None:
    """Return the payment intent given up; None if the gateway must be asked to, or is being asked about it.

    Raises:
        MalformedRequest: it has succeeded, is settling, was given up before, or is no payment intent.
    """
    if record.can_be_let_go or record.work is not None:
        return None
    if record.status != "unconfirmed" and not _can_be_tried_again(record):
        raise MalformedRequest(f"A payment that is {_spoken(record.status)} can't be canceled", param="status")
    return _moved(replace(record, cancellation_reason=reason), record, "voided", call)


def refunding(
    record: Record, refund_id: str, amount_minor: int | None, *, reason: str | None, work: str, call: Call
) -> Record:
    """Return the payment with a refund that the gateway is asked for; it counts from now on.

    Raises:
        MalformedRequest: nothing was taken, or nothing is left, or there are as many refunds as there can be.
        InvalidFields: more than is left was to be given back.
        Conflict: something else is being asked about it.
    """
    _check_idle(record)
    if record.status != "captured":
        raise MalformedRequest(f"A payment that is {_spoken(record.status)} can't be refunded", param="status")
    left = record.refundable_minor
    if left == 0:
        raise MalformedRequest("All of this payment has been given back", param="status")
    if len(record.refunds) >= MOST_REFUNDS:
        raise MalformedRequest(f"A payment can have at most {MOST_REFUNDS} refunds", param="refunds")
    wanted = left if amount_minor is None else amount_minor
    if wanted > left:
        raise refuse("amount_minor", f"must be at most the {left} that are left")
    entry = RefundEntry(refund_id, wanted, "pending", iso(call.moment), reason)
    return _touched(replace(record, refunds=(*record.refunds, entry), work=work), call)


def refunded(record: Record, refund_id: str, *, reference: str | None, call: Call) -> Record:
    """Return the payment whose pending refund has come about, or has failed where there is no reference."""
    status: RefundStatus = "failed" if reference is None else "succeeded"
    entries = tuple(
        replace(each, status=status, gateway_reference=reference)
        if each.id == refund_id and each.status == "pending"
        else each
        for each in record.refunds
    )
    return _with_refunds(replace(record, work=None), entries, record, call)


def refund_failed(record: Record, refund_id: str, call: Call) -> Record:
    """Return the payment whose refund the payer's bank has sent back: the money is ours again."""
    entries = tuple(replace(each, status="failed") if each.id == refund_id else each for each in record.refunds)
    return _with_refunds(record, entries, record, call)


def undone(record: Record, call: Call) -> Record:
    """Return the payment as before something that the gateway did not do; a refund that it was asked for has failed."""
    entries = tuple(replace(each, status="failed") if each.status == "pending" else each for each in record.refunds)
    return _with_refunds(replace(record, work=None), entries, record, call)


def disputed(record: Record, dispute: DisputeEntry, call: Call) -> Record:
    """Return the payment with what the payer's bank says against it, now or by now."""
    return record if record.dispute == dispute else _touched(replace(record, dispute=dispute), call)


def error_of(record: Record) -> PaymentDeclined | None:
    """Return what a failed payment is answered with."""
    failure = record.failure
    if record.status != "failed" or failure is None:
        return None
    return PaymentDeclined(failure.message, failure.decline_code or failure.code, payment_id=record.id)


def _with_refunds(after: Record, entries: tuple[RefundEntry, ...], before: Record, call: Call) -> Record:
    """Return the payment with its refunds as they stand now, or `before` if nothing has changed."""
    after = replace(after, refunds=entries)
    if after.status == "failed":
        after = replace(after, captured_minor=after.refunded_minor)
    return before if after == before else _touched(after, call)


def _waiting(after: Record, before: Record, call: Call) -> Record:
    """Return the payment that waits for the payer or the gateway, or `before` if it waits for the same already."""
    if before.status == "pending":
        return before if after == before else _touched(after, call)
    return _moved(after, before, "pending", call)


def _check_idle(record: Record) -> None:
    if record.work is not None or record.status == "processing":
        raise Conflict("The gateway is being asked about this payment; try again in a moment", param="id")


def _can_be_tried_again(record: Record) -> bool:
    return record.is_intent and record.status == "failed" and not record.returned


def _spoken(status: Status) -> str:
    return {"processing": "still processing", "pending": "still processing", "unconfirmed": "not confirmed"}.get(
        status, status
    )


def _moved(after: Record, before: Record, status: Status, call: Call) -> Record:
    assert status in TRANSITIONS[before.status], f"{before.status} → {status}"  # noqa: S101 - checked by the callers
    return _touched(replace(after, status=status), call)


def _touched(record: Record, call: Call) -> Record:
    return replace(
        record,
        version=record.version + 1,
        updated_at=max(iso(call.moment), record.updated_at),
        request_id=call.request_id or record.request_id,
        idempotency_key=call.idempotency_key,
    )
