"""Businesses as the API takes and answers them (contract §C)."""

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, Literal, Self

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from billing.businesses.tax_ids import Status
from billing.text import Country, Email, Line, Metadata, Phone, Trimmed, Word
from billing.wire import Body, PageQuery, Resource

type _Line = Annotated[Line | None, Trimmed]
type _Word = Annotated[Word | None, Trimmed]


class BusinessFields(Body):
    """What a caller may set on a business, beside its name."""

    company_number: _Word = Field(None, description="Its number in the company register.")
    tax_identifier: _Word = Field(None, description="VAT number, EIN, UID, ABN, …")
    billing_email: Annotated[Email | None, Trimmed] = None
    billing_phone: Annotated[Phone | None, Trimmed] = Field(None, description="As typed; E.164 recommended.")
    billing_address_line1: _Line = None
    billing_address_line2: _Line = None
    billing_city: _Word = None
    billing_postcode: _Word = None
    billing_country: Annotated[Country | None, Trimmed] = Field(None, description="ISO 3166-1 alpha-2.")
    metadata: Metadata | None = Field(None, description="Merged by key; null removes a key. At most 50 keys, 8 KB.")


class NewBusiness(BusinessFields):
    """A business to create."""

    name: Annotated[Line, Trimmed] = Field(description="Legal name.")
    customer_id: str | None = Field(None, description="A customer of the merchant to link it with.")


class BusinessChanges(BusinessFields):
    """Changes to a business: what is left out stays, null clears. Customers are linked one by one."""

    name: Annotated[Line, Trimmed] | None = None

    @model_validator(mode="after")
    def _name_stays(self) -> Self:
        if "name" in self.model_fields_set and self.name is None:
            raise PydanticCustomError("name_required", "can't be removed", {"param": "name"})
        return self


class Business(Resource):
    """A business. Fields that are not set are left out."""

    id: str = Field(description="`bus_` and 32 hex digits.")
    object: Literal["business"] = "business"
    merchant_id: str
    name: str
    customer_id: str | None = Field(None, description="The customer that was linked first, of those that are.")
    customer_ids: list[str] = Field(description="All customers that are linked, in the order of linking.")
    company_number: str | None = None
    tax_identifier: str | None = None
    tax_identifier_type: str | None = Field(None, description="What it was recognised as, e.g. `eu_vat`.")
    tax_identifier_status: Status | None = Field(
        None, description="Whether it is well-formed, by its check digits; whether it is in use nobody has asked."
    )
    billing_email: str | None = None
    billing_phone: str | None = None
    billing_address_line1: str | None = None
    billing_address_line2: str | None = None
    billing_city: str | None = None
    billing_postcode: str | None = None
    billing_country: str | None = None
    metadata: dict[str, Any] | None = None
    deleted: bool = False
    deleted_at: str | None = None
    created_at: str
    updated_at: str
    version: int = Field(exclude=True)

    @property
    def etag(self) -> str:
        """The entity tag of this version."""
        return f'"{self.version}"'


class DeletedBusiness(Resource):
    """What remains to be said of a deleted business."""

    id: str
    object: Literal["business"] = "business"
    deleted: Literal[True] = True
    deleted_at: str

    beside: ClassVar[Mapping[str, Any]] = {"success": True}


class ListBusinesses(PageQuery):
    """Which businesses, and which page of them."""

    customer_id: str | None = Field(None, description="Only those that this customer is linked with.")
