"""The commands of payment intents: create, confirm, capture, cancel."""

from collections.abc import Mapping
from typing import cast

from billing.collection.charging import Begin, changed, customer_of, method_of
from billing.collection.consequences import Affected
from billing.collection.gateway_work import Work, begun
from billing.customers.record import key_of as customer_key
from billing.errors import InvalidFields, NotFound
from billing.gateway import Gateway, gateway_of
from billing.ids import new_id, object_id
from billing.live_customers import require_live
from billing.payment_methods.operations import live
from billing.payments import rules
from billing.payments.models import CancellationReason, PaymentIntent
from billing.payments.record import KIND, Record, key_of, payment_id_of, put
from billing.payments.requests import IntentCancellation, IntentCapture, IntentConfirmation, NewPaymentIntent
from billing.table import Keys, Transaction, table
from billing.table.table import until_written
from billing.tenancy import Caller

_NAMES: Mapping[str, str] = {"amount_minor": "amount", "payment_method_id": "payment_method"}
"""What payment intents call the fields of a charge."""


def create(caller: Caller, body: NewPaymentIntent) -> PaymentIntent:
    """Create a payment intent; the gateway is asked when it is confirmed.

    Raises:
        NotFound: the tenant has no such customer, the customer no such payment method.
        CustomerDeleted: the customer is deleted.
        InvalidFields: the payment method is not active.
        GatewayNotConnected: the merchant has no gateway in this mode.
    """
    tenant = caller.tenant
    gateway = gateway_of(tenant)
    customer_id = object_id("cus", "customer", body.customer)
    [item] = table().get_for_change(caller, [customer_key(tenant, customer_id)])
    customer = live(item, customer_id)
    named = body.payment_method
    record = rules.intended(
        tenant,
        method_of(caller, customer, named, param="payment_method") if named else None,
        id=new_id("pay"),
        sequence=table().next_number(Keys(tenant).sequence(KIND)),
        customer_id=customer.id,
        amount_minor=body.amount,
        currency=body.currency or customer.texts.get("currency") or "USD",
        gateway=gateway.name,
        call=caller.call,
        capture=body.capture_method == "automatic",
        description=body.description,
        receipt_email=body.receipt_email,
        statement_descriptor=body.statement_descriptor,
        statement_descriptor_suffix=body.statement_descriptor_suffix,
        metadata=body.metadata or {},
    )
    transaction = put(require_live(Transaction(), tenant, customer.id), None, record)
    answer = record.to_intent()
    table().commit(transaction, caller, answer)
    return answer


def confirm(caller: Caller, intent_id: str, body: IntentConfirmation) -> PaymentIntent:
    """Charge, or hold, what a payment intent is about; again with another payment method if that has failed before.

    Raises:
        NotFound: the tenant has no such payment intent, the customer no such payment method.
        CustomerDeleted: the customer is deleted.
        MalformedRequest: it can't be confirmed any more, or not yet again; the customer has no active payment method.
        InvalidFields: the payment method is not active.
        PaymentDeclined: the gateway says no.
    """

    def begin(payment: Record, gateway: Gateway, transaction: Transaction, key: str) -> Work:
        rules.check_confirmable(payment)
        customer = customer_of(caller, payment.customer_id)
        wanted = body.payment_method or payment.payment_method_id
        method = method_of(caller, customer, wanted, param="payment_method")
        after = rules.confirming(payment, method, body.return_url, key, caller.call)
        require_live(transaction, caller.tenant, customer.id)
        return begun(caller, transaction, gateway, after, operation="charge")

    return _changed(caller, intent_id, "confirm", begin)


def capture(caller: Caller, intent_id: str, body: IntentCapture) -> PaymentIntent:
    """Take money that is held, all of it or less.

    Raises:
        NotFound: the tenant has no such payment intent.
        MalformedRequest: nothing is held.
        InvalidFields: more than is held was to be taken.
        CustomerDeleted: the customer is deleted.
    """

    def begin(payment: Record, gateway: Gateway, transaction: Transaction, key: str) -> Work:
        wanted = body.amount_to_capture
        after, amount = rules.capturing(payment, wanted, key, caller.call, param="amount_to_capture")
        require_live(transaction, caller.tenant, payment.customer_id)
        return begun(caller, transaction, gateway, after, operation="capture", amount=amount)

    return _changed(caller, intent_id, "capture", begin)


def cancel(caller: Caller, intent_id: str, body: IntentCancellation) -> PaymentIntent:
    """Give a payment intent up; what the gateway holds for it is let go.

    Raises:
        NotFound: the tenant has no such payment intent.
        MalformedRequest: it has succeeded, is settling, or was given up before.
    """
    reason = body.cancellation_reason

    def begin(payment: Record, gateway: Gateway, transaction: Transaction, key: str) -> Work:
        after = rules.voiding(payment, key, caller.call)
        return begun(caller, transaction, gateway, after, operation="void", reason=reason)

    return _given_up(caller, intent_id, reason) or _changed(caller, intent_id, "cancel", begin)


def _given_up(caller: Caller, intent_id: str, reason: CancellationReason | None) -> PaymentIntent | None:
    """Give up what no gateway has anything to do with; None if one has."""

    def once() -> PaymentIntent | None:
        [item] = table().get_for_change(caller, [key_of(caller.tenant, payment_id_of(intent_id))])
        if item is None or "gateway" not in item:
            raise NotFound("payment intent", intent_id)
        before = Record.from_item(item)
        after = rules.canceled(before, reason, caller.call)
        if after is None:
            return None
        answer = after.to_intent()
        table().commit(put(Transaction(), before, after), caller, answer)
        return answer

    return until_written(caller, once)


def _changed(caller: Caller, intent_id: str, operation: str, begin: Begin) -> PaymentIntent:
    payment_id = payment_id_of(intent_id)
    try:
        intent = changed(caller, payment_id, operation, begin, _intent, noun="payment intent", id=intent_id)
    except InvalidFields as error:  # a gateway names the fields of a charge
        raise InvalidFields({_NAMES.get(name, name): reasons for name, reasons in error.fields.items()}) from error
    return cast("PaymentIntent", intent)


def _intent(after: Affected) -> PaymentIntent:
    return after.payment.to_intent()
