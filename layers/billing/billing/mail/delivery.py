"""Sends the mail that an event about an invoice calls for."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from billing.billing_settings.record import Settings
from billing.billing_settings.record import key_of as settings_key
from billing.customers.preferences import Topic, may_send
from billing.customers.record import Record as Customer
from billing.customers.record import key_of as customer_key
from billing.invoices.models import Status
from billing.invoices.pages import day_of, drawn, file_name_of
from billing.invoices.record import OUTSTANDING, Record
from billing.invoices.record import key_of as invoice_key
from billing.mail.letters import About, letter
from billing.mail.message import Attachment, Message
from billing.mail.ses import Rejected, mailer, sender
from billing.mail.words import Kind
from billing.table import Keys, table
from billing.tenancy import Tenant
from billing.text import ascii_email
from billing.times import iso

REMEMBERED_SECONDS = 30 * 24 * 60 * 60
"""How long it is known that an event's mail was sent; the bus delivers for a day, a queue keeps for 14."""

type Outcome = Literal["sent", "sent_before", "not_configured", "no_occasion", "not_wanted", "rejected"]


@dataclass(frozen=True, slots=True)
class _Occasion:
    """What is sent on an event: of which kind, to whom wants this topic, while the invoice has one of these states."""

    kind: Kind
    topic: Topic
    statuses: frozenset[Status]
    has_pdf: bool


OCCASIONS: Mapping[str, _Occasion] = {
    "invoice.sent": _Occasion("invoice", "receipts", OUTSTANDING, has_pdf=True),
    "invoice.paid": _Occasion("receipt", "receipts", frozenset({"paid"}), has_pdf=True),
    "invoice.payment_failed": _Occasion("failure", "reminders", OUTSTANDING, has_pdf=False),
}
"""By the event's type. The template's rule lets the same types through."""


def deliver(event: Mapping[str, Any], now: datetime) -> Outcome:
    """Send the mail that an event calls for, and return what became of it.

    It is sent once per event: what was sent is written down afterwards and looked up before. After a crash in between,
    or when the bus delivers twice at the same moment, the customer gets the same mail twice: better than none.

    Raises:
        ClientError: SES has refused, for now or until somebody mends it; the invocation is retried.
        BotoCoreError: SES did not answer; likewise.
        Unavailable: the table is busy; likewise.
    """
    address = sender()
    if address is None:
        return "not_configured"
    occasion, shown = OCCASIONS[event["type"]], event["data"]["object"]
    tenant = Tenant(event["account"], event["livemode"])
    done = Keys(tenant).received("mail", event["id"])
    invoice, customer, settings, before = table().get_all(
        [invoice_key(tenant, shown["id"]), customer_key(tenant, shown["customer_id"]), settings_key(tenant), done]
    )
    if before is not None:
        return "sent_before"
    record = Record.from_item(invoice) if invoice else None
    if record is None or customer is None or not _is_still_one(occasion, event, record):
        return "no_occasion"
    recipient = Customer.from_item(customer)
    if not may_send(recipient, "email", occasion.topic):
        return "not_wanted"
    message = _message(occasion, record, recipient, Settings.from_item(settings), address)
    if message is None or not _taken(message):
        return "rejected"
    kept = {"entity": "received", "kind": event["type"], "sent_at": iso(now)}
    table().put_all([{**done, **kept, "expires_at": int(now.timestamp()) + REMEMBERED_SECONDS}])
    return "sent"


def _is_still_one(occasion: _Occasion, event: Mapping[str, Any], record: Record) -> bool:
    """Whether there is something to write: not of what goes out by another channel, costs nothing, or has changed."""
    goes_elsewhere = event["type"] == "invoice.sent" and event["data"]["object"].get("channel") != "email"
    return not goes_elsewhere and record.total_minor > 0 and record.status in occasion.statuses


def _taken(message: Message) -> bool:
    try:
        mailer().send(message)
    except Rejected:
        return False
    return True


def _message(
    occasion: _Occasion, record: Record, customer: Customer, settings: Settings, sender_address: str
) -> Message | None:
    """Return the mail; None where no mail program could write to the customer's address."""
    to = ascii_email(customer.email)
    if to is None:
        return None
    invoice = drawn(record, customer, settings)
    reply_to = ascii_email(settings.support_email) if settings.support_email else None
    said = letter(
        About(
            occasion.kind,
            invoice,
            recipient=customer.texts.get("name") or customer.texts.get("company_name") or customer.email,
            again=day_of(record.next_attempt_at, settings),
            is_test=not record.tenant.livemode,
            has_attachment=occasion.has_pdf,
            can_be_answered=reply_to is not None,
        )
    )
    attachments: tuple[Attachment, ...] = ()
    if occasion.has_pdf:
        from billing.documents import render  # noqa: PLC0415 - the layer is large, and most events stop before

        attachments = (Attachment(file_name_of(invoice), "application/pdf", render(invoice)),)
    return Message(
        sender=sender_address,
        sender_name=settings.business_name,
        recipient=to,
        reply_to=reply_to,
        subject=said.subject,
        text=said.text,
        html=said.html,
        language=said.language,
        attachments=attachments,
    )
