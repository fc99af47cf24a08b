"""Subscriptions as the API takes and answers them (contract §F)."""

from datetime import datetime
from typing import Annotated, Any, ClassVar, Literal, Self

from pydantic import AfterValidator, Field, StrictBool, StrictInt, model_validator
from pydantic_core import PydanticCustomError

from billing.subscriptions.periods import Interval
from billing.text import Currency, Line, Metadata, TimeZone, Trimmed, Word
from billing.times import iso
from billing.wire import Body, PageQuery, Resource

type Status = Literal["trialing", "active", "past_due", "paused", "canceled", "expired"]
type StatusFilter = Literal[
    "trialing", "active", "past_due", "paused", "canceled", "expired", "incomplete", "incomplete_expired"
]
type PauseBehavior = Literal["keep_as_draft", "mark_uncollectible", "void"]
type CollectionMethod = Literal["charge_automatically", "send_invoice"]
type EndStrategy = Literal["indefinite", "on_date", "after_cycles"]
type ProrationMode = Literal["immediate", "next_invoice", "none"]
type SummaryStatus = Literal["active", "canceled", "past_due", "trialing", "paused"]

LARGEST_PERIOD_MINOR = 9_999_999_999
"""What a period can cost: a tenth of the largest payment, so that with any tax it can still be paid at once."""
LARGEST_QUANTITY = 1_000_000
MOST_CYCLES = 10_000
LONGEST = {"day": 1096, "week": 156, "month": 36, "year": 3}
"""How many intervals a period can last: three years."""


def _date_or_instant(text: str) -> str:
    wrong = PydanticCustomError(
        "moment", "must be a date, e.g. 2026-01-15, or an instant with its offset, e.g. 2026-01-15T10:30:00Z"
    )
    try:
        moment = datetime.fromisoformat(text.strip())
        in_utc = iso(moment)
    except (ValueError, OverflowError) as error:
        raise wrong from error
    if len(text.strip()) == len("2026-01-15"):
        return moment.date().isoformat()
    if moment.tzinfo is None:
        raise wrong
    return in_utc


type Moment = Annotated[str, AfterValidator(_date_or_instant), Field(max_length=40)]
"""A date, which begins at its midnight in the subscription's time zone, or an instant."""

type UnitAmount = Annotated[StrictInt, Field(ge=0, le=LARGEST_PERIOD_MINOR)]
type Quantity = Annotated[StrictInt, Field(ge=1, le=LARGEST_QUANTITY)]
type Cycles = Annotated[StrictInt, Field(ge=1, le=MOST_CYCLES)]
type AnchorDay = Annotated[StrictInt, Field(ge=1, le=31)]
type DaysUntilDue = Annotated[StrictInt, Field(ge=0, le=365)]


class NewSubscription(Body):
    """A subscription to begin. There is no catalogue here: the price is said, and its ids are the merchant's own."""

    customer_id: str
    amount_minor: UnitAmount = Field(description="What one of `quantity` costs a period, in minor units.")
    billing_interval: Interval = "month"
    interval_count: Annotated[StrictInt, Field(ge=1)] = Field(
        1, description="How many intervals a period lasts; three years at most."
    )
    currency: Annotated[Currency | None, Trimmed] = Field(
        None, description="The customer's, if left out; else the one of the billing settings."
    )
    quantity: Quantity = 1
    description: Annotated[Line | None, Trimmed] = Field(None, description="Stands on its invoices.")
    product_id: Annotated[Word | None, Trimmed] = None
    price_id: Annotated[Word | None, Trimmed] = None
    plan_id: Annotated[Word | None, Trimmed] = None
    business_id: str | None = Field(None, description="A business that the customer is linked with.")
    payment_method_id: str | None = Field(None, description="One of the customer's; the default, if left out.")
    start_date: Moment | None = Field(None, description="When it begins, if not now; until then it is `trialing`.")
    trial_end: Moment | None = Field(None, description="Until when it is free.")
    trial_days: Annotated[StrictInt, Field(ge=1, le=1096)] | None = Field(
        None, description="For how many days it is free, from its start on; instead of `trial_end`."
    )
    billing_starts_on: Moment | None = Field(None, description="When the first paid period begins, if not at once.")
    billing_anchor_day: AnchorDay | None = Field(
        None, description="Day of the month on which periods begin; a month's last one, where it is too short."
    )
    proration_mode: ProrationMode = Field(
        "immediate",
        description="What a first period costs that `billing_anchor_day` makes short: its share at once, its share "
        "with the next period, or nothing.",
    )
    billing_end_strategy: EndStrategy | None = None
    billing_ends_on: Moment | None = Field(None, description="No period begins then or later.")
    billing_max_cycles: Cycles | None = Field(None, description="After how many periods it expires.")
    pause_at_period_end: StrictBool = False
    cancel_at_period_end: StrictBool = False
    collection_method: CollectionMethod = "charge_automatically"
    days_until_due: DaysUntilDue | None = Field(None, description="Of its invoices; if left out, the settings'.")
    time_zone: Annotated[TimeZone | None, Trimmed] = Field(
        None, description="In which its days are counted; the billing settings', if left out."
    )
    metadata: Metadata | None = None

    @model_validator(mode="after")
    def _agrees_with_itself(self) -> Self:
        if self.interval_count > LONGEST[self.billing_interval]:
            raise _wrong("interval_count", f"must be at most {LONGEST[self.billing_interval]} {self.billing_interval}s")
        if self.amount_minor * self.quantity > LARGEST_PERIOD_MINOR:
            raise _wrong("amount_minor", f"times quantity must be at most {LARGEST_PERIOD_MINOR}")
        if self.trial_end is not None and self.trial_days is not None:
            raise _wrong("trial_days", "and trial_end exclude each other")
        if self.billing_anchor_day is not None and self.billing_interval not in ("month", "year"):
            raise _wrong("billing_anchor_day", "is for intervals of months and years")
        check_end(self.billing_end_strategy, self.billing_ends_on, self.billing_max_cycles)
        return self


class SubscriptionChanges(Body):
    """Changes to a subscription: what is left out stays, null clears what can be without.

    A new amount or quantity holds from the next period on; nothing is charged or given back for the current one.
    """

    status: Status | None = Field(
        None, description="`canceled`, `paused` and `active` do what cancel, pause, and resume or reactivate do."
    )
    amount_minor: UnitAmount | None = None
    quantity: Quantity | None = None
    description: Annotated[Line | None, Trimmed] = None
    product_id: Annotated[Word | None, Trimmed] = None
    price_id: Annotated[Word | None, Trimmed] = None
    plan_id: Annotated[Word | None, Trimmed] = None
    payment_method_id: str | None = Field(None, description="One of the customer's; null means the default.")
    next_billing_date: Moment | None = Field(
        None, description="When the current period ends and the next begins, from which all later ones are counted."
    )
    billing_anchor_day: AnchorDay | None = Field(
        None, description="The current period is prolonged to this day of the month, where the next begins."
    )
    billing_end_strategy: EndStrategy | None = None
    billing_ends_on: Moment | None = Field(None, description="No period begins then or later.")
    billing_max_cycles: Cycles | None = Field(None, description="After how many periods it expires, all counted.")
    pause_at_period_end: StrictBool | None = None
    cancel_at_period_end: StrictBool | None = None
    collection_method: CollectionMethod | None = None
    days_until_due: DaysUntilDue | None = None
    metadata: Metadata | None = Field(None, description="Merged by key; null removes a key. At most 50 keys, 8 KB.")

    @model_validator(mode="after")
    def _agrees_with_itself(self) -> Self:
        for name in (
            "status",
            "amount_minor",
            "quantity",
            "next_billing_date",
            "billing_anchor_day",
            "pause_at_period_end",
            "cancel_at_period_end",
            "collection_method",
        ):
            if name in self.model_fields_set and getattr(self, name) is None:
                raise _wrong(name, "can't be removed")
        if self.next_billing_date is not None and self.billing_anchor_day is not None:
            raise _wrong("billing_anchor_day", "and next_billing_date exclude each other")
        check_end(self.billing_end_strategy, self.billing_ends_on, self.billing_max_cycles)
        return self


def check_end(strategy: EndStrategy | None, ends_on: str | None, max_cycles: int | None) -> None:
    """Hold what is said of a subscription's end against its strategy, if that is said too.

    Raises:
        PydanticCustomError: the strategy lacks what it needs, or something else is given.
    """
    if strategy == "on_date" and ends_on is None:
        raise _wrong("billing_ends_on", "is required when billing_end_strategy is on_date")
    if strategy == "after_cycles" and max_cycles is None:
        raise _wrong("billing_max_cycles", "is required when billing_end_strategy is after_cycles")
    if ends_on is not None and (max_cycles is not None or strategy not in (None, "on_date")):
        raise _wrong("billing_ends_on", "is for the billing_end_strategy on_date alone")
    if max_cycles is not None and strategy not in (None, "after_cycles"):
        raise _wrong("billing_max_cycles", "is for the billing_end_strategy after_cycles alone")


class SubscriptionCancellation(Body):
    """When a subscription is to end, and why."""

    mode: Literal["immediately", "period_end"]
    reason: Annotated[Annotated[Line, Field(max_length=255)] | None, Trimmed] = None


class Pause(Body):
    """How a subscription is paused, and until when."""

    behavior: PauseBehavior = Field(
        "void",
        description="`void` bills nothing; with the others periods go on, and their invoices are made as drafts, or "
        "made and voided as uncollectible.",
    )
    resumes_at: Moment | None = Field(None, description="When it resumes by itself.")


class ListSubscriptions(PageQuery):
    """Which subscriptions, and which page of them; both filters hold at once."""

    customer_id: str | None = None
    status: StatusFilter | None = Field(
        None, description="`incomplete` and `incomplete_expired` are taken and find nothing: no subscription is."
    )


class Dunning(Resource):
    """What is being done about a payment that has failed."""

    is_in_dunning: bool
    phase: int | None = Field(None, description="1 at first, 2 later, 3 at the last attempt and after it.")
    phase_label: str | None = None
    phase_severity: Literal["info", "warning", "critical"] | None = None
    retry_count: int = Field(description="How many attempts have failed.")
    total_possible_retries: int
    next_retry_at: str | None = None
    days_in_dunning: int
    access_restricted: bool = Field(description="Whether the last attempt has failed.")

    nulls: ClassVar[frozenset[str]] = frozenset({"phase", "phase_label", "phase_severity", "next_retry_at"})


class Subscription(Resource):
    """A subscription. Fields that are not set are left out."""

    id: str = Field(description="`sub_` and 32 hex digits.")
    object: Literal["subscription"] = "subscription"
    merchant_id: str
    customer_id: str
    business_id: str | None = None
    product_id: str | None = None
    price_id: str | None = None
    plan_id: str | None = None
    payment_method_id: str | None = None
    description: str | None = None
    status: Status
    quantity: int
    amount_minor: int = Field(description="What one of `quantity` costs a period, in minor units.")
    currency: str
    billing_interval: Interval
    interval: Interval = Field(description="The same as `billing_interval`.")
    interval_count: int
    time_zone: str
    billing_anchor_day: int | None = None
    current_period_start: str
    current_period_end: str
    start_date: str | None = Field(None, description="When it begins, if that is later than its creation.")
    started_at: str | None = Field(None, description="When the first paid period began.")
    trial_end: str | None = None
    cancel_at_period_end: bool
    cancel_at: str | None = Field(None, description="When it is going to be canceled.")
    canceled_at: str | None = Field(None, description="When it was canceled.")
    cancellation_reason: str | None = None
    ended_at: str | None = None
    pause_at_period_end: bool
    paused_at: str | None = None
    pause_behavior: PauseBehavior | None = None
    resumes_at: str | None = None
    billing_end_strategy: EndStrategy
    billing_ends_on: str | None = None
    billing_max_cycles: int | None = None
    billing_cycle_count: int = Field(description="How many periods have begun.")
    collection_method: CollectionMethod
    days_until_due: int | None = None
    latest_invoice_id: str | None = None
    dunning: Dunning
    metadata: dict[str, Any] | None = None
    created_at: str
    updated_at: str
    version: int = Field(exclude=True)

    @property
    def etag(self) -> str:
        """The entity tag of this version."""
        return f'"{self.version}"'


class SubscriptionSummary(Resource):
    """A subscription among those of its customer."""

    id: str
    customer_id: str
    price_id: str | None = None
    status: SummaryStatus = Field(description="What has expired is `canceled` here; the subscription itself says more.")
    current_period_start: str
    current_period_end: str
    cancel_at_period_end: bool
    canceled_at: str | None = None
    trial_end: str | None = None
    created_at: str
    updated_at: str

    both_spellings: ClassVar[bool] = False


class DeletedSubscription(Resource):
    """The answer to a deletion, which cancels."""

    success: Literal[True] = True

    envelope: ClassVar[str | None] = None


def _wrong(param: str, reason: str) -> PydanticCustomError:
    return PydanticCustomError("subscription", "{reason}", {"param": param, "reason": reason})
