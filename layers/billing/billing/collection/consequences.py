"""What a change of a payment means for what it pays: its invoice or order, and the invoice's subscription. Pure.

Dunning: an automatic attempt that fails is made again after each of the merchant's `retry_days`, counted from the
attempt before. After the last one the subscription ends as `final_action` says. What a person pays by hand in between
counts as no attempt; it ends dunning if it pays the invoice.

The rules of invoices, orders and subscriptions are imported when a payment is about one: most are about few.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from billing.billing_settings.record import Settings
from billing.customers.record import Record as Customer
from billing.errors import NotAttempted, RateLimited
from billing.payments.record import Record as Payment
from billing.tenancy import Call

if TYPE_CHECKING:
    from billing.invoices.record import Record as Invoice
    from billing.orders.record import Record as Order
    from billing.subscriptions.record import Record as Subscription

NOT_TRIED_AGAIN_AFTER = timedelta(minutes=10)
"""When an automatic attempt is made that the gateway did not even try."""

NO_METHOD = {"code": "no_payment_method", "message": "The customer has no active payment method"}

_NOTHING_TRIED = frozenset({RateLimited.code, NotAttempted.code})
"""Codes of failures that say nothing of the payer: nobody was asked."""


@dataclass(frozen=True, slots=True)
class Affected:
    """A payment with all that may change with it."""

    payment: Payment
    customer: Customer
    settings: Settings
    invoice: "Invoice | None" = None
    order: "Order | None" = None
    subscription: "Subscription | None" = None


def of(before: Affected, payment: Payment, call: Call) -> Affected:
    """Return everything as it is after the payment has become `payment`."""
    after = replace(before, payment=payment)
    old = before.payment
    if payment.status != old.status:
        match payment.status:
            case "captured":
                after = _paid(after, payment.captured_minor, call)
            case "failed" if old.status == "captured":
                after = _returned(after, old.captured_minor - old.refunded_minor, call)
            case "failed":
                after = _failed(after, call)
            case "voided":
                after = _released(after, call)
    given_back = _given_back(payment) - _given_back(old)
    return _refunded(after, given_back, call) if given_back else after


def of_recorded(before: Affected, call: Call) -> Affected:
    """Return everything as it is after a payment that was received by other means than the gateway."""
    return _paid(before, before.payment.captured_minor, call)


def released(before: Affected, call: Call) -> Affected:
    """Return what was to be paid as before a payment that must not count: its customer is gone."""
    return _released(before, call)


def unpayable(
    invoice: "Invoice", subscription: "Subscription | None", settings: Settings, error: Mapping[str, str], call: Call
) -> "tuple[Invoice, Subscription | None]":
    """Return an invoice and its subscription after an automatic attempt that has failed."""
    from billing.invoices import rules as invoice_rules  # noqa: PLC0415 - see above

    retry_days = settings.dunning.retry_days
    made = invoice.attempts + 1
    next_attempt_at: datetime | None = None
    if made <= len(retry_days):
        next_attempt_at = call.moment + timedelta(days=retry_days[made - 1])
    after = invoice_rules.payment_failed(invoice, error, next_attempt_at, call)
    if subscription is None:
        return after, None
    from billing.subscriptions import rules as subscription_rules  # noqa: PLC0415 - see above

    if next_attempt_at is None:
        return after, subscription_rules.given_up(subscription, settings.dunning.final_action, call)
    dunned = subscription_rules.payment_failed(subscription, made, next_attempt_at, len(retry_days), call)
    return after, dunned


def no_longer_owed(invoice: "Invoice", subscription: "Subscription", call: Call) -> "Subscription":
    """Return a subscription after an invoice of it was paid or voided: dunning for it is over."""
    if invoice.attempts == 0 and subscription.latest_invoice_id != invoice.id:
        return subscription
    from billing.subscriptions import rules as subscription_rules  # noqa: PLC0415 - see above

    return subscription_rules.recovered(subscription, call)


def _paid(after: Affected, amount_minor: int, call: Call) -> Affected:
    if after.order:
        from billing.orders import rules as order_rules  # noqa: PLC0415 - see above

        after = replace(after, order=order_rules.paid(after.order, amount_minor, call))
    if after.invoice is None:
        return after
    from billing.invoices import rules as invoice_rules  # noqa: PLC0415 - see above

    invoice = invoice_rules.paid(after.invoice, amount_minor, call)
    subscription = after.subscription
    if subscription and invoice.status == "paid":
        subscription = no_longer_owed(invoice, subscription, call)
    return replace(after, invoice=invoice, subscription=subscription)


def _failed(after: Affected, call: Call) -> Affected:
    payment, failure = after.payment, after.payment.failure
    error = {"code": failure.code, "message": failure.message} if failure else {}
    if failure and failure.decline_code:
        error["decline_code"] = failure.decline_code
    if after.order:
        from billing.orders import rules as order_rules  # noqa: PLC0415 - see above

        after = replace(after, order=order_rules.payment_failed(after.order, error, call))
    if after.invoice is None:
        return after
    from billing.invoices import rules as invoice_rules  # noqa: PLC0415 - see above

    if not payment.automatic:
        return replace(after, invoice=invoice_rules.payment_undone(after.invoice, call))
    if error.get("code") in _NOTHING_TRIED:
        undone = invoice_rules.payment_undone(after.invoice, call)
        return replace(after, invoice=invoice_rules.retrying(undone, call.moment + NOT_TRIED_AGAIN_AFTER, call))
    invoice, subscription = unpayable(after.invoice, after.subscription, after.settings, error, call)
    return replace(after, invoice=invoice, subscription=subscription)


def _returned(after: Affected, amount_minor: int, call: Call) -> Affected:
    """A settled debit has come back: what it had paid is owed again, and collected no more by itself."""
    if after.order:
        from billing.orders import rules as order_rules  # noqa: PLC0415 - see above

        after = replace(after, order=order_rules.payment_returned(after.order, amount_minor, call))
    if after.invoice:
        from billing.invoices import rules as invoice_rules  # noqa: PLC0415 - see above

        after = replace(after, invoice=invoice_rules.payment_returned(after.invoice, amount_minor, call))
    return after


def _released(after: Affected, call: Call) -> Affected:
    if after.order:
        from billing.orders import rules as order_rules  # noqa: PLC0415 - see above

        after = replace(after, order=order_rules.payment_undone(after.order, call))
    if after.invoice:
        from billing.invoices import rules as invoice_rules  # noqa: PLC0415 - see above

        after = replace(after, invoice=invoice_rules.payment_undone(after.invoice, call))
    return after


def _refunded(after: Affected, amount_minor: int, call: Call) -> Affected:
    if after.order:
        from billing.orders import rules as order_rules  # noqa: PLC0415 - see above

        after = replace(after, order=order_rules.refunded(after.order, amount_minor, call))
    if after.invoice:
        from billing.invoices import rules as invoice_rules  # noqa: PLC0415 - see above

        after = replace(after, invoice=invoice_rules.refunded(after.invoice, amount_minor, call))
    return after


def _given_back(payment: Payment) -> int:
    return sum(each.amount_minor for each in payment.refunds if each.status == "succeeded")
