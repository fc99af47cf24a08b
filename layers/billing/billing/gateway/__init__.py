"""The port to payment gateways: what is asked of one, and every answer that there can be.

An adapter never raises for what a gateway says: declines, refusals and silence are outcomes, because each of them
decides what is written next. Card numbers never come this way, only tokens and what may be shown of a card. Money is
in the currency's minor units (ISO 4217); an adapter whose gateway counts differently converts.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, ClassVar, Literal, Protocol

from billing.errors import BillingError
from billing.tenancy import Tenant

type Brand = Literal["visa", "mastercard", "amex", "discover", "diners", "jcb", "unionpay", "unknown"]
type Funding = Literal["credit", "debit", "prepaid", "unknown"]
type Kind = Literal["card", "us_bank_account"]
type Usage = Literal["on_session", "off_session"]


@dataclass(frozen=True, slots=True)
class Card:
    """What may be known of a card."""

    brand: Brand
    last4: str
    exp_month: int
    exp_year: int
    funding: Funding = "unknown"


@dataclass(frozen=True, slots=True)
class BankAccount:
    """What may be known of an account that is debited by ACH."""

    last4: str
    routing_number_last4: str | None = None
    bank_name: str | None = None
    account_type: Literal["checking", "savings"] | None = None


@dataclass(frozen=True, slots=True)
class Stored:
    """By what the gateway knows an instrument that it keeps: its own id, and whom it keeps it for."""

    reference: str
    owner: str | None = None


@dataclass(frozen=True, slots=True)
class Token:
    """What the gateway's form in the payer's browser has made of a card or account."""

    text: str


@dataclass(frozen=True, slots=True)
class Verification:
    """A verification that waited for the payer; asking again tells what has become of it."""

    id: str


type Instrument = Token | Stored | Verification
"""What is to be verified for later charges."""


@dataclass(frozen=True, slots=True)
class Verified:
    """The gateway keeps the instrument and will charge it when it is asked to."""

    stored: Stored
    details: Card | BankAccount

    @property
    def kind(self) -> Kind:
        """What it is."""
        return "card" if isinstance(self.details, Card) else "us_bank_account"


@dataclass(frozen=True, slots=True)
class ActionNeeded:
    """The payer must do something first, such as 3-D Secure."""

    verification: Verification
    next_action: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Declined:
    """The issuer, or the gateway for it, says no."""

    decline_code: str
    message: str


@dataclass(frozen=True, slots=True)
class Refused:
    """Nothing was tried: too many requests, no valid credentials, a token that is none. `error` tells the caller."""

    error: BillingError


@dataclass(frozen=True, slots=True)
class Unknown:
    """No answer: it may have happened or not. Only looking it up can tell, never doing it again."""


type Outcome = Verified | ActionNeeded | Declined | Refused | Unknown


@dataclass(frozen=True, slots=True)
class Wish:
    """A charge that is wanted. `payment_id` is ours, and stands at the gateway beside what it makes of the wish.

    `capture` is False where the money is only to be held; `off_session` is False while the payer is there to act.
    `cvv` goes to the gateway and nowhere else: it is no part of what is compared, shown or kept.
    """

    payment_id: str
    stored: Stored
    kind: Kind
    amount_minor: int
    currency: str
    description: str | None = None
    statement_descriptor: str | None = None
    capture: bool = True
    off_session: bool = True
    return_url: str | None = None
    cvv: str | None = field(default=None, repr=False, compare=False)


@dataclass(frozen=True, slots=True)
class Charged:
    """The money is taken, or held for a capture. `reference` is the gateway's own id of the charge."""

    reference: str


@dataclass(frozen=True, slots=True)
class Settling:
    """The gateway has taken the charge on, and will say later what has become of it (ACH)."""

    reference: str


@dataclass(frozen=True, slots=True)
class PayerNeeded:
    """The payer must do something first; the gateway will say later what has become of it."""

    reference: str
    next_action: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Done:
    """What was asked about a charge is done: captured, voided or refunded. `reference` is the gateway's id of it."""

    reference: str


type ChargeOutcome = Charged | Settling | PayerNeeded | Declined | Refused | Unknown
type ChangeOutcome = Done | Declined | Refused | Unknown


@dataclass(frozen=True, slots=True)
class Told:
    """What a gateway tells by itself, through its webhook.

    `kind` says what has happened to the charge `reference` (or, for `method_updated`, to a payment method of that
    reference). `payment_id` is ours, where the gateway has kept it. `facts` holds what more there is to it: `code`
    and `message` of a failure; `dispute`, `amount_minor`, `reason` and `status` of a dispute; a card's new
    `exp_month`, `exp_year` and `last4`; `refund` and `status` of a refund.
    """

    event_id: str
    kind: Literal[
        "charge_succeeded",
        "charge_failed",
        "dispute_opened",
        "dispute_closed",
        "refund_failed",
        "method_updated",
        "ignored",
    ]
    reference: str
    payment_id: str | None = None
    facts: Mapping[str, Any] = field(default_factory=dict)


class BadSignature(Exception):
    """What claims to come from a gateway was not signed by it, or too long ago."""


class Gateway(Protocol):
    """A payment gateway in the name of one merchant."""

    name: ClassVar[str]
    tokens_are_single_use: ClassVar[bool]
    """Whether a token names one wish of one payer; if not, the same one may be sent twice and mean two things."""

    def verify(self, instrument: Instrument, key: str, *, usage: Usage, return_url: str | None) -> Outcome:
        """Have an instrument verified and kept. The gateway does it once for one `key`, however often it is asked."""

    def look_up(self, instrument: Instrument, key: str, *, usage: Usage) -> Outcome | None:
        """Return what has become of `verify` under this key, or None if the gateway was never asked.

        Does nothing, moves nothing, and is sure of its None. A refusal is about the instrument; to be refused the
        look itself is `Unknown`.
        """

    def charge(self, wish: Wish, key: str) -> ChargeOutcome:
        """Charge what the gateway keeps. The gateway does it once for one `key`, however often it is asked."""

    def look_up_charge(self, wish: Wish, key: str, *, asked_at: datetime) -> ChargeOutcome | None:
        """Return what has become of `charge`, or None if the gateway was never asked; also when it forgot the key.

        Does nothing, moves nothing, and is sure of its None. To be refused the look itself is `Unknown`.
        """

    def capture(self, reference: str, amount_minor: int, currency: str, key: str) -> ChangeOutcome:
        """Take money that is held, all of it or less. Asking again about what is done is answered `Done`."""

    def void(self, reference: str, key: str) -> ChangeOutcome:
        """Let held money go. Asking again about what is done is answered `Done`."""

    def refund(self, reference: str, refund_id: str, amount_minor: int, currency: str, key: str) -> ChangeOutcome:
        """Give money back. `refund_id` is ours; the same one is given back once, also when the key is forgotten."""

    def told(self, headers: Mapping[str, str], body: bytes, now: datetime) -> Told:
        """Return what a call of the gateway's webhook says; header names are in lower case.

        Raises:
            BadSignature: it is not signed by the gateway, or more than five minutes ago.
        """


def gateway_of(tenant: Tenant) -> Gateway:
    """Return the tenant's gateway: the sandbox in sandbox mode, the merchant's Stripe account in live mode.

    Raises:
        GatewayNotConnected: the merchant has connected none.
    """
    if not tenant.livemode:
        from billing.gateway.sandbox import Sandbox  # noqa: PLC0415 - only one of the two is ever wanted

        return Sandbox()
    from billing.gateway.stripe import connected  # noqa: PLC0415 - as above; it loads a large library

    return connected(tenant.merchant_id)
