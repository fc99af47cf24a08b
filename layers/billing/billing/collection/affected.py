"""Reading a payment with all that may change with it, and writing what has changed.

What invoices, orders and subscriptions are made of is imported when a payment is about one: most are about few.
"""

from typing import TYPE_CHECKING

from billing.billing_settings.record import Settings
from billing.billing_settings.record import key_of as settings_key
from billing.collection.consequences import Affected
from billing.customers.record import Record as Customer
from billing.customers.record import key_of as customer_key
from billing.errors import NotFound
from billing.payments import record as payments
from billing.payments.record import Record as Payment
from billing.table import Item, Key, Keys, Transaction, table

if TYPE_CHECKING:
    from billing.invoices.record import Record as Invoice
    from billing.orders.record import Record as Order
    from billing.subscriptions.record import Record as Subscription


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
        keys["invoice"] = Keys(tenant).entity("invoice", payment.invoice_id)
    if payment.order_id:
        keys["order"] = Keys(tenant).entity("order", payment.order_id)
    if payment.subscription_id:
        keys["subscription"] = Keys(tenant).entity("subscription", payment.subscription_id)
    found: dict[str, Item | None] = dict(zip(keys, table().get_all(list(keys.values())), strict=True))
    if "payment" in keys:
        payment = payments.Record.from_item(_there(found["payment"], "payment", payment.id))
    return Affected(
        payment=payment,
        customer=Customer.from_item(_there(found["customer"], "customer", payment.customer_id)),
        settings=Settings.from_item(found["settings"]),
        invoice=_invoice(found.get("invoice")),
        order=_order(found.get("order")),
        subscription=_subscription(found.get("subscription")),
    )


def put(transaction: Transaction, before: Affected, after: Affected) -> Transaction:
    """Add everything that has changed to a transaction."""
    payments.put(transaction, before.payment, after.payment)
    if after.invoice:
        from billing.invoices import record as invoices  # noqa: PLC0415 - see above

        invoices.put(transaction, before.invoice, after.invoice)
    if after.order:
        from billing.orders import record as orders  # noqa: PLC0415 - see above

        orders.put(transaction, before.order, after.order)
    if after.subscription:
        from billing.subscriptions import record as subscriptions  # noqa: PLC0415 - see above

        subscriptions.put(transaction, before.subscription, after.subscription)
    return transaction


def _invoice(item: Item | None) -> "Invoice | None":
    if item is None:
        return None
    from billing.invoices.record import Record  # noqa: PLC0415 - see above

    return Record.from_item(item)


def _order(item: Item | None) -> "Order | None":
    if item is None:
        return None
    from billing.orders.record import Record  # noqa: PLC0415 - see above

    return Record.from_item(item)


def _subscription(item: Item | None) -> "Subscription | None":
    if item is None:
        return None
    from billing.subscriptions.record import Record  # noqa: PLC0415 - see above

    return Record.from_item(item)


def _there(item: Item | None, noun: str, id: str) -> Item:  # noqa: A002 - the contract's word
    if item is None:
        raise NotFound(noun, id)
    return item
