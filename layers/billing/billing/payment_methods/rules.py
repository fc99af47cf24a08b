"""What may happen to a payment method. Pure: what is needed comes in, what has changed goes out."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from billing.customers.wallet import MOST_HELD, Wallet, month_of
from billing.errors import MalformedRequest
from billing.gateway import Card, Verified
from billing.merging import merged, merged_metadata
from billing.payment_methods.models import BillingDetailsInput, NewPaymentMethod, PaymentMethodChanges
from billing.payment_methods.record import Record
from billing.tenancy import Call, Tenant
from billing.times import iso
from billing.wire import refuse


def token_of(body: NewPaymentMethod) -> str:
    """Return the token, whichever of its names the caller used.

    Raises:
        InvalidFields: there is none, or two that differ.
    """
    given = {token for token in (body.token, body.payment_token, body.payment_method_token) if token}
    if len(given) != 1:
        raise refuse("token", "is required" if not given else "is given by several names and differs")
    return given.pop()


def new_method(
    tenant: Tenant,
    verified: Verified,
    *,
    id: str,  # noqa: A002 - the contract's word
    sequence: int,
    gateway: str,
    described: PaymentMethodChanges,
    call: Call,
) -> Record:
    """Return the payment method that the gateway keeps, not attached to anybody yet."""
    moment = iso(call.moment)
    return _described(
        Record(
            tenant=tenant,
            id=id,
            version=1,
            sequence=sequence,
            gateway=gateway,
            stored=verified.stored,
            details=verified.details,
            created_at=moment,
            updated_at=moment,
            request_id=call.request_id,
            idempotency_key=call.idempotency_key,
        ),
        described,
    )


def checked_room(wallet: Wallet) -> Wallet:
    """Return the wallet.

    Raises:
        MalformedRequest: it holds as many payment methods as there may be.
    """
    if wallet.is_full:
        raise MalformedRequest(f"A customer can have at most {MOST_HELD} payment methods", param="customer_id")
    return wallet


def attached(
    record: Record, customer_id: str, wallet: Wallet, call: Call, *, set_default: bool
) -> tuple[Record, Wallet]:
    """Return the payment method as the customer's, and the customer's wallet with it as its newest.

    Raises:
        MalformedRequest: the wallet is full, or an expired card is to be the default.
    """
    month = month_of(call.moment)
    if record.held.id not in wallet:
        checked_room(wallet)
    if set_default:
        _check_not_expired(record, month)
    after = wallet.attached(record.held, month, as_default=set_default)
    moved = replace(record, customer_id=customer_id, is_attached=True, was_default=after.default == record.id)
    return _touched(moved, call), after


def detached(record: Record, wallet: Wallet, call: Call) -> tuple[Record, Wallet]:
    """Return the payment method that can't be charged any more, and its former customer's wallet without it.

    Raises:
        MalformedRequest: it is not attached.
    """
    _check_attached(record)
    gone = _touched(replace(record, is_attached=False, was_default=False), call)
    return gone, wallet.detached(record.id, month_of(call.moment))


def defaulting(record: Record, wallet: Wallet, call: Call) -> Wallet:
    """Return the wallet of the method's customer with the method as its default.

    Raises:
        MalformedRequest: it is detached or expired.
    """
    month = month_of(call.moment)
    _check_attached(record)
    _check_not_expired(record, month)
    return wallet.defaulting(record.id, month)


def changed(record: Record, changes: PaymentMethodChanges, wallet: Wallet | None, call: Call) -> Record:
    """Return the payment method with other billing details or metadata, or the same object if nothing changes.

    Raises:
        InvalidFields: merged metadata grows over its limits.
    """
    after = _described(record, changes)
    # As they are kept, because to Python 1 and true are equal and in metadata they are not.
    if after.to_item() == record.to_item():
        return record
    is_default = wallet is not None and wallet.effective_default(month_of(call.moment)) == record.id
    return _touched(replace(after, was_default=is_default), call)


def reissued(record: Record, exp_month: int, exp_year: int, last4: str, call: Call) -> Record:
    """Return the payment method as its issuer has it now, or the same object if nothing changes or it is no card."""
    if not isinstance(record.details, Card):
        return record
    details = replace(record.details, exp_month=exp_month, exp_year=exp_year, last4=last4)
    return record if details == record.details else _touched(replace(record, details=details), call)


def _check_attached(record: Record) -> None:
    if not record.is_attached:
        raise MalformedRequest(f"Payment method {record.id} is not attached to a customer", param="id")


def _check_not_expired(record: Record, month: str) -> None:
    if not record.held.is_active(month):
        raise MalformedRequest(f"Payment method {record.id} has expired and can't be the default", param="id")


def _touched(record: Record, call: Call) -> Record:
    return replace(
        record,
        version=record.version + 1,
        # A clock that runs behind must not make a later version look older.
        updated_at=max(iso(call.moment), record.updated_at),
        request_id=call.request_id,
        idempotency_key=call.idempotency_key,
    )


def _described(record: Record, changes: PaymentMethodChanges) -> Record:
    given = changes.given()
    details = record.billing_details
    if "billing_details" in given:
        details = _billing_details(details, changes.billing_details)
    return replace(record, billing_details=details, metadata=merged_metadata("metadata", record.metadata, given))


def _billing_details(old: Mapping[str, Any], new: BillingDetailsInput | None) -> Mapping[str, Any]:
    if new is None:
        return {}
    given = new.given()
    if new.address is not None:
        given["address"] = merged(old.get("address", {}), new.address.given()) or None
    return merged(old, given)
