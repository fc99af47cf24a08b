"""The states of a setup intent and the ways between them. Pure.

    requires_payment_method ──confirm──► processing ──► succeeded
      ▲   requires_confirmation ──┘       │  │
      │         requires_action ──┘ ◄─────┘  │
      └──────────────────────────────────────┘ declined

What is open can be changed, confirmed and canceled; what is processing waits for the gateway; the rest is final.
`requires_confirmation` is a state of the contract that nothing here leads to: a method comes with its confirmation.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from billing.errors import MalformedRequest, PaymentDeclined
from billing.gateway import ActionNeeded, Declined
from billing.merging import merged_metadata
from billing.setup_intents.models import CancellationReason, NewSetupIntent, SetupIntentChanges, Status
from billing.setup_intents.record import Record
from billing.tenancy import Call, Tenant
from billing.times import iso
from billing.wire import refuse

OPEN: frozenset[Status] = frozenset({"requires_payment_method", "requires_confirmation", "requires_action"})

TRANSITIONS: Mapping[Status, frozenset[Status]] = {
    "requires_payment_method": frozenset({"processing", "canceled"}),
    "requires_confirmation": frozenset({"processing", "canceled"}),
    "requires_action": frozenset({"processing", "canceled"}),
    "processing": frozenset({"succeeded", *OPEN}),
    "succeeded": frozenset(),
    "canceled": frozenset(),
}
"""From each state to those that can follow."""


def new_intent(
    tenant: Tenant,
    body: NewSetupIntent,
    *,
    id: str,  # noqa: A002 - the contract's word
    sequence: int,
    gateway: str,
    client_secret: str,
    customer_id: str | None,
    call: Call,
) -> Record:
    """Return the setup intent that `body` describes."""
    moment = iso(call.now)
    record = Record(
        tenant=tenant,
        id=id,
        version=1,
        sequence=sequence,
        status="requires_payment_method",
        kinds=("card",),
        usage=body.usage,
        gateway=gateway,
        client_secret=client_secret,
        created_at=moment,
        updated_at=moment,
    )
    return _with_fields(record, body, customer_id)


def changed(record: Record, changes: SetupIntentChanges, customer_id: str | None, call: Call) -> Record:
    """Return the setup intent with the changes, or the same object if nothing changes.

    Raises:
        MalformedRequest: it is not open any more.
        InvalidFields: merged metadata grows over its limits.
    """
    check_open(record, "changed")
    after = _with_fields(record, changes, customer_id)
    # As they are kept, because to Python 1 and true are equal and in metadata they are not.
    return record if after.to_item() == record.to_item() else _moved(after, record.status, call)


def canceled(record: Record, reason: CancellationReason | None, call: Call) -> Record:
    """Return the setup intent given up.

    Raises:
        MalformedRequest: it is not open any more.
    """
    check_open(record, "canceled")
    after = replace(record, cancellation_reason=reason, canceled_at=iso(call.now), next_action=None, waiting=None)
    return _moved(after, "canceled", call)


def processing(record: Record, attempt: str, call: Call) -> Record:
    """Return the setup intent while the gateway is asked under the key `attempt`.

    Raises:
        MalformedRequest: it is not open any more.
    """
    check_open(record, "confirmed")
    return _moved(replace(record, attempt=attempt, attempt_digest=call.body_digest), "processing", call)


def succeeded(record: Record, method_id: str, call: Call) -> Record:
    """Return the setup intent whose payment method the gateway keeps."""
    after = replace(
        record,
        payment_method_id=method_id,
        confirmed_at=iso(call.now),
        last_error=None,
        next_action=None,
        verification=None,
        waiting=None,
    )
    return _moved(after, "succeeded", call)


def waiting_for_payer(record: Record, needed: ActionNeeded, waiting: Mapping[str, Any], call: Call) -> Record:
    """Return the setup intent whose payer must act; `waiting` is what a later confirmation goes on with."""
    after = replace(
        record,
        next_action=needed.next_action,
        verification=needed.verification.id,
        waiting=waiting,
        last_error=None,
    )
    return _moved(after, "requires_action", call)


def declined(record: Record, no: Declined, call: Call) -> Record:
    """Return the setup intent that wants another payment method."""
    error = {"code": PaymentDeclined.code, "message": no.message, "decline_code": no.decline_code}
    after = replace(record, last_error=error, next_action=None, verification=None, waiting=None)
    return _moved(after, "requires_payment_method", call)


def undone(record: Record, status: Status, call: Call) -> Record:
    """Return the setup intent as before a confirmation that the gateway did not even try."""
    return _moved(replace(record, attempt=None, attempt_digest=""), status, call)


def error_of(record: Record) -> PaymentDeclined | None:
    """Return what the last confirmation answered, if it was a no."""
    if record.status != "requires_payment_method" or record.last_error is None:
        return None
    error = record.last_error
    return PaymentDeclined(error["message"], error["decline_code"], setup_intent=record.id)


def check_open(record: Record, participle: str) -> None:
    """Check that a setup intent can still be changed.

    Raises:
        MalformedRequest: it is processing, or final.
    """
    if record.status not in OPEN:
        raise MalformedRequest(f"A setup intent that is {record.status} can't be {participle}", param="status")


def check_kind(record: Record, kind: str | None, param: str) -> None:
    """Check that a type of payment method is wanted.

    Raises:
        InvalidFields: it is not.
    """
    if kind is not None and kind not in record.kinds:
        raise refuse(param, f"must be of type {' or '.join(record.kinds)}")


def _moved(record: Record, status: Status, call: Call) -> Record:
    before = record.status
    assert status == before or status in TRANSITIONS[before], f"{before} → {status}"  # noqa: S101 - checked above
    return replace(record, status=status, version=record.version + 1, updated_at=max(iso(call.now), record.updated_at))


def _with_fields(record: Record, fields: SetupIntentChanges, customer_id: str | None) -> Record:
    given = fields.given()
    return replace(
        record,
        customer_id=customer_id if "customer_id" in given else record.customer_id,
        kinds=tuple(given.get("payment_method_types") or record.kinds),
        description=given.get("description", record.description),
        metadata=merged_metadata("metadata", record.metadata, given),
    )
