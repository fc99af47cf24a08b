"""What may happen to a customer. Pure: what is needed comes in, what has changed goes out."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from pydantic_core import PydanticCustomError

from billing.customers.models import CustomerChanges, CustomerFields, NewCustomer
from billing.customers.record import TEXTS, Record
from billing.customers.wallet import Wallet, month_of
from billing.errors import CustomerDeleted
from billing.ids import parse_id
from billing.tenancy import Call, Tenant
from billing.text import checked_size
from billing.times import iso
from billing.wire import refuse


def new_customer(
    tenant: Tenant,
    body: NewCustomer,
    *,
    id: str,  # noqa: A002 - the contract's word
    sequence: int,
    source: str,
    call: Call,
) -> Record:
    """Return the customer that `body` describes."""
    moment = iso(call.now)
    return _with_fields(
        Record(
            tenant=tenant,
            id=id,
            version=1,
            sequence=sequence,
            source=source,
            created_at=moment,
            updated_at=moment,
            texts={},
            request_id=call.request_id,
            idempotency_key=call.idempotency_key,
        ),
        body,
    )


def changed(record: Record, changes: CustomerChanges, call: Call) -> Record:
    """Return the customer with the changes, or the same object when they change nothing.

    Raises:
        CustomerDeleted: a deleted customer can be read, not changed.
        InvalidFields: merged metadata or custom fields grow over their limits, or the default payment method is none
            of the customer's active ones.
    """
    if record.deleted_at:
        raise CustomerDeleted(record.id)
    after = _with_default(_with_fields(record, changes), changes, month_of(call.now))
    # As they are kept, because to Python 1 and true are equal and in metadata they are not.
    return record if after.to_item() == record.to_item() else _touched(after, call)


def holding(record: Record, wallet: Wallet, call: Call) -> Record:
    """Return the customer with another wallet.

    Another default is a change of the customer. Another method beside it is not: the version moves on, so that two
    writers can't both be right, and nothing that is shown does.

    Raises:
        CustomerDeleted: a deleted customer keeps what it had.
    """
    if record.deleted_at:
        raise CustomerDeleted(record.id)
    after = replace(record, wallet=wallet)
    if after == record:
        return record
    if wallet.default == record.wallet.default:
        return replace(after, version=record.version + 1)
    return _touched(after, call)


def deleted(record: Record, call: Call) -> Record:
    """Return the customer marked as deleted, all its data kept; a deleted one is returned as it is."""
    if record.deleted_at:
        return record
    return _touched(replace(record, deleted_at=iso(call.now)), call)


def _touched(record: Record, call: Call) -> Record:
    return replace(
        record,
        version=record.version + 1,
        # A clock that runs behind must not make a later version look older.
        updated_at=max(iso(call.now), record.updated_at),
        request_id=call.request_id,
        idempotency_key=call.idempotency_key,
    )


def _with_fields(record: Record, fields: CustomerFields) -> Record:
    given = fields.given()
    return replace(
        record,
        texts=_merged(record.texts, {name: given[name] for name in TEXTS if name in given}),
        address=_merged(record.address, fields.given_address()),
        metadata=_merged_metadata("metadata", record.metadata, given),
        custom_fields=_merged_metadata("custom_fields", record.custom_fields, given),
    )


def _with_default(record: Record, changes: CustomerChanges, month: str) -> Record:
    if "default_payment_method_id" not in changes.model_fields_set:
        return record
    method_id = parse_id("pm", changes.default_payment_method_id or "")
    if method_id not in record.wallet.active(month):
        raise refuse("default_payment_method_id", "must be an active payment method of this customer")
    return replace(record, wallet=replace(record.wallet, default=method_id))


def _merged(old: Mapping[str, Any], new: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in {**old, **new}.items() if value is not None}


def _merged_metadata(name: str, old: Mapping[str, Any], given: Mapping[str, Any]) -> Mapping[str, Any]:
    """Merge per key, null removing; the whole set to null removes everything."""
    if name not in given:
        return old
    if given[name] is None:
        return {}
    merged = _merged(old, given[name])
    try:
        checked_size(merged)
    except PydanticCustomError as error:
        raise refuse(name, error.message()) from error
    return merged
