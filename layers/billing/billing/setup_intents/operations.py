"""The commands of setup intents that ask no gateway."""

import secrets

from billing.customers.record import key_of as customer_key
from billing.errors import NotFound
from billing.gateway import gateway_of
from billing.ids import new_id, object_id
from billing.live_customers import require_live
from billing.payment_methods.operations import live
from billing.setup_intents import rules
from billing.setup_intents.models import Cancellation, NewSetupIntent, SetupIntent, SetupIntentChanges
from billing.setup_intents.record import KIND, Record, key_of, put
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
    customer_id = object_id("cus", "customer", body.customer_id) if body.customer_id is not None else None
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
    transaction = Transaction()
    if customer_id:
        require_live(transaction, tenant, customer_id)
    put(transaction, None, record)
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


def _written(caller: Caller, before: Record, after: Record) -> SetupIntent:
    transaction = put(Transaction(), before, after)
    answer = after.to_setup_intent()
    table().commit(transaction, caller, answer)
    return answer


def _checked_customer(tenant: Tenant, text: str | None) -> str | None:
    if text is None:
        return None
    customer_id = object_id("cus", "customer", text)
    return live(table().get(customer_key(tenant, customer_id)), customer_id).id
