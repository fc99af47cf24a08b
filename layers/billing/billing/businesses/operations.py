"""The commands and queries of businesses: read, decide by the rules, commit."""

from collections.abc import Callable

from billing.businesses import rules
from billing.businesses.models import Business, BusinessChanges, DeletedBusiness, NewBusiness
from billing.businesses.record import KIND, Record, key_of
from billing.errors import NotFound
from billing.ids import new_id, object_id
from billing.live_customers import require_live
from billing.preconditions import check_version
from billing.table import Keys, Transaction, table
from billing.table.table import until_written
from billing.tenancy import Caller, Tenant


def create(caller: Caller, body: NewBusiness) -> Business:
    """Create a business: one number from the tenant's counter, one transaction.

    Raises:
        NotFound: the tenant has no such customer.
        CustomerDeleted: the customer is deleted.
        InvalidFields: its tax identifier is certainly none.
    """
    tenant = caller.tenant
    customer_id = object_id("cus", "customer", body.customer_id) if body.customer_id is not None else None
    sequence = table().next_number(Keys(tenant).sequence(KIND))
    record = rules.new_business(
        tenant, body, id=new_id("bus"), sequence=sequence, customer_id=customer_id, call=caller.call
    )
    transaction = Transaction().create(key_of(tenant, record.id), record.to_item())
    if customer_id:
        _linking(transaction, record, customer_id)
    business = record.to_business()
    table().commit(transaction, caller, business)
    return business


def get(tenant: Tenant, business_id: str) -> Business:
    """Return a business, a deleted one too.

    Raises:
        NotFound: the tenant has no such business.
    """
    item = table().get(key_of(tenant, business_id))
    if item is None:
        raise NotFound("business", business_id)
    return Record.from_item(item).to_business()


def update(caller: Caller, business_id: str, changes: BusinessChanges) -> Business:
    """Change a business; what changes nothing writes nothing and makes no event.

    Raises:
        NotFound: the tenant has no such business.
        BusinessDeleted: it is deleted.
        InvalidFields: a tax identifier is certainly none.
        PreconditionFailed: `If-Match` names another version.
    """

    def decide(record: Record) -> Record:
        check_version(caller.call, record.version)
        return rules.changed(record, changes, caller.call)

    return _change(caller, business_id, decide, Record.to_business)


def link(caller: Caller, business_id: str, customer_id: str) -> Business:
    """Link a business with a customer; repeatable.

    Raises:
        NotFound: the tenant has no such business or customer.
        BusinessDeleted: the business is deleted.
        CustomerDeleted: the customer is deleted.
        MalformedRequest: the business has as many customers as it can have.
    """
    return _change(
        caller, business_id, lambda record: rules.linked(record, customer_id, caller.call), Record.to_business
    )


def unlink(caller: Caller, business_id: str, customer_id: str) -> Business:
    """Undo a link; repeatable.

    Raises:
        NotFound: the tenant has no such business.
        BusinessDeleted: it is deleted.
    """
    return _change(
        caller, business_id, lambda record: rules.unlinked(record, customer_id, caller.call), Record.to_business
    )


def delete(caller: Caller, business_id: str) -> DeletedBusiness:
    """Mark a business as deleted and keep its data; its customers no longer find it. Repeatable.

    Raises:
        NotFound: the tenant has no such business.
        PreconditionFailed: `If-Match` names another version.
    """

    def decide(record: Record) -> Record:
        if not record.deleted_at:
            check_version(caller.call, record.version)
        return rules.deleted(record, caller.call)

    return _change(caller, business_id, decide, Record.to_deleted)


def _change[R](
    caller: Caller, business_id: str, decide: Callable[[Record], Record], answer: Callable[[Record], R]
) -> R:
    def attempt() -> R:
        [item] = table().get_for_change(caller, [key_of(caller.tenant, business_id)])
        if item is None:
            raise NotFound("business", business_id)
        record = Record.from_item(item)
        after = decide(record)
        result = answer(after)
        table().commit(_replacing(record, after), caller, result)
        return result

    return until_written(caller, attempt)


def _replacing(before: Record, after: Record) -> Transaction:
    """Return what makes `after` of `before`, the rows of its customers included; nothing if they are the same."""
    transaction = Transaction()
    if after is before:
        return transaction
    transaction.replace(key_of(after.tenant, after.id), after.to_item(), version=before.version)
    found_by = () if after.deleted_at else after.customer_ids
    for customer_id in before.customer_ids:
        if customer_id not in found_by:
            transaction.unfollow(before.link_key(customer_id))
    for customer_id in found_by:
        if customer_id not in before.customer_ids:
            _linking(transaction, after, customer_id)
    return transaction


def _linking(transaction: Transaction, record: Record, customer_id: str) -> None:
    require_live(transaction, record.tenant, customer_id)
    transaction.follow(record.link_key(customer_id), record.to_link())
