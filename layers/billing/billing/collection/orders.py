"""Paying orders: with a saved method, or with a token that becomes one."""

from dataclasses import replace
from typing import Any, cast

from billing.collection.charging import Plan, Reserve, charged, customer_of, method_of
from billing.collection.consequences import Affected
from billing.errors import BillingError, NotFound
from billing.gateway import pending as waiting
from billing.orders import rules
from billing.orders.models import Order, OrderPayment
from billing.orders.record import Record, key_of, put
from billing.table import Item, Transaction, table
from billing.table.keys import digest
from billing.table.table import until_written
from billing.tenancy import Answer, Caller, Replayed
from billing.times import iso


def pay(caller: Caller, order_id: str, body: OrderPayment) -> Order:
    """Pay an order, all that is due or less.

    Raises:
        NotFound: the tenant has no such order, the customer no such payment method.
        CustomerDeleted: the customer is deleted.
        MalformedRequest: the order is not to be paid; the customer has no active payment method.
        InvalidFields: more than is due was to be paid; the payment method is not active.
        Conflict: another payment of it is under way.
        PaymentDeclined: the gateway says no.
    """
    key = waiting.gateway_key(caller, "pay", order_id, caller.call.request_id)
    method_id = body.payment_method_id
    if body.payment_token:
        item, begun = table().get_for_change(
            caller, [key_of(caller.tenant, order_id), waiting.key_of(caller.tenant, key)]
        )
        order = _found(item, order_id)
        if begun is None:  # else the token has been kept, and its payment is looked up
            rules.amount_to_pay(order, body.amount)
            method_id = _kept(caller, order.customer_id, body.payment_token)

    def plan(payment_id: str) -> tuple[Plan, Reserve]:
        order = _read(caller, order_id)
        customer = customer_of(caller, order.customer_id)
        amount = rules.amount_to_pay(order, body.amount)
        method = method_of(caller, customer, method_id)
        about = {"order_id": order.id, "description": f"Order {order.id}"}

        def reserve(transaction: Transaction, _: str) -> None:
            put(transaction, order, rules.paying(order, payment_id, caller.call))

        return Plan(customer, method, amount, order.currency, about), reserve

    return cast("Order", charged(caller, key, plan, _shown))


def expire(caller: Caller, order_id: str) -> None:
    """Cancel an order that nobody has paid in time, if its time has come."""

    def once() -> None:
        order = _read(caller, order_id)
        if order.expires_at is None or order.expires_at > iso(caller.call.moment):
            return
        transaction = put(Transaction(), order, rules.expired(order, caller.call))
        table().write(transaction, caller.call.remaining_seconds)

    until_written(caller, once)


def _kept(caller: Caller, customer_id: str, token: str) -> str:
    """Have the gateway keep what a token stands for, once for one request, and return the payment method's id.

    Raises:
        Replayed: the gateway has refused to keep it, and this request was answered so before.
    """
    from billing.payment_methods import creation  # noqa: PLC0415 - few orders are paid with a token
    from billing.payment_methods.models import NewPaymentMethod  # noqa: PLC0415 - as above

    scope = caller.call.idempotency_scope

    def render(result: Any) -> Answer:
        if isinstance(result, BillingError) and caller.call.render:
            return caller.call.render(result)
        return Answer(200, {}, str(result.id))

    call = replace(caller.call, idempotency_scope=digest(scope, "payment_method") if scope else None, render=render)
    try:
        body = NewPaymentMethod(customer_id=customer_id, token=token)
        return creation.create(replace(caller, call=call), body).id
    except Replayed as earlier:
        if earlier.answer.status != 200:
            raise
        return str(earlier.answer.body)


def _read(caller: Caller, order_id: str) -> Record:
    return _found(table().get(key_of(caller.tenant, order_id)), order_id)


def _found(item: Item | None, order_id: str) -> Record:
    if item is None:
        raise NotFound("order", order_id)
    return Record.from_item(item)


def _shown(after: Affected) -> Order:
    assert after.order is not None  # noqa: S101 - it is what was paid
    return after.order.to_order()
