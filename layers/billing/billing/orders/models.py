"""Orders as the API takes and answers them (contract §F)."""

from typing import Annotated, Any, ClassVar, Literal, Self

from pydantic import Field, StrictInt, model_validator
from pydantic_core import PydanticCustomError

from billing.payments.models import LARGEST_AMOUNT_MINOR, Amount
from billing.text import Currency, Line, Metadata, Moment, Notes, Trimmed, Word
from billing.wire import Body, PageQuery, Resource

type Status = Literal["draft", "pending", "paid", "partially_paid", "refunded", "canceled", "fulfilled"]
type FulfillmentStatus = Literal["unfulfilled", "fulfilled"]
type BillingType = Literal["one_time", "recurring"]
type SummaryStatus = Literal["pending", "paid", "fulfilled", "canceled"]

MOST_LINES = 100
LARGEST_QUANTITY = 1_000_000


class NewOrderLine(Body):
    """One thing that is ordered, and how often."""

    description: Annotated[Line, Trimmed] = Field(description="What it is.")
    unit_price: Annotated[StrictInt, Field(ge=0, le=LARGEST_AMOUNT_MINOR)] = Field(
        description="Of one, in minor units of the currency."
    )
    quantity: Annotated[StrictInt, Field(ge=1, le=LARGEST_QUANTITY)] = 1
    product_id: Annotated[Word | None, Trimmed] = Field(None, description="The merchant's own name of the product.")


class NewOrder(Body):
    """An order to place."""

    customer_id: str
    currency: Annotated[Currency | None, Trimmed] = Field(
        None, description="The customer's, if left out; else the one of the billing settings."
    )
    line_items: Annotated[list[NewOrderLine], Field(min_length=1, max_length=MOST_LINES)]
    billing_type: BillingType = "one_time"
    notes: Annotated[Notes | None, Trimmed] = None
    metadata: Metadata | None = None
    expires_at: Moment | None = Field(
        None, description="When it is canceled unless it was paid, in part at least, or fulfilled."
    )


class OrderPayment(Body):
    """What an order is paid with; the customer's default payment method, if nothing is named."""

    payment_method_id: str | None = Field(None, description="One of the customer's.")
    payment_token: Annotated[str, Field(min_length=1, max_length=255)] | None = Field(
        None, description="A token of the gateway: a payment method that is not kept yet."
    )
    amount: Amount | None = Field(None, description="In minor units; all that is due, if left out.")

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        if self.payment_method_id and self.payment_token:
            raise PydanticCustomError(
                "two_ways", "and payment_method_id exclude each other", {"param": "payment_token"}
            )
        return self


class ListOrders(PageQuery):
    """Which orders, and which page of them; all filters hold at once."""

    customer_id: str | None = None
    status: Status | None = None


class OrderLine(Resource):
    """One thing that was ordered, with the tax that it bears."""

    description: str
    unit_price: int
    quantity: int
    product_id: str | None = None
    amount: int = Field(description="Unit price times quantity.")
    tax: int = Field(description="On top of the amount, or within it if `tax_inclusive`.")
    tax_label: str | None = None
    tax_percentage: str
    tax_inclusive: bool
    tax_reason: Literal["standard", "reverse_charge", "exempt", "no_rate"]

    both_spellings: ClassVar[bool] = False
    nulls: ClassVar[frozenset[str]] = frozenset({"product_id"})


class OrderError(Resource):
    """Why the last payment of an order has failed."""

    code: str
    message: str
    decline_code: str | None = None

    both_spellings: ClassVar[bool] = False
    nulls: ClassVar[frozenset[str]] = frozenset({"decline_code"})


class Order(Resource):
    """An order. Amounts are in minor units of its currency."""

    id: str = Field(description="`ord_` and 32 hex digits.")
    object: Literal["order"] = "order"
    public_id: str = Field(description="The same as `id`.")
    customer_id: str
    status: Status = Field(
        description="`fulfilled` is paid and fulfilled; what is fulfilled and not paid is told by "
        "`fulfillment_status`. No order is `draft`."
    )
    billing_type: BillingType
    fulfillment_status: FulfillmentStatus
    currency: str
    subtotal: int = Field(description="The sum of the lines' amounts.")
    discount: int
    tax: int
    total: int
    amount_paid: int
    amount_refunded: int
    amount_due: int = Field(description="What can still be paid.")
    line_items: list[OrderLine]
    last_error: OrderError | None = None
    metadata: dict[str, Any]
    notes: str | None = None
    invoice_id: str | None = None
    subscription_id: str | None = None
    created_at: str
    updated_at: str
    paid_at: str | None = Field(None, description="When all of it was paid.")
    canceled_at: str | None = None
    fulfilled_at: str | None = None
    expires_at: str | None = None
    version: int = Field(exclude=True)

    both_spellings: ClassVar[bool] = False
    envelope: ClassVar[str | None] = None
    nulls: ClassVar[frozenset[str]] = frozenset(
        {
            "last_error",
            "notes",
            "invoice_id",
            "subscription_id",
            "paid_at",
            "canceled_at",
            "fulfilled_at",
            "expires_at",
        }
    )

    @property
    def etag(self) -> str:
        """The entity tag of this version."""
        return f'"{self.version}"'


class OrderSummary(Resource):
    """An order among those of its customer."""

    id: str
    public_id: str
    customer_id: str
    status: SummaryStatus = Field(
        description="What is paid in part is `pending`, what was given back is `canceled`; the order itself says more."
    )
    total_minor: int
    currency: str
    fulfilled_at: str | None = None
    canceled_at: str | None = None
    created_at: str
    updated_at: str

    both_spellings: ClassVar[bool] = False
