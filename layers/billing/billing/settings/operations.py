"""The commands and queries of custom fields. All definitions of a tenant stand in one item."""

from collections.abc import Callable

from billing.customers.custom_fields import DEMAND, Definitions, key_of
from billing.customers.record import KIND
from billing.ids import new_id
from billing.settings import rules
from billing.settings.models import (
    CustomField,
    CustomFieldChanges,
    DeletedCustomField,
    ListCustomFields,
    NewCustomField,
)
from billing.short_lists import page_of
from billing.table import Keys, Transaction, table
from billing.table.table import until_written
from billing.tenancy import Caller, Tenant
from billing.times import iso
from billing.wire import Listing


def list_custom_fields(tenant: Tenant, query: ListCustomFields) -> Listing[CustomField]:
    """Return a page of the tenant's custom fields, newest first.

    Raises:
        InvalidFields: a cursor names none of them.
    """
    return page_of([CustomField.of(each) for each in reversed(_read(tenant).fields)], query, prefix="cf")


def get(tenant: Tenant, field_id: str) -> CustomField:
    """Return a custom field.

    Raises:
        NotFound: the tenant has no such custom field.
    """
    return CustomField.of(rules.find(_read(tenant), field_id))


def define(caller: Caller, body: NewCustomField) -> CustomField:
    """Define a custom field.

    Raises:
        Conflict: the key is taken.
        MalformedRequest: there are as many as there can be.
    """
    field_id, moment = new_id("cf"), iso(caller.call.now)
    return _change(
        caller,
        lambda before: rules.defined(before, body, id=field_id, moment=moment),
        lambda after: CustomField.of(rules.find(after, field_id)),
    )


def change(caller: Caller, field_id: str, changes: CustomFieldChanges) -> CustomField:
    """Change a custom field; customers keep the values they have.

    Raises:
        NotFound: the tenant has no such custom field.
        InvalidFields: key or type were to change, or something other than a dropdown was to get options.
        MalformedRequest: the definitions grow too large.
    """
    return _change(
        caller,
        lambda before: rules.changed(before, rules.find(before, field_id), changes, iso(caller.call.now)),
        lambda after: CustomField.of(rules.find(after, field_id)),
    )


def remove(caller: Caller, field_id: str) -> DeletedCustomField:
    """Remove a custom field; customers keep the values they have, and the key takes any value again.

    Raises:
        NotFound: the tenant has no such custom field.
    """
    return _change(
        caller,
        lambda before: rules.without(before, rules.find(before, field_id)),
        lambda _: DeletedCustomField(id=field_id),
    )


def _change[R](caller: Caller, decide: Callable[[Definitions], Definitions], answer: Callable[[Definitions], R]) -> R:

    def attempt() -> R:
        [item] = table().get_for_change(caller, [key_of(caller.tenant)])
        before = Definitions.from_item(item)
        after = decide(before)
        result = answer(after)
        table().commit(_replacing(caller.tenant, before, after), caller, result)
        return result

    return until_written(caller, attempt)


def _replacing(tenant: Tenant, before: Definitions, after: Definitions) -> Transaction:
    transaction = Transaction()
    if after is before:
        return transaction
    transaction.put(key_of(tenant), after.to_item(), over=before.version)
    if after.demand != before.demand:
        # Creations learn it from the counter, which they touch anyway.
        transaction.mark(Keys(tenant).sequence(KIND), DEMAND, after.demand)
    return transaction


def _read(tenant: Tenant) -> Definitions:
    return Definitions.from_item(table().get(key_of(tenant)))
