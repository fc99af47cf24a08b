"""Whatever happens to a customer's money in whatever order, with a gateway that loses answers and functions that die.

The books of the gateway are the truth: at the end, when every lost answer has been looked up, our records must say what
they say; nobody has paid twice for anything; and nothing is kept of a customer who was deleted before it was settled.
"""

import contextlib
import itertools
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from billing.collection import charges, deletion, inbound, payment_intents, recovery, sweeps, voiding
from billing.collection import invoices as paying
from billing.customers import operations as customers
from billing.customers.models import NewCustomer
from billing.errors import BillingError, Unavailable
from billing.gateway import Declined, Told
from billing.invoices import operations as invoices
from billing.invoices.models import InvoicePayment, NewInvoice, Voiding
from billing.invoices.record import Record as Invoice
from billing.payment_methods import creation
from billing.payment_methods.models import NewPaymentMethod
from billing.payments.record import Record as Payment
from billing.payments.record import charge_id, intent_id
from billing.payments.requests import (
    Capture,
    IntentCancellation,
    IntentConfirmation,
    NewCharge,
    NewPaymentIntent,
    NewRefund,
)
from billing.subscriptions import operations as subscriptions
from billing.subscriptions.models import NewSubscription, SubscriptionCancellation
from billing.subscriptions.record import Record as Subscription
from billing.table.items import from_attributes
from billing.tenancy import Caller, Replayed
from billing.times import iso
from tests.unit.collection.ledger import GATEWAY_USERS, MOODS, Ledger, Mood
from tests.unit.gateway.scripted import ABANDONED, NOW, Died, calling
from tests.unit.table.memory import Memory


class Money(RuleBasedStateMachine):
    """One customer with one card, and everything that can be asked for it."""

    memory: Memory
    ledger: Ledger

    def __init__(self) -> None:
        super().__init__()
        self.memory.items.clear()
        self.now: datetime = NOW
        self.requests = 0
        self.deleted = False
        self.untold: list[Told] = []
        self.kept_at_deletion: dict[str, int] = {}
        type(self).ledger = self.ledger = Ledger()
        for module in GATEWAY_USERS:
            module.gateway_of = lambda _tenant: self.ledger  # type: ignore[attr-defined]

    # what is asked

    @initialize(seats=st.integers(1, 3))
    def subscribe(self, seats: int) -> None:
        caller = self._caller()
        self.customer = customers.create(caller, NewCustomer(email="jane@example.com"), source="api").id
        creation.create(self._caller(), NewPaymentMethod(customer_id=self.customer, token="tok_1"))
        body = NewSubscription(customer_id=self.customer, amount_minor=1000, quantity=seats, currency="USD")
        self.subscription = subscriptions.create(self._caller(), body).id

    @rule(mood=st.sampled_from(MOODS))
    def next_charge(self, mood: Mood) -> None:
        self.ledger.mood = mood

    @rule(mood=st.sampled_from(MOODS))
    def next_change(self, mood: Mood) -> None:
        if not self.deleted or mood != "declines":  # what a gateway does not give back stays taken
            self.ledger.mood_for_changes = mood

    @rule(days=st.sampled_from([1, 3, 8, 31]))
    def time_passes(self, days: int) -> None:
        self.now += timedelta(days=days)

    @rule(days=st.sampled_from([0, 3, 8, 31]), mood=st.sampled_from(MOODS))
    def sweep(self, days: int, mood: Mood) -> None:
        self.now += timedelta(days=days)
        self.ledger.mood = mood
        with self._dying():
            for _, error in sweeps.work_off_all(self.now, lambda: 100.0):
                assert error is None or isinstance(error, BillingError), repr(error)

    @rule()
    def reconcile(self) -> None:
        with self._dying():
            for _, error in sweeps.reconcile(self.now + ABANDONED, lambda: 100.0):
                assert error is None, repr(error)

    @rule(capture=st.booleans(), key=st.sampled_from([None, "charge-1", "charge-2"]))
    def charge(self, capture: bool, key: str | None) -> None:
        body = NewCharge(
            customer_id=self.customer, amount_minor=500, description="once", currency="USD", capture=capture
        )
        self._asked(lambda caller: charges.create(caller, body), key and f"{key}-{capture}")

    @rule(capture=st.sampled_from(["automatic", "manual"]))
    def intend(self, capture: str) -> None:
        wanted = {"customer": self.customer, "amount": 500, "capture_method": capture}
        body = NewPaymentIntent.model_validate(wanted)
        self._asked(lambda caller: payment_intents.create(caller, body))

    @rule(key=st.sampled_from([None, "confirm-1"]), mood=st.sampled_from(MOODS))
    def confirm(self, key: str | None, mood: Mood) -> None:
        self.ledger.mood = mood
        for payment in [each for each in self._payments() if each.is_intent][-2:]:
            name = intent_id(payment.id)
            wanted = key and f"{key}-{name}"
            self._asked(lambda caller, it=name: payment_intents.confirm(caller, it, IntentConfirmation()), wanted)  # type: ignore[misc]

    @rule()
    def give_up(self) -> None:
        for payment in [each for each in self._payments() if each.is_intent][-1:]:
            name = intent_id(payment.id)
            self._asked(lambda caller, it=name: payment_intents.cancel(caller, it, IntentCancellation()))  # type: ignore[misc]

    @rule(amount=st.sampled_from([None, 300, 5000]))
    def pay_an_invoice(self, amount: int | None) -> None:
        for invoice in self._invoices()[-2:]:
            self._asked(lambda caller, it=invoice: paying.pay(caller, it.id, InvoicePayment(amount_minor=amount)))  # type: ignore[misc]

    @rule()
    def receive_cash(self) -> None:
        for invoice in self._invoices()[-1:]:
            body = InvoicePayment(payment_method="cash", amount_minor=100)
            self._asked(lambda caller, it=invoice, b=body: paying.pay(caller, it.id, b))  # type: ignore[misc]

    @rule()
    def invoice_by_hand(self) -> None:
        body = NewInvoice.model_validate({"customerId": self.customer, "total_minor": 700, "status": "open"})
        self._asked(lambda caller: invoices.create(caller, body))

    @rule()
    def void_an_invoice(self) -> None:
        for invoice in self._invoices()[-1:]:
            self._asked(lambda caller, it=invoice: voiding.void(caller, it.id, Voiding()))  # type: ignore[misc]

    @rule(amount=st.sampled_from([None, 200]))
    def refund(self, amount: int | None) -> None:
        for payment in self._payments()[-2:]:
            name = charge_id(payment.id)
            self._asked(lambda caller, it=name: charges.refund(caller, it, NewRefund(amount_minor=amount)))  # type: ignore[misc]

    @rule(amount=st.sampled_from([None, 200]))
    def capture(self, amount: int | None) -> None:
        for payment in self._payments()[-2:]:
            name = charge_id(payment.id)
            self._asked(lambda caller, it=name: charges.capture(caller, it, Capture(amount_minor=amount)))  # type: ignore[misc]

    @rule()
    def void(self) -> None:
        for payment in self._payments()[-2:]:
            name = charge_id(payment.id)
            self._asked(lambda caller, it=name: charges.void(caller, it))  # type: ignore[misc]

    @precondition(lambda self: len(self._invoices()) > 3)
    @rule(mode=st.sampled_from(["immediately", "period_end"]))
    def cancel(self, mode: str) -> None:
        body = SubscriptionCancellation.model_validate({"mode": mode})
        self._asked(lambda caller: subscriptions.cancel(caller, self.subscription, body))

    @rule(comes_in=st.booleans())
    def a_bank_answers(self, comes_in: bool) -> None:
        for payment in self._payments():
            entry = self.ledger.wait_for(payment.id)
            if entry and payment.status == "pending":
                told = self.ledger.settle(entry, comes_in=comes_in, event_id=f"evt_{entry.reference}_{comes_in}")
                self.untold.append(told)
        self._tell()

    @rule()
    def an_old_failure_is_told_once_more(self) -> None:
        for entry in list(self.ledger.entries.values()):
            if isinstance(entry.outcome, Declined):
                self.untold.append(self.ledger.fail_again(entry, event_id=f"evt_{entry.reference}_{self.requests}"))
        self._tell()

    @rule()
    def another_card(self) -> None:
        def attach(caller: Caller) -> None:
            creation.create(caller, NewPaymentMethod(customer_id=self.customer, token="tok_2", set_default=True))
            recovery.retry(self._caller(), self.customer, since=iso(self.now))

        self._asked(attach)

    @precondition(lambda self: not self.deleted and len(self._payments()) > 3)
    @rule(while_charging=st.booleans())
    def delete(self, while_charging: bool) -> None:
        if while_charging:
            self.ledger.meanwhile = self._deletes
        else:
            self._deletes()

    def _deletes(self) -> None:
        if self.deleted:
            return
        deletion.delete(self._caller(), self.customer)
        self.deleted = True
        if self.ledger.mood_for_changes == "declines":
            self.ledger.mood_for_changes = "good"
        settled = {each.id for each in self._payments() if each.status == "captured"}
        self.kept_at_deletion = {
            entry.wish.payment_id: entry.kept_minor
            for entry in self.ledger.entries.values()
            if entry.wish.payment_id in settled
        }
        with self._dying():
            deletion.sweep(self._caller(), self.customer)

    def _tell(self) -> None:
        """Have the gateway tell what it has not told yet; what is not taken it tells again another time."""
        untold, self.untold = self.untold, []
        for told in untold:
            try:
                inbound.act(self._caller(), self.ledger, told)
                inbound.act(self._caller(), self.ledger, told)  # gateways repeat themselves
            except Unavailable:
                self.untold.append(told)
            except (BillingError, Died):
                pass  # what follows from it could not be done at once

    # what must hold

    @invariant()
    def no_invoice_is_paid_beyond_its_total(self) -> None:
        for invoice in self._invoices():
            assert 0 <= invoice.amount_paid_minor <= invoice.total_minor
            assert invoice.status != "voided" or invoice.amount_paid_minor == 0

    @invariant()
    def nothing_is_given_back_that_was_not_taken(self) -> None:
        for payment in self._payments():
            assert 0 <= payment.refunded_minor <= payment.captured_minor <= payment.amount_minor
        for entry in self.ledger.entries.values():
            assert 0 <= entry.given_back_minor <= entry.taken_minor <= entry.wish.amount_minor

    @invariant()
    def the_gateway_keeps_no_more_for_an_invoice_than_it_says(self) -> None:
        by_invoice: dict[str, int] = {}
        for payment in self._payments():
            for entry in self.ledger.of_payment(payment.id) if payment.invoice_id else ():
                by_invoice[payment.invoice_id] = by_invoice.get(payment.invoice_id, 0) + entry.kept_minor
        totals = {each.id: each.total_minor for each in self._invoices()}
        assert all(kept <= totals[invoice_id] for invoice_id, kept in by_invoice.items())

    @invariant()
    def a_period_is_billed_once(self) -> None:
        of_subscription = [each for each in self._invoices() if each.subscription_id]
        periods = sorted((each.period_start or "", each.period_end or "") for each in of_subscription)
        assert len({start for start, _ in periods}) == len(periods)
        assert all(end <= start for (_, end), (start, _) in itertools.pairwise(periods))

    def teardown(self) -> None:
        if not hasattr(self, "subscription"):
            return
        self.ledger.mood = self.ledger.mood_for_changes = "good"
        self.ledger.meanwhile = lambda: None
        for _ in range(3):
            self.now += timedelta(minutes=1)
            self.reconcile()
            self._tell()
        assert self.untold == []
        if self.deleted:
            deletion.sweep(self._caller(), self.customer)
        self._nobody_looks_for_what_is_settled()
        self._records_agree_with_the_books()
        self._nothing_is_kept_of_the_deleted()

    def _nobody_looks_for_what_is_settled(self) -> None:
        assert list(sweeps.reconcile(self.now + timedelta(days=1), lambda: 100.0)) == []

    def _records_agree_with_the_books(self) -> None:
        for payment in self._payments():
            if payment.gateway is None:
                continue
            entries = self.ledger.of_payment(payment.id)
            assert payment.work is None, "somebody still waits for the gateway"
            assert payment.status != "processing"
            assert payment.captured_minor == sum(entry.taken_minor for entry in entries)
            given_back = sum(each.amount_minor for each in payment.refunds if each.status == "succeeded")
            assert given_back == sum(entry.given_back_minor for entry in entries)
            assert payment.status != "voided" or all(entry.kept_minor == 0 for entry in entries)
        known = {each.id for each in self._payments()}
        assert {entry.wish.payment_id for entry in self.ledger.entries.values()} <= known

    def _nothing_is_kept_of_the_deleted(self) -> None:
        if not self.deleted:
            return
        subscription = self._stored("subscription", Subscription.from_item)[0]
        assert subscription.status in ("canceled", "expired")
        for entry in self.ledger.entries.values():
            if entry.wish.payment_id not in self.kept_at_deletion:
                assert entry.kept_minor == 0, "taken from a customer who was deleted before it was settled"

    # how it is asked

    def _caller(self, key: str | None = None) -> Caller:
        self.requests += 1
        return calling(key, body="same", later=self.now - NOW, request=f"req_{self.requests}")

    def _asked(self, ask: Callable[[Caller], object], key: str | None = None) -> None:
        with self._dying():
            ask(self._caller(key))

    @contextlib.contextmanager
    def _dying(self) -> Iterator[None]:
        with contextlib.suppress(BillingError, Replayed, Died):
            yield

    def _stored[R](self, entity: str, read: Callable[[dict[str, Any]], R]) -> list[R]:
        items = list(self.memory.items.values())
        found = [from_attributes(item) for item in items if item.get("entity") == {"S": entity}]
        return [read(item) for item in sorted(found, key=lambda item: item["sequence"])]

    def _invoices(self) -> list[Invoice]:
        return self._stored("invoice", Invoice.from_item)

    def _payments(self) -> list[Payment]:
        return self._stored("payment", Payment.from_item)


def test_money_adds_up_in_any_order(memory: Memory, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in GATEWAY_USERS:
        monkeypatch.setattr(module, "gateway_of", module.gateway_of)  # put back afterwards
    Money.memory = memory
    run_state_machine_as_test(
        Money,
        settings=settings(
            max_examples=150,
            stateful_step_count=25,
            deadline=None,
            suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
        ),
    )
