"""The commands of payment methods: read, decide by the rules, commit.

Whoever attaches, detaches or chooses a default writes the customer's item too, on condition of its version. So of two
such commands at once one reads again and decides again, and no interleaving leaves two defaults or none.
"""

from collections.abc import Mapping
from dataclasses import asdict, replace
from typing import Any

from billing.customers import operations as customers
from billing.customers import rules as customer_rules
from billing.customers.record import Record as Customer
from billing.customers.record import key_of as customer_key
from billing.customers.wallet import Wallet, month_of
from billing.errors import CustomerDeleted, NotFound
from billing.gateway import Card
from billing.ids import object_id
from billing.payment_methods import rules
from billing.payment_methods.models import Attachment, PaymentMethod, PaymentMethodChanges
from billing.payment_methods.record import Record, key_of, put
from billing.table import Item, Keys, Transaction, table
from billing.table.table import until_written
from billing.tenancy import Caller, Tenant


def get(caller: Caller, method_id: str) -> PaymentMethod:
    """Return a payment method, a detached one too.

    Raises:
        NotFound: the tenant has no such payment method.
    """
    record = read(caller.tenant, method_id)
    return record.to_payment_method(caller.call.moment, _wallet_of(record))


def read(tenant: Tenant, method_id: str) -> Record:
    """Return the stored payment method.

    Raises:
        NotFound: the tenant has no such payment method.
    """
    return found(table().get(key_of(tenant, method_id)), method_id)


def found(item: Item | None, method_id: str) -> Record:
    """Return the record of an item that was read.

    Raises:
        NotFound: there is none.
    """
    if item is None:
        raise NotFound("payment method", method_id)
    return Record.from_item(item)


def update(caller: Caller, method_id: str, changes: PaymentMethodChanges) -> PaymentMethod:
    """Change billing details and metadata; what changes nothing writes nothing.

    Raises:
        NotFound: the tenant has no such payment method.
        InvalidFields: merged metadata grows over its limits.
    """

    def once() -> PaymentMethod:
        record = _read_for_change(caller, method_id)
        wallet = _wallet_of(record)
        after = rules.changed(record, changes, wallet, caller.call)
        return _committed(caller, put(Transaction(), record, after), after, wallet)

    return until_written(caller, once)


def attach(caller: Caller, method_id: str, body: Attachment) -> PaymentMethod:
    """Attach a payment method to a customer; from another one it is detached in the same transaction.

    Raises:
        NotFound: the tenant has no such payment method or customer.
        CustomerDeleted: either customer is deleted.
        MalformedRequest: the customer holds as many as there may be.
    """
    customer_id = object_id("cus", "customer", body.customer_id)

    def once() -> PaymentMethod:
        keys = [key_of(caller.tenant, method_id), customer_key(caller.tenant, customer_id)]
        items = table().get_for_change(caller, keys)
        record, customer = found(items[0], method_id), live(items[1], customer_id)
        transaction = Transaction()
        if record.is_attached and record.customer_id == customer.id:
            wallet = rules.defaulting(record, customer.wallet, caller.call) if body.set_default else customer.wallet
            put_wallet(transaction, customer, wallet, caller)
            return _committed(caller, transaction, record, wallet)
        if record.is_attached:
            former = customers.read(caller.tenant, record.customer_id or "")
            _, rest = rules.detached(record, former.wallet, caller.call)
            put_wallet(transaction, former, rest, caller)
        after, wallet = rules.attached(record, customer.id, customer.wallet, caller.call, set_default=body.set_default)
        put(transaction, record, after)
        put_wallet(transaction, customer, wallet, caller)
        return _committed(caller, transaction, after, wallet)

    return until_written(caller, once)


def detach(caller: Caller, method_id: str) -> PaymentMethod:
    """Detach a payment method for good measure: it stays readable and can't be charged.

    Raises:
        NotFound: the tenant has no such payment method.
        MalformedRequest: it is not attached.
        CustomerDeleted: its customer is deleted.
    """

    def once() -> PaymentMethod:
        record = _read_for_change(caller, method_id)
        customer = _customer_of(record)
        after, wallet = rules.detached(record, customer.wallet if customer else Wallet(), caller.call)
        transaction = put(Transaction(), record, after)
        if customer:
            put_wallet(transaction, customer, wallet, caller)
        return _committed(caller, transaction, after, wallet)

    return until_written(caller, once)


def set_default(caller: Caller, method_id: str) -> PaymentMethod:
    """Have the customer pay with this method from now on.

    Raises:
        NotFound: the tenant has no such payment method.
        MalformedRequest: it is detached or expired.
        CustomerDeleted: its customer is deleted.
    """

    def once() -> PaymentMethod:
        record = _read_for_change(caller, method_id)
        customer = _customer_of(record)
        wallet = rules.defaulting(record, customer.wallet if customer else Wallet(), caller.call)
        transaction = Transaction()
        if customer:
            put_wallet(transaction, customer, wallet, caller)
        return _committed(caller, transaction, record, wallet)

    return until_written(caller, once)


def by_reference(tenant: Tenant, gateway: str, reference: str) -> Record | None:
    """Return what a gateway means by its own id of a payment method, if it was ever kept here."""
    item = table().get(Keys(tenant).reference(gateway, reference))
    return read(tenant, item["payment_method_id"]) if item else None


def reissue(caller: Caller, method_id: str, facts: Mapping[str, Any]) -> Record:
    """Take over what an issuer has changed of a card, and have its customer's wallet follow; repeatable.

    `facts` are the card's `exp_month`, `exp_year` and `last4`; what is left out stays. A deleted customer's wallet
    keeps what it had.

    Raises:
        NotFound: the tenant has no such payment method.
    """

    def once() -> Record:
        record = read(caller.tenant, method_id)
        known = {**asdict(record.details), **facts}
        if not isinstance(record.details, Card):
            return record
        after = rules.reissued(record, known["exp_month"], known["exp_year"], known["last4"], caller.call)
        if after is record:
            return record
        transaction = Transaction()
        customer = _customer_of(record)
        if customer and not customer.deleted_at:
            wallet = customer.wallet.reissued(after.held, month_of(caller.call.moment))
            after = replace(after, was_default=wallet.default == after.id)
            put_wallet(transaction, customer, wallet, caller)
        put(transaction, record, after)
        table().write(transaction, caller.call.remaining_seconds)
        return after

    return until_written(caller, once)


def put_wallet(transaction: Transaction, customer: Customer, wallet: Wallet, caller: Caller) -> None:
    """Add a customer's new wallet to a transaction, on condition that nobody else has written the customer.

    Raises:
        CustomerDeleted: the customer is deleted.
    """
    after = customer_rules.holding(customer, wallet, caller.call)
    if after is not customer:
        transaction.replace(customer_key(caller.tenant, customer.id), after.to_item(), version=customer.version)


def _read_for_change(caller: Caller, method_id: str) -> Record:
    [item] = table().get_for_change(caller, [key_of(caller.tenant, method_id)])
    return found(item, method_id)


def live(item: Item | None, customer_id: str) -> Customer:
    """Return the customer of an item that was read.

    Raises:
        NotFound: there is none.
        CustomerDeleted: it is deleted.
    """
    if item is None:
        raise NotFound("customer", customer_id)
    customer = Customer.from_item(item)
    if customer.deleted_at:
        raise CustomerDeleted(customer.id)
    return customer


def _customer_of(record: Record) -> Customer | None:
    return customers.read(record.tenant, record.customer_id) if record.is_attached and record.customer_id else None


def _wallet_of(record: Record) -> Wallet | None:
    customer = _customer_of(record)
    return customer.wallet if customer else None


def _committed(caller: Caller, transaction: Transaction, record: Record, wallet: Wallet | None) -> PaymentMethod:
    answer = record.to_payment_method(caller.call.moment, wallet)
    table().commit(transaction, caller, answer)
    return answer
