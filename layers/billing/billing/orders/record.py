"""An order as it is kept, and its conversions."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from billing.orders.models import BillingType, Order, OrderError, OrderLine, OrderSummary, Status, SummaryStatus
from billing.table import Item, Key, Keys, Transaction, due, facets, to_json
from billing.taxes.rules import Taxed
from billing.tenancy import Tenant
from billing.times import due_second

KIND = "order"


@dataclass(frozen=True, slots=True)
class OrderedLine:
    """One thing that was ordered, and how often."""

    description: str
    unit_price_minor: int
    quantity: int
    product_id: str | None = None

    @property
    def amount_minor(self) -> int:
        """What the line comes to."""
        return self.unit_price_minor * self.quantity


@dataclass(frozen=True, slots=True)
class Record:
    """The stored truth of one order.

    `amount_paid_minor` is all that was paid, what was given back of it included. `paying` is the payment under way,
    one at a time. `taxed` has a line for each line, and what they come to. `refunded_at` is when the last of what was
    paid was given back.
    """

    tenant: Tenant
    id: str
    version: int
    sequence: int
    status: Status
    customer_id: str
    currency: str
    lines: tuple[OrderedLine, ...]
    taxed: Taxed
    created_at: str
    updated_at: str
    billing_type: BillingType = "one_time"
    amount_paid_minor: int = 0
    amount_refunded_minor: int = 0
    paying: str | None = None
    last_error: Mapping[str, str] | None = None
    notes: str | None = None
    metadata: Mapping[str, Any] = field(default_factory=dict)
    paid_at: str | None = None
    canceled_at: str | None = None
    fulfilled_at: str | None = None
    refunded_at: str | None = None
    expires_at: str | None = None
    request_id: str | None = None
    idempotency_key: str | None = None

    @property
    def total_minor(self) -> int:
        """What it costs, with tax."""
        return self.taxed.total_minor

    @property
    def amount_due_minor(self) -> int:
        """What can still be paid: what was given back is not asked for again."""
        if self.status in ("canceled", "refunded"):
            return 0
        return max(self.total_minor - self.amount_paid_minor, 0)

    @property
    def faceted(self) -> facets.Faceted:
        """By what it is found in lists."""
        shared = facets.every_facet(customer=self.customer_id, status=self.status)
        return facets.Faceted(self.tenant, KIND, self.id, self.sequence, shared)

    @property
    def due(self) -> due.Due | None:
        """When it is to be canceled, while nothing has been paid and nothing is being paid."""
        if self.expires_at is None or self.status != "pending" or self.fulfilled_at or self.paying:
            return None
        return due.Due(self.tenant, KIND, self.id, due_second(self.expires_at))

    def to_item(self) -> Item:
        """Return the item."""
        keys = Keys(self.tenant)
        return {
            **keys.entity(KIND, self.id),
            "entity": KIND,
            "merchant_id": self.tenant.merchant_id,
            "livemode": self.tenant.livemode,
            "list": keys.listing(KIND),
            "lines": [asdict(each) for each in self.lines],
            "taxed": self.taxed.to_item(),
            "last_error": dict(self.last_error) if self.last_error else None,
            "metadata": to_json(self.metadata),
            **{name: getattr(self, name) for name in _PLAIN},
        }

    @classmethod
    def from_item(cls, item: Item) -> "Record":
        """Return the record that `to_item` wrote."""
        return cls(
            tenant=Tenant(item["merchant_id"], item["livemode"]),
            lines=tuple(OrderedLine(**each) for each in item["lines"]),
            taxed=Taxed.from_item(item["taxed"]),
            last_error=item.get("last_error"),
            metadata=json.loads(item.get("metadata", "{}")),
            **{name: item[name] for name in _PLAIN if name in item},
        )

    def to_order(self) -> Order:
        """Return the order as the API answers it."""
        # Not validated again: it was when it came in, and a rule that grows stricter must not make it unreadable.
        values: dict[str, Any] = {
            "public_id": self.id,
            "fulfillment_status": "fulfilled" if self.fulfilled_at else "unfulfilled",
            "subtotal": self.taxed.subtotal_minor,
            "discount": 0,
            "tax": self.taxed.tax_minor,
            "total": self.total_minor,
            "amount_paid": self.amount_paid_minor,
            "amount_refunded": self.amount_refunded_minor,
            "amount_due": self.amount_due_minor,
            "line_items": self._lines(),
            "last_error": OrderError.model_construct(None, **self.last_error) if self.last_error else None,
            "metadata": dict(self.metadata),
            **{name: getattr(self, name) for name in _SHOWN},
        }
        return Order.model_construct(None, **values)

    def to_summary(self) -> OrderSummary:
        """Return the order as the list of its customer's shows it."""
        values: dict[str, Any] = {
            "public_id": self.id,
            "status": _IN_SUMMARY.get(self.status, self.status),
            "total_minor": self.total_minor,
            **{name: getattr(self, name) for name in _SHOWN_IN_SUMMARY},
        }
        return OrderSummary.model_construct(None, **values)

    def _lines(self) -> list[OrderLine]:
        shown: list[OrderLine] = []
        for ordered, taxed in zip(self.lines, self.taxed.lines, strict=True):
            values: dict[str, Any] = {
                "description": ordered.description,
                "unit_price": ordered.unit_price_minor,
                "quantity": ordered.quantity,
                "product_id": ordered.product_id,
                "amount": ordered.amount_minor,
                "tax": taxed.tax_minor,
                "tax_label": taxed.tax_label,
                "tax_percentage": taxed.tax_percentage,
                "tax_inclusive": taxed.inclusive,
                "tax_reason": taxed.tax_reason,
            }
            shown.append(OrderLine.model_construct(None, **values))
        return shown


_PLAIN = (
    "id",
    "version",
    "sequence",
    "status",
    "customer_id",
    "currency",
    "created_at",
    "updated_at",
    "billing_type",
    "amount_paid_minor",
    "amount_refunded_minor",
    "paying",
    "notes",
    "paid_at",
    "canceled_at",
    "fulfilled_at",
    "refunded_at",
    "expires_at",
    "request_id",
    "idempotency_key",
)
"""Fields that are kept as they are."""

_SHOWN = (
    "id",
    "customer_id",
    "status",
    "billing_type",
    "currency",
    "notes",
    "created_at",
    "updated_at",
    "paid_at",
    "canceled_at",
    "fulfilled_at",
    "expires_at",
    "version",
)
_SHOWN_IN_SUMMARY = ("id", "customer_id", "currency", "fulfilled_at", "canceled_at", "created_at", "updated_at")

_IN_SUMMARY: Mapping[Status, SummaryStatus] = {
    "draft": "pending",
    "partially_paid": "pending",
    "refunded": "canceled",
}
"""The contract's list of a customer's orders has four states; these are the nearest for the others."""


def key_of(tenant: Tenant, order_id: str) -> Key:
    """Return the key of an order."""
    return Keys(tenant).entity(KIND, order_id)


def put(transaction: Transaction, before: Record | None, after: Record) -> Transaction:
    """Add an order's new state to a transaction, with the rows by which it is found; nothing if it is the same."""
    facets.put(transaction, before, after)
    return due.follow(transaction, before.due if before else None, after.due)
