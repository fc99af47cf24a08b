"""Payment methods as the API takes and answers them (contract §B)."""

from typing import Annotated, Any, ClassVar, Literal

from pydantic import AfterValidator, BeforeValidator, Field, StrictBool, StringConstraints
from pydantic_core import PydanticCustomError

from billing.customers.models import AddressInput, Text255
from billing.gateway import Brand, Funding, Kind
from billing.text import Email, Metadata, Phone, Trimmed, no_card_number
from billing.wire import Body, CursorQuery, Resource

type Status = Literal["active", "inactive", "expired"]

ADDRESS_PARTS = ("line1", "line2", "city", "state", "postal_code", "country")

_ALIASES = {"ach": "us_bank_account", "bank_account": "us_bank_account"}


def _kind(value: Any) -> Any:
    if value in ("sepa_debit", "sepa"):
        raise PydanticCustomError("sepa", "SEPA is not yet supported")
    return _ALIASES.get(value, value) if isinstance(value, str) else value


type KindInput = Annotated[Kind, BeforeValidator(_kind)]
"""`card` or `us_bank_account`; `ach` and `bank_account` mean the latter."""

type GatewayToken = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{1,255}$"), AfterValidator(no_card_number)]
"""What the gateway's form has made of a card or account; never a number."""


class BillingDetailsInput(Body):
    """Whom a payment method belongs to: what is left out stays, null clears."""

    name: Text255 = None
    email: Annotated[Email | None, Trimmed] = None
    phone: Annotated[Phone | None, Trimmed] = None
    address: AddressInput | None = None


class PaymentMethodChanges(Body):
    """Changes to a payment method. Its number and its expiry never change: attach another one."""

    billing_details: BillingDetailsInput | None = Field(None, description="Merged by key; null removes all.")
    metadata: Metadata | None = Field(None, description="Merged by key; null removes a key. At most 50 keys, 8 KB.")


class NewPaymentMethod(PaymentMethodChanges):
    """A payment method to keep for a customer, from a token of the gateway; the token has any of its three names."""

    customer_id: str
    type: KindInput | None = Field(None, description="`card` or `us_bank_account`; must fit the token.")
    token: GatewayToken | None = None
    payment_token: GatewayToken | None = None
    payment_method_token: GatewayToken | None = None
    set_default: StrictBool = Field(default=False, description="Pay with it from now on.")


class Attachment(Body):
    """Whom to attach a payment method to."""

    customer_id: str
    set_default: StrictBool = Field(default=False, description="Pay with it from now on.")


class NoFields(Body):
    """A body that may be left out and holds nothing."""


class CardDetails(Resource):
    """What is shown of a card."""

    brand: Brand
    last4: str
    exp_month: int = Field(ge=1, le=12)
    exp_year: int
    funding: Funding

    both_spellings: ClassVar[bool] = False


class BankAccountDetails(Resource):
    """What is shown of a bank account."""

    bank_name: str | None = None
    last4: str
    routing_number_last4: str | None = None
    account_type: Literal["checking", "savings"] | None = None

    both_spellings: ClassVar[bool] = False
    nulls: ClassVar[frozenset[str]] = frozenset({"bank_name", "routing_number_last4", "account_type"})


class BillingAddress(Resource):
    """The address of whoever a payment method belongs to."""

    line1: str | None = None
    line2: str | None = None
    city: str | None = None
    state: str | None = None
    postal_code: str | None = None
    country: str | None = None

    both_spellings: ClassVar[bool] = False
    nulls: ClassVar[frozenset[str]] = frozenset(ADDRESS_PARTS)


class BillingDetails(Resource):
    """Whom a payment method belongs to."""

    name: str | None = None
    email: str | None = None
    phone: str | None = None
    address: BillingAddress | None = None

    both_spellings: ClassVar[bool] = False
    nulls: ClassVar[frozenset[str]] = frozenset({"name", "email", "phone", "address"})


class PaymentMethod(Resource):
    """A card or bank account. The gateway has the number; here are only what may be shown and a reference."""

    id: str = Field(description="`pm_` and 32 hex digits.")
    object: Literal["payment_method"] = "payment_method"
    public_id: str | None = Field(None, description="The same as `id`.")
    type: Kind
    status: Status = Field(description="`inactive` once detached; `expired` after the card's last month (UTC).")
    customer_id: str | None = Field(
        None, description="Whose it is, or was; null while a setup intent without a customer made it."
    )
    is_default: bool = Field(description="Whether the customer pays with it unless another is named.")
    card: CardDetails | None = None
    us_bank_account: BankAccountDetails | None = None
    bacs_direct_debit: None = None
    billing_details: BillingDetails | None = None
    metadata: dict[str, Any] = Field(default_factory=dict)
    created_at: str
    updated_at: str

    both_spellings: ClassVar[bool] = False
    envelope: ClassVar[str | None] = None
    nulls: ClassVar[frozenset[str]] = frozenset(
        {"public_id", "customer_id", "card", "us_bank_account", "bacs_direct_debit", "billing_details"}
    )


class ListPaymentMethods(CursorQuery):
    """Which payment methods, and which page of them. Detached ones are left out."""

    customer_id: str | None = None
    type: KindInput | None = None
