"""Setup intents as the API takes and answers them (contract §B)."""

from typing import Annotated, Any, ClassVar, Literal

from pydantic import AfterValidator, Field

from billing.gateway import Usage
from billing.payment_methods.models import BillingDetailsInput, GatewayToken, KindInput
from billing.text import Line, Metadata, ReturnUrl, Trimmed
from billing.wire import Body, CursorQuery, Resource

type Status = Literal[
    "requires_payment_method", "requires_confirmation", "requires_action", "processing", "succeeded", "canceled"
]
type CancellationReason = Literal["abandoned", "requested_by_customer", "duplicate"]


def _distinct(kinds: list[str]) -> list[str]:
    return list(dict.fromkeys(kinds))


type Kinds = Annotated[list[KindInput], Field(min_length=1, max_length=4), AfterValidator(_distinct)]


class SetupIntentChanges(Body):
    """Changes to a setup intent that is still open: what is left out stays, null clears."""

    customer_id: str | None = Field(None, description="Whom the payment method will be attached to.")
    payment_method_types: Kinds | None = None
    description: Annotated[Line | None, Trimmed] = None
    metadata: Metadata | None = Field(None, description="Merged by key; null removes a key. At most 50 keys, 8 KB.")


class NewSetupIntent(SetupIntentChanges):
    """A setup intent to create."""

    usage: Usage = "off_session"


class NewMethod(Body):
    """A payment method that the gateway's form has made a token of."""

    type: KindInput | None = None
    token: GatewayToken
    billing_details: BillingDetailsInput | None = None


class Confirmation(Body):
    """What to confirm with: at most one of the three; none goes on where the payer had to act."""

    payment_method_id: str | None = Field(None, description="A payment method that is active.")
    payment_method_data: NewMethod | None = None
    payment_token: GatewayToken | None = None
    return_url: ReturnUrl | None = Field(None, description="Where the payer comes back to after an action.")


class Cancellation(Body):
    """Why a setup intent is given up."""

    cancellation_reason: CancellationReason | None = None


class ListSetupIntents(CursorQuery):
    """Which setup intents, and which page of them; both filters hold at once."""

    customer_id: str | None = None
    status: Status | None = None


class SetupError(Resource):
    """Why the last confirmation failed."""

    code: str
    message: str
    decline_code: str | None = None

    both_spellings: ClassVar[bool] = False
    nulls: ClassVar[frozenset[str]] = frozenset({"decline_code"})


class SetupIntent(Resource):
    """The verification of a payment method for later charges."""

    id: str = Field(description="`seti_` and 32 hex digits.")
    object: Literal["setup_intent"] = "setup_intent"
    public_id: str = Field(description="The same as `id`.")
    status: Status
    customer_id: str | None = None
    payment_method_id: str | None = None
    payment_method_types: list[str]
    usage: Usage
    next_action: dict[str, Any] | None = Field(None, description="What the payer must do, as the gateway says it.")
    client_secret: str = Field(description="For the gateway's form in the payer's browser.")
    gateway: str
    last_error: SetupError | None = None
    cancellation_reason: CancellationReason | None = None
    description: str | None = None
    metadata: dict[str, Any] = Field(default_factory=dict)
    confirmed_at: str | None = None
    canceled_at: str | None = None
    created_at: str
    updated_at: str

    both_spellings: ClassVar[bool] = False
    envelope: ClassVar[str | None] = None
    nulls: ClassVar[frozenset[str]] = frozenset(
        {
            "customer_id",
            "payment_method_id",
            "next_action",
            "last_error",
            "cancellation_reason",
            "description",
            "confirmed_at",
            "canceled_at",
        }
    )
