"""The receipt for a payment that has come in, where whoever asked for the payment named an address for it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar

from billing.billing_settings.record import Settings
from billing.customers.preferences import Topic
from billing.customers.record import Record as Customer
from billing.invoices.pages import UNNAMED_MERCHANT, local_day
from billing.mail.letters import About, Paid
from billing.mail.message import Attachment
from billing.payment_methods.record import Record as PaymentMethod
from billing.payment_methods.record import key_of as payment_method_key
from billing.payments.record import Record, key_of
from billing.table import Item, Key
from billing.tenancy import Tenant


@dataclass(frozen=True, slots=True)
class ReceiptOccasion:
    """A payment that has come in `at` a moment; `method` is what it was paid with, if that is known."""

    payment: Record
    email: str
    at: str
    method: PaymentMethod | None

    topic: ClassVar[Topic] = "receipts"

    def address(self, _customer: Customer) -> str:
        """Return where it goes: where whoever asked for the payment wanted it."""
        return self.email

    def about(self, customer: Customer, settings: Settings) -> About:
        """Return what is written about. The customer's own address is not told to another."""
        name = customer.texts.get("name") or customer.texts.get("company_name")
        return About("payment", self._paid(customer, settings), recipient=name or self.email)

    def attachments(self, _customer: Customer, _settings: Settings) -> tuple[Attachment, ...]:
        """Return nothing: all that there is to say stands in the mail."""
        return ()

    def _paid(self, customer: Customer, settings: Settings) -> Paid:
        details = self.method.details if self.method else None
        is_debit = self.payment.payment_method_type == "us_bank_account"
        return Paid(
            payment_id=self.payment.id,
            business=settings.business_name or UNNAMED_MERCHANT,
            amount_minor=self.payment.captured_minor,
            currency=self.payment.currency,
            day=local_day(datetime.fromisoformat(self.at), settings),
            kind="us_bank_account" if is_debit else "card",
            brand=getattr(details, "brand", None),
            last4=details.last4 if details else None,
            description=self.payment.description,
            locale=customer.preferences.locale or "en",
        )


def keys_of(tenant: Tenant, shown: Mapping[str, Any]) -> list[Key]:
    """Return the keys of what must be known of a payment that an event shows: of it, and of what it was paid with."""
    method_id = shown.get("payment_method_id")
    return [key_of(tenant, shown["id"]), *([payment_method_key(tenant, method_id)] if method_id else [])]


def occasion_of(event: Mapping[str, Any], found: Sequence[Item | None]) -> ReceiptOccasion | None:
    """Return what there is to write; None where nobody asked for it, or the money is not there any more.

    A payment of an invoice has the invoice's own receipt.
    """
    item, *methods = found
    payment = Record.from_item(item) if item else None
    if payment is None or payment.invoice_id or payment.receipt_email is None or payment.status != "captured":
        return None
    method = PaymentMethod.from_item(methods[0]) if methods and methods[0] else None
    return ReceiptOccasion(payment, payment.receipt_email, event["data"]["object"]["updated_at"], method)
