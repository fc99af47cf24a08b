"""Changes over what is stored: a value replaces, null removes, what is left out stays. Pure."""

from collections.abc import Mapping
from typing import Any

from pydantic_core import PydanticCustomError

from billing.text import checked_size
from billing.wire import refuse


def merged(old: Mapping[str, Any], new: Mapping[str, Any]) -> dict[str, Any]:
    """Return the old values with the new ones over them, without those that are None."""
    return {name: value for name, value in {**old, **new}.items() if value is not None}


def merged_metadata(name: str, old: Mapping[str, Any], given: Mapping[str, Any]) -> Mapping[str, Any]:
    """Merge the field `name` per key; the whole field set to null removes everything.

    Raises:
        InvalidFields: it grows over the limits of metadata.
    """
    if name not in given:
        return old
    if given[name] is None:
        return {}
    after = merged(old, given[name])
    try:
        checked_size(after)
    except PydanticCustomError as error:
        raise refuse(name, error.message()) from error
    return after
