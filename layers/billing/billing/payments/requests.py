"""What is asked of payments (contract §F). Apart from what is answered, which many more functions import."""

from typing import Annotated

from pydantic import Field, StrictBool

from billing.payments.models import Amount, ChargeStatus, IntentStatus, PaymentStatus
from billing.text import Currency, Line, Metadata, Notes, Trimmed
from billing.wire import Body, PageQuery

type Seconds = Annotated[int, Field(ge=0, le=10**11)]
"""A moment in Unix seconds."""


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
    created_gte: Seconds | None = Field(None, description="Not before this moment, in Unix seconds.")
    created_lte: Seconds | None = Field(None, description="Not after this moment, in Unix seconds.")


class ListPayments(PageQuery):
    """Which payments, and which page of them; all filters hold at once."""

    customer_id: str | None = None
    status: PaymentStatus | None = None


class ListPaymentIntents(PageQuery):
    """Which payment intents, and which page of them; all filters hold at once."""

    customer: str | None = None
    status: IntentStatus | None = None
    created_gte: Seconds | None = Field(None, description="Not before this moment, in Unix seconds.")
    created_lte: Seconds | None = Field(None, description="Not after this moment, in Unix seconds.")
