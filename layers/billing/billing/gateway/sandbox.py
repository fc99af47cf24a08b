"""The gateway of sandbox mode: deterministic, without memory, known by its test tokens (docs/gateways.md).

What a token does is said by its name alone, so the same requests give the same answers on every machine.
"""

from typing import ClassVar

from billing.errors import RateLimited
from billing.gateway import (
    ActionNeeded,
    BankAccount,
    Card,
    Declined,
    Instrument,
    Outcome,
    Refused,
    Stored,
    Token,
    Unknown,
    Usage,
    Verification,
    Verified,
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
