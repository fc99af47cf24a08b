"""What is written to a customer, as plain text and as HTML. Pure; amounts need the documents layer."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from html import escape

from billing.documents import formats
from billing.documents.invoice import InvoiceDocument
from billing.gateway import Brand
from billing.gateway import Kind as Instrument
from billing.mail.message import isolated, one_line
from billing.mail.words import BY_LANGUAGE, Kind, Words, locale_for

type _Values = Mapping[str, str | None]

_BRANDS: Mapping[Brand, str] = {
    "visa": "Visa",
    "mastercard": "Mastercard",
    "amex": "American Express",
    "discover": "Discover",
    "diners": "Diners Club",
    "jcb": "JCB",
    "unionpay": "UnionPay",
}
"""The names of brands, which are the same in every language."""

_PUT_IN = re.compile(r"\{(\w+)\}")
_STYLE = "font: 1rem/1.5 system-ui, sans-serif; max-width: 36rem; margin: 2rem auto; padding: 0 1rem"
_CELL = "text-align: start; padding: .25rem 1rem .25rem 0; font-weight: normal"


@dataclass(frozen=True, slots=True)
class Letter:
    """A letter in both forms."""

    subject: str
    text: str
    html: str
    language: str


@dataclass(frozen=True, slots=True)
class Paid:
    """A payment that has come in on a day; `brand` and `last4` as far as they are known of what it was made with."""

    payment_id: str
    business: str
    amount_minor: int
    currency: str
    day: date
    kind: Instrument
    brand: Brand | None = None
    last4: str | None = None
    description: str | None = None
    locale: str = "en"


@dataclass(frozen=True, slots=True)
class About:
    """What a letter is about. `again` is the day of the next attempt to collect, if there is one."""

    kind: Kind
    shown: InvoiceDocument | Paid
    recipient: str
    again: date | None = None
    is_test: bool = False
    has_attachment: bool = False
    can_be_answered: bool = False


def letter(about: About) -> Letter:
    """Return the letter, in the customer's language where we have it, else in English."""
    locale = locale_for(about.shown.locale)
    language = locale.replace("_", "-").partition("-")[0].lower()
    words = BY_LANGUAGE[language]
    said = words.kinds[about.kind]
    shown = about.shown
    values, facts = (
        _of_payment(shown, words, locale) if isinstance(shown, Paid) else _of_invoice(shown, about.again, words, locale)
    )
    subject = _filled(said.subject, values)
    greeting = words.greeting.format(name=_typed(about.recipient))
    paragraphs = [
        *(_filled(each, values) for each in said.paragraphs if _exists(each, values)),
        *([words.attached] if about.has_attachment else []),
        *([words.questions] if about.can_be_answered else []),
        *([words.test] if about.is_test else []),
    ]
    parts = _Parts(subject, [greeting, *paragraphs], facts, values["business"] or "", language)
    marked = words.test_subject.format(subject=subject) if about.is_test else subject
    return Letter(marked, _text(parts), _html(parts), language)


@dataclass(frozen=True, slots=True)
class _Parts:
    title: str
    paragraphs: list[str]
    facts: list[tuple[str, str]]
    business: str
    language: str


def _of_invoice(
    invoice: InvoiceDocument, again: date | None, words: Words, locale: str
) -> tuple[_Values, list[tuple[str, str]]]:
    """Return what sentences may speak of, and what is listed below them."""
    values = {
        "number": _typed(invoice.number or ""),
        "business": _typed(invoice.merchant.name),
        "amount": formats.money(invoice.due_minor, invoice.currency, locale),
        "total": formats.money(invoice.total_minor, invoice.currency, locale),
        "paid": formats.money(invoice.paid_minor, invoice.currency, locale) if invoice.paid_minor else None,
        "due": formats.day(invoice.due, locale) if invoice.due else None,
        "again": formats.day(again, locale) if again else None,
    }
    is_owed = invoice.due_minor > 0
    listed = (
        (words.invoice, values["number"]),
        (words.total, values["total"]),
        (words.paid, values["paid"]),
        (words.amount_due, values["amount"] if is_owed else None),
        (words.due, values["due"] if is_owed else None),
    )
    return values, _known(listed)


def _of_payment(paid: Paid, words: Words, locale: str) -> tuple[_Values, list[tuple[str, str]]]:
    """Return what sentences may speak of, and what is listed below them."""
    amount = formats.money(paid.amount_minor, paid.currency, locale)
    listed = (
        (words.paid, amount),
        (words.day, formats.day(paid.day, locale)),
        (words.paid_with, _instrument(paid, words)),
        (words.description, _typed(paid.description or "")),
        (words.payment, paid.payment_id),
    )
    return {"business": _typed(paid.business), "amount": amount}, _known(listed)


def _instrument(paid: Paid, words: Words) -> str:
    name = _BRANDS.get(paid.brand or "unknown") or words.instruments[paid.kind]
    return words.ending.format(instrument=name, last4=paid.last4) if paid.last4 else name


def _known(listed: Iterable[tuple[str, str | None]]) -> list[tuple[str, str]]:
    return [(label, value) for label, value in listed if value]


def _typed(text: str) -> str:
    """Return what somebody has typed, fit to stand in a sentence."""
    return isolated(one_line(text))


def _exists(sentence: str, values: _Values) -> bool:
    return all(values[name] is not None for name in _PUT_IN.findall(sentence))


def _filled(sentence: str, values: _Values) -> str:
    return _PUT_IN.sub(lambda found: values[found[1]] or "", sentence)


def _text(parts: _Parts) -> str:
    listed = "\n".join(f"{label}: {value}" for label, value in parts.facts)
    return "\n\n".join([*parts.paragraphs, listed, parts.business]) + "\n"


def _html(parts: _Parts) -> str:
    title = escape(parts.title)
    said = "\n".join(f"<p>{escape(each)}</p>" for each in parts.paragraphs)
    rows = "\n".join(
        f'<tr><th scope="row" style="{_CELL}">{escape(label)}</th><td dir="auto">{escape(value)}</td></tr>'
        for label, value in parts.facts
    )
    return f"""<!doctype html>
<html lang="{parts.language}" dir="ltr">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
</head>
<body>
<main style="{_STYLE}">
<h1 style="font-size: 1.25rem">{title}</h1>
{said}
<table>
{rows}
</table>
<p>{escape(parts.business)}</p>
</main>
</body>
</html>
"""
