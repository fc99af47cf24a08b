"""What is asked of payments (contract §F). Apart from what is answered, which many more functions import."""

from typing import Annotated, Literal

from pydantic import AfterValidator, Field, StrictBool
from pydantic_core import PydanticCustomError

from billing.payments.models import Amount, CancellationReason, ChargeStatus, IntentStatus, PaymentStatus
from billing.text import Currency, Email, Line, Metadata, Notes, ReturnUrl, Trimmed
from billing.wire import Body, PageQuery

type Descriptor = Annotated[str, Field(min_length=1, max_length=22)]
"""What stands on the payer's bank statement."""

type Seconds = Annotated[int, Field(ge=0, le=10**11)]
"""A moment in Unix seconds."""


def _only_one_account(text: str | None) -> None:
    if text is not None:
        raise PydanticCustomError("account", "is not supported: leave it out, there is one account for each mode")


class NewCharge(Body):
    """A charge of a customer's payment method."""

    customer_id: str
    amount_minor: Amount = Field(description="In minor units of the currency.")
    description: Annotated[Line, Trimmed] = Field(description="What it is for.")
    currency: Annotated[Currency | None, Trimmed] = Field(None, description="The customer's, if left out; else USD.")
    payment_method_id: str | None = Field(None, description="One of the customer's; the default, if left out.")
    capture: StrictBool = Field(True, description="False only holds the money, until it is captured or voided.")
    statement_descriptor: Descriptor | None = None
    send_receipt: StrictBool | None = Field(
        None, description="Whether the customer is mailed a receipt once it is paid."
    )
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


class NewPaymentIntent(Body):
    """A payment that is meant to be made: nothing is charged before it is confirmed."""

    amount: Amount = Field(description="In minor units of the currency.")
    customer: str = Field(description="The id of the customer who pays.")
    currency: Annotated[Currency | None, Trimmed] = Field(None, description="The customer's, if left out; else USD.")
    payment_method: str | None = Field(None, description="One of the customer's; can be named when it is confirmed.")
    capture_method: Literal["automatic", "manual"] = Field(
        "automatic", description="`manual` only holds the money, until it is captured or let go."
    )
    description: Annotated[Line | None, Trimmed] = None
    receipt_email: Annotated[Email | None, Trimmed] = Field(
        None, description="Where a receipt is mailed once it is paid; none is, if left out."
    )
    statement_descriptor: Descriptor | None = None
    statement_descriptor_suffix: Descriptor | None = Field(None, description="For cards, and wins over the other.")
    gateway_merchant_id: Annotated[str | None, AfterValidator(_only_one_account)] = Field(
        None, description="Not supported: there is one account at the gateway for each mode."
    )
    metadata: Metadata | None = None


class IntentConfirmation(Body):
    """With what a payment intent is confirmed."""

    payment_method: str | None = Field(
        None, description="One of the customer's; if left out the intent's own, else the customer's default."
    )
    return_url: ReturnUrl | None = Field(None, description="Where the payer comes back to after an action.")


class IntentCapture(Body):
    """How much of the held money to take."""

    amount_to_capture: Amount | None = Field(None, description="All of it, if left out; the rest is let go.")


class IntentCancellation(Body):
    """Why a payment intent is given up."""

    cancellation_reason: CancellationReason | None = None


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
