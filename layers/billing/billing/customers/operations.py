"""The commands and queries of customers: read, decide by the rules, commit."""

from collections.abc import Callable, Sequence

from billing.customers import rules
from billing.customers.custom_fields import DEMAND, Definitions
from billing.customers.custom_fields import key_of as custom_fields_key
from billing.customers.models import Customer, CustomerChanges, NewCustomer, Source
from billing.customers.preferences import ConsentSource
from billing.customers.record import KIND, Record, email_key, key_of
from billing.errors import EmailTaken, NotFound
from billing.ids import new_id
from billing.preconditions import check_version
from billing.table import Item, Key, Keys, Transaction, table
from billing.table.table import until_written
from billing.tenancy import Caller, Tenant
from billing.text import folded_email

_REQUIRING_SOURCES = frozenset({"api", "dashboard"})
"""Where somebody fills in required custom fields; an automatic creation has nobody to ask."""

type Decision = Callable[[Record, Sequence[Item | None]], Record]
"""Makes of a customer, and of the items that were read beside it, what it is to be; itself if nothing changes."""


def create(caller: Caller, body: NewCustomer, *, source: Source) -> Customer:
    """Create a customer: one number from the tenant's counter, one transaction.

    The definitions of custom fields are read too when the counter says that there are any which this body can fail.

    Raises:
        EmailTaken: another live customer of the merchant has this e-mail.
        InvalidFields: custom fields are not as they are defined, or required ones are missing.
    """
    record = drawn_up(caller, body, source=source)
    customer = record.to_customer()
    table().commit(adding(Transaction(), record), caller, customer)
    return customer


def drawn_up(caller: Caller, body: NewCustomer, *, source: Source) -> Record:
    """Return the customer that `body` describes, not written yet, with its number from the tenant's counter.

    Raises:
        InvalidFields: custom fields are not as they are defined, or required ones are missing.
    """
    tenant = caller.tenant
    counter = table().count_up(Keys(tenant).sequence(KIND))
    demand = counter.get(DEMAND, "none")
    definitions = rules.NOTHING_DEFINED
    if demand == "presence" or (demand == "values" and body.custom_fields):
        definitions = Definitions.from_item(table().get(custom_fields_key(tenant)))
    if source in _REQUIRING_SOURCES:
        definitions.check_required(body.custom_fields)
    return rules.new_customer(
        tenant,
        body,
        id=new_id("cus"),
        sequence=counter["last"],
        source=source,
        call=caller.call,
        address_id=new_id("addr"),
        definitions=definitions,
    )


def adding(transaction: Transaction, record: Record) -> Transaction:
    """Add a new customer, who owns its e-mail from then on, to a transaction.

    Its commit raises `EmailTaken` if another live customer of the merchant has the e-mail.
    """
    return _owning_email(transaction, record).create(key_of(record.tenant, record.id), record.to_item())


def get(caller: Caller, customer_id: str) -> Customer:
    """Return a customer, a deleted one too.

    Raises:
        NotFound: the tenant has no such customer.
    """
    return read(caller.tenant, customer_id).to_customer(caller.call.moment)


def read(tenant: Tenant, customer_id: str) -> Record:
    """Return the stored customer.

    Raises:
        NotFound: the tenant has no such customer.
    """
    item = table().get(key_of(tenant, customer_id))
    if item is None:
        raise NotFound("customer", customer_id)
    return Record.from_item(item)


def update(caller: Caller, customer_id: str, changes: CustomerChanges, *, source: ConsentSource = "api") -> Customer:
    """Change a customer; what changes nothing writes nothing and makes no event.

    `source` is through whom the customer has chosen what to be sent.

    Raises:
        NotFound: the tenant has no such customer.
        CustomerDeleted: it is deleted.
        EmailTaken: the new e-mail belongs to another live customer.
        InvalidFields: custom fields are not as they are defined, or merged ones or metadata grow over their limits.
        PreconditionFailed: `If-Match` names another version.
    """

    def decide(record: Record, beside: Sequence[Item | None]) -> Record:
        check_version(caller.call, record.version)
        definitions = Definitions.from_item(beside[0]) if beside else rules.NOTHING_DEFINED
        return rules.changed(
            record, changes, caller.call, address_id=address_id, definitions=definitions, source=source
        )

    address_id = new_id("addr")
    beside = [custom_fields_key(caller.tenant)] if changes.custom_fields else []
    return change(caller, customer_id, decide, lambda after: after.to_customer(caller.call.moment), beside=beside)


def change[R](
    caller: Caller,
    customer_id: str,
    decide: Decision,
    answer: Callable[[Record], R],
    *,
    beside: Sequence[Key] = (),
) -> R:
    """Change a customer as `decide` says and return what `answer` makes of it: one read, one transaction.

    Whoever is overtaken by another change reads again and decides again. `beside` are keys of items to read along.

    Raises:
        NotFound: the tenant has no such customer.
        EmailTaken: its new e-mail belongs to another live customer.
        Unavailable: others kept changing the customer.
    """

    def attempt() -> R:
        item, *others = table().get_for_change(caller, [key_of(caller.tenant, customer_id), *beside])
        if item is None:
            raise NotFound("customer", customer_id)
        record = Record.from_item(item)
        after = decide(record, others)
        result = answer(after)
        table().commit(replacing(record, after), caller, result)
        return result

    return until_written(caller, attempt)


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


def replacing(before: Record, after: Record) -> Transaction:
    """Return what makes `after` of `before`, who owns the e-mail included; nothing if they are the same."""
    transaction = Transaction()
    if after is before:
        return transaction
    transaction.replace(key_of(after.tenant, after.id), after.to_item(), version=before.version)
    moved = folded_email(after.email) != folded_email(before.email)
    if moved or (after.deleted_at and not before.deleted_at):
        transaction.delete(email_key(before.tenant, before.email), where=("customer_id", before.id))
    return _owning_email(transaction, after) if moved else transaction


def _owning_email(transaction: Transaction, record: Record) -> Transaction:
    return transaction.create(
        email_key(record.tenant, record.email),
        {"entity": "email", "customer_id": record.id},
        refusal=lambda owner: EmailTaken(owner.get("customer_id", "")),
    )
