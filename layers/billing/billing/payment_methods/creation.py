"""Keeping a new payment method: the one command of payment methods that asks the gateway."""

from dataclasses import dataclass
from typing import Any

from billing.customers.record import key_of as customer_key
from billing.errors import BillingError, CustomerDeleted, MalformedRequest, NotFound, PaymentDeclined, Unavailable
from billing.gateway import ActionNeeded, Declined, Outcome, Refused, Token, Unknown, Usage, Verified, gateway_of
from billing.gateway import pending as waiting
from billing.gateway.pending import Pending
from billing.ids import new_id, object_id
from billing.payment_methods import rules
from billing.payment_methods.models import NewPaymentMethod, PaymentMethod
from billing.payment_methods.operations import live, put_wallet
from billing.payment_methods.record import KIND, put, put_reference
from billing.table import Keys, Transaction, table
from billing.table.table import until_written
from billing.tenancy import Caller
from billing.wire import refuse

_USAGE: Usage = "off_session"


def create(caller: Caller, body: NewPaymentMethod) -> PaymentMethod:
    """Have the gateway verify and keep what a token stands for, and attach it to a customer.

    A repeated request whose first answer was lost takes up the same record and looks up what the gateway has done.
    What the gateway keeps and nobody attached costs nobody anything, so nothing else needs to look for it.

    Raises:
        NotFound: the tenant has no such customer.
        CustomerDeleted: it is deleted.
        InvalidFields: the token is missing, none, or of another type.
        PaymentDeclined: the gateway says no; the same request is answered so again.
        IdempotencyInProgress: the first request with this key, or with this token, is still running.
        RateLimited: the gateway has too many requests; nothing was tried.
        GatewayNotConnected: the merchant has no gateway in this mode.
        Unavailable: the gateway does not answer; the same request finds out.
    """
    token = Token(rules.token_of(body))
    customer_id = object_id("cus", "customer", body.customer_id)
    gateway = gateway_of(caller.tenant)
    wish = (customer_id, token.text) if gateway.tokens_are_single_use else (caller.call.request_id,)
    key = waiting.gateway_key(caller, KIND, *wish)
    customer_item, pending_item = table().get_for_change(
        caller, [customer_key(caller.tenant, customer_id), waiting.key_of(caller.tenant, key)]
    )
    rules.checked_room(live(customer_item, customer_id).wallet)
    outcome: Outcome | None = None
    if pending_item:
        pending = waiting.taken_over(caller, Pending.from_item(pending_item))
        outcome = gateway.look_up(token, key, usage=_USAGE)
    else:
        sequence = table().next_number(Keys(caller.tenant).sequence(KIND))
        pending = Pending.begun(caller, key, {"id": new_id("pm"), "sequence": sequence})
        table().write(waiting.begin(Transaction(), pending), caller.call.remaining_seconds)
    if outcome is None:
        outcome = gateway.verify(token, key, usage=_USAGE, return_url=None)
    return _Asked(caller, body, customer_id, gateway.name, pending).answered(outcome)


@dataclass(frozen=True, slots=True)
class _Asked:
    """A request that the gateway has been asked for."""

    caller: Caller
    body: NewPaymentMethod
    customer_id: str
    gateway: str
    pending: Pending

    def answered(self, outcome: Outcome) -> PaymentMethod:
        """Write down what the outcome means, and return or raise the answer."""
        match outcome:
            case Verified():
                if self.body.type in (None, outcome.kind):
                    return self._kept(outcome)
                raise self._over(refuse("type", f"does not fit the token, which is of type {outcome.kind}"))
            case ActionNeeded():
                message = "The payer must authenticate first: use a setup intent"
                raise self._final(PaymentDeclined(message, "authentication_required"))
            case Declined(decline_code, message):
                raise self._final(PaymentDeclined(message, decline_code))
            case Refused(error):
                raise self._over(error)
            case Unknown():
                waiting.let_go(self.caller, self.pending)
                raise Unavailable("The payment gateway does not answer; send the same request again")

    def _kept(self, verified: Verified) -> PaymentMethod:
        caller = self.caller
        facts: dict[str, Any] = dict(self.pending.facts)
        new = rules.new_method(
            caller.tenant,
            verified,
            id=facts["id"],
            sequence=facts["sequence"],
            gateway=self.gateway,
            described=self.body,
            call=caller.call,
        )

        def once() -> PaymentMethod:
            customer = live(table().get(customer_key(caller.tenant, self.customer_id)), self.customer_id)
            wanted = self.body.set_default
            record, wallet = rules.attached(new, customer.id, customer.wallet, caller.call, set_default=wanted)
            transaction = waiting.finish(Transaction(), self.pending)
            put(transaction, None, record)
            put_reference(transaction, record)
            put_wallet(transaction, customer, wallet, caller)
            answer = record.to_payment_method(caller.call.moment, wallet)
            table().commit(transaction, caller, answer)
            return answer

        try:
            return until_written(caller, once)
        except (MalformedRequest, NotFound, CustomerDeleted) as error:
            raise self._over(error) from error

    def _final(self, error: BillingError) -> BillingError:
        """Return the error, which is now the stored answer to this request."""
        table().commit(waiting.finish(Transaction(), self.pending), self.caller, error)
        return error

    def _over(self, error: BillingError) -> BillingError:
        """Return the error, with the request forgotten: the next one is judged afresh."""
        table().write(waiting.finish(Transaction(), self.pending), self.caller.call.remaining_seconds)
        return error
