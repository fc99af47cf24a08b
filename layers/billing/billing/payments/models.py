"""Payments, and the charges among them, as the API answers them (contract §F)."""

from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field, StrictInt

from billing.wire import Resource

type ChargeStatus = Literal["pending", "processing", "succeeded", "failed", "refunded", "partially_refunded", "voided"]
type PaymentStatus = Literal["pending", "authorized", "captured", "failed", "voided", "refunded"]
type IntentStatus = Literal[
    "requires_payment_method", "requires_confirmation", "requires_action", "processing", "succeeded", "canceled"
]
type CancellationReason = Literal["duplicate", "fraudulent", "requested_by_customer", "abandoned", "failed_invoice"]
type ExternalMethod = Literal["cash", "check", "bank_transfer", "other"]

LARGEST_AMOUNT_MINOR = 99_999_999_999
"""A sum of money has at most eleven digits of minor units."""

type Amount = Annotated[StrictInt, Field(ge=1, le=LARGEST_AMOUNT_MINOR)]
"""A sum of money in the currency's minor units, more than nothing."""


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


class PaymentSummary(Resource):
    """A payment among those of its customer."""

    id: str
    customer_id: str
    amount_minor: int
    currency: str
    status: PaymentStatus
    payment_method_type: str | None = None
    gateway_transaction_id: str | None = None
    created_at: str
    updated_at: str

    both_spellings: ClassVar[bool] = False


class IntentErrorMethod(Resource):
    """The payment method that was charged in vain."""

    id: str
    type: str

    both_spellings: ClassVar[bool] = False


class IntentError(Resource):
    """Why a payment has failed."""

    code: str
    message: str
    decline_code: str | None = None
    payment_method: IntentErrorMethod | None = None

    both_spellings: ClassVar[bool] = False


class PaymentIntent(Resource):
    """A payment that a gateway makes, as the contract's payment intent. Amounts are in minor units."""

    id: str = Field(description="`pi_` and 32 hex digits, those of the payment.")
    object: Literal["payment_intent"] = "payment_intent"
    amount: int
    amount_capturable: int = Field(description="What is held, and waits to be captured.")
    amount_received: int
    currency: str
    customer: str
    customer_id: str = Field(description="The same as `customer`.")
    description: str | None = None
    last_payment_error: IntentError | None = None
    metadata: dict[str, Any]
    next_action: dict[str, Any] | None = Field(None, description="What the payer must do, as the gateway says it.")
    payment_method: str | None = None
    receipt_email: str | None = None
    statement_descriptor: str | None = None
    statement_descriptor_suffix: str | None = None
    status: IntentStatus = Field(
        description="Money that is held is `processing`, and `amount_capturable` tells how much."
    )
    capture_method: Literal["automatic", "manual"]
    client_secret: str = Field(description="Empty: a payer's browser has nothing to do but to follow `next_action`.")
    canceled_at: str | None = None
    cancellation_reason: CancellationReason | None = None
    created: int = Field(description="Unix seconds.")
    livemode: bool

    both_spellings: ClassVar[bool] = False
    envelope: ClassVar[str | None] = None
    nulls: ClassVar[frozenset[str]] = frozenset(
        {
            "description",
            "last_payment_error",
            "next_action",
            "payment_method",
            "receipt_email",
            "statement_descriptor",
            "statement_descriptor_suffix",
            "canceled_at",
            "cancellation_reason",
        }
    )
