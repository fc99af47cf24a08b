"""What stands on an invoice. Every amount is an integer in minor units of the invoice's currency."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Literal

type InvoiceStatus = Literal["draft", "open", "sent", "partially_paid", "paid", "overdue", "voided"]


@dataclass(frozen=True, slots=True)
class Party:
    """Who sends an invoice, who pays it, or where the goods go.

    `country` is an ISO 3166 alpha-2 code. It chooses between the Japanese, Korean and Chinese forms of a character, and
    that of the one who pays the size of the paper; whether it is read is up to `address`.
    """

    name: str
    address: tuple[str, ...] = ()
    country: str | None = None
    tax_id: str | None = None
    email: str | None = None
    phone: str | None = None


@dataclass(frozen=True, slots=True)
class InvoiceLine:
    """One thing that is charged for. `period` is the first and the last day of the service."""

    description: str
    quantity: Decimal
    unit_amount_minor: int
    amount_minor: int
    tax: str | None = None
    period: tuple[date, date] | None = None


@dataclass(frozen=True, slots=True)
class TaxRow:
    """One rate of a tax: what it was charged on, what it comes to, and the note that the law asks for.

    `reason` is such a note: "Reverse charge: VAT is to be paid by the recipient".
    """

    label: str
    base_minor: int
    amount_minor: int
    rate_percent: Decimal | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class InvoiceDocument:
    """An invoice as it is sent. Nothing here is computed: totals stand on the page as they are given.

    `number` is None for a draft. `currency` is an ISO 4217 code. `locale` is a BCP 47 tag: it decides how amounts and
    dates are written, and the language of the labels where we have it (English where we don't). `discount_minor` and
    `paid_minor` are positive.
    """

    number: str | None
    status: InvoiceStatus
    currency: str
    merchant: Party
    bill_to: Party
    lines: tuple[InvoiceLine, ...]
    subtotal_minor: int
    total_minor: int
    due_minor: int
    discount_minor: int = 0
    tax_minor: int = 0
    paid_minor: int = 0
    taxes: tuple[TaxRow, ...] = ()
    ship_to: Party | None = None
    issued: date | None = None
    due: date | None = None
    paid: date | None = None
    locale: str = "en"
    memo: str | None = None
    footer: str | None = None
