"""The gateway of sandbox mode: deterministic, without memory, known by its test tokens (docs/gateways.md).

What a token does is said by its name alone, so the same requests give the same answers on every machine.
"""

import hmac
import json
import os
import time
from collections.abc import Mapping
from datetime import datetime
from typing import Any, ClassVar

from billing.errors import RateLimited
from billing.gateway import (
    ActionNeeded,
    BadSignature,
    BankAccount,
    Card,
    ChangeOutcome,
    Charged,
    ChargeOutcome,
    Declined,
    Done,
    Instrument,
    Outcome,
    PayerNeeded,
    Refused,
    Settling,
    Stored,
    Token,
    Told,
    Unknown,
    Usage,
    Verification,
    Verified,
    Wish,
)
from billing.wire import refuse

INSTRUMENTS: dict[str, Card | BankAccount] = {
    "tok_visa": Card("visa", "4242", 12, 2049, "credit"),
    "tok_visa_debit": Card("visa", "5556", 12, 2049, "debit"),
    "tok_mastercard": Card("mastercard", "4444", 12, 2049, "credit"),
    "tok_amex": Card("amex", "8431", 12, 2049, "credit"),
    "tok_discover": Card("discover", "1117", 12, 2049, "credit"),
    "tok_diners": Card("diners", "3237", 12, 2049, "credit"),
    "tok_jcb": Card("jcb", "0505", 12, 2049, "credit"),
    "tok_unionpay": Card("unionpay", "0005", 12, 2049, "credit"),
    "tok_expired": Card("visa", "0069", 1, 2020, "credit"),
    "tok_chargeCustomerFail": Card("visa", "0341", 12, 2049, "credit"),
    "tok_chargeCustomerInsufficientFunds": Card("visa", "9995", 12, 2049, "debit"),
    "tok_chargeRateLimit": Card("visa", "4029", 12, 2049, "credit"),
    "tok_3dsEachTime": Card("visa", "3184", 12, 2049, "credit"),
    "tok_3ds": Card("visa", "3155", 12, 2049, "credit"),
    "tok_timeout": Card("visa", "9993", 12, 2049, "credit"),
    "tok_ach": BankAccount("6789", "0000", "STRIPE TEST BANK", "checking"),
    "tok_ach_savings": BankAccount("4321", "0000", "STRIPE TEST BANK", "savings"),
}
"""Tokens that can be kept, and what is kept of them."""

DECLINES: dict[str, tuple[str, str]] = {
    "tok_chargeDeclined": ("generic_decline", "The card was declined"),
    "tok_chargeDeclinedInsufficientFunds": ("insufficient_funds", "The card has insufficient funds"),
    "tok_chargeDeclinedLostCard": ("lost_card", "The card was declined"),
    "tok_chargeDeclinedStolenCard": ("stolen_card", "The card was declined"),
    "tok_chargeDeclinedExpiredCard": ("expired_card", "The card has expired"),
    "tok_chargeDeclinedIncorrectCvc": ("incorrect_cvc", "The card's security code is incorrect"),
    "tok_chargeDeclinedProcessingError": ("processing_error", "The card could not be processed; try again later"),
}
"""Tokens that are declined, with the issuer's reason and what a payer may be told."""

AUTHENTICATED = frozenset({"tok_3ds", "tok_3dsFailed"})
"""Tokens whose payer is asked by the issuer first; the second passes nobody."""

RATE_LIMITED = "tok_rate_limit"
LOSES_ANSWERS = "tok_timeout"
"""It is done, and the answer never comes."""

CHARGE_DECLINES: dict[str, tuple[str, str]] = {
    "tok_chargeCustomerFail": ("generic_decline", "The card was declined"),
    "tok_chargeCustomerInsufficientFunds": ("insufficient_funds", "The card has insufficient funds"),
}
"""Cards that are kept and declined when they are charged."""
CHARGE_RATE_LIMITED = "tok_chargeRateLimit"
CHARGE_AUTHENTICATED = "tok_3dsEachTime"
"""Its payer is asked at each payment, and is declined where there is nobody to ask."""

SIGNATURE_HEADER = "x-sandbox-signature"
SIGNED_SECONDS = 300
"""How old a signature may be."""


class Sandbox:
    """Answers by the token's name."""

    name: ClassVar[str] = "sandbox"
    tokens_are_single_use: ClassVar[bool] = False

    def verify(self, instrument: Instrument, key: str, *, usage: Usage, return_url: str | None) -> Outcome:
        """Return what the token stands for."""
        del key, usage
        if instrument == Token(LOSES_ANSWERS):
            return Unknown()
        return _outcome(instrument, return_url)

    def look_up(self, instrument: Instrument, key: str, *, usage: Usage) -> Outcome | None:
        """Return what the token stands for: whatever was asked here has happened."""
        del key, usage
        return None if instrument == Token(RATE_LIMITED) else _outcome(instrument, None)

    def charge(self, wish: Wish, key: str) -> ChargeOutcome:
        """Return what the card stands for."""
        del key
        if wish.stored.reference == LOSES_ANSWERS:
            return Unknown()
        return _charged(wish)

    def look_up_charge(self, wish: Wish, key: str, *, asked_at: datetime) -> ChargeOutcome | None:
        """Return what the card stands for: whatever was asked here has happened."""
        del key, asked_at
        return None if wish.stored.reference == CHARGE_RATE_LIMITED else _charged(wish)

    def capture(self, reference: str, amount_minor: int, currency: str, key: str) -> ChangeOutcome:
        """Take what is held."""
        del amount_minor, currency, key
        return Done(reference)

    def void(self, reference: str, key: str) -> ChangeOutcome:
        """Let go what is held."""
        del key
        return Done(reference)

    def refund(self, reference: str, refund_id: str, amount_minor: int, currency: str, key: str) -> ChangeOutcome:
        """Give back."""
        del reference, amount_minor, currency, key
        return Done(f"sandbox_{refund_id}")

    def told(self, headers: Mapping[str, str], body: bytes, now: datetime) -> Told:
        """Return what an event says that `signed` has made."""
        parts = dict(part.partition("=")[::2] for part in headers.get(SIGNATURE_HEADER, "").split(","))
        signed_at = parts.get("t", "")
        if not signed_at.isdecimal() or abs(now.timestamp() - int(signed_at)) > SIGNED_SECONDS:
            raise BadSignature
        if not hmac.compare_digest(parts.get("v1", "").encode(), _mac(signed_at, body).encode()):
            raise BadSignature
        event: Mapping[str, Any] = json.loads(body)
        return Told(event["id"], event["kind"], event["reference"], event.get("payment_id"), event.get("facts", {}))


def signed(told: Told) -> tuple[dict[str, str], bytes]:
    """Return the headers and the body with which the sandbox tells something."""
    event = {
        "id": told.event_id,
        "kind": told.kind,
        "reference": told.reference,
        "payment_id": told.payment_id,
        "facts": dict(told.facts),
    }
    body = json.dumps(event).encode()
    signed_at = str(int(time.time()))
    return {SIGNATURE_HEADER: f"t={signed_at},v1={_mac(signed_at, body)}"}, body


def _mac(signed_at: str, body: bytes) -> str:
    from aws_lambda_powertools.utilities.parameters import get_secret  # noqa: PLC0415 - it loads boto3

    secret = str(get_secret(os.environ["LINK_SECRET"], max_age=300))
    return hmac.digest(secret.encode(), b"sandbox\x1f" + signed_at.encode() + b"." + body, "sha256").hex()


def _charged(wish: Wish) -> ChargeOutcome:
    name = wish.stored.reference
    reference = f"sandbox_{wish.payment_id}"
    if name in CHARGE_DECLINES:
        return Declined(*CHARGE_DECLINES[name])
    if name == CHARGE_RATE_LIMITED:
        return Refused(RateLimited("The payment gateway has too many requests", retry_after_seconds=1))
    if name == CHARGE_AUTHENTICATED:
        if wish.off_session:
            return Declined("authentication_required", "The payer must authenticate this payment")
        redirect = {"url": f"https://sandbox.invalid/3ds/{reference}", "return_url": wish.return_url}
        return PayerNeeded(reference, {"type": "redirect_to_url", "redirect_to_url": redirect})
    return Settling(reference) if wish.kind == "us_bank_account" else Charged(reference)


def _outcome(instrument: Instrument, return_url: str | None) -> Outcome:
    match instrument:
        case Verification(id):
            return _kept(id) if id in INSTRUMENTS else Declined("authentication_failed", "The payer was not recognised")
        case Token(name) if name in AUTHENTICATED:
            redirect = {"url": f"https://sandbox.invalid/3ds/{name}", "return_url": return_url}
            return ActionNeeded(Verification(name), {"type": "redirect_to_url", "redirect_to_url": redirect})
        case Token(name) if name in DECLINES:
            return Declined(*DECLINES[name])
        case Token(name) if name == RATE_LIMITED:
            return Refused(RateLimited("The payment gateway has too many requests", retry_after_seconds=1))
        case Token(name) | Stored(name) if name in INSTRUMENTS:
            return _kept(name)
        case _:
            return Refused(refuse("token", "is no test token of the sandbox"))


def _kept(name: str) -> Verified:
    return Verified(Stored(name), INSTRUMENTS[name])
