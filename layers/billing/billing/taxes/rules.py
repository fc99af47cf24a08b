"""What tax the lines of an invoice bear. Pure; integers only.

Tax is rounded per line, half away from zero, so that a credit undoes a charge to the last unit. Amounts are in minor
units of one currency.

Reverse charge is for services within the EU. Northern Ireland's VAT numbers (XI) are EU numbers for goods alone, so
they count as not of the EU here.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal, Protocol

from billing.table import Item
from billing.taxes.percentages import LARGEST_PPM, percentage_of
from billing.taxes.record import Rate
from billing.text import folded

type TaxReason = Literal["standard", "reverse_charge", "exempt", "no_rate"]
"""Why a line bears the tax it bears: its place's rate, the buyer accounts for it, the line is free of it, no rate."""

REVERSE_CHARGE_TEXT = "Reverse charge: VAT to be accounted for by the recipient, Art. 196 Directive 2006/112/EC"
"""What an invoice must say under reverse charge."""

EU = frozenset(
    (
        *("AT", "BE", "BG", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GR", "HR", "HU", "IE", "IT", "LT", "LU"),
        *("LV", "MT", "NL", "PL", "PT", "RO", "SE", "SI", "SK"),
    )
)
"""The member states, as ISO 3166-1 writes them."""

_GREECE_IN_VAT = "EL"
_NO_RATE = percentage_of(0)


class TaxIdentity(Protocol):
    """A buyer's tax identifier as it was recognised, and whose number it is; `businesses.tax_ids.Recognised` is one."""

    @property
    def type(self) -> str | None:
        """Its kind, `eu_vat` for an EU VAT number."""

    @property
    def status(self) -> str:
        """`verified_format` if its check digits are right."""

    @property
    def country(self) -> str | None:
        """Whose number it is, which need not be where its business is."""


@dataclass(frozen=True, slots=True)
class Line:
    """An amount to tax: negative for a discount or a credit."""

    amount_minor: int
    exempt: bool = False


@dataclass(frozen=True, slots=True)
class TaxedLine:
    """A line with its tax.

    `amount_minor` is what the line says: with the tax in it if `inclusive`, else without. Under reverse charge the tax
    that an inclusive price held is already taken out of it. `net_minor` is without tax in any case.
    """

    amount_minor: int
    net_minor: int
    tax_minor: int
    tax_reason: TaxReason
    tax_percentage: str = _NO_RATE
    tax_label: str | None = None
    inclusive: bool = False


@dataclass(frozen=True, slots=True)
class TaxRow:
    """All lines of one label, percentage and reason together."""

    label: str | None
    percentage: str
    reason: TaxReason
    net_minor: int
    tax_minor: int


@dataclass(frozen=True, slots=True)
class Taxed:
    """Lines with their tax, in the order given, and what they come to.

    `subtotal_minor` is the sum of what the lines say; `total_minor` is that and the tax that was not in it already.
    """

    lines: tuple[TaxedLine, ...]
    rows: tuple[TaxRow, ...]
    subtotal_minor: int
    tax_minor: int
    total_minor: int
    legal_text: str | None = None

    def to_item(self) -> Item:
        """Return it as an item holds it: maps, lists, texts, integers and booleans."""
        item: Item = _without_none(asdict(self))
        return item

    @classmethod
    def from_item(cls, item: Item) -> "Taxed":
        """Return what `to_item` wrote."""
        lines = tuple(TaxedLine(**each) for each in item["lines"])
        rows = tuple(TaxRow(**{"label": None, **each}) for each in item["rows"])
        return cls(**{**item, "lines": lines, "rows": rows})


def rate_for(rates: Iterable[Rate], address: Mapping[str, str | None] | None) -> Rate | None:
    """Return the active rate of an address: its state's before its country's; None without either, or a country."""
    country = address.get("country") if address else None
    if address is None or not country:
        return None
    active = {each.place: each for each in rates if each.active}
    return active.get((country, folded(address.get("state") or ""))) or active.get((country, ""))


def is_reverse_charged(
    merchant_country: str | None, buyer_tax: TaxIdentity | None, bill_to_address: Mapping[str, str | None] | None
) -> bool:
    """Whether the buyer accounts for the VAT (Directive 2006/112/EC, Art. 44 and 196).

    It does when the merchant is in the EU and the buyer has an EU VAT number of another member state whose check digits
    are right. Not when the buyer is billed in the merchant's own country: that is a domestic sale whatever the number.
    """
    if buyer_tax is None or buyer_tax.type != "eu_vat" or buyer_tax.status != "verified_format":
        return False
    buyer_country = _in_iso(buyer_tax.country)
    billed_in = bill_to_address.get("country") if bill_to_address else None
    return {merchant_country, buyer_country} <= EU and merchant_country not in {buyer_country, billed_in}


def taxed(
    lines: Sequence[Line],
    rates: Iterable[Rate],
    *,
    merchant_country: str | None,
    bill_to_address: Mapping[str, str | None] | None,
    buyer_tax: TaxIdentity | None,
) -> Taxed:
    """Return the lines with the tax that they bear where they are billed."""
    rate = rate_for(rates, bill_to_address)
    is_reversed = is_reverse_charged(merchant_country, buyer_tax, bill_to_address)
    borne = tuple(_with_reverse_charge(line, rate) if is_reversed else _with_rate(line, rate) for line in lines)
    return Taxed(
        lines=borne,
        rows=_rows(borne),
        subtotal_minor=sum(each.amount_minor for each in borne),
        tax_minor=sum(each.tax_minor for each in borne),
        total_minor=sum(each.net_minor + each.tax_minor for each in borne),
        legal_text=REVERSE_CHARGE_TEXT if any(each.tax_reason == "reverse_charge" for each in borne) else None,
    )


def _with_rate(line: Line, rate: Rate | None) -> TaxedLine:
    if line.exempt or rate is None:
        return _untaxed(line.amount_minor, "exempt" if line.exempt else "no_rate")
    tax_minor = _contained(line.amount_minor, rate) if rate.inclusive else _on_top(line.amount_minor, rate)
    return TaxedLine(
        amount_minor=line.amount_minor,
        net_minor=line.amount_minor - tax_minor if rate.inclusive else line.amount_minor,
        tax_minor=tax_minor,
        tax_reason="standard",
        tax_percentage=rate.percentage,
        tax_label=rate.label,
        inclusive=rate.inclusive,
    )


def _with_reverse_charge(line: Line, rate: Rate | None) -> TaxedLine:
    if line.exempt:
        return _untaxed(line.amount_minor, "exempt")
    held_minor = _contained(line.amount_minor, rate) if rate and rate.inclusive else 0
    return _untaxed(line.amount_minor - held_minor, "reverse_charge", rate.label if rate else "VAT")


def _untaxed(amount_minor: int, reason: TaxReason, label: str | None = None) -> TaxedLine:
    return TaxedLine(amount_minor, net_minor=amount_minor, tax_minor=0, tax_reason=reason, tax_label=label)


def _on_top(net_minor: int, rate: Rate) -> int:
    """Return the tax that a net amount bears."""
    return _divided(net_minor * rate.ppm, LARGEST_PPM)


def _contained(gross_minor: int, rate: Rate) -> int:
    """Return the tax within a gross amount."""
    return _divided(gross_minor * rate.ppm, LARGEST_PPM + rate.ppm)


def _divided(number: int, by: int) -> int:
    """Return the quotient, rounded half away from zero; `by` is positive."""
    rounded = (2 * abs(number) + by) // (2 * by)
    return rounded if number >= 0 else -rounded


def _rows(lines: Sequence[TaxedLine]) -> tuple[TaxRow, ...]:
    sums: dict[tuple[str | None, str, TaxReason], tuple[int, int]] = {}
    for each in lines:
        key = (each.tax_label, each.tax_percentage, each.tax_reason)
        net_minor, tax_minor = sums.get(key, (0, 0))
        sums[key] = (net_minor + each.net_minor, tax_minor + each.tax_minor)
    rows = [TaxRow(*key, *amounts) for key, amounts in sums.items()]
    # The same whatever the order of the lines, what bears tax first.
    return tuple(sorted(rows, key=lambda row: (row.label is None, row.label or "", row.percentage, row.reason)))


def _in_iso(country: str | None) -> str | None:
    """Return a country as ISO 3166-1 writes it: VAT numbers call Greece EL."""
    return "GR" if country == _GREECE_IN_VAT else country


def _without_none(value: Any) -> Any:
    match value:
        case dict():
            return {name: _without_none(each) for name, each in value.items() if each is not None}
        case list() | tuple():
            return [_without_none(each) for each in value]
        case _:
            return value
