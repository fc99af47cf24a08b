"""What the sandbox's gateway can be made to tell, so that a test need not wait for a bank."""

from typing import Literal

from pydantic import Field

from billing.collection import inbound
from billing.errors import MalformedRequest, NotFound
from billing.gateway import Told
from billing.gateway.sandbox import signed
from billing.ids import new_id, object_id
from billing.payment_methods.operations import read as read_method
from billing.payments.models import Amount
from billing.payments.record import Record, key_of, payment_id_of
from billing.table import table
from billing.tenancy import Caller
from billing.wire import Body, Resource, refuse

type Kind = Literal[
    "charge.succeeded", "charge.failed", "dispute.created", "dispute.closed", "refund.failed", "payment_method.updated"
]

_TOLD: dict[str, Literal["charge_succeeded", "charge_failed", "dispute_opened", "dispute_closed", "refund_failed"]] = {
    "charge.succeeded": "charge_succeeded",
    "charge.failed": "charge_failed",
    "dispute.created": "dispute_opened",
    "dispute.closed": "dispute_closed",
    "refund.failed": "refund_failed",
}


class NewGatewayEvent(Body):
    """What is to be told, and about which payment or payment method."""

    type: Kind
    payment_id: str | None = Field(None, description="A payment, charge or payment intent: the same digits.")
    payment_method_id: str | None = Field(None, description="For `payment_method.updated`.")
    code: str | None = Field(None, max_length=100, description="Why a charge has failed, e.g. `R01`.")
    amount_minor: Amount | None = Field(None, description="What a dispute is about; all of it, if left out.")
    status: Literal["needs_response", "under_review", "won", "lost"] | None = None
    reason: str | None = Field(None, max_length=100, description="Why a payer disputes, e.g. `fraudulent`.")
    refund_id: str | None = Field(None, description="For `refund.failed`; the newest, if left out.")
    exp_month: int | None = Field(None, ge=1, le=12)
    exp_year: int | None = Field(None, ge=2000, le=2100)
    last4: str | None = Field(None, pattern="^[0-9]{4}$")


class GatewayEvent(Resource):
    """An event that the sandbox's gateway has told."""

    id: str = Field(description="`gwe_` and 32 hex digits.")
    object: Literal["gateway_event"] = "gateway_event"
    type: Kind
    payment_id: str | None = None
    payment_method_id: str | None = None


def emit(caller: Caller, body: NewGatewayEvent) -> GatewayEvent:
    """Tell it, signed, through the door that every gateway's events come in by.

    Raises:
        MalformedRequest: live mode has a real gateway.
        NotFound: the tenant has no such payment or payment method.
        InvalidFields: what the type needs is missing.
    """
    if caller.tenant.livemode:
        raise MalformedRequest("Live mode has a real gateway: use a sandbox key")
    event_id = new_id("gwe")
    told = (
        _about_method(caller, body, event_id)
        if body.type == "payment_method.updated"
        else _about_payment(caller, body, event_id)
    )
    headers, raw = signed(told)
    inbound.receive("sandbox", caller.tenant.merchant_id, headers, raw, caller.call)
    return GatewayEvent(
        id=event_id, type=body.type, payment_id=told.payment_id, payment_method_id=body.payment_method_id
    )


def _about_payment(caller: Caller, body: NewGatewayEvent, event_id: str) -> Told:
    payment = _payment(caller, body.payment_id)
    kind = _TOLD[body.type]
    facts: dict[str, str | int] = {}
    if kind == "charge_failed" and payment.status == "captured" and payment.payment_method_type == "card":
        raise refuse("payment_id", "must not be a card payment that has come in: a bank takes back debits alone")
    if kind == "charge_failed":
        facts = {"code": body.code or "R01", "message": "The payer's bank has refused the payment"}
    if kind in ("dispute_opened", "dispute_closed"):
        known = payment.dispute
        if known is None and payment.status != "captured":
            raise refuse("payment_id", "must be a payment that has come in")
        if (body.amount_minor or 0) > payment.captured_minor:
            raise refuse("amount_minor", f"must be at most the {payment.captured_minor} that have come in")
        default_status = "needs_response" if kind == "dispute_opened" else "lost"
        facts = {
            "dispute": known.id if known else f"sandbox_dp_{event_id.removeprefix('gwe_')}",
            "amount_minor": body.amount_minor or (known.amount_minor if known else payment.captured_minor),
            "status": body.status or default_status,
            "reason": body.reason or "fraudulent",
        }
    if kind == "refund_failed":
        facts = {"refund": _refund(payment, body.refund_id)}
    return Told(event_id, kind, payment.gateway_transaction_id or "", payment.id, facts)


def _about_method(caller: Caller, body: NewGatewayEvent, event_id: str) -> Told:
    if body.payment_method_id is None:
        raise refuse("payment_method_id", "is required")
    method = read_method(caller.tenant, object_id("pm", "payment method", body.payment_method_id))
    if method.kind != "card":
        raise refuse("payment_method_id", "must be a card: nobody reissues bank accounts")
    facts = {"exp_month": body.exp_month, "exp_year": body.exp_year, "last4": body.last4}
    given = {name: value for name, value in facts.items() if value is not None}
    return Told(event_id, "method_updated", method.stored.reference, None, given)


def _payment(caller: Caller, text: str | None) -> Record:
    if text is None:
        raise refuse("payment_id", "is required")
    view = next((prefix for prefix in ("ch", "pi") if text.lower().startswith(f"{prefix}_")), "pay")
    payment_id = payment_id_of(object_id(view, "payment", text))
    item = table().get(key_of(caller.tenant, payment_id))
    if item is None or "gateway" not in item:
        raise NotFound("payment", payment_id)
    return Record.from_item(item)


def _refund(payment: Record, wanted: str | None) -> str:
    if not payment.refunds:
        raise refuse("payment_id", "must be a payment with a refund")
    if wanted is None:
        return payment.refunds[-1].id
    refund_id = object_id("re", "refund", wanted)
    if refund_id not in {each.id for each in payment.refunds}:
        raise NotFound("refund", refund_id)
    return refund_id
