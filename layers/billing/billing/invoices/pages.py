"""An invoice as it is to be read by people: what `billing.documents` draws."""

import re
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from billing.billing_settings.record import Settings
from billing.billing_settings.record import key_of as settings_key
from billing.businesses.record import Record as Business
from billing.businesses.record import key_of as business_key
from billing.customers.record import Record as Customer
from billing.customers.record import key_of as customer_key
from billing.documents.invoice import InvoiceDocument, InvoiceLine, Party, TaxRow
from billing.errors import NotFound
from billing.invoices.operations import circumstances
from billing.invoices.record import Record, read
from billing.table import table
from billing.taxes.rules import TaxedLine
from billing.tenancy import Tenant

UNNAMED_MERCHANT = "(no business name yet)"
"""What stands for a merchant who has not said its name in the billing settings."""


def document_of(tenant: Tenant, invoice_id: str) -> InvoiceDocument:
    """Return an invoice as it is drawn.

    Raises:
        NotFound: the tenant has no such invoice.
    """
    record = read(tenant, invoice_id)
    keys = [customer_key(tenant, record.customer_id), settings_key(tenant)]
    if record.business_id and not record.bill_to:
        keys.append(business_key(tenant, record.business_id))
    item, settings, *rest = table().get_all(keys)
    if item is None:
        raise NotFound("invoice", invoice_id)
    business = Business.from_item(rest[0]) if rest and rest[0] else None
    return drawn(record, Customer.from_item(item), Settings.from_item(settings), business)


def drawn(record: Record, customer: Customer, settings: Settings, business: Business | None = None) -> InvoiceDocument:
    """Return an invoice of a customer as it is drawn for a merchant with these settings. Pure.

    `business` is who a draft bills; what is finalized says so itself.
    """
    bill_to = record.bill_to or circumstances(customer, settings, (), business).bill_to
    taxed = record.taxed
    legal_text = taxed.legal_text if taxed else None
    return InvoiceDocument(
        number=record.number if record.finalized_at else None,
        status=record.status,
        currency=record.currency,
        merchant=Party(
            settings.business_name or UNNAMED_MERCHANT,
            address=_address(settings.address),
            country=settings.country,
            tax_id=settings.tax_id,
            email=settings.support_email,
            phone=settings.support_phone,
        ),
        bill_to=_party(bill_to),
        lines=_lines(record, settings),
        subtotal_minor=record.subtotal_minor,
        tax_minor=record.tax_minor,
        total_minor=record.total_minor,
        paid_minor=record.amount_paid_minor,
        due_minor=record.amount_due_minor if record.finalized_at else record.total_minor,
        taxes=tuple(
            TaxRow(
                row.label or "Tax",
                base_minor=row.net_minor,
                amount_minor=row.tax_minor,
                rate_percent=Decimal(row.percentage),
                reason=legal_text if row.reason == "reverse_charge" else None,
            )
            for row in (taxed.rows if taxed else ())
            if row.reason in ("standard", "reverse_charge")
        ),
        issued=day_of(record.finalized_at, settings),
        due=date.fromisoformat(record.due_date) if record.due_date else None,
        paid=day_of(record.paid_at, settings),
        locale=customer.preferences.locale or "en",
        memo=record.memo if record.lines else None,  # without lines it is what the amount is for
        footer=record.footer or settings.invoice_footer,
    )


def file_name_of(document: InvoiceDocument) -> str:
    """Return the name of an invoice's PDF: its number, as far as every file system takes it."""
    name = re.sub(r"[^A-Za-z0-9._-]+", "-", document.number or "draft")
    return f"{name}.pdf"


def _lines(record: Record, settings: Settings) -> tuple[InvoiceLine, ...]:
    if not record.lines:
        what = record.memo or "Amount due"
        return (InvoiceLine(what, Decimal(1), record.total_minor, record.total_minor),)
    taxed: tuple[TaxedLine, ...] = record.taxed.lines if record.taxed else ()
    return tuple(
        InvoiceLine(
            line.description,
            Decimal(line.quantity),
            line.unit_amount_minor,
            with_tax.amount_minor,
            tax=f"{with_tax.tax_label or 'Tax'} {with_tax.tax_percentage}%"
            if with_tax.tax_reason == "standard"
            else None,
            period=_period(line.period_start, line.period_end, settings),
        )
        for line, with_tax in zip(record.lines, taxed, strict=True)
    )


def _period(start: str | None, end: str | None, settings: Settings) -> tuple[date, date] | None:
    if start is None or end is None:
        return None
    last_moment = datetime.fromisoformat(end) - timedelta(milliseconds=1)
    return local_day(datetime.fromisoformat(start), settings), local_day(last_moment, settings)


def day_of(moment: str | None, settings: Settings) -> date | None:
    """Return the day of an instant that may not have come, as it is kept."""
    return local_day(datetime.fromisoformat(moment), settings) if moment is not None else None


def local_day(moment: datetime, settings: Settings) -> date:
    """Return the day of an instant where the merchant is."""
    if settings.time_zone == "UTC":
        return moment.date()
    from zoneinfo import ZoneInfo  # noqa: PLC0415 - few merchants have set another

    return moment.astimezone(ZoneInfo(settings.time_zone)).date()


def _party(bill_to: Mapping[str, Any]) -> Party:
    address: Mapping[str, str] = bill_to.get("address") or {}
    names = [bill_to[name] for name in ("company_name", "name") if bill_to.get(name)]
    first, *more = names or [bill_to["email"]]
    return Party(
        first,
        address=(*more, *_address(address)),
        country=address.get("country"),
        tax_id=bill_to.get("tax_id"),
        email=bill_to.get("email"),
        phone=bill_to.get("phone"),
    )


def _address(parts: Mapping[str, str]) -> tuple[str, ...]:
    """Return the lines of an address, in the order that most of the world reads."""
    town = " ".join(parts[name] for name in ("postal_code", "city") if name in parts)
    lines = (parts.get("line1"), parts.get("line2"), town, parts.get("state"), parts.get("country"))
    return tuple(line for line in lines if line)
