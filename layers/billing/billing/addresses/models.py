"""Addresses as the API takes and answers them (contract §C)."""

from typing import Annotated, Any, Literal, Self

from pydantic import Field, StrictBool, model_validator
from pydantic_core import PydanticCustomError

from billing.customers.address_book import AddressType, Entry
from billing.customers.models import ADDRESS_PARTS, AddressInput
from billing.text import Country, Line, Trimmed
from billing.wire import PageQuery, Resource

_NEEDED = ("line1", "country")


class AddressFields(AddressInput):
    """The parts of an address, and whether it is the default of its type."""

    is_default: StrictBool | None = Field(
        None, description="True makes it the default of its type; the first of a type is it by itself."
    )

    def parts(self) -> dict[str, str | None]:
        """Return the parts that the caller sent, null ones included."""
        return {name: value for name, value in self.given().items() if name in ADDRESS_PARTS}


class NewAddress(AddressFields):
    """An address to add. What else it must have, and how its postal code is written, is for its country to say."""

    type: AddressType = Field(description="`billing` for invoices and tax, `shipping` for delivery.")
    line1: Annotated[Line, Trimmed]
    country: Annotated[Country, Trimmed] = Field(description="ISO 3166-1 alpha-2.")


class AddressChanges(AddressFields):
    """Changes to an address: what is left out stays, null clears. An address keeps its type."""

    @model_validator(mode="after")
    def _stays_an_address(self) -> Self:
        for name in _NEEDED:
            if name in self.model_fields_set and getattr(self, name) is None:
                raise PydanticCustomError("address_part_required", "can't be removed", {"param": name})
        return self


class CustomerAddress(Resource):
    """An address of a customer. Parts that are not set are left out."""

    id: str = Field(description="`addr_` and 32 hex digits.")
    object: Literal["address"] = "address"
    customer_id: str
    type: AddressType
    line1: str | None = None
    line2: str | None = None
    city: str | None = None
    state: str | None = None
    postal_code: str | None = None
    country: str | None = None
    is_default: bool = Field(description="The default billing address is the customer's own `address`.")
    created_at: str
    updated_at: str

    @classmethod
    def of(cls, customer_id: str, entry: Entry) -> "CustomerAddress":
        """Return the answer for an entry of a customer's address book."""
        values: dict[str, Any] = {
            "id": entry.id,
            "customer_id": customer_id,
            "type": entry.type,
            "is_default": entry.is_default,
            "created_at": entry.created_at,
            "updated_at": entry.updated_at,
            **entry.parts,
        }
        return cls.model_construct(None, **values)


class DeletedAddress(Resource):
    """What remains to be said of a deleted address."""

    id: str
    object: Literal["address"] = "address"
    deleted: Literal[True] = True


class ListAddresses(PageQuery):
    """Which page of a customer's addresses."""
