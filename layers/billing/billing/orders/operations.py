"""The commands and queries of orders: read, decide by the rules, commit. Paying them is `billing.collection`'s."""

from collections.abc import Callable

from billing.billing_settings.record import Settings
from billing.billing_settings.record import key_of as settings_key
from billing.businesses.buyers import tax_identity_of
from billing.customers.record import Record as Customer
from billing.customers.record import key_of as customer_key
from billing.errors import CustomerDeleted, NotFound
from billing.ids import new_id, object_id
from billing.live_customers import require_live
from billing.orders import rules
from billing.orders.models import NewOrder, Order
from billing.orders.record import KIND, Record, key_of, put
from billing.preconditions import check_version
from billing.table import Keys, Transaction, table
from billing.table.table import until_written
from billing.taxes.record import Rates
from billing.taxes.record import key_of as rates_key
from billing.tenancy import Caller, Tenant


def create(caller: Caller, body: NewOrder) -> Order:
    """Place an order: what it depends on is read, a number is drawn from the tenant's counter, one transaction.

    Raises:
        NotFound: the tenant has no such customer.
        CustomerDeleted: the customer is deleted.
        InvalidFields: it comes to more than can be paid at once, or expires before it begins.
    """
    tenant = caller.tenant
    customer_id = object_id("cus", "customer", body.customer_id)
    order_id = new_id("ord")

    def attempt() -> Order:
        keys = [customer_key(tenant, customer_id), settings_key(tenant), rates_key(tenant)]
        item, settings, rates = table().get_for_change(caller, keys)
        if item is None:
            raise NotFound("customer", customer_id)
        customer = Customer.from_item(item)
        if customer.deleted_at:
            raise CustomerDeleted(customer_id)
        record = rules.new_order(
            tenant,
            body,
            id=order_id,
            sequence=table().next_number(Keys(tenant).sequence(KIND)),
            customer=customer,
            settings=Settings.from_item(settings),
            rates=Rates.from_item(rates).rates,
            buyer_tax=tax_identity_of(customer),
            call=caller.call,
        )
        transaction = require_live(Transaction(), tenant, customer_id)
        order = record.to_order()
        table().commit(put(transaction, None, record), caller, order)
        return order

    return until_written(caller, attempt)


def get(tenant: Tenant, order_id: str) -> Order:
    """Return an order.

    Raises:
        NotFound: the tenant has no such order.
    """
    item = table().get(key_of(tenant, order_id))
    if item is None:
        raise NotFound("order", order_id)
    return Record.from_item(item).to_order()


def cancel(caller: Caller, order_id: str) -> Order:
    """Give an order up for which nothing was paid; repeatable.

    Raises:
        NotFound: the tenant has no such order.
        MalformedRequest: something was paid, or it is fulfilled.
        Conflict: it is being paid.
        PreconditionFailed: `If-Match` names another version.
    """
    return _change(caller, order_id, lambda record: rules.canceled(record, caller.call))


def fulfill(caller: Caller, order_id: str) -> Order:
    """Note that what was ordered is delivered; repeatable.

    Raises:
        NotFound: the tenant has no such order.
        MalformedRequest: it was canceled, or all of it was given back, or its time is over.
        PreconditionFailed: `If-Match` names another version.
    """
    return _change(caller, order_id, lambda record: rules.fulfilled(record, caller.call))


def _change(caller: Caller, order_id: str, decide: Callable[[Record], Record]) -> Order:
    def attempt() -> Order:
        [item] = table().get_for_change(caller, [key_of(caller.tenant, order_id)])
        if item is None:
            raise NotFound("order", order_id)
        record = Record.from_item(item)
        after = decide(record)
        if after is not record:
            check_version(caller.call, record.version)
        order = after.to_order()
        table().commit(put(Transaction(), record, after), caller, order)
        return order

    return until_written(caller, attempt)
