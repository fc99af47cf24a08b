"""A customer's addresses, and which of them are the defaults. Pure.

They stand in the customer's own item, so that "one default of each type, as long as there is an address of the type"
is a property of one value that one conditional write replaces, whatever happens at the same time. The customer's own
address, as an object and as flat fields, is the default billing address seen from another side: there is no copy.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

from billing.errors import MalformedRequest
from billing.merging import merged
from billing.table import Item
from billing.wire import refuse

type AddressType = Literal["billing", "shipping"]

MOST_ADDRESSES = 20
"""A customer is read whole with every request, so what it holds is bounded."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One address: its parts by name (`line1`, `postal_code`, …), those that are not set left out."""

    id: str
    type: AddressType
    parts: Mapping[str, str]
    created_at: str
    updated_at: str
    is_default: bool = False

    def to_item(self) -> Item:
        """Return the entry as the customer's item holds it."""
        return {
            "id": self.id,
            "type": self.type,
            "parts": dict(self.parts),
            "is_default": self.is_default,
            "created_at": self.created_at,
            "updated_at": self.updated_at,
        }

    @classmethod
    def from_item(cls, item: Item) -> "Entry":
        """Return the entry that `to_item` wrote."""
        return cls(**item)


@dataclass(frozen=True, slots=True)
class AddressBook:
    """All addresses of a customer, newest last."""

    entries: tuple[Entry, ...] = ()

    @property
    def own(self) -> Mapping[str, str]:
        """The parts of the default billing address: the customer's own."""
        default = self.default("billing")
        return default.parts if default else {}

    def find(self, entry_id: str) -> Entry | None:
        """Return the address with this id."""
        return next((each for each in self.entries if each.id == entry_id), None)

    def default(self, type: AddressType) -> Entry | None:  # noqa: A002 - the contract's word
        """Return the default address of a type."""
        return next((each for each in self.entries if each.type == type and each.is_default), None)

    def with_entry(self, entry: Entry) -> "AddressBook":
        """Return the book with a new address, which is the default if it says so or is the first of its type.

        Raises:
            MalformedRequest: the book is full.
        """
        if len(self.entries) >= MOST_ADDRESSES:
            raise MalformedRequest(f"A customer can have at most {MOST_ADDRESSES} addresses")
        wants_default = entry.is_default
        added = AddressBook((*self.entries, replace(entry, is_default=False)))._settled(entry.created_at)
        return added._defaulting(entry.id, entry.created_at) if wants_default else added

    def changed(self, entry: Entry, parts: Mapping[str, Any], *, is_default: bool | None, moment: str) -> "AddressBook":
        """Return the book with an address whose `parts` are set, or cleared where they are None.

        Raises:
            InvalidFields: the default can't just cease to be it: another one has to become it.
        """
        if is_default is False and entry.is_default:
            raise refuse("is_default", "can't be taken from the default; make another address of its type the default")
        after = self._with_parts(entry, merged(entry.parts, parts), moment)
        return after._defaulting(entry.id, moment) if is_default else after

    def without(self, entry: Entry, moment: str) -> "AddressBook":
        """Return the book without an address; if it was a default, the newest left of its type is promoted."""
        return AddressBook(tuple(each for each in self.entries if each.id != entry.id))._settled(moment)

    def with_own(self, parts: Mapping[str, Any], *, new_id: str, moment: str) -> "AddressBook":
        """Return the book with parts of the customer's own address set, or cleared where they are None.

        Without a default billing address there will be one, under `new_id`. One that loses its last part goes.

        Raises:
            MalformedRequest: the book is full.
        """
        default = self.default("billing")
        after = merged(default.parts if default else {}, parts)
        if default is None:
            return self.with_entry(Entry(new_id, "billing", after, moment, moment)) if after else self
        return self._with_parts(default, after, moment) if after else self.without(default, moment)

    def _with_parts(self, entry: Entry, parts: Mapping[str, str], moment: str) -> "AddressBook":
        if parts == entry.parts:
            return self
        written = replace(entry, parts=parts, updated_at=moment)
        return AddressBook(tuple(written if each.id == entry.id else each for each in self.entries))

    def _defaulting(self, entry_id: str, moment: str) -> "AddressBook":
        """Return the book with the default of a type moved to one of that type."""
        chosen = self.find(entry_id)
        assert chosen is not None  # noqa: S101 - the callers have found or added it
        return AddressBook(
            tuple(
                _flagged(each, is_default=each.id == entry_id, moment=moment) if each.type == chosen.type else each
                for each in self.entries
            )
        )

    def _settled(self, moment: str) -> "AddressBook":
        """Return the book with the newest of a type that lacks a default as its default."""
        book = self
        newest: dict[AddressType, str] = {each.type: each.id for each in self.entries}
        for type_, entry_id in newest.items():
            if book.default(type_) is None:
                book = book._defaulting(entry_id, moment)
        return book


def _flagged(entry: Entry, *, is_default: bool, moment: str) -> Entry:
    return entry if entry.is_default == is_default else replace(entry, is_default=is_default, updated_at=moment)
