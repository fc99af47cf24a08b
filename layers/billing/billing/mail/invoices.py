"""Which events about an invoice are mailed, and what is written then."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from billing.billing_settings.record import Settings
from billing.customers.preferences import Topic
from billing.customers.record import Record as Customer
from billing.invoices.models import Status
from billing.invoices.pages import day_of, drawn, file_name_of
from billing.invoices.record import OUTSTANDING, Record, key_of
from billing.mail.letters import About
from billing.mail.message import Attachment
from billing.mail.words import Kind
from billing.table import Item, Key
from billing.tenancy import Tenant


@dataclass(frozen=True, slots=True)
class _Told:
    """What an event's mail is: of which kind, on which topic, while the invoice has one of these states."""

    kind: Kind
    topic: Topic
    statuses: frozenset[Status]
    has_pdf: bool


_BY_TYPE: Mapping[str, _Told] = {
    "invoice.sent": _Told("invoice", "receipts", OUTSTANDING, has_pdf=True),
    "invoice.paid": _Told("receipt", "receipts", frozenset({"paid"}), has_pdf=True),
    "invoice.payment_failed": _Told("failure", "reminders", OUTSTANDING, has_pdf=False),
}
"""By the event's type. The template's rule lets the same types through."""


@dataclass(frozen=True, slots=True)
class InvoiceOccasion:
    """Something to write to a customer about an invoice."""

    told: _Told
    invoice: Record

    @property
    def topic(self) -> Topic:
        """What the customer is asked about."""
        return self.told.topic

    def address(self, customer: Customer) -> str:
        """Return where it goes: to the customer."""
        return customer.email

    def about(self, customer: Customer, settings: Settings) -> About:
        """Return what is written about."""
        return About(
            self.told.kind,
            drawn(self.invoice, customer, settings),
            recipient=customer.texts.get("name") or customer.texts.get("company_name") or customer.email,
            again=day_of(self.invoice.next_attempt_at, settings),
            has_attachment=self.told.has_pdf,
        )

    def attachments(self, customer: Customer, settings: Settings) -> tuple[Attachment, ...]:
        """Return the invoice's PDF, where it goes along."""
        if not self.told.has_pdf:
            return ()
        from billing.documents import render  # noqa: PLC0415 - the layer is large, and most events stop before

        invoice = drawn(self.invoice, customer, settings)
        return (Attachment(file_name_of(invoice), "application/pdf", render(invoice)),)


def keys_of(tenant: Tenant, shown: Mapping[str, Any]) -> list[Key]:
    """Return the keys of what must be known of an invoice that an event shows."""
    return [key_of(tenant, shown["id"])]


def occasion_of(event: Mapping[str, Any], found: Sequence[Item | None]) -> InvoiceOccasion | None:
    """Return what there is to write; None of what goes out by another channel, costs nothing, or has changed."""
    told, [item] = _BY_TYPE[event["type"]], found
    if item is None or (event["type"] == "invoice.sent" and event["data"]["object"].get("channel") != "email"):
        return None
    invoice = Record.from_item(item)
    is_still_so = invoice.total_minor > 0 and invoice.status in told.statuses
    return InvoiceOccasion(told, invoice) if is_still_so else None
