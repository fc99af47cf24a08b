"""The port to payment gateways: what is asked of one, and every answer that there can be.

An adapter never raises for what a gateway says: declines, refusals and silence are outcomes, because each of them
decides what is written next. Money and cards never come this way, only tokens and what may be shown of a card.
"""

from collections.abc import Mapping
from dataclasses import dataclass
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
