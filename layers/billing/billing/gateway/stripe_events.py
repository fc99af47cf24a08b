"""What Stripe tells through its webhook.

Stripe sends events late, twice and in any order. So an event is only taken as a hint at what has changed: the object
that it is about is read afresh, and what is told is how that object stands now.
"""

import json
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Literal

from stripe import (
    AuthenticationError,
    InvalidRequestError,
    PermissionError,  # noqa: A004 - the library's name
    SignatureVerificationError,
    StripeClient,
    StripeError,
    WebhookSignature,
)

from billing.errors import GatewayNotConnected, Unavailable
from billing.gateway import BadSignature, Declined, Told
from billing.gateway.stripe_amounts import from_stripe

SIGNATURE_HEADER = "stripe-signature"
SIGNED_SECONDS = 300
"""How old a signature may be."""

PAYMENT = "billing_payment"
REFUND = "billing_refund"
"""Under which names our ids stand in Stripe's metadata."""

AUTHENTICATION = "authentication_required"
CLOSED_DISPUTES = frozenset({"won", "lost", "warning_closed", "prevented"})

FAILED_REFUNDS = frozenset({"failed", "canceled"})

type Reading = Callable[[StripeClient, str, str], Told | None]
"""Reads an object; takes the event's id and the object's, and returns what there is to tell, if anything."""


def verified(headers: Mapping[str, str], body: bytes, secret: str, now: datetime) -> Mapping[str, Any]:
    """Return the event that Stripe has signed with the webhook's secret.

    Raises:
        BadSignature: it has not, or more than five minutes from `now`.
    """
    header = headers.get(SIGNATURE_HEADER, "")
    if not header.isascii():
        raise BadSignature  # the library can't compare it
    try:
        # Not `construct_event`: it loads the classes of whatever the event holds, of products that are not in the layer
        # too. And the age is judged here, by the call's own clock.
        WebhookSignature.verify_header(body, header, secret, tolerance=None)
        event: Mapping[str, Any] = json.loads(body)
    except (SignatureVerificationError, ValueError) as error:
        raise BadSignature from error
    parts = [each.split("=", 2) for each in header.split(",")]
    signed_at = next(int(part[1]) for part in parts if part[0] == "t")  # the first one, as the library has read it
    if abs(now.timestamp() - signed_at) > SIGNED_SECONDS:
        raise BadSignature
    return event


def read(client: StripeClient, event: Mapping[str, Any]) -> Told:
    """Return what an event is about, as that stands now.

    Raises:
        Unavailable: Stripe does not answer; it sends the event again.
        GatewayNotConnected: it refuses the merchant's key.
    """
    event_id, object_id = event["id"], str(event["data"]["object"].get("id", ""))
    ignored = Told(event_id, "ignored", object_id)
    reading = READINGS.get(event["type"])
    if reading is None:
        return ignored
    try:
        return reading(client, event_id, object_id) or ignored
    except InvalidRequestError:
        return ignored  # there is no such object any more
    except (AuthenticationError, PermissionError) as error:
        raise GatewayNotConnected("The payment gateway refuses the credentials on file") from error
    except StripeError as error:
        raise Unavailable("The payment gateway does not answer; send the event again") from error


def ours(kept: Any, name: str) -> str | None:
    """Return our own id that stands in the metadata of what Stripe keeps."""
    return getattr(kept.metadata, name, None) if kept.metadata else None


def declined(error: Any) -> Declined:
    """Return what an error of Stripe's says about a card; it leaves out what it has nothing to say about."""
    code, decline_code = getattr(error, "code", None), getattr(error, "decline_code", None)
    reason = AUTHENTICATION if code == AUTHENTICATION else decline_code or code or "generic_decline"
    return Declined(str(reason), getattr(error, "message", None) or "The payment method was declined")


def _charge(client: StripeClient, event_id: str, intent_id: str) -> Told | None:
    intent = client.v1.payment_intents.retrieve(intent_id)
    payment_id, error = ours(intent, PAYMENT), intent.last_payment_error
    match intent.status:
        case "succeeded" | "requires_capture":
            return Told(event_id, "charge_succeeded", intent.id, payment_id)
        case "canceled":
            facts = {"code": "canceled", "message": "The payment was canceled at the gateway"}
            return Told(event_id, "charge_failed", intent.id, payment_id, facts)
        case "requires_payment_method" if error:
            said = declined(error)
            code = getattr(error, "code", None) or "card_declined"
            facts = {"code": code, "decline_code": said.decline_code, "message": said.message}
            return Told(event_id, "charge_failed", intent.id, payment_id, facts)
        case _:
            return None


def _dispute(client: StripeClient, event_id: str, dispute_id: str) -> Told | None:
    dispute = client.v1.disputes.retrieve(dispute_id, {"expand": ["payment_intent"]})
    intent = dispute.payment_intent
    if intent is None or isinstance(intent, str):
        return None
    facts = {
        "dispute": dispute.id,
        "amount_minor": from_stripe(dispute.amount, dispute.currency),
        "reason": dispute.reason,
        "status": dispute.status,
    }
    kind: Literal["dispute_opened", "dispute_closed"]
    kind = "dispute_closed" if dispute.status in CLOSED_DISPUTES else "dispute_opened"
    return Told(event_id, kind, intent.id, ours(intent, PAYMENT), facts)


def _refund(client: StripeClient, event_id: str, refund_id: str) -> Told | None:
    refund = client.v1.refunds.retrieve(refund_id, {"expand": ["payment_intent"]})
    intent, our_id = refund.payment_intent, ours(refund, REFUND)
    if refund.status not in FAILED_REFUNDS or our_id is None or intent is None or isinstance(intent, str):
        return None
    facts = {"refund": our_id, "status": refund.status}
    return Told(event_id, "refund_failed", intent.id, ours(intent, PAYMENT), facts)


def _method(client: StripeClient, event_id: str, method_id: str) -> Told | None:
    card = client.v1.payment_methods.retrieve(method_id).card
    if card is None:
        return None
    facts = {"exp_month": card.exp_month, "exp_year": card.exp_year, "last4": card.last4}
    return Told(event_id, "method_updated", method_id, None, facts)


READINGS: Mapping[str, Reading] = {
    "payment_intent.succeeded": _charge,
    "payment_intent.amount_capturable_updated": _charge,
    "payment_intent.payment_failed": _charge,
    "payment_intent.canceled": _charge,
    "charge.dispute.created": _dispute,
    "charge.dispute.updated": _dispute,
    "charge.dispute.closed": _dispute,
    "refund.failed": _refund,
    "refund.updated": _refund,
    "charge.refund.updated": _refund,
    "payment_method.automatically_updated": _method,
    "payment_method.updated": _method,
}
"""The events that are asked for, and how what they are about is read."""
