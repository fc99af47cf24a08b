"""Tax rates as the API takes and answers them."""

from typing import Annotated, Any, Literal, Self

from pydantic import BeforeValidator, Field, StrictBool, model_validator
from pydantic_core import PydanticCustomError

from billing.taxes.percentages import ppm_of
from billing.taxes.record import Rate
from billing.text import Country, Trimmed, Word
from billing.wire import Body, PageQuery, Resource


def _ppm(value: Any) -> int:
    # A float's shortest text is the number as it was sent, so nothing is computed with floats.
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    text = value.strip() if isinstance(value, str) else str(value) if is_number else ""
    ppm = ppm_of(text)
    if ppm is None:
        raise PydanticCustomError(
            "percentage", "must be a percentage from 0 to 100 with at most 4 decimals, e.g. 19 or 8.875"
        )
    return ppm


type Percentage = Annotated[
    int,
    BeforeValidator(_ppm),
    # What is sent, in place of the integer that it is here.
    Field(
        json_schema_extra={
            "type": ["string", "number"],
            "pattern": r"^\d{1,3}(\.\d{1,4})?$",
            "minimum": 0,
            "maximum": 100,
            "examples": ["8.875", 19],
        }
    ),
]
"""A percentage as decimal text or as a number, from 0 to 100 with at most 4 decimals; here in parts per million."""

type Label = Annotated[Word, Trimmed]
type State = Annotated[Word | None, Trimmed]


class NewTaxRate(Body):
    """A tax rate to create."""

    label: Label = Field(description="What invoices call it, e.g. VAT, Sales tax.")
    country: Annotated[Country, Trimmed] = Field(description="ISO 3166-1 alpha-2: where the customer is billed.")
    state: State = Field(
        None,
        description="A region of the country, as addresses write it, whatever case or accents; wins over the country.",
    )
    percentage: Percentage = Field(description="From 0 to 100 with at most 4 decimals, as text or as a number.")
    inclusive: StrictBool = Field(default=False, description="Whether prices have the tax in them.")
    active: StrictBool = Field(default=True, description="One rate of a country, and of each state, can be active.")


class TaxRateChanges(Body):
    """Changes to a tax rate: what is left out stays. They concern invoices that are made from now on."""

    label: Label | None = None
    country: Annotated[Country, Trimmed] | None = None
    state: State = Field(None, description="Null makes it the rate of the whole country.")
    percentage: Percentage | None = None
    inclusive: StrictBool | None = None
    active: StrictBool | None = None

    @model_validator(mode="after")
    def _only_the_state_is_cleared(self) -> Self:
        for name in self.model_fields_set - {"state"}:
            if getattr(self, name) is None:
                raise PydanticCustomError("required", "can't be removed", {"param": name})
        return self


class TaxRate(Resource):
    """A tax rate."""

    id: str = Field(description="`txr_` and 32 hex digits.")
    object: Literal["tax_rate"] = "tax_rate"
    label: str
    country: str
    state: str | None = None
    percentage: str = Field(description="Decimal text with at most 4 decimals, e.g. 19 or 8.875.")
    inclusive: bool
    active: bool
    created_at: str
    updated_at: str

    @classmethod
    def of(cls, rate: Rate) -> "TaxRate":
        """Return the answer for a rate."""
        values: dict[str, Any] = {name: getattr(rate, name) for name in cls.model_fields if name != "object"}
        return cls.model_construct(None, **values)


class DeletedTaxRate(Resource):
    """What remains to be said of a deleted tax rate."""

    id: str
    object: Literal["tax_rate"] = "tax_rate"
    deleted: Literal[True] = True


class ListTaxRates(PageQuery):
    """Which page of the tax rates."""
