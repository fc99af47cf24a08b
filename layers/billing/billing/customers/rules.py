"""What may happen to a customer. Pure: what is needed comes in, what has changed goes out."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from billing.customers.address_book import AddressBook
from billing.customers.custom_fields import Definitions
from billing.customers.models import CustomerChanges, CustomerFields, NewCustomer
from billing.customers.preferences import ConsentSource, Preferences
from billing.customers.record import TEXTS, Record
from billing.customers.wallet import Wallet, month_of
from billing.errors import CustomerDeleted
from billing.ids import parse_id
from billing.merging import merged, merged_metadata
from billing.tenancy import Call, Tenant
from billing.times import iso
from billing.wire import refuse

NOTHING_DEFINED = Definitions()

_CONSENT_SOURCES: Mapping[str, ConsentSource] = {"checkout": "checkout", "dashboard": "dashboard"}
"""Through whom a new customer has chosen, by where it came from."""


def new_customer(
    tenant: Tenant,
    body: NewCustomer,
    *,
    id: str,  # noqa: A002 - the contract's word
    sequence: int,
    source: str,
    call: Call,
    address_id: str,
    definitions: Definitions = NOTHING_DEFINED,
) -> Record:
    """Return the customer that `body` describes; `address_id` is for its address, if it has one.

    Raises:
        InvalidFields: custom fields are not as they are defined.
    """
    moment = iso(call.moment)
    definitions.check(body.custom_fields)
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
        moment=moment,
        address_id=address_id,
        source=_CONSENT_SOURCES.get(source, "api"),
    )


def changed(
    record: Record,
    changes: CustomerChanges,
    call: Call,
    *,
    address_id: str,
    definitions: Definitions = NOTHING_DEFINED,
    source: ConsentSource = "api",
) -> Record:
    """Return the customer with the changes, or the same object when they change nothing.

    `address_id` is for its address, if it gets its first one; `source` is through whom the customer has chosen what
    to be sent.

    Raises:
        CustomerDeleted: a deleted customer can be read, not changed.
        InvalidFields: custom fields are not as they are defined, merged metadata or custom fields grow over their
            limits, or the default payment method is none of the customer's active ones.
        MalformedRequest: the customer has as many addresses as it can have, and none of them for billing.
    """
    if record.deleted_at:
        raise CustomerDeleted(record.id)
    definitions.check(changes.custom_fields)
    fields = _with_fields(record, changes, moment=iso(call.moment), address_id=address_id, source=source)
    after = _with_default(fields, changes, month_of(call.moment))
    # As they are kept, because to Python 1 and true are equal and in metadata they are not.
    return record if after.to_item() == record.to_item() else _touched(after, call)


def choosing(record: Record, choices: Mapping[str, Any], call: Call, source: ConsentSource) -> Record:
    """Return the customer with what it has chosen to be sent, by channel and topic.

    A deleted customer, which is sent nothing, and one that has chosen the same before are returned as they are.
    """
    preferences = record.preferences.changed(choices, source, iso(call.moment))
    if record.deleted_at or preferences == record.preferences:
        return record
    return _touched(replace(record, preferences=preferences), call)


def addressed(record: Record, addresses: AddressBook, call: Call) -> Record:
    """Return the customer with other addresses.

    Another default billing address is a change of the customer, because it is the customer's own. Any other is not:
    the version moves on, so that two writers can't both be right, and nothing that is shown does.

    Raises:
        CustomerDeleted: a deleted customer keeps what it had.
    """
    if record.deleted_at:
        raise CustomerDeleted(record.id)
    if addresses == record.addresses:
        return record
    after = replace(record, addresses=addresses)
    return replace(after, version=record.version + 1) if after.address == record.address else _touched(after, call)


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


def subscribing(record: Record) -> Record:
    """Return the customer that subscribes to something.

    Nothing that is shown changes. The version moves on, so that of a subscription and a deletion at once one fails.

    Raises:
        CustomerDeleted: the customer is deleted.
    """
    if record.deleted_at:
        raise CustomerDeleted(record.id)
    return replace(record, has_subscribed=True, version=record.version + 1)


def deleted(record: Record, call: Call) -> Record:
    """Return the customer marked as deleted, all its data kept; a deleted one is returned as it is."""
    if record.deleted_at:
        return record
    return _touched(replace(record, deleted_at=iso(call.moment)), call)


def _touched(record: Record, call: Call) -> Record:
    return replace(
        record,
        version=record.version + 1,
        # A clock that runs behind must not make a later version look older.
        updated_at=max(iso(call.moment), record.updated_at),
        request_id=call.request_id,
        idempotency_key=call.idempotency_key,
    )


def _with_fields(
    record: Record, fields: CustomerFields, *, moment: str, address_id: str, source: ConsentSource
) -> Record:
    given = fields.given()
    parts = fields.given_address()
    return replace(
        record,
        texts=merged(record.texts, {name: given[name] for name in TEXTS if name in given}),
        addresses=record.addresses.with_own(parts, new_id=address_id, moment=moment) if parts else record.addresses,
        preferences=_chosen(record.preferences, fields, source, moment),
        metadata=merged_metadata("metadata", record.metadata, given),
        custom_fields=merged_metadata("custom_fields", record.custom_fields, given),
    )


def _with_default(record: Record, changes: CustomerChanges, month: str) -> Record:
    if "default_payment_method_id" not in changes.model_fields_set:
        return record
    method_id = parse_id("pm", changes.default_payment_method_id or "")
    if method_id not in record.wallet.active(month):
        raise refuse("default_payment_method_id", "must be an active payment method of this customer")
    return replace(record, wallet=replace(record.wallet, default=method_id))


def _chosen(preferences: Preferences, fields: CustomerFields, source: ConsentSource, moment: str) -> Preferences:
    if "communication_preferences" not in fields.model_fields_set:
        return preferences
    given = fields.communication_preferences
    return Preferences() if given is None else preferences.changed(given.choices(), source, moment)
