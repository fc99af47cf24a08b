"""Sends the mail that an event calls for.

What is known of invoices, and of payments, is imported when an event is about one.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal

from billing.billing_settings.record import Settings
from billing.billing_settings.record import key_of as settings_key
from billing.customers.preferences import may_send
from billing.customers.record import Record as Customer
from billing.customers.record import key_of as customer_key
from billing.mail.letters import letter
from billing.mail.message import Message
from billing.mail.ses import Rejected, mailer, sender
from billing.table import Item, Key, Keys, table
from billing.tenancy import Tenant
from billing.text import ascii_email
from billing.times import iso

if TYPE_CHECKING:
    from billing.mail.invoices import InvoiceOccasion
    from billing.mail.receipts import ReceiptOccasion

PAYMENT = "payment.succeeded"
"""The event of a payment that is mailed, where somebody asked for a receipt; all others are an invoice's."""
REMEMBERED_SECONDS = 30 * 24 * 60 * 60
"""How long it is known that an event's mail was sent; the bus delivers for a day, a queue keeps for 14."""

type Occasion = "InvoiceOccasion | ReceiptOccasion"
type Outcome = Literal["sent", "sent_before", "not_configured", "no_occasion", "not_wanted", "rejected"]


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
    tenant, shown = Tenant(event["account"], event["livemode"]), event["data"]["object"]
    done = Keys(tenant).received("mail", event["id"])
    before, customer, settings, *found = table().get_all(
        [done, customer_key(tenant, shown["customer_id"]), settings_key(tenant), *_keys(tenant, event)]
    )
    if before is not None:
        return "sent_before"
    occasion = _occasion(event, found)
    if occasion is None or customer is None:
        return "no_occasion"
    recipient = Customer.from_item(customer)
    if not may_send(recipient, "email", occasion.topic):
        return "not_wanted"
    message = _message(tenant, occasion, recipient, Settings.from_item(settings), address)
    if message is None or not _taken(message):
        return "rejected"
    kept = {"entity": "received", "kind": event["type"], "sent_at": iso(now)}
    table().put_all([{**done, **kept, "expires_at": int(now.timestamp()) + REMEMBERED_SECONDS}])
    return "sent"


def _keys(tenant: Tenant, event: Mapping[str, Any]) -> list[Key]:
    """Return the keys of what must be known of the object of an event."""
    shown = event["data"]["object"]
    if event["type"] == PAYMENT:
        from billing.mail import receipts  # noqa: PLC0415 - see above

        return receipts.keys_of(tenant, shown)
    from billing.mail import invoices  # noqa: PLC0415 - see above

    return invoices.keys_of(tenant, shown)


def _occasion(event: Mapping[str, Any], found: Sequence[Item | None]) -> Occasion | None:
    """Return what there is to write, from what stands under the keys."""
    if event["type"] == PAYMENT:
        from billing.mail import receipts  # noqa: PLC0415 - see above

        return receipts.occasion_of(event, found)
    from billing.mail import invoices  # noqa: PLC0415 - see above

    return invoices.occasion_of(event, found)


def _taken(message: Message) -> bool:
    try:
        mailer().send(message)
    except Rejected:
        return False
    return True


def _message(
    tenant: Tenant, occasion: Occasion, customer: Customer, settings: Settings, sender_address: str
) -> Message | None:
    """Return the mail; None where no mail program could write to its address."""
    to = ascii_email(occasion.address(customer))
    if to is None:
        return None
    reply_to = ascii_email(settings.support_email) if settings.support_email else None
    about = occasion.about(customer, settings)
    said = letter(replace(about, is_test=not tenant.livemode, can_be_answered=reply_to is not None))
    return Message(
        sender=sender_address,
        sender_name=settings.business_name,
        recipient=to,
        reply_to=reply_to,
        subject=said.subject,
        text=said.text,
        html=said.html,
        language=said.language,
        attachments=occasion.attachments(customer, settings),
    )
