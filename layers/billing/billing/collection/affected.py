"""Reading a payment with all that may change with it, and writing what has changed."""

from billing.billing_settings.record import Settings
from billing.billing_settings.record import key_of as settings_key
from billing.collection.consequences import Affected
from billing.customers.record import Record as Customer
from billing.customers.record import key_of as customer_key
from billing.errors import CustomerDeleted, NotFound
from billing.invoices import record as invoices
from billing.orders import record as orders
from billing.payments import record as payments
from billing.payments.record import Record as Payment
from billing.subscriptions import record as subscriptions
from billing.table import Item, Key, Transaction, table
from billing.tenancy import Tenant


def read(payment: Payment) -> Affected:
    """Return a payment and what it is about, as they are now: one round trip.

    Raises:
        NotFound: the payment is gone.
    """
    return _read(payment, {"payment": payments.key_of(payment.tenant, payment.id)})


def around(payment: Payment) -> Affected:
    """Return what a payment that is not written yet is about, as it is now: one round trip."""
    return _read(payment, {})


def _read(payment: Payment, keys: dict[str, Key]) -> Affected:
    tenant = payment.tenant
    keys |= {"customer": customer_key(tenant, payment.customer_id), "settings": settings_key(tenant)}
    if payment.invoice_id:
        keys["invoice"] = invoices.key_of(tenant, payment.invoice_id)
    if payment.order_id:
        keys["order"] = orders.key_of(tenant, payment.order_id)
    if payment.subscription_id:
        keys["subscription"] = subscriptions.key_of(tenant, payment.subscription_id)
    found: dict[str, Item | None] = dict(zip(keys, table().get_all(list(keys.values())), strict=True))
    invoice, order, subscription = found.get("invoice"), found.get("order"), found.get("subscription")
    if "payment" in keys:
        payment = payments.Record.from_item(_there(found["payment"], "payment", payment.id))
    return Affected(
        payment=payment,
        customer=Customer.from_item(_there(found["customer"], "customer", payment.customer_id)),
        settings=Settings.from_item(found["settings"]),
        invoice=invoices.Record.from_item(invoice) if invoice else None,
        order=orders.Record.from_item(order) if order else None,
        subscription=subscriptions.Record.from_item(subscription) if subscription else None,
    )


def put(transaction: Transaction, before: Affected, after: Affected) -> Transaction:
    """Add everything that has changed to a transaction."""
    payments.put(transaction, before.payment, after.payment)
    if after.invoice:
        invoices.put(transaction, before.invoice, after.invoice)
    if after.order:
        orders.put(transaction, before.order, after.order)
    if after.subscription:
        subscriptions.put(transaction, before.subscription, after.subscription)
    return transaction


def require_live(transaction: Transaction, tenant: Tenant, customer_id: str) -> Transaction:
    """Have the transaction fail if the customer is deleted, however late that comes.

    Its commit raises `CustomerDeleted` then.
    """
    return transaction.require(
        customer_key(tenant, customer_id),
        without="deleted_at",
        refusal=lambda item: CustomerDeleted(customer_id) if item else NotFound("customer", customer_id),
    )


def _there(item: Item | None, noun: str, id: str) -> Item:  # noqa: A002 - the contract's word
    if item is None:
        raise NotFound(noun, id)
    return item
