"""An invoice as it is kept, and its conversions."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from billing.errors import NotFound
from billing.invoices.models import (
    BillingReason,
    Invoice,
    InvoiceSummary,
    PaymentError,
    Status,
    TaxSummary,
)
from billing.invoices.models import InvoiceLine as ShownLine
from billing.table import Item, Key, Keys, Transaction, due, facets, table, to_json
from billing.taxes.rules import Taxed
from billing.tenancy import Tenant
from billing.times import due_second

KIND = "invoice"

OUTSTANDING: frozenset[Status] = frozenset({"open", "sent", "partially_paid", "overdue"})
"""What is to be paid."""


@dataclass(frozen=True, slots=True)
class InvoiceLine:
    """One thing that is charged for, and the time that it is for."""

    description: str
    unit_amount_minor: int
    quantity: int
    amount_minor: int
    exempt: bool = False
    period_start: str | None = None
    period_end: str | None = None


@dataclass(frozen=True, slots=True)
class Record:
    """The stored truth of one invoice.

    Taxes and `bill_to` are those of the present while it is a draft, and frozen when it is finalized.
    `amount_paid_minor` is what has come in, `amount_refunded_minor` what of it was given back. `collects` says that it
    is collected by itself: `attempts` counts how often that has failed. `paying` is the payment under way, one at a
    time. `overdue_at` is when the day of `due_date` has ended where the merchant is.
    """

    tenant: Tenant
    id: str
    version: int
    sequence: int
    status: Status
    customer_id: str
    currency: str
    total_minor: int
    created_at: str
    updated_at: str
    number: str | None = None
    number_is_given: bool = False
    lines: tuple[InvoiceLine, ...] = ()
    taxed: Taxed | None = None
    subtotal_minor: int = 0
    tax_minor: int = 0
    amount_paid_minor: int = 0
    amount_refunded_minor: int = 0
    due_date: str | None = None
    days_until_due: int | None = None
    overdue_at: str | None = None
    finalized_at: str | None = None
    sent_at: str | None = None
    sent_by: str | None = None
    times_sent: int = 0
    paid_at: str | None = None
    voided_at: str | None = None
    void_reason: str | None = None
    deleted_at: str | None = None
    memo: str | None = None
    footer: str | None = None
    custom_fields: Mapping[str, Any] = field(default_factory=dict)
    metadata: Mapping[str, Any] = field(default_factory=dict)
    allowed_methods: tuple[str, ...] | None = None
    subscription_terms: Mapping[str, Any] | None = None
    external_source: str | None = None
    external_type: str | None = None
    external_id: str | None = None
    subscription_id: str | None = None
    business_id: str | None = None
    period_start: str | None = None
    period_end: str | None = None
    billing_reason: BillingReason = "manual"
    bill_to: Mapping[str, Any] = field(default_factory=dict)
    collects: bool = False
    payment_method_id: str | None = None
    attempts: int = 0
    next_attempt_at: str | None = None
    last_attempt_at: str | None = None
    last_error: Mapping[str, str] | None = None
    paying: str | None = None
    request_id: str | None = None
    idempotency_key: str | None = None

    @property
    def amount_due_minor(self) -> int:
        """What can still be paid."""
        return self.total_minor - self.amount_paid_minor if self.status in OUTSTANDING else 0

    @property
    def faceted(self) -> facets.Faceted:
        """By what it is found in lists; a deleted draft by nothing."""
        shared = facets.every_facet(customer=self.customer_id, status=self.status) if not self.deleted_at else ()
        return facets.Faceted(self.tenant, KIND, self.id, self.sequence, shared)

    @property
    def due(self) -> due.Due | None:
        """When something is to be done about it next: to collect it, or to say that it is overdue."""
        if self.status not in OUTSTANDING:
            return None
        attempt = self.next_attempt_at if self.collects and not self.paying else None
        overdue = self.overdue_at if self.status != "overdue" else None
        times = [due_second(each) for each in (attempt, overdue) if each]
        return due.Due(self.tenant, KIND, self.id, min(times)) if times else None

    def to_item(self) -> Item:
        """Return the item."""
        keys = Keys(self.tenant)
        return {
            **keys.entity(KIND, self.id),
            "entity": KIND,
            "merchant_id": self.tenant.merchant_id,
            "livemode": self.tenant.livemode,
            "list": None if self.deleted_at else keys.listing(KIND),
            "lines": [asdict(each) for each in self.lines] or None,
            "taxed": self.taxed.to_item() if self.taxed else None,
            "custom_fields": to_json(self.custom_fields),
            "metadata": to_json(self.metadata),
            "allowed_methods": list(self.allowed_methods) if self.allowed_methods is not None else None,
            "subscription_terms": dict(self.subscription_terms) if self.subscription_terms else None,
            "bill_to": dict(self.bill_to) or None,
            "last_error": dict(self.last_error) if self.last_error else None,
            **{name: getattr(self, name) for name in _PLAIN},
        }

    @classmethod
    def from_item(cls, item: Item) -> "Record":
        """Return the record that `to_item` wrote."""
        methods = item.get("allowed_methods")
        return cls(
            tenant=Tenant(item["merchant_id"], item["livemode"]),
            lines=tuple(InvoiceLine(**each) for each in item.get("lines", ())),
            taxed=Taxed.from_item(item["taxed"]) if "taxed" in item else None,
            custom_fields=json.loads(item.get("custom_fields", "{}")),
            metadata=json.loads(item.get("metadata", "{}")),
            allowed_methods=tuple(methods) if methods is not None else None,
            subscription_terms=item.get("subscription_terms"),
            bill_to=item.get("bill_to", {}),
            last_error=item.get("last_error"),
            **{name: item[name] for name in _PLAIN if name in item},
        )

    def to_invoice(self) -> Invoice:
        """Return the invoice as the API answers it."""
        # Not validated again: it was when it came in, and a rule that grows stricter must not make it unreadable.
        values: dict[str, Any] = {
            "customer_uuid": self.customer_id,
            "invoice_number": self.number,
            "discount_minor": -sum(each.amount_minor for each in self.lines if each.amount_minor < 0),
            "amount_due_minor": self.amount_due_minor,
            "line_items": self._shown_lines(),
            "taxes": [TaxSummary.model_construct(None, **asdict(row)) for row in self.taxed.rows] if self.taxed else [],
            "tax_note": self.taxed.legal_text if self.taxed else None,
            "bill_to": dict(self.bill_to) or None,
            "custom_fields": dict(self.custom_fields),
            "metadata": dict(self.metadata),
            "allowed_methods": list(self.allowed_methods) if self.allowed_methods is not None else None,
            "subscription_terms": dict(self.subscription_terms) if self.subscription_terms else None,
            "auto_charge": self.collects,
            "channel": self.sent_by,
            "attempt_count": self.attempts,
            "last_payment_error": PaymentError.model_construct(None, **self.last_error) if self.last_error else None,
            "payment_in_progress": self.paying,
            **{name: getattr(self, name) for name in _SHOWN},
        }
        return Invoice.model_construct(None, **values)

    def to_summary(self) -> InvoiceSummary:
        """Return the invoice as it stands among its customer's."""
        names = ("id", "customer_id", "status", "total_minor", "currency", "due_date", "created_at", "updated_at")
        values: dict[str, Any] = {name: getattr(self, name) for name in names}
        return InvoiceSummary.model_construct(None, invoice_number=self.number, **values)

    def _shown_lines(self) -> list[ShownLine]:
        taxed = self.taxed.lines if self.taxed else ()
        return [
            ShownLine.model_construct(
                None,
                description=line.description,
                amount_minor=line.unit_amount_minor,
                quantity=line.quantity,
                total_minor=with_tax.amount_minor,
                tax_minor=with_tax.tax_minor,
                tax_label=with_tax.tax_label,
                tax_percentage=with_tax.tax_percentage,
                tax_inclusive=with_tax.inclusive,
                tax_reason=with_tax.tax_reason,
                period_start=line.period_start,
                period_end=line.period_end,
            )
            for line, with_tax in zip(self.lines, taxed, strict=True)
        ]


_SHOWN = (
    "id",
    "version",
    "status",
    "customer_id",
    "currency",
    "subtotal_minor",
    "tax_minor",
    "total_minor",
    "amount_paid_minor",
    "amount_refunded_minor",
    "due_date",
    "finalized_at",
    "sent_at",
    "paid_at",
    "voided_at",
    "void_reason",
    "memo",
    "footer",
    "external_source",
    "external_type",
    "external_id",
    "subscription_id",
    "business_id",
    "payment_method_id",
    "period_start",
    "period_end",
    "billing_reason",
    "next_attempt_at",
    "created_at",
    "updated_at",
)
_PLAIN = (
    *_SHOWN,
    "sequence",
    "number",
    "number_is_given",
    "days_until_due",
    "overdue_at",
    "sent_by",
    "times_sent",
    "deleted_at",
    "collects",
    "attempts",
    "last_attempt_at",
    "paying",
    "request_id",
    "idempotency_key",
)
"""Fields that are kept as they are."""


def key_of(tenant: Tenant, invoice_id: str) -> Key:
    """Return the key of an invoice."""
    return Keys(tenant).entity(KIND, invoice_id)


def read(tenant: Tenant, invoice_id: str) -> Record:
    """Return the stored invoice.

    Raises:
        NotFound: the tenant has no such invoice, or it was a draft that is deleted.
    """
    return found(table().get(key_of(tenant, invoice_id)), invoice_id)


def found(item: Item | None, invoice_id: str) -> Record:
    """Return the invoice of an item that was read.

    Raises:
        NotFound: there is none, or it was a draft that is deleted.
    """
    if item is None or "deleted_at" in item:
        raise NotFound("invoice", invoice_id)
    return Record.from_item(item)


def put(transaction: Transaction, before: Record | None, after: Record) -> Transaction:
    """Add an invoice's new state to a transaction, with the rows by which it is found; nothing if it is the same."""
    facets.put(transaction, before, after)
    return due.follow(transaction, before.due if before else None, after.due)
