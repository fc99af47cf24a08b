"""The fields that a merchant has defined for its customers, and what their values must be. Pure.

Only values that are sent are held against the definitions, never those that are stored: a definition that changes
leaves every customer readable, and changeable in everything else.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

from billing.errors import InvalidFields
from billing.table import Item, Key, Keys
from billing.tenancy import Tenant

type FieldType = Literal["text", "number", "date", "dropdown", "checkbox"]

type Demand = Literal["none", "values", "presence"]
"""What definitions ask of a new customer: nothing, right values, or that some field is there at all."""

DEMAND = "custom_fields"
"""Attribute of the customers' counter that says so: a creation touches the counter anyway."""

_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")


@dataclass(frozen=True, slots=True)
class Definition:
    """One field."""

    id: str
    key: str
    label: str
    type: FieldType
    created_at: str
    updated_at: str
    options: tuple[str, ...] = ()
    required: bool = False

    def problem_with(self, value: Any) -> str | None:
        """Return what is wrong with a value, None if nothing is."""
        is_right, expected = _TYPES[self.type]
        if not is_right(value):
            return expected
        if self.type == "dropdown" and value not in self.options:
            return f"must be one of: {', '.join(self.options)}"
        return None

    def to_item(self) -> Item:
        """Return the definition as the tenant's item holds it."""
        return {
            "id": self.id,
            "key": self.key,
            "label": self.label,
            "type": self.type,
            "options": self.options or None,
            "required": self.required,
            "created_at": self.created_at,
            "updated_at": self.updated_at,
        }

    @classmethod
    def from_item(cls, item: Item) -> "Definition":
        """Return the definition that `to_item` wrote."""
        return cls(**{**item, "options": tuple(item.get("options", ()))})


@dataclass(frozen=True, slots=True)
class Definitions:
    """All fields of a tenant, newest last; `version` counts their changes, 0 while there is no item."""

    fields: tuple[Definition, ...] = ()
    version: int = 0

    @property
    def demand(self) -> Demand:
        """What they ask of a new customer."""
        if any(each.required for each in self.fields):
            return "presence"
        return "values" if self.fields else "none"

    def check(self, given: Mapping[str, Any] | None) -> None:
        """Hold the values that a caller sends against their definitions; null, and what is not defined, is right.

        Raises:
            InvalidFields: some are wrong, each under its key.
        """
        found = {each: each.problem_with(given[each.key]) for each in self.fields if given and _has(given, each.key)}
        _refuse("custom_fields", {each.key: problem for each, problem in found.items() if problem})

    def check_required(self, given: Mapping[str, Any] | None) -> None:
        """Check that a new customer has what it must have; blank text is nothing.

        Raises:
            InvalidFields: required fields are missing.
        """
        missing = [each.key for each in self.fields if each.required and _is_blank((given or {}).get(each.key))]
        # Nothing was sent that could tell the caller's spelling: then it is the contract's.
        _refuse("customFields" if given is None else "custom_fields", dict.fromkeys(missing, "is required"))

    def to_item(self) -> Item:
        """Return the item without its key."""
        return {
            "entity": "custom_fields",
            "version": self.version,
            "fields": [each.to_item() for each in self.fields],
        }

    @classmethod
    def from_item(cls, item: Item | None) -> "Definitions":
        """Return the definitions of a tenant; without an item there are none."""
        if item is None:
            return cls()
        return cls(tuple(Definition.from_item(each) for each in item["fields"]), item["version"])


def key_of(tenant: Tenant) -> Key:
    """Return the key of a tenant's definitions."""
    return Keys(tenant).setting("custom_fields")


def _has(given: Mapping[str, Any], key: str) -> bool:
    return given.get(key) is not None


def _is_blank(value: Any) -> bool:
    return value is None or (isinstance(value, str) and not value.strip())


def _refuse(field: str, problems: Mapping[str, str]) -> None:
    if problems:
        raise InvalidFields({f"{field}.{key}": [problem] for key, problem in problems.items()})


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _is_date(value: Any) -> bool:
    if not isinstance(value, str) or not _DATE.fullmatch(value):
        return False
    try:
        date.fromisoformat(value)
    except ValueError:
        return False
    return True


_TYPES: Mapping[FieldType, tuple[Callable[[Any], bool], str]] = {
    "text": (lambda value: isinstance(value, str), "must be text"),
    "number": (_is_number, "must be a number"),
    "date": (_is_date, "must be a date, e.g. 2026-01-31"),
    "dropdown": (lambda value: isinstance(value, str), "must be one of the field's options"),
    "checkbox": (lambda value: isinstance(value, bool), "must be true or false"),
}
