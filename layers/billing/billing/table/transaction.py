"""What one command writes, all or nothing."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Self

from billing.table.items import Item, Key, to_attribute, to_attributes

type Refusal = Callable[[Item], Exception]
"""Makes the error for a condition that failed, from the item as it stands (empty if there is none)."""


@dataclass(slots=True)
class Write:
    """One write of a transaction; `refusal` is None where a failed condition means that somebody was faster."""

    kind: str
    request: dict[str, Any]
    refusal: Refusal | None

    @property
    def relies_on_version(self) -> bool:
        """Whether it fails if somebody else has written the item since it was read."""
        return self.request.get("ConditionExpression") == "#version = :version"


@dataclass(slots=True)
class Transaction:
    """Up to 100 writes. Conditions name attributes of our own items only, so they are given as equalities."""

    writes: list[Write] = field(default_factory=list)

    def create(self, key: Key, item: Mapping[str, Any], refusal: Refusal | None = None) -> Self:
        """Put an item where none stands."""
        request = {"Item": to_attributes({**key, **item}), "ConditionExpression": "attribute_not_exists(pk)"}
        return self._add("Put", request, refusal)

    def replace(self, key: Key, item: Mapping[str, Any], *, version: int, refusal: Refusal | None = None) -> Self:
        """Put an item over the version of it that was read."""
        request = {
            "Item": to_attributes({**key, **item}),
            "ConditionExpression": "#version = :version",
            "ExpressionAttributeNames": {"#version": "version"},
            "ExpressionAttributeValues": {":version": to_attribute(version)},
        }
        return self._add("Put", request, refusal)

    def put(self, key: Key, item: Mapping[str, Any], *, over: int) -> Self:
        """Put an item over the version of it that was read, which is 0 if none stood."""
        return self.replace(key, item, version=over) if over else self.create(key, item)

    def follow(self, key: Key, item: Mapping[str, Any]) -> Self:
        """Put an item that follows from another one of this transaction, whose condition guards both."""
        return self._add("Put", {"Item": to_attributes({**key, **item})}, None)

    def unfollow(self, key: Key) -> Self:
        """Delete an item that followed from another one of this transaction."""
        return self._add("Delete", {"Key": to_attributes(key)}, None)

    def delete(self, key: Key, *, where: tuple[str, Any], refusal: Refusal | None = None) -> Self:
        """Delete an item while its attribute `where[0]` is `where[1]`."""
        request = {
            "Key": to_attributes(key),
            "ConditionExpression": "#name = :value",
            "ExpressionAttributeNames": {"#name": where[0]},
            "ExpressionAttributeValues": {":value": to_attribute(where[1])},
        }
        return self._add("Delete", request, refusal)

    def require(self, key: Key, *, without: str, refusal: Refusal) -> Self:
        """Write only if an item stands that has no attribute `without`."""
        request = {
            "Key": to_attributes(key),
            "ConditionExpression": "attribute_exists(pk) AND attribute_not_exists(#name)",
            "ExpressionAttributeNames": {"#name": without},
        }
        return self._add("ConditionCheck", request, refusal)

    def unchanged(self, key: Key, *, version: int, refusal: Refusal | None = None) -> Self:
        """Write only if an item that was read and is not written still has its version."""
        request = {
            "Key": to_attributes(key),
            "ConditionExpression": "#version = :version",
            "ExpressionAttributeNames": {"#version": "version"},
            "ExpressionAttributeValues": {":version": to_attribute(version)},
        }
        return self._add("ConditionCheck", request, refusal)

    def mark(self, key: Key, name: str, value: Any) -> Self:
        """Set one attribute of a counter, which is made if there is none, and leave its number alone."""
        request = {
            "Key": to_attributes(key),
            "UpdateExpression": "SET #name = :value ADD #last :nothing",
            "ExpressionAttributeNames": {"#name": name, "#last": "last"},
            "ExpressionAttributeValues": {":value": to_attribute(value), ":nothing": to_attribute(0)},
        }
        return self._add("Update", request, None)

    def record(self, key: Key, item: Mapping[str, Any], *, now_seconds: int, refusal: Refusal) -> Self:
        """Put an item where none stands or an expired one waits for its deletion (TTL comes late)."""
        request = {
            "Item": to_attributes({**key, **item}),
            "ConditionExpression": "attribute_not_exists(pk) OR #expires <= :now",
            "ExpressionAttributeNames": {"#expires": "expires_at"},
            "ExpressionAttributeValues": {":now": to_attribute(now_seconds)},
        }
        return self._add("Put", request, refusal)

    def _add(self, kind: str, request: dict[str, Any], refusal: Refusal | None) -> Self:
        self.writes.append(Write(kind, request, refusal))
        return self
