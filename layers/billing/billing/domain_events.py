"""What a change of a resource means to the rest of the world, before it gets its envelope.

Below the resources, because each of them says what its own changes mean; `billing.events` knows them all.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

_NOT_CHANGED_BY_ANYBODY = frozenset({"updated_at", "updatedAt"})


@dataclass(frozen=True, slots=True)
class DomainEvent:
    """One thing that has happened to one object.

    `object` is the object as the API shows it at that moment. `previous_attributes` are for `*.updated` alone.
    A version of an object makes at most one event of a type, because the event's id is made of the two.
    """

    type: str
    object: Mapping[str, Any]
    previous_attributes: Mapping[str, Any] | None = None


def previous_attributes(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields that differ with the values they had, null where they were unset.

    Both objects as the API shows them. That `updated_at` has moved is no change of anybody's making.
    """
    return {
        name: before.get(name)
        for name in {**before, **after}
        if before.get(name) != after.get(name) and name not in _NOT_CHANGED_BY_ANYBODY
    }
