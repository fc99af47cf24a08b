"""Custom fields as the API takes and answers them (contract §C)."""

from typing import Annotated, Any, Literal, Self

from pydantic import Field, StrictBool, StringConstraints, model_validator
from pydantic_core import PydanticCustomError

from billing.customers.custom_fields import Definition, FieldType
from billing.text import Trimmed, Word
from billing.wire import Body, PageQuery, Resource

type Key = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,39}$")]
type Label = Annotated[Word, Trimmed]
type Options = Annotated[list[Annotated[Word, Trimmed]], Field(min_length=1, max_length=50)]
"""What a dropdown offers."""


class _Offering(Body):
    options: Options | None = Field(None, description="What a dropdown offers; no other type has options.")

    @model_validator(mode="after")
    def _options_differ(self) -> Self:
        if self.options and len(set(self.options)) < len(self.options):
            raise PydanticCustomError("options_repeat", "must differ from each other", {"param": "options"})
        return self


class NewCustomField(_Offering):
    """A custom field to define."""

    entity: Literal["customer"] = "customer"
    key: Key = Field(description="What values stand under in `custom_fields`; unique, and it never changes.")
    label: Label = Field(description="What people read.")
    type: FieldType = Field(description="It never changes.")
    required: StrictBool = Field(
        default=False, description="Whether a customer that is created by API or dashboard must have it."
    )

    @model_validator(mode="after")
    def _options_fit_the_type(self) -> Self:
        if self.type == "dropdown" and self.options is None:
            raise PydanticCustomError("options_missing", "are required for a dropdown", {"param": "options"})
        if self.type != "dropdown" and self.options is not None:
            raise PydanticCustomError("options_unused", "are for dropdowns only", {"param": "options"})
        return self


class CustomFieldChanges(_Offering):
    """Changes to a custom field: what is left out stays. Stored values stay as they are, whatever changes."""

    key: Key | None = Field(None, description="As it is: a key never changes.")
    type: FieldType | None = Field(None, description="As it is: a type never changes.")
    label: Label | None = None
    required: StrictBool | None = None

    @model_validator(mode="after")
    def _nothing_is_cleared(self) -> Self:
        for name in self.model_fields_set:
            if getattr(self, name) is None:
                raise PydanticCustomError("required", "can't be removed", {"param": name})
        return self


class CustomField(Resource):
    """A custom field."""

    id: str = Field(description="`cf_` and 32 hex digits.")
    object: Literal["custom_field"] = "custom_field"
    entity: Literal["customer"] = "customer"
    key: str
    label: str
    type: FieldType
    options: list[str] | None = None
    required: bool
    created_at: str
    updated_at: str

    @classmethod
    def of(cls, definition: Definition) -> "CustomField":
        """Return the answer for a definition."""
        values: dict[str, Any] = {
            "id": definition.id,
            "key": definition.key,
            "label": definition.label,
            "type": definition.type,
            "options": list(definition.options) or None,
            "required": definition.required,
            "created_at": definition.created_at,
            "updated_at": definition.updated_at,
        }
        return cls.model_construct(None, **values)


class DeletedCustomField(Resource):
    """What remains to be said of a deleted custom field."""

    id: str
    object: Literal["custom_field"] = "custom_field"
    deleted: Literal[True] = True


class ListCustomFields(PageQuery):
    """Which page of the custom fields."""
