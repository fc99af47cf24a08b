"""What follows from changes for lists and search: ranks and totals, and for customers their words.

A resource with a ranked list takes part by one line in `_READERS`; the template's stream filter lets it through.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from billing.businesses.record import KIND as BUSINESS
from billing.businesses.record import Record as Business
from billing.customers import search
from billing.customers.record import KIND as CUSTOMER
from billing.customers.record import Record as Customer
from billing.payments.record import KIND as PAYMENT
from billing.payments.record import Record as Payment
from billing.table import Item, ranked
from billing.table.items import from_attributes


@dataclass(frozen=True, slots=True)
class Change:
    """What a change says of an object's place in its list, and of the words it is found by, if it has any."""

    listed: ranked.Listed
    rewording: search.Rewording | None = None

    @classmethod
    def from_stream(cls, record: Mapping[str, Any]) -> "Change":
        """Return the change that a record of the table's stream holds.

        Raises:
            Exception: the record does not hold an object that this code can read.
        """
        images = record["dynamodb"]
        old = images.get("OldImage")
        new = from_attributes(images["NewImage"])
        return _READERS[new["entity"]](from_attributes(old) if old else None, new)


def project(changes: Sequence[Change], remaining_seconds: Callable[[], float]) -> None:
    """Bring ranks and words up to these changes; in any order, late or twice, it comes to the same.

    Raises:
        Unavailable: the table was busy for longer than there is time.
    """
    ranked.project((each.listed for each in changes), remaining_seconds)
    search.project(each.rewording for each in changes if each.rewording)


def _customer(old: Item | None, new: Item) -> Change:
    before = Customer.from_item(old) if old else None
    after = Customer.from_item(new)
    listed = ranked.Listed(after.tenant, CUSTOMER, after.sequence, gone=after.deleted_at is not None)
    return Change(listed, search.Rewording.between(before, after))


def _business(_: Item | None, new: Item) -> Change:
    after = Business.from_item(new)
    return Change(ranked.Listed(after.tenant, BUSINESS, after.sequence, gone=after.deleted_at is not None))


def _payment(_: Item | None, new: Item) -> Change:
    after = Payment.from_item(new)
    return Change(ranked.Listed(after.tenant, PAYMENT, after.sequence, gone=False))


_READERS: Mapping[str, Callable[[Item | None, Item], Change]] = {
    BUSINESS: _business,
    CUSTOMER: _customer,
    PAYMENT: _payment,
}
