"""What gateways tell by themselves: settlements and returns, disputes, refunds that failed, cards that were reissued.

Each event of a gateway is dealt with once: its id is written down by the transaction that does what follows from it.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import ClassVar

from pydantic import Field

from billing.collection import affected, consequences
from billing.collection.gateway_work import Work, undoing
from billing.customers.record import key_of as customer_key
from billing.errors import MalformedRequest, NotFound, Unavailable
from billing.gateway import BadSignature, Gateway, Told, gateway_of
from billing.payment_methods import operations as payment_methods
from billing.payments import rules
from billing.payments.record import DisputeEntry, Failure, Record, key_of
from billing.table import Item, Keys, Transaction, table
from billing.table.table import until_written
from billing.tenancy import Call, Caller, Tenant
from billing.test_clock.record import read as read_clock
from billing.times import iso
from billing.wire import Query, Resource

REMEMBERED_SECONDS = 30 * 24 * 60 * 60
"""How long a gateway's event is known; gateways repeat theirs for a few days."""

MODES: Mapping[str, bool] = {"sandbox": False, "stripe": True}
"""The mode that each gateway serves: whether it is live."""


class Account(Query):
    """Whose gateway it is."""

    account: str = Field(pattern="^mer_[0-9a-f]{32}$", description="The merchant's id.")


class Received(Resource):
    """That an event was taken."""

    received: bool = True
    about: str = Field(description="What it was understood to be.")

    envelope: ClassVar[str | None] = None


class _Known(Exception):
    """This event has been dealt with."""


def receive(gateway_name: str, account: str, headers: Mapping[str, str], body: bytes, call: Call) -> Received:
    """Deal with one call of a gateway's webhook, and return what it was about.

    Raises:
        NotFound: there is no such gateway.
        MalformedRequest: the gateway has not signed it.
        GatewayNotConnected: the merchant has no such gateway.
        Unavailable: what it is about is being settled right now; the gateway sends it again.
    """
    if gateway_name not in MODES:
        raise NotFound("gateway", gateway_name[:64])
    tenant = Tenant(account, MODES[gateway_name])
    gateway = gateway_of(tenant)
    try:
        told = gateway.told(headers, body, call.now)
    except BadSignature as error:
        raise MalformedRequest("The signature is missing, wrong or too old", param="signature") from error
    act(Caller(tenant, "", frozenset(), _at_its_time(tenant, call)), gateway, told)
    return Received(about=told.kind)


def act(caller: Caller, gateway: Gateway, told: Told) -> None:
    """Do what follows from an event of a gateway, once."""
    if told.kind == "ignored":
        return
    if told.kind == "method_updated":
        _reissue(caller, gateway, told)
        return
    if told.payment_id is None:
        return  # a charge that was not made here
    work: list[Work] = []

    def once() -> None:
        item = table().get(key_of(caller.tenant, told.payment_id or ""))
        if item is None:
            return
        work.clear()
        work.extend(_followed(caller, gateway, told, Record.from_item(item)))

    try:
        until_written(caller, once)
    except _Known:
        return
    for each in work:
        each.settled(each.asked())


def _followed(caller: Caller, gateway: Gateway, told: Told, payment: Record) -> list[Work]:
    """Write down what an event means for a payment, and return what must be asked of the gateway next."""
    if _is_being_asked_about(payment, told):
        raise Unavailable("The payment is being settled; send the event again")
    call = caller.call
    before = affected.read(payment)
    # Of an earlier attempt nothing more can be told that counts: it has failed, or there would be no later one.
    is_current = told.reference == before.payment.gateway_transaction_id
    told_of = _payment(before.payment, told, call) if is_current else before.payment
    after = consequences.of(before, told_of, call)
    transaction = Transaction()
    works: list[Work] = []
    took_money = after.payment.status in ("captured", "authorized") and before.payment.status == "pending"
    if took_money and before.customer.deleted_at:
        after = replace(consequences.released(before, call), payment=after.payment)
        work, after = undoing(caller, gateway, transaction, after)
        works += [work] if work else []
    elif took_money:
        # Deleted at this very moment: whoever writes second sees the other's write, and comes here once more.
        transaction.unchanged(customer_key(caller.tenant, payment.customer_id), version=before.customer.version)
    affected.put(transaction, before, after)
    _remember(transaction, caller, gateway, told)
    table().write(transaction, call.remaining_seconds)
    return works


def _is_being_asked_about(payment: Record, told: Told) -> bool:
    """Whether the gateway's answer to a request of ours says more, or must be written down first."""
    if payment.status == "pending":
        return payment.work is not None
    is_about_what_is_held = payment.status == "authorized" and told.kind == "charge_failed"
    return payment.status == "processing" or (is_about_what_is_held and payment.work is not None)


def _payment(payment: Record, told: Told, call: Call) -> Record:
    facts = told.facts
    match told.kind:
        case "charge_succeeded":
            return rules.succeeded(payment, call)
        case "charge_failed" if payment.status == "authorized":
            return rules.voided(payment, call)  # a hold that nobody has captured in time
        case "charge_failed":
            failure = Failure(facts.get("code", "failed"), facts.get("message", "The payment failed"))
            return rules.failed(payment, replace(failure, decline_code=facts.get("decline_code")), call)
        case "dispute_opened" | "dispute_closed":
            return rules.disputed(payment, _dispute(payment, told, call), call)
        case "refund_failed":
            return rules.refund_failed(payment, facts["refund"], call)
        case _:
            return payment


def _dispute(payment: Record, told: Told, call: Call) -> DisputeEntry:
    known, facts = payment.dispute, told.facts
    moment = iso(call.moment)
    closed = told.kind == "dispute_closed"
    if known and known.closed_at and known.id == facts["dispute"] and not closed:
        return known  # told too late
    return DisputeEntry(
        id=facts["dispute"],
        amount_minor=facts.get("amount_minor", payment.captured_minor),
        status=facts.get("status", "needs_response"),
        created_at=known.created_at if known else moment,
        reason=facts.get("reason", known.reason if known else None),
        closed_at=(known.closed_at if known and known.closed_at else moment) if closed else None,
    )


def _reissue(caller: Caller, gateway: Gateway, told: Told) -> None:
    method = payment_methods.by_reference(caller.tenant, gateway.name, told.reference)
    if method is not None:
        payment_methods.reissue(caller, method.id, told.facts)  # saying the same twice changes nothing


def _at_its_time(tenant: Tenant, call: Call) -> Call:
    return call if tenant.livemode else replace(call, clock=read_clock(tenant, call.now))


def _remember(transaction: Transaction, caller: Caller, gateway: Gateway, told: Told) -> None:
    now = int(caller.call.now.timestamp())

    def known(_: Item) -> Exception:
        return _Known()

    transaction.record(
        Keys(caller.tenant).received(gateway.name, told.event_id),
        {"entity": "received", "kind": told.kind, "expires_at": now + REMEMBERED_SECONDS},
        now_seconds=now,
        refusal=known,
    )
