"""Charging a customer's payment method, for itself or for an invoice or order, and changing what was charged."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from billing.collection.gateway_work import Show, Work, begun, taken_over
from billing.customers.record import Record as Customer
from billing.customers.record import key_of as customer_key
from billing.customers.wallet import month_of
from billing.errors import MalformedRequest, NotFound
from billing.gateway import Gateway, gateway_of
from billing.gateway import pending as waiting
from billing.gateway.pending import Pending
from billing.ids import new_id, object_id
from billing.live_customers import require_live
from billing.payment_methods.operations import found, live
from billing.payment_methods.record import Record as PaymentMethod
from billing.payment_methods.record import key_of as method_key
from billing.payments import record as payments
from billing.payments import rules
from billing.payments.record import KIND
from billing.table import Keys, Transaction, table
from billing.table.table import until_written
from billing.tenancy import Caller
from billing.wire import Resource, refuse


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to be charged, and what must not change until it is settled."""

    customer: Customer
    method: PaymentMethod
    amount_minor: int
    currency: str
    about: Mapping[str, Any] = field(default_factory=dict)


type Reserve = Callable[[Transaction, str], None]
"""Has what is paid say that a payment, named by its id, is under way."""


type Begin = Callable[[payments.Record, Gateway, Transaction, str], Work]
"""Adds what a gateway is about to be asked about a payment to the transaction that has the payment say so."""


def charged(
    caller: Caller, key: str, plan: Callable[[str], tuple[Plan, Reserve]], show: Show, *, cvv: str | None = None
) -> Resource:
    """Charge as planned, once for one key, and return what `show` makes of what has come of it.

    `plan` is given the id of the payment to be. It is asked again when something that it relies on has moved on, and
    not at all when an earlier request with the same key has begun.

    Raises:
        PaymentDeclined: the gateway says no; the same request is answered so again.
        CustomerDeleted: the customer is deleted, by now; nothing is kept of the money.
        IdempotencyInProgress: the first request with this key is still running.
        RateLimited: the gateway has too many requests; nothing was tried.
        GatewayNotConnected: the merchant has no gateway in this mode.
    """
    work, is_new = start(caller, key, plan)
    outcome = None if is_new else work.looked_up()
    return work.answered(work.asked(cvv) if outcome is None else outcome, show)


def start(caller: Caller, key: str, plan: Callable[[str], tuple[Plan, Reserve]]) -> tuple[Work, bool]:
    """Write down what the gateway is about to be asked, or take over what an earlier request has written down.

    Returns the work, and whether the gateway has yet to be asked.
    """
    tenant = caller.tenant
    gateway = gateway_of(tenant)
    payment_id = new_id("pay")
    sequences: list[int] = []

    def once() -> tuple[Work, bool]:
        [item] = table().get_for_change(caller, [waiting.key_of(tenant, key)])
        if item is not None:
            return taken_over(caller, gateway, Pending.from_item(item)), False
        wanted, reserve = plan(payment_id)
        if not sequences:
            sequences.append(table().next_number(Keys(tenant).sequence(KIND)))
        payment = rules.begun(
            tenant,
            wanted.method,
            id=payment_id,
            sequence=sequences[0],
            customer_id=wanted.customer.id,
            amount_minor=wanted.amount_minor,
            currency=wanted.currency,
            work=key,
            call=caller.call,
            **wanted.about,
        )
        transaction = Transaction()
        work = begun(caller, transaction, gateway, payment, operation="charge")
        payments.put(transaction, None, payment)
        require_live(transaction, tenant, wanted.customer.id)
        reserve(transaction, payment_id)
        table().write(transaction, caller.call.remaining_seconds)
        return work, True

    return until_written(caller, once)


def changed(
    caller: Caller,
    payment_id: str,
    operation: str,
    begin: Begin,
    show: Show,
    *,
    noun: str,
    id: str,  # noqa: A002 - the contract's word
) -> Resource:
    """Have the gateway asked something about a payment, and return what `show` makes of what has come of it.

    `noun` and `id` are what the caller calls the payment.

    Raises:
        NotFound: the tenant has no such payment, or no gateway makes it.
    """
    tenant = caller.tenant
    # Without an Idempotency-Key, every request is a wish of its own.
    key = waiting.gateway_key(caller, operation, payment_id, caller.call.request_id)

    def once() -> tuple[Work, bool]:
        item, pending = table().get_for_change(
            caller, [payments.key_of(tenant, payment_id), waiting.key_of(tenant, key)]
        )
        if item is None or "gateway" not in item:
            raise NotFound(noun, id)
        gateway = gateway_of(tenant)
        if pending is not None:
            return taken_over(caller, gateway, Pending.from_item(pending)), False
        before = payments.Record.from_item(item)
        transaction = Transaction()
        work = begin(before, gateway, transaction, key)
        payments.put(transaction, before, work.payment)
        table().write(transaction, caller.call.remaining_seconds)
        return work, True

    work, is_new = until_written(caller, once)
    outcome = None if is_new else work.looked_up()
    return work.answered(work.asked() if outcome is None else outcome, show)


def customer_of(caller: Caller, customer_id: str) -> Customer:
    """Return a customer that may be charged.

    Raises:
        NotFound: the tenant has no such customer.
        CustomerDeleted: it is deleted.
    """
    return live(table().get(customer_key(caller.tenant, customer_id)), customer_id)


def method_of(
    caller: Caller, customer: Customer, wanted: str | None, *, param: str = "payment_method_id"
) -> PaymentMethod:
    """Return the payment method to charge: the one that is wanted, else the customer's default.

    `param` is what the caller calls it.

    Raises:
        NotFound: the customer has no such payment method.
        InvalidFields: it is not active any more.
        MalformedRequest: none is wanted and the customer has no active one.
    """
    month = month_of(caller.call.moment)
    if wanted is None:
        default = customer.wallet.effective_default(month)
        if default is None:
            raise MalformedRequest("The customer has no active payment method", param=param)
        wanted = default
    method_id = object_id("pm", "payment method", wanted)
    method = found(table().get(method_key(caller.tenant, method_id)), method_id)
    if method.customer_id != customer.id:
        raise NotFound("payment method", method_id)
    if method.status(month) != "active":
        raise refuse(param, "must be an active payment method")
    return method
