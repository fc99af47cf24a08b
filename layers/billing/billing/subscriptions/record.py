"""A subscription as it is kept, and its conversions."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from billing.subscriptions.models import (
    CollectionMethod,
    Dunning,
    EndStrategy,
    PauseBehavior,
    ProrationMode,
    Status,
    Subscription,
    SubscriptionSummary,
)
from billing.subscriptions.periods import Cadence, Interval
from billing.table import Item, Key, Keys, Transaction, due, facets, to_json
from billing.tenancy import Tenant
from billing.times import due_second

KIND = "subscription"

OVER: frozenset[Status] = frozenset({"canceled", "expired"})
"""States that nothing leads out of."""


@dataclass(frozen=True, slots=True)
class Record:
    """The stored truth of one subscription. Its instants are whole seconds, as finely as what is due is looked at.

    `anchor` is what all periods are counted from, and `anchor_day` the day of the month that is wanted for it.
    `cycle` counts the periods that have begun, but for a first one that is cut short. While it is `trialing` the
    current period is the time until the first paid one begins. `owed_minor` is what the current period costs, until it
    is billed; `carried_minor` is to be billed with the next one. `due_at` is when something is to be done next.
    """

    tenant: Tenant
    id: str
    version: int
    sequence: int
    status: Status
    customer_id: str
    amount_minor: int
    currency: str
    interval: Interval
    interval_count: int
    time_zone: str
    anchor: str
    current_period_start: str
    current_period_end: str
    created_at: str
    updated_at: str
    quantity: int = 1
    cycle: int = 0
    business_id: str | None = None
    product_id: str | None = None
    price_id: str | None = None
    plan_id: str | None = None
    payment_method_id: str | None = None
    description: str | None = None
    anchor_day: int | None = None
    proration_mode: ProrationMode = "immediate"
    owed_minor: int | None = None
    carried_minor: int = 0
    start_at: str | None = None
    started_at: str | None = None
    trial_end: str | None = None
    trial_reminder_at: str | None = None
    cancel_at_period_end: bool = False
    canceled_at: str | None = None
    cancellation_reason: str | None = None
    ended_at: str | None = None
    pause_at_period_end: bool = False
    paused_at: str | None = None
    pause_behavior: PauseBehavior | None = None
    resumes_at: str | None = None
    billing_max_cycles: int | None = None
    billing_ends_at: str | None = None
    collection_method: CollectionMethod = "charge_automatically"
    days_until_due: int | None = None
    latest_invoice_id: str | None = None
    dunning_since: str | None = None
    retry_count: int = 0
    next_retry_at: str | None = None
    total_retries: int = 0
    due_at: str | None = None
    metadata: Mapping[str, Any] = field(default_factory=dict)
    request_id: str | None = None
    idempotency_key: str | None = None

    @property
    def is_over(self) -> bool:
        """Whether nothing can happen to it any more."""
        return self.status in OVER

    @property
    def cancel_at(self) -> str | None:
        """When it is going to be canceled."""
        return self.current_period_end if self.cancel_at_period_end and not self.is_over else None

    @property
    def billing_end_strategy(self) -> EndStrategy:
        """How its end is agreed on."""
        if self.billing_max_cycles is not None:
            return "after_cycles"
        return "indefinite" if self.billing_ends_at is None else "on_date"

    @property
    def cadence(self) -> Cadence:
        """Where its periods begin."""
        anchor = datetime.fromisoformat(self.anchor)
        return Cadence(anchor, self.interval, self.interval_count, self.time_zone, self.anchor_day)

    @property
    def faceted(self) -> facets.Faceted:
        """By what it is found in lists, and by a deletion of its customer."""
        shared = facets.every_facet(customer=self.customer_id, status=self.status)
        live = () if self.is_over else (live_facet(self.customer_id),)
        return facets.Faceted(self.tenant, KIND, self.id, self.sequence, {*shared, *live})

    @property
    def due(self) -> due.Due | None:
        """When something is to be done about it."""
        return due.Due(self.tenant, KIND, self.id, due_second(self.due_at)) if self.due_at else None

    def to_item(self) -> Item:
        """Return the item. Metadata is kept as JSON text, so that every number comes back as it went in."""
        keys = Keys(self.tenant)
        return {
            **keys.entity(KIND, self.id),
            "entity": KIND,
            "merchant_id": self.tenant.merchant_id,
            "livemode": self.tenant.livemode,
            "list": keys.listing(KIND),
            "metadata": to_json(self.metadata),
            **{name: getattr(self, name) for name in _PLAIN},
        }

    @classmethod
    def from_item(cls, item: Item) -> "Record":
        """Return the record that `to_item` wrote."""
        return cls(
            tenant=Tenant(item["merchant_id"], item["livemode"]),
            metadata=json.loads(item.get("metadata", "{}")),
            **{name: item[name] for name in _PLAIN if name in item},
        )

    def to_subscription(self, moment: datetime | None = None) -> Subscription:
        """Return the subscription as the API answers it.

        `moment` is what the days in dunning are counted to; without it, the last change, which is what an event
        wants: it must read the same however late it is made.
        """
        values: dict[str, Any] = {
            "merchant_id": self.tenant.merchant_id,
            "billing_interval": self.interval,
            "billing_anchor_day": self.anchor_day,
            "start_date": self.start_at,
            "billing_ends_on": self.billing_ends_at,
            "billing_cycle_count": self.cycle,
            "dunning": self._dunning(moment or datetime.fromisoformat(self.updated_at)),
            "metadata": dict(self.metadata) or None,
            **{name: getattr(self, name) for name in _SHOWN},
        }
        # Not validated again: it was when it came in, and a rule that grows stricter must not make it unreadable.
        return Subscription.model_construct(None, **values)

    def to_summary(self) -> SubscriptionSummary:
        """Return the subscription as its customer's list shows it."""
        values: dict[str, Any] = {
            "status": "canceled" if self.status == "expired" else self.status,
            **{name: getattr(self, name) for name in SubscriptionSummary.model_fields if name != "status"},
        }
        return SubscriptionSummary.model_construct(None, **values)

    def _dunning(self, moment: datetime) -> Dunning:
        since = None if self.is_over else self.dunning_since
        if since is None:
            return Dunning.model_construct(
                None,
                is_in_dunning=False,
                phase=None,
                phase_label=None,
                phase_severity=None,
                retry_count=0,
                total_possible_retries=0,
                next_retry_at=None,
                days_in_dunning=0,
                access_restricted=False,
            )
        phase, label, severity = _phase(self)
        return Dunning.model_construct(
            None,
            is_in_dunning=True,
            phase=phase,
            phase_label=label,
            phase_severity=severity,
            retry_count=self.retry_count,
            total_possible_retries=self.total_retries,
            next_retry_at=self.next_retry_at,
            days_in_dunning=max((moment - datetime.fromisoformat(since)).days, 0),
            access_restricted=self.next_retry_at is None,
        )


_PLAIN = tuple(name for name in Record.__dataclass_fields__ if name not in ("tenant", "metadata"))
"""Fields that are kept as they are."""

_SHOWN = (
    "id",
    "version",
    "status",
    "customer_id",
    "business_id",
    "product_id",
    "price_id",
    "plan_id",
    "payment_method_id",
    "description",
    "quantity",
    "amount_minor",
    "currency",
    "interval",
    "interval_count",
    "time_zone",
    "current_period_start",
    "current_period_end",
    "started_at",
    "trial_end",
    "cancel_at_period_end",
    "cancel_at",
    "canceled_at",
    "cancellation_reason",
    "ended_at",
    "pause_at_period_end",
    "paused_at",
    "pause_behavior",
    "resumes_at",
    "billing_end_strategy",
    "billing_max_cycles",
    "collection_method",
    "days_until_due",
    "latest_invoice_id",
    "created_at",
    "updated_at",
)
"""Fields that are shown as they are."""


def key_of(tenant: Tenant, subscription_id: str) -> Key:
    """Return the key of a subscription."""
    return Keys(tenant).entity(KIND, subscription_id)


def live_facet(customer_id: str) -> str:
    """Return the facet of a customer's subscriptions that are not over."""
    return facets.facet(customer=customer_id, live="yes") or ""


def put(transaction: Transaction, before: Record | None, after: Record) -> Transaction:
    """Add a subscription's new state to a transaction, with the rows that find it; nothing if it is the same."""
    facets.put(transaction, before, after)
    return due.follow(transaction, before.due if before else None, after.due)


def _phase(record: Record) -> tuple[int, str, Literal["info", "warning", "critical"]]:
    if record.next_retry_at is None:
        return 3, "Payment failed for good", "critical"
    if record.retry_count >= record.total_retries:
        return 3, "Last attempt to come", "critical"
    return (1, "Payment failed", "info") if record.retry_count <= 1 else (2, "Payment failed again", "warning")
