"""What mails say, by language; in braces stands what is put in."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

from billing.gateway import Kind as Instrument

type Kind = Literal["invoice", "receipt", "failure", "payment"]


@dataclass(frozen=True, slots=True)
class Said:
    """What one kind of mail says of `number`, `business`, `amount`, `due` and `again`.

    A paragraph is left out where something that it speaks of does not exist.
    """

    subject: str
    paragraphs: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Words:
    """The words of all mails in one language."""

    kinds: Mapping[Kind, Said]
    test_subject: str
    test: str
    greeting: str
    attached: str
    questions: str
    invoice: str
    total: str
    paid: str
    amount_due: str
    due: str
    day: str
    paid_with: str
    instruments: Mapping[Instrument, str]
    ending: str
    description: str
    payment: str


ENGLISH = Words(
    kinds={
        "invoice": Said(
            "Invoice {number} from {business}",
            ("Here is invoice {number} from {business}.", "Please pay {amount} by {due}."),
        ),
        "receipt": Said(
            "Receipt for invoice {number} from {business}",
            ("Thank you. Invoice {number} is paid.",),
        ),
        "failure": Said(
            "Payment for invoice {number} to {business} has failed",
            (
                "We could not collect {amount} for invoice {number}.",
                "We will try again on {again}.",
                "To pay with another card or in another way, please contact us.",
            ),
        ),
        "payment": Said(
            "Receipt for your payment to {business}",
            ("Thank you. You have paid {amount} to {business}.",),
        ),
    },
    test_subject="[Test] {subject}",
    test="This is a test: nothing is to be paid, and nothing was.",
    greeting="Hello {name},",
    attached="The invoice is attached to this mail as a PDF.",
    questions="If you have questions, just reply to this mail.",
    invoice="Invoice",
    total="Total",
    paid="Paid",
    amount_due="Amount due",
    due="Due",
    day="Date",
    paid_with="Paid with",
    instruments={"card": "Card", "us_bank_account": "Bank account"},
    ending="{instrument} ending in {last4}",
    description="Description",
    payment="Payment",
)
BY_LANGUAGE = MappingProxyType({"en": ENGLISH})


def locale_for(locale: str) -> str:
    """Return the locale to write to somebody in: theirs if we have its language, else English.

    Amounts and days follow it too, so that a sentence is of one language.
    """
    return locale if locale.replace("_", "-").partition("-")[0].lower() in BY_LANGUAGE else "en"
