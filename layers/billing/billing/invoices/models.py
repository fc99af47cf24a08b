"""Invoices as the API takes and answers them (contract §F)."""

from datetime import date, datetime
from typing import Annotated, Any, ClassVar, Literal, Self

from pydantic import AfterValidator, Field, StrictBool, StrictInt, model_validator
from pydantic_core import PydanticCustomError

from billing.ids import parse_id
from billing.payments.models import LARGEST_AMOUNT_MINOR, Amount, ExternalMethod
from billing.text import Currency, Email, Line, Metadata, Moment, Notes, Trimmed, Word, folded_email, no_card_number
from billing.wire import Body, PageQuery, Resource

type Status = Literal["draft", "open", "sent", "partially_paid", "paid", "overdue", "voided"]
type StatusFilter = Literal["draft", "open", "sent", "partially_paid", "paid", "overdue", "voided", "void", "partial"]
type BillingReason = Literal["manual", "subscription_create", "subscription_cycle"]
type AllowedMethod = Literal["card", "direct_debit", "pay_by_bank", "in_store"]
type Channel = Literal["email", "sms", "whatsapp"]
type TaxReason = Literal["standard", "reverse_charge", "exempt", "no_rate"]

MOST_LINES = 100
LARGEST_QUANTITY = 1_000_000
OLD_NAMES: dict[str, Status] = {"void": "voided", "partial": "partially_paid"}
"""What some documents call a status."""

type Total = Annotated[StrictInt, Field(ge=0, le=LARGEST_AMOUNT_MINOR)]
type InvoiceNumber = Annotated[
    str,
    Field(min_length=1, max_length=64, pattern=r"^[\x21-\x7e]([\x20-\x7e]*[\x21-\x7e])?$"),
    AfterValidator(no_card_number),
]

_YEARS = range(1970, 3000)


def _day(text: str) -> str:
    try:
        day = date.fromisoformat(text) if len(text) <= 10 else datetime.fromisoformat(text).date()
    except ValueError as error:
        raise PydanticCustomError("day", "must be a day, e.g. 2026-01-31") from error
    if day.year not in _YEARS:
        raise PydanticCustomError("day", "must be a day between 1970 and 2999")
    return day.isoformat()


type Day = Annotated[str, Field(max_length=40, json_schema_extra={"examples": ["2026-01-31"]}), AfterValidator(_day)]
"""A day; of a moment only its day counts."""


class SubscriptionTerms(Body):
    """How a subscription that goes with an invoice is to run. Kept and answered as it is given."""

    collection_method: Literal["charge_automatically", "send_invoice"]
    start_mode: Literal["when_paid", "on_invoice_date", "first_of_next_month", "specific_date"]
    start_date: Day | None = None
    duration_type: Literal["until_cancelled", "fixed_cycles", "end_date"]
    duration_count: Annotated[StrictInt, Field(ge=1, le=10_000)] | None = None
    end_date: Day | None = None
    first_payment_behavior: Literal["charge_first_cycle_now", "defer_first_cycle_to_start_date"]


class NewLine(Body):
    """One thing that is charged for, or a discount."""

    description: Annotated[Line, Trimmed]
    amount_minor: Annotated[StrictInt, Field(ge=-LARGEST_AMOUNT_MINOR, le=LARGEST_AMOUNT_MINOR)] = Field(
        description="Of one, in minor units; negative for a discount."
    )
    quantity: Annotated[StrictInt, Field(ge=1, le=LARGEST_QUANTITY)] = 1
    tax_exempt: StrictBool = Field(False, description="Whether no tax is due on it.")


class InvoiceFields(Body):
    """What may be set on a draft."""

    invoice_number: InvoiceNumber | None = Field(
        None, description="A number of your own, outside the series; the next of the series, if left out."
    )
    total_minor: Total | None = Field(None, description="The whole of it, in minor units; no lines and no tax then.")
    line_items: Annotated[list[NewLine], Field(min_length=1, max_length=MOST_LINES)] | None = None
    currency: Annotated[Currency | None, Trimmed] = Field(
        None, description="The customer's, if left out; else the one of the billing settings."
    )
    due_date: Day | None = Field(None, description="As the billing settings say, if left out.")
    memo: Annotated[Notes | None, Trimmed] = None
    footer: Annotated[Notes | None, Trimmed] = None
    custom_fields: Metadata | None = None
    metadata: Metadata | None = None
    allowed_methods: list[AllowedMethod] | None = None
    subscription_terms: SubscriptionTerms | None = None
    business_id: str | None = Field(None, description="The business that is billed: its address and tax identifier.")
    payment_method_id: str | None = Field(None, description="What it is collected with; the default, if left out.")
    auto_charge: StrictBool | None = Field(None, description="Whether it is collected by itself once it is open.")

    @model_validator(mode="after")
    def _one_sum(self) -> Self:
        if self.total_minor is not None and self.line_items is not None:
            raise PydanticCustomError("two_sums", "and total_minor exclude each other", {"param": "line_items"})
        return self


class NewInvoice(InvoiceFields):
    """An invoice to make; the customer by its id, or by an e-mail which makes one if nobody has it."""

    customer_id: str | None = None
    customer_uuid: str | None = Field(None, description="The same as `customer_id`.")
    customer_email: Annotated[Email | None, Trimmed] = None
    email: Annotated[Email | None, Trimmed] = Field(None, description="The same as `customer_email`.")
    customer_name: Annotated[Line | None, Trimmed] = Field(None, description="For a customer who is new.")
    status: Literal["draft", "open"] = Field("draft", description="`open` finalizes it at once.")
    external_source: Annotated[Word | None, Trimmed] = None
    external_type: Annotated[Word | None, Trimmed] = None
    external_id: Annotated[Line | None, Trimmed] = None

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if self.total_minor is None and self.line_items is None:
            raise PydanticCustomError("no_sum", "or line_items is required", {"param": "total_minor"})
        named = {parse_id("cus", each) or each for each in (self.customer_id, self.customer_uuid) if each}
        mailed = {folded_email(each) for each in (self.customer_email, self.email) if each}
        if not named and not mailed:
            raise PydanticCustomError("no_customer", "or customer_email is required", {"param": "customer_id"})
        if len(named) + len(mailed) > 1:
            raise PydanticCustomError("two_customers", "is given more than once", {"param": "customer_id"})
        return self

    @property
    def customer(self) -> str | None:
        """The customer's id, in any spelling."""
        return self.customer_id or self.customer_uuid

    @property
    def address(self) -> str | None:
        """The customer's e-mail."""
        return self.customer_email or self.email


class InvoiceChanges(InvoiceFields):
    """Changes; once it is open only `due_date`, `memo`, `custom_fields` and `metadata`. Left out stays, null clears."""

    status: Literal["open", "sent", "voided", "void"] | None = Field(
        None, description="The same as to finalize, to send or to void it."
    )


class Finalization(Body):
    """Whether an invoice is collected by itself from now on."""

    auto_advance: StrictBool | None = Field(None, description="True charges the default payment method.")


class Sending(Body):
    """How an invoice is sent."""

    channel: Channel = "email"
    template_id: str | None = Field(
        None, max_length=100, description="Taken because the official clients send it: our mail has one form."
    )


class Voiding(Body):
    """Why an invoice is not to be paid."""

    reason: Annotated[Annotated[Notes, Field(max_length=500)] | None, Trimmed] = None


class InvoicePayment(Body):
    """A payment: recorded by hand with `payment_method`, else charged."""

    amount_minor: Amount | None = Field(None, description="All that is due, if left out.")
    payment_method: ExternalMethod | None = Field(None, description="How it was received elsewhere.")
    reference: Annotated[Line | None, Trimmed] = Field(None, description="E.g. of the bank transfer.")
    notes: Annotated[Notes | None, Trimmed] = None
    paid_at: Moment | None = Field(None, description="When it was received; now, if left out.")
    payment_method_id: str | None = Field(None, description="What to charge; the default, if left out.")

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        if self.payment_method and self.payment_method_id:
            raise PydanticCustomError(
                "two_ways", "and payment_method exclude each other", {"param": "payment_method_id"}
            )
        if not self.payment_method:
            for name in ("reference", "notes", "paid_at"):
                if getattr(self, name) is not None:
                    raise PydanticCustomError("no_record", "goes with payment_method only", {"param": name})
        return self


class ListInvoices(PageQuery):
    """Which invoices, and which page of them; all filters hold at once."""

    customer_id: str | None = None
    status: StatusFilter | None = None


class InvoiceLine(Resource):
    """One thing that is charged for, with the tax that it bears."""

    description: str
    amount_minor: int = Field(description="Of one.")
    quantity: int
    total_minor: int = Field(description="Of all of them.")
    tax_minor: int = Field(description="On top of the total, or within it if `tax_inclusive`.")
    tax_label: str | None = None
    tax_percentage: str
    tax_inclusive: bool
    tax_reason: TaxReason
    period_start: str | None = None
    period_end: str | None = None

    both_spellings: ClassVar[bool] = False


class TaxSummary(Resource):
    """All lines of one rate together."""

    label: str | None = None
    percentage: str
    reason: TaxReason
    net_minor: int
    tax_minor: int

    both_spellings: ClassVar[bool] = False


class PaymentError(Resource):
    """Why the last attempt to collect has failed."""

    code: str
    message: str
    decline_code: str | None = None

    both_spellings: ClassVar[bool] = False


class Invoice(Resource):
    """An invoice. Amounts are in minor units of its currency."""

    id: str = Field(description="`inv_` and 32 hex digits.")
    object: Literal["invoice"] = "invoice"
    customer_uuid: str = Field(description="The customer.")
    customer_id: str = Field(description="The same.")
    invoice_number: str | None = Field(None, description="Null until it is finalized, unless it is one of your own.")
    status: Status
    currency: str
    subtotal_minor: int
    tax_minor: int
    discount_minor: int = Field(description="What negative lines take away; it is in the subtotal.")
    total_minor: int
    amount_paid_minor: int
    amount_due_minor: int
    amount_refunded_minor: int
    due_date: str | None = None
    line_items: list[InvoiceLine]
    taxes: list[TaxSummary]
    tax_note: str | None = Field(None, description="What the law wants said, e.g. of reverse charge.")
    bill_to: dict[str, Any] | None = Field(None, description="Whom it bills, as it was when it was finalized.")
    memo: str | None = None
    footer: str | None = None
    custom_fields: dict[str, Any]
    metadata: dict[str, Any]
    allowed_methods: list[str] | None = None
    subscription_terms: dict[str, Any] | None = None
    external_source: str | None = None
    external_type: str | None = None
    external_id: str | None = None
    subscription_id: str | None = None
    business_id: str | None = None
    payment_method_id: str | None = None
    period_start: str | None = None
    period_end: str | None = None
    billing_reason: BillingReason
    auto_charge: bool
    attempt_count: int
    next_attempt_at: str | None = None
    last_payment_error: PaymentError | None = None
    payment_in_progress: str | None = Field(None, description="The payment that is under way.")
    finalized_at: str | None = None
    sent_at: str | None = None
    channel: Channel | None = Field(None, description="How it was sent last.")
    paid_at: str | None = None
    voided_at: str | None = None
    void_reason: str | None = None
    version: int
    created_at: str
    updated_at: str

    both_spellings: ClassVar[bool] = False
    twins: ClassVar[frozenset[str]] = frozenset({"customer_id"})
    beside_request_id: ClassVar[bool] = True
    nulls: ClassVar[frozenset[str]] = frozenset(
        {
            "invoice_number",
            "due_date",
            "allowed_methods",
            "subscription_terms",
            "external_source",
            "external_type",
            "external_id",
            "subscription_id",
            "paid_at",
        }
    )

    @property
    def etag(self) -> str:
        """The entity tag of this version."""
        return f'"{self.version}"'


class InvoiceSummary(Resource):
    """An invoice among its customer's."""

    id: str
    customer_id: str
    invoice_number: str | None = None
    status: Status
    total_minor: int
    currency: str
    due_date: str | None = None
    created_at: str
    updated_at: str

    both_spellings: ClassVar[bool] = False


class DeletedInvoice(Resource):
    """That a draft is gone."""

    success: bool = True
    id: str
    object: Literal["invoice"] = "invoice"
    deleted: bool = True

    both_spellings: ClassVar[bool] = False
    envelope: ClassVar[str | None] = None
