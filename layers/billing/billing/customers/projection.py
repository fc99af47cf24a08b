"""What follows from changes of customers for lists and search: the tenant's ranks and the words."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from billing.customers import search
from billing.customers.record import KIND, Record
from billing.table import ranked
from billing.table.items import from_attributes


@dataclass(frozen=True, slots=True)
class Change:
    """A customer's two versions around a change; `before` is None for the first."""

    before: Record | None
    after: Record

    @classmethod
    def from_stream(cls, record: Mapping[str, Any]) -> "Change":
        """Return the change that a record of the table's stream holds.

        Raises:
            Exception: the record does not hold a customer that this code can read.
        """
        images = record["dynamodb"]
        old = images.get("OldImage")
        return cls(
            Record.from_item(from_attributes(old)) if old else None,
            Record.from_item(from_attributes(images["NewImage"])),
        )


def project(changes: Sequence[Change], remaining_seconds: Callable[[], float]) -> None:
    """Bring ranks and words up to these changes; in any order, late or twice, it comes to the same.

    Raises:
        Unavailable: the table was busy for longer than there is time.
    """
    ranked.project(
        (
            ranked.Listed(each.after.tenant, KIND, each.after.sequence, gone=each.after.deleted_at is not None)
            for each in changes
        ),
        remaining_seconds,
    )
    search.project(search.Rewording.between(each.before, each.after) for each in changes)
