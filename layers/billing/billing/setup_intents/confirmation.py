"""Confirming a setup intent: the one command of setup intents that asks the gateway.

The intent is `processing` and a pending record stands beside it before the gateway is asked. Whatever is lost after
that, the next confirmation or the reconciliation takes the record over, looks at the gateway, and finishes the work.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from billing.customers.record import Record as Customer
from billing.customers.record import key_of as customer_key
from billing.customers.wallet import month_of
from billing.errors import IdempotencyConflict, IdempotencyInProgress, NotFound
from billing.gateway import (
    ActionNeeded,
    Declined,
    Gateway,
    Instrument,
    Outcome,
    Refused,
    Stored,
    Token,
    Unknown,
    Usage,
    Verification,
    Verified,
    gateway_of,
)
from billing.gateway import pending as pending_records
from billing.gateway.pending import Pending
from billing.ids import new_id, object_id
from billing.payment_methods import rules as method_rules
from billing.payment_methods.models import PaymentMethodChanges
from billing.payment_methods.operations import live, put_wallet
from billing.payment_methods.operations import read as read_method
from billing.payment_methods.record import KIND as METHOD
from billing.payment_methods.record import put as put_method
from billing.payment_methods.record import put_reference
from billing.setup_intents import rules
from billing.setup_intents.models import Confirmation, SetupIntent, Status
from billing.setup_intents.operations import read, read_for_change
from billing.setup_intents.record import KIND, Record, put
from billing.table import Keys, Transaction, table
from billing.table.keys import due
from billing.table.partitions import oldest
from billing.table.table import Raced, until_written
from billing.tenancy import Call, Caller, Tenant
from billing.wire import refuse

RECONCILED_AT_ONCE = 100
"""How many lost answers one run looks for."""

_ONE_RECONCILED_SECONDS = 40.0
"""As long as a gateway and a busy table may take for one of them."""


def confirm(caller: Caller, intent_id: str, body: Confirmation) -> SetupIntent:
    """Have the gateway verify a payment method, keep it, and attach it to the intent's customer.

    An answer that does not come leaves the intent `processing`, which is the answer then.

    Raises:
        NotFound: the tenant has no such setup intent or payment method, or the method is another customer's.
        CustomerDeleted: the customer is deleted.
        MalformedRequest: the intent is not open any more.
        InvalidFields: there is nothing to confirm with, or it can't be used.
        PaymentDeclined: the gateway says no; the same request is answered so again.
        IdempotencyInProgress: another confirmation is still running.
        RateLimited: the gateway has too many requests; nothing was tried.
        GatewayNotConnected: the merchant has no gateway in this mode.
    """

    def once() -> SetupIntent:
        record = read_for_change(caller, intent_id)
        key = pending_records.gateway_key(caller, KIND, record.id, str(record.version))
        if record.status == "processing":
            attempt = _taken_over(caller, record)
            if attempt.pending.key != key:
                attempt.settled(attempt.looked_up(), answers=False)
                raise Raced  # what it has become is what this request is judged by
            return attempt.answered(attempt.looked_up())
        if record.attempt == key:
            return _answered_by_others(caller, record)
        attempt = _begun(caller, record, body, key)
        return attempt.answered(attempt.asked())

    return until_written(caller, once)


def reconcile(now: datetime, remaining_seconds: Callable[[], float]) -> Iterator[tuple[str, str | Exception]]:
    """Look for answers that were lost, and yield each intent's id with its state or what stood in the way."""
    for item in oldest(due(KIND), RECONCILED_AT_ONCE, until=int(now.timestamp())):
        if remaining_seconds() < _ONE_RECONCILED_SECONDS:
            return
        pending = Pending.from_item(item)
        intent_id = str(pending.facts["intent"])
        call = Call(pending.request_id, now, pending.idempotency_key, remaining_seconds=remaining_seconds)
        caller = Caller(pending.tenant, "", frozenset(), call)
        try:
            attempt = _taken_over(caller, read(pending.tenant, intent_id))
            yield intent_id, attempt.settled(attempt.looked_up(), answers=False).status
        except Exception as error:  # noqa: BLE001 - one that can't be finished must not stand in the others' way
            yield intent_id, error


@dataclass(frozen=True, slots=True)
class _Attempt:
    """One try to have an instrument verified, in the hands of the present request."""

    caller: Caller
    record: Record
    gateway: Gateway
    pending: Pending

    @property
    def _facts(self) -> Mapping[str, Any]:
        return self.pending.facts

    @property
    def _instrument(self) -> Instrument:
        match self._facts["instrument"]:
            case ["token", text]:
                return Token(text)
            case ["stored", reference, owner]:
                return Stored(reference, owner)
            case [_, id]:
                return Verification(id)
            case other:
                raise ValueError(other)

    @property
    def _usage(self) -> Usage:
        return cast("Usage", self.record.usage)

    def asked(self) -> Outcome:
        """Return what the gateway says."""
        return_url = self._facts["return_url"]
        return self.gateway.verify(self._instrument, self.pending.key, usage=self._usage, return_url=return_url)

    def looked_up(self) -> Outcome:
        """Return what the gateway has said to an earlier request, or says now if that one never reached it."""
        outcome = self.gateway.look_up(self._instrument, self.pending.key, usage=self._usage)
        return self.asked() if outcome is None else outcome

    def answered(self, outcome: Outcome) -> SetupIntent:
        """Write down what the outcome means, and return or raise the answer."""
        record = self.settled(outcome, answers=True)
        if isinstance(outcome, Refused):
            raise outcome.error
        error = rules.error_of(record)
        if error:
            raise error
        return record.to_setup_intent()

    def settled(self, outcome: Outcome, *, answers: bool) -> Record:
        """Write down what the outcome means; with `answers` also as the stored answer to the present request."""
        if isinstance(outcome, Unknown):
            pending_records.let_go(self.caller, self.pending)
            return self.record

        def once() -> Record:
            before = read(self.record.tenant, self.record.id)
            if before.attempt != self.pending.key or before.status != "processing":
                raise IdempotencyInProgress
            transaction = pending_records.finish(Transaction(), self.pending)
            after = self._after(transaction, before, outcome)
            put(transaction, before, after)
            if answers and not isinstance(outcome, Refused):
                table().commit(transaction, self.caller, rules.error_of(after) or after.to_setup_intent())
            else:
                table().write(transaction, self.caller.call.remaining_seconds)
            return after

        return until_written(self.caller, once)

    def _after(self, transaction: Transaction, record: Record, outcome: Outcome) -> Record:
        call = self.caller.call
        match outcome:
            case Verified():
                return self._verified(transaction, record, outcome)
            case ActionNeeded():
                going_on = {name: self._facts[name] for name in ("method", "new")}
                return rules.waiting_for_payer(record, outcome, going_on, call)
            case Declined():
                return rules.declined(record, outcome, call)
            case _:
                return rules.undone(record, cast("Status", self._facts["before"]), call)

    def _verified(self, transaction: Transaction, record: Record, verified: Verified) -> Record:
        """Write the new method down, if it is one, as the customer's if that still can be."""
        caller, new = self.caller, self._facts["new"]
        if new is None:
            return rules.succeeded(record, self._facts["method"], caller.call)
        if verified.kind not in record.kinds:
            message = f"A payment method of type {verified.kind} is not wanted here"
            return rules.declined(record, Declined("payment_method_type", message), caller.call)
        method = method_rules.new_method(
            record.tenant,
            verified,
            id=new["id"],
            sequence=new["sequence"],
            gateway=self.gateway.name,
            described=PaymentMethodChanges.model_validate(new["described"]),
            call=caller.call,
        )
        customer = self._customer_with_room(record)
        if customer:
            method, wallet = method_rules.attached(method, customer.id, customer.wallet, caller.call, set_default=False)
            put_wallet(transaction, customer, wallet, caller)
        put_method(transaction, None, method)
        put_reference(transaction, method)
        return rules.succeeded(record, method.id, caller.call)

    def _customer_with_room(self, record: Record) -> Customer | None:
        """Return the customer unless it was deleted, or its wallet filled, while the gateway was asked."""
        item = table().get(customer_key(record.tenant, record.customer_id)) if record.customer_id else None
        customer = Customer.from_item(item) if item else None
        return customer if customer and not customer.deleted_at and not customer.wallet.is_full else None


def _begun(caller: Caller, record: Record, body: Confirmation, key: str) -> _Attempt:
    """Write down what is about to be asked."""
    gateway = gateway_of(caller.tenant)
    rules.check_open(record, "confirmed")
    facts = _facts(caller, record, body)
    pending = Pending.begun(caller, key, facts, KIND)
    after = rules.processing(record, key, caller.call)
    transaction = pending_records.begin(Transaction(), pending)
    put(transaction, record, after)
    table().write(transaction, caller.call.remaining_seconds)
    return _Attempt(caller, after, gateway, pending)


def _taken_over(caller: Caller, record: Record) -> _Attempt:
    """Take an attempt over whose request can't finish it any more.

    Raises:
        IdempotencyInProgress: it still can.
    """
    item = table().get(pending_records.key_of(record.tenant, record.attempt or ""))
    if item is None:
        raise IdempotencyInProgress  # it is being settled right now
    pending = pending_records.taken_over(caller, Pending.from_item(item))
    return _Attempt(caller, record, gateway_of(record.tenant), pending)


def _answered_by_others(caller: Caller, record: Record) -> SetupIntent:
    """Answer a repeated confirmation whose outcome somebody else has found out.

    Raises:
        IdempotencyConflict: the key was used with another body.
        PaymentDeclined: the outcome.
    """
    if record.attempt_digest != caller.call.body_digest:
        raise IdempotencyConflict(
            "This Idempotency-Key was used with a different request body", param="Idempotency-Key"
        )
    error, answer = rules.error_of(record), record.to_setup_intent()
    table().commit(Transaction(), caller, error or answer)
    if error:
        raise error
    return answer


def _facts(caller: Caller, record: Record, body: Confirmation) -> dict[str, Any]:
    """Return all that is needed to finish this confirmation, by whomever.

    Raises:
        InvalidFields: there is nothing to confirm with, or too much.
        NotFound: no such payment method.
    """
    facts: dict[str, Any] = {
        "intent": record.id,
        "before": record.status,
        "return_url": body.return_url,
        "method": None,
        "new": None,
    }
    given = [each for each in (body.payment_method_id, body.payment_method_data, body.payment_token) if each]
    if len(given) > 1:
        raise refuse("payment_method_id", "excludes payment_method_data and payment_token, and they each other")
    if body.payment_method_id:
        return facts | _saved(caller, record, body.payment_method_id)
    if body.payment_method_data:
        method = body.payment_method_data
        rules.check_kind(record, method.type, "payment_method_data.type")
        described = method.billing_details.model_dump(exclude_unset=True) if method.billing_details else None
        new = _new(caller, record, {"billing_details": described} if described else {})
        return facts | {"instrument": ["token", method.token], "new": new}
    if body.payment_token:
        return facts | {"instrument": ["token", body.payment_token], "new": _new(caller, record, {})}
    if record.verification and record.waiting:
        return facts | {"instrument": ["verification", record.verification], **record.waiting}
    raise refuse("payment_method_id", "or payment_method_data or payment_token is required")


def _saved(caller: Caller, record: Record, text: str) -> dict[str, Any]:
    method = read_method(caller.tenant, object_id("pm", "payment method", text))
    if record.customer_id not in (None, method.customer_id):
        raise NotFound("payment method", method.id)
    _live_customer(caller.tenant, record.customer_id)
    if method.status(month_of(caller.call.moment)) != "active":
        raise refuse("payment_method_id", "must be an active payment method")
    rules.check_kind(record, method.kind, "payment_method_id")
    return {"instrument": ["stored", method.stored.reference, method.stored.owner], "method": method.id}


def _new(caller: Caller, record: Record, described: Mapping[str, Any]) -> dict[str, Any]:
    customer = _live_customer(caller.tenant, record.customer_id)
    if customer:
        method_rules.checked_room(customer.wallet)
    sequence = table().next_number(Keys(caller.tenant).sequence(METHOD))
    return {"id": new_id("pm"), "sequence": sequence, "described": dict(described)}


def _live_customer(tenant: Tenant, customer_id: str | None) -> Customer | None:
    return live(table().get(customer_key(tenant, customer_id)), customer_id) if customer_id else None
