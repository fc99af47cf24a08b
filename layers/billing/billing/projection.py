"""What follows from changes for lists and search: ranks and totals, and for customers their words.

A resource with a ranked list takes part by one line in `_READERS`; the template's stream filter lets it through. What
reads its items is imported when the first of them comes.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from billing.table import Item, ranked
from billing.table.items import from_attributes

if TYPE_CHECKING:
    from billing.customers.search import Rewording


@dataclass(frozen=True, slots=True)
class Change:
    """What a change says of an object's place in its list, and of the words it is found by, if it has any."""

    listed: ranked.Listed
    rewording: "Rewording | None" = None

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
    rewordings = [each.rewording for each in changes if each.rewording]
    if rewordings:
        from billing.customers import search  # noqa: PLC0415 - see above

        search.project(rewordings)


def _customer(old: Item | None, new: Item) -> Change:
    from billing.customers.record import KIND, Record  # noqa: PLC0415 - see above
    from billing.customers.search import Rewording  # noqa: PLC0415 - see above

    before = Record.from_item(old) if old else None
    after = Record.from_item(new)
    listed = ranked.Listed(after.tenant, KIND, after.sequence, gone=after.deleted_at is not None)
    return Change(listed, Rewording.between(before, after))


def _business(_: Item | None, new: Item) -> Change:
    from billing.businesses.record import KIND, Record  # noqa: PLC0415 - see above

    after = Record.from_item(new)
    return Change(ranked.Listed(after.tenant, KIND, after.sequence, gone=after.deleted_at is not None))


def _invoice(_: Item | None, new: Item) -> Change:
    from billing.invoices.record import KIND, Record  # noqa: PLC0415 - see above

    after = Record.from_item(new)
    return Change(ranked.Listed(after.tenant, KIND, after.sequence, gone=after.deleted_at is not None))


def _order(_: Item | None, new: Item) -> Change:
    from billing.orders.record import KIND, Record  # noqa: PLC0415 - see above

    after = Record.from_item(new)
    return Change(ranked.Listed(after.tenant, KIND, after.sequence, gone=False))


def _payment(_: Item | None, new: Item) -> Change:
    from billing.payments.record import KIND, Record  # noqa: PLC0415 - see above

    after = Record.from_item(new)
    return Change(ranked.Listed(after.tenant, KIND, after.sequence, gone=False))


def _setup_intent(_: Item | None, new: Item) -> Change:
    from billing.setup_intents.record import KIND, Record  # noqa: PLC0415 - see above

    after = Record.from_item(new)
    return Change(ranked.Listed(after.tenant, KIND, after.sequence, gone=False))


def _subscription(_: Item | None, new: Item) -> Change:
    from billing.subscriptions.record import KIND, Record  # noqa: PLC0415 - see above

    after = Record.from_item(new)
    return Change(ranked.Listed(after.tenant, KIND, after.sequence, gone=False))


_READERS: Mapping[str, Callable[[Item | None, Item], Change]] = {
    "business": _business,
    "customer": _customer,
    "invoice": _invoice,
    "order": _order,
    "payment": _payment,
    "setup_intent": _setup_intent,
    "subscription": _subscription,
}
