"""What may happen to a business. Pure: what is needed comes in, what has changed goes out."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from billing.businesses.models import BusinessChanges, BusinessFields, NewBusiness
from billing.businesses.record import TEXTS, Record
from billing.businesses.tax_ids import Recognised, recognise
from billing.errors import BusinessDeleted, MalformedRequest
from billing.merging import merged, merged_metadata
from billing.tenancy import Call, Tenant
from billing.times import iso
from billing.wire import refuse

MOST_CUSTOMERS = 90
"""A business and the rows of all its customers are written in one transaction, which holds a hundred."""


def new_business(
    tenant: Tenant,
    body: NewBusiness,
    *,
    id: str,  # noqa: A002 - the contract's word
    sequence: int,
    customer_id: str | None,
    call: Call,
) -> Record:
    """Return the business that `body` describes.

    Raises:
        InvalidFields: its tax identifier is certainly none.
    """
    moment = iso(call.now)
    return _with_fields(
        Record(
            tenant=tenant,
            id=id,
            version=1,
            sequence=sequence,
            created_at=moment,
            updated_at=moment,
            texts={},
            customer_ids=(customer_id,) if customer_id else (),
            request_id=call.request_id,
            idempotency_key=call.idempotency_key,
        ),
        body,
    )


def changed(record: Record, changes: BusinessChanges, call: Call) -> Record:
    """Return the business with the changes, or the same object when they change nothing.

    Raises:
        BusinessDeleted: a deleted business can be read, not changed.
        InvalidFields: merged metadata grows over its limits, or a tax identifier is certainly none.
    """
    return _next(record, _with_fields(record, changes), call)


def linked(record: Record, customer_id: str, call: Call) -> Record:
    """Return the business linked with one more customer.

    Raises:
        BusinessDeleted: a deleted business can be read, not changed.
        MalformedRequest: it has as many customers as it can have.
    """
    if customer_id in record.customer_ids:
        return _next(record, record, call)
    if len(record.customer_ids) >= MOST_CUSTOMERS:
        raise MalformedRequest(f"A business can have at most {MOST_CUSTOMERS} customers")
    return _next(record, replace(record, customer_ids=(*record.customer_ids, customer_id)), call)


def unlinked(record: Record, customer_id: str, call: Call) -> Record:
    """Return the business without one of its customers.

    Raises:
        BusinessDeleted: a deleted business can be read, not changed.
    """
    left = tuple(each for each in record.customer_ids if each != customer_id)
    return _next(record, replace(record, customer_ids=left), call)


def deleted(record: Record, call: Call) -> Record:
    """Return the business marked as deleted, its data kept; a deleted one is returned as it is."""
    return record if record.deleted_at else _next(record, replace(record, deleted_at=iso(call.now)), call)


def _next(record: Record, after: Record, call: Call) -> Record:
    """Return the next version, or the same object when nothing changes."""
    if record.deleted_at:
        raise BusinessDeleted(record.id)
    # As they are kept, because to Python 1 and true are equal and in metadata they are not.
    if after.to_item() == record.to_item():
        return record
    return replace(
        after,
        version=record.version + 1,
        # A clock that runs behind must not make a later version look older.
        updated_at=max(iso(call.now), record.updated_at),
        request_id=call.request_id,
        idempotency_key=call.idempotency_key,
    )


def _with_fields(record: Record, fields: BusinessFields) -> Record:
    given = fields.given()
    texts = merged(record.texts, {name: given[name] for name in TEXTS if name in given})
    return replace(
        record,
        texts=texts,
        tax=_recognised(texts, given) if {"tax_identifier", "billing_country"} & given.keys() else record.tax,
        metadata=merged_metadata("metadata", record.metadata, given),
    )


def _recognised(texts: Mapping[str, str], given: Mapping[str, Any]) -> Recognised | None:
    if "tax_identifier" not in texts:
        return None
    tax = recognise(texts["tax_identifier"], texts.get("billing_country"))
    if tax.status == "invalid" and tax.is_certain and "tax_identifier" in given:
        raise refuse("tax_identifier", f"is not a valid {tax.type}: check its digits")
    return Recognised(tax.type, tax.status, country=tax.country)
