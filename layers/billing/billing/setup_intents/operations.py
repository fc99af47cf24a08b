"""The commands of setup intents that ask no gateway."""

import secrets

from billing.customers.record import key_of as customer_key
from billing.errors import NotFound
from billing.gateway import gateway_of
from billing.ids import new_id, object_id
from billing.payment_methods.operations import live
from billing.setup_intents import rules
from billing.setup_intents.models import Cancellation, NewSetupIntent, SetupIntent, SetupIntentChanges
from billing.setup_intents.record import KIND, Record, key_of, row_key
from billing.table import Item, Keys, Transaction, table
from billing.table.table import until_written
from billing.tenancy import Caller, Tenant


def create(caller: Caller, body: NewSetupIntent) -> SetupIntent:
    """Create a setup intent; the gateway is asked when it is confirmed.

    Raises:
        NotFound: the tenant has no such customer.
        CustomerDeleted: it is deleted.
        GatewayNotConnected: the merchant has no gateway in this mode.
    """
    tenant = caller.tenant
    gateway = gateway_of(tenant)
    customer_id = _checked_customer(tenant, body.customer_id)
    intent_id = new_id("seti")
    record = rules.new_intent(
        tenant,
        body,
        id=intent_id,
        sequence=table().next_number(Keys(tenant).sequence(KIND)),
        gateway=gateway.name,
        client_secret=f"{intent_id}_secret_{secrets.token_hex(16)}",
        customer_id=customer_id,
        call=caller.call,
    )
    transaction = Transaction().create(key_of(tenant, record.id), record.to_item())
    _follow(transaction, None, record)
    answer = record.to_setup_intent()
    table().commit(transaction, caller, answer)
    return answer


def get(tenant: Tenant, intent_id: str) -> SetupIntent:
    """Return a setup intent.

    Raises:
        NotFound: the tenant has no such setup intent.
    """
    return read(tenant, intent_id).to_setup_intent()


def read(tenant: Tenant, intent_id: str) -> Record:
    """Return the stored setup intent.

    Raises:
        NotFound: the tenant has no such setup intent.
    """
    return found(table().get(key_of(tenant, intent_id)), intent_id)


def read_for_change(caller: Caller, intent_id: str) -> Record:
    """Return the stored setup intent for a command.

    Raises:
        NotFound: the tenant has no such setup intent.
        Replayed: this command has been answered before.
    """
    [item] = table().get_for_change(caller, [key_of(caller.tenant, intent_id)])
    return found(item, intent_id)


def found(item: Item | None, intent_id: str) -> Record:
    """Return the record of an item that was read.

    Raises:
        NotFound: there is none.
    """
    if item is None:
        raise NotFound("setup intent", intent_id)
    return Record.from_item(item)


def update(caller: Caller, intent_id: str, changes: SetupIntentChanges) -> SetupIntent:
    """Change a setup intent that is still open.

    Raises:
        NotFound: the tenant has no such setup intent or customer.
        CustomerDeleted: the customer is deleted.
        MalformedRequest: it is not open any more.
        InvalidFields: merged metadata grows over its limits.
    """

    def once() -> SetupIntent:
        record = read_for_change(caller, intent_id)
        customer_id = _checked_customer(caller.tenant, changes.customer_id)
        return _written(caller, record, rules.changed(record, changes, customer_id, caller.call))

    return until_written(caller, once)


def cancel(caller: Caller, intent_id: str, body: Cancellation) -> SetupIntent:
    """Give a setup intent up.

    Raises:
        NotFound: the tenant has no such setup intent.
        MalformedRequest: it is not open any more.
    """

    def once() -> SetupIntent:
        record = read_for_change(caller, intent_id)
        return _written(caller, record, rules.canceled(record, body.cancellation_reason, caller.call))

    return until_written(caller, once)


def put(transaction: Transaction, before: Record, after: Record) -> None:
    """Add the new state of a setup intent to a transaction, with the row that finds it among its customer's."""
    if after is before:
        return
    transaction.replace(key_of(after.tenant, after.id), after.to_item(), version=before.version)
    _follow(transaction, before, after)


def _written(caller: Caller, before: Record, after: Record) -> SetupIntent:
    transaction = Transaction()
    put(transaction, before, after)
    answer = after.to_setup_intent()
    table().commit(transaction, caller, answer)
    return answer


def _follow(transaction: Transaction, before: Record | None, after: Record) -> None:
    old, new = row_key(before) if before else None, row_key(after)
    if old and old != new:
        transaction.unfollow(old)
    if new:
        transaction.follow(new, after.to_row())


def _checked_customer(tenant: Tenant, text: str | None) -> str | None:
    if text is None:
        return None
    customer_id = object_id("cus", "customer", text)
    return live(table().get(customer_key(tenant, customer_id)), customer_id).id
