"""The commands of charges: create, capture, void, refund."""

from typing import cast

from billing.collection.charging import Begin, Plan, Reserve, changed, charged, customer_of, method_of
from billing.collection.consequences import Affected
from billing.collection.gateway_work import Work, begun
from billing.gateway import Gateway
from billing.gateway import pending as waiting
from billing.ids import new_id, object_id
from billing.live_customers import require_live
from billing.payments import rules
from billing.payments.models import Charge
from billing.payments.record import Record, payment_id_of
from billing.payments.requests import Capture, NewCharge, NewRefund
from billing.table import Transaction
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
    # Without an Idempotency-Key, every request is a wish of its own.
    key = waiting.gateway_key(caller, "charge", caller.call.request_id)

    def plan(_: str) -> tuple[Plan, Reserve]:
        customer = customer_of(caller, customer_id)
        method = method_of(caller, customer, body.payment_method_id)
        about = {
            "description": body.description,
            "statement_descriptor": body.statement_descriptor,
            "capture": body.capture,
            "metadata": body.metadata or {},
            "receipt_email": customer.email if body.send_receipt else None,
        }
        currency = body.currency or customer.texts.get("currency") or "USD"
        return Plan(customer, method, body.amount_minor, currency, about), lambda *_: None

    return cast("Charge", charged(caller, key, plan, _charge))


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


def _changed(caller: Caller, charge_id: str, operation: str, begin: Begin) -> Charge:
    payment_id = payment_id_of(charge_id)
    return cast("Charge", changed(caller, payment_id, operation, begin, _charge, noun="charge", id=charge_id))


def _charge(after: Affected) -> Charge:
    return after.payment.to_charge()
