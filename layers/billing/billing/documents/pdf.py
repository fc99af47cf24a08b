"""The PDF of an invoice: what the page says is put together here, how it looks is in `invoice.typ`."""

import json
import re
import unicodedata
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from billing.documents import formats
from billing.documents.fonts import families, fonts
from billing.documents.invoice import InvoiceDocument, InvoiceLine, Party, TaxRow
from billing.documents.labels import BY_LANGUAGE, Labels, language_of

if TYPE_CHECKING:
    from typst import PDFStandard

type Said = dict[str, Any]

_PAGE = Path(__file__).with_name("invoice.typ")
_ACCESSIBLE: list["PDFStandard"] = ["ua-1"]
_ARCHIVAL: list["PDFStandard"] = ["a-3a", "ua-1"]
# CLDR's territories of that paper
_LETTER_PAPER = {"BZ", "CA", "CL", "CO", "CR", "GT", "MX", "NI", "PA", "PH", "PR", "SV", "US", "VE"}
_NOT_TEXT = {"Cc", "Cs", "Cn"}  # controls, halves of a pair, and what Unicode has not given a meaning
_NEVER_ENDING = re.compile(r"[!-~\u00a1-\u052f]{41,}")
_UNBROKEN = 12


def render(document: InvoiceDocument) -> bytes:
    """Return an invoice as a PDF. The same document gives the same bytes.

    It is accessible and, once it is issued, archival (PDF/UA-1, PDF/A-3a), unless it holds a character that no font of
    ours has: that one is drawn as a box.
    """
    from typst import TypstError  # noqa: PLC0415 - see the package

    page = json.dumps(_page(document))
    try:
        return _drawn(page, _ARCHIVAL if document.issued else _ACCESSIBLE)  # an archive wants the date of what it keeps
    except TypstError:
        return _drawn(page, [])


def _drawn(page: str, standards: "list[PDFStandard]") -> bytes:
    import typst  # noqa: PLC0415 - see the package

    return typst.compile(
        _PAGE,
        root=_PAGE.parent,
        font_paths=fonts(),
        ignore_system_fonts=True,
        format="pdf",
        sys_inputs={"invoice": page},
        pdf_standards=standards,
    )


def _page(document: InvoiceDocument) -> dict[str, Any]:
    """Return all that the page says, as text: `invoice.typ` decides on nothing but looks."""
    language = language_of(document.locale)
    labels = BY_LANGUAGE[language]
    known = formats.babel_locale(document.locale)
    country = document.bill_to.country or known.territory
    heading = " ".join(_clean(each) for each in (labels.invoice, document.number or labels.draft))
    return {
        "title": f"{heading} · {_clean(document.merchant.name)}",
        "heading": labels.invoice,
        "number": _said(document.number) if document.number else None,
        "language": language,
        "paper": "us-letter" if country in _LETTER_PAPER else "a4",
        "fonts": families(known.territory or document.bill_to.country, known.language, known.script),
        "issued": [document.issued.year, document.issued.month, document.issued.day] if document.issued else None,
        "status": {"kind": document.status, "text": labels.statuses[document.status]},
        "dates": list(_dates(document, labels)),
        "merchant": _party(document.merchant, document, labels),
        "parties": [
            {"label": label, **_party(party, document, labels)}
            for label, party in ((labels.bill_to, document.bill_to), (labels.ship_to, document.ship_to))
            if party
        ],
        "due": _said(_money(document.due_minor, document)),
        "due_label": labels.amount_due,
        "columns": _columns(document, labels),
        "lines": [_line(line, document) for line in document.lines],
        "totals": list(_totals(document, labels)),
        "memo": _paragraphs(document.memo),
        "footer": _paragraphs(document.footer),
        "page": labels.page,
    }


def _dates(document: InvoiceDocument, labels: Labels) -> Iterator[dict[str, Any]]:
    named = ((labels.issued, document.issued), (labels.due, document.due), (labels.paid_on, document.paid))
    for label, day in named:
        if day:
            yield {"label": label, "text": _said(formats.day(day, document.locale))}


def _party(party: Party, document: InvoiceDocument, labels: Labels) -> dict[str, Any]:
    known = formats.babel_locale(document.locale)
    tax_id = f"{labels.tax_id}: {party.tax_id}" if party.tax_id else None
    return {
        "name": _said(party.name),
        "lines": [_said(each) for each in (*party.address, party.email, party.phone, tax_id) if each],
        "fonts": families(party.country or known.territory, known.language, known.script),
    }


def _columns(document: InvoiceDocument, labels: Labels) -> list[str]:
    taxed = [labels.tax] if _shows_tax(document) else []
    return [labels.description, labels.quantity, labels.unit_price, *taxed, labels.amount]


def _shows_tax(document: InvoiceDocument) -> bool:
    return any(line.tax for line in document.lines)


def _line(line: InvoiceLine, document: InvoiceDocument) -> dict[str, Any]:
    taxed = [_said(line.tax or "")] if _shows_tax(document) else []
    return {
        "description": _paragraphs(line.description),
        "period": _said(_period(line.period, document.locale)) if line.period else None,
        "figures": [
            _said(formats.number(line.quantity, document.locale)),
            _said(_money(line.unit_amount_minor, document)),
            *taxed,
            _said(_money(line.amount_minor, document)),
        ],
    }


def _period(period: tuple[date, date], locale: str) -> str:
    first, last = (formats.short_day(each, locale) for each in period)
    return f"{first} \N{EN DASH} {last}"


def _totals(document: InvoiceDocument, labels: Labels) -> Iterator[dict[str, Any]]:
    """Yield the sums in the order in which they add up."""

    def row(label: str, minor: int, *, reason: str | None = None, weight: str = "plain") -> dict[str, Any]:
        reasons = _paragraphs(reason)
        return {"label": _said(label), "amount": _said(_money(minor, document)), "reason": reasons, "weight": weight}

    yield row(labels.subtotal, document.subtotal_minor)
    if document.discount_minor:
        yield row(labels.discount, -document.discount_minor)
    for tax in document.taxes:
        yield row(_taxed(tax, document, labels), tax.amount_minor, reason=tax.reason)
    if len(document.taxes) != 1 and document.tax_minor:
        yield row(labels.total_tax if document.taxes else labels.tax, document.tax_minor)
    yield row(f"{labels.total} ({document.currency})", document.total_minor, weight="total")
    if document.paid_minor:
        yield row(labels.paid, -document.paid_minor)
    yield row(f"{labels.amount_due} ({document.currency})", document.due_minor, weight="due")


def _taxed(tax: TaxRow, document: InvoiceDocument, labels: Labels) -> str:
    rate = "" if tax.rate_percent is None else f" {formats.percentage(tax.rate_percent, document.locale)}"
    return labels.tax_on.format(tax=f"{tax.label}{rate}", base=_money(tax.base_minor, document))


def _money(minor: int, document: InvoiceDocument) -> str:
    return formats.money(minor, document.currency, document.locale)


def _paragraphs(text: str | None) -> list[Said]:
    return [_said(each) for each in (text or "").splitlines() if each.strip()]


def _said(text: str) -> Said:
    """Return text with the direction of its first letter: a name in Arabic is set from the right on an English page."""
    clean = _NEVER_ENDING.sub(_breakable, _clean(text))
    strong = next((kind for kind in map(unicodedata.bidirectional, clean) if kind in {"L", "R", "AL"}), "L")
    return {"text": clean, "rtl": strong != "L"}


def _clean(text: str) -> str:
    """Return text as one line, with a mark in place of what is no text."""
    line = " ".join(text.split())
    return "".join("\N{REPLACEMENT CHARACTER}" if unicodedata.category(each) in _NOT_TEXT else each for each in line)


def _breakable(word: re.Match[str]) -> str:
    """Let a line break inside a word that is wider than its column could be."""
    letters = word[0]
    parts = (letters[at : at + _UNBROKEN] for at in range(0, len(letters), _UNBROKEN))
    return "\N{ZERO WIDTH SPACE}".join(parts)
