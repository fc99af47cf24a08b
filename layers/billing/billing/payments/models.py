"""Payments, and the charges among them, as the API takes and answers them (contract §F)."""

from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field, StrictBool, StrictInt

from billing.text import Currency, Line, Metadata, Notes, Trimmed
from billing.wire import Body, PageQuery, Resource

type ChargeStatus = Literal["pending", "processing", "succeeded", "failed", "refunded", "partially_refunded", "voided"]
type PaymentStatus = Literal["pending", "authorized", "captured", "failed", "voided", "refunded"]
type ExternalMethod = Literal["cash", "check", "bank_transfer", "other"]

LARGEST_AMOUNT_MINOR = 99_999_999_999
"""A sum of money has at most eleven digits of minor units."""

type Amount = Annotated[StrictInt, Field(ge=1, le=LARGEST_AMOUNT_MINOR)]
"""A sum of money in the currency's minor units, more than nothing."""


class NewCharge(Body):
    """A charge of a customer's payment method."""

    customer_id: str
    amount_minor: Amount = Field(description="In minor units of the currency.")
    description: Annotated[Line, Trimmed] = Field(description="What it is for.")
    currency: Annotated[Currency | None, Trimmed] = Field(None, description="The customer's, if left out; else USD.")
    payment_method_id: str | None = Field(None, description="One of the customer's; the default, if left out.")
    capture: StrictBool = Field(True, description="False only holds the money, until it is captured or voided.")
    statement_descriptor: Annotated[str, Field(min_length=1, max_length=22)] | None = None
    send_receipt: StrictBool | None = Field(None, description="Whether the customer is sent a receipt.")
    idempotency_key: str | None = Field(
        None, min_length=1, max_length=255, description="The same as the header, which wins."
    )
    metadata: Metadata | None = None


class Capture(Body):
    """How much of the held money to take."""

    amount_minor: Amount | None = Field(None, description="All of it, if left out; the rest is let go.")


class NewRefund(Body):
    """How much to give back, and why."""

    amount_minor: Amount | None = Field(None, description="All that is left, if left out.")
    reason: Annotated[Notes | None, Trimmed] = None


class ListCharges(PageQuery):
    """Which charges, and which page of them; all filters hold at once."""

    customer_id: str | None = None
    status: ChargeStatus | None = None
    created_gte: int | None = Field(None, ge=0, le=10**11, description="Not before this moment, in Unix seconds.")
    created_lte: int | None = Field(None, ge=0, le=10**11, description="Not after this moment, in Unix seconds.")


class ListPayments(PageQuery):
    """Which payments, and which page of them; all filters hold at once."""

    customer_id: str | None = None
    status: PaymentStatus | None = None


class Refund(Resource):
    """Money that is given back."""

    id: str = Field(description="`re_` and 32 hex digits.")
    object: Literal["refund"] = "refund"
    payment_id: str
    charge_id: str
    customer_id: str
    invoice_id: str | None = None
    amount_minor: int
    currency: str
    status: Literal["pending", "succeeded", "failed"]
    reason: str | None = None
    created_at: str

    both_spellings: ClassVar[bool] = True


class Dispute(Resource):
    """What the payer's bank says against a payment."""

    id: str = Field(description="The gateway's own id.")
    object: Literal["dispute"] = "dispute"
    payment_id: str
    charge_id: str
    customer_id: str
    amount_minor: int
    currency: str
    status: str = Field(description="`needs_response`, `under_review`, `won`, `lost`, as the gateway says it.")
    reason: str | None = None
    created_at: str
    closed_at: str | None = None


class Payment(Resource):
    """Money that a customer has paid, or was to pay."""

    id: str = Field(description="`pay_` and 32 hex digits.")
    object: Literal["payment"] = "payment"
    charge_id: str | None = Field(None, description="The same as a charge; null if no gateway was asked.")
    invoice_id: str | None = None
    order_id: str | None = None
    subscription_id: str | None = None
    customer_id: str
    status: PaymentStatus
    currency: str
    amount: int = Field(description="In minor units.")
    amount_minor: int = Field(description="The same as `amount`.")
    amount_captured_minor: int
    amount_refunded_minor: int
    method: str = Field(description="`card`, `us_bank_account`, or how it was paid outside: `cash`, `check`, …")
    payment_method_id: str | None = None
    payment_method_type: str | None = None
    gateway: str | None = None
    gateway_transaction_id: str | None = None
    reference: str | None = None
    notes: str | None = None
    description: str | None = None
    failure_code: str | None = None
    decline_code: str | None = None
    failure_message: str | None = None
    next_action: dict[str, Any] | None = Field(None, description="What the payer must do, as the gateway says it.")
    refunds: list[Refund]
    dispute: Dispute | None = None
    metadata: dict[str, Any]
    paid_at: str | None = Field(None, description="When it was paid, as recorded by hand.")
    created_at: str
    updated_at: str

    both_spellings: ClassVar[bool] = False
    envelope: ClassVar[str | None] = None
    nulls: ClassVar[frozenset[str]] = frozenset(
        {"invoice_id", "order_id", "subscription_id", "payment_method_id", "charge_id"}
    )


class Charge(Resource):
    """A payment that a gateway makes."""

    id: str = Field(description="`ch_` and 32 hex digits.")
    object: Literal["charge"] = "charge"
    payment_id: str = Field(description="The payment that it is: the same digits.")
    merchant_id: str
    customer_id: str
    invoice_id: str | None = None
    order_id: str | None = None
    subscription_id: str | None = None
    payment_method_id: str | None = None
    amount_minor: int
    amount_captured_minor: int
    amount_refunded_minor: int
    currency: str
    status: ChargeStatus
    description: str
    statement_descriptor: str | None = None
    failure_code: str | None = None
    failure_message: str | None = None
    gateway: str | None = None
    gateway_transaction_id: str | None = None
    receipt_url: str | None = None
    captured: bool
    next_action: dict[str, Any] | None = None
    refunds: list[Refund]
    dispute: Dispute | None = None
    metadata: dict[str, Any] | None = None
    created_at: str
    updated_at: str
