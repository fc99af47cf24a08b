"""Paying invoices: by hand with a saved method, by what was received elsewhere, and by themselves."""

from collections.abc import Mapping
from typing import cast

from billing.billing_settings.record import Settings
from billing.billing_settings.record import key_of as settings_key
from billing.collection import affected, consequences
from billing.collection.charging import Plan, Reserve, charged, customer_of, method_of, start
from billing.collection.consequences import Affected
from billing.customers.record import Record as Customer
from billing.customers.wallet import month_of
from billing.errors import CustomerDeleted, GatewayNotConnected, IdempotencyInProgress
from billing.gateway import pending as waiting
from billing.ids import new_id
from billing.invoices import rules
from billing.invoices.models import Invoice, InvoicePayment
from billing.invoices.record import Record, found, key_of, put, read
from billing.live_customers import require_live
from billing.payment_methods.record import Record as PaymentMethod
from billing.payments import record as payments
from billing.payments import rules as payment_rules
from billing.table import Key, Keys, Transaction, table
from billing.table.table import until_written
from billing.tenancy import Caller
from billing.times import iso


def pay(caller: Caller, invoice_id: str, body: InvoicePayment) -> Invoice:
    """Pay an invoice, all that is due or less.

    Raises:
        NotFound: the tenant has no such invoice, the customer no such payment method.
        CustomerDeleted: the customer is deleted.
        MalformedRequest: the invoice is a draft, paid or voided; the customer has no active payment method.
        InvalidFields: more than is due was to be paid; the payment method is not active.
        Conflict: another payment of it is under way.
        PaymentDeclined: the gateway says no.
    """
    if body.payment_method:
        return _recorded(caller, invoice_id, body)

    def plan(payment_id: str) -> tuple[Plan, Reserve]:
        invoice = read(caller.tenant, invoice_id)
        customer = customer_of(caller, invoice.customer_id)
        amount = rules.amount_to_pay(invoice, body.amount_minor)
        method = method_of(caller, customer, body.payment_method_id)
        return _planned(caller, invoice, customer=customer, method=method, amount=amount, payment_id=payment_id)

    key = waiting.gateway_key(caller, "pay", invoice_id, caller.call.request_id)
    return cast("Invoice", charged(caller, key, plan, _shown))


def attempt(caller: Caller, invoice_id: str) -> None:
    """Collect what is due of an invoice from the method that pays it, if its time has come.

    Once for each attempt, whoever makes it and however often: the record of what is asked is found by the invoice and
    the number of the attempt. What fails is tried again as the merchant's settings say (`consequences`).
    """
    invoice = read(caller.tenant, invoice_id)
    if invoice.paying or not _is_due(invoice, caller):
        return
    key = waiting.gateway_key(caller, "attempt", invoice_id, str(invoice.attempts), invoice.next_attempt_at or "")
    try:
        work, is_new = start(caller, key, lambda payment_id: _automatic(caller, invoice, payment_id))
        outcome = None if is_new else work.looked_up()
        work.settled(work.asked() if outcome is None else outcome)
    except (CustomerDeleted, _Canceled):
        _given_up(caller, invoice_id)
    except _NoMethod:
        _failed(caller, invoice, consequences.NO_METHOD)
    except GatewayNotConnected as error:
        _failed(caller, invoice, {"code": "gateway_not_connected", "message": error.message})
    except IdempotencyInProgress:
        return  # somebody else makes this attempt


def become_overdue(caller: Caller, invoice_id: str) -> None:
    """Have an invoice say that it is overdue, if its time has come."""

    def once() -> None:
        invoice = read(caller.tenant, invoice_id)
        if invoice.overdue_at is None or invoice.overdue_at > iso(caller.call.moment):
            return
        transaction = put(Transaction(), invoice, rules.overdue(invoice, caller.call))
        table().write(transaction, caller.call.remaining_seconds)

    until_written(caller, once)


class _NoMethod(Exception):
    """There is nothing to charge."""


class _Canceled(Exception):
    """The subscription that it is for was canceled."""


def _is_due(invoice: Record, caller: Caller) -> bool:
    due = invoice.collects and invoice.next_attempt_at is not None and invoice.amount_due_minor > 0
    return due and (invoice.next_attempt_at or "") <= iso(caller.call.moment)


def _automatic(caller: Caller, seen: Record, payment_id: str) -> tuple[Plan, Reserve]:
    """Plan the attempt that was seen to be due.

    Raises:
        IdempotencyInProgress: the invoice has moved on.
        CustomerDeleted: the customer is deleted.
        _Canceled: its subscription was canceled.
    """
    invoice = read(caller.tenant, seen.id)
    if invoice.version != seen.version:
        raise IdempotencyInProgress
    subscription = _uncanceled(caller, invoice)
    customer = customer_of(caller, invoice.customer_id)
    active = customer.wallet.active(month_of(caller.call.moment))
    wanted = invoice.payment_method_id if invoice.payment_method_id in active else None
    if wanted is None and not active:
        raise _NoMethod
    method = method_of(caller, customer, wanted)
    plan, reserve = _planned(
        caller,
        invoice,
        customer=customer,
        method=method,
        amount=invoice.amount_due_minor,
        payment_id=payment_id,
        automatic=True,
    )

    def reserve_unless_canceled(transaction: Transaction, payment_id: str) -> None:
        reserve(transaction, payment_id)
        if subscription is not None:
            key, version = subscription
            transaction.unchanged(key, version=version)

    return plan, reserve_unless_canceled


def _uncanceled(caller: Caller, invoice: Record) -> tuple[Key, int] | None:
    """Return the subscription of an invoice, by its key and version; None if it is for none.

    Raises:
        _Canceled: it was canceled: what it still owes is asked for by hand.
    """
    if invoice.subscription_id is None:
        return None
    key = Keys(caller.tenant).entity("subscription", invoice.subscription_id)
    item = table().get(key)
    if item is None:
        return None
    if item["status"] == "canceled":
        raise _Canceled
    return key, item["version"]


def _planned(
    caller: Caller,
    invoice: Record,
    *,
    customer: Customer,
    method: PaymentMethod,
    amount: int,
    payment_id: str,
    automatic: bool = False,
) -> tuple[Plan, Reserve]:
    about = {
        "invoice_id": invoice.id,
        "subscription_id": invoice.subscription_id,
        "description": f"Invoice {invoice.number}",
        "automatic": automatic,
    }

    def reserve(transaction: Transaction, _: str) -> None:
        put(transaction, invoice, rules.paying(invoice, payment_id, caller.call))

    return Plan(customer, method, amount, invoice.currency, about), reserve


def _recorded(caller: Caller, invoice_id: str, body: InvoicePayment) -> Invoice:
    """Write down what was received by other means than the gateway."""
    payment_id = new_id("pay")
    sequences: list[int] = []

    def once() -> Invoice:
        [item] = table().get_for_change(caller, [key_of(caller.tenant, invoice_id)])
        invoice = found(item, invoice_id)
        amount = rules.amount_to_pay(invoice, body.amount_minor)
        if not sequences:
            sequences.append(table().next_number(Keys(caller.tenant).sequence(payments.KIND)))
        facts = {
            "method": body.payment_method,
            "reference": body.reference,
            "notes": body.notes,
            "paid_at": iso(body.paid_at or caller.call.moment),
        }
        payment = payment_rules.recorded(
            caller.tenant,
            id=payment_id,
            sequence=sequences[0],
            customer_id=invoice.customer_id,
            amount_minor=amount,
            currency=invoice.currency,
            external={name: text for name, text in facts.items() if text},
            call=caller.call,
            invoice_id=invoice.id,
            subscription_id=invoice.subscription_id,
            description=f"Invoice {invoice.number}",
        )
        transaction = require_live(Transaction(), caller.tenant, invoice.customer_id)
        payments.put(transaction, None, payment)
        before = affected.around(payment)
        after = consequences.of_recorded(before, caller.call)
        affected.put(transaction, before, after)
        answer = _shown(after)
        table().commit(transaction, caller, answer)
        return answer

    return until_written(caller, once)


def _failed(caller: Caller, seen: Record, error: Mapping[str, str]) -> None:
    """Write down an attempt that could not be made."""
    from billing.subscriptions import record as subscriptions  # noqa: PLC0415 - few payments fail so

    tenant, invoice_id = caller.tenant, seen.id

    def once() -> None:
        keys = [key_of(tenant, invoice_id), settings_key(tenant)]
        if seen.subscription_id:
            keys.append(subscriptions.key_of(tenant, seen.subscription_id))
        item, settings, *rest = table().get_all(keys)
        invoice = found(item, invoice_id)
        if invoice.version != seen.version:
            return
        subscription = subscriptions.Record.from_item(rest[0]) if rest and rest[0] else None
        after, dunned = consequences.unpayable(invoice, subscription, Settings.from_item(settings), error, caller.call)
        transaction = put(Transaction(), invoice, after)
        if dunned:
            subscriptions.put(transaction, subscription, dunned)
        table().write(transaction, caller.call.remaining_seconds)

    until_written(caller, once)


def _given_up(caller: Caller, invoice_id: str) -> None:
    """Collect an invoice no more: its customer is deleted."""

    def once() -> None:
        invoice = read(caller.tenant, invoice_id)
        transaction = put(Transaction(), invoice, rules.given_up(invoice, caller.call))
        table().write(transaction, caller.call.remaining_seconds)

    until_written(caller, once)


def _shown(after: Affected) -> Invoice:
    assert after.invoice is not None  # noqa: S101 - it is what was paid
    return after.invoice.to_invoice()
