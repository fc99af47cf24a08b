"""What Stripe's webhook tells, as the things that it is about stand now."""

import json
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from stripe import WebhookSignature

from billing.errors import GatewayNotConnected, Unavailable
from billing.gateway import BadSignature, Told
from billing.gateway.stripe import Stripe, opened
from billing.gateway.stripe_events import READINGS, SIGNED_SECONDS
from tests.unit.gateway.scripted_stripe import ScriptedStripe, scripted_stripe

SECRET = "whsec_ours"
NOW = datetime(2026, 1, 15, 10, 30, tzinfo=UTC)


@pytest.fixture
def server() -> Iterator[ScriptedStripe]:
    with scripted_stripe() as scripted:
        yield scripted


@pytest.fixture
def gateway(server: ScriptedStripe) -> Stripe:
    return opened("sk_live_ours", server.url, webhook_secret=SECRET)


@pytest.fixture
def told(gateway: Stripe) -> Callable[[str, str], Told]:
    def tell(type_: str, object_id: str) -> Told:
        return gateway.told(*event(type_, object_id), NOW)

    return tell


def event(type_: str, object_id: str, *, secret: str = SECRET, at: datetime = NOW) -> tuple[dict[str, str], bytes]:
    body = json.dumps({"id": "evt_1", "object": "event", "type": type_, "data": {"object": {"id": object_id}}})
    return {
        "stripe-signature": WebhookSignature.generate_signature_header(body, secret, int(at.timestamp()))
    }, body.encode()


def intent(status: str, **fields: Any) -> dict[str, Any]:
    metadata = {"billing_payment": "pay_1"}
    return {
        "id": "pi_1",
        "object": "payment_intent",
        "status": status,
        "metadata": metadata,
        "last_payment_error": None,
        **fields,
    }


def dispute(status: str, **fields: Any) -> dict[str, Any]:
    return {
        "id": "du_1",
        "object": "dispute",
        "amount": 4900,
        "currency": "usd",
        "reason": "fraudulent",
        "status": status,
        "payment_intent": intent("succeeded"),
        **fields,
    }


def refund(status: str, **fields: Any) -> dict[str, Any]:
    return {
        "id": "re_1",
        "object": "refund",
        "status": status,
        "metadata": {"billing_refund": "re_ours"},
        "payment_intent": intent("succeeded"),
        **fields,
    }


OBJECT = {"id": "cs_1", "object": "checkout.session"}
ERROR = {"code": "card_declined", "decline_code": "lost_card", "message": "Lost"}
INTENTS = [each for each in READINGS if each.startswith("payment_intent.")]
DISPUTES = [each for each in READINGS if each.startswith("charge.dispute.")]
REFUNDS = [each for each in READINGS if "refund" in each]
METHODS = [each for each in READINGS if each.startswith("payment_method.")]


AUTHENTICATION = "payment_intent_authentication_failure"
SAID_SO = {"code": AUTHENTICATION, "decline_code": AUTHENTICATION, "message": "The payment method was declined"}
CANCELED = {"code": "canceled", "message": "The payment was canceled at the gateway"}


@pytest.mark.parametrize("type_", INTENTS)
@pytest.mark.parametrize(
    ("state", "kind_and_facts"),
    [
        (intent("succeeded"), ("charge_succeeded", {})),
        (intent("requires_capture"), ("charge_succeeded", {})),
        (intent("canceled"), ("charge_failed", CANCELED)),
        (intent("requires_payment_method", last_payment_error=ERROR), ("charge_failed", ERROR)),
        (intent("requires_payment_method", last_payment_error={"code": AUTHENTICATION}), ("charge_failed", SAID_SO)),
    ],
)
def test_whatever_is_said_of_a_charge_it_counts_how_that_stands_now(server, told, type_, state, kind_and_facts):
    server.then(state)
    kind, facts = kind_and_facts

    assert told(type_, "pi_1") == Told("evt_1", kind, "pi_1", "pay_1", facts)
    assert server.what == ["GET /v1/payment_intents/pi_1"]


@pytest.mark.parametrize(
    "status", ["processing", "requires_action", "requires_confirmation", "requires_payment_method"]
)
def test_a_charge_that_is_not_over_is_nothing_to_tell(server, told, status):
    server.then(intent(status))

    assert told("payment_intent.payment_failed", "pi_1").kind == "ignored"


def test_a_charge_that_was_not_made_here_bears_no_payment_of_ours(server, told):
    server.then(intent("succeeded", metadata={}))

    assert told("payment_intent.succeeded", "pi_1").payment_id is None


@pytest.mark.parametrize("type_", DISPUTES)
@pytest.mark.parametrize(
    ("status", "kind"),
    [
        ("warning_needs_response", "dispute_opened"),
        ("needs_response", "dispute_opened"),
        ("under_review", "dispute_opened"),
        ("won", "dispute_closed"),
        ("lost", "dispute_closed"),
        ("warning_closed", "dispute_closed"),
        ("prevented", "dispute_closed"),
    ],
)
def test_a_dispute_is_told_with_the_payment_that_it_is_about(server, told, type_, status, kind):
    server.then(dispute(status))

    facts = {"dispute": "du_1", "amount_minor": 4900, "reason": "fraudulent", "status": status}
    assert told(type_, "du_1") == Told("evt_1", kind, "pi_1", "pay_1", facts)
    [asked] = server.asked
    assert (asked.what, asked.fields) == ("GET /v1/disputes/du_1", {"expand[0]": "payment_intent"})


def test_a_dispute_is_told_in_our_minor_units(server, told):
    server.then(dispute("lost", amount=500, currency="isk"))

    assert told("charge.dispute.closed", "du_1").facts["amount_minor"] == 5


@pytest.mark.parametrize("type_", REFUNDS)
@pytest.mark.parametrize("status", ["failed", "canceled"])
def test_a_refund_that_has_failed_is_told_by_our_id(server, told, type_, status):
    server.then(refund(status))

    assert told(type_, "re_1") == Told(
        "evt_1", "refund_failed", "pi_1", "pay_1", {"refund": "re_ours", "status": status}
    )
    assert server.what == ["GET /v1/refunds/re_1"]


@pytest.mark.parametrize(
    ("type_", "state"),
    [
        ("charge.refund.updated", refund("succeeded")),
        ("refund.failed", refund("failed", metadata={})),
        ("refund.failed", refund("failed", payment_intent=None)),
        ("charge.dispute.created", dispute("needs_response", payment_intent=None)),
    ],
)
def test_what_concerns_nobody_here_is_ignored(server, told, type_, state):
    server.then(state)

    assert told(type_, "id_1") == Told("evt_1", "ignored", "id_1")


@pytest.mark.parametrize("type_", METHODS)
def test_a_card_that_was_reissued_is_told_as_it_is_now(server, told, type_):
    card = {"brand": "visa", "last4": "1881", "exp_month": 11, "exp_year": 2031}
    server.then({"id": "pm_1", "object": "payment_method", "type": "card", "card": card})

    facts = {"exp_month": 11, "exp_year": 2031, "last4": "1881"}
    assert told(type_, "pm_1") == Told("evt_1", "method_updated", "pm_1", None, facts)


def test_an_account_has_nothing_to_be_reissued(server, told):
    server.then({"id": "pm_1", "object": "payment_method", "type": "us_bank_account", "card": None})

    assert told("payment_method.updated", "pm_1").kind == "ignored"


def test_what_was_not_asked_for_is_ignored_without_a_look(server, told):
    assert told("customer.created", "cus_1") == Told("evt_1", "ignored", "cus_1")
    assert server.asked == []


def test_an_event_about_a_product_that_is_not_called_is_ignored(gateway):
    body = json.dumps({"id": "evt_1", "type": "checkout.session.completed", "data": {"object": OBJECT}})
    signature = WebhookSignature.generate_signature_header(body, SECRET, int(NOW.timestamp()))

    told = gateway.told({"stripe-signature": signature}, body.encode(), NOW)

    assert told == Told("evt_1", "ignored", "cs_1")
    assert "stripe.checkout" not in sys.modules


def test_what_is_gone_is_ignored(server, told):
    server.refuses(404, code="resource_missing")

    assert told("refund.failed", "re_1") == Told("evt_1", "ignored", "re_1")


def test_without_an_answer_the_gateway_has_to_tell_it_again(server, told):
    for spoil in (server.is_silent, lambda: server.refuses(429), lambda: server.then({"error": {}}, 500)):
        spoil()
        with pytest.raises(Unavailable):
            told("refund.failed", "re_1")


def test_credentials_that_are_refused_are_the_merchant_s(server, told):
    server.refuses(401)

    with pytest.raises(GatewayNotConnected):
        told("refund.failed", "re_1")


def test_without_a_webhook_secret_nothing_is_told(server):
    unconfigured = opened("sk_live_ours", server.url)

    with pytest.raises(GatewayNotConnected, match="webhook secret"):
        unconfigured.told(*event("customer.created", "cus_1"), NOW)


def test_what_another_secret_has_signed_is_refused(server, gateway):
    with pytest.raises(BadSignature):
        gateway.told(*event("refund.failed", "re_1", secret="whsec_other"), NOW)
    assert server.asked == []


def test_a_body_that_was_changed_is_refused(gateway):
    headers, body = event("customer.created", "cus_1")

    for changed in (body.replace(b"cus_1", b"cus_2"), b"", b"\xff", b"{"):
        with pytest.raises(BadSignature):
            gateway.told(headers, changed, NOW)


@pytest.mark.parametrize("header", [None, "", "t=1", "v1=00", "t=x,v1=00", "t=1=2,v1=00", "t=1,v1=é", "nonsense"])
def test_a_header_that_is_none_is_refused(gateway, header):
    _, body = event("customer.created", "cus_1")

    with pytest.raises(BadSignature):
        gateway.told({"stripe-signature": header} if header is not None else {}, body, NOW)


@pytest.mark.parametrize("direction", [-1, 1])
def test_a_signature_holds_for_five_minutes_by_the_call_s_own_clock(gateway, direction):
    limit = timedelta(seconds=SIGNED_SECONDS)

    assert gateway.told(*event("customer.created", "cus_1", at=NOW + direction * limit), NOW).kind == "ignored"
    with pytest.raises(BadSignature):
        gateway.told(*event("customer.created", "cus_1", at=NOW + direction * (limit + timedelta(seconds=1))), NOW)


def test_an_old_signature_is_not_made_young_by_a_second_time_in_the_header(gateway):
    headers, body = event("customer.created", "cus_1", at=NOW - timedelta(days=1))
    forged = {"stripe-signature": f"{headers['stripe-signature']},t={int(NOW.timestamp())}"}

    with pytest.raises(BadSignature):
        gateway.told(forged, body, NOW)


def test_every_event_is_documented() -> None:
    page = (Path(__file__).parents[3] / "docs" / "gateways.md").read_text()

    for each in READINGS:
        assert f"`{each}`" in page
