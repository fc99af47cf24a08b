"""Asking the gateway about a payment: begun, asked, settled, and taken up again when the answer was lost.

Before the gateway is asked, the payment says what is at work and a pending record stands beside it, in one transaction
with all that must not change meanwhile. The record is found by what the caller's request stands for; the gateway's own
idempotency key is made of the payment. Whatever is lost after that, the same request sent again or the reconciliation
takes the record over, looks at the gateway, and finishes. Nothing is ever asked twice because an answer was lost.

Whatever takes money settles on condition that the customer is not deleted, in the settling transaction itself. Money
that has come in for a deleted customer is written down and given back at once.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Literal, cast

from billing.collection import affected, consequences
from billing.collection.consequences import Affected
from billing.errors import BillingError, CustomerDeleted, IdempotencyInProgress, MalformedRequest
from billing.gateway import ChangeOutcome, ChargeOutcome, Declined, Done, Gateway, Refused, Unknown
from billing.gateway import pending as waiting
from billing.gateway.pending import Pending
from billing.ids import new_id
from billing.live_customers import require_live
from billing.payments import rules
from billing.payments.record import KIND, Record, key_of
from billing.table import Transaction, table
from billing.table.keys import digest
from billing.table.table import until_written
from billing.tenancy import Caller, Tenant
from billing.wire import Resource

KEPT_SECONDS = 400 * 24 * 60 * 60
"""How long money whose fate is not known is looked after."""

type Operation = Literal["charge", "capture", "void", "refund"]
type Show = Callable[[Affected], Resource]
"""Makes the answer of what has come about."""


@dataclass(frozen=True, slots=True)
class Work:
    """One thing that a gateway is asked about one payment, in the hands of the present request."""

    caller: Caller
    payment: Record
    gateway: Gateway
    pending: Pending

    @property
    def _operation(self) -> Operation:
        return cast("Operation", self.pending.facts["operation"])

    @property
    def _takes_money(self) -> bool:
        return self._operation in ("charge", "capture")

    @property
    def _key(self) -> str:
        """The gateway's idempotency key.

        Not the record's, which a caller's key stands for: that may be used again a day later and mean another payment.
        """
        return str(self.pending.facts["key"])

    def asked(self, cvv: str | None = None) -> ChargeOutcome | ChangeOutcome:
        """Return what the gateway says."""
        payment, key = self.payment, self._key
        reference = payment.gateway_transaction_id or ""
        match self._operation:
            case "charge":
                return self.gateway.charge(replace(payment.wish, cvv=cvv), key)
            case "capture":
                return self.gateway.capture(reference, self.pending.facts["amount"], payment.currency, key)
            case "void":
                return self.gateway.void(reference, key)
            case "refund":
                amount = self.pending.facts["amount"]
                return self.gateway.refund(reference, self.pending.facts["refund"], amount, payment.currency, key)

    def looked_up(self) -> ChargeOutcome | ChangeOutcome | None:
        """Return what the gateway has said to an earlier request; None if that one never reached it.

        Captures, voids and refunds are asked once more: the port has a gateway answer what is done already. To be
        refused then says nothing of the first time.
        """
        if self._operation != "charge":
            outcome = self.asked()
            return Unknown() if isinstance(outcome, Refused) else outcome
        asked_at = datetime.fromisoformat(self.pending.facts["asked_at"])
        return self.gateway.look_up_charge(self.payment.wish, self._key, asked_at=asked_at)

    def answered(self, outcome: ChargeOutcome | ChangeOutcome, show: Show) -> Resource:
        """Write down what the outcome means, and return or raise the answer to the request that has asked."""
        if isinstance(outcome, Unknown):
            waiting.let_go(self.caller, self.pending)
            return show(affected.read(self.payment))
        after = self.settled(outcome, show)
        error = self._error(outcome, after.payment)
        if error:
            raise error
        return show(after)

    def settled(self, outcome: ChargeOutcome | ChangeOutcome, show: Show | None = None) -> Affected:
        """Write down what the outcome means; with `show` also as the stored answer to the present request.

        An unknown one leaves everything to whoever looks next, and so does the refusal of a change that no caller waits
        for: what has to be given back or let go is asked for until it is.
        """
        is_put_off = isinstance(outcome, Refused) and show is None and self._operation != "charge"
        if isinstance(outcome, Unknown) or is_put_off:
            waiting.let_go(self.caller, self.pending)
            return affected.read(self.payment)
        try:
            return self._settled(outcome, show)
        except CustomerDeleted:
            return self._given_back(outcome)

    def _settled(self, outcome: ChargeOutcome | ChangeOutcome, show: Show | None) -> Affected:
        caller = self.caller

        def once() -> Affected:
            before = self._current()
            after = consequences.of(before, self._after(before.payment, outcome), caller.call)
            transaction = waiting.finish(Transaction(), self.pending)
            affected.put(transaction, before, after)
            if after.payment.status in ("captured", "authorized", "pending") and self._takes_money:
                require_live(transaction, caller.tenant, before.payment.customer_id)
            if show and not isinstance(outcome, Refused):
                answer = self._error(outcome, after.payment) or show(after)
                table().commit(transaction, caller, answer)
            else:
                table().write(transaction, caller.call.remaining_seconds)
            return after

        return until_written(caller, once)

    def _given_back(self, outcome: ChargeOutcome | ChangeOutcome) -> Affected:
        """Write down a charge or capture whose customer was deleted while the gateway was asked, and undo it there.

        Raises:
            CustomerDeleted: that is the answer.
        """
        caller, call = self.caller, self.caller.call

        def once() -> Work | None:
            before = self._current()
            charged = self._after(before.payment, outcome)
            after = replace(consequences.released(before, call), payment=charged)
            transaction = waiting.finish(Transaction(), self.pending)
            work, after = undoing(caller, self.gateway, transaction, after)
            affected.put(transaction, before, after)
            table().write(transaction, call.remaining_seconds)
            return work

        work = until_written(caller, once)
        if work:
            work.settled(work.asked())
        raise CustomerDeleted(self.payment.customer_id)

    def _current(self) -> Affected:
        current = affected.read(self.payment)
        if current.payment.work != self.pending.key:
            raise IdempotencyInProgress  # somebody else has settled it
        return current

    def _after(self, payment: Record, outcome: ChargeOutcome | ChangeOutcome) -> Record:
        call, facts = self.caller.call, self.pending.facts
        done = isinstance(outcome, Done)
        match self._operation:
            case "charge":
                return rules.answered(payment, cast("ChargeOutcome", outcome), call)
            case "capture":
                return rules.captured(payment, facts["amount"], call) if done else rules.undone(payment, call)
            case "void":
                return rules.voided(payment, call, facts.get("reason")) if done else rules.undone(payment, call)
            case "refund":
                reference = outcome.reference if isinstance(outcome, Done) else None
                return rules.refunded(payment, facts["refund"], reference=reference, call=call)

    def _error(self, outcome: ChargeOutcome | ChangeOutcome, payment: Record) -> BillingError | None:
        if isinstance(outcome, Refused):
            return outcome.error
        if self._operation == "charge":
            return rules.error_of(payment)
        if isinstance(outcome, Declined):
            return MalformedRequest(f"The payment gateway declines: {outcome.message}", param="id")
        return None


def begun(
    caller: Caller,
    transaction: Transaction,
    gateway: Gateway,
    payment: Record,
    *,
    operation: Operation,
    **facts: Any,
) -> Work:
    """Add the pending record of what is about to be asked to the transaction that has the payment say so."""
    whole = {
        "payment": payment.id,
        "operation": operation,
        "key": f"{payment.id}:{operation}:{payment.version}",
        "asked_at": caller.call.now.isoformat(),
        **facts,
    }
    pending = Pending.begun(caller, payment.work or "", whole, KIND, kept_seconds=KEPT_SECONDS)
    waiting.begin(transaction, pending)
    return Work(caller, payment, gateway, pending)


def undoing(
    caller: Caller, gateway: Gateway, transaction: Transaction, after: Affected
) -> tuple[Work | None, Affected]:
    """Begin to give back, or to let go, what a payment has taken or held; nothing if it has neither."""
    payment, call = after.payment, caller.call
    if payment.status == "captured" and payment.refundable_minor:
        refund_id = new_id("re")
        key = work_key(caller.tenant, "refund", refund_id)
        giving = rules.refunding(payment, refund_id, None, reason=CustomerDeleted.code, work=key, call=call)
        amount = giving.refunds[-1].amount_minor
        work = begun(caller, transaction, gateway, giving, operation="refund", refund=refund_id, amount=amount)
        return work, replace(after, payment=giving)
    if payment.can_be_let_go:
        letting_go = rules.voiding(payment, work_key(caller.tenant, "void", payment.id), call)
        work = begun(caller, transaction, gateway, letting_go, operation="void")
        return work, replace(after, payment=letting_go)
    return None, after


def taken_over(caller: Caller, gateway: Gateway, pending: Pending) -> Work:
    """Return work whose request can't finish it any more.

    Raises:
        IdempotencyInProgress: it still can, or has.
        IdempotencyConflict: it was begun under the same Idempotency-Key with another body.
    """
    mine = waiting.taken_over(caller, pending)
    item = table().get(key_of(pending.tenant, pending.facts["payment"]))
    if item is None:
        raise IdempotencyInProgress
    return Work(caller, Record.from_item(item), gateway, mine)


def work_key(tenant: Tenant, *natural: str) -> str:
    """Return the gateway's idempotency key of something that no request of a caller stands for."""
    return digest(tenant.merchant_id, tenant.mode, *natural)
