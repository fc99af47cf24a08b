"""The commands of charges: create, capture, void, refund."""

from collections.abc import Callable
from typing import cast

from billing.collection.charging import Plan, Reserve, charged, customer_of, method_of
from billing.collection.consequences import Affected
from billing.collection.gateway_work import Work, begun, taken_over
from billing.errors import NotFound
from billing.gateway import Gateway, gateway_of
from billing.gateway import pending as waiting
from billing.gateway.pending import Pending
from billing.ids import new_id, object_id
from billing.live_customers import require_live
from billing.payments import rules
from billing.payments.models import Charge
from billing.payments.record import Record, key_of, payment_id_of, put
from billing.payments.requests import Capture, NewCharge, NewRefund
from billing.table import Transaction, table
from billing.table.table import until_written
from billing.tenancy import Caller


def create(caller: Caller, body: NewCharge) -> Charge:
    """Charge a customer.

    Raises:
        NotFound: the tenant has no such customer, the customer no such payment method.
        CustomerDeleted: the customer is deleted.
        MalformedRequest: the customer has no active payment method.
        InvalidFields: the payment method is not active.
        PaymentDeclined: the gateway says no.
    """
    customer_id = object_id("cus", "customer", body.customer_id)

    def plan(_: str) -> tuple[Plan, Reserve]:
        customer = customer_of(caller, customer_id)
        method = method_of(caller, customer, body.payment_method_id)
        about = {
            "description": body.description,
            "statement_descriptor": body.statement_descriptor,
            "capture": body.capture,
            "metadata": body.metadata or {},
        }
        currency = body.currency or customer.texts.get("currency") or "USD"
        return Plan(customer, method, body.amount_minor, currency, about), lambda *_: None

    return cast("Charge", charged(caller, _key(caller, "charge"), plan, _charge))


def capture(caller: Caller, charge_id: str, body: Capture) -> Charge:
    """Take money that is held, all of it or less.

    Raises:
        NotFound: the tenant has no such charge.
        MalformedRequest: nothing is held.
        InvalidFields: more than is held was to be taken.
        CustomerDeleted: the customer is deleted.
    """

    def begin(payment: Record, gateway: Gateway, transaction: Transaction, key: str) -> Work:
        after, amount = rules.capturing(payment, body.amount_minor, key, caller.call)
        require_live(transaction, caller.tenant, payment.customer_id)
        return begun(caller, transaction, gateway, after, operation="capture", amount=amount)

    return _changed(caller, charge_id, "capture", begin)


def void(caller: Caller, charge_id: str) -> Charge:
    """Let held money go.

    Raises:
        NotFound: the tenant has no such charge.
        MalformedRequest: nothing is held.
    """

    def begin(payment: Record, gateway: Gateway, transaction: Transaction, key: str) -> Work:
        return begun(caller, transaction, gateway, rules.voiding(payment, key, caller.call), operation="void")

    return _changed(caller, charge_id, "void", begin)


def refund(caller: Caller, charge_id: str, body: NewRefund) -> Charge:
    """Give money back, all that is left of a charge or less. A deleted customer can be given back to, too.

    Raises:
        NotFound: the tenant has no such charge.
        MalformedRequest: nothing was taken, or nothing is left.
        InvalidFields: more than is left was to be given back.
    """
    refund_id = new_id("re")

    def begin(payment: Record, gateway: Gateway, transaction: Transaction, key: str) -> Work:
        after = rules.refunding(payment, refund_id, body.amount_minor, reason=body.reason, work=key, call=caller.call)
        amount = after.refunds[-1].amount_minor
        return begun(caller, transaction, gateway, after, operation="refund", refund=refund_id, amount=amount)

    return _changed(caller, charge_id, "refund", begin)


type Begin = Callable[[Record, Gateway, Transaction, str], Work]


def _changed(caller: Caller, charge_id: str, operation: str, begin: Begin) -> Charge:
    tenant = caller.tenant
    payment_id = payment_id_of(charge_id)
    key = _key(caller, operation, payment_id)

    def once() -> tuple[Work, bool]:
        item, pending = table().get_for_change(caller, [key_of(tenant, payment_id), waiting.key_of(tenant, key)])
        if item is None or "gateway" not in item:
            raise NotFound("charge", charge_id)
        gateway = gateway_of(tenant)
        if pending is not None:
            return taken_over(caller, gateway, Pending.from_item(pending)), False
        before = Record.from_item(item)
        transaction = Transaction()
        work = begin(before, gateway, transaction, key)
        put(transaction, before, work.payment)
        table().write(transaction, caller.call.remaining_seconds)
        return work, True

    work, is_new = until_written(caller, once)
    outcome = None if is_new else work.looked_up()
    return cast("Charge", work.answered(work.asked() if outcome is None else outcome, _charge))


def _charge(after: Affected) -> Charge:
    return after.payment.to_charge()


def _key(caller: Caller, *natural: str) -> str:
    """Return the gateway's key of a request: without an Idempotency-Key, every request is a wish of its own."""
    return waiting.gateway_key(caller, *natural, caller.call.request_id)
