"""The commands and queries of customers: read, decide by the rules, commit."""

from billing.customers import rules
from billing.customers.models import Customer, CustomerChanges, DeletedCustomer, NewCustomer, Source
from billing.customers.record import KIND, Record, email_key, key_of
from billing.errors import EmailTaken, NotFound, PreconditionFailed, Unavailable
from billing.ids import new_id
from billing.table import Keys, Transaction, table
from billing.table.table import Raced
from billing.tenancy import Caller, Tenant
from billing.text import folded_email


def create(caller: Caller, body: NewCustomer, *, source: Source) -> Customer:
    """Create a customer: one number from the tenant's counter, one transaction.

    Raises:
        EmailTaken: another live customer of the merchant has this e-mail.
    """
    tenant = caller.tenant
    sequence = table().next_number(Keys(tenant).sequence(KIND))
    record = rules.new_customer(tenant, body, id=new_id("cus"), sequence=sequence, source=source, call=caller.call)
    customer = record.to_customer()
    transaction = _owning_email(Transaction(), record)
    transaction.create(key_of(tenant, record.id), record.to_item())
    table().commit(transaction, caller, customer)
    return customer


def get(caller: Caller, customer_id: str) -> Customer:
    """Return a customer, a deleted one too.

    Raises:
        NotFound: the tenant has no such customer.
    """
    return read(caller.tenant, customer_id).to_customer(caller.call.now)


def read(tenant: Tenant, customer_id: str) -> Record:
    """Return the stored customer.

    Raises:
        NotFound: the tenant has no such customer.
    """
    item = table().get(key_of(tenant, customer_id))
    if item is None:
        raise NotFound("customer", customer_id)
    return Record.from_item(item)


def update(caller: Caller, customer_id: str, changes: CustomerChanges) -> Customer:
    """Change a customer; what changes nothing writes nothing and makes no event.

    Raises:
        NotFound: the tenant has no such customer.
        CustomerDeleted: it is deleted.
        EmailTaken: the new e-mail belongs to another live customer.
        PreconditionFailed: `If-Match` names another version.
    """
    for _ in range(5):
        record = _read_for_change(caller, customer_id)
        _check_precondition(caller, record)
        after = rules.changed(record, changes, caller.call)
        customer = after.to_customer(caller.call.now)
        transaction = Transaction()
        if after is not record:
            transaction.replace(key_of(caller.tenant, record.id), after.to_item(), version=record.version)
            if folded_email(after.email) != folded_email(record.email):
                transaction.delete(email_key(caller.tenant, record.email), where=("customer_id", record.id))
                _owning_email(transaction, after)
        try:
            table().commit(transaction, caller, customer)
        except Raced:
            continue
        return customer
    raise Unavailable


def delete(caller: Caller, customer_id: str) -> DeletedCustomer:
    """Mark a customer as deleted, keep its data and free its e-mail; repeatable.

    Raises:
        NotFound: the tenant has no such customer.
        PreconditionFailed: `If-Match` names another version.
    """
    for _ in range(5):
        record = read(caller.tenant, customer_id)
        after = rules.deleted(record, caller.call)
        if after is record:
            return record.to_deleted()
        _check_precondition(caller, record)
        transaction = Transaction()
        transaction.replace(key_of(caller.tenant, record.id), after.to_item(), version=record.version)
        transaction.delete(email_key(caller.tenant, record.email), where=("customer_id", record.id))
        answer = after.to_deleted()
        try:
            table().commit(transaction, caller, answer)
        except Raced:
            continue
        return answer
    raise Unavailable


def find_by_email(tenant: Tenant, email: str) -> Record | None:
    """Return the live customer with this e-mail, whatever its case, or None. Exact and immediate."""
    owner = table().get(email_key(tenant, email))
    if owner is None:
        return None
    item = table().get(key_of(tenant, owner["customer_id"]))
    record = Record.from_item(item) if item else None
    # Between the two reads the customer may have been deleted or have changed its e-mail.
    live = record and not record.deleted_at and folded_email(record.email) == folded_email(email)
    return record if live else None


def _owning_email(transaction: Transaction, record: Record) -> Transaction:
    return transaction.create(
        email_key(record.tenant, record.email),
        {"entity": "email", "customer_id": record.id},
        refusal=lambda owner: EmailTaken(owner.get("customer_id", "")),
    )


def _read_for_change(caller: Caller, customer_id: str) -> Record:
    [item] = table().get_for_change(caller, [key_of(caller.tenant, customer_id)])
    if item is None:
        raise NotFound("customer", customer_id)
    return Record.from_item(item)


def _check_precondition(caller: Caller, record: Record) -> None:
    wanted = caller.call.if_match
    if wanted is None or wanted.strip() == "*":
        return
    tags = {tag.strip().removeprefix("W/").strip('"') for tag in wanted.split(",")}
    if str(record.version) not in tags:
        raise PreconditionFailed(f'If-Match does not name the current version "{record.version}"', param="If-Match")
