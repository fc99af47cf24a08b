"""Customers as the API takes and answers them (contract §A)."""

from collections.abc import Mapping
from functools import lru_cache
from typing import Annotated, Any, ClassVar, Literal, Self

from pydantic import Field, StrictBool, model_validator
from pydantic_core import PydanticCustomError

from billing.customers.preferences import CHANNELS, TOPICS, Channel, ConsentSource, Preferences, Topic
from billing.text import Country, Currency, Email, Line, Locale, Metadata, Notes, Phone, Trimmed, Word
from billing.wire import Body, PageQuery, Resource

ADDRESS_PARTS = ("line1", "line2", "city", "state", "postal_code", "country")

FLAT_PARTS = {
    "address_line1": "line1",
    "address_line2": "line2",
    "city": "city",
    "state": "state",
    "postal_code": "postal_code",
    "country": "country",
}
"""The flat spelling of each part of the billing address: two views of one thing."""

type Source = Literal["api", "dashboard", "checkout", "invoice", "integration"]
"""Where a customer came from."""

type Text255 = Annotated[Line | None, Trimmed]
type Text100 = Annotated[Word | None, Trimmed]
type Postal = Annotated[Word | None, Trimmed]


class AddressInput(Body):
    """A postal address."""

    line1: Text255 = None
    line2: Text255 = None
    city: Text100 = None
    state: Text100 = None
    postal_code: Postal = None
    country: Annotated[Country | None, Trimmed] = Field(None, description="ISO 3166-1 alpha-2.")


class TopicChoices(Body):
    """What to send over one channel: true or false is the customer's choice, null forgets it."""

    receipts: StrictBool | None = None
    reminders: StrictBool | None = None
    marketing: StrictBool | None = None


class PreferenceChanges(Body):
    """What the customer has chosen to be sent; null forgets every choice of a channel."""

    email: TopicChoices | None = None
    sms: TopicChoices | None = None
    locale: Annotated[Locale | None, Trimmed] = Field(None, description="BCP 47: the language to write in.")

    def choices(self) -> dict[str, Any]:
        """Return what the caller sent as plain values."""
        return {
            name: value.given() if isinstance(value, TopicChoices) else value for name, value in self.given().items()
        }


class CustomerFields(Body):
    """What a caller may set on a customer; the address as an object or as flat fields, the object wins."""

    name: Text255 = Field(None, description="Full name or business name.")
    company_name: Text255 = None
    phone: Annotated[Phone | None, Trimmed] = Field(None, description="As typed; E.164 recommended.")
    currency: Annotated[Currency | None, Trimmed] = Field(None, description="ISO 4217, for invoices.")
    tax_id: Text100 = Field(None, description="VAT number, EIN, …")
    address: AddressInput | None = Field(None, description="The billing address.")
    address_line1: Text255 = None
    address_line2: Text255 = None
    city: Text100 = None
    state: Text100 = None
    postal_code: Postal = None
    country: Annotated[Country | None, Trimmed] = Field(None, description="ISO 3166-1 alpha-2.")
    notes: Annotated[Notes | None, Trimmed] = None
    metadata: Metadata | None = Field(None, description="Merged by key; null removes a key. At most 50 keys, 8 KB.")
    custom_fields: Metadata | None = Field(
        None, description="Merged by key; null removes a key. Keys that are defined take values of their type only."
    )
    communication_preferences: PreferenceChanges | None = Field(None, description="Merged; null forgets all choices.")

    def given_address(self) -> dict[str, str | None]:
        """Return the parts of the billing address that the caller sent, null ones included."""
        given = self.given()
        parts = {part: given[flat] for flat, part in FLAT_PARTS.items() if flat in given}
        if "address" in given:
            whole = dict.fromkeys(ADDRESS_PARTS) if self.address is None else self.address.given()
            parts |= whole
        return parts


class NewCustomer(CustomerFields):
    """A customer to create."""

    email: Annotated[Email, Trimmed] = Field(description="Unique among the merchant's customers, whatever its case.")


class CustomerChanges(CustomerFields):
    """Changes to a customer: what is left out stays, null clears."""

    email: Annotated[Email, Trimmed] | None = None
    default_payment_method_id: str | None = Field(None, description="An active payment method of this customer.")

    @model_validator(mode="after")
    def _email_stays(self) -> Self:
        if "email" in self.model_fields_set and self.email is None:
            raise PydanticCustomError("email_required", "can't be removed", {"param": "email"})
        return self


class Address(Resource):
    """A postal address. Parts that are not set are left out."""

    line1: str | None = None
    line2: str | None = None
    city: str | None = None
    state: str | None = None
    postal_code: str | None = None
    country: str | None = None


class Choice(Resource):
    """Whether to send something; without time and source the customer has not chosen and this is what holds."""

    enabled: bool
    source: ConsentSource | None = Field(None, description="Through whom the customer has chosen.")
    updated_at: str | None = Field(None, description="When the customer has chosen.")


class ChannelChoices(Resource):
    """What to send over one channel."""

    receipts: Choice
    reminders: Choice
    marketing: Choice


class CommunicationPreferences(Resource):
    """What the customer agrees to be sent, always in full."""

    email: ChannelChoices
    sms: ChannelChoices
    locale: str | None = None

    @classmethod
    def of(cls, preferences: Preferences) -> "CommunicationPreferences":
        """Return the answer for stored preferences."""
        return _shown(preferences) if preferences.consents else _nothing_chosen(preferences.locale)


def _shown(preferences: Preferences) -> CommunicationPreferences:
    return CommunicationPreferences.model_construct(
        None, locale=preferences.locale, **{channel: _choices(preferences, channel) for channel in CHANNELS}
    )


@lru_cache
def _nothing_chosen(locale: str | None) -> CommunicationPreferences:
    """Return what most customers show, made once: it is half the work of showing a customer."""
    return _shown(Preferences(locale=locale))


def _choices(preferences: Preferences, channel: Channel) -> ChannelChoices:
    return ChannelChoices.model_construct(None, **{topic: _choice(preferences, channel, topic) for topic in TOPICS})


def _choice(preferences: Preferences, channel: Channel, topic: Topic) -> Choice:
    consent = preferences.chosen(channel, topic)
    if consent is None:
        return Choice.model_construct(None, enabled=preferences.allows(channel, topic))
    return Choice.model_construct(None, enabled=consent.enabled, source=consent.source, updated_at=consent.updated_at)


class Customer(Resource):
    """A customer. Fields that are not set are left out."""

    id: str = Field(description="`cus_` and 32 hex digits.")
    object: Literal["customer"] = "customer"
    merchant_id: str
    email: str
    name: str | None = None
    company_name: str | None = None
    phone: str | None = None
    currency: str | None = None
    tax_id: str | None = None
    address: Address | None = None
    address_line1: str | None = None
    address_line2: str | None = None
    city: str | None = None
    state: str | None = None
    postal_code: str | None = None
    country: str | None = None
    notes: str | None = None
    metadata: dict[str, Any] | None = None
    custom_fields: dict[str, Any] | None = None
    communication_preferences: CommunicationPreferences
    default_payment_method_id: str | None = Field(None, description="What is paid with unless another is named.")
    source: Source = "api"
    deleted: bool = False
    deleted_at: str | None = None
    created_at: str
    updated_at: str
    version: int = Field(exclude=True)

    @property
    def etag(self) -> str:
        """The entity tag of this version."""
        return f'"{self.version}"'


class DeletedCustomer(Resource):
    """What remains to be said of a deleted customer."""

    id: str
    object: Literal["customer"] = "customer"
    deleted: Literal[True] = True
    deleted_at: str

    beside: ClassVar[Mapping[str, Any]] = {"success": True}


class ListCustomers(PageQuery):
    """Which customers, and which page of them."""

    email: str | None = Field(None, max_length=254, description="Exact e-mail, whatever its case.")
    search: str | None = Field(
        None,
        max_length=200,
        description="Beginnings of words of name, company, e-mail or phone, whatever their case and accents; all must "
        "match. Results stand in the order of the matched word, then newest first, and have no total; go on with "
        "`starting_after` (`offset` skips at most 1,000). A page may come up short and still have more.",
    )
