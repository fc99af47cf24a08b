"""Items between Python and DynamoDB's attribute values.

Written by hand, because boto3's serializer brings all of boto3 onto the path of a cold start and turns every
integer into a Decimal. Only what our items hold is known: text, integers, booleans, bytes, lists and maps.
"""

import json
from collections.abc import Mapping
from typing import Any

type Item = dict[str, Any]
type Key = dict[str, str]


def to_attribute(value: Any) -> dict[str, Any]:
    """Return DynamoDB's form of one value.

    Raises:
        TypeError: the value is of a kind that our items don't hold (floats among them: they lose digits).
    """
    match value:
        case str():
            return {"S": value}
        case bool():
            return {"BOOL": value}
        case int():
            return {"N": str(value)}
        case bytes():
            return {"B": value}
        case list() | tuple():
            return {"L": [to_attribute(each) for each in value]}
        case Mapping():
            return {"M": to_attributes(value)}
        case _:
            raise TypeError(f"an item can't hold {type(value).__name__}")


def to_attributes(item: Mapping[str, Any]) -> dict[str, Any]:
    """Return the item in DynamoDB's form; attributes that are None are left out."""
    return {name: to_attribute(value) for name, value in item.items() if value is not None}


def to_json(value: Mapping[str, Any] | None) -> str | None:
    """Return JSON text, in which every number comes back as it went in; nothing for what is empty."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")) if value else None


def from_attribute(attribute: Mapping[str, Any]) -> Any:
    """Return the Python value of one attribute."""
    kind, value = next(iter(attribute.items()))
    match kind:
        case "N":
            return int(value)
        case "L":
            return [from_attribute(each) for each in value]
        case "M":
            return from_attributes(value)
        case _:
            return value


def from_attributes(attributes: Mapping[str, Any]) -> Item:
    """Return the item that DynamoDB's form describes."""
    return {name: from_attribute(value) for name, value in attributes.items()}
