"""Changes over what is stored: a value replaces, null removes, what is left out stays."""

from collections.abc import Mapping
from typing import Any


def merged(old: Mapping[str, Any], new: Mapping[str, Any]) -> dict[str, Any]:
    """Return the old values with the new ones over them, without those that are None."""
    return {name: value for name, value in {**old, **new}.items() if value is not None}
