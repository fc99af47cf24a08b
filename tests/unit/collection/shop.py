"""A merchant: what it asks for, and what its records say then."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from billing.billing_settings import operations as billing_settings
from billing.billing_settings.models import BillingSettingsChanges
from billing.collection import charges, deletion, payment_intents, sweeps
from billing.collection import invoices as paying
from billing.customers import operations as customers
from billing.customers.models import NewCustomer
from billing.invoices import operations as invoices
from billing.invoices.models import Invoice, InvoicePayment, NewInvoice
from billing.invoices.record import Record as InvoiceRecord
from billing.orders.record import Record as Order
from billing.payment_methods import creation
from billing.payment_methods.models import NewPaymentMethod
from billing.payments.models import Charge, PaymentIntent
from billing.payments.record import Record as Payment
from billing.payments.record import payment_id_of
from billing.payments.requests import IntentConfirmation, NewCharge, NewPaymentIntent
from billing.subscriptions import operations as subscriptions
from billing.subscriptions.models import NewSubscription
from billing.subscriptions.record import Record as Subscription
from billing.table.items import from_attributes
from billing.tenancy import Caller, Tenant
from billing.test_clock.record import read as read_clock
from tests.unit.collection.ledger import Entry, Ledger
from tests.unit.gateway.scripted import NOW, TENANT, calling
from tests.unit.table.memory import Memory

RUN_SECONDS = 100.0
"""How long a sweep may run."""
LATER = timedelta(seconds=RUN_SECONDS + 10)
"""How much later nothing runs any more that has begun now."""


class Shop:
    """Asks at `now`, or at its test clock's time; every request has an id of its own."""

    def __init__(self, memory: Memory, ledger: Ledger, tenant: Tenant = TENANT) -> None:
        self.memory = memory
        self.ledger = ledger
        self.tenant = tenant
        self.now: datetime = NOW
        self._requests = 0

    def caller(self, key: str | None = None, body: str = "same") -> Caller:
        self._requests += 1
        caller = calling(key, body=body, later=self.now - NOW, request=f"req_{self._requests}")
        clock = None if self.tenant.livemode else read_clock(self.tenant, self.now)
        return replace(caller, tenant=self.tenant, call=replace(caller.call, clock=clock))

    # what is asked

    def customer(self, email: str = "jane@example.com") -> str:
        return customers.create(self.caller(), NewCustomer(email=email), source="api").id

    def card(self, customer: str, token: str = "tok_1", *, set_default: bool = False) -> str:  # noqa: S107 - no secret
        body = NewPaymentMethod(customer_id=customer, token=token, set_default=set_default)
        return creation.create(self.caller(), body).id

    def charge(self, customer: str, amount_minor: int = 1_000, *, key: str | None = None, **fields: Any) -> Charge:
        body = NewCharge(customer_id=customer, amount_minor=amount_minor, description="once", **fields)
        return charges.create(self.caller(key, body=str(body)), body)

    def intend(self, customer: str, *, key: str | None = None, **fields: Any) -> PaymentIntent:
        body = NewPaymentIntent(customer=customer, amount=fields.pop("amount", 1_000), **fields)
        return payment_intents.create(self.caller(key), body)

    def confirm(self, intent: PaymentIntent, *, key: str | None = None, **fields: Any) -> PaymentIntent:
        return payment_intents.confirm(self.caller(key), intent.id, IntentConfirmation(**fields))

    def invoice(self, customer: str, total_minor: int = 1_000, **fields: Any) -> str:
        wanted = {"customerId": customer, "total_minor": total_minor, "status": "open", **fields}
        return invoices.create(self.caller(), NewInvoice.model_validate(wanted)).id

    def pay(self, invoice_id: str, key: str | None = None, **fields: Any) -> Invoice:
        return paying.pay(self.caller(key), invoice_id, InvoicePayment(**fields))

    def subscribe(self, customer: str, amount_minor: int = 1_000, **fields: Any) -> str:
        body = NewSubscription(customer_id=customer, amount_minor=amount_minor, **fields)
        return subscriptions.create(self.caller(), body).id

    def dunning(self, retry_days: list[int], final_action: str = "cancel") -> None:
        wanted = {"dunning": {"retry_days": retry_days, "final_action": final_action}}
        billing_settings.update(self.caller(), BillingSettingsChanges.model_validate(wanted))

    def delete(self, customer: str) -> None:
        deletion.delete(self.caller(), customer)

    def pass_days(self, days: float) -> None:
        """Let time pass and have everything done that has become due."""
        self.now += timedelta(days=days)
        for _, error in sweeps.work_off_all(self.now, lambda: RUN_SECONDS):
            assert error is None, repr(error)

    def reconcile(self, later: timedelta = LATER) -> list[str]:
        """Look up what no living request waits for, and return the payments that were looked at."""
        seen = list(sweeps.reconcile(self.now + later, lambda: RUN_SECONDS))
        assert not [error for _, error in seen if error]
        return [payment for payment, _ in seen]

    # what the records say

    def payments(self) -> list[Payment]:
        return self._stored("payment", Payment.from_item)

    def payment(self, charge: str) -> Payment:
        payment_id = payment_id_of(charge)
        return next(each for each in self.payments() if each.id == payment_id)

    def invoices(self) -> list[InvoiceRecord]:
        return self._stored("invoice", InvoiceRecord.from_item)

    def orders(self) -> list[Order]:
        return self._stored("order", Order.from_item)

    def subscriptions(self) -> list[Subscription]:
        return self._stored("subscription", Subscription.from_item)

    def entry(self, charge: str) -> Entry:
        """Return what the gateway's books say of a charge."""
        [entry] = self.ledger.of_payment(self.payment(charge).id)
        return entry

    def _stored[R](self, entity: str, read: Callable[[dict[str, Any]], R]) -> list[R]:
        found = [from_attributes(each) for each in self.memory.items.values() if each.get("entity") == {"S": entity}]
        return [read(item) for item in sorted(found, key=lambda item: item["sequence"])]
