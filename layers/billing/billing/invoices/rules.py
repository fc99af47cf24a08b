"""The states of an invoice and the ways between them. Pure.

    draft ──► open ──► sent ──► partially_paid ──► paid
                └──────┴──────────────┴──► overdue ──┘      (a bank takes a debit back: owed again)
                └──────┴──► voided            │
                ▲──────▲──────────────▲───────┘ due later

A draft is deleted, not voided; what anything was paid for is neither. Invariants: 0 ≤ paid ≤ total, refunded ≤ paid.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Literal

from billing.billing_settings.record import Settings
from billing.customers.record import Record as Customer
from billing.customers.wallet import month_of
from billing.errors import Conflict, MalformedRequest
from billing.ids import object_id, parse_id
from billing.invoices import numbers
from billing.invoices.models import (
    BillingReason,
    Channel,
    InvoiceChanges,
    InvoiceFields,
    NewInvoice,
    NewLine,
    Status,
)
from billing.invoices.record import OUTSTANDING, InvoiceLine, Record
from billing.merging import merged_metadata
from billing.payments.models import LARGEST_AMOUNT_MINOR
from billing.taxes.record import Rate
from billing.taxes.rules import Line, TaxIdentity, taxed
from billing.tenancy import Call, Tenant
from billing.times import iso
from billing.wire import refuse

UNCOLLECTIBLE = "uncollectible"
"""The reason for which an invoice is voided that nobody will pay."""

TRANSITIONS: Mapping[Status, frozenset[Status]] = {
    "draft": frozenset({"open", "paid"}),
    "open": frozenset({"sent", "partially_paid", "paid", "overdue", "voided"}),
    "sent": frozenset({"partially_paid", "paid", "overdue", "voided"}),
    "partially_paid": frozenset({"open", "sent", "paid", "overdue"}),
    "overdue": frozenset({"open", "sent", "partially_paid", "paid", "voided"}),
    "paid": frozenset({"open", "sent", "partially_paid", "overdue"}),
    "voided": frozenset(),
}

_LATER = frozenset({"due_date", "memo", "custom_fields", "metadata", "status"})
"""What can still be changed of an invoice that is no draft."""


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What an invoice depends on: whom it bills and where, what tax is due there, what the merchant has settled."""

    customer: Customer
    settings: Settings = Settings()  # noqa: RUF009 - frozen
    rates: Sequence[Rate] = ()
    buyer_tax: TaxIdentity | None = None
    business: Mapping[str, Any] | None = None
    """The business that is billed instead: `name`, `email`, `tax_id`, `address`."""

    @property
    def address(self) -> Mapping[str, str]:
        """Where it is billed."""
        return self.business["address"] if self.business else self.customer.address

    @property
    def bill_to(self) -> dict[str, Any]:
        """Whom it bills, as the invoice keeps it."""
        texts = self.customer.texts
        known = {
            "name": texts.get("name"),
            "company_name": texts.get("company_name"),
            "email": texts["email"],
            "phone": texts.get("phone"),
            "tax_id": texts.get("tax_id"),
            "address": dict(self.customer.address) or None,
        }
        if self.business:
            known |= {name: value for name, value in self.business.items() if value}
            known["tax_id"] = self.business.get("tax_id")  # taxes go by the business' own alone
        return {name: value for name, value in known.items() if value}


@dataclass(frozen=True, slots=True)
class Draft:
    """An invoice that is made by a subscription, before it has its number."""

    currency: str
    lines: tuple[InvoiceLine, ...]
    subscription_id: str
    business_id: str | None
    period_start: str
    period_end: str
    billing_reason: BillingReason
    collects: bool
    payment_method_id: str | None
    days_until_due: int
    memo: str | None = None
    status_wanted: Literal["open", "draft"] = "open"


def new_invoice(
    tenant: Tenant,
    body: NewInvoice,
    about: Circumstances,
    *,
    id: str,  # noqa: A002 - the contract's word
    sequence: int,
    call: Call,
) -> Record:
    """Return the draft that `body` describes.

    Raises:
        InvalidFields: its own number looks like one of the series, it comes to less than nothing or too much, or what
            it is to be collected with is no active payment method of the customer.
    """
    moment = iso(call.moment)
    record = Record(
        tenant=tenant,
        id=id,
        version=1,
        sequence=sequence,
        status="draft",
        customer_id=about.customer.id,
        currency=body.currency or about.customer.texts.get("currency") or about.settings.default_currency,
        total_minor=0,
        created_at=moment,
        updated_at=moment,
        external_source=body.external_source,
        external_type=body.external_type,
        external_id=body.external_id,
        request_id=call.request_id,
        idempotency_key=call.idempotency_key,
    )
    return priced(_with_method(_with_fields(record, body), body, about.customer, call), about)


def changed(record: Record, changes: InvoiceChanges, about: Circumstances, call: Call) -> Record:
    """Return the invoice with the changes, or the same object when they change nothing.

    Raises:
        MalformedRequest: something is to change that is frozen.
        InvalidFields: its own number looks like one of the series, it comes to less than nothing or too much, or what
            it is to be collected with is no active payment method of the customer.
    """
    if record.status != "draft":
        return amended(record, changes, about.settings, call)
    if changes.model_fields_set <= {"status"}:
        return record
    after = priced(_with_method(_with_fields(record, changes), changes, about.customer, call), about)
    return record if _is_kept_alike(after, record) else _touched(after, call)


def amended(record: Record, changes: InvoiceChanges, settings: Settings, call: Call) -> Record:
    """Return an invoice that is no draft with the changes, or the same object when they change nothing.

    One that is overdue and gets a later due date is not overdue any more.

    Raises:
        MalformedRequest: something is to change that is frozen.
    """
    given = changes.model_fields_set
    frozen = sorted(given - _LATER)
    if frozen:
        raise MalformedRequest(f"An invoice that is {record.status} keeps its {frozen[0]}", param=frozen[0])
    if record.status == "voided" and "due_date" in given:
        raise MalformedRequest("An invoice that is voided is not due", param="due_date")
    after = _with_fields(record, changes)
    if "due_date" in given:
        after = _due(after, settings)
    if _is_kept_alike(after, record):
        return record
    return _moved(after, record, _owed(after, call) if record.status == "overdue" else record.status, call)


def priced(record: Record, about: Circumstances) -> Record:
    """Return a draft with its taxes and its total.

    Raises:
        InvalidFields: it comes to less than nothing or to more than can be paid at once.
    """
    if not record.lines:
        return replace(record, subtotal_minor=record.total_minor, tax_minor=0, taxed=None)
    with_tax = taxed(
        [Line(each.amount_minor, each.exempt) for each in record.lines],
        about.rates,
        merchant_country=about.settings.country,
        bill_to_address=about.address,
        buyer_tax=about.buyer_tax,
    )
    if not 0 <= with_tax.total_minor <= LARGEST_AMOUNT_MINOR:
        raise refuse("line_items", f"must come to 0 to {LARGEST_AMOUNT_MINOR} with tax")
    return replace(
        record,
        taxed=with_tax,
        subtotal_minor=with_tax.subtotal_minor,
        tax_minor=with_tax.tax_minor,
        total_minor=with_tax.total_minor,
    )


def finalized(record: Record, about: Circumstances, *, number: str, collects: bool | None, call: Call) -> Record:
    """Return the draft as an invoice: numbered, taxed, due; `number` is taken unless it has one of its own.

    One that comes to nothing is paid.

    Raises:
        MalformedRequest: it is no draft.
        InvalidFields: it comes to less than nothing or to more than can be paid at once.
    """
    if record.status != "draft" or record.deleted_at:
        raise MalformedRequest(f"An invoice that is {record.status} can't be finalized", param="status")
    moment = iso(call.moment)
    wanted = record.collects if collects is None else collects
    open_ = replace(
        priced(record, about),
        number=record.number if record.number_is_given else number,
        bill_to=about.bill_to,
        finalized_at=moment,
        collects=wanted,
        next_attempt_at=moment if wanted else None,
    )
    due = _due(open_, about.settings)
    if due.total_minor == 0:
        return _moved(replace(due, paid_at=moment, next_attempt_at=None), record, "paid", call)
    return _moved(due, record, "open", call)


def issued(
    tenant: Tenant,
    draft: Draft,
    *,
    id: str,  # noqa: A002 - the contract's word
    sequence: int,
    number: str | None,
    about: Circumstances,
    call: Call,
) -> Record:
    """Return the invoice of a subscription's period, finalized at once unless a draft is wanted."""
    moment = iso(call.moment)
    record = Record(
        tenant=tenant,
        id=id,
        version=1,
        sequence=sequence,
        status="draft",
        customer_id=about.customer.id,
        currency=draft.currency,
        total_minor=0,
        created_at=moment,
        updated_at=moment,
        lines=draft.lines,
        subscription_id=draft.subscription_id,
        business_id=draft.business_id,
        period_start=draft.period_start,
        period_end=draft.period_end,
        billing_reason=draft.billing_reason,
        collects=draft.collects,
        payment_method_id=draft.payment_method_id,
        days_until_due=draft.days_until_due,
        memo=draft.memo,
    )
    whole = priced(record, about)
    if draft.status_wanted == "draft" or number is None:
        return whole
    return replace(finalized(whole, about, number=number, collects=None, call=call), version=1)


def sent(record: Record, channel: Channel, call: Call, *, phone: str | None = None) -> Record:
    """Return the invoice as it goes out; it can be sent again. `phone` is the customer's, as it is by now.

    Raises:
        MalformedRequest: it is a draft, paid or voided; the customer has no phone to send it to.
    """
    if record.status not in OUTSTANDING:
        raise MalformedRequest(f"An invoice that is {record.status} can't be sent", param="status")
    if channel != "email" and not phone and "phone" not in record.bill_to:
        raise MalformedRequest("The customer has no phone number", param="channel")
    after = replace(record, sent_at=iso(call.moment), sent_by=channel, times_sent=record.times_sent + 1)
    return _moved(after, record, "sent", call) if record.status == "open" else _touched(after, call)


def voided(record: Record, reason: str | None, call: Call) -> Record:
    """Return the invoice that nobody has to pay.

    Raises:
        MalformedRequest: it is a draft, voided, or something was paid for it.
        Conflict: it is being paid.
    """
    if record.paying:
        raise Conflict("A payment of this invoice is under way", param="status")
    if record.status not in OUTSTANDING or record.amount_paid_minor:
        spoken = "partially_paid" if record.amount_paid_minor and record.status != "paid" else record.status
        raise MalformedRequest(f"An invoice that is {spoken} can't be voided", param="status")
    after = replace(record, voided_at=iso(call.moment), void_reason=reason, next_attempt_at=None)
    return _moved(after, record, "voided", call)


def deleted(record: Record, call: Call) -> Record:
    """Return the draft that is gone.

    Raises:
        MalformedRequest: it is no draft any more.
    """
    if record.deleted_at:
        return record
    if record.status != "draft":
        raise MalformedRequest(f"An invoice that is {record.status} can't be deleted; void it", param="status")
    return _touched(replace(record, deleted_at=iso(call.moment)), call)


def overdue(record: Record, call: Call) -> Record:
    """Return the invoice that was not paid in time; the same object if it is not outstanding, or not yet late."""
    if not _is_late(record, call) or record.status == "overdue" or record.status not in OUTSTANDING:
        return record
    return _moved(record, record, "overdue", call)


def amount_to_pay(record: Record, amount_minor: int | None) -> int:
    """Return how much is to be paid: `amount_minor`, or all that is due.

    Raises:
        MalformedRequest: it is a draft, paid or voided.
        InvalidFields: more than is due was to be paid.
        Conflict: it is being paid.
    """
    if record.status not in OUTSTANDING:
        raise MalformedRequest(f"An invoice that is {record.status} can't be paid", param="status")
    if record.paying:
        raise Conflict("A payment of this invoice is under way", param="id")
    wanted = record.amount_due_minor if amount_minor is None else amount_minor
    if wanted > record.amount_due_minor:
        raise refuse("amount_minor", f"must be at most the {record.amount_due_minor} that are due")
    return wanted


def paying(record: Record, payment_id: str, call: Call) -> Record:
    """Return the invoice while a payment of it is under way.

    Raises:
        MalformedRequest: it can't be paid.
        Conflict: another payment is under way.
    """
    amount_to_pay(record, None)
    return _touched(replace(record, paying=payment_id), call)


def paid(record: Record, amount_minor: int, call: Call) -> Record:
    """Return the invoice with a payment that has come in."""
    total = record.amount_paid_minor + amount_minor
    after = replace(record, amount_paid_minor=total, paying=None, last_error=None)
    if total < record.total_minor:
        status: Status = "overdue" if record.status == "overdue" else "partially_paid"
        return _moved(after, record, status, call)
    return _moved(replace(after, paid_at=iso(call.moment), next_attempt_at=None), record, "paid", call)


def payment_failed(record: Record, error: Mapping[str, str], next_attempt_at: datetime | None, call: Call) -> Record:
    """Return the invoice after an attempt to collect it that has failed, with when it is tried again."""
    return _touched(
        replace(
            record,
            paying=None,
            last_error=error,
            attempts=record.attempts + 1,
            last_attempt_at=iso(call.moment),
            next_attempt_at=iso(next_attempt_at) if next_attempt_at else None,
        ),
        call,
    )


def payment_undone(record: Record, call: Call) -> Record:
    """Return the invoice as before a payment that counts for nothing; the same object if none is under way."""
    return _touched(replace(record, paying=None), call) if record.paying else record


def payment_returned(record: Record, amount_minor: int, call: Call) -> Record:
    """Return the invoice after a bank has taken back a payment that had come in: it is owed again.

    What was given back of it before stays counted as paid: it is gone by either way, and not asked for again.
    """
    left = max(record.amount_paid_minor - amount_minor, record.amount_refunded_minor)
    if left == record.amount_paid_minor or record.status == "voided":
        return record
    after = replace(record, amount_paid_minor=left, paid_at=None)
    return _moved(after, record, _owed(after, call), call)


def refunded(record: Record, amount_minor: int, call: Call) -> Record:
    """Return the invoice with money given back; a negative amount is a refund that the payer's bank has sent back."""
    total = max(min(record.amount_refunded_minor + amount_minor, record.amount_paid_minor), 0)
    return _touched(replace(record, amount_refunded_minor=total), call)


def retrying(record: Record, at: datetime, call: Call) -> Record:
    """Return the invoice that is to be collected at a moment."""
    return _touched(replace(record, next_attempt_at=iso(at)), call)


def given_up(record: Record, call: Call) -> Record:
    """Return the invoice that is collected no more by itself; the same object if it was not going to be."""
    return _touched(replace(record, next_attempt_at=None), call) if record.next_attempt_at else record


def _with_fields(record: Record, fields: InvoiceFields) -> Record:
    given = fields.given()
    number = given.get("invoice_number", record.number if record.number_is_given else None)
    if number is not None and number != record.number:
        numbers.check_own(number)
    terms = given.get("subscription_terms")
    business_id = given.get("business_id", record.business_id)
    after = replace(
        record,
        number=number if record.status == "draft" else record.number,
        number_is_given=number is not None if record.status == "draft" else record.number_is_given,
        due_date=given.get("due_date", record.due_date),
        memo=given.get("memo", record.memo),
        footer=given.get("footer", record.footer),
        custom_fields=merged_metadata("custom_fields", record.custom_fields, given),
        metadata=merged_metadata("metadata", record.metadata, given),
        business_id=object_id("bus", "business", business_id) if business_id is not None else None,
        currency=given.get("currency") or record.currency,
    )
    if "allowed_methods" in given:
        methods = given["allowed_methods"]
        after = replace(after, allowed_methods=None if methods is None else tuple(dict.fromkeys(methods)))
    if "subscription_terms" in given:
        kept = {name: value for name, value in terms.given().items() if value is not None} if terms else None
        automatic = kept is not None and kept["collection_method"] == "charge_automatically"
        after = replace(after, subscription_terms=kept, collects=automatic)
    if given.get("auto_charge") is not None:
        after = replace(after, collects=given["auto_charge"])
    if given.get("total_minor") is not None:
        return replace(after, lines=(), total_minor=given["total_minor"])
    if given.get("line_items") is not None:
        return replace(after, lines=tuple(_line(each) for each in given["line_items"]))
    return after


def _with_method(record: Record, fields: InvoiceFields, customer: Customer, call: Call) -> Record:
    if "payment_method_id" not in fields.model_fields_set:
        return record
    text = fields.payment_method_id
    method_id = parse_id("pm", text) if text is not None else None
    if text is not None and method_id not in customer.wallet.active(month_of(call.moment)):
        raise refuse("payment_method_id", "must be an active payment method of the customer")
    return replace(record, payment_method_id=method_id)


def _line(line: NewLine) -> InvoiceLine:
    return InvoiceLine(
        description=line.description,
        unit_amount_minor=line.amount_minor,
        quantity=line.quantity,
        amount_minor=line.amount_minor * line.quantity,
        exempt=line.tax_exempt,
    )


def _due(record: Record, settings: Settings) -> Record:
    """Return an invoice that is no draft with the day on which it is due, and when that has ended."""
    if record.finalized_at is None:
        return record
    zone = _zone(settings.time_zone)
    day = record.due_date
    if day is None:
        days = settings.days_until_due if record.days_until_due is None else record.days_until_due
        issued_on = datetime.fromisoformat(record.finalized_at).astimezone(zone).date()
        day = (issued_on + timedelta(days=days)).isoformat()
    ended = datetime.combine(date.fromisoformat(day) + timedelta(days=1), time(), zone)
    return replace(record, due_date=day, overdue_at=iso(ended))


def _owed(record: Record, call: Call) -> Status:
    """Return the state of an invoice that something is due of."""
    if _is_late(record, call):
        return "overdue"
    if record.amount_paid_minor:
        return "partially_paid"
    return "sent" if record.sent_at else "open"


def _is_late(record: Record, call: Call) -> bool:
    return record.overdue_at is not None and record.overdue_at <= iso(call.moment)


def _is_kept_alike(after: Record, before: Record) -> bool:
    """Whether they are kept as the same: to Python 1 and true are equal, and in metadata they are not."""
    return after.to_item() == before.to_item()


def _zone(name: str) -> Any:
    if name == "UTC":
        return UTC
    from zoneinfo import ZoneInfo  # noqa: PLC0415 - few merchants have set another

    return ZoneInfo(name)


def _moved(after: Record, before: Record, status: Status, call: Call) -> Record:
    allowed = status == before.status or status in TRANSITIONS[before.status]
    assert allowed, f"{before.status} → {status}"  # noqa: S101 - checked by the callers
    return _touched(replace(after, status=status), call)


def _touched(record: Record, call: Call) -> Record:
    return replace(
        record,
        version=record.version + 1,
        updated_at=max(iso(call.moment), record.updated_at),
        request_id=call.request_id or None,
        idempotency_key=call.idempotency_key,
    )
